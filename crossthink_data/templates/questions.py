"""Question templates (paper section 2, T_MCQ and T_Open): with the options, or without them."""

import json
from typing import Literal, get_args

import polars as pl

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS, question_id
from crossthink_data.rules import (
    Rule,
    Split,
    first_that_fires,
    question_rows,
    reject_columns,
    split_by_rules,
)
from crossthink_data.templates.gold_rules import GOLD_RULES, READINGS
from crossthink_data.templates.golds import gold_text
from crossthink_data.templates.stand_alone import RULE_SETS, RuleSet, readings

__all__ = ["QuestionTemplate", "apply_template"]

QuestionTemplate = Literal["mcq", "open", "keep"]

_STEP = "template"
_IS_MCQ = (pl.col("question_type") == "mcq").fill_null(value=False)


def apply_template(
    rows: pl.LazyFrame, *, question: QuestionTemplate = "keep", rules: RuleSet = "strict"
) -> Split:
    """Question rows in the form asked for, and the rows that cannot take it, with the reason.

    `keep` passes every row as it is. `mcq` passes mcq rows as they are and rejects open rows as
    `no_options`. `open` passes open rows as they are and takes the options away from mcq rows:
    question_type `open`, answer_kind `math` in domain `mr` and `short_open` elsewhere, the right
    option's text as the answer, no label, no attempts (they were made with the options in sight),
    a new id; origin_id and provenance stay. A question that only had to lose its "which of the
    following" is `rewritten` in its provenance, beside `original_question`. Every row of the input
    is in one of the two frames, in the order it came.

    Reasons of `open`, first that fires: `unreadable_row` for an mcq row of another answer_kind,
    those of `GOLD_RULES`, as `filter` gives them (no later step could see these defects once the
    options are gone), then those of the rule set, in the order of its tuple in `stand_alone`.
    SourceError where a column of a question row is missing.

    >>> row = {
    ...     "id": "0" * 16, "origin_id": "0" * 16, "source": "mine", "domain": "gpr",
    ...     "question_type": "mcq", "answer_kind": "mcq", "subject": None,
    ...     "question": "What is the capital of Norway?", "options": ["Bergen", "Oslo"],
    ...     "answer": "Oslo", "answer_label": "B", "attempts": None, "provenance": "{}",
    ... }
    >>> vague = row | {"question": "Which of the following is true of Norway?"}
    >>> kept, rejects = apply_template(pl.LazyFrame([row, vague]), question="open")
    >>> kept.select("question", "options", "answer", "answer_kind").collect().rows()
    [('What is the capital of Norway?', None, 'Oslo', 'short_open')]
    >>> rejects.select("reason", "detail").collect().rows()
    [('option_reference', 'which of the following')]
    """
    if rules not in RULE_SETS:
        raise RecipeError(f"rules {rules!r} is not a rule set; {did_you_mean(rules, RULE_SETS)}")
    if question == "keep":
        return split_by_rules(rows, (), _STEP)
    if question == "mcq":
        return split_by_rules(rows, (_NO_OPTIONS,), _STEP)
    if question == "open":
        return _open(rows, rules)
    known = did_you_mean(question, get_args(QuestionTemplate))
    raise RecipeError(f"question {question!r} is not a template; {known}")


_NO_OPTIONS = Rule("no_options", ~_IS_MCQ, pl.col("question_type"))
# The row contradicts itself; as an open row it would no longer show.
_OTHER_KIND = Rule(
    "unreadable_row",
    pl.col("answer_kind").ne_missing("mcq"),
    pl.concat_str(pl.lit("answer_kind="), pl.col("answer_kind").fill_null("null")),
)


def _open(rows: pl.LazyFrame, rule_set: RuleSet) -> Split:
    # The gold first, under every rule set: once the options are gone `filter` cannot look at it.
    rules = (_OTHER_KIND, *GOLD_RULES, *RULE_SETS[rule_set])
    read = question_rows(rows).with_columns(READINGS)
    judged = readings(read, rewrite=rule_set == "strict").with_columns(
        pl.when(_IS_MCQ).then(first_that_fires(rules)).alias("_fired")
    )
    rejects = judged.filter(pl.col("_fired").is_not_null())
    kept = _without_options(judged.filter(pl.col("_fired").is_null()))
    return Split(
        kept.select(QUESTION_COLUMNS),
        rejects.with_columns(reject_columns(rules, _STEP)).select(REJECT_COLUMNS),
    )


def _without_options(judged: pl.LazyFrame) -> pl.LazyFrame:
    """Every mcq row as an open one; the other rows as they are."""
    kind = pl.when(pl.col("domain") == "mr").then(pl.lit("math")).otherwise(pl.lit("short_open"))
    is_rewritten = pl.col("_rewritten")
    told = (
        pl.when(is_rewritten)
        .then(pl.struct("provenance", "question"))
        .map_batches(_told_of_rewriting, return_dtype=pl.String, is_elementwise=True)
    )
    changed = {
        "question_type": pl.lit("open"),
        "answer_kind": kind,
        "question": pl.when(is_rewritten).then("_stem").otherwise("question"),
        "answer": gold_text(),
        "options": None,
        "answer_label": None,
        "attempts": None,
        "provenance": pl.coalesce(told, "provenance"),
    }
    opened = judged.with_columns(_IS_MCQ.alias("_opened")).with_columns(
        pl.when(_IS_MCQ).then(new).otherwise(pl.col(name)).alias(name)
        for name, new in changed.items()
    )
    fields = pl.struct("source", "question", "answer")
    new_id = (
        pl.when("_opened")
        .then(fields)
        .map_batches(_ids, return_dtype=pl.String, is_elementwise=True)
    )
    return opened.with_columns(pl.coalesce(new_id, "id").alias("id"))


# Hashing and JSON are what polars has no expression for; only the rows that change come here.
def _ids(fields: pl.Series) -> pl.Series:
    """The id of each open question, from its source, question and answer; null for null."""
    ids = [
        None
        if row is None
        else question_id(row["source"], "open", row["question"], None, row["answer"])
        for row in fields
    ]
    return pl.Series(fields.name, ids, dtype=pl.String)


def _told_of_rewriting(fields: pl.Series) -> pl.Series:
    """Each provenance with `rewritten` and `original_question` in it; null for null."""
    told = [
        None if row is None else _with_original(row["provenance"], row["question"])
        for row in fields
    ]
    return pl.Series(fields.name, told, dtype=pl.String)


def _with_original(provenance: str | None, question: str) -> str:
    try:
        known = json.loads(provenance or "{}")
    except json.JSONDecodeError:
        known = None
    # Whatever stood there is kept: a broken provenance must not cost the row.
    entries = known if isinstance(known, dict) else {"provenance": provenance}
    entries |= {"rewritten": True, "original_question": question}
    return json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
