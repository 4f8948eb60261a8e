"""Functions and operators: what they take as their argument, and which name they go by."""

from fractions import Fraction

import pytest

from crossthink_data.rewards.calls import function, opaque, touches
from crossthink_data.rewards.expression import Parser, parse
from crossthink_data.rewards.lexer import NotUnderstood, tokenize
from crossthink_data.rewards.nodes import Call, Constant, Node, Number, Power, Product, Symbol
from crossthink_data.rewards.scalars import Work, same_value
from crossthink_data.rewards.verdict import RIGHT

X = Symbol("x")
THIRD_OF_PI = Product([Number(Fraction(1, 3)), Constant("pi")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\sin x", Call("sin", [X])),
        ("sin(x)", Call("sin", [X])),
        (r"\sin{x}", Call("sin", [X])),
        (r"\sin 2x", Call("sin", [Product([Number(2), X])])),
        (r"\sin -x", Call("sin", [Product([Number(-1), X])])),
        (r"\sin^2 x", Power(Call("sin", [X]), Number(2))),
        (r"\sin^{-1} x", Call("arcsin", [X])),
        (r"\tg x", Call("tan", [X])),
        (r"\cos\pi/3", Call("cos", [THIRD_OF_PI])),
        (r"\cos 60^\circ", Call("cos", [THIRD_OF_PI])),
        (r"\ln x", Call("ln", [X])),
        (r"\log x", Call("log", [X, Number(10)])),
        (r"\log_2 x", Call("log", [X, Number(2)])),
        (r"\log_{12} x", Call("log", [X, Number(12)])),
        (r"\log_e x", Call("ln", [X])),
        (r"\lg x", Call("log", [X, Number(10)])),
        ("lb x", Call("log", [X, Number(2)])),
        (r"\exp(x)", Power(Constant("e"), X)),
        ("cis(x)", Power(Constant("e"), Product([Constant("i"), X]))),
        (r"\max(1,2)", Number(2)),
        (r"\min(x,1)", Call("min", [X, Number(1)])),
    ],
)
def test_a_function_takes_what_stands_behind_it(text: str, expected: Node) -> None:
    parser = Parser(tokenize(text))
    assert repr(function(parser)) == repr(expected)
    assert parser.kind == "end"


def test_a_function_with_brackets_leaves_what_follows_them() -> None:
    parser = Parser(tokenize(r"\sin(x)y"))
    assert repr(function(parser)) == repr(Call("sin", [X]))
    assert parser.value() == "y"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (r"\tanh x", r"\frac{e^x-e^{-x}}{e^x+e^{-x}}"),
        (r"\coth x", r"\frac{1}{\tanh x}"),
        (r"\exp(2x)", "(e^x)^2"),
    ],
)
def test_hyperbolic_tangents_and_exponentials_are_powers_of_e(text: str, same: str) -> None:
    assert same_value(parse(text), parse(same), Work()) == RIGHT


@pytest.mark.parametrize(
    "text", [r"\sin", r"\sin(", r"\sin()", r"\sin(1,2)", r"\ln_2 x", r"\sin+", r"\log_"]
)
def test_a_function_without_an_argument_or_with_too_many_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        function(Parser(tokenize(text)))


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        (r"\int_0^1 x", r"\int_0^1", 1),
        (r"\int_{ 0 }^{1} x", r"\int_0^1", 1),
        (r"\int_{0}^1 (x)", r"\int_0^1", 1),
        (r"\sum_{k = 1}^{n} k", r"\sum_k=1^n", 1),
        (r"\gcd(12,18)", r"\gcd", 2),
        (r"\lim_{x\to 0} x", r"\lim_x\to0", 1),
    ],
)
def test_an_operator_keeps_its_backslash_and_has_its_bounds_in_its_name(
    text: str, name: str, count: int
) -> None:
    found = opaque(Parser(tokenize(text)))
    assert isinstance(found, Call)
    assert (found.name, len(found.arguments)) == (name, count)


def test_other_bounds_make_another_operator() -> None:
    names = {repr(opaque(Parser(tokenize(rf"\int_0^{{{end}}} x")))) for end in ("1", "2", "x")}
    assert len(names) == 3


@pytest.mark.parametrize("text", [r"\int", r"\int_{0", r"\gcd(", r"\sum_"])
def test_an_operator_without_an_operand_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        opaque(Parser(tokenize(text)))


@pytest.mark.parametrize(("text", "expected"), [("x2", True), ("x 2", False), (r"x\,2", False)])
def test_a_space_is_seen_between_two_tokens(text: str, expected: bool) -> None:
    parser = Parser(tokenize(text))
    parser.advance()
    assert touches(parser) == expected
