"""A killed run loses nothing, asks nothing again that it had, and ends in the same rows."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from killed_synth import (
    RESPONDER,
    MockProcess,
    command,
    journal_keys,
    run_with_kills,
    undisturbed,
    write_personas,
)

STOPPED = (
    r"error: stopped: \d+ items are done and [1-9]\d* were begun; every reply that came is kept in "
    r"\S+; run the same command again to go on\n"
)
IN_FLIGHT = 16
ITEMS = 30


@pytest.mark.parametrize(
    ("executor", "ranks", "kills"), [("local", 1, 2), ("local", 2, 2), ("ray", 2, 1)]
)
def test_a_run_killed_at_random_moments_gives_the_rows_of_an_undisturbed_one(
    executor: str, ranks: int, kills: int, tmp_path: Path
) -> None:
    personas = write_personas(tmp_path / "personas.jsonl", ITEMS)
    flags = ("--max-in-flight", str(IN_FLIGHT), "--tasks", str(ranks), "--executor", executor)
    whole, torn = tmp_path / "whole.parquet", tmp_path / "torn.parquet"
    with MockProcess("--latency", "0.05", "--responder", RESPONDER) as server:
        undisturbed(command(personas, whole, server.url, "--max-in-flight", str(IN_FLIGHT)))
        server.reset()
        seen = run_with_kills(
            command(personas, torn, server.url, *flags),
            tmp_path / "torn.journal",
            server,
            kills=kills,
            seed=ranks,
        )
    assert seen.journaled
    assert torn.read_bytes() == whole.read_bytes()
    rejects = "torn.rejects.parquet", "whole.rejects.parquet"
    assert (tmp_path / rejects[0]).read_bytes() == (tmp_path / rejects[1]).read_bytes()
    assert seen.asked_again == 0
    # What was on its way at a kill is asked again, and no more; each start probes the server anew.
    assert seen.repeated <= len(seen.journaled) * (IN_FLIGHT + 8 * ranks)


@pytest.mark.parametrize(
    ("executor", "ranks", "stop"),
    [
        ("local", 1, signal.SIGINT),
        ("local", 1, signal.SIGHUP),
        ("local", 2, signal.SIGINT),
        ("local", 2, signal.SIGTERM),
        ("ray", 2, signal.SIGINT),
    ],
)
def test_the_first_interrupt_lets_what_is_under_way_arrive_and_says_how_to_go_on(
    executor: str, ranks: int, stop: signal.Signals, tmp_path: Path
) -> None:
    personas = write_personas(tmp_path / "personas.jsonl", ITEMS)
    with MockProcess("--latency", "0.3", "--responder", RESPONDER) as server:
        # So few at once that the run cannot be done before the interrupt is heard.
        flags = ("--tasks", str(ranks), "--executor", executor, "--max-in-flight", "8")
        arguments = command(personas, tmp_path / "x.parquet", server.url, *flags)
        process = subprocess.Popen(
            arguments, start_new_session=True, stderr=subprocess.PIPE, text=True
        )
        while process.poll() is None and server.stats()["served"] < 12 * ranks:
            time.sleep(0.05)
        os.killpg(process.pid, stop)  # as a terminal does
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130, told
        assert re.fullmatch(STOPPED, told), told
        assert not (tmp_path / "x.parquet").exists()
        served = server.stats()["served"]
        lines = [
            path.read_bytes().strip(b"\0").count(b"\n")
            for path in (tmp_path / "x.journal").glob("rank=*.jsonl")
        ]
        # All that was served is kept, but for the probes at each rank's start.
        assert served - 10 * ranks <= sum(lines) <= served
        undisturbed(command(personas, tmp_path / "x.parquet", server.url, "--tasks", str(ranks)))
        keys = journal_keys(tmp_path / "x.journal")
        assert set(keys.values()) == {1}
        # What is not in the journal are the probes of two starts, and no request of the run.
        assert server.stats()["served"] - len(keys) <= 2 * 10 * ranks
    assert (tmp_path / "x.parquet").exists()


def test_the_second_interrupt_stops_at_once(tmp_path: Path) -> None:
    personas = write_personas(tmp_path / "personas.jsonl", ITEMS)
    with MockProcess("--latency", "30", "--responder", RESPONDER) as server:
        process = subprocess.Popen(
            command(personas, tmp_path / "x.parquet", server.url),
            start_new_session=True,
            stderr=subprocess.PIPE,
            text=True,
        )
        while process.poll() is None and not server.stats()["in_flight"]:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 130, told


def test_a_killed_rank_under_ray_is_taken_up_again_and_the_rows_are_the_same(
    tmp_path: Path,
) -> None:
    personas = write_personas(tmp_path / "personas.jsonl", ITEMS)
    flags = ("--max-in-flight", "8", "--tasks", "2", "--executor", "ray")
    whole, torn = tmp_path / "whole.parquet", tmp_path / "torn.parquet"
    with MockProcess("--latency", "0.2", "--responder", RESPONDER) as server:
        undisturbed(command(personas, whole, server.url))
        server.reset()
        arguments = command(personas, torn, server.url, *flags)
        run = subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.PIPE, text=True)
        while run.poll() is None and server.stats()["served"] < 30:
            time.sleep(0.05)
        holder = json.loads((tmp_path / "torn.journal" / "rank=00001.lock").read_text())
        os.kill(holder["pid"], signal.SIGKILL)
        _, told = run.communicate(timeout=120)
        # Ray may start the rank again by itself; where it does not, the run must say so.
        assert run.returncode in (0, 1), told
        assert run.returncode == 0 or "rank 1" in told
        undisturbed(arguments)
    assert torn.read_bytes() == whole.read_bytes()
    assert set(journal_keys(tmp_path / "torn.journal").values()) == {1}
