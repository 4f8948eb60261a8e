"""Accuracy and keep-precision of the rule sets `strict` and `paper` on labelled questions.

    python tests/benchmarks/strict_rules.py LABELLED.jsonl [--errors]

One JSON object a line: id, question, options, answer_index (from 0) and self_contained (may the
options go?). Intervals are Wilson's at 95 %. A rewritten question is kept in words that no label is
about, so it is counted twice: as a rejection of the question as it stood, and left out ("apart").
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossthink_data.records import LABELS, QUESTION_COLUMNS
from crossthink_data.templates import RULE_SETS, RuleSet, apply_template


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    question: str
    options: list[str]
    answer_index: int
    self_contained: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--errors", action="store_true", help="list what strict gets wrong")
    asked = parser.parse_args()
    cases = read_cases(asked.labelled)
    print(f"{len(cases)} questions, {sum(case.self_contained for case in cases)} can stand alone")
    print(f"{'rules':20}{'accuracy':>30}{'keep-precision':>30}{'keep-recall':>30}")
    for rules in RULE_SETS:
        got = verdicts(cases, rules)
        print_scores(rules, cases, got)
        if "rewritten" in got:
            pairs = [pair for pair in zip(cases, got, strict=True) if pair[1] != "rewritten"]
            print_scores(f"{rules}, {len(cases) - len(pairs)} apart", *zip(*pairs, strict=True))
    if asked.errors:
        print_errors(cases, verdicts(cases, "strict"))


def read_cases(path: Path) -> list[Case]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Case(**{name: row[name] for name in Case.__slots__}) for row in rows]


def verdicts(cases: Sequence[Case], rules: RuleSet) -> list[str]:
    """`kept`, `rewritten` or the reject reason of each case, in order."""
    text = {name: pl.lit(None, dtype=pl.String) for name in QUESTION_COLUMNS}
    rows = pl.LazyFrame(
        {
            "origin_id": [str(at) for at in range(len(cases))],
            "question": [case.question for case in cases],
            "options": [case.options for case in cases],
            "answer": [case.options[case.answer_index] for case in cases],
            "answer_label": [LABELS[case.answer_index] for case in cases],
        }
    ).with_columns(
        **{name: text[name] for name in QUESTION_COLUMNS if name not in GIVEN},
        question_type=pl.lit("mcq"),
        domain=pl.lit("gpr"),
    )
    kept, rejects = pl.collect_all(list(apply_template(rows, question="open", rules=rules)))
    rewritten = pl.col("provenance").is_not_null()  # these rows came with none
    judged = pl.concat(
        [
            kept.select(
                "origin_id",
                reason=pl.when(rewritten).then(pl.lit("rewritten")).otherwise(pl.lit("kept")),
            ),
            rejects.select("origin_id", "reason"),
        ]
    )
    return judged.sort(pl.col("origin_id").cast(pl.Int64))["reason"].to_list()


GIVEN = ("origin_id", "question", "options", "answer", "answer_label", "question_type", "domain")


def print_scores(name: str, cases: Sequence[Case], got: Sequence[str]) -> None:
    pairs = [
        (case.self_contained, verdict == "kept") for case, verdict in zip(cases, got, strict=True)
    ]
    right = sum(good == kept for good, kept in pairs)
    hits = sum(good and kept for good, kept in pairs)
    scores = (
        share(right, len(pairs)),
        share(hits, sum(kept for _, kept in pairs)),
        share(hits, sum(good for good, _ in pairs)),
    )
    print(f"{name:20}" + "".join(f"{score:>30}" for score in scores))


def share(hits: int, of: int) -> str:
    """`0.904 (103/114, 0.836-0.945)`: the share and its Wilson interval at 95 %."""
    if not of:
        return "-"
    z, p = 1.96, hits / of
    middle, spread = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle + side * spread) / (1 + z * z / of) for side in (-1, 1))
    return f"{p:.3f} ({hits}/{of}, {low:.3f}-{high:.3f})"


def print_errors(cases: Sequence[Case], got: Sequence[str]) -> None:
    for case, verdict in zip(cases, got, strict=True):
        if case.self_contained != (verdict == "kept"):
            gold = case.options[case.answer_index]
            print(f"{case.id}: {verdict}: {case.question[-160:]!r} -> {gold!r}")


if __name__ == "__main__":
    main()
