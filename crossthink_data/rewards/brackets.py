r"""What stands in brackets: groups, tuples, sets, absolute values, matrices."""

from typing import TYPE_CHECKING

from crossthink_data.rewards.algebra import call, quotient
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Constant,
    Matrix,
    Node,
    Number,
    Relation,
    Sequence,
    Symbol,
)
from crossthink_data.rewards.scalars import BOUND, with_symbol

if TYPE_CHECKING:
    from crossthink_data.rewards.expression import Parser

__all__ = ["absolute", "argument", "arguments", "bracketed", "environment", "group", "rounded"]

_CLOSING = {"(": (")", "]"), "[": (")", "]"), "]": ("[", "]"), "<<": (">>",), "{set": ("set}",)}
_MATRICES = frozenset(
    ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array", "psmallmatrix")
)
_LISTS = frozenset(
    ("cases", "aligned", "align", "gathered", "split", "gather", "equation", "rcases", "dcases")
)


def group(parser: "Parser") -> Node:
    """Braces: invisible around one thing, a set around several (plain notation for one)."""
    parser.expect("{")
    if parser.peek() == "}" and parser.kind in ("n", "x"):  # the common case, without detours
        node = parser.primary()
        if parser.kind == "}":
            parser.advance()
            return node
    bars, parser.bars = parser.bars, 0
    node = parser.members()
    parser.bars = bars
    if parser.kind == "choose":
        parser.advance()
        node = call("binom", [node, parser.sum()])
    elif parser.kind == "over":
        parser.advance()
        node = quotient(node, parser.sum())
    parser.expect("}")
    if type(node) is Sequence:
        return Bracketed("{", "}", node.items)
    return node


def argument(parser: "Parser") -> Node:
    r"""What a command takes: a group, or the next sign alone, as in `\frac12`."""
    if parser.kind == "{":
        return group(parser)
    digits = parser.printed()
    if parser.kind == "n" and len(digits) > 1 and digits.isdigit():
        parser.tokens.values[parser.at] = int(digits[1:])
        parser.tokens.starts[parser.at] += 1
        return Number(int(digits[0]))
    if parser.kind == "x" and parser.peek() == "n":  # \frac n6
        name = str(parser.value())
        parser.advance()
        return Constant(name) if name in ("e", "i") else Symbol(name)
    return parser.primary()


def arguments(parser: "Parser") -> list[Node]:
    inner = bracketed(parser)
    return inner.items if type(inner) is Bracketed else [inner]


def bracketed(parser: "Parser") -> Node:
    left = parser.advance()
    bars, parser.bars = parser.bars, 0
    if left == "{set" and parser.kind == "begin":  # \left\{ cases \right. has no end
        node = parser.members()
        if parser.kind == "set}":
            parser.advance()
        parser.bars = bars
        return node
    node = _set(parser) if left == "{set" else parser.members()
    parser.bars = bars
    right = parser.expect(*_CLOSING[left])
    if left == "{set":
        return node
    items = node.items if type(node) is Sequence and node.parted in (",", ";") else [node]
    if len(items) == 1 and left in "([" and not (left == "(" and right == "]"):
        return node
    if left == "<<":
        left, right = "(", ")"
    if left == "]":
        left = "("
    return Bracketed(left, ")" if right == "[" else right, items)


def _set(parser: "Parser") -> Node:
    """The members of a set, or of `{x | condition}` the condition."""
    if parser.kind == "set}":
        return Bracketed("{", "}", [])
    if parser.kind == "x" and parser.peek() in ("mid", "|"):
        name = str(parser.value())
        parser.advance()
        parser.advance()
        return with_symbol(parser.members(), name, Symbol(BOUND))
    node = parser.members()
    if type(node) is Relation and parser.kind in ("mid", "|"):
        parser.advance()
        return _bound(node.sides[0], parser.members())
    if type(node) is Relation and ":" in node.operators and len(node.sides) > 2:
        behind = node.operators.index(":") + 1
        condition = Relation(node.operators[behind:], node.sides[behind:])
        return _bound(node.sides[0], condition)
    if type(node) is Sequence:
        return Bracketed("{", "}", node.items)
    return Bracketed("{", "}", [node])


def _bound(variable: Node, condition: Node) -> Node:
    """The condition of a set, whose variable has no name outside of it."""
    if type(variable) is Symbol:
        return with_symbol(condition, variable.name, Symbol(BOUND))
    return condition


def absolute(parser: "Parser") -> Node:
    closing = {"|": "|", "|<": ">|", "norm": "norm"}[parser.advance()]
    parser.bars += closing != ">|"
    inner = parser.sum()
    parser.bars -= closing != ">|"
    parser.expect(closing)
    return call("norm" if closing == "norm" else "abs", [inner])


def rounded(parser: "Parser") -> Node:
    name = parser.advance()[1:]
    inner = parser.sum()
    parser.expect(f"{name}]")
    return call(name, [inner])


def environment(parser: "Parser") -> Node:
    name = str(parser.value())
    parser.advance()
    if name == "array" and parser.kind == "{":
        parser.skip_group()
    rows: list[list[Node]] = [[]]
    while parser.kind != "end":
        if parser.kind == "\\\\":
            parser.advance()
            rows.append([])
        elif parser.kind == "&":
            parser.advance()
        elif parser.kind == "closed":
            break
        else:
            rows[-1].append(
                parser.items(parser.at) if name in _LISTS else parser.relation(parser.at)
            )
    parser.expect("closed")
    rows = [row for row in rows if row]
    if not rows:
        raise NotUnderstood
    if name.rstrip("*") in _LISTS:
        members = [row[0] if len(row) == 1 else Bracketed("(", ")", row) for row in rows]
        return members[0] if len(members) == 1 else Sequence(members, ";")
    if name not in _MATRICES or len({len(row) for row in rows}) != 1:
        raise NotUnderstood
    return Matrix(rows)
