"""What a person's wish to stop becomes: handed to ranks as it comes, or as a file they look at.

Ctrl-C, SIGTERM and SIGHUP (the terminal was closed) all mean it. A signal reaches the processes of
this machine alone; a file in the run's folder is seen by ranks wherever they are.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

__all__ = ["STOPS", "asks_by_file", "interrupts", "stopped_by"]

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals by which a run is asked to stop."""


@contextmanager
def interrupts(first: Callable[[], None], further: Callable[[], None]) -> Iterator[None]:
    """Within it the first of the `STOPS` calls `first`, each later one `further`.

    What the signals did before is restored afterwards. One that is ignored (SIGHUP under nohup)
    stays ignored. Outside the main thread, to which signals are given, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal came
        call = further if came else first
        came = True
        call()

    before = {number: signal.getsignal(number) for number in stopped_by()}
    try:
        for number in before:
            signal.signal(number, handle)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def asks_by_file(stop: Path | None) -> Iterator[None]:
    """Within it the first interrupt makes the file at `stop`; the next one is a KeyboardInterrupt.

    Without a file, or where it cannot be made, the first one is.
    """

    def ask() -> None:
        if stop is None:
            raise KeyboardInterrupt
        try:
            stop.touch()
        except OSError:
            raise KeyboardInterrupt from None

    def end() -> None:
        raise KeyboardInterrupt

    with interrupts(ask, end):
        yield


def stopped_by() -> tuple[signal.Signals, ...]:
    """The `STOPS` that are not ignored: who starts a run under nohup wants it to go on."""
    return tuple(
        number
        for number in STOPS
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    )
