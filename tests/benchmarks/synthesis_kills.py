"""Kills a synth run of about 1,000 requests twenty times, as one table (bars: synthesis, kills).

    python tests/benchmarks/synthesis_kills.py [--kills 20] [--items 250] [--executor local|ray]

Each kill is SIGKILL to the whole process group. Prints, for one rank and for two, whether the rows
are those of an undisturbed run, and how many replies were asked for again.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "steps"))
from killed_synth import (
    RESPONDER,
    MockProcess,
    command,
    run_with_kills,
    undisturbed,
    write_personas,
)

IN_FLIGHT = 32


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--items", type=int, default=250)
    parser.add_argument("--executor", default="local")
    flags = parser.parse_args()
    print("executor  ranks  kills  same rows  repeated  of journal  in flight at kills  seconds")
    for ranks in (1, 2):
        with tempfile.TemporaryDirectory() as name:
            print(_measured(Path(name), ranks, flags), flush=True)


def _measured(folder: Path, ranks: int, flags: argparse.Namespace) -> str:
    personas = write_personas(folder / "personas.jsonl", flags.items)
    more = ("--max-in-flight", str(IN_FLIGHT), "--tasks", str(ranks), "--executor", flags.executor)
    whole, torn = folder / "whole.parquet", folder / "torn.parquet"
    began = time.monotonic()
    with MockProcess("--latency", "0.2", "--responder", RESPONDER) as server:
        undisturbed(command(personas, whole, server.url, *more))
        server.reset()
        arguments = command(personas, torn, server.url, *more)
        seen = run_with_kills(arguments, folder / "torn.journal", server, flags.kills, seed=ranks)
    same = all(
        (folder / f"torn{end}").read_bytes() == (folder / f"whole{end}").read_bytes()
        for end in (".parquet", ".rejects.parquet")
    )
    return (
        f"{flags.executor:8}  {ranks:5}  {len(seen.journaled):5}  {'yes' if same else 'NO':>9}  "
        f"{seen.repeated:8}  {seen.asked_again:10}  {sum(seen.in_flight):18}  "
        f"{time.monotonic() - began:7.0f}"
    )


if __name__ == "__main__":
    main()
