r"""Units: one key for all spellings, another key for another unit."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.units import same_unit, unit_key

SPELLINGS = [
    ["mi", "mile", "miles"],
    ["cm^2", "cm²", "cm^{2}", "cm2", "square centimeters", "sq cm", "centimeters squared"],
    ["m/s", "meters per second", "m s^{-1}", "m·s⁻¹", "m s^-1", "metres/second", "m / s"],
    ["m/s^2", "m s^{-2}", "meters per second squared", "m/s/s", "m/s²"],
    ["°C", "^\\circ C", "^{\\circ}C", "° C", "°c", "degrees Celsius", "deg C", "℃"],
    ["°F", "degrees Fahrenheit", "deg F", "°f"],
    ["K", "kelvin", "kelvins", "°K"],
    ["°", "degrees", "degree", "deg"],
    ["%", "percent", "per cent", "\\%"],
    ["$", "USD", "dollars", "US dollars", "\\$", "dollar"],
    ["€", "euros", "EUR"],
    ["yuan", "RMB", "CNY"],
    ["kg", "Kg", "kilograms", "kilogram", "kgs"],
    ["km/h", "km/hr", "kilometers per hour", "kph"],
    ["mph", "miles per hour", "mi/hr"],
    ["L", "l", "liters", "litre"],
    ["mL", "ml", "milliliters"],
    ["ft", "feet", "foot"],
    ["ft^3", "cubic feet", "cu ft"],
    ["Ω", "ohms", "ohm"],
    ["μF", "µF", "uF", "microfarads"],
    ["MeV", "Mev", "megaelectronvolts"],
    ["mmHg", "mm Hg", "mm of Hg", "millimeters of mercury"],
    ["J/(mol·K)", "J mol^-1 K^-1", "J/mol K", "J K^{-1} mol^{-1}"],
    ["M", "mol/L", "moles per liter", "mol L^-1"],
    ["psi", "lb/in^2", "pounds per square inch"],
    ["kcal", "Kcal", "kilocalories"],
    ["h", "hr", "hours", "hrs"],
    ["people", "person", "persons"],
]
APART = [
    ("mW", "MW"),
    ("km", "kg"),
    ("km", "m"),
    ("°C", "°F"),
    ("°C", "K"),
    ("cm", "cm^2"),
    ("m/s", "m/s^2"),
    ("s", "min"),
    ("$", "€"),
    ("%", "°"),
    ("atm", "Pa"),
    ("kJ/mol", "kJ"),
    ("s^-1", "s"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
def test_all_spellings_of_a_unit_have_one_key(spellings: list[str]) -> None:
    keys = {unit_key(spelling) for spelling in spellings}
    assert len(keys) == 1
    assert None not in keys


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_units_have_other_keys(one: str, other: str) -> None:
    keys = unit_key(one), unit_key(other)
    assert None not in keys
    assert keys[0] != keys[1]
    assert not same_unit(str(keys[0]), str(keys[1]))


def test_keys_of_different_spelling_lists_differ() -> None:
    keys = [unit_key(spellings[0]) for spellings in SPELLINGS]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "text", ["", " ", "4", "th", "wombats", "of water", "years old", "cm^", "/", "per", "x" * 500]
)
def test_what_is_no_unit(text: str) -> None:
    assert unit_key(text) is None


def test_a_bare_letter_may_be_a_temperature() -> None:
    assert same_unit("°C", "C")
    assert same_unit("F", "°F")
    assert not same_unit("C", "F")


@given(st.text(alphabet="kmMsgNJ/^·-²³⁻12 °%$()per", max_size=12))
def test_keys_are_units_themselves(text: str) -> None:
    key = unit_key(text)
    assert key is None or unit_key(key) == key


@given(st.text(max_size=100))
def test_any_text_may_be_asked(text: str) -> None:
    assert unit_key(text) is None or unit_key(f" {text} ") == unit_key(text)


@pytest.mark.parametrize("piece", ["m", "m/", "°", "per ", "^", "(", "square ", "\x00", "\ud800"])
def test_hostile_texts_are_no_units(piece: str) -> None:
    start = time.process_time()
    unit_key(piece * 1_000_000)
    unit_key(piece * (80 // len(piece)))
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("degrees^2", "°", False),
        ("degrees^2", "square degrees", True),
        ("degrees^2", "degrees squared", True),
        ("degrees^2", "degrees^3", False),
        ("miles an hour", "mph", True),
        ("USD a month", "$/month", False),
        ("rad/s^2", "radians per second squared", True),
    ],
)
def test_powers_of_degrees_and_rates_with_an_article(one: str, other: str, same: bool) -> None:
    assert (unit_key(one) == unit_key(other)) == same
