"""Sums, products and powers: rationals are folded exactly, what has no value is refused."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.algebra import call, negative, power, product, quotient, radians, total
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Sum,
    Symbol,
)

X = Symbol("x")
HALF = Number(Fraction(1, 2))
RATIONALS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.fractions(max_denominator=10**6).filter(lambda fraction: fraction.denominator > 1),
)


def value(node: Node) -> int | Fraction:
    assert isinstance(node, Number), node
    if isinstance(node.value, Fraction):
        assert node.value.denominator != 1  # integers are ints
    return node.value


@given(st.lists(RATIONALS, min_size=2, max_size=6))
def test_sums_and_products_of_rationals_are_those_of_fractions(rationals: list[Fraction]) -> None:
    nodes: list[Node] = [Number(rational) for rational in rationals]
    expected = Fraction(1)
    for rational in rationals:
        expected *= rational
    assert value(total(nodes)) == sum(rationals)
    assert value(product(nodes)) == expected


@given(RATIONALS, st.integers(-30, 30))
def test_whole_powers_of_rationals_are_those_of_fractions(base: Fraction, exponent: int) -> None:
    if base or exponent > 0:
        assert value(power(Number(base), Number(exponent))) == Fraction(base) ** exponent


@given(RATIONALS, RATIONALS.filter(bool))
def test_a_quotient_times_its_denominator_is_its_numerator(
    above: Fraction, below: Fraction
) -> None:
    divided = quotient(Number(above), Number(below))
    assert value(product([divided, Number(below)])) == above


@given(RATIONALS)
def test_the_root_of_a_square_is_its_magnitude(rational: Fraction) -> None:
    square = power(Number(rational), Number(2))
    assert value(power(square, HALF)) == abs(rational)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (total([]), Number(0)), (product([]), Number(1)), (total([Number(1), X, Number(-1)]), X),
        (total([X, Number(1), Number(2)]), Sum([X, Number(3)])),
        (product([Number(2), X, Number(3)]), Product([Number(6), X])),
        (product([Number(2), HALF, X]), X), (product([Number(0), X]), Number(0)),
        (product([X, Product([X, X])]), Product([X, X, X])),
        (negative(X), Product([Number(-1), X])), (quotient(Number(1), X), Power(X, Number(-1))),
        (quotient(X, Number(2)), Product([HALF, X])), (power(X, Number(1)), X),
        (power(Power(X, HALF), Number(2)), X),
    ],
)  # fmt: skip
def test_what_is_rational_is_gathered_into_one_number(node: Node, expected: Node) -> None:
    assert repr(node) == repr(expected)


@pytest.mark.parametrize("other", [Call("ln", [X]), Constant("infinity"), Power(X, X)])
def test_zero_times_what_may_lack_a_value_is_not_zero(other: Node) -> None:
    assert not isinstance(product([Number(0), other]), Number)


@pytest.mark.parametrize(
    ("base", "exponent"),
    [(Number(2), HALF), (Number(-4), HALF), (Number(2), Number(10**9)),
     (Power(X, Number(2)), HALF), (X, Number(0))],
)  # fmt: skip
def test_powers_without_a_rational_value_of_size_stay_powers(base: Node, exponent: Node) -> None:
    assert isinstance(power(base, exponent), Power)


def test_units_are_kept_by_sums_of_one_unit_and_by_multiples() -> None:
    length = Quantity(Number(3), "cm")
    assert repr(total([length, length])) == "Quantity(value=Number(value=6), unit='cm')"
    assert repr(product([Number(2), length])) == "Quantity(value=Number(value=6), unit='cm')"


def test_vectors_and_matrices_are_scaled_entry_by_entry() -> None:
    doubled = product([Number(2), Matrix([[Number(1), X]])])
    assert repr(doubled) == repr(Matrix([[Number(2), Product([Number(2), X])]]))
    doubled = product([Number(2), Bracketed("(", ")", [Number(1), Number(2)])])
    assert repr(doubled) == repr(Bracketed("(", ")", [Number(2), Number(4)]))


@pytest.mark.parametrize(
    ("build", "operands"),
    [
        (quotient, (Number(1), Number(0))), (power, (Number(0), Number(-1))),
        (power, (Number(0), Number(0))), (power, (Quantity(X, "cm"), Number(2))),
        (power, (X, Quantity(X, "cm"))), (total, ([Quantity(X, "cm"), Quantity(X, "m")],)),
        (total, ([Quantity(X, "cm"), X],)), (product, ([Quantity(X, "cm"), Quantity(X, "cm")],)),
        (product, ([Number(2), Bracketed("{", "}", [X])],)), (radians, (Quantity(X, "cm"),)),
    ],
)  # fmt: skip
def test_what_has_no_value_is_not_understood(
    build: Callable[..., Node], operands: tuple[object, ...]
) -> None:
    with pytest.raises(NotUnderstood):
        build(*operands)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("abs", [-3], 3), ("floor", [Fraction(-1, 2)], -1), ("ceil", [Fraction(-1, 2)], 0),
        ("max", [1, Fraction(3, 2), -2], Fraction(3, 2)), ("min", [1, Fraction(3, 2), -2], -2),
        ("factorial", [5], 120), ("binom", [5, 2], 10),
        ("binom", [10**11, 2], 10**11 * (10**11 - 1) // 2),
    ],
)  # fmt: skip
def test_functions_with_exact_values_are_worked_out(
    name: str, arguments: list[Fraction], expected: int
) -> None:
    assert value(call(name, [Number(argument) for argument in arguments])) == expected


@pytest.mark.parametrize(
    ("name", "argument"), [("sin", Number(0)), ("factorial", Number(-1)), ("factorial", HALF)]
)
def test_other_functions_stay_calls(name: str, argument: Node) -> None:
    assert isinstance(call(name, [argument]), Call)


def test_degrees_become_radians() -> None:
    assert repr(radians(Quantity(Number(180), "°"))) == repr(Constant("pi"))
    assert radians(X) is X
