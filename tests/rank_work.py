"""What ranks do in tests of the executors: importable, so that spawned processes find it."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crossthink_data.errors import BackendError, RunStopped, SourceError
from crossthink_data.exchange import Ask, Conversation, Message, Rejected, Request, Sampling


@dataclass(frozen=True)
class Note:
    """Writes a file with the rank and the world."""

    folder: Path

    def __call__(self, rank: int, world: int) -> None:
        (self.folder / f"{rank}.txt").write_text(f"{rank} of {world}")


@dataclass(frozen=True)
class Stumble:
    """Notes every rank but one (None: no rank), which ends in the way named."""

    folder: Path
    rank: int | None
    way: str

    def __call__(self, rank: int, world: int) -> None:
        if self.rank in (rank, None):
            self.end()
        Note(self.folder)(rank, world)

    def end(self) -> None:
        if self.way == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.way == "silent":
            os._exit(0)
        if self.way == "source":
            raise SourceError("pages.warc is not to be had")
        if self.way == "backend":
            raise BackendError("no server answers; then run the same command again")
        raise ZeroDivisionError("a bug of the rank")


@dataclass(frozen=True)
class Drain:
    """Works until the first interrupt, then takes a while to end; counts the interrupts."""

    folder: Path

    def __call__(self, rank: int, world: int) -> None:
        seen = []
        signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
        working = self.folder / f"{rank}.working"
        working.write_text(str(os.getpgrp()))
        working.rename(self.folder / f"{rank}.ready")
        while not seen:
            time.sleep(0.01)
        time.sleep(0.3)
        (self.folder / f"{rank}.seen").write_text(str(len(seen)))


@dataclass(frozen=True)
class Wait:
    """Says its process id and waits to be ended."""

    folder: Path

    def __call__(self, rank: int, world: int) -> None:
        working = self.folder / f"{rank}.working"
        working.write_text(str(os.getpid()))
        working.rename(self.folder / f"{rank}.pid")
        time.sleep(60)


@dataclass(frozen=True)
class Talks:
    """A job of so many short talks, all of them of the last rank."""

    total: int

    def conversations(self, rank: int, world: int) -> Iterator[tuple[str, Conversation]]:
        return ((f"row {at}", _talk(f"row {at}")) for at in range(self.share(rank, world)))

    def share(self, rank: int, world: int) -> int:
        return self.total if rank == world - 1 else 0


def _talk(text: str) -> Conversation:
    messages = (Message("user", text),)
    yield (Ask(Request(task="talk", row_id=text, messages=messages, sampling=Sampling())),)
    return Rejected("talked", "", "{}")


@dataclass(frozen=True)
class Heed:
    """Works until its folder has the file `stop`, then takes a while to end."""

    folder: Path

    def __call__(self, rank: int, world: int) -> None:
        working = self.folder / f"{rank}.working"
        working.write_text(str(os.getpid()))
        working.rename(self.folder / f"{rank}.ready")
        for _ in range(3000):
            if (self.folder / "stop").exists():
                break
            time.sleep(0.01)
        time.sleep(0.3)
        (self.folder / f"{rank}.seen").write_text("1")
        raise RunStopped("the rank was stopped")
