"""The vocabulary of notation: signs become ASCII, and no command means two things."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.notation import (
    FUNCTIONS,
    GREEK,
    LETTER_VARIANTS,
    MATH_FONTS,
    NEGATED,
    OPAQUE,
    RELATIONS,
    SIGNS,
    SPACES,
    STRUCTURES,
    TRANSPARENT_FONTS,
    rewritten,
    vocabulary,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x²", "x^{2}"),
        ("xⁿ⁺¹", "x^{n+1}"),
        ("x₁₂", "x_{12}"),
        ("5−3", "5-3"),
        ("x≤1", "x<=1"),
        ("a×b", "a*b"),
        ("√2", r"\sqrt 2"),
        ("π", r"\pi "),
        ("½", r"\tfrac{1}{2}"),
        ("３Ａｂ", "3Ab"),
        ("€5", r"\$5"),
        ("（x，y）", "(x,y)"),
        ("5\u200b\ufeff", "5"),
        ("é", "é"),
    ],
)
def test_a_sign_that_is_not_ascii_is_written_in_latex_where_it_has_such(
    text: str, expected: str
) -> None:
    assert rewritten(text) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_stays_as_it_is(text: str) -> None:
    assert rewritten(text) == text


@given(st.text(st.characters(max_codepoint=0xFFFF)))
def test_a_text_that_is_rewritten_twice_is_rewritten_once(text: str) -> None:
    assert rewritten(rewritten(text)) == rewritten(text)


@pytest.mark.parametrize("letter", "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΦΨΩ")
def test_a_greek_letter_is_the_command_of_its_name(letter: str) -> None:
    name = unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    command = rewritten(letter)
    assert command.lower() == f"\\{name} "
    assert command[1].isupper() == letter.isupper()


@pytest.mark.parametrize(
    ("value", "fraction"), [("¼", "1}{4"), ("⅔", "2}{3"), ("⅝", "5}{8"), ("⅒", "1}{10")]
)
def test_a_fraction_in_one_sign_is_that_fraction(value: str, fraction: str) -> None:
    above, below = (int(part) for part in fraction.split("}{"))
    assert unicodedata.numeric(value) == pytest.approx(above / below)
    assert rewritten(value) == rf"\tfrac{{{fraction}}}"


TABLES = {
    "functions": FUNCTIONS.keys(),
    "letters": GREEK,
    "operators": OPAQUE,
    "signs": SIGNS.keys(),
    "spaces": SPACES,
    "structures": STRUCTURES.keys(),
    "fonts": MATH_FONTS | TRANSPARENT_FONTS,
}


@pytest.mark.parametrize(("one", "other"), list(combinations(TABLES, 2)))
def test_no_command_stands_in_two_tables(one: str, other: str) -> None:
    assert not set(TABLES[one]) & set(TABLES[other])


def test_variants_of_letters_stand_for_letters() -> None:
    assert LETTER_VARIANTS.keys() <= GREEK
    assert set(LETTER_VARIANTS.values()) <= GREEK


def test_a_negated_relation_is_a_relation() -> None:
    assert set(NEGATED.values()) <= RELATIONS


def test_every_name_of_a_function_leads_to_one_that_is_its_own() -> None:
    assert all(FUNCTIONS.get(name, name) == name for name in FUNCTIONS.values())


def test_a_vocabulary_is_the_set_of_its_words() -> None:
    assert vocabulary(" one two  one ") == {"one", "two"}
