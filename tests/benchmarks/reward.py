#!/usr/bin/env python3
"""Speed of the reward beside other graders on the same pairs, and whether they see the same.

    python tests/benchmarks/reward.py --load LOAD.jsonl [--sample 400] [--trl-python PATH]
    python tests/benchmarks/reward.py --generator make_reward_load.py
    python tests/benchmarks/reward.py --golds CORPUS

One JSON object a line in the load: kind, completion, gold, options, expected. Prints one table.

Every pass is a process of its own, so that caches are empty at its start. CPU seconds are those of
the process (all threads) over one plain loop; the load is parsed before and frozen out of the
garbage collector, which stays on for what the grader leaves behind. Milliseconds are wall clock by
pair, from further passes so that reading the clock is in no CPU figure. Of several passes the least
CPU and each pair's least time count, for every grader: a machine that does other things too slows
whom it likes. math-verify and TRL's accuracy reward grade an even sample, at some 30 ms a pair, and
their milliseconds are those of a second look with warm caches.
`agree` is the share of pairs where the score is what the load says by construction.

With --golds, the gradability rule of `filter` alone, over a folder of question files.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Pair = dict[str, Any]
Grade = Callable[[Pair], bool]
KINDS = ("mcq", "short_open", "math")
LEGS = ("ours", "ours by kind", "ours timed", "math-verify", "trl accuracy_reward")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--load", type=Path, help="pairs to grade (jsonl)")
    parser.add_argument("--generator", type=Path, help="script that writes a load to its argument")
    parser.add_argument("--golds", type=Path, help="folder of question files: gradability alone")
    parser.add_argument("--sample", type=int, default=400, help="pairs for the slow graders")
    parser.add_argument("--passes", type=int, default=3, help="fresh processes for each figure")
    parser.add_argument("--trl-python", default=sys.executable, help="interpreter that has trl")
    parser.add_argument("--leg", choices=LEGS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.golds:
        print_golds(asked.golds)
    elif asked.leg:
        print(json.dumps(run_leg(asked.leg, asked.load, asked.sample)))
    elif asked.load:
        print_table(asked)
    elif asked.generator:
        with tempfile.TemporaryDirectory() as folder:
            asked.load = Path(folder) / "load.jsonl"
            subprocess.run([sys.executable, str(asked.generator), str(asked.load)], check=True)
            print_table(asked)
    else:
        parser.error("give --load, --generator or --golds")


def print_table(asked: argparse.Namespace) -> None:
    def leg(name: str, python: str = sys.executable) -> Any:
        command = [python, __file__, "--leg", name, "--load", str(asked.load)]
        command += ["--sample", str(asked.sample)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1]
        return json.loads(done.stdout.splitlines()[-1])

    head = ("grader", "pairs", "cpu s", "pairs/cpu s", "p50 ms", "p99 ms", "max ms", "agree")
    print(f"{head[0]:24}" + "".join(f"{name:>13}" for name in head[1:]))

    def passes(name: str, python: str = sys.executable) -> Any:
        return [leg(name, python) for _ in range(asked.passes)]

    whole, by_kind, timed = passes("ours"), passes("ours by kind"), passes("ours timed")
    for result in (*whole, *by_kind, *timed):
        if isinstance(result, str):
            sys.exit(f"the reward failed: {result}")
    for kind in ("all", *KINDS):
        cpu = [one["cpu"] for one in whole] if kind == "all" else [one[kind] for one in by_kind]
        print_line("ours" if kind == "all" else f"  {kind}", cpu, [one[kind] for one in timed])
    others = {"math-verify": sys.executable, "trl accuracy_reward": asked.trl_python}
    for name, python in others.items():
        results = passes(name, python)
        if failed := [result for result in results if isinstance(result, str)]:
            print(f"{name:24} did not run: {failed[0]}")
        else:
            cpu, every = ([one[part] for one in results] for part in ("cpu", "all"))
            print_line(f"{name}, sample", cpu, every)


def print_line(
    name: str, cpu: Sequence[tuple[int, float, int]], seconds: Sequence[Sequence[float]]
) -> None:
    """One line of the table, of the figures of each pass: the least of them counts."""
    pairs, used, agreed = min(cpu, key=lambda one: one[1])
    ordered = sorted(map(min, *seconds) if len(seconds) > 1 else seconds[0])
    marks = [ordered[int(share * (len(ordered) - 1))] * 1e3 for share in (0.5, 0.99, 1)]
    print(
        f"{name:24}{pairs:>13,}{used:>13.2f}{pairs / used:>13,.0f}"
        + "".join(f"{mark:>13.3f}" for mark in marks)
        + f"{agreed / pairs:>13.4f}"
    )


def run_leg(name: str, load: Path, sample: int) -> dict[str, Any]:
    """Figures of one leg: [pairs, cpu seconds, agreeing pairs], or seconds a pair by kind."""
    pairs = [json.loads(line) for line in load.read_text("utf-8").splitlines()]
    grade = GRADERS[name.partition(" ")[0]]()
    grade({"kind": "math", "completion": "", "gold": "", "options": None})  # imports and tables
    if not name.startswith("ours"):
        pairs = pairs[:: max(1, len(pairs) // sample)]
    gc.collect()
    gc.freeze()
    of_kind = {kind: [pair for pair in pairs if pair["kind"] == kind] for kind in KINDS}
    if name == "ours by kind":
        return {kind: cpu_seconds(grade, some) for kind, some in of_kind.items()}
    if name == "ours":
        return {"cpu": cpu_seconds(grade, pairs)}
    if name == "ours timed":
        every = wall_seconds(grade, pairs)
        kinds = [pair["kind"] for pair in pairs]
        by_kind = {
            kind: [time for time, own in zip(every, kinds, strict=True) if own == kind]
            for kind in KINDS
        }
        return {"all": every, **by_kind}
    return {"cpu": cpu_seconds(grade, pairs), "all": wall_seconds(grade, pairs)}


def cpu_seconds(grade: Grade, pairs: Sequence[Pair]) -> tuple[int, float, int]:
    start = time.process_time()
    got = [grade(pair) for pair in pairs]
    used = time.process_time() - start
    return len(pairs), used, sum(a == b["expected"] for a, b in zip(got, pairs, strict=True))


def wall_seconds(grade: Grade, pairs: Sequence[Pair]) -> list[float]:
    clock = time.perf_counter
    taken = []
    for pair in pairs:
        start = clock()
        grade(pair)
        taken.append(clock() - start)
    return taken


def ours() -> Grade:
    from crossthink_data.rewards import reward

    def grade(pair: Pair) -> bool:
        options = pair["options"]
        return reward(pair["completion"], pair["gold"], kind=pair["kind"], options=options) == 1.0

    return grade


def math_verify() -> Grade:
    """As its page shows: both parsed with the default settings, the gold between dollar signs."""
    from math_verify import parse, verify

    def grade(pair: Pair) -> bool:
        return bool(verify(parse(f"${pair['gold']}$"), parse(pair["completion"])))

    return grade


def trl_accuracy() -> Grade:
    """One call a pair; None, where it finds the gold cannot be parsed, counts as wrong."""
    from trl.rewards import accuracy_reward

    def grade(pair: Pair) -> bool:
        completion = [{"role": "assistant", "content": pair["completion"]}]
        return bool(accuracy_reward([completion], [pair["gold"]])[0])

    return grade


GRADERS = {"ours": ours, "math-verify": math_verify, "trl": trl_accuracy}


def print_golds(corpus: Path) -> None:

    from crossthink_data import read_questions
    from crossthink_data.gradability import GRADABILITY

    # In batches as large as those of `filter`; what decides nothing is not even read.
    columns = ("answer_kind", "options", "answer", "answer_label")
    rows = read_questions(sorted(corpus.glob("*.parquet"))).select(columns).collect()
    refused = 0
    start = time.process_time()
    for batch in rows.iter_slices(16_384):
        refused += batch.select(GRADABILITY).to_series().count()
    used = time.process_time() - start
    told = rows["answer"].count()
    print(f"{told:,} golds, {refused:,} of them refused (blank ones too), {used:.2f} cpu s:")
    print(f"{told / used:,.0f} golds a cpu second")


if __name__ == "__main__":
    main()
