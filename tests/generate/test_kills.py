"""A process that runs the engine is killed at any moment: nothing is lost, nothing is twice."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from killed_run import hold, rows, run_with_kills
from mock_endpoint import MockProcess

ITEMS, IN_FLIGHT, KILLS = 100, 16, 4


def test_killed_runs_end_with_the_rows_of_an_undisturbed_one(tmp_path: Path) -> None:
    with MockProcess("--latency", "0.03") as mock:
        killed = run_with_kills(
            mock, tmp_path / "killed", kills=KILLS, items=ITEMS, in_flight=IN_FLIGHT, seed=7
        )
    with MockProcess() as mock:
        asyncio.run(hold(mock.url, tmp_path / "whole", ITEMS, IN_FLIGHT))
    assert rows(tmp_path / "killed", ITEMS) == rows(tmp_path / "whole", ITEMS)
    assert killed.lines == killed.keys == 3 * ITEMS
    assert killed.asked_though_kept == 0
    assert killed.repeated <= KILLS * IN_FLIGHT
