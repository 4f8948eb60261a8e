"""Which draws an ask makes, which reply counts, and rows from the journal alone."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import ScriptedBackend, answer, details, echo, hold, request, talk, talks, text_of

from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Refusal,
    Rejected,
    Reply,
    Request,
    Sampling,
    accept_any,
)
from crossthink_data.generate.journal import JournalReader
from crossthink_data.generate.limits import Limits
from crossthink_data.generate.protocol import Answer, Call
from crossthink_data.generate.resolution import MissingReply, draws, rebuild


def completion(text: str = "fine", finish_reason: str = "stop") -> Completion:
    return Completion(key="k", text=text, finish_reason=finish_reason)


def drawn(ask: Ask, replies: Sequence[Reply], resamples: int = 3) -> tuple[list[Request], Reply]:
    """The requests that the ask makes when it hears these replies, and what comes of it."""
    drawing = draws(ask, resamples)
    requests = [next(drawing)]
    for reply in replies:
        try:
            requests.append(drawing.send(reply))
        except StopIteration as stop:
            return requests, stop.value
    raise AssertionError("the ask wants more replies")


def refuse_no(reply: Completion) -> str:
    return "said_no" if reply.text == "no" else ""


def test_a_usable_reply_is_drawn_once() -> None:
    requests, reply = drawn(Ask(request()), [completion()])
    assert requests == [request()]
    assert reply == completion()


def test_what_the_check_refuses_is_drawn_again_with_a_new_resample() -> None:
    requests, reply = drawn(
        Ask(request(sample=2), refuse_no), [completion("no"), completion("no"), completion("yes")]
    )
    assert [(one.sample, one.resample) for one in requests] == [(2, 0), (2, 1), (2, 2)]
    assert text_of(reply) == "yes"


def test_after_the_last_resample_the_last_reason_stands() -> None:
    replies = [completion("no"), completion(" \n"), completion("no")]
    requests, reply = drawn(Ask(request(), refuse_no), replies, resamples=2)
    assert len(requests) == 3
    assert reply == Refusal(key="k", reason="said_no", detail="no")
    requests, reply = drawn(Ask(request(), refuse_no), replies[:2], resamples=1)
    assert reply == Refusal(key="k", reason="empty_reply", detail=" \n")


def test_without_resamples_the_first_reply_decides() -> None:
    requests, reply = drawn(Ask(request(), refuse_no), [completion("no")], resamples=0)
    assert (len(requests), text_of(reply)) == (1, "<said_no>")


def test_a_truncated_reply_is_drawn_again_with_twice_the_tokens_once() -> None:
    ask = Ask(request(sampling=Sampling(max_tokens=100)))
    requests, reply = drawn(ask, [completion("so th", "length")] * 4)
    assert [one.sampling.max_tokens for one in requests] == [100, 200, 200, 200]
    assert [one.resample for one in requests] == [0, 1, 2, 3]
    assert text_of(reply) == "<truncated>"


def test_a_filtered_reply_is_not_drawn_again() -> None:
    requests, reply = drawn(Ask(request()), [completion("half", "content_filter")])
    assert (len(requests), text_of(reply)) == (1, "<content_filter>")


def test_a_refusal_is_passed_on() -> None:
    refusal = Refusal(key="k", reason="too_long")
    assert drawn(Ask(request()), [refusal]) == ([request()], refusal)


def moody(call: Call, attempt: int) -> Answer:
    """Refused by the check on the first draw of every third text, truncated on others."""
    number, resample = int(call.request.row_id), call.request.resample
    if number % 3 == 0 and resample == 0:
        return answer("no")
    if number % 3 == 1 and resample < 2:
        return answer("cut", "length")
    if number % 5 == 2:
        return answer("")
    return answer(f"{number}/{call.request.sample}/{resample}/{call.seed}")


def test_rows_rebuilt_from_the_journal_are_those_of_the_run(tmp_path: Path) -> None:
    texts = [str(number) for number in range(30)]
    items = [(text, talk(text, votes=3, check=refuse_no)) for text in texts]
    _, outcomes = hold(tmp_path, ScriptedBackend(moody), items)
    reader = JournalReader(tmp_path)
    again = {
        text: rebuild(talk(text, votes=3, check=refuse_no), reader, model="m") for text in texts
    }
    assert again == outcomes
    assert "<empty_reply>" in details(outcomes)["2"]
    assert "/1/" in details(outcomes)["0"]


@pytest.mark.parametrize(
    "changed", [{"model": "other"}, {"model": "m", "seed": 1}, {"model": "m", "epoch": 1}]
)
def test_another_model_seed_or_epoch_is_another_request(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    hold(tmp_path, ScriptedBackend(echo), talks(["a"]))
    reader = JournalReader(tmp_path)
    rebuild(talk("a"), reader, model="m")
    with pytest.raises(MissingReply):
        rebuild(talk("a"), reader, **changed)


def test_a_missing_reply_is_named_by_task_and_row(tmp_path: Path) -> None:
    hold(tmp_path, ScriptedBackend(echo), talks(["a"]))
    reader = JournalReader(tmp_path)
    message = r"no reply to talk of row b \(sample 0, resample 0, key [0-9a-f]{32}\).*run the same"
    with pytest.raises(MissingReply, match=message):
        rebuild(talk("b"), reader, model="m")


def test_a_conversation_that_asks_nothing_ends(tmp_path: Path) -> None:
    tmp_path.joinpath("empty").mkdir()
    reader = JournalReader(tmp_path)

    def silent() -> Conversation:
        yield ()
        return Rejected("nothing_asked", "", "{}")

    assert rebuild(silent(), reader, model="m") == Rejected("nothing_asked", "", "{}")


def test_accept_any_takes_everything() -> None:
    assert accept_any(completion("")) == ""
    assert Limits().resamples == 3
