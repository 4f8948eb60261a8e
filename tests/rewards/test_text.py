r"""Plain text and tokens: the dress goes, what carries meaning stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.numerals import merge_numerals
from crossthink_data.rewards.text import LONGEST, plain_text, tokens


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\text{Paris}", "Paris"),
        (r"\textbf{\textit{Paris}}", "Paris"),
        (r"$\mathrm{Paris}$", "Paris"),
        (r"\(\operatorname{Paris}\)", "Paris"),
        ("**Paris**", "Paris"),
        ("*Homo sapiens*", "Homo sapiens"),
        ("_Homo sapiens_", "Homo sapiens"),
        ("`malloc()`", "malloc()"),
        ("M*A*S*H", "M*A*S*H"),
        ("snake_case", "snakecase"),
        ("supply~and\\ demand", "supply and demand"),
        (r"a\,b\quad c", "a b c"),
        (r"Smith \& Wesson", "Smith & Wesson"),
        (r"\$5, 3\%", "$5, 3%"),
        ("$64 and $72", "$64 and $72"),
        ("$x$-axis", "x-axis"),
        ("$5.1$ $10^2 \\mathrm{~N}$", "5.1 10^2 N"),
        ("22$\\mathrm{J}$", "22 J"),
        (r"Schr\"{o}dinger", "Schrödinger"),
        (r"na\"{\i}ve", "naïve"),
        (r"\alpha-helix", "α-helix"),
        (r"98.6^{\circ}\mathrm{F}", "98.6°F"),
        (r"H_{2}O", "H2O"),
        ("H₂O", "H2O"),
        ("Ca²⁺", "Ca2+"),
        (r"\text{Fe}^{3+}", "Fe3+"),
        (r"10^{-3}", "10^-3"),
        ("10³", "10^3"),
        ("x²", "x^2"),
        ("19^{th}", "19th"),
        (r"\frac{1}{\sqrt{2}}", "1/(√2)"),
        (r"1\frac12", "1 1/2"),
        (r"\sqrt{x+1}", "√(x+1)"),
        (r"e^{x+1}", "e^(x+1)"),
        (r"x_{n+1}", "x(n+1)"),
        ("204_5", "204_5"),
        (r"\{2,3\}", "{2,3}"),
        ("1914–1918", "1914-1918"),
        ("−5", "-5"),
        ("- 9.74 J", "- 9.74 J"),
        ("\ufeffsupply\u00a0curve\u200b", "supply curve"),
        ("ﬁne", "fine"),
        ("1½", "1 1/2"),
        ("~S", "~S"),
        ("H<sub>2</sub>O", "H2O"),
        ("", ""),
    ],
)
def test_plain_text(latex: str, plain: str) -> None:
    assert plain_text(latex) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Great Gatsby", "great gatsby"),
        ("Moore’s law", "moores law"),
        ("U.S. v. Nixon", "us v nixon"),
        ("twenty-first", "21st"),
        ("five million", "5,000,000"),
        ("2.5 million", "2500000"),
        ("one hundred and five", "105"),
        ("two-thirds", "2/3"),
        ("1.50", "1.5"),
        ("don't", "do not"),
        ("cost–benefit", "cost benefit"),
        ("β-carotene", "beta carotene"),
        ("Gödel", "godel"),
        ("supply & demand", "supply and demand"),
        ("25 per cent", "25%"),
    ],
)
def test_one_meaning_one_sequence_of_tokens(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vitamin A", "a vitamin"),
        ("C++", "C"),
        ("C++", "C+"),
        ("C#", "C"),
        ("A+", "A-"),
        ("Na+", "Na-"),
        ("-5", "5"),
        ("1.5", "15"),
        ("1.5", "1;5"),
        ("10^3", "103"),
        ("2:30", "230"),
        ("1914-1918", "19141918"),
        ("legal", "illegal"),
        ("no effect", "effect"),
        ("p < 0.05", "p > 0.05"),
        (r"\sqrt{x}+1", r"\sqrt{x+1}"),
        ("x_{n+1}", "x_n+1"),
        ("(x+1)/2", "x+1/2"),
        ("204_5", "2045"),
        ("third", "33rd"),
        ("- 5", "5"),
    ],
)
def test_what_carries_meaning_stays(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


@given(st.text(max_size=80))
def test_any_text_has_tokens_without_white_space_or_capitals(text: str) -> None:
    found = tokens(text)
    assert all(token and token == token.casefold() for token in found)
    assert tokens(f"  {text}\n") == found


@given(st.integers(0, 10**9), st.sampled_from(["", "-"]))
def test_separators_and_zeros_change_no_number(number: int, sign: str) -> None:
    assert tokens(f"{sign}{number:,}") == tokens(f"{sign}{number}.00")


def test_spelled_numbers() -> None:
    spelled = {
        "ninety nine": ["99"],
        "two thousand and five": ["2005"],
        "three hundred million": ["300000000"],
        "one million two hundred thousand": ["1200000"],
        "twenty first": ["21st"],
        "one hundred twelfth": ["112th"],
        "two dozen": ["24"],
        "one two": ["1", "2"],
    }
    for words, digits in spelled.items():
        assert merge_numerals(words.split()) == digits


@pytest.mark.parametrize("piece", ["a", "{", "\\", "$", "*", "-", "^", "½", "\ud800", "a-", "1,"])
def test_long_texts_are_only_trimmed(piece: str) -> None:
    text = piece * 1_000_000
    start = time.process_time()
    assert plain_text(f" {text} ") == text
    assert tokens(text) == (text.casefold(),)
    plain_text(piece * (LONGEST // len(piece)))
    tokens(piece * (LONGEST // len(piece)))
    assert time.process_time() - start < 0.5
