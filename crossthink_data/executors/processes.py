"""Ranks as spawned processes on this machine: watched, interrupted once and twice, never orphans.

`concurrent.futures` and `multiprocessing.Pool` lose the others, or hang, when a worker is killed;
here a killed process is only its own rank's end.
"""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.context import SpawnProcess

from crossthink_data.executors.interrupts import STOPS, interrupts
from crossthink_data.executors.outcomes import INTERRUPTED, Work

__all__ = ["run_here"]

_GRACE_SECONDS = 10.0


def run_here(work: Work, world: int) -> dict[int, int | None]:
    """The exit code of each rank's process, when all have ended; a single rank runs right here."""
    if world == 1:
        work(0, 1)
        return {0: 0}
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_run_rank, args=(work, rank, world), name=f"rank-{rank}")
        for rank in range(world)
    ]

    def hand_on() -> None:
        for process in processes:
            if process.pid is not None and process.exitcode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)

    try:
        with interrupts(hand_on, hand_on):
            _start(processes)
            _wait(processes)
    finally:
        _end(processes)
    return {rank: process.exitcode for rank, process in enumerate(processes)}


def _run_rank(work: Work, rank: int, world: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _leave_group()
        work(rank, world)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except Exception:  # the outcome file has it; a traceback on the terminal says it twice
        raise SystemExit(1) from None


def _end_with_parent() -> None:
    # Ranks are no longer in the parent's process group, so a kill of that group passes them by.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start(processes: list[SpawnProcess]) -> None:
    """Start the ranks with interrupts held back until each is out of this process group."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        for process in processes:
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _leave_group() -> None:
    """Move this rank to a process group of its own: a terminal's Ctrl-C then goes to the parent.

    Otherwise each rank would get it twice, from the terminal and from the parent, and the second
    one means stop. Interrupts that came while they were held back are one from here on.
    """
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def _wait(processes: list[SpawnProcess]) -> None:
    waiting = {process.sentinel for process in processes}
    while waiting:
        waiting -= set(connection.wait(list(waiting), timeout=1.0))


def _end(processes: list[SpawnProcess]) -> None:
    started = [process for process in processes if process.pid is not None]
    for process in started:
        if process.is_alive():
            process.terminate()
    for process in started:
        process.join(_GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
