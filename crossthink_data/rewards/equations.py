"""Equations and inequalities as wholes: one may be a multiple of the other."""

from fractions import Fraction

from crossthink_data.rewards.algebra import negative, product, total
from crossthink_data.rewards.enclosure import approximate
from crossthink_data.rewards.nodes import Call, Node, Number, Power, Relation, Symbol
from crossthink_data.rewards.notation import GREEK
from crossthink_data.rewards.real_sets import is_inequality
from crossthink_data.rewards.scalars import Work, renamed, same_value, symbols_of
from crossthink_data.rewards.verdict import RIGHT

__all__ = ["REVERSED", "same_equation", "same_inequality", "worked_out_value"]

REVERSED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "!=": "!="}
"""A relation's sign, read from right to left."""


_OF_ANGLES = frozenset(("sin", "cos", "tan", "cot", "sec", "csc"))


def same_equation(gold: Relation, answer: Relation, work: Work) -> bool:
    """Whether one equation is a multiple of the other: their differences keep one ratio."""
    if len(gold.sides) != 2 or len(answer.sides) != 2:
        return False
    one, other = _difference(gold), _difference(answer)
    if symbols_of(one) != symbols_of(other):
        return False
    identities = _is_identity(gold, work), _is_identity(answer, work)
    if all(identities):
        return same_value(gold.sides[0], answer.sides[0], work) == RIGHT
    return not any(identities) and _proportional(one, other, work)


def _is_identity(equation: Relation, work: Work) -> bool:
    """Whether both sides are equal for all values of the variables."""
    return same_value(equation.sides[0], equation.sides[1], work) == RIGHT


def _difference(relation: Relation) -> Node:
    return total([relation.sides[0], negative(relation.sides[-1])])


def _proportional(one: Node, other: Node, work: Work) -> bool:
    """Whether `one / other` is the same at two points, so that it is a constant."""
    crossed = product([renamed(one, "'"), other])
    return same_value(product([one, renamed(other, "'")]), crossed, work) == RIGHT


def same_inequality(gold: Relation, answer: Relation, work: Work) -> bool:
    """Whether one inequality is a multiple of the other, turned where the factor is negative."""
    if not (is_inequality(gold) and is_inequality(answer)) or len(gold.operators) != 1:
        return False
    one, other = _difference(gold), _difference(answer)
    same_way = gold.operators == answer.operators
    if not same_way and [REVERSED[gold.operators[0]]] != answer.operators:
        return False
    if symbols_of(one) != symbols_of(other) or not _proportional(one, other, work):
        return False
    point = {name: Fraction(3, 7) + place for place, name in enumerate(sorted(symbols_of(one)))}
    ours, theirs = approximate(one, point), approximate(other, point)
    if not ours or not theirs:
        return False
    return (ours * theirs > 0) == same_way


def worked_out_value(equation: Relation) -> Node | None:
    r"""The number that a gold like `\\cos \\theta = 1/2` gives to an angle or to
    `\\sigma^2`; None for others: `\\sin x = 0` asks for x."""
    if len(equation.sides) != 2:
        return None
    left, right = equation.sides
    if type(left) is Call and left.name in _OF_ANGLES:
        inner = left.arguments[0]
        is_name = type(inner) is Symbol and (inner.name in GREEK or inner.name.isupper())
    elif type(left) is Call and left.name == "abs":  # the size of a set, a determinant
        is_name = type(left.arguments[0]) is Symbol and left.arguments[0].name.isupper()
    else:
        is_name = type(left) is Power and type(left.base) is Symbol and left.base.name in GREEK
    return right if is_name and type(right) is Number else None
