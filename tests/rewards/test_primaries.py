"""What factors are made of: numbers, symbols, fractions, roots; and the depth that is refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.expression import Parser
from crossthink_data.rewards.lexer import NotUnderstood, TooLong, tokenize
from crossthink_data.rewards.nodes import Bracketed, Call, Constant, Node, Number, Power, Symbol
from crossthink_data.rewards.primaries import MOST_DEPTH, primary

X = Symbol("x")
DIGITS = st.text("0123456789", min_size=1, max_size=8)


def read(text: str) -> Node:
    """The one factor that a text is."""
    parser = Parser(tokenize(text))
    node = primary(parser)
    assert parser.kind == "end"
    return node


def value(text: str) -> int | Fraction:
    node = read(text)
    assert isinstance(node, Number), node
    return node.value


@given(st.integers(0, 10**40), st.integers(0, 20))
def test_a_decimal_is_the_fraction_it_prints(digits: int, places: int) -> None:
    printed = f"{digits // 10**places}.{digits % 10**places:0{places}}" if places else str(digits)
    assert value(printed) == Fraction(digits, 10**places)


@given(st.integers(0, 99), st.text("0123456789", max_size=6), DIGITS)
def test_a_repeating_decimal_is_what_its_digits_come_to(whole: int, fixed: str, block: str) -> None:
    found = value(rf"{whole}.{fixed}\overline{{{block}}}")
    # one block further on the same digits follow
    shifted = found * 10 ** (len(fixed) + len(block)) - found * 10 ** len(fixed)
    assert shifted == int(f"{whole}{fixed}{block}") - int(f"{whole}{fixed}")
    assert found == value(rf"{whole}.{fixed}\bar{{{block}}}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"0.\dot{3}", Fraction(1, 3)), (r"0.\dot{1}4\dot{2}", Fraction(142, 999)),
        ("0.333...", Fraction(1, 3)), ("0.1212...", Fraction(4, 33)), (r"\frac12", Fraction(1, 2)),
        (r"\dfrac{6}{3}", 2), (r"\sqrt{16}", 4), (r"\sqrt16", 4), (r"\binom{5}{2}", 10),
        (r"\binom52", 10),
    ],
)  # fmt: skip
def test_digits_fractions_and_roots_are_folded(text: str, expected: int | Fraction) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x_1", Symbol("x_1")), ("x_{1}", Symbol("x_1")), ("x1", Symbol("x_1")),
        (r"x_{\text{max}}", Symbol("x_max")), ("x'", Symbol("x'")), (r"x^{\prime}", Symbol("x'")),
        ("x''", Symbol("x''")), ("e", Constant("e")), ("i", Constant("i")), ("e_1", Symbol("e_1")),
        (r"\pi", Constant("pi")), (r"\infty", Constant("infinity")),
        (r"\emptyset", Bracketed("{", "}", [])), (r"\bar{x}", Symbol("bar x")),
        (r"\widehat{x}", Symbol("hat x")), (r"\vec{i}", Symbol("vec i")),
        (r"\hat{\mu}_1", Symbol(r"hat \mu_1")), (r"\frac{dy}{dx}", Symbol("dy/dx")),
        ("f(x)", Call("f", [X])), ("f'(x)", Call("f'", [X])),
        (r"\sqrt[3]{x}", Power(X, Number(Fraction(1, 3)))), (r"\frac{1}{x}", Power(X, Number(-1))),
    ],
)  # fmt: skip
def test_names_keep_subscripts_primes_and_accents(text: str, expected: Node) -> None:
    assert repr(read(text)) == repr(expected)


def test_the_terms_of_a_subscript_may_change_places() -> None:
    assert repr(read("x_{n-1-k}")) == repr(read("x_{n-k-1}"))
    assert repr(read("x_{n-1}")) != repr(read("x_{n+1}"))


def test_letters_that_name_no_function_leave_the_brackets_behind_them() -> None:
    parser = Parser(tokenize("x(2)"))
    assert repr(primary(parser)) == repr(X)
    assert parser.kind == "("


@pytest.mark.parametrize(
    "text",
    ["+", ")", "=", "", "x_", r"\frac{1}{0}", r"\frac{1}", r"\sqrt", r"\sqrt[3", "0.17...",
     r"0.\overline{x}"],
)  # fmt: skip
def test_where_no_factor_begins_or_ends_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        primary(Parser(tokenize(text)))


@pytest.mark.parametrize(
    ("left", "right"), [("(", ")"), ("{", "}"), (r"\sqrt{", "}"), (r"\lvert ", r"\rvert ")]
)
def test_what_nests_deeper_than_answers_do_is_too_long(left: str, right: str) -> None:
    assert read(left * 5 + "x" + right * 5)
    with pytest.raises(TooLong):
        read(left * (MOST_DEPTH + 5) + "x" + right * (MOST_DEPTH + 5))
