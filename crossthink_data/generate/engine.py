"""The engine: carries what conversations ask to a backend and back, within limits, losing nothing.

Every reply is looked for in the journal first and written there the moment it arrives. Equal
requests are asked once. Calls that fail are made again after a pause, as `failures.py` has it. The
rows of a run are made afterwards from the journal alone (`resolution.rebuild`).

    async with Engine(backend, journal, Limits(max_in_flight=64), model="m") as engine:
        ran = await engine.run(conversations, on_outcome)
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from crossthink_data.errors import BackendError
from crossthink_data.exchange import (
    Ask,
    Completion,
    Conversation,
    Outcome,
    Refusal,
    Rejected,
    Reply,
    Request,
    request_key,
    request_seed,
)
from crossthink_data.generate.failures import what_to_do
from crossthink_data.generate.journal import Journal, answer_line, refusal_line
from crossthink_data.generate.limiter import AdaptiveLimit, Gate, GateClosed
from crossthink_data.generate.limits import Limits
from crossthink_data.generate.metrics import Metrics, MetricsLog, Snapshot, until_gone
from crossthink_data.generate.protocol import Answer, Backend, Call, Capabilities, Failure
from crossthink_data.generate.resolution import draws

__all__ = ["Engine", "Limits", "Ran"]

_TICK_SECONDS = 0.5
_GRACE_SECONDS = 5.0
_UNCOUNTED = ("content_filter", "too_long")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: items finished, items begun and not finished, and whether it was drained."""

    finished: int
    unfinished: int
    drained: bool


class Engine:
    """One rank's event loop: window, limits, retries, journal and numbers over one backend.

    An async context manager: it keeps the journal synced and the metrics written while it is open,
    starts the backend with the first call that the journal cannot answer, and closes it at the end.
    `on_tick` is given the numbers twice a second, `on_start` once what the backend was seen to do.
    """

    def __init__(
        self,
        backend: Backend,
        journal: Journal,
        limits: Limits,
        *,
        model: str,
        seed: int = 0,
        epoch: int = 0,
        metrics: Metrics | None = None,
        log: MetricsLog | None = None,
        on_tick: Callable[[Snapshot], None] | None = None,
        on_start: Callable[[Capabilities], None] | None = None,
    ) -> None:
        self.limits = limits
        self.metrics = metrics or Metrics()
        self.capabilities: Capabilities | None = None
        self._backend = backend
        self._journal = journal
        self._model = model
        self._seed = seed
        self._epoch = epoch
        self._log = log
        self._on_tick = None if on_tick is None else until_gone(on_tick)
        self._on_start = on_start
        self._limit = AdaptiveLimit(limits.max_in_flight, adaptive=limits.adaptive)
        self._gate = Gate(
            self._limit,
            requests_per_minute=limits.requests_per_minute,
            tokens_per_minute=limits.tokens_per_minute,
            clock=time.monotonic,
        )
        self._pending: dict[str, asyncio.Future[Reply]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._starting: asyncio.Task[Capabilities] | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._fault: BackendError | None = None
        self._failures = 0
        self._answered_at = time.monotonic()
        self._unkept = 0

    async def __aenter__(self) -> "Engine":
        self.metrics.tick(time.monotonic())  # rates count from here, in a run of a moment too
        self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        self._report(last=True)
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
            await self._backend.close()

    async def start(self) -> Capabilities:
        """Start the backend, once; called with the first call. BackendError where it cannot be."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._backend.start())
        capabilities = await asyncio.shield(self._starting)
        if self.capabilities is None:
            # Loading a model may take minutes, and they are no silence of the server.
            self._answered_at = time.monotonic()
            self.capabilities = capabilities
            if self._on_start is not None:
                self._on_start(capabilities)
        return capabilities

    def snapshot(self) -> Snapshot:
        """The numbers of this moment."""
        numbers, gate = self.metrics, self._gate
        numbers.in_flight, numbers.waiting = gate.in_flight, gate.waiting
        numbers.limit = self._limit.value
        return numbers.snapshot(time.monotonic())

    # What a run does

    async def run(
        self,
        conversations: Iterable[tuple[str, Conversation]],
        on_outcome: Callable[[str, Outcome], None],
        *,
        total: int | None = None,
    ) -> Ran:
        """Hold every conversation (row id, conversation); `on_outcome` is called as each one ends.

        About twice the limit of them are open at once, taken from the iterable as others end; their
        order of ending is not theirs of coming. BackendError when the run has to stop: then what
        was on its way has been awaited and journaled.
        """
        self.metrics.items_total = total
        before = self.metrics.items_done
        items = iter(conversations)
        window = 2 * self.limits.max_in_flight
        self._workers = {asyncio.create_task(self._work(items, on_outcome)) for _ in range(window)}
        try:
            await self._all_ended()
        finally:
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
            self._workers = set()
        if self._fault is not None:
            raise self._fault_told()
        done = self.metrics.items_done - before
        return Ran(done, self.metrics.items_open, self._gate.closed)

    def drain(self) -> None:
        """Start no new calls; `run` returns when those on their way are journaled."""
        self.metrics.stopping = self.metrics.stopping or "draining"
        self._gate.close()
        self._closing.set()

    def cancel(self) -> None:
        """Give up what is on its way too; `run` returns at once."""
        self.drain()
        for worker in self._workers:
            worker.cancel()

    async def reply(self, ask: Ask) -> Reply:
        """The reply to one ask, from the journal or from the backend. GateClosed when stopping."""
        drawing = draws(ask, self.limits.resamples)
        request = next(drawing)
        while True:
            drawn = await self._drawn(request)
            try:
                request = drawing.send(drawn)
            except StopIteration as stop:
                reply: Reply = stop.value
                return reply

    async def _all_ended(self) -> None:
        """Wait for the workers; after an error (a bug) the others end as in a drain, then raise."""
        ended, others = await asyncio.wait(self._workers, return_when=asyncio.FIRST_EXCEPTION)
        if others:
            self.drain()
            await asyncio.wait(others)
        for worker in (*ended, *others):
            if not worker.cancelled() and (error := worker.exception()) is not None:
                raise error

    async def _work(
        self,
        items: Iterator[tuple[str, Conversation]],
        on_outcome: Callable[[str, Outcome], None],
    ) -> None:
        while not self._gate.closed:
            item = next(items, None)
            if item is None:
                return
            row_id, conversation = item
            answers = self.metrics.answers
            self.metrics.items_open += 1
            try:
                outcome = await self._held(conversation)
            except GateClosed:
                return
            finally:
                conversation.close()
            self.metrics.items_open -= 1
            self.metrics.items_done += 1
            self.metrics.items_asked += self.metrics.answers > answers
            if isinstance(outcome, Rejected):
                self.metrics.rejects[outcome.reason] += 1
            on_outcome(row_id, outcome)
            # A long stretch of items from the journal would keep everyone else from the loop.
            await asyncio.sleep(0)

    async def _held(self, conversation: Conversation) -> Outcome:
        try:
            asks = next(conversation)
            while True:
                asks = conversation.send(await self._replies(asks))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    async def _replies(self, asks: tuple[Ask, ...]) -> tuple[Reply, ...]:
        if len(asks) == 1:
            return (await self.reply(asks[0]),)
        # All of them end before the first stop is passed on: what is on its way is journaled.
        ended = await asyncio.gather(*map(self.reply, asks), return_exceptions=True)
        for reply in ended:
            if isinstance(reply, BaseException):
                raise reply
        return tuple(reply for reply in ended if not isinstance(reply, BaseException))

    # One request

    async def _drawn(self, request: Request) -> Reply:
        """The reply to one draw: of the journal, of an equal request on its way, or asked now."""
        key = request_key(request, model=self._model, seed=self._seed, epoch=self._epoch)
        on_its_way = self._pending.get(key)
        if on_its_way is not None:
            return await asyncio.shield(on_its_way)
        entry = self._journal.final(key)
        if entry is not None:
            self.metrics.reused += 1
            return entry.reply()
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[key] = future
        try:
            reply = await self._asked(key, request)
        except BaseException as error:
            future.set_exception(GateClosed() if _is_cancelled(error) else error)
            future.exception()  # Seen, even where no equal request waits for it.
            raise
        finally:
            del self._pending[key]
        future.set_result(reply)
        return reply

    async def _asked(self, key: str, request: Request) -> Reply:
        """Ask until there is an answer, the server refuses for good, or the attempts are spent."""
        if self.capabilities is None:
            await self._started()
        call = Call(request, key, self._model, request_seed(request, self._seed))
        failure = None
        for attempt in range(1, self.limits.attempts + 1):
            if failure is not None:
                await self._pause(attempt - 1, failure)
            got = await self._called(call, attempt)
            if isinstance(got, Completion):
                return got
            failure = got
            if failure.kind == "reject":
                final = failure.final and (self.metrics.answers > 0 or failure.reason in _UNCOUNTED)
                return self._refused(key, request, failure.reason, failure.detail, attempt, final)
        assert failure is not None
        detail = f"{failure.reason}: {failure.detail}"
        return self._refused(key, request, "no_reply", detail, self.limits.attempts, False)

    async def _called(self, call: Call, attempt: int) -> Completion | Failure:
        """One call, from its slot to the journal."""
        request, gate = call.request, self._gate
        reserved = _estimated_tokens(request)
        used = 0
        await gate.enter(reserved)
        began = time.monotonic()
        self.metrics.requests += 1
        try:
            try:
                async with asyncio.timeout(self.limits.timeout):
                    got = await self._backend.complete(call)
            except TimeoutError:
                detail = f"no reply within {self.limits.timeout:g} s"
                got = Failure(kind="retry", reason="timed_out", detail=detail)
            now = time.monotonic()
            if isinstance(got, Failure):
                if got.kind == "slow_down" or got.reason == "timed_out":
                    self._limit.slow_down(now)
                # Before the slot is given back, or a stop would still let a call in.
                self._count_failure(got)
                return got
            used = got.prompt_tokens + got.completion_tokens
            self._limit.answered(now - began, got.completion_tokens, now)
            return self._kept(call, got, attempt, now, now - began)
        finally:
            gate.leave(reserved, used)

    def _kept(
        self, call: Call, answer: Answer, attempt: int, now: float, latency: float
    ) -> Completion:
        """Write the answer down, then count it."""
        self._append(answer_line(call.key, call.request, answer, attempts=attempt, latency=latency))
        numbers = self.metrics
        numbers.answers += 1
        numbers.prompt_tokens += answer.prompt_tokens
        numbers.completion_tokens += answer.completion_tokens
        self._failures = 0
        self._answered_at = now
        return Completion(
            key=call.key,
            text=answer.text,
            reasoning=answer.reasoning,
            finish_reason=answer.finish_reason,
            model=answer.model,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
        )

    def _refused(
        self, key: str, request: Request, reason: str, detail: str, attempts: int, final: bool
    ) -> Refusal:
        """Write down that there is no reply; not `final` where a later run is to ask again."""
        self._append(refusal_line(key, request, reason, detail, attempts=attempts, final=final))
        return Refusal(key=key, reason=reason, detail=detail)

    def _append(self, line: dict[str, object]) -> None:
        try:
            self._journal.append(line)
        except BackendError as error:
            self._unkept += line["kind"] == "answer"
            self._stop(error)
            raise GateClosed from error
        if self._journal.full:
            self._stop(BackendError(f"{self._journal.path}: the disk is full; make room"))

    # What can go wrong

    def _count_failure(self, failure: Failure) -> None:
        if failure.kind == "stop":
            self._stop(self._stopped_by(failure, "the run stopped:"))
            raise GateClosed
        if failure.kind != "reject":
            self.metrics.retries[failure.reason] += 1
        if failure.reason in _UNCOUNTED:
            return
        self._failures += 1
        if self.limits.stop_after(self._failures, time.monotonic() - self._answered_at):
            what = f"{self._failures} calls in a row failed, the last one with"
            self._stop(self._stopped_by(failure, what), grace=_GRACE_SECONDS)
            raise GateClosed

    def _stopped_by(self, failure: Failure, what: str) -> BackendError:
        todo = what_to_do(failure.reason)
        return BackendError(f"{what} {failure.reason} ({failure.detail}); {todo}")

    def _fault_told(self) -> BackendError:
        """The fault, with what became of the replies, as it is known when all calls have ended."""
        assert self._fault is not None
        if not self._journal.answers and not self._unkept:
            return self._fault
        lost = f", but {self._unkept} found no room in it" if self._unkept else ""
        return BackendError(
            f"{self._fault}; then run the same command again: the {self._journal.answers} replies "
            f"so far are kept in {self._journal.folder}{lost}, and only what is missing is asked"
        )

    def _stop(self, error: BackendError, grace: float | None = None) -> None:
        """Drain because of an error; after `grace` seconds what is still on its way is given up."""
        if self._fault is not None:
            return
        self._fault = error
        self.metrics.stopping = str(error)
        self.drain()
        if grace is not None:
            asyncio.get_running_loop().call_later(grace, self.cancel)

    async def _started(self) -> None:
        """Wait until the backend is ready, or until the run is to stop: a model loads for long."""
        starting = asyncio.ensure_future(self.start())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({starting, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                raise GateClosed
            starting.result()
        except BackendError as error:
            self._stop(error)
            raise GateClosed from error
        finally:
            starting.cancel()
            closing.cancel()

    async def _pause(self, failed: int, failure: Failure) -> None:
        """Wait for the next attempt, without a slot: what the server asked, and full jitter."""
        limits = self.limits
        most = min(limits.longest_backoff, limits.first_backoff * 2.0 ** (failed - 1))
        seconds = (failure.retry_after or 0.0) + random.uniform(0, most)
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
        raise GateClosed

    # Beside the run

    async def _tick(self) -> None:
        """Twice a second: sync the journal, look how late the loop is, tell the numbers."""
        while True:
            due = time.monotonic() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            self.metrics.loop_lag_ms = round(1000 * (time.monotonic() - due), 1)
            try:
                await asyncio.to_thread(self._journal.sync)
            except BackendError as error:
                self._stop(error)
            self._report()

    def _report(self, *, last: bool = False) -> None:
        now = time.monotonic()
        self.metrics.tick(now)
        snapshot = self.snapshot()
        if self._log is not None:
            self._log.offer(snapshot, now, last=last)
        if self._on_tick is not None:
            self._on_tick(snapshot)


def _is_cancelled(error: BaseException) -> bool:
    return isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit)


def _estimated_tokens(request: Request) -> int:
    """Tokens that a call may use, as rate limits count them: the prompt and all it may answer."""
    characters = sum(len(message.content) for message in request.messages)
    return (characters + len(request.prompt or "")) // 4 + request.sampling.max_tokens
