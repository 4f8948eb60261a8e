"""A person's wish to stop, as a run that asks a model hears it: by signals and by a file."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crossthink_data.executors.interrupts import stopped_by
from crossthink_data.generate.engine import Engine

__all__ = ["stopping"]

_LOOK_SECONDS = 0.5
_ONE_WISH_SECONDS = 1.0
"""Who stops a whole group of processes, as a service manager does, reaches a rank by a signal of
its own and by that which the parent hands on: two signals, and one wish."""


@asynccontextmanager
async def stopping(engine: Engine, file: Path) -> AsyncIterator[None]:
    """Within it an interrupt, or the file, drains the engine; one more interrupt stops it at once.

    Interrupts are Ctrl-C, SIGTERM and SIGHUP.
    """
    wish = _Wish(engine)
    await wish.look(file)
    looking = asyncio.create_task(wish.look_on(file))
    try:
        with _signals_to(wish.signalled):
            yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


@dataclass(slots=True)
class _Wish:
    """A person's wish to stop, however it comes."""

    engine: Engine
    asked_at: float | None = None
    number: int = 0
    """The signal by which it came first; 0 for the file."""

    def signalled(self, number: int) -> None:
        """Drain, or where that was asked before, give up what is on its way."""
        now = time.monotonic()
        if self.asked_at is None:
            self.asked_at, self.number = now, number
            self.engine.drain()
        elif number == self.number or now - self.asked_at > _ONE_WISH_SECONDS or not self.number:
            self.engine.cancel()

    async def look(self, file: Path) -> None:
        """Drain when the file is there."""
        # In a thread: a shared file system may take its time.
        if self.asked_at is None and await asyncio.to_thread(os.path.exists, file):
            self.signalled(0)

    async def look_on(self, file: Path) -> None:
        """Look at the file twice a second until somebody asked for a stop."""
        while self.asked_at is None:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look(file)


@contextmanager
def _signals_to(hear: Callable[[int], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # Python hands signals to the main thread alone
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in stopped_by()}
    for number in before:
        loop.add_signal_handler(number, hear, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            if handler is not None:  # one that C code had set
                signal.signal(number, handler)
