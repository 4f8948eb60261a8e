"""The naive match: the gold's own characters after trimming, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.exact import compile_exact
from crossthink_data.rewards.verdict import RIGHT


@pytest.mark.parametrize(
    ("gold", "answer"), [("Paris", "Paris"), ("Paris", " Paris\n"), (" 5 ", "5"), ("", "  ")]
)
def test_the_same_characters_are_right_after_trimming(gold: str, answer: str) -> None:
    assert compile_exact(gold).judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("Paris", "paris"),
        ("Paris", "Paris."),
        ("1/2", "0.5"),
        ("a  b", "a b"),
        ("\u00e9", "e\u0301"),
        ("5", ""),
    ],
)
def test_everything_else_is_wrong_even_where_it_means_the_same(gold: str, answer: str) -> None:
    assert compile_exact(gold).judge(answer) == "acc:not_equal"


@given(st.text(), st.text())
def test_one_gold_accepts_one_text(gold: str, answer: str) -> None:
    right = compile_exact(gold).judge(answer) == RIGHT
    assert right == (gold.strip() == answer.strip())
