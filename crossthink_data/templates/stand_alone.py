"""Can a multiple-choice question stand without its options? Two rule sets that say no, and why.

A question stands alone when, with the options hidden, (1) it is a whole question or a sentence to
complete that points at nothing that is gone, (2) one answer is right up to wording, and (3) that
answer is a number, an expression, a name, a term or one natural short phrase. The first is read
off the question. Whether another answer would be as right cannot be read off a text, so the later
rules reject the askings and the answers that go with many right answers: explanations, open-ended
completions, clauses, estimates. They lose some good questions on purpose: training on a wrong gold
costs more than leaving a question out.
"""

from typing import Literal

import polars as pl

from crossthink_data.rules import Rule
from crossthink_data.templates import wordings
from crossthink_data.templates.golds import gold_text

__all__ = ["RULE_SETS", "RuleSet", "readings"]

RuleSet = Literal["strict", "paper"]


# What the rules read, all null in rows that are not mcq.
_STEM = pl.col("_stem")  # the question, stripped
_LOWER = pl.col("_lower")  # the same in lower case
_ASK = pl.col("_ask")  # its last sentence in lower case: what is asked, without the story before it
_GOLD = pl.col("_gold")  # the gold text, stripped, without its full stop
_GOLD_LOWER = pl.col("_gold_lower")
_WORDS = pl.col("_words")  # white-space words of the gold
_VALUE = pl.col("_value")  # the gold is a number, a quantity, an expression or "increases"

_BREAK = "\x1e"  # the ASCII record separator, which no question holds
_MAX_WORDS = 10  # of an answer, as the paper's
_MAX_TERM_WORDS = 5
# Of three letters and more: "4 moles of gas" is a value, a sentence with a year in it is not.
_MAX_WORDS_IN_VALUE = 3
_MAX_TEXT_WITHOUT_PASSAGE = 250  # bytes


def readings(rows: pl.LazyFrame, *, rewrite: bool) -> pl.LazyFrame:
    """The rows with the columns that rules match on; those are null where the row is not mcq.

    With `rewrite`, `_stem` is the question without its reference to the options where that leaves
    a whole one, and `_rewritten` says so.
    """
    is_mcq = pl.col("question_type") == "mcq"
    stem = pl.when(is_mcq).then(pl.col("question").str.strip_chars())
    gold = pl.when(is_mcq).then(gold_text().str.strip_chars(" .\n\t"))
    changed = _rewriting(stem) if rewrite else pl.lit(None, dtype=pl.String)
    return (
        rows.with_columns(stem.alias("_stem"), changed.alias("_changed"), gold.alias("_gold"))
        .with_columns(
            pl.coalesce("_changed", "_stem").alias("_stem"),
            pl.col("_changed").is_not_null().alias("_rewritten"),
            _GOLD.str.to_lowercase().alias("_gold_lower"),
            _GOLD.str.count_matches(r"\S+").alias("_words"),
        )
        .with_columns(_STEM.str.to_lowercase().alias("_lower"), _is_value().alias("_value"))
        .with_columns(_last_sentence(_LOWER).alias("_ask"))
    )


def _has(column: pl.Expr, pattern: str) -> pl.Expr:
    return column.str.contains(wordings.ascii_classes(pattern))


def _last_sentence(text: pl.Expr) -> pl.Expr:
    # Several times faster than one expression with a capture, whose engine walks the text twice.
    marked = text.str.replace_all(wordings.SENTENCE_BREAK, _BREAK)
    return marked.str.split(_BREAK).list.last()


def _is_value() -> pl.Expr:
    few_words = _GOLD.str.count_matches(wordings.LONG_WORD) <= _MAX_WORDS_IN_VALUE
    return (_has(_GOLD, wordings.VALUE) & few_words) | _has(_GOLD_LOWER, wordings.CHANGE)


def _rewriting(stem: pl.Expr) -> pl.Expr:
    """The question without its reference to the options, or null where it would not be whole."""
    is_the = stem.str.replace(wordings.WHICH_IS_THE, wordings.IS_THE)
    term = stem.str.replace(wordings.WHICH_TERM, wordings.TERM)
    changed = pl.when(is_the != stem).then(is_the).when(term != stem).then(term)
    compares = _has(_last_sentence(changed.str.to_lowercase()), wordings.COMPARES)
    return pl.when(~compares).then(changed)


def _found(reason: str, column: pl.Expr, pattern: str) -> Rule:
    """A rule that fires on a pattern and shows what it matched."""
    return Rule(reason, _has(column, pattern), column, f"({wordings.ascii_classes(pattern)})")


def _points_at_options() -> tuple[Rule, ...]:
    """The text, or its gold, means something that is gone once the options are hidden."""
    lists_digits = _has(_GOLD, wordings.DIGITS_GOLD) & ~_has(_STEM, r"\d")
    too_short = _STEM.str.len_bytes() < _MAX_TEXT_WITHOUT_PASSAGE
    ends_as_told = _has(_ASK, wordings.SENTENCE_END) & ~_has(_ASK, wordings.ASKS)
    return (
        _found("option_reference", _LOWER, wordings.OPTION_REFERENCE),
        _found("option_reference", _ASK, wordings.OPTION_REFERENCE_IN_ASKING),
        _found("exception", _STEM, wordings.EXCEPTION_AS_WRITTEN),
        _found("exception", _ASK, wordings.EXCEPTION),
        _found("statement_pair", _LOWER, wordings.STATEMENTS),
        _found("answer_format", _GOLD_LOWER, wordings.VERDICT_GOLD),
        _found("numbered_items", _GOLD, wordings.ITEMS_GOLD_AS_WRITTEN),
        Rule("numbered_items", lists_digits, _GOLD),
        _found("other_options", _GOLD_LOWER, wordings.OTHER_OPTIONS_GOLD),
        _found("several_blanks", _STEM, wordings.SEVERAL_BLANKS),
        _found("missing_context", _LOWER, wordings.MISSING_PICTURE),
        Rule("missing_context", too_short & _has(_LOWER, wordings.MISSING_PASSAGE), _STEM),
        Rule("no_question", ends_as_told & ~_has(_LOWER, wordings.ASKS_ANYWHERE), _ASK),
    )


def _has_other_answers() -> tuple[Rule, ...]:
    """Another answer would be as right, or the gold can be put in too many words to be matched.

    A value excuses the asking: "Why ...? 25" has one answer however it is asked for.
    """
    completes = ~_has(_ASK, r"\?")
    one_thing = _has(_ASK, wordings.ASKS_FOR_A_NAME) | _has(_ASK, wordings.LEADS_TO_ONE)
    loose = ~_VALUE & ~one_thing
    defines = _has(_ASK, wordings.DEFINITION) & ~_has(_ASK, wordings.DEFINITE) & ~_VALUE
    clause = _has(_GOLD_LOWER, wordings.CLAUSE_GOLD) & ~_VALUE
    verb = _has(_GOLD, wordings.VERB_GOLD_AS_WRITTEN) & completes
    breaks_off = completes & _has(_ASK, wordings.OPEN_COMPLETION)
    one_of_many = _has(_ASK, wordings.ONE_OF_MANY)
    return (
        Rule("answer_too_long", _WORDS > _MAX_WORDS, _GOLD),
        Rule("explanation", _has(_ASK, wordings.EXPLANATION) & loose, _ASK),
        Rule("definition", defines, _ASK),
        Rule("answer_is_a_clause", clause, _GOLD),
        Rule("answer_is_a_clause", _has(_GOLD_LOWER, wordings.GERUND_GOLD), _GOLD),
        Rule("answer_is_a_clause", verb, _GOLD),
        Rule("coarse_estimate", _coarse_estimate(), _GOLD),
        Rule("open_ended", (breaks_off | one_of_many) & loose, _ASK),
        Rule("member_of_a_class", _has(_ASK, wordings.MEMBER_OF_A_CLASS), _ASK),
        Rule("answer_not_a_term", (_WORDS > _MAX_TERM_WORDS) & ~_VALUE, _GOLD),
    )


def _coarse_estimate() -> pl.Expr:
    """The gold is an amount, asked for or given roughly, and nothing to reckon it from is given."""
    amount = _has(_GOLD_LOWER, wordings.AMOUNT_GOLD)
    rough = (
        _has(_ASK, wordings.ESTIMATE)
        | _has(_GOLD_LOWER, wordings.ESTIMATE_GOLD)
        | _has(_GOLD_LOWER, wordings.ROUND_GOLD)
    )
    reckoned = _has(_STEM, wordings.GIVEN_NUMBER) & ~_has(_ASK, wordings.AS_OF_YEAR)
    return amount & rough & ~reckoned


# The paper's own, word for word (section 2): dependence on "which of the following", answers over
# ten words.
_PAPER = (
    _found("option_reference", _LOWER, "which of the following"),
    Rule("answer_too_long", _WORDS > _MAX_WORDS, _GOLD),
)

RULE_SETS: dict[RuleSet, tuple[Rule, ...]] = {
    "strict": (*_points_at_options(), *_has_other_answers()),
    "paper": _PAPER,
}
"""Each named rule set, in the order its rules are tried; the first that fires is the reason."""
