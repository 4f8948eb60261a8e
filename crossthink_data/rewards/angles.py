r"""Degrees: with their scale, their minutes and their seconds."""

from fractions import Fraction
from typing import TYPE_CHECKING

from crossthink_data.rewards.algebra import quotient, total
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import Node, Number

if TYPE_CHECKING:
    from crossthink_data.rewards.expression import Parser

__all__ = ["minutes", "scale"]


def scale(parser: "Parser") -> str:
    """Degrees of an angle, or of Celsius or Fahrenheit where their letter follows."""
    braced = parser.kind == "{" and parser.peek(2) == "}"
    place = parser.at + braced
    letter = parser.tokens.values[place]
    if parser.kinds[place] not in ("x", "t") or letter not in ("C", "F"):
        return "°"
    for _ in range(3 if braced else 1):
        parser.advance()
    return f"°{letter}"


def minutes(parser: "Parser", degrees: Node) -> Node:
    r"""Degrees with the minutes and seconds that follow, as in `63^\circ 45^\prime`."""
    value = degrees
    for scale in (60, 3600):
        if parser.kind != "n":
            break
        part = Number(Fraction(parser.value()))
        parser.advance()
        marks = 0
        while parser.kind in ("^", "{", "}", "'"):
            marks += parser.advance() == "'"
        if marks != (1 if scale == 60 else 2):
            raise NotUnderstood
        value = total([value, quotient(part, Number(scale))])
    return value
