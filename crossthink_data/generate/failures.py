"""The table of what can go wrong with a call, and what the engine then does.

    class       seen as                                            the engine
    slow_down   429, 503, 529                                      waits, shrinks its limit, again
    retry       408, 409, 425, 5xx, dropped connections, timeouts,
                malformed and empty bodies, 404 of a path          waits and asks again
    reject      400, 413, 422, a content filter                    records the reason, goes on
    stop        401, 402, 403, 404 of a model, a spent quota       ends the run, the journal intact

Pure functions; nothing here knows a client library, only status, body and exception names.

>>> failure_of_status(503, '{"error": {"message": "overloaded"}}', retry_after="7").retry_after
7.0
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError

from crossthink_data.generate.protocol import Failure, FailureKind

__all__ = [
    "content_filtered",
    "empty_body",
    "failure_of_error",
    "failure_of_status",
    "malformed_body",
    "retry_after_seconds",
    "what_to_do",
    "without_keys",
]

_LONGEST_DETAIL = 400
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table: the statuses, a pattern of code and message, and what it means."""

    statuses: range | tuple[int, ...]
    kind: FailureKind
    reason: str
    says: re.Pattern[str] | None = None


def _says(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_CONTENT_FILTER = _says(r"content[ _-]?(filter|policy|management)|ResponsibleAIPolicy|moderation")
_TOO_LONG = _says(r"context[ _-]?(length|size|window)|maximum.{0,20}context|too many tokens")
_NO_QUOTA = _says(r"insufficient_quota|billing|exceeded your current quota|credit balance")
_NO_KEY = _says(r"(invalid|incorrect|missing|no|not).{0,40}api[ _-]?key|api[ _-]?key not valid")
# "not supported" and the like are said of parameters too, so they name a model only with a 404.
_NO_MODEL = _says(r"model_not_found|model\b.{0,200}not (exist|found)|(no such|unknown) model")
_NO_MODEL_404 = _says(_NO_MODEL.pattern + r"|\bmodel\b|DeploymentNotFound")

# The first line that fits is taken.
_TABLE = (
    _Line((401,), "stop", "wrong_key"),
    _Line((402,), "stop", "out_of_quota"),
    _Line((403, 451), "reject", "content_filter", _CONTENT_FILTER),
    _Line((403,), "stop", "forbidden"),
    _Line((404,), "stop", "unknown_model", _NO_MODEL_404),
    _Line((404,), "retry", "not_found"),
    _Line((408,), "retry", "timed_out"),
    _Line((409,), "retry", "conflict"),
    _Line((425,), "retry", "too_early"),
    _Line((429,), "stop", "out_of_quota", _NO_QUOTA),
    _Line((429,), "slow_down", "rate_limited"),
    _Line((400, 422), "reject", "content_filter", _CONTENT_FILTER),
    _Line((400, 422), "reject", "too_long", _TOO_LONG),
    _Line((400,), "stop", "wrong_key", _NO_KEY),
    _Line((400,), "stop", "unknown_model", _NO_MODEL),
    _Line((413,), "reject", "too_long"),
    _Line(range(400, 500), "reject", "request_refused"),
    _Line((503, 529), "slow_down", "overloaded"),
    _Line(range(500, 600), "retry", "server_error"),
    _Line(range(300, 400), "retry", "not_found"),
)

_WHAT_TO_DO = {
    "wrong_key": "set the right API key in the environment",
    "forbidden": "see that the API key may use this model",
    "out_of_quota": "pay for more, or use another key or server",
    "unknown_model": "see which models the server has, and give that name to --model",
    "not_found": "see that --base-url is the server's, in most cases with /v1 at its end",
    "connection_failed": "see that the server runs and that --base-url is its address",
    "not_recorded": "replay answers only what the recorded run asked; use a live backend",
    "rate_limited": (
        "wait a while, and set requests_per_minute (and tokens_per_minute) in a recipe to what the "
        "account allows"
    ),
    "overloaded": "wait until the server is less busy, or set a lower max_in_flight",
    "server_error": "see the server's log for the cause, or wait where the server is another's",
    "timed_out": "see whether the server still works, and set a longer timeout if it is slow",
}

# Names along the exception's ancestry, so that no client library is imported to look at its errors.
_ERRORS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset(
            {"TimeoutError", "APITimeoutError", "TimeoutException", "ServerTimeoutError", "Timeout"}
        ),
        "timed_out",
    ),
    (
        frozenset({"JSONDecodeError", "UnicodeDecodeError", "APIResponseValidationError"}),
        "malformed_body",
    ),
    (
        frozenset({"OSError", "APIConnectionError", "ClientError", "HTTPError", "TransportError"}),
        "connection_failed",
    ),
)

_KEYS = re.compile(r"(?i)\b(bearer\s+|(?:sk|pk|rk|gsk|hf|nvapi|xai|key)[-_])[\w.~+/=*-]{6,}")


def failure_of_status(
    status: int,
    body: str,
    *,
    retry_after: str | None = None,
    secrets: Sequence[str] = (),
    now: datetime | None = None,
) -> Failure:
    """What an HTTP status above 299 means; `body` as it came, `retry_after` the header's value.

    `secrets` (API keys) are struck out of the detail: some servers send the key back. A body with
    status 200 that holds an OpenAI error (as routers send them) is read by the code inside it.
    """
    said = _error_text(body)
    if status < 300:
        status = _inner_status(body)
    line = next(
        (
            line
            for line in _TABLE
            if status in line.statuses and (line.says is None or line.says.search(said))
        ),
        _Line((), "retry", "malformed_body"),
    )
    return Failure(
        kind=line.kind,
        reason=line.reason,
        detail=_shortened(without_keys(f"HTTP {status}: {said}", secrets)),
        status=status,
        retry_after=retry_after_seconds(retry_after, now),
    )


def failure_of_error(error: BaseException, *, secrets: Sequence[str] = ()) -> Failure | None:
    """What an exception of a client means, or None for one that is no trouble of the network."""
    names = {kind.__name__ for kind in type(error).__mro__}
    for known, reason in _ERRORS:
        if names & known:
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            cause = _root_cause(error)
            if cause is not None:
                said = f"{said} ({cause})"
            return Failure(
                kind="retry", reason=reason, detail=_shortened(without_keys(said, secrets))
            )
    return None


def malformed_body(detail: str) -> Failure:
    """A reply with status 200 that is no completion; `detail` says what was wrong with it."""
    return Failure(kind="retry", reason="malformed_body", detail=_shortened(without_keys(detail)))


def empty_body() -> Failure:
    """A reply with status 200 and nothing in it."""
    return Failure(kind="retry", reason="empty_body", detail="the server sent an empty body")


def content_filtered(detail: str) -> Failure:
    """A prompt or reply that the server's content filter held back."""
    return Failure(kind="reject", reason="content_filter", detail=_shortened(without_keys(detail)))


def retry_after_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from now of a Retry-After header, in seconds or as an HTTP date; None if unreadable.

    Never negative, and an hour at most: a server's clock may be wrong.

    >>> retry_after_seconds("1.5")
    1.5
    """
    text = (value or "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return min(float(text), _LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    waited = (when - (now or datetime.now(UTC))).total_seconds()
    return min(max(0.0, waited), _LONGEST_WAIT)


def what_to_do(reason: str) -> str:
    """What a person does about a failure that stopped a run, before running again.

    >>> what_to_do("wrong_key")
    'set the right API key in the environment'
    """
    return _WHAT_TO_DO.get(reason, "see the server's log")


def without_keys(text: str, secrets: Sequence[str] = ()) -> str:
    """The text with API keys struck out: those given, and what looks like one.

    >>> without_keys("Incorrect API key provided: sk-abcdef123456.")
    'Incorrect API key provided: ***'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _KEYS.sub("***", text)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 1] + "…"


def _root_cause(error: BaseException) -> str | None:
    """The last of the chained causes: `APIConnectionError` alone says nothing of a refused port."""
    cause = error.__cause__
    for _ in range(10):
        if cause is None or cause.__cause__ is None:
            break
        cause = cause.__cause__
    return None if cause is None else f"{type(cause).__name__}: {cause}"


def _parsed(body: str) -> object:
    try:
        return json.loads(body)
    except (JSONDecodeError, RecursionError):
        return None


def _error_text(body: str) -> str:
    """Code, type and message of an error body in any of the usual shapes; the body where none."""
    found = " ".join(dict.fromkeys(_words(_parsed(body))))
    return found or body[:2000]


def _words(value: object, depth: int = 0) -> Iterator[str]:
    if not isinstance(value, dict) or depth > 4:
        return
    for name in ("code", "type", "message", "detail", "error", "innererror", "inner_error"):
        part = value.get(name)
        if isinstance(part, str | int) and not isinstance(part, bool):
            yield str(part)
        elif isinstance(part, list):
            yield json.dumps(part)[:1000]
        else:
            yield from _words(part, depth + 1)


def _inner_status(body: str) -> int:
    parsed = _parsed(body)
    error = parsed.get("error") if isinstance(parsed, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return int(code) if isinstance(code, int | str) and re.fullmatch("[0-9]{3}", str(code)) else 200
