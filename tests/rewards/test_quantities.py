"""What stands behind a value: units, counted nouns and bases, and the number they stand for."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.nodes import Constant, Node, Number, Product, Quantity, Symbol
from crossthink_data.rewards.quantities import (
    bare,
    decimal_places,
    is_angle,
    is_in_base,
    scaled,
    unit_behind,
    units_agree,
)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("miles", "mi"), ("(cm)", "cm"), ("cm.", "cm"), ("square centimeters", "cm^2"),
        ("base 5", "base 5"), ("base five", "base 5"), ("base {12}", "base 12"), ("meals", "meal"),
        ("Red Balls", "red ball"),
    ],
)  # fmt: skip
def test_units_nouns_and_bases_have_one_key(text: str, unit: str) -> None:
    assert unit_behind(text) == unit


@pytest.mark.parametrize(
    "text",
    ["", "or maybe 8", "apples and pears", "th root", "base 1", "base 37", "base ball", "halves",
     "if true", "percent more or less", "one two three four five", "5"],
)  # fmt: skip
def test_what_makes_another_value_or_none_of_it_is_no_unit(text: str) -> None:
    assert unit_behind(text) is None


def test_a_unit_with_a_prefix_is_another_unit() -> None:
    names = ["".join(parts) for parts in product(("", "k", "m", "μ", "n"), ("m", "g", "s", "J"))]
    keys = [unit_behind(name) for name in names]
    assert None not in keys
    assert len(set(keys)) == len(names)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("ball", "red ball", True),
        ("blue ball", "red ball", False),
        ("cm", "m", False),
        ("base 5", "base 6", False),
        ("base 5", "base 5", True),
    ],
)
def test_one_noun_may_leave_out_words_of_the_other(first: str, second: str, expected: bool) -> None:
    assert units_agree(first, second) == expected
    assert units_agree(second, first) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (5, "%", Number(Fraction(1, 20))),
        (90, "°", Product([Number(Fraction(1, 2)), Constant("pi")])),
        (3, "rad", Number(3)),
        (204, "base 5", Number(54)),
        (-11, "base 2", Number(-3)),
    ],
)
def test_percent_angles_and_bases_stand_for_a_number(value: int, unit: str, expected: Node) -> None:
    assert repr(scaled(Quantity(Number(value), unit))) == repr(expected)


@given(st.integers(2, 10), st.integers(0, 10**9))
def test_the_digits_of_a_number_in_a_base_stand_for_it(base: int, number: int) -> None:
    digits, rest = "", number
    while rest:
        digits, rest = str(rest % base) + digits, rest // base
    found = scaled(Quantity(Number(int(digits or "0")), f"base {base}"))
    assert isinstance(found, Number)
    assert found.value == number


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (Number(5), "cm"),
        (Number(12), "base 2"),
        (Number(Fraction(1, 2)), "base 2"),
        (Symbol("x"), "base 5"),
        (Number(10**400), "base 5"),
    ],
)
def test_other_units_and_digits_that_are_none_of_the_base_stand_for_none(
    value: Node, unit: str
) -> None:
    assert scaled(Quantity(value, unit)) is None


def test_a_value_without_its_unit_is_the_value_and_percent_a_fraction() -> None:
    assert repr(bare(Quantity(Number(5), "cm"))) == repr(Number(5))
    assert repr(bare(Quantity(Number(5), "%"))) == repr(Number(Fraction(1, 20)))
    assert repr(bare(Symbol("x"))) == repr(Symbol("x"))


def test_angles_and_bases_are_told_by_their_unit() -> None:
    units = ["°", "rad", "base 5", "cm", "%"]
    quantities = [Quantity(Number(1), unit) for unit in units]
    assert list(map(is_angle, quantities)) == [True, True, False, False, False]
    assert list(map(is_in_base, quantities)) == [False, False, True, False, False]


@given(st.integers(-(10**9), 10**9), st.integers(0, 15))
def test_a_decimal_needs_as_many_places_as_make_it_whole(digits: int, places: int) -> None:
    value = Fraction(digits, 10**places)
    needed = decimal_places(value)
    assert needed is not None
    assert (value * 10**needed).denominator == 1
    assert not needed or (value * 10 ** (needed - 1)).denominator > 1


@pytest.mark.parametrize("below", [3, 7, 6, 15])
def test_other_fractions_have_no_last_decimal(below: int) -> None:
    assert decimal_places(Fraction(1, below)) is None
