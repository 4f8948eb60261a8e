"""Known values: exact while they can be, intervals that hold the value, boxes off the real line."""

import cmath
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards import values
from crossthink_data.rewards.intervals import Arithmetic, Imprecise, OverBudget, Undefined
from crossthink_data.rewards.values import IMAGINARY_UNIT, Box, Known

RATIONALS = st.one_of(st.integers(-(10**6), 10**6), st.fractions(max_denominator=10**6))
HALF = Fraction(1, 2)
ABOUT_ZERO = (Decimal(-1), Decimal(1))


def arithmetic() -> Arithmetic:
    return Arithmetic(30, 1_000_000)


def number(known: Known) -> complex:
    """The middle of a value as a complex number."""
    if isinstance(known, Box):
        return complex(number(known.real).real, number(known.imaginary).real)
    if isinstance(known, tuple):
        assert known[0] <= known[1]
        return complex((known[0] + known[1]) / 2)
    return complex(known)


@given(st.lists(RATIONALS, min_size=1, max_size=6))
def test_totals_and_products_of_exact_values_are_exact(rationals: list[Fraction]) -> None:
    expected = Fraction(1)
    for rational in rationals:
        expected *= rational
    assert values.total(arithmetic(), list(rationals)) == sum(rationals)
    assert values.product(arithmetic(), list(rationals)) == expected


@given(RATIONALS, RATIONALS)
def test_an_interval_holds_what_exact_arithmetic_gives(a: Fraction, b: Fraction) -> None:
    ar = arithmetic()
    for operation, expected in (
        (values.add, a + b),
        (values.subtract, a - b),
        (values.multiply, a * b),
    ):
        for found in (operation(ar, ar.lift(a), b), operation(ar, a, ar.lift(b))):
            low, high = values.real_of(ar, found)
            assert Fraction(low) <= expected <= Fraction(high)


@settings(deadline=None)
@given(RATIONALS, RATIONALS)
def test_complex_arithmetic_is_that_of_numbers(a: Fraction, b: Fraction) -> None:
    ar = arithmetic()
    one = values.add(ar, a, values.multiply(ar, b, IMAGINARY_UNIT))
    assert number(one) == pytest.approx(complex(a, b), rel=1e-12)
    assert number(values.multiply(ar, one, one)) == pytest.approx(complex(a, b) ** 2, rel=1e-9)
    if a or b:
        assert number(values.divide(ar, one, one)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [
        (2, 10, 1024), (Fraction(2, 3), -2, Fraction(9, 4)), (Fraction(4, 9), HALF, Fraction(2, 3)),
        (-8, Fraction(1, 3), -2), (-8, Fraction(2, 3), 4), (27, Fraction(-1, 3), Fraction(1, 3)),
        (0, 5, 0), (1, 10**40, 1), (-1, 10**40 + 1, -1),
    ],
)  # fmt: skip
def test_powers_that_are_rational_are_exact(
    base: int | Fraction, exponent: int | Fraction, expected: int | Fraction
) -> None:
    assert values.power(arithmetic(), [base, exponent]) == expected


@pytest.mark.parametrize(
    ("base", "exponent"),
    [(2, HALF), (-4, HALF), (-3, Fraction(3, 2)), (-2, Fraction(1, 4)), (0, HALF)],
)
def test_other_powers_are_the_principal_ones(base: int, exponent: Fraction) -> None:
    found = number(values.power(arithmetic(), [base, exponent]))
    assert found == pytest.approx(complex(base) ** float(exponent), rel=1e-12)


@pytest.mark.parametrize("z", [3 + 4j, -3 + 4j, -3 - 4j, 2j, -2j, 0.25 - 1j])
def test_functions_of_complex_values_are_the_principal_ones(z: complex) -> None:
    ar = arithmetic()
    one = Box(ar.lift(Fraction(z.real)), ar.lift(Fraction(z.imag)))
    assert number(values.square_root(ar, one)) == pytest.approx(cmath.sqrt(z), rel=1e-12)
    assert number(values.logarithm(ar, one)) == pytest.approx(cmath.log(z), rel=1e-12)
    assert number(values.exponential(ar, one)) == pytest.approx(cmath.exp(z), rel=1e-12)
    assert number(values.argument(ar, one)) == pytest.approx(cmath.phase(z), rel=1e-12)
    assert number(values.absolute(ar, one)) == pytest.approx(abs(z), rel=1e-12)


def test_the_square_of_i_is_minus_one_and_no_box() -> None:
    square = values.multiply(arithmetic(), IMAGINARY_UNIT, IMAGINARY_UNIT)
    assert square == (Decimal(-1), Decimal(-1))


def test_the_logarithm_of_minus_one_is_pi_times_i() -> None:
    assert number(values.logarithm(arithmetic(), -1)) == pytest.approx(cmath.pi * 1j, rel=1e-12)


@pytest.mark.parametrize(("value", "sign"), [(5, 1), (Fraction(-1, 9), -1), (0, 0)])
def test_the_sign_of_an_exact_value_is_told(value: int | Fraction, sign: int) -> None:
    assert values.sign_of(value) == sign


def test_the_sign_of_an_interval_about_zero_is_not_told() -> None:
    with pytest.raises(Imprecise):
        values.sign_of(ABOUT_ZERO)


@pytest.mark.parametrize(
    ("operation", "operands"),
    [
        (values.reciprocal, (0,)), (values.divide, (1, 0)), (values.logarithm, (0,)),
        (values.argument, (0,)), (values.real_of, (IMAGINARY_UNIT,)), (values.power, ([0, 0],)),
        (values.power, ([0, -1],)), (values.power, ([0, Fraction(-1, 2)],)),
    ],
)  # fmt: skip
def test_what_has_no_value_is_undefined(
    operation: Callable[..., Known], operands: tuple[object, ...]
) -> None:
    with pytest.raises(Undefined):
        operation(arithmetic(), *operands)


def test_what_is_too_long_to_be_exact_becomes_an_interval_or_ends_the_budget() -> None:
    assert isinstance(values.power(arithmetic(), [3, 10**6]), tuple)
    with pytest.raises(OverBudget):
        values.power(arithmetic(), [3, 2**300])
    with pytest.raises(OverBudget):
        values.exponential(arithmetic(), 10**9)
