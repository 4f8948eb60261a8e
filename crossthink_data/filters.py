r"""The paper's filter H (section 2) and the project's own filters, each with the reason it gives.

The order of `QUALITY_RULES` is the order of application: the first rule to fire names the reason.
A rule is a polars expression over one row; it opens no file and sees no neighbours.
"""

import polars as pl

from crossthink_data.gradability import GRADABILITY, gold_not_gradable
from crossthink_data.records import ANSWER_KINDS, DOMAINS, QUESTION_TYPES
from crossthink_data.rules import Rule, Split, is_blank, split_by_rules
from crossthink_data.templates.gold_rules import GOLD_RULES, NO_GOLD_RULES, READINGS
from crossthink_data.templates.wordings import ascii_classes

__all__ = ["QUALITY_RULES", "READINGS", "RENDER_RULES", "apply_filters", "hard_for_rules"]

_IS_MCQ = pl.col("question_type") == "mcq"
_IS_MATH = pl.col("answer_kind") == "math"
_ANSWER = pl.col("answer").str.strip_chars()
_MATH_QUESTION = pl.when(_IS_MATH & ~_IS_MCQ).then(pl.col("question"))
_MATH_PROVENANCE = pl.when(_IS_MATH).then(pl.col("provenance"))

# Parts of a problem. A mark in brackets may follow any of these; one without, like "1." or "a)",
# only what ends a line or a sentence, or coordinates and decimals would be parts.
_START = r"(?:^|[\n.?!:;。；：，,$)]\s*)"
_SENTENCE_START = r"(?:^|[\n。；：？！]\s*|[.?!:;$)]\s+)"
_MAY_HAVE_PARTS = (
    r"\(2\)|\(b\)|\(ii\)|\(II\)|\(Ⅱ\)|（2）|（b）|（ii）|（II）|（Ⅱ）|②|"
    r"2\. |2\.\n|2\) |b\) |2、|2．"
)
# The marks are replaced by control characters that no question holds.
_MARKS = (
    (rf"{_START}(?:[(（](?:1|a|i|I|Ⅰ)[)）]|①)\s*", "\x01"),
    (r"([^A-Za-z}'])[(（](?:2|b|ii|II|Ⅱ)[)）]|②", "${1}\x02"),  # not the 2 of f(2)
    (rf"({_SENTENCE_START})(?:[1a]\)\s+|1\.\s+|1[、．]\s*)", "${1}\x03"),
    (rf"({_SENTENCE_START})(?:[2b]\)\s|2\.\s|2[、．])", "${1}\x04"),
)
_ASKS = (
    r"(?i:\b(?:find|determine|compute|calculate|evaluate|what|how many|how much|which of|solve|"
    r"express|give|list|enter|when|where|who|write|simplify|prove|show)\b)|[?？求]|计算|多少|证明"
)
# Behind a bare number or letter stand conditions too, steps of a game ("1. Write a number down.")
# and yes-or-no questions to be counted: such a part must begin by asking, or ask what or how many.
_BEGINS_BY_ASKING = (
    r"\$?(?i:(?:(?:now|also|then|hence),? )?(?:find|determine|compute|calculate|evaluate|what|how|"
    r"solve|simplify|prove|show that)\b)"
)
_ASKS_WHAT = r"(?i:\b(?:what|how many|how much)\b[^.\n\x03\x04]*[?？])|求|证明|计算|多少"
_PARTS_ASK = ascii_classes(
    rf"\x01[^\x01\x02]*?(?:{_ASKS})[^\x01\x02]*\x02|"
    rf"\x03(?:{_BEGINS_BY_ASKING}|[^\x03\x04]*?(?:{_ASKS_WHAT}))[^\x03\x04]*\x04"
)

_MAY_ASK_PROOF = "[Pp]rove|[Ss]how|erify|emonstrate|PROVE|证明|求证"
_ASKS_PROOF = (
    r"(?i)(?:^|[.;:,\n$)\]]\s*(?:\(?\w{1,3}[.)]\s*)?)\s*(?:then\s+|also\s+|now\s+)?"
    r"(?:prove\b|(?:show|demonstrate|verify)(?:\s+(?:that|the|if)\b|\s*(?:[:,$\\]|$)))"
    r"|(?:^|[\s。．.，,；;：:$）)])\s*(?:试|请|并|则)?(?:证明|求证)"
)
# What a problem asks for beside its proof. "where" and "who" explain the claim there, and a verb
# like "write" asks only where it opens a clause: "prove that we can write n as a sum".
_ASKS_VALUE = (
    r"(?i)\b(?:find|determine|compute|calculate|evaluate|what|how many|how much|which of|solve)\b|"
    r"(?:^|[.;:,$\n]\s*|\b(?:and|then|hence|also)\s+)(?:express|give|list|enter|write|simplify)\b|"
    r"\?|？|求(?:[^证]|$)|计算|多少|什么|哪|几(?:[^何]|$)|写出|确定|化简"
)

_TEXT = r"\\?(?:(?:text|textbf|textrm|mathrm|mathbf|mathsf|rm|bf)\s*)?"
_LETTER = rf"^\$?{_TEXT}[{{(\s]*([A-H])[}})\s.]*\$?$"
_LETTER_AND_VALUE = rf"^\$?{_TEXT}\{{?\s*\(?([A-H])(?:\)|\.\s*\}}?\s*[^\s}}$])"


def unreadable_row() -> Rule:
    """Reject rows that no step can place: a key column is null or outside its vocabulary.

    Of `provenance` only the form is checked, braces around whatever is in it: parsing the JSON of
    every row would cost more than all other rules together.
    """
    vocabularies = {
        "domain": DOMAINS,
        "question_type": QUESTION_TYPES,
        "answer_kind": ANSWER_KINDS,
    }
    problems = [is_blank(pl.col(name)) for name in ("id", "origin_id", "source")]
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
    return Rule("question_missing", is_blank(pl.col("question")), pl.col("question"))


def several_parts() -> Rule:
    """Reject math rows that are problems in numbered parts, as `several_answers`.

    They box one answer a part (NuminaMath); the last box alone would be a wrong gold. Numbered
    conditions are no parts: a part asks for something before the next one starts.
    """
    # One cheap search that nearly always says no, before the expressions that cost.
    may_have = _MATH_QUESTION.str.contains(_MAY_HAVE_PARTS)
    text: pl.Expr = pl.when(may_have).then(_MATH_QUESTION)
    for mark, sign in _MARKS:
        text = text.str.replace_all(mark, sign)
    return Rule("several_answers", text.str.contains(_PARTS_ASK), pl.col("question"))


def not_an_answer() -> Rule:
    r"""Reject math rows that ask for a proof or whose answer is a word or sign for having none.

    NuminaMath stores `proof` and `notfound`, and 1.5 says `question_type` "proof"; CoT solutions
    box \blacksquare and the like. A problem that says "prove" and asks for nothing else has no
    answer to compare.
    """
    answer = pl.when(_IS_MATH).then(_ANSWER)
    bare = answer.str.replace_all(r"\\(?:text|mathrm|textbf|mathbf|boxed)\b|[{}$\s.,!~]", "")
    no_answer = bare.str.to_lowercase().str.contains(
        r"^(?:proof(?:complete|required|needed|omitted)?|(?:the)?proofis\w*|proved|proven|qed|notfound|"
        r"noanswer|unknown|undetermined|n/a|seesolution|seeproof|seebelow|"
        r"\\blacksquare|\\square|\\box|\\qed|\\checkmark|■|□|∎)$"
    )
    placeholder = answer.str.contains(r"^[$\s]*(?:(?:[-–—−?？.…_]|\\[lc]?dots)[$\s]*)+$")
    # A missing value that some program printed; "none" in a sentence's dress can be an answer.
    printed_null = answer.str.contains(r"^(?:None|null|NaN|nan|-?inf|-?Infinity)$")
    # An empty box: nothing is left of the answer but its markup.
    only_markup = (answer != "") & answer.str.replace_all(
        r"\\(?:text|mathrm|textbf|mathbf|boxed)\b|\\[()\[\],;! ]|[{}$\s~]", ""
    ).is_in([""])
    published_proof = _MATH_PROVENANCE.str.contains(r'"question_type"\s*:\s*"proof"')
    question = pl.when(_MATH_QUESTION.str.contains(_MAY_ASK_PROOF)).then(_MATH_QUESTION)
    asks_proof = question.str.contains(_ASKS_PROOF) & ~question.str.contains(_ASKS_VALUE)
    return Rule(
        "not_an_answer",
        pl.any_horizontal(
            no_answer, placeholder, printed_null, only_markup, published_proof, asks_proof
        ),
        pl.concat_str(_ANSWER.fill_null(""), pl.lit(" <- "), pl.col("question")),
    )


def published_as_invalid() -> Rule:
    """Reject math rows that their publisher found wanting: problem or solution is not valid.

    NuminaMath 1.5 says `problem_is_valid` and `solution_is_valid`, "Yes" or what is wrong instead
    ("Incomplete", "Problem not solved"); the adapter leaves nulls out, and they say nothing.
    """
    judged = _MATH_PROVENANCE.str.contains("_is_valid", literal=True)
    text = pl.when(judged).then(_MATH_PROVENANCE)
    verdicts = (
        text.str.extract(rf'"{part}_is_valid"\s*:\s*"?([^",}}]+)')
        for part in ("problem", "solution")
    )
    found_wanting = [
        ~verdict.str.to_lowercase().is_in(["yes", "true", "null"]) for verdict in verdicts
    ]
    return Rule("published_as_invalid", pl.any_horizontal(found_wanting), pl.col("provenance"))


def answer_is_a_label() -> Rule:
    r"""Reject open rows that are multiple choice in disguise: a letter, options in the text.

    NuminaMath keeps `A. ... B. ...` inside such problems and boxes `\text{C}` or `\textbf{(C)}\ 5`;
    asked for the final value, a model would give the option's text. A letter is a fine answer
    elsewhere (a point, a column), so the question must list options A, B and C and not ask for a
    letter itself. Two options are enough where a bracket marks them, as in `A) ... B) ...`.
    """
    answer = pl.when(~_IS_MCQ).then(_ANSWER)
    letter = pl.coalesce(answer.str.extract(_LETTER), answer.str.extract(_LETTER_AND_VALUE))
    question = pl.when(letter.is_not_null()).then(pl.col("question"))
    listed = {label: question.str.contains(_option_mark(label, r"[).:．、]")) for label in "ABC"}
    two = question.str.contains(rf"(?s){_option_mark('A', '[)]')}.*?{_option_mark('B', '[)]')}")
    lists_options = pl.all_horizontal(listed.values()) | (two & letter.is_in(["A", "B"]))
    asks_letter = question.str.contains(r"(?i)\bletter\b|\bA\$?, \$?B\$?,")
    return Rule("answer_is_a_label", lists_options & ~asks_letter, pl.col("answer"))


def _option_mark(label: str, behind: str) -> str:
    # A letter before the bracket makes it a function's argument, P(A), but for a command, \quad(A).
    return rf"(?:(?:^|[^A-Za-z]|quad)\({label}\)|(?:^|[\s{{$}}]){label}{behind})"


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
    several_parts(),
    *NO_GOLD_RULES,
)
"""Without these a row has no prompt or no gold; `blend --unfiltered` still applies them."""

QUALITY_RULES: tuple[Rule, ...] = (
    unreadable_row(),
    question_missing(),
    several_parts(),
    *GOLD_RULES,
    not_an_answer(),
    published_as_invalid(),
    answer_is_a_label(),
)
"""What `filter` always applies, in this order; length, difficulty and gradability follow.

`several_answers` comes twice: as parts of a math problem, and in `GOLD_RULES` as several labels.
"""


def apply_filters(
    rows: pl.LazyFrame,
    *,
    max_words: int = 10,
    hard_for: str | None = None,
    max_pass_rate: float = 0.0,
    gradable: bool = True,
) -> Split:
    """Rows that pass the paper's H and the project's own rules, and the rejects with their reasons.

    `hard_for` also drops what that model solves more often than `max_pass_rate` or never tried.
    `gradable` drops rows whose own gold would not score 1.0 under the reward.

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
    if not gradable:
        return split_by_rules(rows, rules, "filter", READINGS)
    return split_by_rules(rows, (*rules, gold_not_gradable()), "filter", (*READINGS, GRADABILITY))
