"""Shapes against shapes: what must agree, and the reason where it does not."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.equality import same_answer
from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.scalars import Work
from crossthink_data.rewards.verdict import RIGHT


def verdict(gold: str, answer: str) -> str:
    return same_answer(parse(gold), parse(answer), Work())


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\{1,2\}", r"\{2,1\}"),
        ("1,2", r"2 \text{ and } 1"),
        ("1,2", r"\{2,1\}"),
        ("-2,1", "x=1, x=-2"),
        ("n=2,3", r"n\in\{2,3\}"),
        (r"1\pm\sqrt2", r"1-\sqrt2, 1+\sqrt2"),
        ("(1,2),(3,4)", "(3,4),(1,2)"),
        ("(3,2)", "x=3, y=2"),
        ("(3,2)", "(x,y)=(3,2)"),
        ("x=3, y=2", "(3,2)"),
        ("x=3, y=2", "y=2, x=3"),
        ("(0,1)", "0<x<1"),
        ("D=(0,1)", "(0,1)"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"),
        ("y=2x+1", "2x+1"),
        ("y=2x+1", "2x-y+1=0"),
        ("2x+4y-3=0", "4x+8y=6"),
        ("x^2+y^2=4", "4-x^2-y^2=0"),
        ("x=5", "5"),
        ("5", "n=5"),
        ("x<1", "-x>-1"),
        (r"50\%", r"\frac12"),
        (r"90^\circ", "90"),
        (r"90^\circ", r"\frac{\pi}{2}"),
        (r"5\text{ cm}", "5"),
        (r"5\text{ miles}", r"5\text{ mi}"),
        ("204_5", "204_{5}"),
        ("2:3", "4:6"),
        ("7:32", "7:32"),
        (r"\frac23", r"\frac46=\frac23"),
        (r"\sqrt2", r"\sqrt2\approx 1.414"),
        (r"\emptyset", r"\{\}"),
        (r"\text{odd}", r"\text{Odd}"),
        ("f(x)=x^2", "y=x^2"),
        ("[1,2)", "[1,2)"),
        (r"1,2,\ldots,n", r"1,2,\dots,n"),
    ],
)
def test_the_same_answer_in_another_shape_is_right(gold: str, answer: str) -> None:
    assert verdict(gold, answer) == RIGHT


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("5", "6", "acc:not_equal"),
        ("5", "5, 6", "acc:several_answers"),
        ("5", r"5\text{ or }6", "acc:several_answers"),
        ("1,2", "1", "acc:incomplete"),
        (r"\{1,2,3\}", r"\{1,2\}", "acc:incomplete"),
        (r"\{1,2\}", r"\{1,2,3\}", "acc:several_answers"),
        ("(3,2)", "(2,3)", "acc:not_equal"),
        ("x=3, y=2", "x=2, y=3", "acc:not_equal"),
        ("x=3, y=2", "a=3, b=2", "acc:other_variable"),
        ("x=5", "y=5", "acc:other_variable"),
        ("(0,1)", "[0,1]", "acc:not_equal"),
        (r"5\text{ cm}", r"5\text{ m}", "acc:different_unit"),
        (r"20^\circ", r"20\%", "acc:different_unit"),
        ("204_5", "204_6", "acc:not_equal"),
        ("5050", r"\sum_{k=1}^{100}k", "acc:unevaluated"),
        (r"\frac12", r"\int_0^1x\,dx", "acc:unevaluated"),
        (r"\frac23", r"\frac23=\frac34", "acc:several_answers"),
        ("y=2x+1", "x=2y+1", "acc:other_variable"),
        ("y=x", "y=-x", "acc:not_equal"),
        ("x>5", "5", "acc:not_equal"),
        ("7:32", "32:7", "acc:not_equal"),
        (r"\text{odd}", r"\text{even}", "acc:not_equal"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}",
         "acc:not_equal"),
        (r"\pm 3", "3", "acc:incomplete"),
        ("2", r"\{2,2,3\}", "acc:several_answers"),
        ("3x-y+13=0", "0", "acc:not_equal"),
    ],
)  # fmt: skip
def test_a_wrong_answer_has_its_reason(gold: str, answer: str, reason: str) -> None:
    assert verdict(gold, answer) == reason


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x=1, x=2", "x=1, k=2"),
        ("n=-4,-1", "m=-4,-1"),
        ("x=3, y=2", "x=3, y=2, z=1"),
        ("x=3, y=2", "x=3, x=2"),
        ("(1,2),(3,4)", "(1,4),(3,2)"),
        (r"x<1 \text{ or } x>3", "1<x<3"),
        ("2x+4y-3=0", "2x+4y+3=0"),
        ("x^2=4", "x=2"),
        ("y=x^2", "y=x^2+1"),
        (r"m\ge 2", "m>2"),
        ("f(x)", "f(y)"),
        ("a>b", "b>a"),
        ("1,2,3", "123"),
        (r"\infty", r"-\infty"),
        (r"\emptyset", "0"),
        (r"5^\circ", r"5\%"),
    ],
)
def test_near_misses_are_wrong(gold: str, answer: str) -> None:
    assert verdict(gold, answer) != RIGHT


numbers = st.integers(-30, 30)


@given(st.lists(numbers, min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_sets_have_no_order(members: list[int], random: Random) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)
    one, other = ",".join(map(str, members)), ",".join(map(str, shuffled))
    assert verdict(rf"\{{{one}\}}", other) == RIGHT
    assert verdict(one, rf"\{{{other}\}}") == RIGHT


@given(st.lists(numbers, min_size=3, max_size=6, unique=True), st.data())
@settings(deadline=None)
def test_tuples_have_an_order(members: list[int], data: st.DataObject) -> None:
    other = data.draw(st.permutations(members))
    one = f"({','.join(map(str, members))})"
    assert (verdict(one, f"({','.join(map(str, other))})") == RIGHT) == (other == members)


@given(
    st.lists(numbers, min_size=2, max_size=5, unique=True),
    st.lists(numbers, min_size=2, max_size=5, unique=True),
)
@settings(deadline=None)
def test_equality_of_sets_is_symmetric_and_exact(one: list[int], other: list[int]) -> None:
    texts = [rf"\{{{','.join(map(str, members))}\}}" for members in (one, other)]
    assert (verdict(*texts) == RIGHT) == (set(one) == set(other))
    assert (verdict(*texts) == RIGHT) == (verdict(*texts[::-1]) == RIGHT)


coefficients = st.integers(-9, 9).filter(bool)


@given(coefficients, coefficients, st.integers(-20, 20), coefficients)
@settings(deadline=None)
def test_a_line_scaled_turned_or_solved_is_the_same_line(a: int, b: int, c: int, k: int) -> None:
    line = f"({a})x+({b})y+({c})=0"
    for other in (
        f"({k * a})x+({k * b})y=-({k * c})",
        f"0=({b})y+({a})x+({c})",
        rf"y=-\frac{{({a})x+({c})}}{{{b}}}",
    ):
        assert verdict(line, other) == RIGHT
        assert verdict(other, line) == RIGHT
    assert verdict(line, f"({a})x+({b})y+({c + 1})=0") != RIGHT


SHAPES = [
    "5", "x", "x=5", "y=2x+1", "1,2", r"\{1,2\}", "(1,2)", "[1,2)", "0<x<1", r"\emptyset", "3:1",
    r"50\%", r"5\text{ cm}", r"\text{odd}", r"\pm 3", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
    "x=3,y=2", r"\infty", r"\int_0^1x\,dx", "x>1", r"x\in\{1,2\}", "f(x)", r"\mathbb{R}", "7:32",
    r"\begin{pmatrix}1\\2\end{pmatrix}", r"1,2,\ldots", "204_5", r"x\equiv 3\pmod 7", "a<b<c",
    r"(1,2),(3,4)", r"A\cup B", r"\vec{a}", r"x<1 \text{ or } x>3", "|x|<2",
    r"(-\infty,2)\cup(2,3]",
]  # fmt: skip


@pytest.mark.parametrize("gold", SHAPES)
def test_every_shape_equals_itself_and_no_other_raises(gold: str) -> None:
    assert verdict(gold, gold) == RIGHT
    for answer in SHAPES:
        assert isinstance(verdict(gold, answer), str)


def test_long_sets_stay_within_the_budget() -> None:
    many = ",".join(map(str, range(300)))
    turned = ",".join(map(str, reversed(range(300))))
    assert verdict(many, many) == RIGHT
    assert isinstance(verdict(many, turned), str)
