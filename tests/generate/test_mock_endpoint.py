"""The mock endpoint keeps its word, so that tests which lean on it mean something."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from mock_endpoint import MockEndpoint, MockProcess
from mock_replies import FAULTS

SCHEMA = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string", "minLength": 60, "maxLength": 80},
        "options": {"type": "array", "items": {"type": "string"}, "minItems": 4, "maxItems": 4},
        "answer": {"enum": ["A", "B", "C", "D"]},
        "level": {"$ref": "#/$defs/level"},
        "source": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "sure": {"type": "boolean"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "kind": {"const": "mcq"},
    },
    "required": ["reasoning", "options", "answer", "level", "source", "sure", "share", "kind"],
    "additionalProperties": False,
    "$defs": {"level": {"type": "integer", "minimum": 1, "maximum": 5}},
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA}}


def ask(url: str, count: int, *, timeout: float = 10.0, **changed: Any) -> list[object]:
    """Each reply's JSON, its status where that is not 200, or the name of the error."""

    async def one(session: aiohttp.ClientSession, number: int) -> object:
        body = {"model": "m", "messages": [{"role": "user", "content": str(number)}], **changed}
        try:
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                return await reply.json() if reply.status == 200 else reply.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return type(error).__name__

    async def go() -> list[object]:
        total = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(timeout=total) as session:
            return await asyncio.gather(*(one(session, number) for number in range(count)))

    return asyncio.run(go())


def text_of(reply: object) -> str:
    assert isinstance(reply, dict)
    return str(reply["choices"][0]["message"]["content"])


def test_equal_payloads_have_equal_replies_in_every_process() -> None:
    with MockEndpoint() as here, MockProcess() as there:
        first = [text_of(reply) for reply in ask(here.url, 5)]
        assert [text_of(reply) for reply in ask(there.url, 5)] == first
        assert len(set(first)) == 5
        assert [text_of(reply) for reply in ask(here.url, 5, seed=1)] != first
        ask(here.url, 2)
        stats = here.stats()
    assert (stats["requests"], stats["served"], stats["payloads"]) == (12, 12, 10)
    assert (stats["repeated"], stats["answered_twice"]) == (2, 2)


def test_replies_fit_a_schema_unless_the_server_lies() -> None:
    with MockEndpoint() as mock:
        for reply in ask(mock.url, 20, response_format=FORMAT):
            jsonschema.validate(json.loads(text_of(reply)), SCHEMA)
        mock.settings.schema = "ignored"
        assert not text_of(ask(mock.url, 1, response_format=FORMAT)[0]).startswith("{")
        mock.settings.schema = "refused"
        assert ask(mock.url, 1, response_format=FORMAT) == [400]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("429", 429),
        ("429_date", 429),
        ("500", 500),
        ("503", 503),
        ("400", 400),
        ("hang", "TimeoutError"),
        ("drop", "ServerDisconnectedError"),
        ("malformed", "JSONDecodeError"),
        ("truncated", "ClientPayloadError"),
        ("empty", "NoneType"),
    ],
)
def test_each_fault_is_what_it_is_called(fault: str, seen: object) -> None:
    with MockEndpoint(faults={fault: 1.0}) as mock:
        (reply,) = ask(mock.url, 1, timeout=0.3)
        assert mock.stats()["answered_twice"] == mock.stats()["served"] == 0
    assert (type(reply).__name__ if reply is None else reply) == seen


def test_faults_come_by_their_share_and_not_by_the_order_of_arrival() -> None:
    seen = []
    for _ in range(2):
        with MockEndpoint(faults={"500": 0.3, "503": 0.2}) as mock:
            seen.append([reply if isinstance(reply, int) else 200 for reply in ask(mock.url, 300)])
    assert seen[0] == seen[1]
    counts = Counter(seen[0])
    assert 60 <= counts[500] <= 120
    assert 35 <= counts[503] <= 85


def test_capacity_keys_and_models() -> None:
    with MockEndpoint(capacity=3, latency=0.2, models=("m",), key="secret") as mock:
        assert ask(mock.url, 1) == [401]
        mock.settings.key = None
        assert ask(mock.url, 1, model="other") == [404]
        assert Counter(isinstance(reply, dict) for reply in ask(mock.url, 8)) == {
            True: 3,
            False: 5,
        }


def test_unknown_faults_are_refused_by_the_command() -> None:
    with pytest.raises(RuntimeError, match="did not start"), MockProcess("--fault", "x=1"):
        pass
    with MockProcess(*(flag for fault in FAULTS for flag in ("--fault", f"{fault}=0.01"))):
        pass
