"""Intervals hold what they stand for: arithmetic against fractions, functions against series."""

import math
from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.intervals import Arithmetic, Imprecise, Real, Undefined
from crossthink_data.rewards.series import whole_root

PLENTY = 10**9
PI_100 = (
    "3.14159265358979323846264338327950288419716939937510"
    "58209749445923078164062862089986280348253421170679"
)
E_100 = (
    "2.71828182845904523536028747135266249775724709369995"
    "95749669676277240766303535475945713821785251664274"
)
LN_2_100 = (
    "0.69314718055994530941723212145817656807550013436025"
    "52541206800094933936219696947156058633269964186875"
)
SQRT_2_100 = (
    "1.41421356237309504880168872420969807856967187537694"
    "80731766797379907324784621070388503875343276415727"
)

decimals = st.builds(
    lambda digits, exponent: Decimal(
        (int(digits < 0), tuple(map(int, str(abs(digits)))), exponent)
    ),
    st.integers(-(10**9), 10**9),
    st.integers(-12, 3),
)
intervals = st.tuples(decimals, decimals).map(lambda ends: (min(ends), max(ends)))
points = decimals.map(lambda end: (end, end))
reals = st.one_of(points, intervals)


def ends(interval: Real) -> tuple[Fraction, Fraction]:
    return Fraction(interval[0]), Fraction(interval[1])


def holds(interval: Real, truth: Fraction) -> None:
    low, high = ends(interval)
    assert low <= truth <= high


@settings(max_examples=400, deadline=None)
@given(reals, reals, st.sampled_from([2, 5, 30]))
def test_arithmetic_holds_what_the_ends_give(a: Real, b: Real, digits: int) -> None:
    ar = Arithmetic(digits, PLENTY)
    for x in ends(a):
        for y in ends(b):
            holds(ar.add(a, b), x + y)
            holds(ar.subtract(a, b), x - y)
            holds(ar.multiply(a, b), x * y)
        holds(ar.negate(a), -x)
        holds(ar.magnitude(a), abs(x))
        holds(ar.square(a), x * x)
    try:
        inverse = ar.reciprocal(a)
    except (Imprecise, Undefined):
        assert a[0] <= 0 <= a[1]
    else:
        for x in ends(a):
            holds(inverse, 1 / x)


@settings(max_examples=400, deadline=None)
@given(reals, st.integers(1, 70), st.integers(2, 9), st.sampled_from([2, 5, 30, 90]))
def test_powers_and_roots_hold_what_the_ends_give(
    a: Real, exponent: int, index: int, digits: int
) -> None:
    ar = Arithmetic(digits, PLENTY)
    power = ar.integer_power(a, exponent)
    for x in ends(a):
        holds(power, x**exponent)
    if a[0] <= 0 <= a[1]:
        holds(power, Fraction(0))
    if a[0] > 0:
        for x in ends(a):
            holds(ar.integer_power(a, -exponent), x**-exponent)
        low, high = ends(ar.root(a, index))
        assert low**index <= Fraction(a[0])
        assert Fraction(a[1]) <= high**index


@settings(max_examples=200, deadline=None)
@given(st.fractions(-(10**40), 10**40), st.sampled_from([2, 9, 30]))
def test_exact_values_are_lifted_to_the_narrowest_interval(value: Fraction, digits: int) -> None:
    interval = Arithmetic(digits, PLENTY).lift(value)
    holds(interval, value)
    low, high = ends(interval)
    assert high - low <= abs(value) / 10 ** (digits - 1)
    whole = Arithmetic(digits, PLENTY).lift(value.numerator)
    holds(whole, Fraction(value.numerator))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**60), st.integers(2, 64))
def test_whole_roots(x: int, index: int) -> None:
    root = whole_root(x, index)
    assert root**index <= x < (root + 1) ** index
    assert whole_root(x**index, index) == x
    assert whole_root((x + 1) ** index - 1, index) == x


def _series(x: Fraction, first: int, alternating: bool) -> tuple[Fraction, Fraction]:
    """sin or cos (alternating), sinh or cosh of x: 40 terms, and a bound on the rest."""
    total = Fraction(0)
    for order in range(first, 80, 2):
        sign = -1 if alternating and order % 4 >= 2 else 1
        total += sign * x**order / math.factorial(order)
    return total, abs(x) ** 80 / math.factorial(80) * 2


def near(interval: Real, digits: int, truth: Fraction, slack: Fraction) -> None:
    """The interval holds the truth, itself known up to `slack`, and is as narrow as promised."""
    low, high = ends(interval)
    assert low - slack <= truth <= high + slack
    assert high - low <= 4 * max(abs(truth), 1) / Fraction(10) ** (digits - 2)


@settings(max_examples=200, deadline=None)
@given(st.decimals(-3, 3, places=4), st.sampled_from([5, 20, 40, 69, 75, 90]))
def test_elementary_functions_against_their_series(x: Decimal, digits: int) -> None:
    ar = Arithmetic(digits, PLENTY)
    sine, cosine = ar.sine_cosine((x, x))
    near(sine, digits, *_series(Fraction(x), 1, True))
    near(cosine, digits, *_series(Fraction(x), 0, True))
    odd, slack = _series(Fraction(x), 1, False)
    even, _ = _series(Fraction(x), 0, False)
    near(ar.exponential((x, x)), digits, odd + even, 2 * slack)
    small = Fraction(x) / 16
    terms = ((-1) ** n * small ** (2 * n + 1) / (2 * n + 1) for n in range(60))
    angle = ar.arctangent((x / 16, x / 16))
    near(angle, digits, sum(terms, Fraction(0)), abs(small) ** 121)


@settings(max_examples=200, deadline=None)
@given(st.decimals("1e-30", "1e30", places=35), st.sampled_from([5, 30, 69, 71, 200]))
def test_logarithm_and_exponential_against_the_decimal_module(x: Decimal, digits: int) -> None:
    ar = Arithmetic(digits, PLENTY)
    oracle = Context(prec=digits + 40, Emin=-10_000, Emax=10_000)
    slack = Fraction(1, 10 ** (digits + 30))
    logarithm = oracle.ln(x)
    near(ar.logarithm((x, x)), digits, Fraction(logarithm), slack)
    low, high = ends(ar.exponential((logarithm, logarithm)))
    truth = Fraction(oracle.exp(logarithm))
    assert low * (1 - slack) <= truth <= high * (1 + slack)
    assert high - low < truth / Fraction(10) ** (digits - 3)


@settings(max_examples=200, deadline=None)
@given(st.floats(-30, 30), st.floats(0, 3), st.floats(0, 1))
def test_functions_of_wide_intervals_hold_those_of_what_is_within(
    start: float, width: float, where: float
) -> None:
    ar = Arithmetic(30, PLENTY)
    finer = Arithmetic(60, PLENTY)
    low, high = Decimal(start), Decimal(start + width)
    x = Decimal(min(max(start + width * where, start), start + width))
    sine, cosine = ar.sine_cosine((low, high))
    pairs = [
        (sine, finer.sine_cosine((x, x))[0]),
        (cosine, finer.sine_cosine((x, x))[1]),
        (ar.exponential((low, high)), finer.exponential((x, x))),
        (ar.arctangent((low, high)), finer.arctangent((x, x))),
    ]
    if low > 0:
        pairs.append((ar.logarithm((low, high)), finer.logarithm((x, x))))
        pairs.append((ar.root((low, high), 3), finer.root((x, x), 3)))
    for wide, narrow in pairs:
        assert wide[0] <= narrow[1]
        assert narrow[0] <= wide[1]


def test_known_constants_to_100_digits() -> None:
    ar = Arithmetic(110, PLENTY)
    one, two = (Decimal(1), Decimal(1)), (Decimal(2), Decimal(2))
    context = Context(prec=200)
    for interval, known in (
        (ar.pi(), PI_100),
        (ar.exponential(one), E_100),
        (ar.logarithm(two), LN_2_100),
        (ar.root(two, 2), SQRT_2_100),
        (ar.multiply(ar.arctangent(one), ar.lift(4)), PI_100),
    ):
        for end in interval:
            assert context.subtract(end, Decimal(known)).copy_abs() <= Decimal("1e-98")
        assert context.subtract(interval[1], interval[0]) < Decimal("1e-104")


@pytest.mark.parametrize("digits", [2, 30, 71, 500, 3000])
def test_pi_at_all_digits_holds_the_finest(digits: int) -> None:
    coarse, fine = Arithmetic(digits, PLENTY).pi(), Arithmetic(4500, PLENTY).pi()
    assert coarse[0] <= fine[0] <= fine[1] <= coarse[1]
