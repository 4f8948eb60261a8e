"""Mathematical answers: equal values and equivalent expressions, whatever their notation."""

import re
from collections.abc import Iterator
from fractions import Fraction

from crossthink_data.rewards.equality import same_answer
from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.lexer import NotUnderstood, TooLong
from crossthink_data.rewards.nodes import (
    Bracketed,
    Constant,
    Node,
    Number,
    Product,
    Quantity,
    Rational,
    Relation,
    Sum,
    Symbol,
    Words,
)
from crossthink_data.rewards.notation import rewritten
from crossthink_data.rewards.quantities import same_unit
from crossthink_data.rewards.scalars import Memo, symbols_of, with_symbol
from crossthink_data.rewards.shapes import without_notes
from crossthink_data.rewards.text import plain_text, tokens
from crossthink_data.rewards.units import unit_key
from crossthink_data.rewards.verdict import RIGHT, Judge

__all__ = ["compile_math"]

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?|-?\.\d{1,15}")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3}){1,4}")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{(\d{1,15})\}\{(\d{1,15})\}")
_LIGHT = re.compile(
    r"\\(?:left|right)(?![A-Za-z])|\\[,;:!]|\$|(?<![\w\\,])[\s~]+|(?<!\\)[\s~]+(?!\w)"
)
_DRESS = re.compile(r"\\[()\[\]]|(?<!\\)\$|(?<![\w)])\*\*|\*\*(?![\w(])|__|[`\"]")
_GROUPED = re.compile(r"\d,\d{3}(?!\d)")
_PLAIN_UNIT = re.compile(r"(.*[\d)}\].])\s*([A-Za-zµ°][A-Za-z/^\d*·\s{}\-]*)", re.DOTALL)
_PLAIN_WORDS = re.compile(r"[\w ,.;:'’\"\-!?&%]+")
_HAS_WORD = re.compile("[A-Za-z]{2}")
_CONSTANT = re.compile("[CcKkAB](?:_[0-9])?")
_INTRODUCTION = re.compile(r"(?i)(?:the )?(?:final )?(?:answer|result|solution)(?: is|:) *")
_SIGN_WORD = re.compile("(?i)^(?:negative|minus) ")
_SPELLED = re.compile(r"(\d{1,15})(?:/(\d{1,15}))?", re.ASCII)
_FULL_STOP = re.compile(r"(?<!\.)\.([\s}]*)$")
_REPEATS = re.compile(r"(\b\d{1,15}\.)\((\d{1,15})\)")
_TIMES = re.compile(r"(?<=[\d}])\s{0,3}[xX]\s{0,3}(?=10\s?\^)")
_HALF_DAY = re.compile(
    r"(\d{1,2}:\d\d(?::\d\d)?)[\s~]*(?:\\(?:text|mathrm)\{)?[\s~]*([AaPp])\.?\s?[Mm]\.?\s*\}?"
)
_HAS_CONSTANT = re.compile("(?<![A-Za-z])[CcKkAB](?![A-Za-z])")
_MOST_CONSTANTS = 6
_ALL_REALS = Symbol("bb R")
_NOTHING = Bracketed("{", "}", [])
_UNDEFINED = Words("undefined")
_UNLIMITED = Words("infinitely many")
_PHRASES: dict[str, Node] = {
    **dict.fromkeys(
        ("all real numbers", "all reals", "any real number", "all real values", "the reals"),
        _ALL_REALS,
    ),
    **dict.fromkeys(
        ("no solution", "no solutions", "no real solution", "no real solutions", "the empty set",
         "empty set", "there is no solution", "there are no solutions"),
        _NOTHING,
    ),
    **dict.fromkeys(("does not exist", "dne", "undefined", "d.n.e", "not defined"), _UNDEFINED),
    **dict.fromkeys(("infinitely many", "infinitely many solutions"), _UNLIMITED),
    "infinity": Constant("infinity"),
    "negative infinity": Product([Number(-1), Constant("infinity")]),
}  # fmt: skip
_LONGEST_PHRASE = 60
_BEGINS_PHRASE = re.compile(
    r"(?i)(?:\\(?:text|mathrm|mbox)[a-z]*\s*\{)?[\s~]*\(?(?:a|no|d|the|e|u|i|ne)"
)
_LONGEST = 20_000


class _MathGold:
    __slots__ = ("_light", "_memo", "_node", "_number", "_parsed", "_text")

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        # With a comma it may also be a list, and the first reading must not be the last.
        self._number = None if "," in self._text else _plain_number(self._text)
        self._light = ""
        self._memo: Memo = {}
        self._node: Node | None = None
        self._parsed = False

    def judge(self, answer: str) -> str:
        answer = answer.strip()
        if answer == self._text:
            return RIGHT
        if self._number is not None:
            number = _plain_number(answer)
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
        if not self._parsed:
            self._node, _ = _read(self._text)
            self._parsed = True
        node, reason = _read(answer)
        if self._node is None or node is None or type(node) is Words or type(self._node) is Words:
            if node is not None and node is self._node:  # one phrase
                return RIGHT
            return self._in_words(answer, reason)
        verdict = same_answer(self._node, node, self._memo)
        if verdict == RIGHT:
            return RIGHT
        for gold, other in self._other_readings(answer, node):
            if same_answer(gold, other, {}) == RIGHT:
                return RIGHT
        return verdict

    def _in_words(self, answer: str, reason: str) -> str:
        """Words, and what no grammar reads, are equal when they have the same tokens."""
        negative, ours = _bare_words(self._text)
        answer_negative, theirs = _bare_words(answer)
        if not _PLAIN_WORDS.fullmatch(theirs):
            return reason or "acc:not_equal"
        if self._number is not None and _HAS_WORD.search(theirs):
            spelled = _spelled_number(theirs)
            value = -spelled if spelled is not None and answer_negative else spelled
            return RIGHT if value == self._number else reason or "acc:not_equal"
        has_word = _HAS_WORD.search(ours) or _HAS_WORD.search(theirs)
        if not has_word or not _PLAIN_WORDS.fullmatch(ours):
            return reason or "acc:not_equal"
        same = negative == answer_negative and tokens(ours) == tokens(theirs)
        return RIGHT if same else "acc:not_equal"

    def _other_readings(self, answer: str, node: Node) -> Iterator[tuple[Node, Node]]:
        """Pairs of gold and answer where a comma or letters behind a number can be read anew."""
        gold = self._node
        assert gold is not None
        if _GROUPED.search(answer) or _GROUPED.search(self._text):
            ours, _ = _read(self._text, grouping=False)
            theirs, _ = _read(answer, grouping=False)
            if ours is not None and theirs is not None:
                yield ours, theirs
        if type(gold) is Quantity and type(node) is not Quantity:
            with_unit = _with_plain_unit(answer, gold.unit)
            if with_unit is not None:
                yield gold, with_unit
        elif type(node) is Quantity and type(gold) is not Quantity:
            with_unit = _with_plain_unit(self._text, node.unit)
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


def _plain_number(text: str) -> Rational | None:
    """The value of a plain decimal or a LaTeX fraction of two integers; None for other texts."""
    if text.isdigit() and len(text) < 16 and text.isascii():
        return int(text)
    if _PLAIN.fullmatch(text):
        return Fraction(text)
    if _THOUSANDS.fullmatch(text):
        return int(text.replace(",", ""))
    fraction = _FRACTION.fullmatch(text)
    if fraction is None or not int(fraction[3]):
        return None
    return Fraction(int(fraction[1] + fraction[2]), int(fraction[3]))


def _spelled_number(text: str) -> Rational | None:
    """The value of a number in words, "one half" or "twenty-one"; None for other texts."""
    spelled = _SPELLED.fullmatch("".join(tokens(text)))
    if spelled is None or not int(spelled[2] or 1):
        return None
    return Fraction(int(spelled[1]), int(spelled[2] or 1))


def _light(text: str) -> str:
    """The text without what never changes its meaning; white space between words stays."""
    if "\\" in text:
        text = text.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac")
    return _LIGHT.sub("", text)


def _read(text: str, *, grouping: bool = True) -> tuple[Node | None, str]:
    """The parsed text, or None with the reason why it is not."""
    text = rewritten(text).replace("+/-", "\\pm ")
    text = _REPEATS.sub(r"\1\\overline{\2}", text)
    text = _TIMES.sub(r"\\times ", _DRESS.sub(" ", text)).strip().rstrip(",; ")
    text = _FULL_STOP.sub(r"\1", text)
    if text[:1] == "*" and text[-1:] == "*":
        text = text.strip("*")
    if len(text) < _LONGEST_PHRASE and _BEGINS_PHRASE.match(text):
        negative, words = _bare_words(text)
        key = " ".join(words.lower().split())
        phrase = _PHRASES.get(f"negative {key}" if negative else key)
        if phrase is not None:
            return phrase, ""
    clock = _HALF_DAY.fullmatch(text)
    try:
        if clock is not None:
            return Quantity(parse(clock[1]), f"{clock[2].lower()}m"), ""
        return without_notes(parse(text, grouping=grouping)), ""
    except NotUnderstood:
        return None, "acc:not_understood"
    except TooLong:
        return None, "acc:over_budget"


def _bare_words(text: str) -> tuple[bool, str]:
    """Whether a sign stands in front, and plain text without it, introduction and brackets.

    The sign is looked for in the text as it stands: in prose a dash in front is a bullet.
    """
    text = _DRESS.sub(" ", text).strip()
    signed = text.startswith("-")
    plain = _INTRODUCTION.sub("", plain_text(text.lstrip("-")).strip())
    spelled = _SIGN_WORD.match(plain)
    if spelled is not None:
        plain = plain[spelled.end() :]
    if plain.startswith("(") and plain.find(")") == len(plain) - 1:
        plain = plain[1:-1]
    return signed != (spelled is not None), plain


def _with_plain_unit(text: str, unit: str) -> Node | None:
    """The text as a value with `unit`, where letters behind a number spell that unit."""
    found = _PLAIN_UNIT.fullmatch(plain_text(text))
    if found is None:
        return None
    key = unit_key(found[2])
    if key is None or not same_unit(key, unit):
        return None
    value, _ = _read(found[1])
    return None if value is None else Quantity(value, unit)


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
