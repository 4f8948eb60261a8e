"""Mathematical answers: equal values and equivalent expressions, whatever their notation."""

import re
from collections.abc import Iterator

from crossthink_data.rewards.equality import same_answer
from crossthink_data.rewards.nodes import Node, Number, Quantity, Relation, Sum, Symbol, Words
from crossthink_data.rewards.readings import (
    bare_words,
    plain_number,
    read_answer,
    spelled_number,
    undressed,
    with_plain_unit,
)
from crossthink_data.rewards.scalars import ParsedGold, Work, symbols_of, with_symbol
from crossthink_data.rewards.text import tokens
from crossthink_data.rewards.verdict import RIGHT, Judge

__all__ = ["compile_math"]

_LIGHT = re.compile(
    r"\\(?:left|right)(?![A-Za-z])|\\[,;:!]|\$|(?<![\w\\,])[\s~]+|(?<!\\)[\s~]+(?!\w)"
)
_GROUPED = re.compile(r"\d,\d{3}(?!\d)")
_PLAIN_WORDS = re.compile(r"[\w ,.;:'’\"\-!?&%]+")
_HAS_WORD = re.compile("[A-Za-z]{2}")
_CONSTANT = re.compile("[CcKkAB](?:_[0-9])?")
_HAS_CONSTANT = re.compile("(?<![A-Za-z])[CcKkAB](?![A-Za-z])")
_MOST_CONSTANTS = 6
_LONGEST = 20_000


class _MathGold:
    __slots__ = ("_is_read", "_light", "_number", "_parsed", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        # With a comma it may also be a list, and the first reading must not be the last.
        self._number = None if "," in self._text else plain_number(self._text)
        self._light = ""
        self._parsed: ParsedGold | None = None
        self._is_read = False

    def judge(self, answer: str) -> str:
        answer = answer.strip()
        if answer == self._text:
            return RIGHT
        if self._number is not None:
            number = plain_number(answer)
            if number is not None:
                return RIGHT if number == self._number else "acc:not_equal"
        if len(answer) > _LONGEST or len(self._text) > _LONGEST:
            return "acc:over_budget"
        if not self._light:
            self._light = _light(self._text)
        if _light(answer) == self._light:
            return RIGHT
        return self._equal(answer)

    def _equal(self, answer: str) -> str:
        """The verdict of the parsed forms, in every way that the texts can be read."""
        if not self._is_read:
            number = self._number
            parsed_node = Number(number) if number is not None else read_answer(self._text)[0]
            # One assignment, so that another thread sees a gold that is whole, or none.
            self._parsed = None if parsed_node is None else ParsedGold(parsed_node)
            self._is_read = True
        parsed = self._parsed
        gold = None if parsed is None else parsed.node
        node, reason = read_answer(answer)
        if gold is None or node is None or type(node) is Words or type(gold) is Words:
            if node is not None and node is gold:  # one phrase
                return RIGHT
            if type(gold) is Quantity:
                with_unit = with_plain_unit(answer, gold.unit)
                if with_unit is not None:
                    return same_answer(gold, with_unit, Work(parsed))
            return self._in_words(answer, reason)
        work = Work(parsed)
        verdict = same_answer(gold, node, work)
        if verdict == RIGHT:
            return RIGHT
        for one, other in self._other_readings(gold, answer, node):
            if same_answer(one, other, work) == RIGHT:
                return RIGHT
        return verdict

    def _in_words(self, answer: str, reason: str) -> str:
        """Words, and what no grammar reads, are equal when they have the same tokens."""
        if _light(undressed(answer)) == _light(undressed(self._text)):
            return RIGHT
        negative, ours = bare_words(self._text)
        answer_negative, theirs = bare_words(answer)
        if not _PLAIN_WORDS.fullmatch(theirs):
            return reason or "acc:not_equal"
        if self._number is not None and _HAS_WORD.search(theirs):
            spelled = spelled_number(theirs)
            value = -spelled if spelled is not None and answer_negative else spelled
            return RIGHT if value == self._number else reason or "acc:not_equal"
        has_word = _HAS_WORD.search(ours) or _HAS_WORD.search(theirs)
        if not has_word or not _PLAIN_WORDS.fullmatch(ours):
            return reason or "acc:not_equal"
        same = negative == answer_negative and tokens(ours) == tokens(theirs)
        return RIGHT if same else "acc:not_equal"

    def _other_readings(self, gold: Node, answer: str, node: Node) -> Iterator[tuple[Node, Node]]:
        """Pairs of gold and answer where a comma or letters behind a number can be read anew."""
        if _GROUPED.search(answer) or _GROUPED.search(self._text):
            ours, _ = read_answer(self._text, grouping=False)
            theirs, _ = read_answer(answer, grouping=False)
            if ours is not None and theirs is not None:
                yield ours, theirs
        if type(gold) is Quantity and type(node) is not Quantity:
            with_unit = with_plain_unit(answer, gold.unit)
            if with_unit is not None:
                yield gold, with_unit
        elif type(node) is Quantity and type(gold) is not Quantity:
            with_unit = with_plain_unit(self._text, node.unit)
            if with_unit is not None:
                yield with_unit, node
        if _HAS_CONSTANT.search(self._text) and _HAS_CONSTANT.search(answer):
            constant = _other_constant(gold, node)
            if constant is not None:
                yield gold, constant


def compile_math(gold: str, options: tuple[str, ...] | None = None) -> Judge:
    r"""A judge of mathematical answers; it parses the gold when first it must.

    >>> gold = compile_math(r"\frac{\sqrt{2}}{2}")
    >>> gold.judge("2^{-1/2}"), gold.judge("0.7071")
    ('', 'acc:not_equal')
    """
    return _MathGold(gold)


def _light(text: str) -> str:
    """The text without what never changes its meaning; white space between words stays."""
    if "\\" in text:
        text = (
            text.replace("\\displaystyle", "")
            .replace("\\dfrac", "\\frac")
            .replace("\\tfrac", "\\frac")
        )
    return _LIGHT.sub("", text)


def _other_constant(gold: Node, answer: Node) -> Node | None:
    """The answer with its constants of integration named as the gold names its own."""
    ours, theirs = symbols_of(gold), symbols_of(answer)
    wanted, found = sorted(ours - theirs), sorted(theirs - ours)
    if not wanted or len(wanted) != len(found) or len(wanted) > _MOST_CONSTANTS:
        return None
    if not all(_CONSTANT.fullmatch(name) for name in (*wanted, *found)):
        return None
    for name, other in zip(wanted, found, strict=True):
        if name.partition("_")[2] != other.partition("_")[2]:
            return None
        if "_" not in name and not (_is_added(gold, name) and _is_added(answer, other)):
            return None
        answer = with_symbol(answer, other, Symbol(name))
    return answer


def _is_added(node: Node, name: str) -> bool:
    """Whether the variable is a term of the sum that the node is, or gives a name to."""
    last = node.sides[-1] if type(node) is Relation else node
    terms = last.terms if type(last) is Sum else []
    return any(type(term) is Symbol and term.name == name for term in terms)
