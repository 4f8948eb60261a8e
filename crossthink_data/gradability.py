r"""Whether a row's own gold scores 1.0 under the reward that will train on it.

The gold is put into a well-formed completion, as `<think>...</think> \boxed{gold}`, and graded. A
gold that no grammar reads passes too: its own characters are right, and only they and their usual
dress are, so a model that means the same in other words is not paid. What is found here is a gold
that no completion can say, or that says nothing or too much.

What trains is the ground truth of the training row: for mcq the letter with the text and the letter
alone, whichever `blend` is asked for, otherwise the answer. Most golds are words and numbers that
the form alone decides; only the others are handed to the reward.
"""

from collections.abc import Iterable

import polars as pl

from crossthink_data.records import ANSWER_KINDS
from crossthink_data.rewards import explain
from crossthink_data.rewards.format import final_box
from crossthink_data.rewards.rows import bare_gold
from crossthink_data.rules import Rule
from crossthink_data.templates.golds import render_answer

__all__ = ["GRADABILITY", "PLAIN_GOLDS", "gold_not_gradable", "why_not_gradable"]

_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?"
_GROUPED = r"-?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}"
_FRACTION = r"-?\\[dt]?frac\{-?[0-9]{1,9}\}\{[1-9][0-9]{0,8}\}|-?[0-9]{1,9}/[1-9][0-9]{0,8}"
_SURD = r"-?(?:[1-9][0-9]{0,5})?\\sqrt\{[1-9][0-9]{0,5}\}"
_INTERVAL = r"[(\[]-?[0-9]{1,9}, ?-?[0-9]{1,9}[)\]]"
_WORD = r"[A-Za-z]{1,30}"

PLAIN_GOLDS = {
    "math": rf"^(?:{_NUMBER}|{_GROUPED}|{_FRACTION}|{_SURD}|{_INTERVAL})$",
    "short_open": rf"^{_WORD}(?: {_WORD}){{0,11}}$",
    "mcq": r"^[A-Za-z0-9][A-Za-z0-9 ,.'()/%:;-]{0,400}$",
}
"""Answer kind -> golds that are gradable whatever else the row holds. Never true of any other."""

_FIELDS = ("answer_kind", "options", "answer", "answer_label")


def _is_plain() -> pl.Expr:
    kind, answer = pl.col("answer_kind"), pl.col("answer").str.strip_chars()
    plain = [(kind == name) & answer.str.contains(form) for name, form in PLAIN_GOLDS.items()]
    return pl.any_horizontal(plain)


GRADABILITY = (
    pl.when(pl.col("answer").is_not_null() & ~_is_plain())
    .then(pl.struct(_FIELDS))
    .map_batches(lambda rows: _why_not(rows), return_dtype=pl.String, is_elementwise=True)
    .alias("_why_not_gradable")
)
"""What `gold_not_gradable` reads: null for a gradable gold, otherwise the reason and the gold."""


def gold_not_gradable() -> Rule:
    """Reject rows whose own gold does not score 1.0 under the reward. Reads GRADABILITY."""
    why = pl.col("_why_not_gradable")
    return Rule("gold_not_gradable", why.is_not_null(), why)


def why_not_gradable(kind: str, gold: str, options: Iterable[object] | None = None) -> str | None:
    r"""None when a model that answers with the gold itself scores 1.0, else the reward's reason.

    A worked solution is said as it stands: its boxes must agree, and the last is the gold.

    >>> why_not_gradable("math", r"\frac{1}{2}"), why_not_gradable("math", r"\frac{1}{2")
    (None, 'format:unclosed_box')
    """
    is_worked_out = final_box(gold) is not None
    completion = "<think>...</think> " + (gold if is_worked_out else f"\\boxed{{{gold}}}")
    return explain(completion, bare_gold(gold), kind=kind, options=options).reason or None


def _why_not(rows: pl.Series) -> pl.Series:
    """For each row the reason and the gold; null where that is gradable and for null rows."""
    doubtful = rows.struct.unnest().with_row_index("at").drop_nulls("answer")
    golds = doubtful.select(
        "at",
        "answer_kind",
        "options",
        render_answer("long").alias("long"),
        render_answer("short").alias("short"),
    )
    found: list[str | None] = [None] * len(rows)
    known: dict[tuple[str, str], str | None] = {}
    for at, kind, options, long, short in golds.drop_nulls("long").iter_rows():
        if kind == "mcq":
            found[at] = _first_reason(kind, (long, short), options)
        elif kind in ANSWER_KINDS:
            if (kind, long) not in known:
                known[kind, long] = _first_reason(kind, (long,), None)
            found[at] = known[kind, long]
    return pl.Series(rows.name, found, dtype=pl.String)


def _first_reason(kind: str, golds: Iterable[str], options: list[str] | None) -> str | None:
    for gold in golds:
        if (reason := why_not_gradable(kind, gold, options)) is not None:
            return f"{reason}: {gold}"
    return None
