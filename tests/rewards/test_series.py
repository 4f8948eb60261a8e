"""Digits of the elementary functions: within the bounds that the docstrings promise."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards import series

PI_60 = "3.14159265358979323846264338327950288419716939937510582097494"
DIGITS = [20, 50, 71, 120, 300]
WIDE = Context(prec=400)
SMALL = st.decimals("0.001", "5", places=9)


def is_near(value: Decimal, expected: Decimal, digits: int, units: int = 100) -> bool:
    """Whether two values differ by less than `units` of the last of `digits` digits."""
    unit = Decimal((0, (1,), max(expected.adjusted(), 0) - digits + 1))
    return abs(WIDE.subtract(value, expected)) < WIDE.multiply(unit, Decimal(units))


@pytest.mark.parametrize("digits", [1, 20, 59])
def test_pi_is_right_to_the_digits_asked_for(digits: int) -> None:
    assert str(series.pi(digits)).startswith(PI_60[: digits + 1])


def test_pi_of_fewer_digits_begins_pi_of_more() -> None:
    longer = str(series.pi(1000))
    assert all(longer.startswith(str(series.pi(digits))[:digits]) for digits in (64, 128, 500))


@given(st.integers(1, 10**60), st.integers(2, 64))
def test_a_whole_root_is_the_largest_whose_power_fits(number: int, index: int) -> None:
    root = series.whole_root(number, index)
    assert root**index <= number < (root + 1) ** index


@given(st.integers(1, 10**30), st.integers(2, 12))
def test_the_whole_root_of_a_power_is_its_base(base: int, index: int) -> None:
    assert series.whole_root(base**index, index) == base


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("index", [2, 3, 7])
def test_the_power_of_a_root_comes_back(digits: int, index: int) -> None:
    for number in map(Decimal, ("2", "0.001", "123456.789", "1e-50", "3e40")):
        root = series.root(number, index, series.contexts_of(digits).near)
        again = WIDE.power(root, index)
        assert is_near(WIDE.divide(again, number), Decimal(1), digits)


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("number", ["0.5", "-3", "1", "12.25", "100", "1e-20"])
def test_an_exponential_is_the_decimal_modules(digits: int, number: str) -> None:
    exact = WIDE.exp(Decimal(number))
    assert is_near(
        WIDE.divide(series.exponential(Decimal(number), digits), exact), Decimal(1), digits
    )


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("number", ["0.5", "3", "2.718281828", "1e30", "1e-30", "0.999999"])
def test_a_logarithm_is_the_decimal_modules(digits: int, number: str) -> None:
    assert is_near(series.logarithm(Decimal(number), digits), WIDE.ln(Decimal(number)), digits)


@settings(max_examples=40, deadline=None)
@given(SMALL, st.sampled_from(DIGITS))
def test_the_squares_of_sine_and_cosine_add_up_to_one(angle: Decimal, digits: int) -> None:
    sine, cosine = series.sine_cosine(angle, digits)
    squares = WIDE.add(WIDE.multiply(sine, sine), WIDE.multiply(cosine, cosine))
    assert is_near(squares, Decimal(1), digits, 400)
    assert float(sine) == pytest.approx(math.sin(angle), abs=1e-14)
    assert float(cosine) == pytest.approx(math.cos(angle), abs=1e-14)


@settings(max_examples=40, deadline=None)
@given(SMALL, st.sampled_from(DIGITS))
def test_sine_over_cosine_of_an_arctangent_comes_back(number: Decimal, digits: int) -> None:
    sine, cosine = series.sine_cosine(series.arctangent(number, digits), digits)
    assert is_near(sine, WIDE.multiply(number, cosine), digits, 2000)


def test_four_arctangents_of_one_are_pi() -> None:
    found = WIDE.multiply(series.arctangent(Decimal(1), 55), Decimal(4))
    assert is_near(found, Decimal(PI_60), 54)


def test_contexts_round_outwards_at_the_digits_asked_for() -> None:
    contexts = series.contexts_of(30)
    assert contexts is series.contexts_of(30)
    assert (contexts.down.rounding, contexts.up.rounding) == (ROUND_FLOOR, ROUND_CEILING)
    third = contexts.down.divide(Decimal(1), Decimal(3)), contexts.up.divide(Decimal(1), Decimal(3))
    assert Fraction(third[0]) < Fraction(1, 3) < Fraction(third[1])
    assert {context.prec for context in (contexts.down, contexts.near, contexts.up)} == {30}
