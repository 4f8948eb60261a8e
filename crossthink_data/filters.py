r"""The paper's filter H (section 2) and the project's own filters, each with the reason it gives.

The order of `QUALITY_RULES` is the order of application: the first rule to fire names the reason.
A rule is a polars expression over one row; it opens no file and sees no neighbours.
"""

import re

import polars as pl

from crossthink_data.records import ANSWER_KINDS, DOMAINS, LABELS, QUESTION_TYPES
from crossthink_data.rules import Rule, Split, split_by_rules

__all__ = ["QUALITY_RULES", "READINGS", "RENDER_RULES", "apply_filters", "hard_for_rules"]

_IS_MCQ = pl.col("question_type") == "mcq"
_IS_MATH = pl.col("answer_kind") == "math"
_OPTIONS = pl.col("options")
_ANSWER = pl.col("answer").str.strip_chars()
_LABEL = pl.col("answer_label").str.strip_chars()
_LABEL_INDEX = _LABEL.replace_strict(
    {label: index for index, label in enumerate(LABELS)}, default=None, return_dtype=pl.Int64
)
_MATH_QUESTION = pl.when(_IS_MATH & ~_IS_MCQ).then(pl.col("question"))
_HAS_ANSWER = _ANSWER.fill_null("") != ""
_HAS_LABEL = _LABEL.fill_null("") != ""
_LABEL_AND_OPTIONS = pl.concat_str(
    pl.col("answer_label").fill_null(""),
    pl.lit(" among "),
    _OPTIONS.list.len().fill_null(0),
    pl.lit(" options"),
)
_START = r"(?:^|\n|[.?!:;。；：，,$)]\s*)\s*"
_PARTS = (
    ("(1)", "(2)"),
    ("(a)", "(b)"),
    ("(I)", "(II)"),
    ("(i)", "(ii)"),
    ("（1）", "（2）"),
    ("①", "②"),
)
_ASKS = (
    r"(?i)\b(?:find|determine|compute|calculate|evaluate|what|how many|how much|which of|solve|"
    r"express|give|list|enter|when|where|who|write|simplify)\b|\?|？|求"
)
_PROOF_STEMS = ("Prove", "prove", "Show", "show", "erify", "emonstrate")


def _blank(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars() == ""


def _options_that_say_the_answer() -> pl.Expr:
    """How many of the first 26 options have the answer's text, both stripped."""
    return pl.sum_horizontal(
        (_OPTIONS.list.get(at, null_on_oob=True).str.strip_chars() == _ANSWER)
        for at in range(len(LABELS))
    )


_SAYING = pl.col("_options_that_say_the_answer")
"""The column of `READINGS` that more than one rule looks at."""

READINGS = (_options_that_say_the_answer().alias("_options_that_say_the_answer"),)
"""What rules of this module read beside the columns of a row; costly enough to compute once."""


def unreadable_row() -> Rule:
    """Reject rows that no step can place: a key column is null or outside its vocabulary."""
    vocabularies = {
        "domain": DOMAINS,
        "question_type": QUESTION_TYPES,
        "answer_kind": ANSWER_KINDS,
    }
    problems = [_blank(name) for name in ("id", "origin_id", "source")]
    problems += [
        ~pl.col(name).is_in(list(words)).fill_null(value=False)
        for name, words in vocabularies.items()
    ]
    kinds_disagree = _IS_MCQ != (pl.col("answer_kind") == "mcq")
    no_object = ~pl.col("provenance").str.contains(r"^\s*\{[\s\S]*\}\s*$").fill_null(value=False)
    detail = pl.concat_str(
        (
            pl.concat_str(pl.lit(f"{name}="), pl.col(name).fill_null("null"))
            for name in ("id", "origin_id", "source", *vocabularies, "provenance")
        ),
        separator=", ",
    )
    return Rule("unreadable_row", pl.any_horizontal(*problems, kinds_disagree, no_object), detail)


def question_missing() -> Rule:
    """Reject rows whose question is null, empty or blank."""
    return Rule("question_missing", _blank("question"), pl.col("question"))


def options_too_few() -> Rule:
    """Reject mcq rows with fewer than two options: there is nothing to choose."""
    few = _IS_MCQ & (_OPTIONS.list.len().fill_null(0) < 2)
    return Rule("options_too_few", few, _OPTIONS.list.join(" | ", ignore_nulls=True))


def options_too_many() -> Rule:
    """Reject mcq rows with more options than there are letters to label them."""
    many = _IS_MCQ & (_OPTIONS.list.len() > len(LABELS))
    return Rule("options_too_many", many, _LABEL_AND_OPTIONS)


def several_answers() -> Rule:
    """Reject rows with more than one right answer: several labels, or a problem in numbered parts.

    Multi-part problems box one answer a part (NuminaMath); the last box alone would be a wrong
    gold. Numbered conditions are no parts: a part asks for something before the next one starts.
    """
    several_labels = _LABEL.str.contains(r"[A-Za-z]\s*[,;/&]\s*[A-Za-z]|^[A-Z]{2,}$")
    parts = pl.any_horizontal(_has_parts(*marks) for marks in _PARTS)
    rejects = several_labels | parts
    return Rule("several_answers", rejects, pl.coalesce(pl.col("answer_label"), pl.col("question")))


def _has_parts(first: str, second: str) -> pl.Expr:
    # A plain search is many times cheaper than the expression, and nearly always says no.
    first_found = _MATH_QUESTION.str.contains(first, literal=True)
    second_found = _MATH_QUESTION.str.contains(second, literal=True)
    text = pl.when(first_found & second_found).then(_MATH_QUESTION)
    between = text.str.extract(rf"(?s){_START}{re.escape(first)}(.*?){re.escape(second)}")
    return between.str.contains(_ASKS) | between.str.contains(r"(?i)\b(?:prove|show)\b")


def label_out_of_range() -> Rule:
    """Reject mcq rows whose label names no option of theirs."""
    outside = (_LABEL_INDEX >= _OPTIONS.list.len().cast(pl.Int64)).fill_null(value=True)
    return Rule("label_out_of_range", _IS_MCQ & _HAS_LABEL & outside, _LABEL_AND_OPTIONS)


def answer_missing() -> Rule:
    """Reject rows whose answer is null, empty or blank (the paper's H)."""
    return Rule("answer_missing", ~_HAS_ANSWER, pl.col("answer"))


def answer_not_an_option() -> Rule:
    """Reject mcq rows whose answer is the text of none of their options (the paper's H)."""
    rejects = _IS_MCQ & (_SAYING == 0)
    return Rule("answer_not_an_option", rejects, pl.col("answer"))


def options_duplicate_answer() -> Rule:
    """Reject mcq rows where more than one option has the answer's text: two letters are right."""
    rejects = _IS_MCQ & (_SAYING > 1)
    return Rule("options_duplicate_answer", rejects, pl.col("answer"))


def label_answer_mismatch() -> Rule:
    """Reject mcq rows whose label names one option and whose answer is the text of another."""
    named = _OPTIONS.list.get(_LABEL_INDEX, null_on_oob=True).str.strip_chars()
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


def not_an_answer() -> Rule:
    r"""Reject math rows that ask for a proof or whose answer is a word for having none.

    NuminaMath stores `proof` and `notfound`; its CoT solutions box \blacksquare and the like.
    A problem that says "prove" and asks for nothing else has no answer to compare.
    """
    bare = (
        pl.when(_IS_MATH)
        .then(_ANSWER)
        .str.replace_all(r"\\(?:text|mathrm|textbf|mathbf|boxed)\b|[{}$\s.,!~]", "")
    )
    no_answer = bare.str.to_lowercase().str.contains(
        r"^(?:proof(?:complete|required|needed|omitted)?|(?:the)?proofis\w*|proved|proven|qed|notfound|"
        r"noanswer|unknown|undetermined|n/a|seesolution|seeproof|seebelow|"
        r"\\blacksquare|\\square|\\box|\\qed|\\checkmark|■|□|∎)$"
    )
    # A plain search is many times cheaper than the expressions, and nearly always says no.
    may_ask = pl.any_horizontal(
        _MATH_QUESTION.str.contains(stem, literal=True) for stem in _PROOF_STEMS
    )
    question = pl.when(may_ask).then(_MATH_QUESTION)
    asks_proof = question.str.contains(
        r"(?i)(?:^|[.;:,\n$]\s*(?:\(?\w{1,3}[.)]\s*)?)\s*(?:then\s+|also\s+|now\s+)?"
        r"(?:prove|show|demonstrate|verify)\s+(?:that|the|:|if|$|\\|\$)"
    )
    asks_value = question.str.contains(_ASKS)
    # A missing value that some program printed; "none" in a sentence's dress can be an answer.
    printed_null = _ANSWER.is_in(["None", "null", "NaN", "nan"])
    rejects = _IS_MATH & (no_answer | printed_null | (asks_proof & ~asks_value))
    return Rule(
        "not_an_answer",
        rejects,
        pl.concat_str(_ANSWER.fill_null(""), pl.lit(" <- "), pl.col("question")),
    )


def answer_is_a_label() -> Rule:
    r"""Reject open math rows that are multiple choice in disguise: a letter, options in the text.

    NuminaMath keeps `A. ... B. ...` inside such problems and boxes `\text{C}`; asked for the final
    value, a model would give the option's text. A letter is a fine answer elsewhere (a point, a
    column), so the question must list options A, B and C and not ask for a letter itself.
    """
    letter = (
        pl.when(_IS_MATH & ~_IS_MCQ)
        .then(_ANSWER)
        .str.extract(r"^\$?\\?(?:(?:text|textbf|mathrm|mathbf|rm)\s*)?[{(\s]*([A-H])[})\s.]*\$?$")
    )
    question = pl.when(letter.is_not_null()).then(pl.col("question"))
    lists_options = pl.all_horizontal(
        question.str.contains(rf"\({label}\)|(?:^|[\s{{$}}]){label}[).:．、]") for label in "ABC"
    )
    asks_letter = question.str.contains(r"(?i)\bletter\b|\bA\$?, \$?B\$?,")
    return Rule("answer_is_a_label", lists_options & ~asks_letter, pl.col("answer"))


def answer_too_long(max_words: int = 10) -> Rule:
    """Reject short_open rows whose answer has more than `max_words` words (the paper's H).

    A word is a run of non-space characters.
    """
    words = _ANSWER.str.count_matches(r"\S+")
    rejects = (pl.col("answer_kind") == "short_open") & (words > max_words)
    return Rule("answer_too_long", rejects, pl.col("answer"))


def hard_for_rules(model: str, max_pass_rate: float = 0.0) -> tuple[Rule, ...]:
    """Reject rows that `model` solves more often than `max_pass_rate`, and rows it never tried.

    Reads attempts; several entries of one model count together. The paper keeps the unsolved rows:
    a pass rate of 0 (section 4, Table 7).
    """
    of_model = pl.col("attempts").list.filter(pl.element().struct.field("model") == model)
    solved, tried = (
        of_model.list.eval(pl.element().struct.field(name)).list.sum().fill_null(0).cast(pl.Int64)
        for name in ("solved", "tried")
    )
    seen = pl.concat_str(pl.lit(f"{model} solved "), solved, pl.lit(" of "), tried)
    return (
        Rule("difficulty_unknown", tried == 0, seen),
        Rule("too_easy", (tried > 0) & (solved / tried > max_pass_rate), seen),
    )


RENDER_RULES: tuple[Rule, ...] = (
    unreadable_row(),
    question_missing(),
    options_too_few(),
    options_too_many(),
    several_answers(),
    label_out_of_range(),
    answer_missing(),
    answer_not_an_option(),
)
"""Without these a row has no prompt or no gold; `blend --unfiltered` still applies them."""

QUALITY_RULES: tuple[Rule, ...] = (
    *RENDER_RULES,
    options_duplicate_answer(),
    label_answer_mismatch(),
    not_an_answer(),
    answer_is_a_label(),
)
"""What `filter` always applies, in this order; `answer_too_long` and difficulty follow."""


def apply_filters(
    rows: pl.LazyFrame,
    *,
    max_words: int = 10,
    hard_for: str | None = None,
    max_pass_rate: float = 0.0,
) -> Split:
    """Rows that pass the paper's H and the project's own rules, and the rejects with their reasons.

    `hard_for` also drops what that model solves more often than `max_pass_rate` or never tried.

    >>> row = {
    ...     "id": "0" * 16, "origin_id": "0" * 16, "source": "mine", "domain": "gpr",
    ...     "question_type": "open", "answer_kind": "short_open", "subject": None,
    ...     "question": "Which gas do plants take in?", "options": None,
    ...     "answer": "carbon dioxide", "answer_label": None, "attempts": None, "provenance": "{}",
    ... }
    >>> blank = row | {"answer": "  "}
    >>> wordy = row | {"answer": "the gas that we breathe out and that plants turn into sugar"}
    >>> kept, rejects = apply_filters(pl.LazyFrame([row, blank, wordy]))
    >>> kept.collect()["answer"].to_list(), rejects.collect()["reason"].to_list()
    (['carbon dioxide'], ['answer_missing', 'answer_too_long'])
    """
    rules = (*QUALITY_RULES, answer_too_long(max_words))
    if hard_for is not None:
        rules += hard_for_rules(hard_for, max_pass_rate)
    return split_by_rules(rows, rules, "filter", READINGS)
