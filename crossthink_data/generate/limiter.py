"""How many calls may be on their way at once, and how many may start in a minute.

`AdaptiveLimit` and `Bucket` are pure: the time is an argument. `Gate` holds callers back with them.
"""

import asyncio
from collections import deque
from collections.abc import Callable

__all__ = ["AdaptiveLimit", "Bucket", "Gate", "GateClosed"]

_START = 0.25
_SHRINK = 0.7
_SECONDS_BETWEEN_SHRINKS = 1.0
_HOLDS = 2.5
"""Latency per token may be so many times the best seen before the limit stops growing."""
_DRIFT = 1.002
_SMALLEST_WINDOW = 8
_STEP = 1 / 32


class AdaptiveLimit:
    """A limit between one and `ceiling`, found from what the server bears.

    It starts at a quarter and grows by one for each answer, so it doubles in each round trip, until
    the first trouble or until latency per token of the replies no longer holds. From then on it
    adds a thirty-second of the ceiling per round trip. A server that asks to slow down, or calls
    that time out, make it 0.7 of what it was, at most once a second. `adaptive=False` keeps it at
    the ceiling.
    """

    def __init__(self, ceiling: int, *, adaptive: bool = True) -> None:
        self.ceiling = max(1, ceiling)
        self.adaptive = adaptive
        self._limit = self.ceiling * _START if adaptive else float(self.ceiling)
        self._doubling = True
        self._shrunk_at = float("-inf")
        self._trouble_at = float("-inf")
        self._latency = self._tokens = 0.0
        self._answers = 0
        self._window = self._next_window()
        self._best = float("inf")
        self._holds = True

    @property
    def value(self) -> int:
        """Calls allowed at once, one at least."""
        return max(1, int(self._limit))

    def answered(self, latency: float, tokens: int, now: float) -> None:
        """Count an answer: `latency` in seconds, `tokens` of its reply."""
        if not self.adaptive:
            return
        self._latency += latency
        self._tokens += max(1, tokens)
        self._answers += 1
        if self._answers >= self._window:
            self._close_window()
        if not self._holds or now - self._trouble_at < _SECONDS_BETWEEN_SHRINKS:
            return
        step = 1.0 if self._doubling else max(1.0, self.ceiling * _STEP) / self._limit
        self._limit = min(float(self.ceiling), self._limit + step)

    def slow_down(self, now: float) -> None:
        """Count a call that was refused for load, or that timed out."""
        if not self.adaptive:
            return
        self._doubling = False
        self._trouble_at = now
        if now - self._shrunk_at >= _SECONDS_BETWEEN_SHRINKS:
            self._shrunk_at = now
            self._limit = max(1.0, self._limit * _SHRINK)

    def _close_window(self) -> None:
        """Compare latency per token over the last answers with the best of all.

        Over a quarter of a round trip, not per call: short and long replies have different shares
        of prefill.
        """
        ratio = self._latency / self._tokens
        # The best drifts upwards, or a change to longer prompts would hold the limit for ever.
        self._best = min(ratio, self._best * _DRIFT)
        self._holds = ratio <= self._best * _HOLDS
        if not self._holds:
            self._doubling = False
        self._latency = self._tokens = 0.0
        self._answers = 0
        self._window = self._next_window()

    def _next_window(self) -> int:
        return max(_SMALLEST_WINDOW, self.value // 4)


class Bucket:
    """So much per minute, evenly: it holds one second's worth, and may run into debt.

    One second and not a minute: a bucket that starts full would let two minutes' worth through in
    the first one, which a hosted API refuses.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self._rate = per_minute / 60
        self._size = max(1.0, self._rate)
        self._level = self._size
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until something may be taken; 0 when it may be now."""
        self._fill(now)
        # A thousandth is forgiven, or rounding would make a timer wake a hair too early for ever.
        lacking = min(1.0, self._size) - self._level
        return 0.0 if lacking <= 1e-3 else lacking / self._rate

    def take(self, amount: float, now: float) -> None:
        """Take the amount, into debt where it is more than there is."""
        self._fill(now)
        self._level -= amount

    def give_back(self, amount: float) -> None:
        """Give back what was taken and not used; a negative amount is what was used on top."""
        self._level = min(self._size, self._level + amount)

    def _fill(self, now: float) -> None:
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now


class GateClosed(Exception):
    """No new calls start any more: the run is being drained or was stopped."""


class Gate:
    """Lets calls start, first come first served, within the limit and the rates.

    `enter` waits for a slot and `leave` gives it back; a call that waits for its retry has left.
    """

    def __init__(
        self,
        limit: AdaptiveLimit,
        *,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        clock: Callable[[], float],
    ) -> None:
        self.limit = limit
        self.in_flight = 0
        self.closed = False
        self._clock = clock
        now = clock()
        self._requests = Bucket(requests_per_minute, now) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute, now) if tokens_per_minute else None
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Calls that wait to start."""
        return len(self._waiting)

    async def enter(self, tokens: int) -> None:
        """Wait for a slot for a call of about so many tokens; GateClosed when none start now."""
        if self.closed:
            raise GateClosed
        if not self._waiting and self._open():
            self._admit(tokens)
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((future, tokens))
        self._let_in()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.leave(tokens, 0)
            raise

    def leave(self, reserved: int, used: int) -> None:
        """Give the slot back, and the tokens that were reserved and not used."""
        self.in_flight -= 1
        if self._tokens is not None:
            self._tokens.give_back(reserved - used)
        self._let_in()

    def close(self) -> None:
        """Let no call start any more; those that wait are told so."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        for future, _ in self._waiting:
            if not future.done():
                future.set_exception(GateClosed())
        self._waiting.clear()

    def _open(self) -> bool:
        return self.in_flight < self.limit.value and self._rate_wait() == 0.0

    def _rate_wait(self) -> float:
        if self._requests is None and self._tokens is None:
            return 0.0
        now = self._clock()
        return max(bucket.wait(now) for bucket in (self._requests, self._tokens) if bucket)

    def _admit(self, tokens: int) -> None:
        self.in_flight += 1
        if self._requests is not None:
            self._requests.take(1, self._clock())
        if self._tokens is not None:
            self._tokens.take(tokens, self._clock())

    def _let_in(self) -> None:
        while self._waiting and self.in_flight < self.limit.value:
            wait = self._rate_wait()
            if wait > 0:
                self._wake_after(wait)
                return
            future, tokens = self._waiting.popleft()
            if not future.done():
                self._admit(tokens)
                future.set_result(None)

    def _wake_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._let_in)
