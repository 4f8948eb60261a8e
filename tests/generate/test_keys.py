"""A key goes into one header and nowhere else: not even when the server sends it back."""

import asyncio
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from raw_server import Asked, RawServer, chat_reply, http_reply

from crossthink_data.errors import BackendError
from crossthink_data.generate.backends import BackendSettings, TransportName, open_backend
from crossthink_data.generate.journal import Journal, answer_line, refusal_line
from crossthink_data.generate.keys import Key, read_key
from crossthink_data.generate.protocol import Answer, Call

SECRET = "tok-5Up3rS3cr3t_0123456789"


def told_all(url: str, transport: TransportName, calls: list[Call], journal: Path) -> str:
    """Everything that a run of these calls says or writes, as one text."""

    async def ask() -> str:
        settings = BackendSettings(kind="endpoint", base_url=url, model="m", transport=transport)
        backend = open_backend(settings)
        said = [repr(settings), repr(backend)]
        try:
            said.append(json.dumps(asdict(await backend.start())))
            with Journal(journal) as kept:
                for call in calls:
                    read = await backend.complete(call)
                    said.append(repr(read))
                    line = (
                        answer_line(call.key, call.request, read, attempts=1, latency=0.1)
                        if isinstance(read, Answer)
                        else refusal_line(
                            call.key, call.request, read.reason, read.detail, attempts=1, final=True
                        )
                    )
                    kept.append(line)
        except BackendError as error:
            said.append(str(error))
        finally:
            await backend.close()
        return "\n".join(said)

    said = asyncio.run(ask())
    return said + "".join(path.read_text("utf-8") for path in journal.glob("*"))


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
def test_a_server_that_sends_the_key_back_everywhere_does_not_spread_it(
    transport: TransportName,
    make_call: Callable[..., Call],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    statuses = iter([400, 429, 500, 403])

    def echoes(asked: Asked) -> bytes:
        given = asked.headers["authorization"]
        if asked.method == "GET":
            return http_reply(200, json.dumps({"data": [{"id": "m"}, {"id": given}]}).encode())
        words = json.loads(asked.body)["messages"][0]["content"]
        if words.startswith("fail"):
            error = {"error": {"message": f"wrong: {given}", "code": given}}
            return http_reply(next(statuses), json.dumps(error).encode(), Retry_After=given)
        if words.startswith("malformed"):
            return http_reply(200, f'{{"choices": {given}'.encode())
        return chat_reply(f"you sent {given}", model=given, id=given)

    words = ["hello", "fail 1", "fail 2", "fail 3", "fail 4", "malformed"]
    with RawServer(echoes) as server:
        said = told_all(server.url, transport, [make_call(word) for word in words], tmp_path / "j")
        assert server.seen[-1].headers["authorization"] == f"Bearer {SECRET}"
    assert "you sent Bearer [key]" in said
    assert SECRET not in said
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_a_refusal_at_the_start_does_not_show_the_key(
    status: int,
    make_call: Callable[..., Call],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)

    def refuses(asked: Asked) -> bytes:
        message = {"message": f"no model or access for {asked.headers['authorization']}"}
        return http_reply(status, json.dumps({"error": message}).encode())

    with RawServer(refuses) as server:
        said = told_all(server.url, "aiohttp", [], tmp_path / "j")
    assert server.seen
    assert "127.0.0.1" in said
    assert SECRET not in said


def test_a_key_prints_as_its_variable_and_cannot_be_written_down():
    key = Key(SECRET, "OPENAI_API_KEY")
    assert SECRET not in f"{key} {key!r}"
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(key)


def test_a_plain_word_for_a_key_does_not_change_replies():
    key = Key("EMPTY", "OPENAI_API_KEY")
    assert key.scrub_body(b"the glass is EMPTY") == b"the glass is EMPTY"
    assert key.scrub("refused: EMPTY") == "refused: [key]"


def test_a_key_with_a_line_break_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{SECRET}\nX-Other: 1")
    with pytest.raises(BackendError, match="OPENAI_API_KEY") as raised:
        read_key("OPENAI_API_KEY")
    assert SECRET not in str(raised.value)


def test_an_unset_key_is_empty_and_blanks_around_one_are_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
):
    assert not read_key("OPENAI_API_KEY")
    assert read_key("OPENAI_API_KEY").headers() == {}
    monkeypatch.setenv("OPENAI_API_KEY", f" {SECRET}\n")
    assert read_key("OPENAI_API_KEY").headers() == {"Authorization": f"Bearer {SECRET}"}
