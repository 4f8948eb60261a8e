"""Tokens of mathematical text: numbers, words that stay words, fonts, limits."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.lexer import NotUnderstood, TooLong, number_value, tokenize


def kinds(text: str, *, grouping: bool = True) -> list[str]:
    """What the tokens are, the closing one left out."""
    return list(tokenize(text, grouping=grouping).kinds[:-1])


def values(text: str, *, grouping: bool = True) -> list[object]:
    return list(tokenize(text, grouping=grouping).values[:-1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("007", 7),
        ("7.", 7),
        (".5", Fraction(1, 2)),
        ("7.50", Fraction(15, 2)),
        ("1e3", 1000),
        ("2.5E-3", Fraction(1, 400)),
        ("1,234,567", 1234567),
        ("1{,}234", 1234),
        (r"1,\!234", 1234),
        (r"1\,234\,567", 1234567),
        ("1 234 567", 1234567),
        ("1,234.5", Fraction(2469, 2)),
        ("99999999999999999999", 99999999999999999999),
    ],
)
def test_a_printed_number_is_one_exact_token(text: str, value: object) -> None:
    assert values(text) == [value]


def test_commas_between_other_digits_part_members() -> None:
    assert values("1,2") == [1, ",", 2]
    assert values("12,3456") == [12, ",", 3456]
    assert values("1,234", grouping=False) == [1, ",", 234]


def test_commas_in_brackets_part_members() -> None:
    assert values("(100,200)") == ["(", 100, ",", 200, ")"]
    assert values("(1{,}000)") == ["(", 1000, ")"]


def test_no_digits_are_lost_to_floating_point() -> None:
    assert number_value("0." + "0" * 40 + "1") == Fraction(1, 10**41)
    assert number_value("123456789012345678") != number_value("123456789012345679")


@pytest.mark.parametrize("word", ["odd", "even", "Evelyn", "parallelogram", "True", "meters"])
def test_words_stay_words(word: str) -> None:
    assert kinds(rf"\text{{{word}}}") == ["t"]
    assert kinds(word) == ["t"]


@pytest.mark.parametrize("letters", ["xy", "abc", "ab", "mn"])
def test_short_runs_of_letters_are_products(letters: str) -> None:
    assert values(letters) == list(letters)


def test_functions_are_known_by_name_with_and_without_backslash() -> None:
    assert kinds(r"\sin x") == kinds("sin x") == ["f", "x"]
    assert values(r"\sin x") == values("sin x") == ["sin", "x"]
    assert values("sinx") == ["sin", "x"]


@pytest.mark.parametrize("font", ["mathrm", "mathbf", "textbf", "boxed", "mathit", "bm"])
def test_fonts_around_numbers_are_transparent(font: str) -> None:
    assert [value for value in values(rf"\{font}{{5}}") if value not in ("{", "}")] == [5]


def test_a_letter_in_roman_behind_a_value_is_a_unit() -> None:
    assert kinds(r"5\mathrm{m}") == ["n", "t"]
    assert "t" not in kinds(r"2\mathrm{e}")


def test_greek_variants_are_one_letter() -> None:
    assert values(r"\varepsilon") == values(r"\epsilon")
    assert values(r"\varphi") == values(r"\phi")


def test_negated_relations_are_one_sign() -> None:
    assert kinds(r"\not=") == kinds(r"\neq") == ["!="]
    assert kinds(r"x\not\in A") == ["x", "notin", "x"]


def test_spaces_and_sizes_leave_no_token() -> None:
    assert kinds(r"\left( \, x \! \right) \quad ~ \;") == kinds("(x)")


def test_bars_that_know_their_side_do_not_pair_by_chance() -> None:
    assert kinds(r"\left|x\right|") == ["|<", "x", ">|"]


@pytest.mark.parametrize("text", ["\\", "\\text{a", "@", "x \\unknowncommand", "\x00", "\\begin"])
def test_what_is_no_mathematics_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        tokenize(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4001,
        "+-" * 1000,
        "9" * 1001,
        "1e5000",
        "1e99999999",
        "0." + "3" * 1001,
        r"\mathbf{" * 200 + "5" + "}" * 200,
    ],
)
def test_budgets_end_in_too_long(text: str) -> None:
    with pytest.raises(TooLong):
        tokenize(text)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_tokens_or_one_of_two_errors(text: str) -> None:
    try:
        tokens = tokenize(text)
    except (NotUnderstood, TooLong):
        return
    assert tokens.kinds[-1] == "end"
    assert len(tokens.kinds) == len(tokens.values) == len(tokens.starts) == len(tokens.ends)
    places = zip(tokens.starts, tokens.ends, strict=True)
    assert all(0 <= start <= end <= len(text) for start, end in places)


@given(
    st.lists(
        st.sampled_from(
            [*r"\{}()[]|$^_&%,;.0123456789+-*/=<> xyzie'!:~", "\\frac", "\\text{", "\\left", "{,}",
             "\\begin{pmatrix}", "\\end{pmatrix}", "\\\\", "\\mathbf{", "\\not", "\\right."]
        ),
        max_size=40,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_scraps_of_latex_give_tokens_or_one_of_two_errors(scraps: list[str]) -> None:
    with contextlib.suppress(NotUnderstood, TooLong):
        tokenize("".join(scraps))


@given(st.integers(min_value=0, max_value=10**30), st.sampled_from([",", "{,}", "\\,", " "]))
def test_thousands_separators_do_not_change_a_number(number: int, separator: str) -> None:
    printed = f"{number:,}".replace(",", separator)
    assert values(printed) == [number]
