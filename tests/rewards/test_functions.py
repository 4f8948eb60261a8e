"""The functions a call may name: exact where they can be, near the true value, or undefined."""

import cmath
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.functions import FUNCTIONS
from crossthink_data.rewards.intervals import Arithmetic, Imprecise, OverBudget, Undefined
from crossthink_data.rewards.values import Box, Known

THIRD = Fraction(1, 3)
PI = Decimal("3.14159265358979323846264338327950")


def applied(name: str, *operands: Known) -> Known:
    return FUNCTIONS[name](Arithmetic(30, 1_000_000), list(operands))


def number(known: Known) -> complex:
    if isinstance(known, Box):
        return complex(number(known.real).real, number(known.imaginary).real)
    return complex((known[0] + known[1]) / 2 if isinstance(known, tuple) else known)


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("sin", [0], 0), ("cos", [0], 1), ("tan", [0], 0), ("arcsin", [0], 0), ("arccos", [1], 0),
        ("arctan", [0], 0), ("sinh", [0], 0), ("cosh", [0], 1), ("ln", [1], 0),
        ("abs", [Fraction(-7, 2)], Fraction(7, 2)), ("floor", [Fraction(-1, 2)], -1),
        ("ceil", [Fraction(-1, 2)], 0), ("floor", [(PI, PI)], 3), ("ceil", [(PI, PI)], 4),
        ("factorial", [5], 120), ("factorial", [0], 1), ("binom", [5, 2], 10), ("binom", [5, 7], 0),
        ("binom", [5, -1], 0), ("binom", [-2, 3], -4), ("max", [1, Fraction(3, 2)], Fraction(3, 2)),
        ("min", [1, Fraction(3, 2)], 1), ("mod", [-7, 3], 2),
        ("mod", [Fraction(7, 2), 2], Fraction(3, 2)), ("re", [5], 5), ("im", [5], 0),
        ("conj", [5], 5), ("arg", [5], 0),
    ],
)  # fmt: skip
def test_exact_values_stay_exact(name: str, operands: list[Known], expected: int) -> None:
    assert applied(name, *operands) == expected


@pytest.mark.parametrize(
    ("name", "function"),
    [
        *((name, getattr(cmath, name)) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")),
        *((f"arc{name}", getattr(cmath, f"a{name}")) for name in ("sin", "cos", "tan")),
        *((f"arc{name}", getattr(cmath, f"a{name}")) for name in ("sinh", "cosh", "tanh")),
        ("ln", cmath.log), ("cot", lambda z: 1 / cmath.tan(z)), ("sec", lambda z: 1 / cmath.cos(z)),
        ("csc", lambda z: 1 / cmath.sin(z)), ("coth", lambda z: 1 / cmath.tanh(z)),
        ("sech", lambda z: 1 / cmath.cosh(z)), ("csch", lambda z: 1 / cmath.sinh(z)),
        ("arcsec", lambda z: cmath.acos(1 / z)), ("arccsc", lambda z: cmath.asin(1 / z)),
        ("arcsech", lambda z: cmath.acosh(1 / z)), ("arccsch", lambda z: cmath.asinh(1 / z)),
        ("arccoth", lambda z: cmath.atanh(1 / z)),
        ("arccot", lambda z: cmath.pi / 2 - cmath.atan(z)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("z", [0.25 + 0.5j, -0.25 + 2j, -1.5 - 0.5j])
def test_complex_values_are_the_principal_ones(
    name: str, function: Callable[[complex], complex], z: complex
) -> None:
    ar = Arithmetic(30, 1000)
    operand = Box(ar.lift(Fraction(z.real)), ar.lift(Fraction(z.imag)))
    assert number(applied(name, operand)) == pytest.approx(function(z), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        *((name, [THIRD], getattr(math, name)(1 / 3)) for name in ("sin", "cos", "tan", "tanh")),
        *((f"arc{name}", [-THIRD], getattr(math, f"a{name}")(-1 / 3)) for name in ("sin", "cos")),
        ("arccot", [-1], 3 * math.pi / 4), ("arcsec", [-2], 2 * math.pi / 3),
        ("arccsc", [2], math.pi / 6), ("arcsinh", [-3], math.asinh(-3)),
        ("arccosh", [3], math.acosh(3)), ("arctanh", [THIRD], math.atanh(1 / 3)),
        ("log", [8, 2], 3), ("log", [100, 10], 2),
    ],
)  # fmt: skip
def test_real_values_are_real(name: str, operands: list[Known], expected: float) -> None:
    found = applied(name, *operands)
    assert not isinstance(found, Box)
    assert number(found) == pytest.approx(expected, rel=1e-12)


@given(st.integers(0, 300), st.integers(0, 300))
def test_binomials_and_factorials_are_those_of_the_library(above: int, below: int) -> None:
    assert applied("binom", above, below) == math.comb(above, below)
    assert applied("factorial", above) == math.factorial(above)


@given(st.integers(-50, -1), st.integers(0, 30))
def test_binomials_above_a_negative_number_add_up_as_pascal_says(above: int, below: int) -> None:
    shorter = applied("binom", above - 1, below - 1)
    assert applied("binom", above, below) == applied("binom", above - 1, below) + shorter


@given(st.fractions(max_denominator=10**6), st.fractions(1, 100, max_denominator=1000))
def test_a_remainder_lies_below_its_modulus(number_: Fraction, modulus: Fraction) -> None:
    assert applied("mod", number_, modulus) == number_ % modulus


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("ln", [0]), ("cot", [0]), ("csc", [0]), ("arctanh", [1]), ("arcsec", [0]),
        ("factorial", [-1]), ("factorial", [THIRD]), ("binom", [THIRD, 2]), ("log", [5, 1]),
        ("arg", [0]), ("mod", [5, 0]), ("sin", []), ("sin", [1, 2]), ("log", [5]),
        ("binom", [5, 2, 1]),
    ],
)  # fmt: skip
def test_poles_and_wrong_counts_of_arguments_are_undefined(
    name: str, operands: list[Known]
) -> None:
    with pytest.raises(Undefined):
        applied(name, *operands)


@pytest.mark.parametrize(
    ("name", "operands"), [("factorial", [5001]), ("binom", [10**9, 5 * 10**8]), ("sinh", [10**9])]
)
def test_what_would_take_too_long_is_over_budget(name: str, operands: list[Known]) -> None:
    with pytest.raises(OverBudget):
        applied(name, *operands)


def test_the_floor_of_an_interval_around_a_whole_number_is_not_told() -> None:
    with pytest.raises(Imprecise):
        applied("floor", (Decimal("2.9999"), Decimal("3.0001")))
