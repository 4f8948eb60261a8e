"""A wish to stop drains a run, and a second one stops it, by whichever way it comes."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "generate"))
from scripted import QUICK, ScriptedBackend, echo

from crossthink_data.generate.engine import Engine
from crossthink_data.generate.journal import Journal
from crossthink_data.steps import stopping
from crossthink_data.steps.stopping import stopping as stopping_by

FILE = 0
INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def heard(folder: Path, wishes: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine is asked to do by these wishes, one right after the other."""
    asked: list[str] = []
    monkeypatch.setattr(Engine, "drain", lambda engine: asked.append("drain"))
    monkeypatch.setattr(Engine, "cancel", lambda engine: asked.append("cancel"))
    monkeypatch.setattr(stopping, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(stopping, "_ONE_WISH_SECONDS", 3600.0)

    async def go() -> None:
        with Journal(folder) as journal:
            engine = Engine(ScriptedBackend(echo), journal, QUICK, model="m")
            async with stopping_by(engine, folder / "stop"):
                for wish in wishes:
                    if wish == FILE:
                        (folder / "stop").touch()
                        while not asked:
                            await asyncio.sleep(0.01)
                    else:
                        os.kill(os.getpid(), wish)
                        await asyncio.sleep(0.05)

    asyncio.run(go())
    return asked


@pytest.mark.parametrize(
    ("wishes", "asked"),
    [
        ([INT], ["drain"]),
        ([TERM], ["drain"]),
        ([HUP], ["drain"]),
        ([FILE], ["drain"]),
        ([INT, INT], ["drain", "cancel"]),
        ([FILE, TERM], ["drain", "cancel"]),
        ([TERM, INT], ["drain"]),
        ([TERM, INT, TERM], ["drain", "cancel"]),
    ],
)
def test_the_first_wish_drains_and_the_next_one_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wishes: list[int], asked: list[str]
) -> None:
    assert heard(tmp_path, wishes, monkeypatch) == asked


def test_a_rank_that_starts_after_the_wish_drains_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stop").touch()
    assert heard(tmp_path, [], monkeypatch) == ["drain"]


def test_who_started_a_run_to_outlive_the_terminal_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(HUP, signal.SIG_IGN)
    try:
        assert heard(tmp_path, [HUP], monkeypatch) == []
    finally:
        signal.signal(HUP, before)
