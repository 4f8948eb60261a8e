#!/usr/bin/env python3
"""What hostile inputs cost the reward, worst first, and a fuzz of it with hypothesis.

    python tests/benchmarks/reward_fuzz.py [--rows 40] [--only NAME]
    python tests/benchmarks/reward_fuzz.py --examples 100000 [--golds GOLDS.jsonl] [--seed 0]

Without --examples every pair of tests/rewards/hostile_pairs.py is judged with empty caches, and one
table says which took longest: CPU milliseconds of `explain`, the least of three where it is near
the bar. The bars are 100 ms, and 500 ms for half a megabyte and more; a pair above its bar is
marked, and the exit status is then 1.

With --examples so many made-up questions are checked, a third for each answer kind: a score of 0 or
1, a reason for every 0, `reward` like `explain`, fresh like remembered, each gold right against
itself, nothing raised. --golds adds real golds (one JSON object a line: kind, gold) to change.
"""

import argparse
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import HypothesisException

sys.path.insert(0, str(Path(__file__).parents[1] / "rewards"))
from hostile_pairs import MEGABYTE, Pair, clear_caches, pairs, verdict
from hostile_strategies import GOLDS, Question, check, questions

BAR, MEGABYTE_BAR = 0.1, 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=40, help="lines of the table")
    parser.add_argument("--only", default="", help="pairs with this in their name")
    parser.add_argument("--examples", type=int, default=0, help="questions to make up")
    parser.add_argument("--golds", type=Path, help="real golds to change (jsonl)")
    parser.add_argument("--seed", type=int, default=0, help="of the made-up questions")
    asked = parser.parse_args()
    if asked.examples:
        failed = fuzz(asked.examples, asked.seed, golds_of(asked.golds))
    else:
        failed = print_table(asked.rows, asked.only)
    sys.exit(int(failed))


class Line(NamedTuple):
    """What one pair cost, without its texts: all of them together are gigabytes."""

    seconds: float
    bar: float
    kind: str
    name: str
    said: str


def print_table(rows: int, only: str) -> bool:
    """Prints what the worst pairs cost; whether any was above its bar or raised."""
    verdict(next(pairs()))  # imports and tables
    lines = [line_of(pair) for pair in pairs() if only in pair.name]
    lines.sort(key=lambda line: -line.seconds / line.bar)
    print(f"{'':2}{'ms':>9}{'bar':>6}  {'kind':14}{'input':58} verdict")
    for seconds, bar, kind, name, said in lines[:rows]:
        mark = "!" if seconds > bar or said.startswith("raised") else " "
        figures = f"{mark:2}{seconds * 1e3:>9.1f}{bar * 1e3:>6.0f}"
        print(f"{figures}  {kind:14}{name[:57]:58} {said}")
    above = sum(line.seconds > line.bar for line in lines)
    raised = sum(line.said.startswith("raised") for line in lines)
    total = sum(line.seconds for line in lines)
    small = max((line.seconds for line in lines if line.bar == BAR), default=0.0)
    large = max((line.seconds for line in lines if line.bar == MEGABYTE_BAR), default=0.0)
    print(
        f"\n{len(lines):,} pairs in {total:.1f} CPU s; {above} above their bar, {raised} raised; "
        f"worst {small * 1e3:.1f} ms, {large * 1e3:.1f} ms for a megabyte; "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"
    )
    return bool(above or raised)


def line_of(pair: Pair) -> Line:
    seconds, said = cost(pair)
    name = pair.name.encode("ascii", "backslashreplace").decode()
    return Line(seconds, bar_of(pair), pair.kind_name, name, said)


def bar_of(pair: Pair) -> float:
    return BAR if pair.size < MEGABYTE // 2 else MEGABYTE_BAR


def cost(pair: Pair) -> tuple[float, str]:
    """CPU seconds of a pair and its verdict, or what it raised."""
    least, said = measured(pair)
    for _ in range(2):
        if least < 0.7 * bar_of(pair):
            break
        least = min(least, measured(pair)[0])
    return least, said


def measured(pair: Pair) -> tuple[float, str]:
    clear_caches()
    start = time.process_time()
    try:
        said = verdict(pair)
    except Exception as error:  # what it is belongs in the table
        said = f"raised {type(error).__name__}: {str(error)[:60]}"
    return time.process_time() - start, said


def golds_of(path: Path | None) -> dict[str, list[str]]:
    golds: dict[str, list[str]] = {kind: [] for kind in GOLDS}
    if path is not None:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            golds[row["kind"]].append(row["gold"])
    return golds


def fuzz(examples: int, first: int, golds: dict[str, list[str]]) -> bool:
    """Checks made-up questions of each kind and prints what was found; whether anything was."""
    print(f"{'kind':12}{'questions':>10}{'scored 1':>10}{'CPU s':>8}{'worst ms':>10}  found")
    failed = False
    for kind, more in golds.items():
        tally = Tally(kind)
        run = given(questions(kind, more))(tally.judge)
        run = settings(
            max_examples=-(-examples // len(golds)),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(seed(first)(run))
        start = time.process_time()
        found = "nothing"
        try:
            run()
        except (AssertionError, HypothesisException) as error:
            found = f"{type(error).__name__} {error}"
        except Exception as error:  # whatever the reward raised
            found = f"{type(error).__name__} {error}"
        failed |= found != "nothing"
        used = time.process_time() - start
        worst = tally.worst * 1e3
        print(f"{kind:12}{tally.count:>10,}{tally.right:>10,}{used:>8.1f}{worst:>10.1f}  {found}")
        print(f"{'':12}slowest: {tally.slowest!r}")
        if tally.failure is not None:
            print(f"{'':12}failed: {tally.failure!r}")
    return failed


class Tally:
    """Counts the questions of a kind, and keeps the last one that failed: the least of them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.count = self.right = 0
        self.worst = 0.0
        self.slowest: Question | None = None
        self.failure: Question | None = None

    def judge(self, question: Question) -> None:
        self.count += 1
        gc.disable()  # what hypothesis keeps takes half a second to walk over
        start = time.process_time()
        try:
            self.right += check(question, self.kind) == 1.0
        except Exception:
            self.failure = question
            raise
        finally:
            gc.enable()
        took = time.process_time() - start
        if took > self.worst:
            self.worst, self.slowest = took, question


if __name__ == "__main__":
    main()
