"""Numbers with units: what they are worth exactly, what is no amount, and which agree."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.amounts import compare_amounts, read_amount
from crossthink_data.rewards.verdict import RIGHT


def compared(gold: str, answer: str) -> str:
    one, other = read_amount(gold), read_amount(answer)
    assert one is not None
    assert other is not None
    return compare_amounts(one, other)


@pytest.mark.parametrize(
    ("plain", "value", "unit"),
    [
        ("5", 5, ""),
        ("-5", -5, ""),
        ("minus 5", -5, ""),
        ("about 5", 5, ""),
        ("1,234.50", Fraction(2469, 2), ""),
        ("1 234", 1234, ""),
        ("1/2", Fraction(1, 2), ""),
        ("2 1/2", Fraction(5, 2), ""),
        ("10^3", 1000, ""),
        ("10^-2", Fraction(1, 100), ""),
        ("1e5", 100_000, ""),
        ("1.5e3 J", 1500, "J"),
        ("3 × 10^-5 mol/L", Fraction(3, 100_000), "M"),
        ("4 atm", 4, "atm"),
        ("25%", 25, "%"),
        ("$5 million", 5_000_000, "$"),
        ("US$5", 5, "$"),
        ("$5m", 5_000_000, "$"),
        ("5m", 5, "m"),
        ("€5", 5, "€"),
        ("5 euros", 5, "€"),
        ("500 BC", 500, "BC"),
        ("BC 500", 500, "BC"),
        ("AD 79", 79, ""),
        ("the year 1990", 1990, ""),
    ],
)
def test_an_amount_is_its_exact_value_and_its_unit(
    plain: str, value: int | Fraction, unit: str
) -> None:
    found = read_amount(plain)
    assert found is not None
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    "plain",
    ["", "x", "5 to 6", "5-6", "1/0", "0^0", "12,34", "120/80 mmHg", "1990s", "$5 km", "5/",
     "10^9999", "1e99999", "9" * 401, "five"],
)  # fmt: skip
def test_ranges_pressures_decades_and_numbers_out_of_bounds_are_no_amounts(plain: str) -> None:
    assert read_amount(plain) is None


@given(st.integers(-(10**20), 10**20), st.integers(0, 12))
def test_a_printed_decimal_is_read_as_the_fraction_it_prints(digits: int, places: int) -> None:
    value = Fraction(digits, 10**places)
    whole, part = divmod(abs(digits), 10**places)
    printed = f"{'-' * (digits < 0)}{whole:,}" + (f".{part:0{places}}" if places else "")
    found = read_amount(printed)
    assert found is not None
    assert found.value == value


@given(st.integers(0, 10**6), st.sampled_from(["", " km", " %", " mol/L", " BC", " million"]))
def test_an_amount_equals_itself_and_no_other_value(number: int, unit: str) -> None:
    assert compared(f"{number}{unit}", f"{number}{unit}") == RIGHT
    assert compared(f"{number}{unit}", f"{number + 1}{unit}") == "acc:not_equal"


@pytest.mark.parametrize(
    ("gold", "answer", "expected"),
    [
        ("5 km", "5 kilometers", RIGHT),
        ("5 km", "5", RIGHT),
        ("5", "5 km", RIGHT),
        ("5 km", "5 mi", "acc:different_unit"),
        ("5 km", "6 mi", "acc:not_equal"),
        ("25%", "0.25", RIGHT),
        ("25%", "25", RIGHT),
        ("25%", "1/4", RIGHT),
        ("0.25", "25%", RIGHT),
        ("25", "25%", "acc:different_unit"),
        ("500 BC", "500", "acc:different_unit"),
        ("500", "500 BC", "acc:different_unit"),
        ("$5", "€5", "acc:different_unit"),
        ("$5 million", "5,000,000 dollars", RIGHT),
        ("1/2", "0.5", RIGHT),
    ],
)
def test_a_unit_may_be_left_out_or_added_but_never_changed(
    gold: str, answer: str, expected: str
) -> None:
    assert compared(gold, answer) == expected
