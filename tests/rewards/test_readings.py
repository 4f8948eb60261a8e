"""A mathematical text as a tree: what is stripped from it, phrases, plain and spelled numbers."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.nodes import (
    Bracketed,
    Constant,
    Node,
    Number,
    Product,
    Quantity,
    Relation,
    Sequence,
    Symbol,
    Words,
)
from crossthink_data.rewards.readings import (
    bare_words,
    plain_number,
    read_answer,
    spelled_number,
    undressed,
    with_plain_unit,
)

NEGATIVE_INFINITY = Product([Number(-1), Constant("infinity")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no solution", Bracketed("{", "}", [])), (r"\text{no solution}", Bracketed("{", "}", [])),
        ("All real numbers", Symbol("bb R")), ("DNE", Words("undefined")),
        ("infinitely many", Words("infinitely many")), ("negative infinity", NEGATIVE_INFINITY),
        ("-infinity", NEGATIVE_INFINITY),
        ("3:30 PM", Quantity(Relation([":"], [Number(3), Number(30)]), "pm")), ("$5$.", Number(5)),
        ("**5**", Number(5)), ("1,234", Number(1234)),
    ],
)  # fmt: skip
def test_phrases_clocks_and_dressed_numbers_are_trees(text: str, expected: Node) -> None:
    node, reason = read_answer(text)
    assert (repr(node), reason) == (repr(expected), "")


def test_without_grouping_a_comma_parts_two_numbers() -> None:
    node, _ = read_answer("1,234", grouping=False)
    assert repr(node) == repr(Sequence([Number(1), Number(234)]))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "acc:not_understood"),
        (r"2 \stackrel{?}{=} 3", "acc:not_understood"),
        (r"\frac{1}{0}", "acc:not_understood"),
        ("(1", "acc:not_understood"),
        ("1" + "+1" * 3000, "acc:over_budget"),
        ("(" * 60 + "x" + ")" * 60, "acc:over_budget"),
    ],
)
def test_a_text_that_is_no_tree_has_a_reason(text: str, reason: str) -> None:
    assert read_answer(text) == (None, reason)


@settings(deadline=None)
@given(st.text(alphabet="0123456789xyef()[]{}|\\^_+-*/=<>,.;:! $%'\"pmsqrtfracin", max_size=40))
def test_a_tree_or_a_reason_comes_of_any_text(text: str) -> None:
    node, reason = read_answer(text)
    assert (node is None) == reason.startswith("acc:")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\(5\)", "5"), ("`5`", "5"), ("*5*", "5"), ("5.", "5"), ("5,;", "5"),
        ("5 is the answer.", "5"), ("the value of x is 5", "5"), ("P(A|B) = 1/3", "1/3"),
        ("2 x 10^5", r"2\times 10^5"), ("0.(6)", r"0.\overline{6}"), ("1, 2, ...", "1, 2, ..."),
        (r"\$5", r"\$5"),
    ],
)  # fmt: skip
def test_only_what_says_nothing_is_stripped(text: str, expected: str) -> None:
    assert undressed(text).strip() == expected


@given(st.integers(-(10**14), 10**14), st.integers(0, 14))
def test_a_plain_decimal_is_the_fraction_it_prints(digits: int, places: int) -> None:
    printed = f"{'-' * (digits < 0)}{abs(digits) // 10**places}"
    if places:
        printed += f".{abs(digits) % 10**places:0{places}}"
    assert plain_number(printed) == Fraction(digits, 10**places)
    node, _ = read_answer(printed)
    assert isinstance(node, Number)
    assert node.value == plain_number(printed)


@pytest.mark.parametrize(
    ("text", "value"),
    [(".5", Fraction(1, 2)), ("1,234", 1234), (r"-\dfrac{1}{2}", Fraction(-1, 2)), ("007", 7)],
)
def test_thousands_and_fractions_of_integers_are_plain(text: str, value: Fraction) -> None:
    assert plain_number(text) == value


@pytest.mark.parametrize("text", ["", "x", "5.", "1e5", "12,34", r"\frac{1}{0}", "٣", "1" * 16])
def test_other_texts_are_no_plain_numbers(text: str) -> None:
    assert plain_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-one", 21),
        ("one half", Fraction(1, 2)),
        ("zero", 0),
        ("five apples", None),
        ("", None),
    ],
)
def test_a_number_in_words_and_nothing_else_is_spelled(text: str, value: Fraction | None) -> None:
    assert spelled_number(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five", (False, "five")),
        ("-five", (True, "five")),
        ("negative five", (True, "five")),
        ("- negative five", (False, "five")),
        ("The answer is five", (False, "five")),
        ("(five)", (False, "five")),
    ],
)
def test_the_sign_of_words_is_parted_from_them(text: str, expected: tuple[bool, str]) -> None:
    assert bare_words(text) == expected


@pytest.mark.parametrize(("text", "value"), [("5 miles", 5), ("1/2 mi", Fraction(1, 2))])
def test_letters_that_spell_the_unit_are_the_unit(text: str, value: Fraction) -> None:
    assert repr(with_plain_unit(text, "mi")) == repr(Quantity(Number(value), "mi"))


@pytest.mark.parametrize("text", ["5 km", "x", "5", "miles", ""])
def test_letters_that_do_not_are_none(text: str) -> None:
    assert with_plain_unit(text, "mi") is None
