"""Sets of real numbers: intervals, their unions, single points, and what inequalities say."""

from collections.abc import Iterable
from typing import NamedTuple

from crossthink_data.rewards.algebra import negative, product, quotient, total
from crossthink_data.rewards.enclosure import approximate
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Node,
    Number,
    Power,
    Product,
    Relation,
    Sequence,
    Sum,
    Symbol,
)
from crossthink_data.rewards.scalars import BOUND, Work, is_infinite, same_value, symbols_of
from crossthink_data.rewards.verdict import RIGHT

__all__ = ["RealSet", "is_inequality", "real_set", "same_set"]

_MOST_PIECES = 40
_INFINITY = Constant("infinity")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}


class Piece(NamedTuple):
    """All numbers between two ends; an end is in the set where it is closed."""

    low: Node
    low_closed: bool
    high: Node
    high_closed: bool


class RealSet(NamedTuple):
    """A union of pieces, and the variable of the inequality that says it, if it has one."""

    pieces: list[Piece]
    variable: str


def is_inequality(node: Node) -> bool:
    """Whether the node is a chain of order relations."""
    return type(node) is Relation and all(operator in _FLIPPED for operator in node.operators)


def real_set(node: Node, work: Work) -> RealSet | None:
    """The set that a node says, None where it says none."""
    try:
        return _read(node, work)
    except NotUnderstood:
        return None


def _read(node: Node, work: Work) -> RealSet | None:
    if type(node) is Bracketed:
        return _bracketed(node)
    if type(node) is Call and node.name == "cup":
        return _union(_read(part, work) for part in node.arguments)
    if type(node) is Call and node.name == "setminus" and len(node.arguments) == 2:
        return _without(*[_read(part, work) for part in node.arguments])
    if type(node) is Symbol and node.name == "bb R":
        return RealSet([Piece(negative(_INFINITY), False, _INFINITY, False)], "")
    if type(node) is Relation:
        return _relation(node, work)
    if type(node) is Sequence and any(is_inequality(item) for item in node.items):
        sets = [_read(item, work) for item in node.items]
        return _union(sets) if node.parted == "or" else _intersection(sets)
    return None


def _bracketed(node: Bracketed) -> RealSet | None:
    if node.left == "{":
        points = [Piece(item, True, item, True) for item in node.items]
        return RealSet(points, "") if points else None
    if len(node.items) != 2:
        return None
    low, high = node.items
    return RealSet([Piece(low, node.left == "[", high, node.right == "]")], "")


def _union(sets: Iterable[RealSet | None]) -> RealSet | None:
    pieces: list[Piece] = []
    variables: set[str] = set()
    for one in sets:
        if one is None:
            return None
        pieces.extend(one.pieces)
        variables.add(one.variable)
    if len(variables) != 1 or len(pieces) > _MOST_PIECES:
        return None
    return RealSet(pieces, variables.pop())


def _intersection(sets: Iterable[RealSet | None]) -> RealSet | None:
    """What is in all of the sets. Ends that are the same number keep the bracket that is open."""
    found: RealSet | None = None
    for one in sets:
        if one is None:
            return None
        if found is None:
            found = one
            continue
        if found.variable != one.variable:
            return None
        pieces = [_meet(ours, theirs) for ours in found.pieces for theirs in one.pieces]
        found = RealSet([piece for piece in pieces if piece is not None], one.variable)
    return found if found is not None and found.pieces else None


def _meet(one: Piece, other: Piece) -> Piece | None:
    low = max(one, other, key=lambda piece: (_place(piece.low), not piece.low_closed))
    high = min(one, other, key=lambda piece: (_place(piece.high), piece.high_closed))
    if _place(low.low) > _place(high.high):
        return None
    if _place(low.low) == _place(high.high) and not (low.low_closed and high.high_closed):
        return None
    return Piece(low.low, low.low_closed, high.high, high.high_closed)


def _without(whole: RealSet | None, taken: RealSet | None) -> RealSet | None:
    """The set without single points inside it."""
    if whole is None or taken is None:
        return None
    pieces = whole.pieces
    for point in taken.pieces:
        if point.low is not point.high:
            return None
        pieces = [part for piece in pieces for part in _split(piece, point.low)]
    return RealSet(pieces, whole.variable)


def _split(piece: Piece, point: Node) -> list[Piece]:
    low, at, high = _place(piece.low), _place(point), _place(piece.high)
    if not low < at < high:
        return [piece]
    return [
        Piece(piece.low, piece.low_closed, point, False),
        Piece(point, False, piece.high, piece.high_closed),
    ]


def _place(node: Node) -> float:
    """About where an end lies on the line. NotUnderstood for what is no real number."""
    if is_infinite(node):
        return float("inf") if type(node) is Constant else float("-inf")
    place = approximate(node, {})
    if place is None:
        raise NotUnderstood
    return place


# Inequalities


def _relation(node: Relation, work: Work) -> RealSet | None:
    if node.operators == ["="] and type(node.sides[0]) is Symbol:
        point = node.sides[1]
        return (
            None
            if symbols_of(point)
            else RealSet([Piece(point, True, point, True)], node.sides[0].name)
        )
    if node.operators == ["in"] and type(node.sides[0]) is Symbol:
        inner = _read(node.sides[1], work)
        return inner and RealSet(inner.pieces, node.sides[0].name)
    if not is_inequality(node) or len(node.sides) > 3:
        return None
    names = set().union(*map(symbols_of, node.sides))
    if len(names) != 1:
        return None
    (name,) = names
    left, right = node.sides[0], node.sides[-1]
    if len(node.sides) == 2 and type(right) is Call and right.name == "abs":
        left, right = right, left
        node = Relation([_FLIPPED[node.operators[0]]], [left, right])
    if len(node.sides) == 2 and type(left) is Call and left.name == "abs":
        return _distance(left.arguments[0], node.operators[0], right, work)
    bounds = [
        _solved(node.sides[place], operator, node.sides[place + 1], name, work)
        for place, operator in enumerate(node.operators)
    ]
    if len(bounds) == 1:
        operator, bound = bounds[0]
        return RealSet(_half_line(operator, bound), name)
    return RealSet([_between(bounds)], name)


def _distance(inner: Node, operator: str, bound: Node, work: Work) -> RealSet | None:
    """`|inner| < bound` is between, `|inner| > bound` outside of minus and plus the bound."""
    if symbols_of(bound) or not _place(bound) > 0:
        raise NotUnderstood
    above = Relation([operator], [inner, bound])
    below = Relation([_FLIPPED[operator]], [inner, negative(bound)])
    sets = (_read(below, work), _read(above, work))
    return _intersection(sets) if operator in ("<", "<=", "!=") else _union(sets)


def _solved(left: Node, operator: str, right: Node, name: str, work: Work) -> tuple[str, Node]:
    """`name operator bound`, for sides that are linear in `name`. NotUnderstood otherwise."""
    if type(left) is Symbol and name not in symbols_of(right):
        return operator, right
    if type(right) is Symbol and name not in symbols_of(left):
        return _FLIPPED[operator], left
    difference = total([left, negative(right)])
    at_zero, at_one, at_two = (_at(difference, name, Number(value)) for value in (0, 1, 2))
    slope = total([at_one, negative(at_zero)])
    straight = total([at_zero, product([Number(2), slope])])
    if same_value(straight, at_two, work) != RIGHT:
        raise NotUnderstood
    direction = approximate(slope, {})
    if not direction:
        raise NotUnderstood
    bound = negative(quotient(at_zero, slope))
    return (operator if direction > 0 else _FLIPPED[operator]), bound


def _at(node: Node, name: str, value: Node) -> Node:
    """The node with the variable replaced by a value."""
    if type(node) is Symbol:
        return value if node.name == name else node
    if type(node) is Sum:
        return total([_at(term, name, value) for term in node.terms])
    if type(node) is Product:
        return product([_at(factor, name, value) for factor in node.factors])
    if type(node) is Power:
        if name in symbols_of(node):
            raise NotUnderstood
        return node
    if type(node) is Call:
        raise NotUnderstood
    return node


def _half_line(operator: str, bound: Node) -> list[Piece]:
    below = Piece(negative(_INFINITY), False, bound, operator == "<=")
    above = Piece(bound, operator == ">=", _INFINITY, False)
    if operator == "!=":
        return [below, above]
    return [below] if operator in ("<", "<=") else [above]


def _between(bounds: list[tuple[str, Node]]) -> Piece:
    lower = [bound for bound in bounds if bound[0] in (">", ">=")]
    upper = [bound for bound in bounds if bound[0] in ("<", "<=")]
    if len(lower) != 1 or len(upper) != 1:
        raise NotUnderstood
    (low_operator, low), (high_operator, high) = lower[0], upper[0]
    return Piece(low, low_operator == ">=", high, high_operator == "<=")


# Comparison


def same_set(gold: RealSet, answer: RealSet, work: Work) -> bool:
    """Whether two sets hold the same numbers; variables of different names are not the same."""
    names = {gold.variable, answer.variable} - {"", BOUND}
    if len(names) > 1:
        return False
    try:
        ours, theirs = _in_order(gold.pieces, work), _in_order(answer.pieces, work)
    except NotUnderstood:
        ours, theirs = gold.pieces, answer.pieces
    return len(ours) == len(theirs) and all(
        one.low_closed == other.low_closed
        and one.high_closed == other.high_closed
        and _same_end(one.low, other.low, work)
        and _same_end(one.high, other.high, work)
        for one, other in zip(ours, theirs, strict=True)
    )


def _same_end(one: Node, other: Node, work: Work) -> bool:
    return same_value(one, other, work) == RIGHT


def _in_order(pieces: list[Piece], work: Work) -> list[Piece]:
    """The pieces from left to right, those that touch made one."""
    ordered = sorted(pieces, key=lambda piece: (_place(piece.low), _place(piece.high)))
    joined = [ordered[0]]
    for piece in ordered[1:]:
        last = joined[-1]
        touches = last.high_closed or piece.low_closed
        if touches and _same_end(last.high, piece.low, work):
            joined[-1] = Piece(last.low, last.low_closed, piece.high, piece.high_closed)
        else:
            joined.append(piece)
    return joined
