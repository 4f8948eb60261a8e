r"""Votes: answers are one when the reward says so, in any order; and why a vote gives no gold."""

import random
from fractions import Fraction

import pytest

from crossthink_data.rewards import compile_gold
from crossthink_data.synth.answer_votes import Tally, count_votes, is_read, why_no_gold

MOST = Fraction(3, 5)


def reason(answers: list[str | None], share: Fraction = MOST) -> str:
    return why_no_gold(count_votes(answers, len(answers)), share)[0]


@pytest.mark.parametrize(
    "spellings",
    [
        ["0.5", r"\frac{1}{2}", "1/2", r"\dfrac12", r"50\%"],
        [r"\{1, 2\}", r"\{2,1\}"],
        ["(0, 2]", r"\left(0,2\right]"],
        ["2x+1", "1 + 2x"],
        [r"\sqrt{8}", r"2\sqrt{2}"],
        ["1,200", "1200", "1200.0"],
    ],
)
def test_equal_answers_are_one_class(spellings: list[str]) -> None:
    tally = count_votes(spellings, len(spellings))
    assert [count for _, count in tally.classes] == [len(spellings)]
    assert tally.share == 1


def test_most_frequent_spelling_stands_for_its_class_and_ties_go_by_text() -> None:
    assert count_votes(["1/2", "0.5", "0.5"], 3).answer == "0.5"
    assert count_votes(["1/2", "0.5"], 2).answer == "0.5"
    assert count_votes(["7", "9"], 2).classes == (("7", 1), ("9", 1))


def test_equality_is_wanted_both_ways() -> None:
    # The point (5, 6) may be answered without its brackets; the list 5, 6 not as a point.
    assert compile_gold("(5,6)", kind="math").judge("5,6") == ""
    assert compile_gold("5,6", kind="math").judge("(5,6)") != ""
    assert count_votes(["(5,6)", "(5,6)", "5,6"], 3).classes == (("(5,6)", 2), ("5,6", 1))
    assert count_votes(["(5,6)", "5,6", "5,6"], 3).classes == (("5,6", 2), ("(5,6)", 1))


def test_order_of_answers_makes_no_difference() -> None:
    answers = [
        "5",
        "5.0",
        "5 cm",
        "5",
        None,
        "6",
        "10/2",
        "6",
        "a great many",
        "5 m",
        r"5\text{ cm}",
    ]
    first = count_votes(answers, 11)
    shuffler = random.Random(7)
    for _ in range(30):
        shuffler.shuffle(answers)
        assert count_votes(answers, 11) == first


def test_gold_takes_every_vote_of_its_class() -> None:
    answers = ["5", "5", "5 cm", "5.0", "10/2", "5 m", "5 cm"]
    tally = count_votes(answers, 7)
    gold = compile_gold(tally.answer, kind="math")
    accepted = sum(gold.judge(answer) == "" for answer in answers)
    assert tally.classes[0][1] <= accepted


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("12", True),
        (r"-\frac{3}{4}", True),
        (r"x^2 - 1", True),
        ("no solution", True),
        (r"\emptyset", True),
        ("[2, \\infty)", True),
        (r"3\pi", True),
        ("5 apples", True),
        ("xy", True),
        ("12:30", True),
        ("Tuesday", False),
        ("cat", False),
        (r"\text{yes}", False),
        ("no", False),
        ("B", False),
        (r"\textbf{(C)}", False),
        ("the number of cards is unknown", False),
        ("5 apples and 3 pears are left over", False),
        (r"\frac{1}{", False),
        ("", False),
    ],
)
def test_what_the_grammar_reads_as_mathematics(answer: str, read: bool) -> None:
    assert is_read(answer) is read


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["4"] * 8, ""),
        (["4"] * 5 + ["5", "6", "7"], ""),
        (["4"] * 5 + [None] * 3, ""),
        ([None] * 8, "no_boxed_answer"),
        (["not solvable"] * 4 + ["4"] * 4, "not_solvable"),
        ([r"\text{Not solvable.}"] * 5 + [None] * 3, "not_solvable"),
        (["Tuesday"] * 8, "answer_not_read"),
        (["Tuesday"] * 4 + ["4"] * 4, "answer_not_read"),
        (["4"] * 4 + ["5"] * 4, "no_majority"),
        (["4", "5", "6", "7", "8"], "no_majority"),
        (["4"] * 4 + [None] * 4, "share_below_threshold"),
        (["4"] * 4 + ["5"] * 3, "share_below_threshold"),
        (["+".join(f"{n}x^{{{n}}}" for n in range(2, 40))] * 8, "answer_too_long"),
    ],
)
def test_why_a_vote_gives_no_gold(answers: list[str | None], expected: str) -> None:
    assert reason(answers) == expected


def test_share_counts_those_without_a_vote_and_meets_its_threshold_exactly() -> None:
    answers = ["4"] * 11 + [None] * 9
    assert count_votes(answers, 20).share == Fraction(11, 20)
    assert reason(answers, Fraction("0.55")) == ""
    assert reason(answers, Fraction("0.56")) == "share_below_threshold"


def test_gold_must_score_against_itself() -> None:
    # A box cannot say what would open a thought.
    said = (("4 <think>", 8),)
    tally = Tally(asked=8, votes=said, classes=said, unread=0, not_solvable=0)
    assert why_no_gold(tally, MOST) == ("gold_not_gradable", "format:second_think: 4 <think>")


def test_tally_tells_what_was_written() -> None:
    tally = count_votes(["1/2", "0.5", "0.5", "2", "yes", "not solvable", None], 7)
    assert tally.as_json() == {
        "asked": 7,
        "cast": 6,
        "spellings": {"0.5": 2, "1/2": 1, "2": 1, "not solvable": 1, "yes": 1},
        "classes": {"0.5": 3, "2": 1},
        "unread": 1,
        "not_solvable": 1,
        "share": 0.428571,
    }
