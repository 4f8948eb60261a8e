"""Whether the gold of a question row can be told: rules that `filter` and `open` share.

`filter` applies them to every row, `open` to every mcq row before its options go: what they find
out by looking at options and label, nobody could find out afterwards.

A label is one capital letter. "b" may be a slip for "B" or the name of something else, and a
published row is not repaired: it is `label_out_of_range`.
"""

import polars as pl

from crossthink_data.records import LABELS
from crossthink_data.rules import Rule, is_blank
from crossthink_data.templates.golds import label_index

__all__ = ["GOLD_RULES", "NO_GOLD_RULES", "READINGS"]

_IS_MCQ = pl.col("question_type") == "mcq"
_OPTIONS = pl.col("options")
_SIZE = _OPTIONS.list.len().fill_null(0)
_JOINED = _OPTIONS.list.join(" | ", ignore_nulls=True)
_ANSWER = pl.col("answer").str.strip_chars()
_LABEL = pl.col("answer_label").str.strip_chars()
_HAS_LABEL = ~is_blank(pl.col("answer_label"))
_LABEL_AND_OPTIONS = pl.concat_str(
    pl.col("answer_label").fill_null(""), pl.lit(" among "), _SIZE, pl.lit(" options")
)


def _options_that_say_the_answer() -> pl.Expr:
    """How many of the first 26 options have the answer's text, both stripped."""
    return pl.sum_horizontal(
        (_OPTIONS.list.get(at, null_on_oob=True).str.strip_chars() == _ANSWER)
        for at in range(len(LABELS))
    )


def _options_that_say_something() -> pl.Expr:
    """How many options are neither null nor blank; 0 where there are none."""
    says = _OPTIONS.list.eval(~is_blank(pl.element()))
    return says.list.sum().fill_null(0)


_SAYING = pl.col("_options_that_say_the_answer")
_TELLING = pl.col("_options_that_say_something")

READINGS = (
    pl.when(_IS_MCQ).then(_options_that_say_the_answer()).alias("_options_that_say_the_answer"),
    pl.when(_IS_MCQ).then(_options_that_say_something()).alias("_options_that_say_something"),
)
"""What the rules read beside the columns of a row; costly enough to compute once."""


def options_too_few() -> Rule:
    """Reject mcq rows with fewer than two options that say something: there is no choice."""
    return Rule("options_too_few", _IS_MCQ & (_TELLING < 2), _JOINED)


def options_too_many() -> Rule:
    """Reject mcq rows with more options than there are letters to label them."""
    return Rule("options_too_many", _IS_MCQ & (_SIZE > len(LABELS)), _LABEL_AND_OPTIONS)


def option_missing() -> Rule:
    """Reject mcq rows with a null or blank option: it is shown as a letter with nothing behind."""
    detail = pl.concat_str(
        _SIZE - _TELLING, pl.lit(" of "), _SIZE, pl.lit(" options say nothing: "), _JOINED
    )
    return Rule("option_missing", _IS_MCQ & (_TELLING < _SIZE), detail)


def several_answers() -> Rule:
    """Reject rows with more than one label: `A,C`, `A and C`, `AC`, in brackets or not."""
    letter = r"[\[(\"'\s]*[A-Za-z][\])\"'.\s]*"
    between = r"(?:[,;/&|+、，；]|\b(?:and|or)\b)"
    several = _LABEL.str.contains(rf"^{letter}(?:{between}{letter})+$|^[A-Z](?:\s*[A-Z])+$")
    return Rule("several_answers", several, pl.col("answer_label"))


def label_out_of_range() -> Rule:
    """Reject mcq rows whose label names no option of theirs."""
    outside = (label_index() >= _SIZE.cast(pl.Int64)).fill_null(value=True)
    return Rule("label_out_of_range", _IS_MCQ & _HAS_LABEL & outside, _LABEL_AND_OPTIONS)


def answer_missing() -> Rule:
    """Reject rows whose answer is null, empty or blank (the paper's H), label or not."""
    return Rule("answer_missing", is_blank(pl.col("answer")), pl.col("answer"))


def answer_not_an_option() -> Rule:
    """Reject mcq rows whose answer is the text of none of their options (the paper's H)."""
    return Rule("answer_not_an_option", _IS_MCQ & (_SAYING == 0), pl.col("answer"))


def options_duplicate_answer() -> Rule:
    """Reject mcq rows where more than one option has the answer's text: two letters are right."""
    return Rule("options_duplicate_answer", _IS_MCQ & (_SAYING > 1), pl.col("answer"))


def label_answer_mismatch() -> Rule:
    """Reject mcq rows whose label names one option and whose answer is the text of another."""
    named = _OPTIONS.list.get(label_index(), null_on_oob=True).str.strip_chars()
    detail = pl.concat_str(
        pl.lit("label "),
        _LABEL,
        pl.lit(" is "),
        named.fill_null("null"),
        pl.lit(", answer is "),
        _ANSWER,
    )
    return Rule(
        "label_answer_mismatch", _IS_MCQ & _HAS_LABEL & (named.fill_null("") != _ANSWER), detail
    )


NO_GOLD_RULES: tuple[Rule, ...] = (
    options_too_few(),
    options_too_many(),
    option_missing(),
    several_answers(),
    label_out_of_range(),
    answer_missing(),
    answer_not_an_option(),
)
"""The options cannot be shown, or none of them is the gold."""

GOLD_RULES: tuple[Rule, ...] = (
    *NO_GOLD_RULES,
    options_duplicate_answer(),
    label_answer_mismatch(),
)
"""These and the rows whose gold is told twice, in the order in which they are tried."""
