"""What may stand behind a value as its unit: a known unit, a counted noun, a number base."""

import re
from fractions import Fraction

from crossthink_data.rewards.algebra import product
from crossthink_data.rewards.nodes import Constant, Node, Number, Quantity, Rational
from crossthink_data.rewards.notation import vocabulary
from crossthink_data.rewards.units import unit_key

__all__ = [
    "bare",
    "decimal_places",
    "is_angle",
    "is_in_base",
    "scaled",
    "unit_behind",
    "units_agree",
]

_BASE = re.compile(r"base\s*\{?\(?\s*(?:base\s*)?(\d{1,2}|[a-z]+)\s*\)?\}?\s*")
_BASES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_BASES |= {"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "sixteen": 16}
_ORDINALS = frozenset(("th", "st", "nd", "rd"))
_MOST_BITS_IN_BASE = 1000
_NOUNS = re.compile(r"[A-Za-z][A-Za-z'’.\-]*(?: [A-Za-z][A-Za-z'’.\-]*){0,3}")
# Behind a value these make it another one, or none at all.
_NO_NOUNS = vocabulary(
    "halves thirds fourths fifths sixths sevenths eighths ninths tenths hundredths thousandths "
    "squared cubed factorial if when whenever wrong incorrect false untrue error unknown "
    "or and not maybe about approximately around perhaps possibly between to than thousand "
    "million billion trillion hundred dozen dozens percent times if when where for is are was "
    "unless except half quarter third plus minus to from at least most more less negative "
    "positive infinity infinite none any all every no only either neither"
)


def unit_behind(text: str) -> str | None:
    """The key of a unit in plain text, None where the text is none.

    Units that are known have the key of their standard symbol, bases of numbers `base 5`, other
    nouns themselves in lower case and without a plural s.

    >>> unit_behind("miles") == unit_behind("mi"), unit_behind("meals"), unit_behind("or maybe 8")
    (True, 'meal', None)
    """
    text = text.strip(" .")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    base = _BASE.fullmatch(text)
    if base is not None:
        number = int(base[1]) if base[1].isdigit() else _BASES.get(base[1], 0)
        return f"base {number}" if 2 <= number <= 36 else None
    known = unit_key(text)
    if known is not None:
        return known
    if not _NOUNS.fullmatch(text):
        return None
    words = text.lower().split()
    if words[0] in _ORDINALS and len(words) > 1:
        return None  # a 5th root is no 5
    if not _NO_NOUNS.isdisjoint(words):
        return None
    return " ".join(word.removesuffix("s") for word in words)


def units_agree(first: str, second: str) -> bool:
    """Whether two keys may be one unit: one noun may leave out words of the other."""
    if first == second:
        return True
    one, other = set(first.split()), set(second.split())
    return first[:4] != "base" and (one <= other or other <= one)


def bare(node: Node) -> Node:
    """A value without its unit, percent as the fraction it is."""
    if type(node) is not Quantity:
        return node
    return (scaled(node) if node.unit.startswith("%") else None) or node.value


def is_angle(quantity: Quantity) -> bool:
    """Whether the unit is degrees or radians."""
    return quantity.unit in ("°", "rad")


def is_in_base(quantity: Quantity) -> bool:
    """Whether the value is written in the digits of another base."""
    return quantity.unit.startswith("base ")


def scaled(quantity: Quantity) -> Node | None:
    """The number that percent, an angle or digits in a base stand for; None for other units.

    None too for digits that are too many, or none of the base.
    """
    value = quantity.value
    if quantity.unit.startswith("%"):
        return product([Number(Fraction(1, 100)), value])
    if quantity.unit == "°":
        return product([Number(Fraction(1, 180)), Constant("pi"), value])
    if quantity.unit == "rad":
        return value
    if not is_in_base(quantity) or type(value) is not Number or type(value.value) is not int:
        return None
    if value.value.bit_length() > _MOST_BITS_IN_BASE:
        return None
    base, digits = int(quantity.unit[5:]), str(abs(value.value))
    if max(map(int, digits)) >= base:
        return None
    return Number(int(digits, base) * (-1 if value.value < 0 else 1))


def decimal_places(value: Rational) -> int | None:
    """How many decimals a rational needs; None where none suffice.

    >>> decimal_places(Fraction(577, 1000)), decimal_places(5), decimal_places(Fraction(1, 3))
    (3, 0, None)
    """
    rest, twos, fives = value.denominator, 0, 0
    while not rest % 2:
        rest, twos = rest // 2, twos + 1
    while not rest % 5:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None
