"""A rule that rejects rows, and the split of rows by an ordered tuple of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS

__all__ = ["Rule", "Split", "split_by_rules"]

DETAIL_CHARACTERS = 2000
"""Longest `detail` of a reject; the whole text stays in its own column."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to reject a row.

    `rejects` is true where the rule fires (null counts as no); `detail` is the offending text.
    Both are expressions over the columns of one question row: a rule sees no neighbours.
    """

    reason: str
    rejects: pl.Expr
    detail: pl.Expr


class Split(NamedTuple):
    """Rows that go on (columns QUESTION_COLUMNS) and rows that do not (columns REJECT_COLUMNS)."""

    kept: pl.LazyFrame
    rejects: pl.LazyFrame


def split_by_rules(rows: pl.LazyFrame, rules: Sequence[Rule], step: str) -> Split:
    """Question rows split by the first rule that fires, in the order of `rules`."""
    if not rules:
        reason = pl.lit(None, dtype=pl.String)
    else:
        reason = pl.coalesce([pl.when(rule.rejects).then(pl.lit(rule.reason)) for rule in rules])
    judged = rows.select(QUESTION_COLUMNS).with_columns(reason.alias("reason"))
    detail = pl.lit("")
    for rule in rules:
        detail = pl.when(pl.col("reason") == rule.reason).then(rule.detail).otherwise(detail)
    rejects = judged.filter(pl.col("reason").is_not_null()).with_columns(
        pl.lit(step).alias("step"),
        detail.fill_null("").str.slice(0, DETAIL_CHARACTERS).alias("detail"),
    )
    kept = judged.filter(pl.col("reason").is_null()).select(QUESTION_COLUMNS)
    return Split(kept, rejects.select(REJECT_COLUMNS))
