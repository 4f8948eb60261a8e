#!/usr/bin/env python3
"""Runs that are killed and started again; what is asserted of them is counted here.

As a script it is the run itself: `killed_run.py URL FOLDER ITEMS IN_FLIGHT`. Each item asks once
and then, having heard the reply, twice at the same time.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from mock_endpoint import MockProcess

from crossthink_data.exchange import Ask, Completion, Conversation, Message, Rejected, Request
from crossthink_data.generate import Engine, Journal, JournalReader, Limits, rebuild
from crossthink_data.generate.backends import BackendSettings, open_backend

MODEL = "mock-model"


def _request(row_id: str, text: str, sample: int = 0) -> Request:
    return Request(task="killed", row_id=row_id, messages=(Message("user", text),), sample=sample)


def item(row_id: str) -> Conversation:
    """One request, then two that depend on its reply; the detail is all that was heard."""
    (first,) = yield (Ask(_request(row_id, f"say something of {row_id}")),)
    heard = first.text if isinstance(first, Completion) else f"<{first.reason}>"
    votes = yield tuple(Ask(_request(row_id, f"judge: {heard}", sample)) for sample in range(2))
    texts = [vote.text if isinstance(vote, Completion) else f"<{vote.reason}>" for vote in votes]
    return Rejected("heard", "\n".join([heard, *texts]), "{}")


async def hold(url: str, folder: Path, items: int, in_flight: int) -> None:
    """One run to its end."""
    settings = BackendSettings(
        kind="endpoint", model=MODEL, base_url=url, transport="aiohttp", max_in_flight=in_flight
    )
    with Journal(folder) as journal:
        limits = Limits(max_in_flight=in_flight)
        async with Engine(open_backend(settings), journal, limits, model=MODEL) as engine:
            await engine.run(
                ((str(number), item(str(number))) for number in range(items)),
                lambda row_id, outcome: None,
                total=items,
            )


def rows(folder: Path, items: int) -> list[object]:
    """The rows as the journal alone gives them."""
    reader = JournalReader(folder)
    return [rebuild(item(str(number)), reader, model=MODEL) for number in range(items)]


@dataclass(frozen=True)
class Killed:
    """What became of a run that was killed. `repeated` are replies paid for more than once."""

    kills: int
    repeated: int
    asked_though_kept: int
    lines: int
    keys: int


def run_with_kills(
    mock: MockProcess, folder: Path, *, kills: int, items: int, in_flight: int, seed: int
) -> Killed:
    """Run, kill the process group at random counts of served replies, start again, to the end."""
    draw = random.Random(seed)
    in_all = 3 * items
    marks = sorted(draw.randrange(1, in_all) for _ in range(kills))
    served_before = mock.stats()["served"]
    asked_though_kept = 0
    for mark in marks:
        child = _start(mock.url, folder, items, in_flight)
        while mock.stats()["served"] - served_before < mark and child.poll() is None:
            time.sleep(0.002)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        asked_though_kept += _settled(mock, folder)
    child = _start(mock.url, folder, items, in_flight)
    assert child.wait(120) == 0
    reader = JournalReader(folder)
    texts = [entry.text.split()[1] for entry in reader.entries()]
    seen = mock.seen()
    return Killed(
        kills=kills,
        repeated=sum(seen[digest][0] - 1 for digest in set(texts)),
        asked_though_kept=asked_though_kept + _asked_again(mock, folder),
        lines=len(texts),
        keys=len(reader),
    )


_KEPT: dict[Path, dict[str, int]] = {}


def _settled(mock: MockProcess, folder: Path) -> int:
    """Remember how often each kept reply was asked for; how many grew since the last kill."""
    while mock.stats()["in_flight"]:
        time.sleep(0.002)
    grown = _asked_again(mock, folder)
    seen = mock.seen()
    digests = {entry.text.split()[1] for entry in JournalReader(folder).entries()}
    _KEPT[folder] = {digest: seen[digest][0] for digest in digests}
    return grown


def _asked_again(mock: MockProcess, folder: Path) -> int:
    seen = mock.seen()
    return sum(seen[digest][0] > count for digest, count in _KEPT.get(folder, {}).items())


def _start(url: str, folder: Path, items: int, in_flight: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, url, str(folder), str(items), str(in_flight)]
    return subprocess.Popen(command, start_new_session=True)


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
