"""Equations and inequalities as wholes: multiples are the same, anything else is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.equations import (
    REVERSED,
    same_equation,
    same_inequality,
    worked_out_value,
)
from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.nodes import Number, Relation
from crossthink_data.rewards.scalars import Work

COEFFICIENTS = st.integers(-9, 9).filter(bool)


def relation(text: str) -> Relation:
    node = parse(text)
    assert isinstance(node, Relation), node
    return node


def equations_agree(gold: str, answer: str) -> bool:
    return same_equation(relation(gold), relation(answer), Work())


def inequalities_agree(gold: str, answer: str) -> bool:
    return same_inequality(relation(gold), relation(answer), Work())


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x+y=1", "2x+2y=2"),
        ("y=2x+1", "2x-y+1=0"),
        ("x^2=1", "0=3-3x^2"),
        (r"\sin x=\cos x", r"\cos x-\sin x=0"),
        (r"\frac{x}{2}+\frac{y}{3}=1", "3x+2y=6"),
    ],
)
def test_a_multiple_of_an_equation_is_the_equation(gold: str, answer: str) -> None:
    assert equations_agree(gold, answer)
    assert equations_agree(answer, gold)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x+y=1", "x+y=2"),
        ("x+y=1", "x-y=1"),
        ("x=1", "y=1"),
        ("x=0", "x^2=0"),
        ("x=0", "xy=0"),
        ("x=1", "x=x"),
        ("x=x", "x=1"),
        ("a=b=c", "a=b=c"),
    ],
)
def test_another_equation_an_identity_and_a_chain_are_not(gold: str, answer: str) -> None:
    assert not equations_agree(gold, answer)


@settings(max_examples=30, deadline=None)
@given(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS, COEFFICIENTS)
def test_only_multiples_of_a_line_are_the_line(a: int, b: int, c: int, factor: int) -> None:
    line = f"{a}x+({b})y={c}"
    assert equations_agree(line, f"{factor * a}x+({factor * b})y={factor * c}")
    assert not equations_agree(line, f"{factor * a}x+({factor * b})y={factor * c + 1}")


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("x<1", "2x<2"), ("x<1", "-x>-1"), ("x<y", "y>x"), (r"x+y\le1", r"-1\le-x-y"), ("x>1", "1<x")],
)
def test_a_multiple_of_an_inequality_turns_where_the_factor_is_negative(
    gold: str, answer: str
) -> None:
    assert inequalities_agree(gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("x<1", "x>1"),
        ("x<1", "-x<-1"),
        ("x<1", r"x\le1"),
        ("x<1", "x<2"),
        ("x<1", "y<1"),
        ("x<1", "x=1"),
        ("0<x<1", "0<x<1"),
    ],
)
def test_another_inequality_is_not(gold: str, answer: str) -> None:
    assert not inequalities_agree(gold, answer)


def test_a_sign_that_is_read_twice_backwards_is_itself() -> None:
    assert all(REVERSED[REVERSED[sign]] == sign for sign in REVERSED)


@pytest.mark.parametrize(("text", "value"), [(r"\cos\theta=2", 2), (r"\sigma^2=4", 4)])
def test_a_gold_that_gives_a_number_to_an_angle_or_a_variance_is_worked_out(
    text: str, value: int
) -> None:
    found = worked_out_value(relation(text))
    assert isinstance(found, Number)
    assert found.value == value


@pytest.mark.parametrize(
    "text", ["x=5", "x^2=4", r"\sin A=\cos B", "1=2=3", "f(x)=x+1", r"\sin x=0"]
)
def test_other_equations_have_no_worked_out_value(text: str) -> None:
    assert worked_out_value(relation(text)) is None
