"""What tests of the engine share: a backend that follows a script, conversations, one run."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Message,
    Outcome,
    Rejected,
    Reply,
    Request,
    Sampling,
    accept_any,
)
from crossthink_data.generate.engine import Engine, Ran
from crossthink_data.generate.journal import Journal
from crossthink_data.generate.limits import Limits
from crossthink_data.generate.protocol import Answer, Backend, Call, Capabilities, Failure

PLAIN = Sampling()
QUICK = Limits(max_in_flight=8, first_backoff=0.0, longest_backoff=0.0, patience=0.0)


def answer(text: str = "fine", finish_reason: str = "stop") -> Answer:
    """An answer of the model `scripted-1`."""
    return Answer(
        text=text,
        finish_reason=finish_reason,
        model="scripted-1",
        prompt_tokens=10,
        completion_tokens=5,
    )


class ScriptedBackend:
    """Answers with `script(call, number of the attempt at that key)`; counts what it is asked."""

    def __init__(
        self, script: Callable[[Call, int], Answer | Failure], *, latency: float = 0.0
    ) -> None:
        self.script = script
        self.latency = latency
        self.calls: list[Call] = []
        self.started = self.closed = 0
        self.in_flight = self.peak = 0

    async def start(self) -> Capabilities:
        self.started += 1
        return Capabilities(server="scripted")

    async def complete(self, call: Call) -> Answer | Failure:
        self.calls.append(call)
        attempt = sum(earlier.key == call.key for earlier in self.calls)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
            return self.script(call, attempt)
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        self.closed += 1


def echo(call: Call, attempt: int) -> Answer:
    """An answer that repeats the prompt's last message."""
    return answer("reply to " + call.request.messages[-1].content)


def request(text: str = "hello", *, sample: int = 0, sampling: Sampling = PLAIN) -> Request:
    """A request with one user message, which is its row id too."""
    return Request(
        task="talk",
        row_id=text,
        messages=(Message("user", text),),
        sampling=sampling,
        sample=sample,
    )


def talk(
    text: str, *, votes: int = 1, check: Callable[[Completion], str] = accept_any
) -> Conversation:
    """Asks `votes` times at once and ends as a reject `talked` whose detail is all the replies."""
    asks = tuple(Ask(request(text, sample=number), check) for number in range(votes))
    replies = yield asks
    return Rejected("talked", " | ".join(map(text_of, replies)), "{}")


def text_of(reply: Reply) -> str:
    """The text of a completion; the reason of a refusal in angle brackets."""
    return reply.text if isinstance(reply, Completion) else f"<{reply.reason}>"


def talks(texts: Iterable[str]) -> Iterable[tuple[str, Conversation]]:
    """A conversation for each text, which is its row id too."""
    return ((text, talk(text)) for text in texts)


def hold(
    folder: Path,
    backend: Backend,
    conversations: Iterable[tuple[str, Conversation]],
    *,
    limits: Limits = QUICK,
    during: Callable[[Engine], None] | None = None,
) -> tuple[Ran, dict[str, Outcome]]:
    """One run on a journal folder; `during` is called with the engine once it runs."""
    outcomes: dict[str, Outcome] = {}

    async def go() -> Ran:
        async with Engine(backend, journal, limits, model="m") as engine:
            if during is not None:
                asyncio.get_running_loop().call_later(0.05, during, engine)
            return await engine.run(conversations, outcomes.__setitem__)

    with Journal(folder) as journal:
        return asyncio.run(go()), outcomes


def details(outcomes: dict[str, Outcome]) -> dict[str, str]:
    """What the conversations heard, by row id."""
    return {
        row_id: outcome.detail
        for row_id, outcome in sorted(outcomes.items())
        if isinstance(outcome, Rejected)
    }
