"""Both ways to a server: the same bytes go out, and the same trouble comes back as the same."""

import asyncio
import gzip
import json
from collections.abc import Callable

import pytest
from mock_endpoint import MockEndpoint
from raw_server import Asked, RawServer, chat_reply, http_reply

from crossthink_data.exchange import Message, Request, Sampling
from crossthink_data.generate import aiohttp_transport, openai_transport
from crossthink_data.generate.backends import BackendSettings, TransportName
from crossthink_data.generate.endpoint import Endpoint, open_transport
from crossthink_data.generate.keys import Key
from crossthink_data.generate.protocol import Answer, Call, Failure
from crossthink_data.generate.transport import HttpReply, Transport, root_of

TRANSPORTS: tuple[TransportName, ...] = ("openai", "aiohttp")
SECRET = "sk-0123456789abcdef"


def opened(url: str, transport: TransportName, *, key: str = "", timeout: float = 5.0) -> Transport:
    settings = BackendSettings(
        kind="endpoint", base_url=url, transport=transport, timeout=timeout, max_in_flight=8
    )
    return open_transport(settings, Key(key, "OPENAI_API_KEY"), root_of(url))


def completed(
    url: str, transport: TransportName, call: Call, *, key: str = "", timeout: float = 5.0
) -> Answer | Failure:
    """What one call brings, without a probe before it."""

    async def ask() -> Answer | Failure:
        line = opened(url, transport, key=key, timeout=timeout)
        named = Key(key, "OPENAI_API_KEY")
        endpoint = Endpoint(line, model=call.model, key=named, root=url, timeout=timeout)
        try:
            return await endpoint.complete(call)
        finally:
            await endpoint.close()
            await endpoint.close()

    return asyncio.run(ask())


def test_both_transports_send_the_same_bytes_to_the_same_path(make_call: Callable[..., Call]):
    calls = [
        make_call("Größe, 大きさ, \ud800 and \x00", stop=("END",)),
        make_call(prompt="Once upon a time"),
        make_call("json", schema='{"type":"object"}'),
    ]
    sent = {}
    for transport in TRANSPORTS:
        with RawServer(lambda _: chat_reply()) as server:
            for call in calls:
                assert isinstance(completed(server.url, transport, call, key=SECRET), Answer)
            sent[transport] = [
                (asked.method, asked.path, asked.body, asked.headers["content-type"])
                for asked in server.seen
            ]
            assert {asked.headers["authorization"] for asked in server.seen} == {f"Bearer {SECRET}"}
    assert sent["openai"] == sent["aiohttp"]
    paths = [path for _, path, _, _ in sent["openai"]]
    assert paths == ["/v1/chat/completions", "/v1/completions", "/v1/chat/completions"]
    first = json.loads(sent["openai"][0][2])
    assert first["messages"][0]["content"] == "Größe, 大きさ, \ufffd and \x00"
    assert first["stop"] == ["END"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_without_a_key_no_authorization_is_sent(
    transport: TransportName, make_call: Callable[..., Call]
):
    with RawServer(lambda _: chat_reply()) as server:
        assert isinstance(completed(server.url, transport, make_call()), Answer)
        assert "authorization" not in server.seen[0].headers


TRUNCATED = http_reply(200, b'{"choices": [').replace(b"Length: 13", b"Length: 500")
DROPPED: list[bytes | float] = [b""]
GARBAGE: list[bytes | float] = [b"\x00\x01this is no HTTP\r\n\r\n"]
DRIP: list[bytes | float] = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
    *([b" ", 0.1] * 40),
]
HANG: list[bytes | float] = [30.0]

TROUBLES = {
    "rate limit in seconds": (http_reply(429, b"{}", Retry_After="7"), "slow_down", "rate_limited"),
    "overloaded": (http_reply(503, b"busy"), "slow_down", "overloaded"),
    "server error": (http_reply(500, b"<html>oops</html>"), "retry", "server_error"),
    "dropped": (DROPPED, "retry", "connection_failed"),
    "cut short": ([TRUNCATED], "retry", "connection_failed"),
    "no HTTP": (GARBAGE, "retry", "connection_failed"),
    "hangs": (HANG, "retry", "timed_out"),
    "drips": (DRIP, "retry", "timed_out"),
    "malformed": (http_reply(200, b'{"choices": [{"mess'), "retry", "malformed_body"),
    "not UTF-8": (http_reply(200, b'{"a": "\xff\xfe"}'), "retry", "malformed_body"),
    "nested": (http_reply(200, b"[" * 200_000), "retry", "malformed_body"),
    "empty": (http_reply(200, b""), "retry", "empty_body"),
    "no choices": (http_reply(200, b'{"choices": []}'), "retry", "malformed_body"),
    "null content": (chat_reply(None), "retry", "empty_body"),
    "refused": (http_reply(400, b'{"error": {"message": "bad"}}'), "reject", "request_refused"),
    "wrong key": (http_reply(401, b"{}"), "stop", "wrong_key"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_same_trouble_is_the_same_failure(
    transport: TransportName, trouble: str, make_call: Callable[..., Call]
):
    answer, kind, reason = TROUBLES[trouble]
    with RawServer(lambda _: answer) as server:
        read = completed(server.url, transport, make_call(), timeout=0.5)
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == (kind, reason), read.detail
    assert len(read.detail) < 1000
    if trouble == "rate limit in seconds":
        assert read.retry_after == 7.0


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_no_redirect_is_followed(transport: TransportName, make_call: Callable[..., Call]):
    with RawServer(lambda _: chat_reply()) as other:
        away = http_reply(307, b"", Location=f"{other.url}/chat/completions")
        with RawServer(lambda _: away) as server:
            read = completed(server.url, transport, make_call(), key=SECRET)
        assert other.seen == []
    assert isinstance(read, Failure)
    assert read.status == 307


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_refused_port_and_an_unknown_host_are_failures(
    transport: TransportName, make_call: Callable[..., Call]
):
    for url in ("http://127.0.0.1:1/v1", "http://nowhere.invalid/v1"):
        read = completed(url, transport, make_call(), timeout=20)
        assert isinstance(read, Failure)
        assert (read.kind, read.reason) == ("retry", "connection_failed")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reply_without_end_is_given_up(
    transport: TransportName, make_call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(openai_transport, "LARGEST_REPLY", 2**20)
    monkeypatch.setattr(aiohttp_transport, "LARGEST_REPLY", 2**20)
    chunk = b"%x\r\n" % 2**18 + b" " * 2**18 + b"\r\n"
    endless = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *([chunk] * 40)]
    with RawServer(lambda _: endless) as server:
        read = completed(server.url, transport, make_call())
    assert isinstance(read, Failure)
    assert read.reason == "malformed_body"
    assert "longer than" in read.detail


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_compressed_reply_is_read(transport: TransportName, make_call: Callable[..., Call]):
    body = chat_reply("packed").split(b"\r\n\r\n", 1)[1]
    reply = http_reply(200, gzip.compress(body), Content_Encoding="gzip")
    with RawServer(lambda _: reply) as server:
        read = completed(server.url, transport, make_call())
    assert isinstance(read, Answer)
    assert read.text == "packed"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_megabyte_of_prompt_and_of_reply_pass(
    transport: TransportName, make_call: Callable[..., Call]
):
    def echo(asked: Asked) -> bytes:
        return chat_reply(json.loads(asked.body)["messages"][0]["content"])

    words = "word " * 200_000
    with RawServer(echo) as server:
        read = completed(server.url, transport, make_call(words))
    assert isinstance(read, Answer)
    assert read.text == words


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_as_many_calls_as_asked_for_are_in_flight_at_once(transport: TransportName):
    async def burst(url: str) -> list[HttpReply | Failure]:
        settings = BackendSettings(
            kind="endpoint", base_url=url, transport=transport, max_in_flight=150
        )
        line = open_transport(settings, Key("", "OPENAI_API_KEY"), root_of(url))
        body = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
        try:
            return await asyncio.gather(*(line.post("/chat/completions", body) for _ in range(150)))
        finally:
            await line.close()

    with MockEndpoint(latency=0.5) as mock:
        replies = asyncio.run(burst(mock.url))
        peak = mock.stats()["peak_in_flight"]
    assert {reply.status for reply in replies if isinstance(reply, HttpReply)} == {200}
    assert len(replies) == 150
    assert peak > 100, "the client's own default is a pool of 100 connections"


def test_a_request_of_every_kind_has_a_seed_and_its_sampling(make_call: Callable[..., Call]):
    call = make_call("hello", temperature=0.7, max_tokens=33)
    with RawServer(lambda _: chat_reply()) as server:
        completed(server.url, "aiohttp", call)
        (body,) = server.bodies()
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0.7,
        "max_tokens": 33,
        "seed": call.seed,
    }


def test_system_messages_and_top_p_are_sent():
    request = Request(
        task="test",
        row_id="1",
        messages=(Message("system", "Be brief."), Message("user", "hi")),
        sampling=Sampling(top_p=0.9),
    )
    with RawServer(lambda _: chat_reply()) as server:
        completed(server.url, "aiohttp", Call(request=request, key="k", model="m", seed=1))
        (body,) = server.bodies()
    assert body["top_p"] == 0.9
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]
