"""A rule that rejects rows, and the split of rows by an ordered tuple of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from crossthink_data.errors import SourceError
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS

__all__ = [
    "Rule",
    "Split",
    "first_that_fires",
    "is_blank",
    "question_rows",
    "reject_columns",
    "split_by_rules",
]

DETAIL_CHARACTERS = 2000
"""Longest `detail` of a reject; the whole text stays in its own column."""

_FIRED = "_fired"

# White space, control and format characters (zero-width spaces and joiners, byte order marks), and
# the letters and symbols that are drawn as nothing: Hangul fillers and the empty braille pattern.
_VISIBLE = r"[^\s\p{Cc}\p{Cf}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]"

_ATTEMPT = pl.Struct(
    {
        **dict.fromkeys(("model", "revision", "template"), pl.String),
        **dict.fromkeys(("solved", "tried"), pl.Int32),
        "mean_tokens": pl.Float64,
    }
)
_DTYPES = {"options": pl.List(pl.String), "attempts": pl.List(_ATTEMPT)}


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One reason to reject a row.

    `rejects` is true where the rule fires (null counts as no). `shows` is the offending text, or
    the text in which group 1 of `pattern` finds it. All are expressions over the columns of one
    row, and over readings of that row: a rule sees no neighbours.
    """

    reason: str
    rejects: pl.Expr
    shows: pl.Expr
    pattern: str | None = None

    def detail(self, fired: pl.Expr) -> pl.Expr:
        """The offending text where `fired`, null elsewhere."""
        # Masked first: searching the rows of every other rule as well would take most of the time.
        text = pl.when(fired).then(self.shows)
        return text if self.pattern is None else text.str.extract(self.pattern, 1)


class Split(NamedTuple):
    """Rows that go on (columns QUESTION_COLUMNS) and rows that do not (columns REJECT_COLUMNS)."""

    kept: pl.LazyFrame
    rejects: pl.LazyFrame


def first_that_fires(rules: Sequence[Rule]) -> pl.Expr:
    """Position of the first rule that fires, null where none does, as UInt8 named `_fired`."""
    numbers = [
        pl.when(rule.rejects).then(pl.lit(number, dtype=pl.UInt8))
        for number, rule in enumerate(rules)
    ]
    nothing = pl.lit(None, dtype=pl.UInt8)
    return pl.coalesce(*numbers, nothing).alias(_FIRED)


def reject_columns(rules: Sequence[Rule], step: str) -> list[pl.Expr]:
    """The columns step, reason and detail of rows in which `first_that_fires` is not null."""
    fired = pl.col(_FIRED)
    reasons = {number: rule.reason for number, rule in enumerate(rules)}
    details = [rule.detail(fired == number) for number, rule in enumerate(rules)]
    return [
        pl.lit(step).alias("step"),
        fired.replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
        pl.coalesce(*details, pl.lit("")).str.head(DETAIL_CHARACTERS).alias("detail"),
    ]


def is_blank(text: pl.Expr) -> pl.Expr:
    """True where a text is null or has no character that can be seen."""
    return ~text.str.contains(_VISIBLE).fill_null(value=False)


def question_rows(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of a question row in their order and types.

    A frame made by hand has a column of type Null wherever every value is None. SourceError where
    a column is missing, or a nested one stands where text should.
    """
    found = rows.collect_schema()
    missing = [name for name in QUESTION_COLUMNS if name not in found]
    if missing:
        raise SourceError(
            f"these rows have no column {', '.join(missing)}; a question row has "
            f"{', '.join(QUESTION_COLUMNS)}; read question rows with read_questions, or add what "
            "is missing (null where nothing is known)"
        )
    for name in QUESTION_COLUMNS:
        if name not in _DTYPES and found[name].is_nested():
            raise SourceError(
                f"column {name} of these rows is of type {found[name]}; in a question row it is "
                "text; give the column that type"
            )
    return rows.select(pl.col(name).cast(_DTYPES.get(name, pl.String)) for name in QUESTION_COLUMNS)


def split_by_rules(
    rows: pl.LazyFrame, rules: Sequence[Rule], step: str, readings: Sequence[pl.Expr] = ()
) -> Split:
    """Question rows split by the first rule that fires, in the order of `rules`.

    `readings` are added as columns for the rules to look at, and are gone from what comes back.
    """
    judged = question_rows(rows).with_columns(readings).with_columns(first_that_fires(rules))
    rejects = judged.filter(pl.col(_FIRED).is_not_null()).with_columns(reject_columns(rules, step))
    kept = judged.filter(pl.col(_FIRED).is_null())
    return Split(kept.select(QUESTION_COLUMNS), rejects.select(REJECT_COLUMNS))
