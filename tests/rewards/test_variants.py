"""Other ways to say the same: which texts share a variant, and which must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.text import plain_tokens
from crossthink_data.rewards.variants import relaxed, variants

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip


def meanings(plain: str) -> frozenset[tuple[str, ...]]:
    return variants(plain, plain_tokens(plain))


def agree(one: str, other: str) -> bool:
    return not meanings(one).isdisjoint(meanings(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("World War II", "World War 2"),
        ("Henry VIII", "Henry 8"),
        ("prime numbers", "prime number"),
        ("mice", "mouse"),
        ("children", "child"),
        ("colour", "color"),
        ("haemoglobin", "hemoglobin"),
        ("organised", "organized"),
        ("Dr. Watson", "Watson"),
        ("5 minutes", "5 min"),
        ("19th century", "19 century"),
        ("photo-synthesis", "photosynthesis"),
        ("health care", "healthcare"),
        ("gross domestic product (GDP)", "GDP"),
        ("GDP (gross domestic product)", "gross domestic product"),
        ("it melts", "melts"),
        ("United States of America", "USA"),
        ("from 5 to 6", "5-6"),
        ("between 5 and 6", "5 to 6"),
        ("F = ma", "ma = F"),
        ("sigma squared", "sigma^2"),
        ("500 BCE", "500 BC"),
        ("Müller", "Mueller"),
        ("July 14, 1789", "14/7/1789"),
        ("July 1776", "in July of 1776"),
    ],
)
def test_two_ways_to_say_the_same_share_a_variant(one: str, other: str) -> None:
    assert agree(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("World War II", "World War I"),
        ("Henry VIII", "Henry VII"),
        ("July 4, 1776", "July 14, 1776"),
        ("July 4, 1776", "June 4, 1776"),
        ("July 4, 1776", "July 4, 1777"),
        ("500 BCE", "500 CE"),
        ("5-6", "6-5"),
        ("Paris (France)", "France"),
        ("diabetes", "diabete"),
        ("glass", "glas"),
        ("Texas", "Texa"),
        ("F = ma", "F = mb"),
        ("sigma squared", "sigma cubed"),
        ("3D", "3 days"),
    ],
)
def test_what_says_something_else_shares_none(one: str, other: str) -> None:
    assert not agree(one, other)


@settings(deadline=None)
@given(st.sampled_from(range(12)), st.integers(13, 28), st.integers(1000, 2030))
def test_a_date_is_one_date_in_every_spelling(month: int, day: int, year: int) -> None:
    name = MONTHS[month]
    spellings = [
        f"{name} {day}, {year}",
        f"{day} {name} {year}",
        f"the {day}th of {name} {year}" if day not in (21, 22, 23) else f"{day} {name}, {year}",
        f"{year}-{month + 1:02}-{day}",
        f"{month + 1}/{day}/{year}",
    ]
    assert all(agree(spellings[0], spelling) for spelling in spellings)
    assert not agree(spellings[0], f"{name} {day - 1}, {year}")


def test_a_day_that_no_month_has_is_no_date() -> None:
    assert not any("date" in token for found in meanings("July 32, 1776") for token in found)


@given(st.lists(st.from_regex(r"[A-Za-z]{1,9}|\d{1,4}|[-=^(),]", fullmatch=True), max_size=8))
def test_the_tokens_themselves_and_their_relaxed_form_are_always_variants(words: list[str]) -> None:
    plain = " ".join(words)
    tokens = plain_tokens(plain)
    if tokens:
        assert {tokens, relaxed(tokens, plain)} <= variants(plain, tokens)


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("World War II", ("world", "war", "2")),
        ("Vitamin C", ("vitamin", "c")),
        ("James", ("james",)),
        ("Dr. Who", ("who",)),
        ("buses", ("bus",)),
        ("cities", ("city",)),
    ],
)
def test_relaxed_words_are_singular_american_and_in_digits(
    plain: str, expected: tuple[str, ...]
) -> None:
    assert relaxed(plain_tokens(plain), plain) == expected
