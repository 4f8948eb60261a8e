#!/usr/bin/env python3
"""Equality of mathematical answers beside math-verify and sympy, on random pairs.

    python tests/benchmarks/equality_oracles.py [--pairs 3000] [--seed 1] [--seconds 10]

Pairs are made by rule: an answer is the gold rewritten by identities and printed in another
notation, or the same with one small thing changed. sympy is given both as expressions, so that it
judges the mathematics alone; math-verify is given both as text, the gold first. Either runs in a
child process that is killed at its deadline. Prints one table of agreement by family, then every
class of disagreement with examples and why it is one.

A pair that was changed can be equal all the same (x^2 for (-x)^2); what it says by construction is
therefore only counted, and sympy is the judge of it.
"""

import argparse
import json
import select
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

from equality_pairs import FAMILIES, Pair

from crossthink_data.rewards import compile_gold

EXPLAINED = {
    ("math-verify", "equation", "different"): "We are right, says sympy: it compares side with "
    "side; an equation scaled, swapped or with all on one side is the same equation.",
    ("math-verify", "interval", "different"): "We are right: it does not take -1 <= x < 2 for the "
    "interval [-1, 2) that it says.",
    ("math-verify", "decimal", "different"): "We are right: it works in floating point, and "
    "8.7168 x 10^1 is not 10896/125 there.",
    ("math-verify", "decimal", "equal"): "We are right: it lets a percentage be a hundred times "
    "another.",
    ("math-verify", "any", "different"): "We are right, says sympy: it reads ** and sqrt( inside "
    "dollars badly and takes the first number of a bare text, or does not simplify far enough.",
    ("math-verify", "any", "equal"): "We are right, says sympy: of a bare text it takes a part "
    "for the whole.",
    ("math-verify", "any", "too slow"): "It does not end; we compare at points.",
    ("math-verify", "any", "unparsed"): "It cannot read its side.",
    ("sympy", "any", "unsure"): "equals() gives up on arc functions, e beside pi, and powers to "
    "a rational of seven digits; by construction we are right.",
    ("sympy", "any", "too slow"): "simplify() does not end; by construction we are right.",
}
"""(oracle, family or any, what it says against us) -> who is right and why, after a look."""


# Oracles, each in a child process


def sympy_says(pair: dict[str, Any]) -> str:
    """`equal` or `different`, judged on expressions; `unsure` where sympy cannot tell."""
    import sympy

    x, y = sympy.symbols("x y", real=True)
    names = {"x": x, "y": y}

    def read(text: str) -> Any:
        return sympy.sympify(text, locals=names)

    def same(one: Any, other: Any) -> "bool | None":
        difference = one - other
        if sympy.simplify(difference) == 0:
            return True
        told = difference.equals(0)
        return None if told is None else bool(told)

    one, other = pair["codes"]
    kind = pair["kind"]
    if kind == "expression":
        told = same(read(one), read(other))
    elif kind == "equation":
        ratio = sympy.simplify(read(one) / read(other))
        told = bool(ratio.is_number) and ratio != 0
    elif kind == "interval":
        sets = [sympy.Union(*(read(part) for part in parts)) for parts in (one, other)]
        told = bool(sets[0] == sets[1])
    elif kind == "matrix":
        first, second = read(one), read(other)
        told = first.shape == second.shape and all(
            same(a, b) for a, b in zip(first, second, strict=True)
        )
    else:
        first, second = [read(each) for each in one], [read(each) for each in other]
        told = len(first) == len(second)
        for wanted in first if told else []:
            against = second if kind == "set" else second[:1]
            found = next((item for item in against if same(wanted, item)), None)
            told = told and found is not None
            if found is not None:
                second.remove(found)
    return "unsure" if told is None else ("equal" if told else "different")


def math_verify_says(pair: dict[str, Any]) -> str:
    """What `verify(parse(gold), parse(answer))` says; LaTeX in dollars, and bare where that fails.

    It is given both readings of a text because its own parser tells LaTeX by the dollars alone.
    """
    from math_verify import parse, verify

    told = "unparsed"
    for dress in ("${}$", "{}"):
        gold = parse(f"${pair['gold']}$", parsing_timeout=None)
        answer = parse(dress.format(pair["answer"]), parsing_timeout=None)
        if gold and answer:
            told = "different"
            if verify(gold, answer, timeout_seconds=None):
                return "equal"
    return told


ORACLES = {"sympy": sympy_says, "math-verify": math_verify_says}


def serve(oracle: str) -> None:
    """Answer pairs on stdin, one JSON object a line, until it closes."""
    import logging

    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            verdict = ORACLES[oracle](json.loads(line))
        except Exception as error:  # whatever a library raises on a pair is its verdict
            verdict = f"raised {type(error).__name__}"
        print(verdict, flush=True)


class Oracle:
    """A child process that judges pairs, killed and started anew when it misses its deadline."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.seconds = seconds
        self.child: subprocess.Popen[str] | None = None

    def ask(self, pair: Pair) -> None:
        if self.child is None:
            self.child = subprocess.Popen(
                [sys.executable, str(Path(__file__).resolve()), "--serve", self.name],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        child = self.child
        assert child.stdin is not None
        said = {"kind": pair.kind, "gold": pair.gold, "answer": pair.answer, "codes": pair.codes}
        child.stdin.write(json.dumps(said) + "\n")
        child.stdin.flush()

    def verdict(self) -> str:
        """What it says of the pair that it was asked last."""
        assert self.child is not None
        assert self.child.stdout is not None
        child = self.child.stdout
        if not select.select([child], [], [], self.seconds)[0]:
            self.close()
            return "too slow"
        return child.readline().strip() or "died"

    def close(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None


# The run and its table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--seconds", type=float, default=10, help="deadline of an oracle for a pair"
    )
    parser.add_argument("--examples", type=int, default=3, help="printed of each class")
    parser.add_argument("--serve", choices=ORACLES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
    else:
        run(asked.pairs, asked.seed, asked.seconds, asked.examples)


def run(count: int, seed: int, seconds: float, examples: int) -> None:
    random = Random(seed)
    oracles = [Oracle(name, seconds) for name in ORACLES]
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    classes: dict[tuple[str, str, str, str], list[tuple[Pair, str]]] = defaultdict(list)
    began = time.perf_counter()
    ours_seconds = 0.0
    names = list(FAMILIES)
    for place in range(count):
        family = names[place % len(names)]
        pair = FAMILIES[family](random)
        for oracle in oracles:
            oracle.ask(pair)
        start = time.perf_counter()
        reason = compile_gold(pair.gold, kind="math").judge(pair.answer)
        ours_seconds += time.perf_counter() - start
        ours = "different" if reason else "equal"
        tally[family]["pairs"] += 1
        tally[family]["meant equal"] += pair.meant_equal
        tally[family]["ours equal"] += ours == "equal"
        for oracle in oracles:
            told = oracle.verdict()
            tally[family][f"{oracle.name} agrees"] += told == ours
            tally[family][f"{oracle.name} tells"] += told in ("equal", "different")
            if told != ours:
                classes[oracle.name, family, ours, told].append((pair, reason))
        if sys.stderr.isatty():
            print(f"\r{place + 1} of {count}", end="", file=sys.stderr)
    for oracle in oracles:
        oracle.close()
    print_table(tally)
    took = time.perf_counter() - began
    print(f"\n{count} pairs, seed {seed}: {took:.0f} s, of which ours {ours_seconds:.2f} s")
    print_classes(classes, examples)


def print_table(tally: dict[str, Counter[str]]) -> None:
    columns = ["pairs", "meant equal", "ours equal"]
    columns += [f"{name} {what}" for name in ORACLES for what in ("tells", "agrees")]
    print(f"{'family':<20}" + "".join(f"{column:>20}" for column in columns))
    total: Counter[str] = Counter()
    for family, counts in tally.items():
        total.update(counts)
        print(f"{family:<20}" + "".join(f"{counts[column]:>20}" for column in columns))
    print(f"{'all':<20}" + "".join(f"{total[column]:>20}" for column in columns))


def print_classes(
    classes: dict[tuple[str, str, str, str], list[tuple[Pair, str]]], examples: int
) -> None:
    for (oracle, family, ours, told), found in sorted(classes.items()):
        why = EXPLAINED.get((oracle, family, told)) or EXPLAINED.get((oracle, "any", told), "?")
        print(f"\n{oracle} says {told}, we say {ours}: {family}, {len(found)} pairs. {why}")
        for pair, reason in found[:examples]:
            print(f"    {pair.gold}   <-   {pair.answer}   {reason}")


if __name__ == "__main__":
    main()
