"""A killed run loses nothing, asks nothing again that it had, and ends in the same rows."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from killed_synth import (
    RESPONDER,
    MockProcess,
    command,
    run_with_kills,
    undisturbed,
    write_personas,
)

IN_FLIGHT = 16
ITEMS = 30


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_killed_at_random_moments_gives_the_rows_of_an_undisturbed_one(
    ranks: int, tmp_path: Path
) -> None:
    personas = write_personas(tmp_path / "personas.jsonl", ITEMS)
    flags = ("--max-in-flight", str(IN_FLIGHT), "--tasks", str(ranks))
    whole, torn = tmp_path / "whole.parquet", tmp_path / "torn.parquet"
    with MockProcess("--latency", "0.05", "--responder", RESPONDER) as server:
        undisturbed(command(personas, whole, server.url, *flags))
        server.reset()
        seen = run_with_kills(
            command(personas, torn, server.url, *flags),
            tmp_path / "torn.journal",
            server,
            kills=2,
            seed=ranks,
        )
    assert seen.journaled
    assert torn.read_bytes() == whole.read_bytes()
    rejects = "torn.rejects.parquet", "whole.rejects.parquet"
    assert (tmp_path / rejects[0]).read_bytes() == (tmp_path / rejects[1]).read_bytes()
    assert seen.asked_again == 0
    # What was on its way at a kill is asked again, and no more; each start probes the server anew.
    assert seen.repeated <= len(seen.journaled) * (IN_FLIGHT + 8 * ranks)
