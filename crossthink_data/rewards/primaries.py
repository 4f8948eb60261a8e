r"""The things a factor is made of: numbers, symbols, fractions, roots, and what opens others."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from crossthink_data.rewards.algebra import call, power, quotient
from crossthink_data.rewards.brackets import (
    absolute,
    argument,
    arguments,
    bracketed,
    environment,
    group,
    rounded,
)
from crossthink_data.rewards.calls import function, opaque, touches
from crossthink_data.rewards.lexer import NotUnderstood, TooLong
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Node,
    Number,
    Symbol,
)

if TYPE_CHECKING:
    from crossthink_data.rewards.expression import Parser

__all__ = ["MOST_DEPTH", "primary"]

MOST_DEPTH = 20
"""How deep an answer may nest; real ones nest six deep, and callers may be deep themselves."""

_SMALL = 2**64
_HALF = Number(Fraction(1, 2))
_SPACE = re.compile(r"[\s{}]+|\\[,;:! ]|\\(?:text|mathrm|rm)(?![A-Za-z])")
_TERM = re.compile("[+-]?[^+-]+")
_DERIVES = re.compile(r"(?:d|\\partial)(?:\^\d)?")
_FUNCTION_LETTERS = frozenset("fghFGH")


def primary(parser: "Parser") -> Node:
    """A factor without its exponent. NotUnderstood where none begins."""
    reader = _READERS.get(parser.kind)
    if reader is None:
        raise NotUnderstood
    parser.depth += 1
    if parser.depth > MOST_DEPTH:
        raise TooLong
    node = reader(parser)
    parser.depth -= 1
    return node


def _number(parser: "Parser") -> Node:
    value = parser.value()
    behind = parser.peek()
    if type(value) is int and value < _SMALL and behind not in ("accent", "..."):
        parser.advance()
        return Number(value)
    assert not isinstance(value, str)
    printed = parser.printed() if behind in ("accent", "...") else ""
    parser.advance()
    if behind == "...":
        return _continued(parser, printed) or Number(value)
    if printed:
        repeating = _repeating(parser, printed)
        if repeating is not None:
            return repeating
    return parser.counted(Number(value))


def _repeating(parser: "Parser", printed: str) -> Node | None:
    r"""A decimal that repeats: `0.1\overline{6}`, `0.\dot{3}`, `0.\dot{1}4\dot{2}`."""
    whole, point, fixed = printed.partition(".")
    if not point or not whole.isdigit():
        return None
    accent = parser.value()
    parser.advance()
    repeated = _digits(parser)
    if accent == "dot" and parser.kind in ("n", "accent"):
        if parser.kind == "n":
            repeated += parser.printed()
            parser.advance()
        if parser.kind != "accent":
            raise NotUnderstood
        parser.advance()
        repeated += _digits(parser)
    if accent not in ("dot", "overline", "bar") or not repeated.isdigit():
        raise NotUnderstood
    scale = 10 ** len(fixed)
    value = Fraction(int(whole + fixed), scale)
    return Number(value + Fraction(int(repeated), scale * (10 ** len(repeated) - 1)))


def _continued(parser: "Parser", printed: str) -> Node | None:
    """A decimal that goes on as it began: `0.333...` and `0.1212...`; None for `1, 2, ...`."""
    whole, point, decimals = printed.partition(".")
    if not point or not whole.isdigit():
        return None
    for length in range(1, len(decimals) // 2 + 1):
        times = 3 if length == 1 else 2
        block = decimals[-length:]
        if decimals.endswith(block * times):
            parser.advance()
            scale = 10 ** len(decimals)
            rest = Fraction(int(block), scale * (10**length - 1))
            return Number(Fraction(int(whole + decimals), scale) + rest)
    raise NotUnderstood


def _digits(parser: "Parser") -> str:
    braced = parser.kind == "{"
    if braced:
        parser.advance()
    digits = parser.printed()
    parser.expect("n")
    if braced:
        parser.expect("}")
    return digits


def _symbol(parser: "Parser") -> Node:
    letter = name = str(parser.value())
    parser.advance()
    if parser.kind == "n" and len(letter) == 1 and letter not in "ei" and touches(parser):
        subscript = parser.printed()
        parser.advance()
        return Symbol(f"{name}_{subscript}")
    primes = subscript = ""
    while parser.kind in ("'", "_") or (parser.kind == "^" and _prime_follows(parser)):
        if parser.kind == "_":
            subscript = _subscript(parser)
        elif parser.advance() == "^":
            braced = parser.advance() == "{"
            while parser.kind == "'":
                parser.advance()
                primes += "'"
            primes += "'"
            if braced:
                parser.expect("}")
                primes = primes[1:]
        else:
            primes += "'"
    if subscript:
        name += f"_{_in_order(subscript)}"
    name += primes
    if name in ("e", "i"):
        return Constant(name)
    if parser.kind == "(" and letter in _FUNCTION_LETTERS:
        return Call(name, arguments(parser))
    return Symbol(name)


def _in_order(subscript: str) -> str:
    """A subscript with its terms in order, so that n-1-k is n-k-1."""
    if "-" not in subscript and "+" not in subscript:
        return subscript
    signed = subscript if subscript[0] in "+-" else f"+{subscript}"
    return "".join(sorted(_TERM.findall(signed)))


def _prime_follows(parser: "Parser") -> bool:
    ahead = parser.peek()
    return ahead == "'" or (ahead == "{" and parser.peek(2) == "'")


def _subscript(parser: "Parser") -> str:
    parser.expect("_")
    start = parser.at
    if parser.kind == "{":
        parser.skip_group()
    elif parser.kind == "(":  # plain notation for braces
        parser.advance()
        start = parser.at
        while parser.kind not in (")", "end"):
            parser.advance()
        inner = parser.raw(start)
        parser.expect(")")
        return _SPACE.sub("", inner)
    elif parser.kind == "end":
        raise NotUnderstood
    else:
        parser.advance()
    return _SPACE.sub("", parser.raw(start))


def _fraction(parser: "Parser") -> Node:
    parser.advance()
    first = parser.at
    may_derive = parser.tokens.values[first + (parser.kind == "{")] in ("d", "partial")
    numerator = argument(parser)
    second = parser.at
    denominator = argument(parser)
    if not may_derive:
        return quotient(numerator, denominator)
    starts = parser.tokens.starts
    above = _SPACE.sub("", parser.text[starts[first] : starts[second]])
    below = _SPACE.sub("", parser.raw(second))
    if _is_differential(above) and _is_differential(below) and len(below) > 1:
        if _DERIVES.fullmatch(above):
            return Call("\\frac{d}{dx}", [parser.product()])
        return Symbol(f"{above}/{below}")
    return quotient(numerator, denominator)


def _is_differential(raw: str) -> bool:
    return raw.startswith("\\partial") or (raw[:1] == "d" and len(raw) < 6)


def _root(parser: "Parser") -> Node:
    parser.advance()
    index: Node = Number(2)
    if parser.kind == "[":
        parser.advance()
        index = parser.sum()
        parser.expect("]")
    if parser.kind == "{":
        radicand = group(parser)
    elif parser.kind == "n":
        radicand = _number(parser)
    else:
        radicand = primary(parser)
    exponent = quotient(Number(1), index)
    return power(radicand, _HALF if type(index) is Number and index.value == 2 else exponent)


def _binomial(parser: "Parser") -> Node:
    parser.advance()
    if parser.kind == "(":
        return call("binom", arguments(parser))
    first = argument(parser)
    return call("binom", [first, argument(parser)])


def _accented(parser: "Parser") -> Node:
    r"""A decorated symbol is another symbol: `\bar{x}`, `\hat{\mu}`, `\vec{i}`."""
    accent = str(parser.value())
    parser.advance()
    start = parser.at
    argument(parser)
    inner = _SPACE.sub("", parser.raw(start))
    name = "vec" if accent in ("vec", "overrightarrow") or inner in "ijk" else accent.lstrip("wide")
    subscript = f"_{_subscript(parser)}" if parser.kind == "_" else ""
    return Symbol(f"{name} {inner}{subscript}")


def _constant(parser: "Parser") -> Node:
    return Constant(parser.advance())


def _empty(parser: "Parser") -> Node:
    parser.advance()
    return Bracketed("{", "}", [])


def _dots(parser: "Parser") -> Node:
    parser.advance()
    return Symbol("...")


_READERS: dict[str, Callable[["Parser"], Node]] = {
    "n": _number,
    "x": _symbol,
    "f": function,
    "o": opaque,
    "{": group,
    "(": bracketed,
    "[": bracketed,
    "]": bracketed,
    "<<": bracketed,
    "{set": bracketed,
    "frac": _fraction,
    "sqrt": _root,
    "binom": _binomial,
    "accent": _accented,
    "pi": _constant,
    "infinity": _constant,
    "empty": _empty,
    "...": _dots,
    "|": absolute,
    "|<": absolute,
    "norm": absolute,
    "[floor": rounded,
    "[ceil": rounded,
    "begin": environment,
}
