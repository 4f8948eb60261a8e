"""An OpenAI-compatible server: what it is found to do, and what is said when it cannot."""

import asyncio
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mock_endpoint import MockEndpoint
from raw_server import Asked, RawServer, chat_reply, http_reply

from crossthink_data.errors import BackendError, RecipeError
from crossthink_data.generate.backends import BackendSettings, open_backend
from crossthink_data.generate.probing import PROBE
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.generate.transport import root_of
from crossthink_data.generate.wire import read_answer

CallMaker = Callable[..., Call]


def asked_of(
    url: str, calls: list[Call], model: str = "m", **changed: object
) -> tuple[Capabilities, list[Answer | Failure]]:
    """Start an endpoint, ask all calls at once, close it."""
    chosen = {"transport": "aiohttp", "timeout": 10.0, **changed}

    async def ask() -> tuple[Capabilities, list[Answer | Failure]]:
        given = BackendSettings(kind="endpoint", base_url=url, model=model, **chosen)
        backend = open_backend(given)
        try:
            found = await backend.start()
            return found, await asyncio.gather(*(backend.complete(call) for call in calls))
        finally:
            await backend.close()

    return asyncio.run(ask())


def complaint(url: str, model: str = "m", **changed: object) -> str:
    """The message of the BackendError that `start` raises."""
    with pytest.raises(BackendError) as raised:
        asked_of(url, [], model, **changed)
    return str(raised.value)


def test_a_server_that_can_do_all_is_seen_to(make_call: CallMaker, subject_schema: str):
    with MockEndpoint() as mock:
        found, (answer,) = asked_of(mock.url, [make_call(schema=subject_schema)])
    assert (found.schema, found.json_object, found.n, found.logprobs, found.seed) == (True,) * 5
    assert found.server == mock.url
    assert isinstance(answer, Answer)
    assert answer.structured == "schema"
    assert set(json.loads(answer.text)) == {"subject", "why", "level"}
    assert answer.prompt_tokens > 0
    assert answer.completion_tokens > 0
    assert answer.model == "m"


def test_a_server_that_lies_about_schemas_is_found_out(make_call: CallMaker, subject_schema: str):
    with MockEndpoint(schema="ignored", n="ignored") as mock:
        found, (answer,) = asked_of(mock.url, [make_call(schema=subject_schema)])
    assert (found.schema, found.json_object, found.n) == (False, False, False)
    assert any("accepted and ignored" in note for note in found.notes)
    assert isinstance(answer, Answer)
    assert answer.structured == "text"


def test_a_server_that_refuses_schemas_is_asked_in_words(make_call: CallMaker, subject_schema: str):
    with MockEndpoint(schema="refused") as mock:
        found, (answer,) = asked_of(mock.url, [make_call(schema=subject_schema)])
    assert found.schema is False
    assert any("refused" in note for note in found.notes)
    assert isinstance(answer, Answer)
    assert answer.structured == "text"


def only_json_objects(asked: Asked) -> bytes:
    """A server that knows the JSON object form and refuses schemas, as several do."""
    if asked.method == "GET":
        return http_reply(200, b'{"data": [{"id": "m"}]}')
    form = json.loads(asked.body).get("response_format", {}).get("type")
    if form == "json_schema":
        return http_reply(400, b'{"error": {"message": "response_format json_schema unknown"}}')
    return chat_reply('{"subject": "law"}' if form else "hello")


def test_where_only_json_objects_are_known_the_schema_is_told_in_words(
    make_call: CallMaker, subject_schema: str
):
    with RawServer(only_json_objects) as server:
        found, (answer, plain) = asked_of(
            server.url, [make_call(schema=subject_schema), make_call("no schema")]
        )
        told, untold = server.bodies()[-2:]
    assert (found.schema, found.json_object) == (False, True)
    assert isinstance(answer, Answer)
    assert answer.structured == "json_object"
    assert told["response_format"] == {"type": "json_object"}
    assert subject_schema in json.dumps(told["messages"], ensure_ascii=False).replace('\\"', '"')
    assert isinstance(plain, Answer)
    assert "response_format" not in untold
    assert untold["messages"] == [{"role": "user", "content": "no schema"}]


def test_a_schema_that_is_too_much_for_a_server_is_asked_for_otherwise(
    make_call: CallMaker, subject_schema: str
):
    def knows_no_max_length(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(200, b'{"data": [{"id": "m"}]}')
        body = asked.body.decode()
        form = json.loads(body).get("response_format", {})
        if form.get("type") == "json_schema" and "maxLength" in body:
            return http_reply(400, b'{"error": {"message": "schema: maxLength is not supported"}}')
        return chat_reply('{"word": "zephyr"}' if form else "hello")

    with RawServer(knows_no_max_length) as server:
        calls = [make_call(f"row {number}", schema=subject_schema) for number in range(3)]
        found, first = asked_of(server.url, calls[:1])
        asked = len(server.seen)
        _, rest = asked_of(server.url, calls)
        again = len(server.seen) - asked
    assert found.schema is True
    (answer,) = first
    assert isinstance(answer, Answer)
    assert answer.structured == "json_object"
    assert all(isinstance(answer, Answer) for answer in rest)
    assert again <= asked + 2 * len(calls)


def test_trouble_that_passes_does_not_change_what_is_found():
    faults = {"500": 0.2, "429": 0.1, "malformed": 0.1, "drop": 0.1}
    with MockEndpoint(faults=faults, retry_after=0.01, faults_on_attempts=3) as mock:
        found, _ = asked_of(mock.url, [])
        assert sum(mock.stats()["by_fault"].values()) > 0
    with MockEndpoint() as mock:
        calm, _ = asked_of(mock.url, [])
    flags = ("schema", "json_object", "n", "logprobs", "seed", "notes")
    assert [getattr(found, flag) for flag in flags] == [getattr(calm, flag) for flag in flags]


def test_a_call_of_the_probe_that_hangs_is_asked_again():
    with MockEndpoint(faults={"hang": 1.0}, faults_on_attempts=1) as mock:
        found, _ = asked_of(mock.url, [], timeout=0.3)
    assert (found.schema, found.json_object, found.n, found.logprobs) == (True,) * 4


def test_a_server_that_hangs_on_everything_is_given_up():
    with MockEndpoint(faults={"hang": 1.0}) as mock:
        said = complaint(mock.url, timeout=0.2)
    assert "no server answers" in said
    assert "0.2 s" in said


def test_a_server_with_its_own_name_for_the_token_limit_is_asked_by_it(make_call: CallMaker):
    def modern(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(200, b'{"data": [{"id": "m"}]}')
        if "max_tokens" in json.loads(asked.body):
            message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return http_reply(400, json.dumps({"error": {"message": message}}).encode())
        return chat_reply()

    with RawServer(modern) as server:
        _, (answer,) = asked_of(server.url, [make_call(max_tokens=77)])
        body = server.bodies()[-1]
    assert isinstance(answer, Answer)
    assert body["max_completion_tokens"] == 77
    assert "max_tokens" not in body


def test_a_server_that_takes_no_seed_is_sent_none(make_call: CallMaker):
    def seedless(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(200, b'{"data": [{"id": "m"}]}')
        if "seed" in json.loads(asked.body):
            return http_reply(400, b'{"error": {"message": "seed: extra field"}}')
        return chat_reply()

    with RawServer(seedless) as server:
        found, (answer,) = asked_of(server.url, [make_call()])
        body = server.bodies()[-1]
    assert isinstance(answer, Answer)
    assert found.seed is False
    assert "the server takes no seed" in found.notes
    assert "seed" not in body


def test_a_server_that_takes_no_temperature_is_sent_none(make_call: CallMaker):
    def its_own_way(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(200, b'{"data": [{"id": "m"}]}')
        if json.loads(asked.body).get("temperature", 1) != 1:
            return http_reply(400, b'{"error": {"message": "temperature: only 1 is supported"}}')
        return chat_reply()

    with RawServer(its_own_way) as server:
        found, (answer,) = asked_of(server.url, [make_call(temperature=0.0)])
    assert isinstance(answer, Answer)
    assert any("takes no temperature" in note for note in found.notes)


def test_the_same_text_for_every_seed_is_no_seed():
    with RawServer(lambda asked: chat_reply("always this")) as server:
        found, _ = asked_of(server.url, [])
    assert (found.seed, found.logprobs, found.n, found.schema) == (False,) * 4


def test_a_server_without_usage_or_a_list_of_models_is_noted(make_call: CallMaker):
    def bare(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(404, b"no such page")
        return chat_reply(usage=None)

    with RawServer(bare) as server:
        found, (answer,) = asked_of(server.url, [make_call()])
    assert isinstance(answer, Answer)
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 0)
    assert any("counts no tokens" in note for note in found.notes)
    assert any("lists no models" in note for note in found.notes)
    assert found.models == ()


def test_a_model_that_is_served_and_not_listed_is_a_note_and_no_error():
    with MockEndpoint() as mock:
        found, _ = asked_of(mock.url, [], model="alias-of-it")
    assert any("alias-of-it is not among the models" in note for note in found.notes)


def test_every_probe_says_that_it_is_one():
    with RawServer(lambda asked: chat_reply()) as server:
        asked_of(server.url, [])
        bodies = server.bodies()
    assert 6 <= len(bodies) <= 12
    assert all(PROBE in json.dumps(body) for body in bodies)


# Bad input: each a message that says what is wrong, where, and what to do.


def test_no_server_names_the_address_and_what_to_start():
    said = complaint("http://127.0.0.1:1")
    assert "http://127.0.0.1:1/v1" in said
    assert "Cannot connect" in said
    assert "vllm serve" in said


def test_a_wrong_key_names_the_variable_and_not_the_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_KEY", "sk-0123456789abcdef")
    with MockEndpoint(key="another") as mock:
        said = complaint(mock.url, key_variable="MY_KEY")
        unset = complaint(mock.url, key_variable="NOT_SET")
    assert "MY_KEY is not the right one" in said
    assert "0123456789" not in said
    assert "NOT_SET is unset" in unset


def test_a_forbidden_model_says_so():
    def forbids(asked: Asked) -> bytes:
        if asked.method == "GET":
            return http_reply(200, b'{"data": []}')
        return http_reply(403, b'{"error": {"message": "your plan has no such model"}}')

    with RawServer(forbids) as server:
        said = complaint(server.url)
    assert "403" in said
    assert "your plan has no such model" in said


def test_an_unknown_model_names_those_there_are():
    with MockEndpoint(models=("qwen-2.5-7b", "llama-3.1-8b")) as mock:
        said = complaint(mock.url, model="qwen-2.5-7B")
    assert "'qwen-2.5-7B' is not served" in said
    assert "did you mean qwen-2.5-7b?" in said
    assert "llama-3.1-8b" in said


def test_no_model_at_all_names_those_there_are():
    with MockEndpoint(models=("qwen-2.5-7b",)) as mock:
        said = complaint(mock.url, model="")
    assert "no model is named" in said
    assert "qwen-2.5-7b" in said


def test_a_page_that_is_no_such_server_is_told():
    with RawServer(lambda asked: http_reply(404, b"<html>nothing here</html>")) as server:
        said = complaint(server.url)
    assert "/v1/chat/completions is not there" in said


def test_a_server_that_only_fails_says_how():
    with RawServer(lambda asked: http_reply(500, b"CUDA out of memory")) as server:
        said = complaint(server.url)
    assert "CUDA out of memory" in said
    assert "see the server's log for the cause" in said
    assert "run the same command again" in said


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the probe, which take no time."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr("crossthink_data.generate.probing.asyncio.sleep", sleep)
    return slept


def limited(says: bytes, wait: str) -> Callable[[Asked], bytes]:
    """A server that lists its model and refuses every call for its rate."""
    models = http_reply(200, b'{"data": [{"id": "m"}]}')
    refused = http_reply(429, says, Retry_After=wait)
    return lambda asked: refused if asked.method == "POST" else models


def test_a_server_that_limits_rates_is_waited_for_longer_than_a_minute(waits: list[float]):
    with RawServer(limited(b"slow down", "1")) as server:
        said = complaint(server.url)
    assert min(waits) >= 1
    assert sum(waits) > 60
    assert "rate_limited" in said
    assert "set requests_per_minute" in said
    assert "run the same command again" in said


def test_a_server_that_asks_to_be_left_alone_for_an_hour_is_told_at_once(waits: list[float]):
    with RawServer(limited(b"no more today", "3600")) as server:
        said = complaint(server.url)
    assert waits == []
    assert "asks to wait 3600 s" in said


def test_an_address_is_needed():
    with pytest.raises(RecipeError, match="base_url is empty"):
        open_backend(BackendSettings(kind="endpoint", model="m"))


@pytest.mark.parametrize("address", ["http://", "ftp://h/v1", "http://h:port", "http://[1", "://"])
def test_what_is_no_address_is_told_before_anything_is_asked(address: str):
    with pytest.raises(RecipeError, match="is no address of a server"):
        open_backend(BackendSettings(kind="endpoint", model="m", base_url=address))


@pytest.mark.parametrize(
    "address", ["http://me:hunter22@h/v1", "https://h/v1?api_key=hunter22", "ftp://u:hunter22@h"]
)
def test_a_secret_in_the_address_is_refused_and_not_shown(address: str):
    with pytest.raises(RecipeError, match="the key in the environment") as raised:
        open_backend(BackendSettings(kind="endpoint", model="m", base_url=address))
    assert "hunter22" not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://h:8000", "http://h:8000/v1"),
        ("http://h:8000/", "http://h:8000/v1"),
        ("http://h:8000/v1", "http://h:8000/v1"),
        (" http://h:8000/v1/ ", "http://h:8000/v1"),
        ("h:8000", "http://h:8000/v1"),
        ("https://h/openai/v1", "https://h/openai/v1"),
        ("https://h/api/paas/v4/", "https://h/api/paas/v4"),
        ("https://h/v1beta/openai", "https://h/v1beta/openai"),
        ("http://h/v1/chat/completions", "http://h/v1"),
        ("https://vllm.example.org", "https://vllm.example.org/v1"),
    ],
)
def test_the_address_may_be_written_in_every_usual_way(written: str, meant: str):
    assert root_of(written) == meant


# What comes back is untrusted: any bytes are an answer or a failure.


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_without_an_error(body: bytes):
    assert isinstance(read_answer(body, "text"), Failure)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(values, values, values, values)
def test_any_values_in_the_fields_are_read_without_an_error(
    content: object, finish: object, usage: object, model: object
):
    choice = {"message": {"content": content, "reasoning": usage}, "finish_reason": finish}
    body = json.dumps({"choices": [choice], "usage": usage, "model": model})
    read = read_answer(body, "text")
    assert isinstance(read, Answer | Failure)
    if isinstance(read, Answer):
        read.text.encode()
        assert read.prompt_tokens >= 0


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart(field: str):
    message = {"content": "42", field: "six times seven"}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]})
    read = read_answer(body, "text")
    assert isinstance(read, Answer)
    assert (read.text, read.reasoning) == ("42", "six times seven")


def test_a_reply_that_was_cut_while_reasoning_is_an_answer_that_was_cut():
    message = {"content": None, "reasoning_content": "let me think"}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "length"}]})
    read = read_answer(body, "text")
    assert isinstance(read, Answer)
    assert (read.text, read.finish_reason) == ("", "length")


def test_a_refusal_is_a_content_filter():
    message = {"content": None, "refusal": "I cannot help with that."}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]})
    read = read_answer(body, "text")
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == ("reject", "content_filter")


def test_an_error_inside_a_200_is_read_by_its_code():
    read = read_answer('{"error": {"message": "upstream is busy", "code": 429}}', "text")
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == ("slow_down", "rate_limited")


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    body = r'{"choices": [{"message": {"content": "a\ud83db"}, "finish_reason": "stop"}]}'
    read = read_answer(body, "text")
    assert isinstance(read, Answer)
    assert read.text == "a\ufffdb"
