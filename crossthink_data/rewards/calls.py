r"""Functions applied to their arguments, and operators that state a problem."""

import re
from typing import TYPE_CHECKING

from crossthink_data.rewards.algebra import call, power, product, quotient, radians, total
from crossthink_data.rewards.brackets import argument, arguments, group
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Node,
    Number,
)

if TYPE_CHECKING:
    from crossthink_data.rewards.expression import Parser

__all__ = ["function", "opaque", "touches"]

_SPACE = re.compile(r"[\s{}]+|\\[,;:! ]|\\(?:text|mathrm|rm)(?![A-Za-z])")
_STARTS_ARGUMENT = frozenset(("n", "x", "pi", "frac", "sqrt", "{", "accent", "infinity", "binom"))
_WITH_OPERAND = frozenset(
    ("\\int", "\\iint", "\\iiint", "\\oint", "\\sum", "\\prod", "\\lim", "\\bigcup", "\\bigcap")
)
_BY_EXPONENTIALS = frozenset(("tanh", "coth"))
_INVERSE = frozenset(("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh"))


def function(parser: "Parser") -> Node:
    name = str(parser.value())
    parser.advance()
    base: Node | None = None
    exponent: Node | None = None
    while parser.kind in ("_", "^") or (name == "log" and _glued_base(parser)):
        if parser.kind == "^":
            parser.advance()
            exponent = parser.exponent()
        else:
            if parser.kind == "_":
                parser.advance()
            # Of log_10(x) the base is ten, though LaTeX would lower the one alone.
            base = parser.primary() if parser.peek() == "(" else argument(parser)
    if type(exponent) is Number and exponent.value == -1 and name in _INVERSE:
        name, exponent = f"arc{name}", None
    node = _applied(name, base, _function_arguments(parser))
    return node if exponent is None else power(node, exponent)


def _glued_base(parser: "Parser") -> bool:
    """Whether `log10(` is meant: the number touches the name and its argument."""
    return parser.kind == "n" and touches(parser) and parser.peek() == "("


def touches(parser: "Parser") -> bool:
    """Whether no space stands in front of the current token."""
    return parser.tokens.starts[parser.at] == parser.tokens.ends[parser.at - 1]


def _function_arguments(parser: "Parser") -> list[Node]:
    if parser.kind == "(":
        return arguments(parser)
    if parser.kind == "{":
        inner = group(parser)
        if parser.kind not in _STARTS_ARGUMENT:
            return inner.items if type(inner) is Bracketed else [inner]
        factors = [inner]
    else:
        minus = parser.kind == "-"
        if minus:
            parser.advance()
        factors = [Number(-1)] if minus else []
        factors.append(parser.factor())
    while parser.kind in _STARTS_ARGUMENT:
        parser.juxtaposed(factors)
    if parser.kind == "/" and parser.peek() == "n" and _is_angle(factors):
        parser.advance()
        factors[-1] = quotient(factors[-1], parser.factor())
    return [product(factors)]


def _is_angle(factors: list[Node]) -> bool:
    return any(type(factor) is Constant and factor.name == "pi" for factor in factors)


def _applied(name: str, base: Node | None, arguments: list[Node]) -> Node:
    if not arguments:
        raise NotUnderstood
    arguments = [radians(argument) for argument in arguments]
    first = arguments[0]
    if name == "log" and type(base) is Constant and base.name == "e":
        name, base = "ln", None
    if name in ("log", "lg", "lb"):
        return call("log", [first, base or Number(2 if name == "lb" else 10)])
    if base is not None or (len(arguments) > 1 and name not in ("max", "min")):
        raise NotUnderstood
    if name in ("max", "min") and len(arguments) == 1:
        return Call(f"\\{name}", arguments)
    if name == "exp":
        return power(Constant("e"), first)
    if name == "cis":
        return power(Constant("e"), product([Constant("i"), first]))
    if name in _BY_EXPONENTIALS:
        return _by_exponentials(name, first)
    return call(name, arguments)


def _by_exponentials(name: str, argument: Node) -> Node:
    """tanh and coth, which come so close to 1 that only the exponentials in them tell."""
    square = power(Constant("e"), product([Number(2), argument]))
    less, more = total([square, Number(-1)]), total([square, Number(1)])
    return quotient(less, more) if name == "tanh" else quotient(more, less)


def opaque(parser: "Parser") -> Node:
    """An operator that states a problem, with its bounds in its name: an integral, a sum."""
    name = str(parser.value())
    parser.advance()
    start = parser.at
    while parser.kind in ("_", "^"):
        parser.advance()
        if parser.kind == "{":
            parser.skip_group()
        else:
            parser.advance()
    bounds = _SPACE.sub("", parser.raw(start))
    if parser.kind == "(" and name not in _WITH_OPERAND:
        return Call(name + bounds, arguments(parser))
    return Call(name + bounds, [parser.product()])
