"""Multiple choice: a label, a label and its text, or the text of exactly one option."""

import json
import string
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.choice import compile_choice

GOLDEN = Path(__file__).parent.parent / "golden" / "choice.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
PLANETS = ("Mercury", "Venus", "Earth", "Mars")

labels = st.sampled_from(string.ascii_uppercase)
words = st.text(alphabet=string.ascii_lowercase, min_size=4, max_size=9)
option_lists = st.lists(words, min_size=2, max_size=10, unique=True).map(tuple)
dresses = st.sampled_from(
    ("{}", "({})", "{}.", "{})", "[{}]", r"\text{{{}}}", r"\textbf{{({})}}", "$\\mathrm{{{}}}$")
)
noise = st.text(alphabet="ABCDabcd()[]{}.,:;-–$\\*'\" \nandortexV1", max_size=30)


def name_of(case: dict[str, Any]) -> str:
    return f"{case['gold']}<-{case['answer']}"


@pytest.mark.parametrize("case", CASES, ids=map(name_of, CASES))
def test_golden_cases(case: dict[str, Any]) -> None:
    options = None if case["options"] is None else tuple(case["options"])
    reason = compile_choice(case["gold"], options).judge(case["answer"])
    assert (reason == "") == case["right"], f"{case['why']}: {reason!r}"
    assert not reason or reason.startswith("acc:")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("C", "acc:other_label"),
        ("Earth", "acc:other_option"),
        ("B. Earth", "acc:label_text_disagree"),
        ("A and C", "acc:several_labels"),
        ("E", "acc:no_such_label"),
        ("An answer", "acc:no_label"),
        ("x" * 5000, "acc:over_budget"),
    ],
)
def test_wrong_answers_have_a_reason(answer: str, reason: str) -> None:
    assert compile_choice("B", PLANETS).judge(answer) == reason


def test_a_text_of_two_options_is_ambiguous() -> None:
    assert compile_choice("A", ("yes", "yes")).judge("yes") == "acc:ambiguous_text"


@pytest.mark.parametrize("gold", ["Pluto", "E", "(B) Mars", "A car", "2.718", "?", "B++"])
def test_golds_that_name_no_option_are_met_by_nothing(gold: str) -> None:
    judge = compile_choice(gold, PLANETS)
    for answer in (gold, "A", "B", "Venus", ""):
        assert judge.judge(answer) == "acc:gold_not_a_label"


@given(option_lists, dresses, st.data())
def test_each_dressed_label_names_its_option_alone(
    options: tuple[str, ...], dress: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(options) - 1))
    label = string.ascii_uppercase[place]
    for gold in string.ascii_uppercase[: len(options)]:
        reason = compile_choice(gold, options).judge(dress.format(label))
        assert reason == ("" if gold == label else "acc:other_label")


@given(option_lists, st.sampled_from(("({}) {}", "{}. {}", "{}: {}", "{}) {}")), st.data())
def test_label_and_text_are_right_exactly_when_they_agree(
    options: tuple[str, ...], form: str, data: st.DataObject
) -> None:
    places = st.integers(0, len(options) - 1)
    gold, text = data.draw(places), data.draw(places)
    judge = compile_choice(string.ascii_uppercase[gold], options)
    answer = form.format(string.ascii_uppercase[gold], options[text])
    assert (judge.judge(answer) == "") == (gold == text)


@given(option_lists, st.data())
def test_a_long_gold_is_right_against_itself(options: tuple[str, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(options) - 1))
    gold = f"({string.ascii_uppercase[place]}) {options[place]}"
    judge = compile_choice(gold, options)
    for answer in (gold, gold[1], options[place], f" {gold.lower()}. "):
        assert judge.judge(answer) == ""


@given(noise | st.text(max_size=40), st.sampled_from((PLANETS, ("A", "a and b", "-5", "5"), None)))
def test_no_answer_is_right_for_two_golds(answer: str, options: tuple[str, ...] | None) -> None:
    golds = string.ascii_uppercase[: len(options) if options else 26]
    right = [gold for gold in golds if compile_choice(gold, options).judge(answer) == ""]
    assert len(right) <= 1


@given(st.lists(labels, min_size=2, max_size=5, unique=True), st.sampled_from((", ", " and ", "/")))
def test_several_labels_are_never_one(listed: list[str], joined_by: str) -> None:
    for gold in listed:
        assert compile_choice(gold).judge(joined_by.join(listed)) == "acc:several_labels"


@given(st.text(max_size=60), st.none() | st.lists(st.text(max_size=20), max_size=30).map(tuple))
def test_any_gold_compiles_and_judges_any_answer(
    text: str, options: tuple[str, ...] | None
) -> None:
    for gold in (text, "A"):
        reason = compile_choice(gold, options).judge(text)
        assert reason == "" or reason.startswith("acc:")


def test_options_beyond_the_alphabet_are_named_by_their_text() -> None:
    options = tuple(f"city {number}" for number in range(30))
    assert compile_choice("city 29", options).judge("City 29") == ""
    assert compile_choice("Z", options).judge("city 25") == ""


@pytest.mark.parametrize(
    "answer",
    ["(" * 500_000, "A" * 1_000_000, "A, " * 300_000, "\\text{" * 150_000, "A. " + " x" * 500_000],
)
def test_a_megabyte_is_judged_at_once(answer: str) -> None:
    judge = compile_choice("A", PLANETS)
    started = time.process_time()
    assert judge.judge(answer) != ""
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "answer",
    [
        "A. " + "x " * 2000,
        "(" * 4000,
        "A, " * 1300,
        "\\frac{" * 600,
        "9" * 4000,
        "A. " + "B " * 2000,
    ],
)
def test_the_longest_answers_that_are_read_take_no_time(answer: str) -> None:
    judge = compile_choice("A", tuple(f"{number} m/s" for number in range(10)))
    started = time.process_time()
    judge.judge(answer)
    assert time.process_time() - started < 0.1
