r"""The things a factor is made of: symbols, functions, fractions, roots, brackets, matrices."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from crossthink_data.rewards.algebra import call, power, product, quotient, radians
from crossthink_data.rewards.lexer import NotUnderstood, TooLong
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
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

__all__ = ["MOST_DEPTH", "primary"]

MOST_DEPTH = 20
"""How deep an answer may nest; real ones nest six deep, and callers may be deep themselves."""

_SMALL = 2**64
_HALF = Number(Fraction(1, 2))
_SPACE = re.compile(r"[\s{}]+|\\[,;:! ]|\\(?:text|mathrm|rm)(?![A-Za-z])")
_TERM = re.compile("[+-]?[^+-]+")
_DERIVES = re.compile(r"(?:d|\\partial)(?:\^\d)?")
_FUNCTION_LETTERS = frozenset("fghFGH")
_CLOSING = {"(": (")", "]"), "[": (")", "]"), "]": ("[", "]"), "<<": (">>",), "{set": ("set}",)}
_STARTS_ARGUMENT = frozenset(("n", "x", "pi", "frac", "sqrt", "{", "accent", "infinity", "binom"))
_MATRICES = frozenset(
    ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array", "psmallmatrix")
)
_LISTS = frozenset(
    ("cases", "aligned", "align", "gathered", "split", "gather", "equation", "rcases", "dcases")
)
_WITH_OPERAND = frozenset(
    ("\\int", "\\iint", "\\iiint", "\\oint", "\\sum", "\\prod", "\\lim", "\\bigcup", "\\bigcap")
)
_INVERSE = frozenset(("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh"))


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
    if parser.kind == "n" and len(letter) == 1 and letter not in "ei" and _touches(parser):
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
        return Call(name, _arguments(parser))
    return Symbol(name)


def _in_order(subscript: str) -> str:
    """A subscript with its terms in order, so that n-1-k is n-k-1."""
    if "-" not in subscript and "+" not in subscript:
        return subscript
    return "".join(sorted(_TERM.findall(subscript)))


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


def _arguments(parser: "Parser") -> list[Node]:
    inner = _bracketed(parser)
    return inner.items if type(inner) is Bracketed else [inner]


def _group(parser: "Parser") -> Node:
    """Braces: invisible around one thing, a set around several (plain notation for one)."""
    parser.expect("{")
    if parser.peek() == "}" and parser.kind in ("n", "x"):  # the common case, without detours
        node = primary(parser)
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
        return _group(parser)
    digits = parser.printed()
    if parser.kind == "n" and len(digits) > 1 and digits.isdigit():
        parser.tokens.values[parser.at] = int(digits[1:])
        parser.tokens.starts[parser.at] += 1
        return Number(int(digits[0]))
    if parser.kind == "x" and parser.peek() == "n":  # \frac n6
        name = str(parser.value())
        parser.advance()
        return Constant(name) if name in ("e", "i") else Symbol(name)
    return primary(parser)


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
        radicand = _group(parser)
    elif parser.kind == "n":
        radicand = _number(parser)
    else:
        radicand = primary(parser)
    exponent = quotient(Number(1), index)
    return power(radicand, _HALF if type(index) is Number and index.value == 2 else exponent)


def _binomial(parser: "Parser") -> Node:
    parser.advance()
    if parser.kind == "(":
        return call("binom", _arguments(parser))
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


def _absolute(parser: "Parser") -> Node:
    closing = {"|": "|", "|<": ">|", "norm": "norm"}[parser.advance()]
    parser.bars += closing != ">|"
    inner = parser.sum()
    parser.bars -= closing != ">|"
    parser.expect(closing)
    return call("norm" if closing == "norm" else "abs", [inner])


def _rounded(parser: "Parser") -> Node:
    name = parser.advance()[1:]
    inner = parser.sum()
    parser.expect(f"{name}]")
    return call(name, [inner])


def _bracketed(parser: "Parser") -> Node:
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


def _function(parser: "Parser") -> Node:
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
            base = argument(parser)
    if type(exponent) is Number and exponent.value == -1 and name in _INVERSE:
        name, exponent = f"arc{name}", None
    node = _applied(name, base, _function_arguments(parser))
    return node if exponent is None else power(node, exponent)


def _glued_base(parser: "Parser") -> bool:
    """Whether `log10(` is meant: the number touches the name and its argument."""
    return parser.kind == "n" and _touches(parser) and parser.peek() == "("


def _touches(parser: "Parser") -> bool:
    """Whether no space stands in front of the current token."""
    return parser.tokens.starts[parser.at] == parser.tokens.ends[parser.at - 1]


def _function_arguments(parser: "Parser") -> list[Node]:
    if parser.kind == "(":
        return _arguments(parser)
    if parser.kind == "{":
        inner = _group(parser)
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
    return call(name, arguments)


def _opaque(parser: "Parser") -> Node:
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
        return Call(name + bounds, _arguments(parser))
    return Call(name + bounds, [parser.product()])


def _environment(parser: "Parser") -> Node:
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
            rows[-1].append(parser.items() if name in _LISTS else parser.relation())
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


_READERS: dict[str, Callable[["Parser"], Node]] = {
    "n": _number,
    "x": _symbol,
    "f": _function,
    "o": _opaque,
    "{": _group,
    "(": _bracketed,
    "[": _bracketed,
    "]": _bracketed,
    "<<": _bracketed,
    "{set": _bracketed,
    "frac": _fraction,
    "sqrt": _root,
    "binom": _binomial,
    "accent": _accented,
    "pi": _constant,
    "infinity": _constant,
    "empty": _empty,
    "...": _dots,
    "|": _absolute,
    "|<": _absolute,
    "norm": _absolute,
    "[floor": _rounded,
    "[ceil": _rounded,
    "begin": _environment,
}
