"""What the engine tells while it runs, and that nobody has to be there to hear it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import QUICK, ScriptedBackend, echo, hold, talk

from crossthink_data.exchange import Rejected
from crossthink_data.generate.engine import Engine, Ran
from crossthink_data.generate.journal import Journal
from crossthink_data.generate.metrics import Snapshot
from crossthink_data.generate.protocol import Answer, Call, Failure


@pytest.mark.parametrize("gone", [BrokenPipeError(), ValueError("I/O operation on closed file.")])
def test_a_closed_terminal_ends_neither_the_run_nor_its_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    told: list[Snapshot] = []
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    monkeypatch.setattr("crossthink_data.generate.engine._TICK_SECONDS", 0.01)

    def tell(snapshot: Snapshot) -> None:
        told.append(snapshot)
        raise gone

    class Patient(ScriptedBackend):
        """Gives its second answer when the first one is on the disk, long after nobody listens."""

        async def complete(self, call: Call) -> Answer | Failure:
            async with asyncio.timeout(20):
                while self.calls and not (synced and told):
                    await asyncio.sleep(0.01)
            return await super().complete(call)

    backend = Patient(echo, latency=0.1)

    async def go() -> Ran:
        with Journal(tmp_path) as journal:
            async with Engine(backend, journal, QUICK, model="m", on_tick=tell) as engine:
                items = [("a", talk("a")), ("b", talk("b"))]
                return await engine.run(items, lambda row_id, outcome: None)

    assert asyncio.run(go()).finished == 2
    assert len(told) == 1
    assert len(backend.calls) == 2, "neither was late"
    assert backend.closed == 1


def test_items_begun_and_not_done_are_told(tmp_path: Path) -> None:
    engines: list[Engine] = []

    def stop(engine: Engine) -> None:
        engines.append(engine)
        engine.drain()

    items = [(str(at), talk(str(at), votes=6)) for at in range(2)]
    ran, outcomes = hold(tmp_path, ScriptedBackend(echo, latency=0.1), items, during=stop)
    assert ran.unfinished == engines[0].snapshot().items_open == 2
    items = [(str(at), talk(str(at), votes=6)) for at in range(2)]
    ran, outcomes = hold(tmp_path, ScriptedBackend(echo), items, during=engines.append)
    assert all(isinstance(outcome, Rejected) for outcome in outcomes.values())
    assert ran.unfinished == 0
