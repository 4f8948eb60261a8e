r"""A mathematical text as a tree: what is stripped, what is a phrase, and what the parser reads."""

import re
from fractions import Fraction

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
    Symbol,
    Words,
)
from crossthink_data.rewards.notation import rewritten
from crossthink_data.rewards.quantities import units_agree
from crossthink_data.rewards.text import plain_text, tokens
from crossthink_data.rewards.units import unit_key

__all__ = [
    "bare_words",
    "plain_number",
    "read_answer",
    "spelled_number",
    "undressed",
    "with_plain_unit",
]

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?|-?\.\d{1,15}", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3}){1,4}", re.ASCII)
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{(\d{1,15})\}\{(\d{1,15})\}", re.ASCII)
_SPELLED = re.compile(r"(\d{1,15})(?:/(\d{1,15}))?", re.ASCII)

_DRESS = re.compile(r"\\[()\[\]]|(?<!\\)\$|(?<![\w)])\*\*|\*\*(?![\w(])|__|[`\"“”„«»]")
_FULL_STOP = re.compile(r"(?<!\.)\.([\s}]*)$")
_REPEATS = re.compile(r"(\b\d{1,15}\.)\((\d{1,15})\)")
_TRAILS = re.compile(r"(?i)\s{1,3}is (?:the|my) (?:final |correct )?answer\.?\s*$")
_LEADS_TO = re.compile(
    r"(?i)^(?:"
    r"(?:\\text\{)?\s*(?:the )?value of\s*\}?\s*\\?[a-z]\s*(?:\\text\{)?\s*is\s*\}?"
    r"|(?:\\mathbb\{P\}|\\Pr|Pr|P)\s*(?:\\left)?\([^()=]{1,60}(?:\\mid|\|)[^()=]{1,60}\)\s*=)"
)
_SAYS_NOTHING = re.compile(r"0\s?[A-Za-z]|[A-Za-z]\s{1,3}0")
_LONGEST_INTRODUCTION = 200
_TIMES = re.compile(r"(?<=[\d}])\s{0,3}[xX]\s{0,3}(?=10\s?\^)")
_HALF_DAY = re.compile(
    r"(?:\\(?:text|mathrm)\{)?\s*(\d{1,2}:\d\d(?::\d\d)?)[\s~]*(?:\\(?:text|mathrm)\{)?[\s~]*([AaPp])\.?\s?[Mm]\.?\s*\}?"
)
_INTRODUCTION = re.compile(r"(?i)(?:the )?(?:final )?(?:answer|result|solution)(?: is|:) *")
_SIGN_WORD = re.compile("(?i)^(?:negative|minus) ")
_PLAIN_UNIT = re.compile(r"(.*[\d)}\]])\s*([A-Za-zµ°][A-Za-z/^\d*·\s{}.\-]*)", re.DOTALL)
_LONGEST_UNIT = 40

_UNDEFINED = Words("undefined")
_UNLIMITED = Words("infinitely many")
_PHRASES: dict[str, Node] = {
    **dict.fromkeys(
        ("all real numbers", "all reals", "any real number", "all real values", "the reals"),
        Symbol("bb R"),
    ),
    **dict.fromkeys(
        ("no solution", "no solutions", "no real solution", "no real solutions", "the empty set",
         "empty set", "there is no solution", "there are no solutions"),
        Bracketed("{", "}", []),
    ),
    **dict.fromkeys(("does not exist", "dne", "undefined", "d.n.e", "not defined"), _UNDEFINED),
    **dict.fromkeys(("infinitely many", "infinitely many solutions"), _UNLIMITED),
    **dict.fromkeys(("infinity", "positive infinity"), Constant("infinity")),
    "negative infinity": Product([Number(-1), Constant("infinity")]),
}  # fmt: skip
_LONGEST_PHRASE = 60
_BEGINS_PHRASE = re.compile(
    r"(?i)(?:\\(?:text|mathrm|mbox)[a-z]*\s*\{)?[\s~]*\(?"
    r"(?:all|any|the|there|no|does|dne|d\.n|un|inf|neg|pos|empty)"
)


def read_answer(text: str, *, grouping: bool = True) -> tuple[Node | None, str]:
    r"""The text as a tree, or None with the reason why it is none.

    With `grouping` false `1,234` is two numbers.

    >>> read_answer("no solution")
    (Bracketed(left='{', right='}', items=[]), '')
    >>> read_answer(r"2 \stackrel{?}{=} 3")
    (None, 'acc:not_understood')
    """
    text = undressed(text)
    if len(text) < _LONGEST_PHRASE and _BEGINS_PHRASE.match(text):
        negative, words = bare_words(text)
        key = " ".join(words.lower().split())
        phrase = _PHRASES.get(f"negative {key}" if negative else key)
        if phrase is not None:
            return phrase, ""
    left, equals, right = text.partition("=")
    if (equals and left.strip() == right.strip()) or _SAYS_NOTHING.fullmatch(text):
        return None, "acc:not_understood"  # x = x, 0x, x 0
    may_be_clock = ":" in text and len(text) < _LONGEST_PHRASE
    clock = _HALF_DAY.fullmatch(text) if may_be_clock else None
    try:
        if clock is not None:
            return Quantity(parse(clock[1]), f"{clock[2].lower()}m"), ""
        return parse(text, grouping=grouping), ""
    except NotUnderstood:
        return None, "acc:not_understood"
    except TooLong:
        return None, "acc:over_budget"


def undressed(text: str) -> str:
    """The text without delimiters, markdown and closing punctuation, in signs the lexer knows."""
    text = rewritten(text)
    if "+/-" in text:
        text = text.replace("+/-", "\\pm ")
    if ".(" in text:
        text = _REPEATS.sub(r"\1\\overline{\2}", text)
    text = _DRESS.sub(" ", text)
    if "10" in text:
        text = _TIMES.sub(r"\\times ", text)
    text = text.strip().rstrip(",; ")
    if len(text) < _LONGEST_INTRODUCTION and ("is" in text or "|" in text):
        text = _LEADS_TO.sub("", _TRAILS.sub("", text)).strip()
    if "." in text:
        text = _FULL_STOP.sub(r"\1", text)
    if text[:1] == "*" and text[-1:] == "*":
        text = text.strip("*")
    return text


def plain_number(text: str) -> Rational | None:
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


def spelled_number(text: str) -> Rational | None:
    """The value of a number in words, "one half" or "twenty-one"; None for other texts."""
    spelled = _SPELLED.fullmatch("".join(tokens(text)))
    if spelled is None or not int(spelled[2] or 1):
        return None
    return Fraction(int(spelled[1]), int(spelled[2] or 1))


def bare_words(text: str) -> tuple[bool, str]:
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


def with_plain_unit(text: str, unit: str) -> Node | None:
    """The text as a value with `unit`, where letters behind a number spell that unit."""
    plain = plain_text(text)
    tail = plain[-_LONGEST_UNIT:]
    found = _PLAIN_UNIT.fullmatch(tail)
    if found is None:
        return None
    key = unit_key(found[2])
    if key is None or not units_agree(key, unit):
        return None
    value, _ = read_answer(plain[: len(plain) - len(tail)] + found[1])
    return None if value is None else Quantity(value, unit)
