r"""The labels of multiple choice: their dresses, and what an answer says around them.

Texts are read from their start and as a whole. A letter is never searched for, except to see that
a text behind a label mentions no other one.
"""

import re
import string
from typing import NamedTuple

__all__ = [
    "BARE_LABELS",
    "DOUBTS",
    "LABEL_HEADS",
    "NO_PLACE",
    "WORDS",
    "Labelled",
    "label_behind",
    "listed_labels",
    "listed_without_doubt",
    "lone_labels",
    "split_label",
    "without_intro",
]

NO_PLACE = -1
"""Stands for no label; others are their place in the alphabet, from 0."""

_DRESSES = (
    "{0}", "({0})", "{0}.", "{0})", "({0}).", "{0}:", "[{0}]", "**{0}**", "**({0})**", "${0}$",
    "\\text{{{0}}}", "\\text{{({0})}}", "\\textbf{{{0}}}", "\\textbf{{({0})}}", "\\mathrm{{{0}}}",
    "\\mathrm{{({0})}}", "\\mathbf{{{0}}}", "\\mathbf{{({0})}}", "Option {0}", "option {0}",
)  # fmt: skip
BARE_LABELS = {
    dress.format(letter): place
    for place, letter in enumerate(string.ascii_uppercase)
    for dress in _DRESSES
}
"""The commonest dresses of a capital label alone -> its place; others are left to the grammar."""
LABEL_HEADS = {
    head.format(letter): place
    for place, letter in enumerate(string.ascii_uppercase)
    for head in ("({0}) ", "{0}. ", "{0}) ", "{0}: ")
}
"""The commonest forms of a label before its text -> its place."""

_INTRO = re.compile(
    r"(?:(?:the|my)\s+)?(?:(?:final|correct|right|best)\s+){0,3}"
    r"(?:(?P<answer>answer|solution)|option|choice|letter)\b"
    r"(?:\s+(?:is|would\s+be|should\s+be))?\s*[:=]?\s*"
    r"(?P<label>(?:the\s+)?(?:option|choice|letter)\b\s*:?\s*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:\(\s*([A-Za-z])[.:]?\s*\)|\[\s*([A-Za-z])\s*\]|\{\s*([A-Za-z])\s*\}|<\s*([A-Za-z])\s*>"
    r"|(?P<bare>[A-Za-z]))(?P<marks>[.:)]{0,2})(?P<gap>\s*)"
    r"(?P<link>[-–—−](?=\s)|[–—,;:=/]|→)?(?P<space>\s*)"
)
_LABEL_BEHIND = re.compile(r"[(\[]\s*([A-Za-z])\s*[)\]]\.?$")
_LONE_LABEL = re.compile(
    r"(?<![\w'’=^*])(?<![=^*] )([A-Z])(?![\w'’+#]|-[a-z]|\s*[=^*<>])|\(\s*([a-z])\s*\)"
)
_SMALL = frozenset(string.ascii_lowercase)
WORDS = re.compile(r"[^\W\d_]+")

DOUBTS = frozenset(["or", "either", "neither", "nor", "maybe", "perhaps", "not"])
_JOINERS = DOUBTS | {
    "and", "both", "all", "the", "are", "is", "correct", "also", "answer", "answers",
    "option", "options", "choice", "choices",
}  # fmt: skip


class Labelled(NamedTuple):
    """An answer that starts with a label: the label's place and what is written behind it."""

    place: int
    rest: str
    decides: bool
    """The label is marked as one (`C.`, `(C)`), so that the rest may be a paraphrase."""
    dashed: bool
    """A dash stood before the rest, which could be a minus sign."""


def _place(letter: str) -> int:
    """The place of a letter of the alphabet, in either case."""
    return ord(letter.upper()) - ord("A")


def without_intro(plain: str) -> tuple[str, bool]:
    """What follows `The answer is` and the like, and whether it may be an option's text."""
    bare, may_be_text = plain, False
    for _ in range(2):
        intro = _INTRO.match(bare)
        if intro is None or intro.end() == len(bare):
            break
        bare = bare[intro.end() :]
        may_be_text = intro["answer"] is not None and intro["label"] is None
    return bare, may_be_text


def split_label(text: str, count: int) -> Labelled | None:
    """The label at the start of `text` and the rest; None when it starts with something else."""
    found = _LABEL.match(text)
    if found is None:
        return None
    letter = found["bare"] or found[1] or found[2] or found[3] or found[4]
    place = _place(letter)
    if place >= count:
        return None
    rest = text[found.end() :]
    marked = found["bare"] is None or bool(found["marks"])
    linked = found["link"] is not None
    if (linked and not rest) or not (marked or linked or found["gap"] or not rest):
        return None
    if letter == "a" and not (marked or linked) and rest[:1].isalpha():
        return None  # the article
    spaced = bool(found["gap"] or found["space"])
    return Labelled(
        place,
        rest,
        decides=marked and spaced and (not linked or found["link"] in ":-–—−"),
        dashed=linked and found["link"] in "-–—−",
    )


def label_behind(plain: str) -> tuple[int, str]:
    """The label in brackets that ends an answer, and the text before it; -1 without one.

    >>> label_behind("Paris (C)")
    (2, 'Paris')
    """
    found = _LABEL_BEHIND.search(plain[-8:])
    if found is None:
        return NO_PLACE, plain
    return _place(found[1]), plain[: len(plain) - len(found[0])].strip()


def lone_labels(plain: str, count: int) -> set[int]:
    """The labels that stand alone in a text; the article A and the pronoun I left out."""
    labels = set()
    for found in _LONE_LABEL.finditer(plain):
        letter = found[1] or found[2]
        next_word = WORDS.match(plain, found.end() + 1) if letter in "AI" else None
        if next_word and next_word[0].islower() and next_word[0] not in _JOINERS:
            continue
        labels.add(_place(letter))
    return {label for label in labels if label < count}


def listed_labels(plain: str, count: int) -> set[int] | None:
    """The labels of an answer that holds nothing else but joining words; None for any other.

    >>> sorted(listed_labels("A, C and D", 4)), listed_labels("C++", 2)
    ([0, 2, 3], None)
    """
    letters = [word for word in WORDS.findall(plain) if word.lower() not in _JOINERS]
    labels: set[int] = set()
    for word in letters:
        one_word = {_place(letter) for letter in word if "A" <= letter <= "Z" or word in _SMALL}
        if len(one_word) < len(word) or max(one_word) >= count:
            return None
        labels |= one_word
    mixed = any(word in _SMALL for word in letters) and any(map(str.isupper, letters))
    return None if mixed or any(map(str.isdigit, plain)) else labels


def listed_without_doubt(plain: str, count: int) -> set[int] | None:
    """The `listed_labels` of an answer that does not hedge."""
    if not DOUBTS.isdisjoint(word.lower() for word in WORDS.findall(plain)):
        return None
    return listed_labels(plain, count)
