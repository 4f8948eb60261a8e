"""Intervals, unions and inequalities as sets of numbers."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.real_sets import RealSet, is_inequality, real_set, same_set
from crossthink_data.rewards.scalars import Work


def read(text: str) -> RealSet:
    found = real_set(parse(text), Work())
    assert found is not None, text
    return found


def same(one: str, other: str) -> bool:
    return same_set(read(one), read(other), Work())


SAME = [
    ("(-\\infty,3)", "x<3"),
    ("[3,\\infty)", r"x \ge 3"),
    ("(0,12.5)", "0<x<12.5"),
    ("(0,1)", "1>x>0"),
    (r"[0,1)\cup(1,2]", r"(1,2]\cup[0,1)"),
    (r"(0,1)\cup[1,2)", "(0,2)"),
    (r"\{1\}\cup(1,2)", "[1,2)"),
    (r"\mathbb{R}", r"(-\infty,\infty)"),
    (r"\mathbb{R}\setminus\{0\}", r"x\neq 0"),
    (r"x\ne 2", r"(-\infty,2)\cup(2,\infty)"),
    (r"-x>-1", "x<1"),
    (r"2x-4\ge 0", r"[2,\infty)"),
    (r"x<1 \text{ or } x>3", r"(-\infty,1)\cup(3,\infty)"),
    (r"x\in[0,1]", r"0\le x\le 1"),
    (r"(0,\sqrt{2}/2)", r"(0,\frac{1}{\sqrt{2}})"),
    (r"\{1,2\}\cup\{3\}", r"\{3,2,1\}"),
]
DIFFERENT = [
    ("(0,1)", "[0,1)"),
    ("(0,1)", "(0,1]"),
    ("(-\\infty,3)", r"x\le 3"),
    ("x<3", "x>3"),
    (r"(0,1)\cup(1,2)", "(0,2)"),
    (r"\{-1\}\cup[0,7)", "[-1,7)"),
    ("(0,1)", "(0,2)"),
    (r"x>1", r"x>1.0000000001"),
    ("x<3", "y<3"),
    (r"\{1,2\}\cup\{3\}", r"\{1,2\}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_numbers_are_the_same_set(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_brackets_ends_and_variables_count(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize("text", ["x", "(1,2,3)", r"\emptyset", "f(x)<g(x)"])
def test_what_says_no_set_of_numbers_is_none(text: str) -> None:
    assert real_set(parse(text), Work()) is None


def test_only_order_relations_are_inequalities() -> None:
    assert is_inequality(parse("0<x<1"))
    assert is_inequality(parse(r"x\neq 1"))
    assert not is_inequality(parse("x=1"))
    assert not is_inequality(parse("x"))


ends = st.fractions(min_value=-100, max_value=100, max_denominator=12)


@st.composite
def unions(draw: st.DrawFn) -> list[str]:
    """Intervals that neither touch nor overlap, from left to right."""
    points = sorted(draw(st.lists(ends, min_size=2, max_size=8, unique=True)))
    points = points[: len(points) // 2 * 2]
    return [
        draw(st.sampled_from("([")) + f"{low},{high}" + draw(st.sampled_from(")]"))
        for low, high in list(pairwise(points))[::2]
    ]


@given(unions())
@settings(deadline=None)
def test_the_order_of_a_union_does_not_matter(pieces: list[str]) -> None:
    assert same(r"\cup".join([*pieces, r"\{999\}"]), r"\cup ".join([r"\{999\}", *pieces[::-1]]))


@given(unions(), st.data())
@settings(deadline=None)
def test_one_other_bracket_is_another_set(pieces: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(pieces) - 1))
    other = list(pieces)
    swap = {"(": "[", "[": "("}
    other[place] = swap[other[place][0]] + other[place][1:]
    assert not same(r"\cup ".join([*pieces, r"\{999\}"]), r"\cup ".join([*other, r"\{999\}"]))


@given(ends, ends, st.integers(1, 9), st.sampled_from(["<", r"\le"]))
@settings(deadline=None)
def test_a_linear_inequality_is_solved(
    bound: Fraction, shift: Fraction, factor: int, relation: str
) -> None:
    solved = f"x {relation} {bound}"
    spelled = rf"{factor}x + {shift} {relation} {factor * bound + shift}"
    negated = {"<": ">", r"\le": r"\ge"}[relation]
    turned = rf"-{factor}x {negated} {-factor * bound}"
    assert same(solved, spelled.replace("+ -", "- "))
    assert same(solved, turned)
