r"""Multiple choice: which option an answer names, by a grammar of what an answer may be.

An answer is a label in one of its usual dresses, a label with its text, or the text of exactly one
option. A letter is never searched for: `An answer` does not name option A. What an answer names
does not depend on the gold, so that no answer can be right for two golds of the same options.

Where an answer can be read in two ways:

* A capital letter alone is the label, by convention, also where it is the text of some option. A
  small letter that is the text of another option than the one it labels names nothing.
* Behind `C.`, `C:`, `C)` and `(C)` the label decides: a paraphrase is fine unless it comes closer
  to another option, negates, hedges, changes a number or mentions another label. In any other form
  (`C, Paris`, `C - Paris`, `C Paris`, `Paris (C)`) the text must be that of the option.
* The literal text of exactly one option is that option, even where it looks like a label and text
  (`A. Smith`) or like several labels (`A and C`); where both readings hold, nothing is named.
* Several labels name nothing, unless the gold is several labels; then they must be the same.
"""

import re
from collections.abc import Hashable, Iterable, Mapping

from crossthink_data.rewards.labels import (
    BARE_LABELS,
    DOUBTS,
    LABEL_HEADS,
    NO_PLACE,
    WORDS,
    Labelled,
    label_behind,
    listed_labels,
    listed_without_doubt,
    lone_labels,
    split_label,
    without_intro,
)
from crossthink_data.rewards.mathematics import compile_math
from crossthink_data.rewards.text import LONGEST, plain_text, tokens
from crossthink_data.rewards.verdict import RIGHT, Judge

__all__ = ["compile_choice"]

_OTHER_LABEL = "acc:other_label"
_OTHER_OPTION = "acc:other_option"
_SEVERAL = "acc:several_labels"
_DISAGREE = "acc:label_text_disagree"
_AMBIGUOUS = "acc:ambiguous_text"
_NO_LABEL = "acc:no_label"
_NO_SUCH = "acc:no_such_label"
_TOO_LONG = "acc:over_budget"
_BAD_GOLD = "acc:gold_not_a_label"

_LONGEST_MATHEMATICS = 200

_CONFIRMS = re.compile(
    r"is\s+(?:the\s+)?(?:correct|right|best|answer)(?:\s+(?:answer|option|choice|one))?[.!]?",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\W*(?:is\s+not|isn['’]t|is\s+wrong|is\s+false|wrong|incorrect|is\s+in)")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*|\b[IVX]+\b")
_LIST = re.compile(r"[,;]|\b(?:and|or)\b")
_MATHEMATICAL = re.compile(r"[0-9\\^=<>√π∞]")

_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}
_NEGATIONS = frozenset(
    ("not", "no", "never", "none", "neither", "nor", "cannot", "without", "except", "incorrect",
     "wrong", "false")
)  # fmt: skip

_Named = tuple[int, str]
"""The place of the option that an answer names, and the reason for a gold at any other place."""


class _Options:
    """The options of a question, by place; their texts are normalised when first needed."""

    __slots__ = ("_exact", "_keys", "_mathematics", "_tokens", "_tokens_of", "count", "texts")

    def __init__(self, texts: Mapping[int, str], count: int) -> None:
        self.texts = texts
        self.count = count
        self._exact: dict[Hashable, list[int]] | None = None
        self._keys: dict[Hashable, list[int]] | None = None
        self._tokens: dict[Hashable, list[int]] | None = None
        self._tokens_of: dict[int, tuple[str, ...]] | None = None
        self._mathematics: dict[int, Judge] | None = None

    def named(self, answer: str) -> _Named:
        """What `answer` names; the place is -1 when that is not exactly one option."""
        place = self._headed(answer)
        if place != NO_PLACE:
            return place, _OTHER_LABEL
        text = answer.strip()
        if len(text) > LONGEST:
            return _only(self._literal(text, ""), _TOO_LONG)
        plain = _unquoted(plain_text(text))
        place = BARE_LABELS.get(plain, NO_PLACE)
        if NO_PLACE < place < self.count:
            return place, _OTHER_LABEL
        literal = self._literal(text, plain)
        bare, may_be_text = without_intro(plain)
        label = self._split(text, bare)
        if label is not None:
            return self._by_label(label, text, bare, literal)
        why_nothing = self._why_nothing(bare)
        if why_nothing == _SEVERAL and not literal:
            return NO_PLACE, _SEVERAL
        places = literal or self._meant(text)
        if not places and may_be_text:
            places = self._find(bare, bare)
        return _only(places, why_nothing) if places else self._by_label_behind(plain, why_nothing)

    def _headed(self, answer: str) -> int:
        """The place of the option that stands in `answer` behind its label, as templates write it.

        This is for speed: the rest of the grammar would say the same.
        """
        size = 4 if answer[:1] == "(" else 3
        place = LABEL_HEADS.get(answer[:size], NO_PLACE)
        if self.texts.get(place) != answer[size:] or answer in self.texts.values():
            return NO_PLACE
        return place

    def _split(self, text: str, bare: str) -> Labelled | None:
        """The label at the start of an answer; the rest as written where it is an option's text."""
        written = split_label(text, self.count)
        if written is not None and written.place in self._literal(written.rest, ""):
            return written
        return split_label(bare, self.count) or written

    def _by_label(self, label: Labelled, text: str, bare: str, literal: list[int]) -> _Named:
        """What an answer names that starts with a label, given what it is literally the text of."""
        place = label.place
        places = [place] if _is_no_text(label.rest) else self._of_rest(label)
        if place in places:
            agree = not literal or place in literal
            return (place, _OTHER_LABEL) if agree else (NO_PLACE, _AMBIGUOUS)
        if literal:
            return _only(literal, _AMBIGUOUS)
        if places:
            return NO_PLACE, _DISAGREE
        why_nothing = self._why_nothing(bare)
        if why_nothing == _SEVERAL:
            return NO_PLACE, _SEVERAL
        places = self._by_tokens(text) if label.decides else self._meant(text)
        if places:
            return _only(places, why_nothing)
        if not label.decides:
            return self._by_label_behind(bare, why_nothing)
        why_not = self._why_no_paraphrase(place, plain_text(label.rest))
        return (NO_PLACE, why_not) if why_not else (place, _OTHER_LABEL)

    def _of_rest(self, label: Labelled) -> list[int]:
        """The options whose text stands behind a label."""
        rest, plain = label.rest, _unquoted(plain_text(label.rest))
        if not label.decides and NO_PLACE < BARE_LABELS.get(plain.upper(), NO_PLACE) < self.count:
            return []
        places = self._find(rest, plain)
        if not places and plain[:1] == "(" and plain[-1:] == ")":
            places = self._find(plain[1:-1], plain[1:-1])
        if label.dashed and rest[0] in "0123456789.$\\":
            # The dash of `C - 5` parts label and text, that of `(C) - 5` is a minus sign.
            negative = self._find("- " + rest, "- " + plain) or self._find("-" + rest, "-" + plain)
            return (negative or places) if label.decides else (places or negative)
        return places

    def _by_label_behind(self, plain: str, why_nothing: str) -> _Named:
        """What `Paris (C)` names: the text of an option and its label behind it."""
        place, text = label_behind(plain)
        if not text or not NO_PLACE < place < self.count:
            return NO_PLACE, why_nothing
        places = self._find(text, text)
        if place in places:
            return place, _OTHER_LABEL
        return NO_PLACE, _DISAGREE if places else why_nothing

    def _find(self, text: str, plain: str) -> list[int]:
        return self._literal(text, plain) or self._meant(text)

    def _literal(self, text: str, plain: str) -> list[int]:
        """The options with this very text; failing that, with it but for case and dress."""
        if self._exact is None:
            self._exact = _places((text.strip(), at) for at, text in self.texts.items())
        places = self._exact.get(text, [])
        if places or not plain:
            return places
        if self._keys is None:
            self._keys = _places((_key(plain_text(text)), at) for at, text in self.texts.items())
        places = self._keys.get(_key(plain), [])
        if len(places) > 1:  # CO and Co
            same = [
                at for at in places if plain_text(self.texts[at]).strip(" .") == plain.strip(" .")
            ]
            return same or places
        return places

    def _meant(self, text: str) -> list[int]:
        """The options with the same tokens; failing that, of the same mathematical value."""
        return self._by_tokens(text) or self._by_mathematics(text)

    def _by_tokens(self, text: str) -> list[int]:
        if self._tokens is None:
            self._tokens = _places((found, at) for at, found in self._all_tokens().items())
        found = tokens(text)
        return self._tokens.get(found, []) if found else []

    def _all_tokens(self) -> dict[int, tuple[str, ...]]:
        if self._tokens_of is None:
            self._tokens_of = {at: tokens(text) for at, text in self.texts.items()}
        return self._tokens_of

    def _by_mathematics(self, text: str) -> list[int]:
        if ":" in text or not _is_mathematical(text) or _LIST.search(text) is not None:
            return []
        if self._mathematics is None:
            self._mathematics = {
                at: compile_math(text)
                for at, text in self.texts.items()
                if at < self.count and ":" not in text and _is_mathematical(text)
            }
        places = [at for at, judge in self._mathematics.items() if judge.judge(text) == RIGHT]
        if places and WORDS.search(text) is None:
            # Without its unit, `5` is none of `5 kg` and `5 g`.
            numbers = _NUMBERS.findall(text)
            for at in self._mathematics:
                own = self.texts[at]
                if at not in places and WORDS.search(own) and _NUMBERS.findall(own) == numbers:
                    places.append(at)
        return places

    def _why_no_paraphrase(self, place: int, said: str) -> str:
        """Empty when `said` may stand behind the label at `place`, else the reason why not."""
        own = self.texts.get(place)
        own_plain = "" if own is None else plain_text(own)
        if lone_labels(said, self.count) - lone_labels(own_plain, 26) - {place}:
            return _SEVERAL
        if own is None:
            return _DISAGREE if _DENIES.match(said) else ""
        spoken = tokens(said)
        all_tokens = self._all_tokens()
        if _contradicts(said, spoken, own_plain, all_tokens[place]):
            return _DISAGREE
        words, own_words = set(spoken), set(all_tokens[place])
        likeness = _likeness(words, own_words)
        for at, others in all_tokens.items():
            other_words = set(others)
            if at == place or not other_words:
                continue
            inside = other_words <= words and not other_words <= own_words
            if inside or _likeness(words, other_words) > likeness:
                return _DISAGREE
        return ""

    def _why_nothing(self, plain: str) -> str:
        """The reason for an answer that is no label, no label with its text and no text."""
        labels = listed_labels(plain, self.count)
        if labels is not None and len(labels) > 1:
            return _SEVERAL
        return _NO_SUCH if BARE_LABELS.get(plain.upper(), NO_PLACE) >= self.count else _NO_LABEL


def _only(places: list[int], why_nothing: str) -> _Named:
    """The one place, by its text; nothing when there are several or none."""
    if len(places) == 1:
        return places[0], _OTHER_OPTION
    return NO_PLACE, _AMBIGUOUS if places else why_nothing


def _places(keys: Iterable[tuple[Hashable, int]]) -> dict[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = {}
    for key, at in keys:
        places.setdefault(key, []).append(at)
    return places


def _key(plain: str) -> str:
    return " ".join(plain.casefold().split()).rstrip(" .")


def _unquoted(plain: str) -> str:
    if len(plain) > 2 and _QUOTES.get(plain[0]) == plain[-1]:
        return plain[1:-1].strip()
    return plain


def _is_no_text(rest: str) -> bool:
    return not rest.strip(".! ") or _CONFIRMS.fullmatch(rest) is not None


def _is_mathematical(text: str) -> bool:
    return len(text) <= _LONGEST_MATHEMATICS and _MATHEMATICAL.search(text) is not None


def _contradicts(said: str, spoken: tuple[str, ...], own: str, own_tokens: tuple[str, ...]) -> bool:
    """Whether a text behind a label hedges, negates or gives other numbers than the option."""
    new = set(spoken).difference(own_tokens)
    if not new.isdisjoint(_NEGATIONS) or not new.isdisjoint(DOUBTS):
        return True
    numbers, own_numbers = set(_NUMBERS.findall(said)), set(_NUMBERS.findall(own))
    if own_numbers and not numbers <= own_numbers:
        return True
    if _MATHEMATICAL.search(own) is None or sum(len(word) > 2 for word in WORDS.findall(own)) > 2:
        return False
    # An option that is hardly more than a formula must stand there whole, but for its unit.
    part = numbers == own_numbers and _holds(own_tokens, spoken)
    return not (part or _holds(spoken, own_tokens))


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(whole[start : start + size] == part for start in range(len(whole) - size + 1))


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


class _OneLabel:
    """A gold that is one option."""

    __slots__ = ("_count", "_options", "_place")

    def __init__(self, place: int, options: _Options) -> None:
        self._place = place
        self._count = options.count
        self._options = options

    def judge(self, answer: str) -> str:
        place = BARE_LABELS.get(answer, NO_PLACE)
        if NO_PLACE < place < self._count:
            return RIGHT if place == self._place else _OTHER_LABEL
        place, reason = self._options.named(answer)
        return RIGHT if place == self._place else reason


class _SeveralLabels:
    """A gold such as `ACD`: an answer must list these labels and no other."""

    __slots__ = ("_count", "_labels")

    def __init__(self, labels: set[int], count: int) -> None:
        self._labels = labels
        self._count = count

    def judge(self, answer: str) -> str:
        if len(answer) > LONGEST:
            return _TOO_LONG
        labels = listed_without_doubt(plain_text(answer), self._count)
        if labels is None:
            return _NO_LABEL
        return RIGHT if labels == self._labels else _OTHER_LABEL


class _NoLabel:
    """A gold that names no option: nothing is right."""

    __slots__ = ()

    def judge(self, answer: str) -> str:
        return _BAD_GOLD


def compile_choice(gold: str, options: tuple[str, ...] | None = None) -> Judge:
    """A judge of answers to a multiple-choice question whose right option is `gold`.

    `gold` is a label, a label with its text, or the text of exactly one of `options`; otherwise
    every answer has the reason `acc:gold_not_a_label`. Labels are A to Z, as far as there are
    options; without options, any letter.

    >>> judge = compile_choice("(C) Paris", ("London", "Berlin", "Paris", "Rome"))
    >>> judge.judge("c. paris"), judge.judge("Paris"), judge.judge("(B) Paris")
    ('', '', 'acc:label_text_disagree')
    >>> compile_choice("A").judge("A and C")
    'acc:several_labels'
    """
    if options:
        book = _Options(dict(enumerate(options)), min(len(options), 26))
    else:
        book = _Options({}, 26)
    place = BARE_LABELS.get(gold, NO_PLACE)
    if not NO_PLACE < place < book.count:
        place = book.named(gold)[0]
    if place == NO_PLACE:
        labels = listed_without_doubt(gold[:LONGEST], book.count if options else 10)
        if labels is None or len(labels) < 2:
            return _NoLabel()
        return _SeveralLabels(labels, book.count)
    if not options:
        label = split_label(gold.strip(), 26) or split_label(plain_text(gold), 26)
        if label is not None and label.rest:
            book = _Options({place: label.rest}, 26)
    return _OneLabel(place, book)
