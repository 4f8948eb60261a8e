"""What an answer says, whatever its dress: names and values, members, records, ordered items."""

import re
from typing import NamedTuple

from crossthink_data.rewards.algebra import negative, product, total
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Words,
)
from crossthink_data.rewards.residues import residue
from crossthink_data.rewards.scalars import restates, symbols_of, walk, with_symbol

__all__ = [
    "Said",
    "alternatives",
    "as_matrix",
    "list_name",
    "members",
    "ordered",
    "ratios",
    "record",
    "said",
    "same_name",
    "with_argument",
    "without_note",
]

_EQUALITIES = frozenset(("=", "~", "equiv"))
_FUNCTION = re.compile(r"(\\?[A-Za-z]+)\(([A-Za-z])\)")
_PROBLEM = '"problem'
"""The name of a value that stands behind the problem it solves: `AB : CD = 2 : 3`."""

_UNIT_VECTORS = {"vec i": 0, "vec j": 1, "vec k": 2}
_SAYS_VALUE = re.compile(r"\d|\\(?!text|mathrm|mbox)[A-Za-z]")


class Said(NamedTuple):
    """`name = value = value`: the name, empty without one, and the values, all meant to be equal.

    `equation` is set for equations, also for those that give a name its value. `rounded` says that
    the last value is an approximation of the one before.
    """

    name: str
    values: list[Node]
    equation: Relation | None
    rounded: bool = False


def said(node: Node) -> Said:
    """The node as a name and its values; an equation that names nothing is its own value."""
    if type(node) is not Relation:
        return Said("", [node], None)
    if node.operators == ["in"] and _name(node.sides[0]):
        return Said(_name(node.sides[0]), [node.sides[1]], None)
    if not _EQUALITIES.issuperset(node.operators):
        return Said("", [node], None)
    rounded = node.operators[-1] == "~"
    first, rest = node.sides[0], node.sides[1:]
    if restates(first) and not any(map(restates, rest)):
        return Said(_PROBLEM, rest, node, rounded and len(rest) > 1)
    if type(first) is Relation and type(rest[0]) is Relation:
        return Said(_PROBLEM, rest, node)
    name = _name(first)
    if name and all(name not in symbols_of(side) for side in rest):
        return Said(name, rest, node, rounded and len(rest) > 1)
    if type(node.sides[-1]) is Symbol and not symbols_of(first) and len(rest) == 1:
        return Said(node.sides[-1].name, [first], node)
    if any(type(side) is Words for side in node.sides):
        return Said("", [node], node)
    if not any(symbols_of(side) for side in node.sides) or _is_formal_identity(node):
        return Said("", node.sides, None, rounded)
    return Said("", [node], node)


def _is_formal_identity(relation: Relation) -> bool:
    """Whether two sides are equal for all values: a value worked out, no equation."""
    if len(relation.sides) != 2:
        return False
    try:
        one, other = map(residue, relation.sides)
    except NotUnderstood:
        return False
    sure = not (one.large or other.large or one.opaque or other.opaque)
    return sure and one.value == other.value


def _name(node: Node) -> str:
    """The name that stands alone on a side: a variable, a tuple of them, a function, a word."""
    if type(node) is Symbol:
        return node.name
    if type(node) is Words and not _SAYS_VALUE.search(node.text):
        return f'"{node.text}'
    if type(node) is Bracketed and len(node.items) > 1:
        names = [item.name for item in node.items if type(item) is Symbol]
        return f"({','.join(names)})" if len(names) == len(node.items) else ""
    if type(node) is Call and len(node.name.rstrip("'")) == 1:
        return f"{node.name}()"
    return ""


def same_name(gold: str, answer: str) -> bool:
    """Whether two names may stand for one thing: a function may go by its letter, or be y.

    Words name nothing in particular.
    """
    if gold.lower() == answer.lower() or gold[:1] == '"' or answer[:1] == '"':
        return True
    one, other = gold.partition("(")[0], answer.partition("(")[0]
    if ("(" in gold) == ("(" in answer) or not one or not other:
        return False
    named, primes = one.rstrip("'"), len(one) - len(one.rstrip("'"))
    other_named, other_primes = other.rstrip("'"), len(other) - len(other.rstrip("'"))
    if primes != other_primes:
        return False
    return named == other_named or (named if "(" in answer else other_named) == "y"


def with_argument(part: Said, name: str) -> Said:
    """`f(t) = t^2` with the letter of its argument as in `f(x)`, where only that differs."""
    wanted, found = _FUNCTION.fullmatch(name), _FUNCTION.fullmatch(part.name)
    if wanted is None or found is None or wanted[1] != found[1]:
        return part
    if any(wanted[2] in symbols_of(value) for value in part.values):
        return part
    letter = Symbol(wanted[2])
    return Said(name, [with_symbol(v, found[2], letter) for v in part.values], part.equation)


def list_name(node: Node) -> str:
    """The one name of a list like `n = 2, 3` or `x = 2, x = 3`; empty without or with several."""
    if type(node) is not Sequence:
        return ""
    names = {part.name for part in map(said, node.items) if part.name}
    return names.pop() if len(names) == 1 else ""


def record(node: Node) -> dict[str, Node] | None:
    """The values by name of `x = 3, y = 2` or `(x, y) = (3, 2)`; None for anything else."""
    if type(node) is Relation and node.operators == ["="]:
        names, values = node.sides
        if type(names) is Bracketed and type(values) is Bracketed and _name(names):
            keys = _name(names)[1:-1].split(",")
            if len(keys) == len(values.items):
                return dict(zip(keys, values.items, strict=True))
        return None
    if type(node) is Bracketed and node.left in ("(", "{"):
        node = Sequence(node.items)
    if type(node) is not Sequence:
        return None
    found: dict[str, Node] = {}
    for item in node.items:
        part = said(item)
        if not part.name or part.equation is None or part.name in found:
            return None
        chain = len(part.values) > 1
        operators = ["="] * (len(part.values) - 1)
        found[part.name] = Relation(operators, part.values) if chain else part.values[0]
    return found if len(found) > 1 else None


def members(node: Node) -> list[Node] | None:
    """The members of an unordered answer: a list, a set, or both signs of plus-minus."""
    if type(node) is Sequence:
        return _listed(node.items)
    if type(node) is Bracketed and node.left == "{":
        return _listed(node.items)
    signs = _both_signs(node)
    return signs if len(signs) > 1 else None


def _listed(items: list[Node]) -> list[Node]:
    """The items, `n = 2, 3, 4` and `x = 2, x = 3` without their name, groups opened."""
    found: list[Node] = []
    parts = [said(item) for item in items]
    names = {part.name for part in parts if part.name}
    one_name = len(names) == 1 and parts[0].name in names
    for item, part in zip(items, parts, strict=True):
        value = part.values[0] if one_name and part.name and len(part.values) == 1 else item
        if type(value) is Sequence and record(value) is None:
            found.extend(_listed(value.items))
        else:
            found.extend(_both_signs(value))
    return found


def _both_signs(node: Node) -> list[Node]:
    """The values of an expression with plus-minus in it, upper signs first; else itself alone."""
    if type(node) not in (Sum, Product, Call, Power):
        return [node]
    if not any(type(inner) is Call and inner.name in ("pm", "mp") for inner in walk(node)):
        return [node]
    return [_signed(node, upper=True), _signed(node, upper=False)]


def _signed(node: Node, *, upper: bool) -> Node:
    if type(node) is Call:
        arguments = [_signed(argument, upper=upper) for argument in node.arguments]
        if node.name in ("pm", "mp"):
            return arguments[0] if upper == (node.name == "pm") else negative(arguments[0])
        return Call(node.name, arguments)
    if type(node) is Sum:
        return Sum([_signed(term, upper=upper) for term in node.terms])
    if type(node) is Product:
        return Product([_signed(factor, upper=upper) for factor in node.factors])
    if type(node) is Power:
        return Power(_signed(node.base, upper=upper), _signed(node.exponent, upper=upper))
    return node


def ordered(node: Node) -> list[Node] | None:
    """The items of a tuple, a vector or a one-row matrix, in order; None for anything else."""
    if type(node) is Power and type(node.exponent) is Symbol and node.exponent.name in ("T", "t"):
        return ordered(node.base)  # transposed
    if type(node) is Bracketed and node.left in ("(", "["):
        return node.items
    if type(node) in (Sum, Product, Symbol):
        return _components(node)
    if type(node) is Matrix:
        if len(node.rows) == 1:
            return node.rows[0]
        if all(len(row) == 1 for row in node.rows):
            return [row[0] for row in node.rows]
    return None


def _components(node: Node) -> list[Node] | None:
    r"""The components of `2\vec{i} - 3\vec{j}`; None for what has no unit vectors in it."""
    names = symbols_of(node) & _UNIT_VECTORS.keys()
    if not names:
        return None
    count = 3 if "vec k" in names else 2
    return [_component(node, place) for place in range(count)]


def _component(node: Node, place: int) -> Node:
    """The node with one unit vector set to 1 and the others to 0."""
    if type(node) is Symbol and node.name in _UNIT_VECTORS:
        return Number(int(_UNIT_VECTORS[node.name] == place))
    if type(node) is Sum:
        return total([_component(term, place) for term in node.terms])
    if type(node) is Product:
        return product([_component(factor, place) for factor in node.factors])
    return node


def as_matrix(node: Node) -> Node:
    """A list of rows of one length as the matrix it is; any other node as it is."""
    if type(node) is not Bracketed:
        return node
    rows = [item.items for item in node.items if type(item) is Bracketed and item.left != "{"]
    if len(rows) != len(node.items) or len({len(row) for row in rows}) != 1:
        return node
    return Matrix(rows)


def without_note(node: Node) -> tuple[Node, str, str]:
    r"""A list without the side note behind it, `k \in \mathbb{Z}`, its letter and its set."""
    if type(node) is not Sequence or len(node.items) < 2 or not _is_note(node.items[-1]):
        return node, "", ""
    note = node.items[-1]
    assert type(note) is Relation
    letter, where = note.sides
    items = node.items[:-1]
    rest = items[0] if len(items) == 1 else Sequence(items, node.parted)
    named = letter.name if type(letter) is Symbol else ""
    return rest, named, where.name if type(where) is Symbol else ""


def _is_note(node: Node) -> bool:
    if type(node) is not Relation or node.operators != ["in"]:
        return False
    where = node.sides[1]
    return type(where) is Symbol and where.name.startswith("bb ")


def alternatives(items: list[Node], signs: list[str]) -> list[Node]:
    """`x = 1, y = 2 or x = 3, y = 4` as its two groups."""
    groups: list[list[Node]] = [[items[0]]]
    for item, sign in zip(items[1:], signs, strict=True):
        if sign == "or":
            groups.append([item])
        else:
            groups[-1].append(item)
    return [group[0] if len(group) == 1 else Sequence(group) for group in groups]


def ratios(operators: list[str], sides: list[Node]) -> Node:
    """`AB : CD = 2 : 3` as an equality of two ratios."""
    equals = operators.index("=")
    parts: list[Node] = []
    for signs, members in (
        (operators[:equals], sides[: equals + 1]),
        (operators[equals + 1 :], sides[equals + 1 :]),
    ):
        parts.append(Relation(signs, members) if signs else members[0])
    return Relation(["="], parts)
