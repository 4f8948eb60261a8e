"""A recorded journal answers by key, offline, and says plainly what it does not have."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import ScriptedBackend, details, echo, hold, talks

from crossthink_data.errors import BackendError, RecipeError
from crossthink_data.generate.backends import BackendSettings, open_backend
from crossthink_data.generate.journal import Journal, answer_line, refusal_line
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure, FailureKind

ANSWER = Answer(
    text="hello back ☺",
    finish_reason="stop",
    reasoning="they said hello",
    model="some-model",
    prompt_tokens=7,
    completion_tokens=3,
    structured="schema",
)


def replayed(folder: Path, calls: list[Call]) -> tuple[Capabilities, list[Answer | Failure]]:
    async def ask() -> tuple[Capabilities, list[Answer | Failure]]:
        backend = open_backend(BackendSettings(kind="replay", recorded=folder))
        try:
            return await backend.start(), [await backend.complete(call) for call in calls]
        finally:
            await backend.close()
            await backend.close()

    return asyncio.run(ask())


@pytest.fixture
def recorded(tmp_path: Path, make_call: Callable[..., Call]) -> Path:
    """A journal of two ranks: an answer in the first, a refusal and a spent request after it."""
    folder = tmp_path / "x.journal"
    answered, refused, spent = (make_call(word) for word in ("answered", "refused", "spent"))
    with Journal(folder, rank=0) as journal:
        journal.append(answer_line(answered.key, answered.request, ANSWER, attempts=2, latency=0.5))
    with Journal(folder, rank=1) as journal:
        for call, reason, final in (
            (refused, "content_filter", True),
            (spent, "attempts_spent", False),
        ):
            line = refusal_line(call.key, call.request, reason, "why", attempts=1, final=final)
            journal.append(line)
    return folder


def test_a_recorded_answer_comes_back_as_it_was(recorded: Path, make_call: Callable[..., Call]):
    found, (answer,) = replayed(recorded, [make_call("answered")])
    assert answer == ANSWER
    assert found.models == ("some-model",)
    assert found.schema is True
    assert any("recorded" in note for note in found.notes)


def test_what_had_no_reply_has_none_again_and_for_the_same_reason(
    recorded: Path, make_call: Callable[..., Call]
):
    _, read = replayed(recorded, [make_call("refused"), make_call("spent")])
    assert [(one.kind, one.reason, one.final) for one in read if isinstance(one, Failure)] == [
        ("reject", "content_filter", True),
        ("reject", "attempts_spent", False),
    ]


def test_what_was_to_be_asked_again_is_so_after_a_replay_too(tmp_path: Path):
    texts, recorded, own = ("answered", "spent", "refused"), tmp_path / "recorded", tmp_path / "own"

    def script(call: Call, attempt: int) -> Answer | Failure:
        text = call.request.messages[-1].content
        if text == "answered":
            return ANSWER
        kind: FailureKind = "retry" if text == "spent" else "reject"
        return Failure(kind=kind, reason=f"of_{kind}", detail="")

    hold(recorded, ScriptedBackend(script, latency=0.01), talks(texts))
    hold(own, open_backend(BackendSettings(kind="replay", recorded=recorded)), talks(texts))
    live = ScriptedBackend(echo)
    _, outcomes = hold(own, live, talks(texts))
    assert [call.request.messages[-1].content for call in live.calls] == ["spent"]
    assert details(outcomes)["spent"] == "reply to spent"
    assert details(outcomes)["refused"] == "<of_reject>"


@pytest.mark.parametrize(
    "changed", [{"sample": 1}, {"model": "other"}, {"temperature": 0.5}, {"schema": "{}"}]
)
def test_another_request_is_not_recorded_and_stops_the_run(
    recorded: Path, make_call: Callable[..., Call], changed: dict[str, object]
):
    _, (read,) = replayed(recorded, [make_call("answered", **changed)])
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == ("stop", "not_recorded")
    assert "task test, row answered" in read.detail
    assert str(recorded) in read.detail


def test_a_folder_that_is_absent_or_empty_or_none_is_an_error(tmp_path: Path):
    for folder, said in (
        (tmp_path / "absent", "is not there"),
        (tmp_path, "holds no replies"),
        (Path(__file__), "a file, not a folder"),
    ):
        with pytest.raises(BackendError, match=said):
            replayed(folder, [])
    with pytest.raises(RecipeError, match="recorded is not set"):
        open_backend(BackendSettings(kind="replay"))


def test_recorded_files_are_not_changed(recorded: Path, make_call: Callable[..., Call]):
    before = {path: path.read_bytes() for path in recorded.glob("*")}
    replayed(recorded, [make_call("answered"), make_call("never")])
    assert {path: path.read_bytes() for path in recorded.glob("*")} == before
