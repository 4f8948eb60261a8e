"""Numbers in words, ordinals and digits come to one spelling, and other words stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.numerals import MAGNITUDES, NUMBER_WORDS, merge_numerals, ordinal

SMALL = {value: word for word, value in NUMBER_WORDS.items() if word != "fourty"}
LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))


def spelled(number: int, joint: str = "") -> list[str]:
    """The English words of a number, with `joint` behind its hundreds."""
    for size, name in LARGE:
        if number >= size:
            rest = spelled(number % size, joint) if number % size else []
            return [*spelled(number // size, joint), name, *rest]
    if number >= 100:
        rest = spelled(number % 100, joint) if number % 100 else []
        return [SMALL[number // 100], "hundred", *([joint] if joint and rest else []), *rest]
    if number in SMALL:
        return [SMALL[number]]
    return [SMALL[number - number % 10], SMALL[number % 10]]


@given(st.integers(0, 10**15 - 1), st.sampled_from(["", "and"]))
def test_a_number_comes_back_from_its_words(number: int, joint: str) -> None:
    assert merge_numerals(spelled(number, joint)) == [str(number)]


@given(st.integers(0, 10**9), st.sampled_from(["apples", "of", "and", "x"]))
def test_the_words_around_a_number_stay(number: int, word: str) -> None:
    assert merge_numerals([word, *spelled(number), word]) == [word, str(number), word]


@given(st.integers(1, 10**12))
def test_separators_leading_zeros_and_trailing_zeros_say_nothing(number: int) -> None:
    for written in (f"{number:,}", f"00{number}", f"{number}.00", f"{number:,}.0"):
        assert merge_numerals([written]) == [str(number)]


@given(st.integers(0, 99), st.sampled_from(sorted(MAGNITUDES)))
def test_a_magnitude_multiplies_the_digits_before_it(number: int, magnitude: str) -> None:
    assert merge_numerals([str(number), magnitude]) == [str(number * MAGNITUDES[magnitude])]


@given(st.lists(st.sampled_from([*NUMBER_WORDS, *MAGNITUDES, "and", "half", "third", "per", "x"])))
def test_merging_any_words_ends_and_leaves_no_number_word(found: list[str]) -> None:
    merged = merge_numerals(list(found))
    assert NUMBER_WORDS.keys().isdisjoint(merged)
    assert bool(merged) == bool(found)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("two thirds", "2 / 3"),
        ("one half", "1 / 2"),
        ("one seventh", "1 / 7"),
        ("three quarters", "3 / 4"),
        ("seventh", "7th"),
        ("one hundred twenty first", "121st"),
        ("two dozen eggs", "24 eggs"),
        ("1.5 million", "1500000"),
        ("ten percent", "10 %"),
        ("ten per cent", "10 %"),
        ("ten per hour", "10 per hour"),
        ("one two three", "1 2 3"),
        ("twenty ten", "20 10"),
        ("salt & pepper", "salt and pepper"),
        ("-0", "0"),
        ("1.050", "1.05"),
        ("1.2.3", "1.2.3"),
        ("carbon dioxide", "carbon dioxide"),
    ],
)
def test_numbers_are_digits_and_nothing_else_changes(words: str, expected: str) -> None:
    assert merge_numerals(words.split()) == expected.split()


@pytest.mark.parametrize(
    ("number", "expected"),
    [("1", "1st"), ("2", "2nd"), ("3", "3rd"), ("4", "4th"), ("11", "11th"), ("12", "12th"),
     ("13", "13th"), ("21", "21st"), ("111", "111th"), ("101", "101st"), ("0", "0th")],
)  # fmt: skip
def test_ordinals_end_as_they_are_spoken(number: str, expected: str) -> None:
    assert ordinal(number) == expected
