"""What a generated question must be: checks that are pure functions of the question and its page.

Each check gives "" for a good question, or the offending text. They are tried in the order of
`CHECKS`; the first that fires is the reason of the reject. Written to read as an examiner would:
losing a good question costs a call, keeping a bad one costs training on it.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from crossthink_data.records import LABELS, QuestionType
from crossthink_data.rewards import compile_gold
from crossthink_data.synth.quotes import quoted_in
from crossthink_data.synth.standing import (
    asks_for_many,
    points_at_the_options,
    points_at_the_text,
)

__all__ = ["CHECKS", "Candidate", "first_fault", "named_option", "unmarked", "without_labels"]

LONGEST_QUESTION = 1500
LONGEST_OPTION = 300
SHORTEST_QUESTION = 12
FEWEST_WORDS = 3

# A right option this much longer than each other one, or shorter, is told by its length. Of the
# MMLU questions with options of a sentence, 3 % have such a long one and 2 % such a short one.
_LONGER = 1.7
_SHORTER = 2.5
_CHARACTERS_APART = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question as a model wrote it; `options` without their labels, () for an open question.

    `gold` is the place of the right option, None where the answer names none of them.
    """

    question_type: QuestionType
    question: str
    answer: str
    quote: str
    passage: str
    options: tuple[str, ...] = ()
    gold: int | None = None
    count: int = 4
    max_words: int = 10


_MARK = re.compile(
    r"\s*(?:[(\[](?:correct|right|incorrect|wrong|true|false)(?: (?:answer|option))?[)\]]"
    r"|[✓✔✗✘☑☒❌✅])\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\s*[(\[]?(?:([A-Za-z])|(\d{1,2}))[)\].:]\s+(?=\S)")


def unmarked(text: str) -> str:
    """The text of an option or answer without the mark that says whether it is right.

    >>> unmarked("iron (correct)"), unmarked("zinc ✗"), unmarked("right (of way)")
    ('iron', 'zinc', 'right (of way)')
    """
    return _MARK.sub("", text) or text


def without_labels(options: tuple[str, ...]) -> tuple[str, ...]:
    """The options, stripped; without letters or numbers in front where these count them up.

    >>> without_labels(("A) Mars", "B) Venus")), without_labels(("A. Smith", "J. Locke"))
    (('Mars', 'Venus'), ('A. Smith', 'J. Locke'))
    """
    found = [_LABEL.match(option) for option in options]
    told = ["" if label is None else (label[1] or label[2]).upper() for label in found]
    letters = list(LABELS[: len(options)])
    numbers = [str(number) for number in range(1, len(options) + 1)]
    if len(options) < 2 or told not in (letters, numbers):
        return tuple(option.strip() for option in options)
    return tuple(_LABEL.sub("", option, count=1).strip() for option in options)


def named_option(answer: str, options: tuple[str, ...]) -> int | None:
    """The place of the one option that `answer` names by text, label or both; None without one.

    Read as the reward reads an answer, after the literal text of exactly one option.

    >>> named_option("(B) Venus", ("Mars", "Venus")), named_option("Pluto", ("Mars", "Venus"))
    (1, None)
    """
    same = [place for place, option in enumerate(options) if option.strip() == answer.strip()]
    if len(same) == 1:
        return same[0]
    for place in range(len(options)):
        gold = compile_gold(LABELS[place], kind="mcq", options=options)
        if gold.judge(answer.strip()) == "":
            return place
    return None


def first_fault(candidate: Candidate) -> tuple[str, str, tuple[str, ...]]:
    """Reason and offending text of the first check that fires ("" and "" without), those passed."""
    passed: list[str] = []
    for reason, check in CHECKS:
        if detail := check(candidate):
            return reason, detail, tuple(passed)
        passed.append(reason)
    return "", "", tuple(passed)


_NOTHING = re.compile(r"[\W_]*")
_NO_OPTION = re.compile(r"[\s.…_\u200b-\u200f\u2060\ufeff]*")


def blank_field(candidate: Candidate) -> str:
    """The name of a field with nothing in it to read; an option may be a sign."""
    if _NOTHING.fullmatch(candidate.question):
        return "question"
    fields = {f"options[{place}]": text for place, text in enumerate(candidate.options)}
    fields["answer"] = candidate.answer
    blank = next((name for name, text in fields.items() if _NO_OPTION.fullmatch(text)), "")
    return blank or ("quote" if _NOTHING.fullmatch(candidate.quote) else "")


def wrong_number_of_options(candidate: Candidate) -> str:
    """How many options there are, where another number was asked for."""
    wanted = candidate.count if candidate.question_type == "mcq" else 0
    found = len(candidate.options)
    return "" if found == wanted else f"{found} options; {wanted} were asked for"


def repeated_options(candidate: Candidate) -> str:
    """An option that says what another one says, but for case, articles and punctuation."""
    known: set[str] = set()
    for option in candidate.options:
        key = _same(option)
        if key in known:
            return option
        known.add(key)
    return ""


def gold_not_in_options(candidate: Candidate) -> str:
    """The answer, where it is none of the options."""
    if candidate.question_type == "open" or candidate.gold is not None:
        return ""
    return candidate.answer


_OTHER_OPTIONS = re.compile(
    r"^(?:all|none|any|both|neither|either|some|two|more than one)(?: of)?(?: the| these| those)?"
    r" (?:above|below|options?|choices?|answers?|statements?|these|those|them|other options?"
    r"|others)\b"
    r"|\b(?:all|none|both|neither|either|any) (?:of )?the (?:above|below|(?:other )?options)\b"
    r"|^(?:all|none|both|neither)(?: of (?:them|these|those))?[.!]?$"
    r"|^(?:both |neither |only |either )?\(?[a-j]\)?(?:, \(?[a-j]\)?)*,? (?:and|or|nor|&) "
    r"\(?[a-j]\)?(?: only)?[.]?$"
    r"|^\(?[a-j]\)? only[.]?$"
    r"|^(?:it )?(?:cannot|can ?not|can't) be (?:determined|known|inferred)\b"
    r"|^(?:not (?:enough|sufficient) information|not (?:given|mentioned|stated|specified)"
    r"|insufficient information|i (?:do not|don't) know|unknown from the)\b"
    r"|^(?:n/?a|not applicable|unknown|no (?:correct )?answer|(?:another|other) answer)[.]?$"
    r"|^(?:(?:wrong|incorrect|correct|right) )?(?:option|answer|choice|distractor)(?: [a-j\d])?"
    r"[.]?$"
)
_STATES = re.compile(r"\b(?:allele|type|blood|vitamins?|hepatitis|chromosome|group|factor)s?\b")


def all_or_none_of_the_above(candidate: Candidate) -> str:
    """An option about the other options, or about what the text does not say."""
    # "A and B" are options about options, but not where letters name blood groups or vitamins.
    letters_name_things = _STATES.search(candidate.question.lower()) is not None
    for option in candidate.options:
        found = _OTHER_OPTIONS.search(" ".join(option.lower().split()))
        if found and not (letters_name_things and len(found[0]) <= 12 and "of" not in found[0]):
            return option
    return ""


def question_too_short(candidate: Candidate) -> str:
    """A question too short to ask anything."""
    question = candidate.question.strip()
    short = len(question) < SHORTEST_QUESTION or len(question.split()) < FEWEST_WORDS
    return question if short else ""


def question_too_long(candidate: Candidate) -> str:
    """The beginning of a question or option that is an essay."""
    if len(candidate.question) > LONGEST_QUESTION:
        return candidate.question[:200]
    return next((text[:200] for text in candidate.options if len(text) > LONGEST_OPTION), "")


def answer_too_long(candidate: Candidate) -> str:
    """An open answer of more words than the paper allows."""
    long = len(candidate.answer.split()) > candidate.max_words
    return candidate.answer if candidate.question_type == "open" and long else ""


_ASKS = re.compile(
    r"(?:^|[.,;:]\s)(?:name|state|identify|find|calculate|compute|determine|estimate|give|solve"
    r"|evaluate|describe|explain|define|compare|list|select|choose|complete|predict|what|which"
    r"|who|when|where|how)\b"
)


def not_a_question(candidate: Candidate) -> str:
    """A text that neither asks nor leaves a blank or an end to complete."""
    question = candidate.question.strip()
    if "?" in question or "__" in question or question.endswith((":", "…", "...", "-", "—", "–")):
        return ""
    asks = _ASKS.search(question.lower())
    # "The capital of Norway is": options complete it, and an open question cannot be left so.
    completes = candidate.question_type == "mcq" and not question.endswith((".", "!"))
    return "" if asks or completes else question[-200:]


def several_questions(candidate: Candidate) -> str:
    """Two questions in one: the last two sentences both ask."""
    sentences = re.split(r"(?<=[.?!])[\"”')]*\s+", candidate.question.strip())
    asking = [sentence for sentence in sentences[-2:] if sentence.endswith("?")]
    return " ".join(asking) if len(asking) > 1 else ""


def not_stand_alone(candidate: Candidate) -> str:
    """The words of the question, or of an option, that point at the text it was made from."""
    texts = (candidate.question, *candidate.options)
    found = points_at_the_text(candidate.question)
    return found or next(
        (f for text in texts[1:] if (f := points_at_the_text(text, whole=False))), ""
    )


_VERDICT = re.compile(r"\W*(?:yes|no|true|false)\b.*", re.IGNORECASE | re.DOTALL)


def needs_options(candidate: Candidate) -> str:
    """The words of an open question that point at options it does not have; or its yes or no."""
    if candidate.question_type == "mcq":
        return ""
    verdict = candidate.answer if _VERDICT.fullmatch(candidate.answer) else ""
    return points_at_the_options(candidate.question) or verdict


def open_ended(candidate: Candidate) -> str:
    """The words of an open question that many answers meet; an answer in figures excuses them."""
    if candidate.question_type == "mcq" or re.search(r"\d", candidate.answer):
        return ""
    return asks_for_many(candidate.question)


# Answers that a question may well contain: verdicts, directions, amounts.
_COMMON = frozenset(
    ("a", "an", "the", "of", "in", "on", "at", "to", "for", "by", "with", "from", "and", "or",
     "not", "no", "yes", "true", "false", "is", "are", "was", "were", "be", "it", "its", "as",
     "that", "this", "than", "more", "less", "most", "least", "increase", "increases",
     "increased", "increasing", "decrease", "decreases", "decreased", "decreasing", "rise",
     "rises", "fall", "falls", "high", "higher", "low", "lower", "great", "greater", "small",
     "smaller", "positive", "negative", "equal", "zero", "one", "two", "three", "four",
     "both", "neither", "all", "none", "same", "different", "always", "never", "only",
     "valid", "invalid", "guilty", "doubled", "halved", "unchanged", "constant", "legal",
     "illegal", "before", "after", "during")
)  # fmt: skip


_NAME = re.compile(r"(?:[A-Z][\w'’.-]*\s+){1,3}([A-Z][a-z]{3,})")


def gold_in_question(candidate: Candidate) -> str:
    """The right answer, where the question spells it out and none of the other options.

    Numbers, signs and words of direction are no tell; nor is an answer that the question offers
    beside another ("gains or loses heat"). The last word of a name is one: "Newton's laws".
    """
    gold = candidate.answer if candidate.gold is None else candidate.options[candidate.gold]
    others = [text for place, text in enumerate(candidate.options) if place != candidate.gold]
    name = _NAME.fullmatch(gold.strip(" ."))
    if name and re.search(rf"\b{name[1]}\b", candidate.question):
        return "" if any(name[1] in text for text in others) else name[1]
    question = f" {' '.join(_words(candidate.question))} "
    words = _words(gold)
    if not _spelled_out(words, question):
        return ""
    if any(_spelled_out(_words(text), question) for text in others):
        return ""
    return " ".join(words)


def _spelled_out(words: list[str], question: str) -> bool:
    """Whether the words stand in the question in order, without articles at their ends."""
    while words and words[0] in ("a", "an", "the"):
        words = words[1:]
    telling = [word for word in words if word not in _COMMON and not word.isdigit()]
    if not telling or max(map(len, telling)) < 4:
        return False
    return f" {' '.join(words)} " in question


def told_by_length(candidate: Candidate) -> str:
    """The right option, where it is by far the longest or the shortest."""
    if candidate.gold is None or len(candidate.options) < 2:
        return ""
    gold = candidate.options[candidate.gold]
    others = [len(text) for place, text in enumerate(candidate.options) if place != candidate.gold]
    length = len(gold)
    longest, shortest = max(others), min(others)
    is_long = length > _LONGER * longest and length - longest > _CHARACTERS_APART
    is_short = length * _SHORTER < shortest and shortest - length > _CHARACTERS_APART
    return gold if is_long or is_short else ""


def ungradable_answer(candidate: Candidate) -> str:
    """An answer that the reward would not take for itself."""
    if candidate.question_type == "open":
        graded = compile_gold(candidate.answer, kind="short_open").judge(candidate.answer) == ""
    elif candidate.gold is None:
        graded = False
    else:
        label = LABELS[candidate.gold]
        gold = compile_gold(label, kind="mcq", options=candidate.options)
        graded = gold.judge(label) == ""
    return "" if graded else candidate.answer


def quote_not_in_passage(candidate: Candidate) -> str:
    """The quotation, where it is not in the passage word for word or quotes nothing."""
    return "" if quoted_in(candidate.quote, candidate.passage) else candidate.quote[:500]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


_ARTICLE = re.compile(r"^(?:the|an?) (?=\w{3})")
_POINTS = re.compile(r"[\"'“”‘’`*]|[.,;:!?]+(?=\s|$)")


def _same(option: str) -> str:
    """What two options that say the same have in common.

    Signs and decimal points count, and so does the case of symbols: Bb is not bb.
    """
    plain = _POINTS.sub("", unicodedata.normalize("NFKC", option).replace("−", "-"))
    words = [word if len(word) < 3 else word.casefold() for word in plain.split()]
    return _ARTICLE.sub("", " ".join(words)) or option


CHECKS: tuple[tuple[str, Callable[[Candidate], str]], ...] = (
    ("wrong_number_of_options", wrong_number_of_options),
    ("blank_field", blank_field),
    ("repeated_options", repeated_options),
    ("gold_not_in_options", gold_not_in_options),
    ("all_or_none_of_the_above", all_or_none_of_the_above),
    ("question_too_short", question_too_short),
    ("question_too_long", question_too_long),
    ("answer_too_long", answer_too_long),
    ("not_a_question", not_a_question),
    ("several_questions", several_questions),
    ("not_stand_alone", not_stand_alone),
    ("needs_options", needs_options),
    ("open_ended", open_ended),
    ("gold_in_question", gold_in_question),
    ("told_by_length", told_by_length),
    ("ungradable_answer", ungradable_answer),
    ("quote_not_in_passage", quote_not_in_passage),
)
"""Each reason and its check, in the order they are tried."""
