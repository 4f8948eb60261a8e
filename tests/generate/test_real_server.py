"""llama.cpp's own HTTP server, a real one, through `endpoint`: hundreds of requests."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from crossthink_data.errors import BackendError
from crossthink_data.exchange import canonical_schema
from crossthink_data.generate.backends import BackendSettings, TransportName, open_backend
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure

CallMaker = Callable[..., Call]
SECRET = "real-server-key-0123456789"

# Letters alone: llama.cpp's HTTP server fails on the half characters that random weights write.
SCHEMA = canonical_schema(
    {
        "type": "object",
        "properties": {
            "why": {"type": "string", "pattern": "^[a-z]{1,12}$"},
            "subject": {"type": "string", "enum": ["physics", "law", "none"]},
            "level": {"type": "integer", "minimum": 0, "maximum": 9},
        },
        "required": ["why", "subject", "level"],
        "additionalProperties": False,
    }
)


@pytest.fixture(scope="module")
def server(tiny_model: Path) -> Iterator[str]:
    """The address of a llama.cpp server with a key."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(tiny_model)
    params.model_alias = {"tiny"}
    params.n_ctx, params.n_parallel, params.port, params.verbosity = 8192, 4, 0, -1
    params.api_keys = [SECRET]
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = 1
    running = xllamacpp.Server(params)
    yield str(running.listening_address)
    del running


@pytest.fixture(autouse=True)
def _with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


def asked(
    url: str, calls: list[Call], transport: TransportName = "openai", model: str = "tiny"
) -> tuple[Capabilities, list[Answer | Failure]]:
    async def ask() -> tuple[Capabilities, list[Answer | Failure]]:
        settings = BackendSettings(
            kind="endpoint", model=model, base_url=url, transport=transport, max_in_flight=16
        )
        backend = open_backend(settings)
        room = asyncio.Semaphore(16)

        async def one(call: Call) -> Answer | Failure:
            async with room:
                return await backend.complete(call)

        try:
            found = await backend.start()
            return found, list(await asyncio.gather(*map(one, calls)))
        finally:
            await backend.close()

    return asyncio.run(ask())


def test_what_a_real_server_can_do_is_seen(server: str):
    found, _ = asked(server, [])
    assert (found.schema, found.n, found.logprobs, found.seed) == (True,) * 4
    assert found.models == ("tiny",)
    assert found.server == f"{server}/v1"


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
def test_hundreds_of_replies_fit_their_schema_and_count_their_tokens(
    server: str, make_call: CallMaker, transport: TransportName
):
    calls = [
        make_call(f"page {'7' * number}", model="tiny", schema=SCHEMA, max_tokens=400)
        for number in range(150)
    ]
    _, read = asked(server, calls, transport)
    kinds = Counter(one.reason if isinstance(one, Failure) else one.finish_reason for one in read)
    assert kinds == {"stop": 150}
    first = read[0]
    assert isinstance(first, Answer)
    for number, answer in enumerate(read):
        assert isinstance(answer, Answer)
        assert answer.structured == "schema"
        jsonschema.validate(json.loads(answer.text), json.loads(SCHEMA))
        # One token a digit, in the model's own vocabulary.
        assert answer.prompt_tokens == first.prompt_tokens + number
        assert 10 < answer.completion_tokens <= 400
    assert len({answer.text for answer in read if isinstance(answer, Answer)}) > 50


def test_both_transports_are_answered_alike(server: str, make_call: CallMaker):
    calls = [
        make_call(f"hello {number}", model="tiny", schema=SCHEMA, temperature=0.0, max_tokens=400)
        for number in range(20)
    ]
    told = []
    for transport in ("openai", "aiohttp"):
        _, read = asked(server, calls, transport)
        told.append([one.completion_tokens if isinstance(one, Answer) else one for one in read])
    assert told[0] == told[1]


def test_a_bare_prompt_goes_to_the_plain_path(server: str, make_call: CallMaker):
    _, (answer,) = asked(server, [make_call(prompt="Once upon", model="tiny", max_tokens=7)])
    assert isinstance(answer, Answer)
    assert (answer.completion_tokens, answer.finish_reason) == (7, "length")


def test_a_prompt_longer_than_the_context_is_a_reject(server: str, make_call: CallMaker):
    _, (read,) = asked(server, [make_call("word " * 3000, model="tiny")])
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == ("reject", "too_long")


def test_a_wrong_key_is_told(server: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "another-key-0123456789")
    with pytest.raises(BackendError, match="OPENAI_API_KEY is not the right one"):
        asked(server, [])
