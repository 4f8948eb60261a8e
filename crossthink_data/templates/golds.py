"""The gold of a question row: its letter, its text, and how a training row writes it.

Every module that needs to know which option is right asks here, so that a label and an answer text
that disagree are resolved the same way everywhere.
"""

from typing import Literal

import polars as pl

from crossthink_data.records import LABELS

__all__ = [
    "AnswerTemplate",
    "gold_index",
    "gold_label",
    "gold_text",
    "label_index",
    "render_answer",
]

AnswerTemplate = Literal["long", "short"]

_INDEX_OF_LABEL = {label: index for index, label in enumerate(LABELS)}


def gold_index(most_options: int = len(LABELS)) -> pl.Expr:
    """Position of the right option from 0, as Int64; null where neither label nor answer names one.

    Reads options, answer, answer_label. The label decides where it is a capital letter in range;
    otherwise the first option whose text equals the answer, both stripped of surrounding white
    space. No row may have more than `most_options`; a caller that knows them to be few saves time.
    """
    by_label = label_index()
    in_range = by_label < pl.col("options").list.len().cast(pl.Int64)
    return (
        pl.when(in_range)
        .then(by_label)
        .otherwise(_index_of_answer(most_options))
        .alias("gold_index")
    )


def label_index() -> pl.Expr:
    """Position from 0 that the label names, as Int64; null where it is not one capital letter."""
    label = pl.col("answer_label").str.strip_chars()
    return label.replace_strict(_INDEX_OF_LABEL, default=None, return_dtype=pl.Int64)


def _index_of_answer(most_options: int) -> pl.Expr:
    """Position of the option that says what the answer says, both stripped; null where none."""
    options = pl.col("options")
    answer = pl.col("answer").str.strip_chars()
    index = pl.lit(None, dtype=pl.Int64)
    # From the last letter down, so that of two equal options the first wins.
    for position in reversed(range(most_options)):
        option = options.list.get(position, null_on_oob=True).str.strip_chars()
        index = pl.when(option == answer).then(pl.lit(position, dtype=pl.Int64)).otherwise(index)
    return index


def gold_label(index: pl.Expr | None = None) -> pl.Expr:
    """Letter of the right option, as `gold_index` finds it; null where there is none.

    `index` is a column that holds `gold_index()` already.
    """
    position = gold_index() if index is None else index
    letters = dict(enumerate(LABELS))
    label = position.replace_strict(letters, default=None, return_dtype=pl.String)
    return label.alias("gold_label")


def gold_text() -> pl.Expr:
    """Text of the gold, stripped: the right option of a row that has one, otherwise the answer.

    Null where both are missing. Reads options, answer, answer_label.
    """
    option = pl.col("options").list.get(gold_index(), null_on_oob=True)
    return pl.coalesce(option, pl.col("answer")).str.strip_chars().alias("gold_text")


def render_answer(answer: AnswerTemplate, index: pl.Expr | None = None) -> pl.Expr:
    """Ground truth of a training row: mcq long `(B) text`, mcq short `B`, otherwise the answer.

    Reads answer_kind, options, answer, answer_label. Null where the gold cannot be told. `index`
    is a column that holds `gold_index()` already; without it the gold is looked up twice.
    """
    position = gold_index() if index is None else index
    label = gold_label(position)
    option = pl.col("options").list.get(position, null_on_oob=True).str.strip_chars()
    chosen = label if answer == "short" else pl.concat_str(pl.lit("("), label, pl.lit(") "), option)
    is_mcq = pl.col("answer_kind") == "mcq"
    return pl.when(is_mcq).then(chosen).otherwise(pl.col("answer")).alias("ground_truth")
