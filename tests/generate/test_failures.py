"""The table of failures, line by line."""

import asyncio
import json
from datetime import UTC, datetime

import aiohttp
import pytest

from crossthink_data.generate.failures import (
    content_filtered,
    empty_body,
    failure_of_error,
    failure_of_status,
    malformed_body,
    retry_after_seconds,
    without_keys,
)


def openai_error(code: str, message: str = "no") -> str:
    return json.dumps({"error": {"message": message, "type": "x", "param": None, "code": code}})


TABLE = [
    (429, "slow down", "slow_down", "rate_limited"),
    (503, "loading", "slow_down", "overloaded"),
    (529, "overloaded", "slow_down", "overloaded"),
    (408, "", "retry", "timed_out"),
    (409, "", "retry", "conflict"),
    (425, "", "retry", "too_early"),
    (500, "", "retry", "server_error"),
    (502, "<html>bad gateway</html>", "retry", "server_error"),
    (504, "", "retry", "server_error"),
    (520, "", "retry", "server_error"),
    (400, "temperature must be positive", "reject", "request_refused"),
    (413, "", "reject", "too_long"),
    (422, '{"detail": [{"loc": ["body"], "msg": "field required"}]}', "reject", "request_refused"),
    (418, "", "reject", "request_refused"),
    (400, openai_error("content_filter"), "reject", "content_filter"),
    (
        400,
        '{"error": {"message": "m", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}',
        "reject",
        "content_filter",
    ),
    (403, openai_error("content_policy_violation"), "reject", "content_filter"),
    (400, openai_error("context_length_exceeded"), "reject", "too_long"),
    (
        400,
        '{"error": {"code": 400, "type": "exceed_context_size_error", "message": "m"}}',
        "reject",
        "too_long",
    ),
    (
        400,
        '{"message": "This model\'s maximum context length is 4096 tokens.", "code": 400}',
        "reject",
        "too_long",
    ),
    (
        400,
        openai_error("invalid", "response_format is not supported with this model"),
        "reject",
        "request_refused",
    ),
    (401, openai_error("invalid_api_key"), "stop", "wrong_key"),
    (402, "payment required", "stop", "out_of_quota"),
    (403, "not allowed", "stop", "forbidden"),
    (400, openai_error("INVALID_ARGUMENT", "API key not valid."), "stop", "wrong_key"),
    (429, openai_error("insufficient_quota"), "stop", "out_of_quota"),
    (404, openai_error("model_not_found"), "stop", "unknown_model"),
    (404, '{"message": "The model `m` does not exist."}', "stop", "unknown_model"),
    (404, '{"error": "model \\"m\\" not found, try pulling it first"}', "stop", "unknown_model"),
    (404, '{"detail": "Not Found"}', "retry", "not_found"),
    (404, "404 page not found", "retry", "not_found"),
    (302, "", "retry", "not_found"),
    (200, '{"error": {"code": 429, "message": "upstream is busy"}}', "slow_down", "rate_limited"),
    (200, '{"error": {"message": "what"}}', "retry", "malformed_body"),
]


@pytest.mark.parametrize(("status", "body", "kind", "reason"), TABLE)
def test_each_line_of_the_table(status: int, body: str, kind: str, reason: str) -> None:
    failure = failure_of_status(status, body)
    assert (failure.kind, failure.reason) == (kind, reason)


def test_every_status_of_http_has_an_action() -> None:
    kinds = {failure_of_status(status, "").kind for status in range(100, 1000)}
    assert kinds == {"slow_down", "retry", "reject", "stop"}


class APITimeoutError(Exception):
    """As the openai client names its own, which is no TimeoutError."""


class APIConnectionError(Exception):
    """As the openai client names its own."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "timed_out"),
        (aiohttp.ServerTimeoutError(), "timed_out"),
        (APITimeoutError(), "timed_out"),
        (ConnectionResetError(104, "reset by peer"), "connection_failed"),
        (OSError(113, "no route"), "connection_failed"),
        (APIConnectionError("Connection error."), "connection_failed"),
        (aiohttp.ServerDisconnectedError(), "connection_failed"),
        (aiohttp.ClientPayloadError("not all of it came"), "connection_failed"),
        (json.JSONDecodeError("no value", "x", 0), "malformed_body"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "malformed_body"),
    ],
)
def test_errors_of_clients_are_tried_again(error: Exception, reason: str) -> None:
    failure = failure_of_error(error)
    assert failure is not None
    assert (failure.kind, failure.reason) == ("retry", reason)


def test_a_bug_is_no_failure_of_the_network() -> None:
    assert failure_of_error(KeyError("choices")) is None
    assert failure_of_error(asyncio.CancelledError()) is None


def test_the_cause_behind_a_bare_connection_error_is_named() -> None:
    error = APIConnectionError("Connection error.")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    failure = failure_of_error(error)
    assert failure is not None
    assert "Connection refused" in failure.detail


def test_bodies_that_are_no_completion() -> None:
    assert (malformed_body("x").kind, malformed_body("x").reason) == ("retry", "malformed_body")
    assert (empty_body().kind, empty_body().reason) == ("retry", "empty_body")
    assert (content_filtered("x").kind, content_filtered("x").reason) == (
        "reject",
        "content_filter",
    )


NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("3", 3.0),
        (" 0.25 ", 0.25),
        ("0", 0.0),
        ("-5", None),
        ("99999999", 3600.0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 12:00:30 -0000", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Fri, 02 Jan 2026 12:00:00 GMT", 3600.0),
        ("soon", None),
        ("nan", None),
        ("1e9", None),
        ("٣", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOON) == seconds


def test_retry_after_is_carried_with_the_failure() -> None:
    assert failure_of_status(429, "", retry_after="2").retry_after == 2.0


@pytest.mark.parametrize(
    "said",
    [
        "Incorrect API key provided: sk-proj-abcdefgh12345.",
        "Authorization: Bearer abc.def.ghi-123456",
        "the key hunter2hunter2 is wrong",
    ],
)
def test_no_key_reaches_the_detail(said: str) -> None:
    failure = failure_of_status(401, openai_error("invalid", said), secrets=("hunter2hunter2",))
    for part in ("abcdefgh", "abc.def", "hunter2"):
        assert part not in failure.detail
    assert "***" in failure.detail


def test_text_without_keys_stays() -> None:
    assert without_keys("the task was risk-averse; see key-value") == (
        "the task was risk-averse; see key-value"
    )


@pytest.mark.parametrize(
    "body", ["", "[" * 100_000, '{"error": ' * 50_000, "\x00\ud800", "null", "[1]", "x" * 10**6]
)
def test_bodies_of_any_shape_are_read_in_bounds(body: str) -> None:
    failure = failure_of_status(500, body)
    assert failure.reason == "server_error"
    assert len(failure.detail) <= 400
