"""The engine over a scripted backend: what is asked, how often, and how a run ends."""

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import QUICK, ScriptedBackend, answer, details, echo, hold, request, talk, talks

from crossthink_data.errors import BackendError, MissingExtra, RecipeError
from crossthink_data.exchange import Ask, Completion, Conversation, Rejected
from crossthink_data.generate.engine import Engine
from crossthink_data.generate.journal import Journal, JournalReader
from crossthink_data.generate.limiter import GateClosed
from crossthink_data.generate.limits import Limits
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure, FailureKind

TEXTS = [f"row {number}" for number in range(40)]


def failing(kind: FailureKind, reason: str, times: int = 10**9) -> ScriptedBackend:
    """A backend whose first attempts at every key fail."""
    failure = Failure(kind=kind, reason=reason, detail="so it said")
    return ScriptedBackend(lambda call, at: failure if at <= times else echo(call, at))


# What is asked


def test_every_item_gets_its_own_replies(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo)
    ran, outcomes = hold(tmp_path, backend, talks(TEXTS))
    assert (ran.finished, ran.unfinished, ran.drained) == (40, 0, False)
    assert details(outcomes) == {text: f"reply to {text}" for text in TEXTS}
    assert (backend.started, backend.closed) == (1, 1)


def test_what_the_journal_holds_is_not_asked_and_needs_no_server(tmp_path: Path) -> None:
    _, first = hold(tmp_path, ScriptedBackend(echo), talks(TEXTS))
    backend = ScriptedBackend(echo)
    _, second = hold(tmp_path, backend, talks(TEXTS))
    assert second == first
    assert (backend.calls, backend.started, backend.closed) == ([], 0, 0)


def test_equal_requests_are_asked_once_within_a_run(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo, latency=0.01)
    _, outcomes = hold(tmp_path, backend, [(str(n), talk("the same")) for n in range(30)])
    assert len(backend.calls) == 1
    assert set(details(outcomes).values()) == {"reply to the same"}


def test_votes_of_one_prompt_are_different_requests_at_once(tmp_path: Path) -> None:
    backend = ScriptedBackend(lambda call, at: answer(str(call.request.sample)), latency=0.01)
    _, outcomes = hold(tmp_path, backend, [("a", talk("a", votes=4))])
    assert details(outcomes) == {"a": "0 | 1 | 2 | 3"}
    assert len({call.seed for call in backend.calls}) == 4
    # The limit starts at a quarter of eight.
    assert backend.peak == 2


def test_equal_requests_with_other_checks_have_their_own_verdicts(tmp_path: Path) -> None:
    def refuse_first(reply: Completion) -> str:
        return "not_yet" if "0" in reply.text else ""

    backend = ScriptedBackend(lambda call, at: answer(str(call.request.resample)), latency=0.01)
    items = [("easy", talk("a")), ("strict", talk("a", check=refuse_first))]
    _, outcomes = hold(tmp_path, backend, items)
    assert details(outcomes) == {"easy": "0", "strict": "1"}
    assert len(backend.calls) == 2


def test_items_are_taken_as_others_end(tmp_path: Path) -> None:
    taken = 0
    most_open = 0
    ended: list[str] = []

    def source() -> Iterator[tuple[str, Conversation]]:
        nonlocal taken, most_open
        for text in map(str, range(200)):
            taken += 1
            most_open = max(most_open, taken - len(ended))
            yield text, talk(text)

    async def go() -> None:
        with Journal(tmp_path) as journal:
            async with Engine(ScriptedBackend(echo), journal, QUICK, model="m") as engine:
                await engine.run(source(), lambda row_id, outcome: ended.append(row_id))

    asyncio.run(go())
    assert len(ended) == 200
    assert most_open <= 2 * QUICK.max_in_flight + 1


def test_a_bug_in_a_conversation_ends_the_run_and_keeps_what_was_on_its_way(
    tmp_path: Path,
) -> None:
    def broken() -> Conversation:
        yield (Ask(request("row 0")),)
        raise ZeroDivisionError

    backend = ScriptedBackend(echo, latency=0.05)
    with pytest.raises(ZeroDivisionError):
        hold(tmp_path, backend, [*talks(TEXTS[:5]), ("broken", broken()), *talks(TEXTS[5:])])
    assert 0 < len(JournalReader(tmp_path)) == len(backend.calls) < len(TEXTS)


def test_a_conversation_may_ask_nothing(tmp_path: Path) -> None:
    def silent() -> Conversation:
        replies = yield ()
        return Rejected("silent", str(replies), "{}")

    assert details(hold(tmp_path, ScriptedBackend(echo), [("a", silent())])[1]) == {"a": "()"}


# Failures


@pytest.mark.parametrize("kind", ["retry", "slow_down"])
def test_passing_trouble_leaves_no_trace_in_the_rows(tmp_path: Path, kind: FailureKind) -> None:
    backend = failing(kind, "server_error", times=3)
    _, outcomes = hold(tmp_path, backend, talks(TEXTS))
    assert details(outcomes) == {text: f"reply to {text}" for text in TEXTS}
    assert len(backend.calls) == 4 * len(TEXTS)
    entry = next(iter(JournalReader(tmp_path).entries()))
    assert entry.attempts == 4


def test_spent_attempts_are_no_reply_and_a_later_run_asks_again(tmp_path: Path) -> None:
    limits = replace(QUICK, attempts=3, failures_in_a_row=10**6)
    backend = failing("retry", "server_error")
    _, outcomes = hold(tmp_path, backend, talks(["a"]), limits=limits)
    assert details(outcomes) == {"a": "<no_reply>"}
    assert len(backend.calls) == 3
    entry = JournalReader(tmp_path).get(backend.calls[0].key)
    assert entry is not None
    assert (entry.reason, entry.detail) == ("no_reply", "server_error: so it said")
    _, outcomes = hold(tmp_path, ScriptedBackend(echo), talks(["a"]))
    assert details(outcomes) == {"a": "reply to a"}


def refuse_b(call: Call, attempt: int) -> Answer | Failure:
    if call.request.row_id == "b":
        return Failure(kind="reject", reason="request_refused", detail="HTTP 400: no")
    return echo(call, attempt)


def test_a_refused_request_is_a_reject_and_is_not_asked_again(tmp_path: Path) -> None:
    backend = ScriptedBackend(refuse_b)
    for _ in range(2):
        _, outcomes = hold(tmp_path, backend, talks(["a", "c", "d", "b"]))
        assert details(outcomes)["b"] == "<request_refused>"
    assert [call.request.row_id for call in backend.calls].count("b") == 1


def test_refusals_of_a_server_that_answers_nothing_are_not_for_good(tmp_path: Path) -> None:
    hold(tmp_path, failing("reject", "request_refused"), talks(["a"]))
    assert details(hold(tmp_path, ScriptedBackend(echo), talks(["a"]))[1]) == {"a": "reply to a"}


def test_a_filtered_or_too_long_prompt_is_refused_for_good(tmp_path: Path) -> None:
    for reason in ("content_filter", "too_long"):
        backend = failing("reject", reason)
        hold(tmp_path / reason, backend, talks(TEXTS))
        hold(tmp_path / reason, backend, talks(TEXTS))
        assert len(backend.calls) == len(TEXTS)


def test_the_pause_is_what_the_server_asked_for_and_holds_no_slot(tmp_path: Path) -> None:
    times: dict[str, list[float]] = {}

    def script(call: Call, attempt: int) -> Answer | Failure:
        times.setdefault(call.request.row_id, []).append(asyncio.get_running_loop().time())
        if call.request.row_id == "late" and attempt == 1:
            return Failure(kind="slow_down", reason="rate_limited", detail="", retry_after=0.3)
        return echo(call, attempt)

    limits = replace(QUICK, max_in_flight=1)
    _, outcomes = hold(tmp_path, ScriptedBackend(script), talks(["late", *TEXTS]), limits=limits)
    first, second = times["late"]
    assert second - first >= 0.3
    assert all(times[text][0] < second for text in TEXTS)
    assert len(details(outcomes)) == 41


def test_a_call_that_hangs_is_given_up_and_made_again(tmp_path: Path) -> None:
    class Hanging(ScriptedBackend):
        async def complete(self, call: Call) -> Answer | Failure:
            if len(self.calls) < 3:
                self.calls.append(call)
                await asyncio.sleep(3600)
            return await super().complete(call)

    limits = replace(QUICK, timeout=0.05)
    _, outcomes = hold(tmp_path, Hanging(echo), talks(TEXTS), limits=limits)
    assert details(outcomes) == {text: f"reply to {text}" for text in TEXTS}


@pytest.mark.parametrize(
    ("reason", "todo"),
    [
        ("wrong_key", "set the right API key in the environment"),
        ("unknown_model", "see which models the server has"),
        ("forbidden", "may use this model"),
        ("out_of_quota", "pay for more"),
        ("something_new", "see the server's log"),
    ],
)
def test_what_stops_a_run_says_what_to_do(tmp_path: Path, reason: str, todo: str) -> None:
    def script(call: Call, attempt: int) -> Answer | Failure:
        if call.request.row_id == "row 20":
            return Failure(kind="stop", reason=reason, detail="so it said")
        return echo(call, attempt)

    backend = ScriptedBackend(script)
    with pytest.raises(BackendError, match=rf"{reason} \(so it said\).*{todo}.*replies so far"):
        hold(tmp_path, backend, talks(TEXTS))
    answered = {call.key for call in backend.calls if call.request.row_id != "row 20"}
    assert {entry.key for entry in JournalReader(tmp_path).entries()} == answered
    assert len(answered) < len(TEXTS), "no new calls start after the stop"


def test_what_was_on_its_way_when_the_run_stopped_is_kept(tmp_path: Path) -> None:
    class Slow(ScriptedBackend):
        async def complete(self, call: Call) -> Answer | Failure:
            if call.request.row_id == "row 0":
                await asyncio.sleep(0.02)
                return Failure(kind="stop", reason="wrong_key", detail="revoked")
            self.calls.append(call)
            await asyncio.sleep(0.1)
            return answer()

    backend = Slow(echo)
    limits = replace(QUICK, adaptive=False)
    with pytest.raises(BackendError, match="the 7 replies so far"):
        hold(tmp_path, backend, talks(TEXTS), limits=limits)
    assert len(JournalReader(tmp_path)) == len(backend.calls) == 7


def test_failures_in_a_row_stop_the_run_and_tell_the_last(tmp_path: Path) -> None:
    limits = replace(QUICK, failures_in_a_row=25)
    backend = failing("retry", "connection_failed")
    with pytest.raises(
        BackendError, match=r"25 calls in a row failed.*connection_failed.*see that"
    ):
        hold(tmp_path, backend, talks(TEXTS), limits=limits)
    assert len(backend.calls) < 25 + QUICK.max_in_flight


def test_refusals_in_a_row_stop_the_run_too(tmp_path: Path) -> None:
    limits = replace(QUICK, failures_in_a_row=25)
    with pytest.raises(BackendError, match=r"25 calls in a row failed.*request_refused"):
        hold(tmp_path, failing("reject", "request_refused"), talks(TEXTS), limits=limits)


def test_an_answer_between_failures_lets_the_run_go_on(tmp_path: Path) -> None:
    # Two items are open at once, each with two failures before its answer.
    limits = replace(QUICK, failures_in_a_row=5, max_in_flight=1)
    backend = failing("retry", "server_error", times=2)
    assert hold(tmp_path, backend, talks(TEXTS), limits=limits)[0].finished == 40


def test_a_short_outage_is_waited_for(tmp_path: Path) -> None:
    limits = replace(QUICK, failures_in_a_row=1, patience=600.0)
    backend = failing("retry", "connection_failed", times=5)
    assert hold(tmp_path, backend, talks(TEXTS), limits=limits)[0].finished == 40


def test_a_backend_that_cannot_start_stops_the_run(tmp_path: Path) -> None:
    class Absent(ScriptedBackend):
        async def start(self) -> Capabilities:
            self.started += 1
            raise BackendError("no server at that address")

    backend = Absent(echo)
    with pytest.raises(BackendError, match="no server at that address"):
        hold(tmp_path, backend, talks(TEXTS))
    assert (backend.started, backend.closed, backend.calls) == (1, 1, [])

    class Bare(ScriptedBackend):
        async def start(self) -> Capabilities:
            raise MissingExtra("openai", "synth", "the endpoint backend")

    with pytest.raises(MissingExtra, match="openai is not installed"):
        hold(tmp_path, Bare(echo), talks(TEXTS))


@pytest.mark.parametrize(
    ("kind", "reason", "limit"),
    [
        ("slow_down", "rate_limited", 17),
        ("retry", "timed_out", 17),
        ("retry", "server_error", 26),
    ],
)
def test_a_server_that_is_asked_too_much_is_asked_less(
    tmp_path: Path, kind: FailureKind, reason: str, limit: int
) -> None:
    engines: list[Engine] = []
    limits = replace(QUICK, max_in_flight=100)
    backend = failing(kind, reason, times=1)
    backend.latency = 0.1
    hold(tmp_path, backend, talks(["a"]), limits=limits, during=engines.append)
    assert engines[0].snapshot().limit == limit


# Ends


def test_a_drained_run_keeps_what_was_on_its_way_and_starts_nothing(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo, latency=0.1)
    limits = replace(QUICK, adaptive=False)
    ran, outcomes = hold(tmp_path, backend, talks(TEXTS), limits=limits, during=Engine.drain)
    assert ran.drained
    assert (ran.finished, len(backend.calls)) == (8, 8)
    assert len(outcomes) == 8
    assert ran.unfinished == 8, "the other half of the window had begun"
    assert len(JournalReader(tmp_path)) == 8


def test_a_drained_run_does_not_wait_for_pauses(tmp_path: Path) -> None:
    def script(call: Call, attempt: int) -> Answer | Failure:
        return Failure(kind="slow_down", reason="rate_limited", detail="", retry_after=3000.0)

    backend = ScriptedBackend(script)
    ran, _ = hold(tmp_path, backend, talks(TEXTS), during=Engine.drain)
    assert (ran.finished, ran.drained) == (0, True)
    assert len(JournalReader(tmp_path)) == 0


def test_votes_on_their_way_are_kept_when_their_item_is_not_finished(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo, latency=0.1)
    items = [("a", talk("a", votes=6))]
    ran, _ = hold(tmp_path, backend, items, during=Engine.drain)
    assert (ran.finished, ran.unfinished) == (0, 1)
    assert len(JournalReader(tmp_path)) == len(backend.calls) == 2


def test_a_drained_run_does_not_wait_for_a_model_that_loads(tmp_path: Path) -> None:
    class Loading(ScriptedBackend):
        async def start(self) -> Capabilities:
            await asyncio.sleep(3600.0)
            return await super().start()

    backend = Loading(echo)
    ran, outcomes = hold(tmp_path, backend, talks(TEXTS), during=Engine.drain)
    assert (ran.finished, ran.drained, outcomes) == (0, True, {})
    assert (backend.calls, backend.closed) == ([], 1)


def test_a_second_stop_gives_up_what_is_on_its_way(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo, latency=3600.0)
    ran, outcomes = hold(tmp_path, backend, talks(TEXTS), during=Engine.cancel)
    assert (ran.finished, ran.drained, outcomes) == (0, True, {})
    assert backend.closed == 1


def test_after_a_drain_the_rest_is_asked_and_the_rows_are_the_same(tmp_path: Path) -> None:
    backend = ScriptedBackend(echo, latency=0.03)
    hold(tmp_path, backend, talks(TEXTS), during=Engine.drain)
    _, outcomes = hold(tmp_path, backend, talks(TEXTS))
    assert details(outcomes) == {text: f"reply to {text}" for text in TEXTS}
    assert len(backend.calls) == len(TEXTS)


def test_a_full_disk_stops_the_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    written = 0

    def small(file: int, data: bytes) -> int:
        nonlocal written
        written += 1
        if written > 12 and (tmp_path / "rank=00000.reserve").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", small)
    backend = ScriptedBackend(echo, latency=0.01)
    with pytest.raises(BackendError, match=r"the disk is full; make room; then run the same"):
        hold(tmp_path, backend, talks(TEXTS))
    assert 12 < len(JournalReader(tmp_path)) == len(backend.calls) < len(TEXTS)


def test_replies_that_found_no_room_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "write", full)
    limits = replace(QUICK, adaptive=False)
    with pytest.raises(BackendError, match=r"the 0 replies so far are kept in \S+, but 8 found no"):
        hold(tmp_path, ScriptedBackend(echo, latency=0.01), talks(TEXTS), limits=limits)


def test_a_disk_that_does_not_sync_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(BackendError, match="Input/output error"):
        hold(tmp_path, ScriptedBackend(echo), talks(TEXTS))


def test_replies_are_synced_to_the_disk_while_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)

    class Patient(ScriptedBackend):
        """Gives its second answer when the first one is on the disk."""

        async def complete(self, call: Call) -> Answer | Failure:
            while self.calls and not synced:
                await asyncio.sleep(0.01)
            return await super().complete(call)

    limits = replace(QUICK, max_in_flight=1)
    assert hold(tmp_path, Patient(echo), talks(["a", "b"]), limits=limits)[0].finished == 2


def test_one_ask_can_be_made_by_itself(tmp_path: Path) -> None:
    async def go() -> None:
        with Journal(tmp_path) as journal:
            async with Engine(ScriptedBackend(echo), journal, QUICK, model="m") as engine:
                reply = await engine.reply(Ask(request("a")))
                assert isinstance(reply, Completion)
                assert reply.text == "reply to a"
                engine.drain()
                with pytest.raises(GateClosed):
                    await engine.reply(Ask(request("b")))

    asyncio.run(go())


# Limits


def test_no_more_calls_at_once_than_the_limit(tmp_path: Path) -> None:
    for adaptive in (True, False):
        backend = ScriptedBackend(echo, latency=0.005)
        limits = replace(QUICK, adaptive=adaptive)
        hold(tmp_path / str(adaptive), backend, talks(map(str, range(100))), limits=limits)
        assert backend.peak == 8


def test_ranks_share_the_limits_of_an_account() -> None:
    limits = Limits(max_in_flight=100, requests_per_minute=60, tokens_per_minute=None)
    share = limits.share(8)
    assert (share.max_in_flight, share.requests_per_minute, share.tokens_per_minute) == (
        12,
        7.5,
        None,
    )
    assert limits.share(1000).max_in_flight == 1


@pytest.mark.parametrize(
    ("failures", "seconds", "stops"),
    [
        (800, 15.0, True),
        (800, 14.0, False),
        (799, 1000.0, False),
        (100, 1200.0, True),
        (99, 10_000.0, False),
    ],
)
def test_when_failures_in_a_row_end_a_run(failures: int, seconds: float, stops: bool) -> None:
    limits = Limits(max_in_flight=100, timeout=600.0, patience=15.0)
    assert limits.stop_after(failures, seconds) is stops


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_in_flight": 0},
        {"attempts": 0},
        {"resamples": -1},
        {"timeout": 0.0},
        {"requests_per_minute": 0.0},
        {"tokens_per_minute": -1.0},
        {"failures_in_a_row": -1},
        {"timeout": float("nan")},
    ],
)
def test_limits_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        Limits(**wrong)
