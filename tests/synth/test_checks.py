"""Checks of generated questions: golden cases as an examiner reads them, and the laws they keep."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.synth.checks import (
    CHECKS,
    Candidate,
    first_fault,
    named_option,
    unmarked,
    without_labels,
)
from crossthink_data.synth.quotes import quoted_in

GOLDEN = Path(__file__).parent.parent / "golden" / "synth_checks.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
CHECK_OF = dict(CHECKS)

PASSAGE = "Rust is an oxide of iron. It forms when iron meets water and air for some time."
GOOD = {
    "question_type": "mcq",
    "question": "Which metal forms rust in moist air?",
    "options": ["iron", "zinc", "copper", "tin"],
    "answer": "iron",
    "quote": "Rust is an oxide of iron",
    "passage": PASSAGE,
}
GOOD_OPEN = GOOD | {"question_type": "open", "options": []}


def candidate(**changed: Any) -> Candidate:
    base = GOOD_OPEN if changed.get("question_type") == "open" else GOOD
    values = base | changed
    options = tuple(values["options"])
    gold = named_option(values["answer"], options) if values["question_type"] == "mcq" else None
    return Candidate(**values | {"options": options, "gold": gold})


def name_of(case: dict[str, Any]) -> str:
    return f"{case['check']}-{case['fires']}-{case['why']}"


@pytest.mark.parametrize("case", CASES, ids=map(name_of, CASES))
def test_golden_cases(case: dict[str, Any]) -> None:
    fields = {key: value for key, value in case.items() if key not in ("check", "fires", "why")}
    detail = CHECK_OF[case["check"]](candidate(**fields))
    assert bool(detail) == case["fires"], f"{case['why']}: {detail!r}"


def test_every_check_has_cases_that_fire_and_cases_that_do_not() -> None:
    counts = Counter((case["check"], case["fires"]) for case in CASES)
    for reason, _ in CHECKS:
        assert counts[reason, False], reason
        assert counts[reason, True] or reason == "ungradable_answer", reason


def test_an_answer_that_grades_nothing_is_ungradable() -> None:
    unread = Candidate(
        question_type="open", question="Which?", answer="", quote="", passage="", options=()
    )
    assert CHECK_OF["ungradable_answer"](candidate(answer="lead")) == "lead"
    assert CHECK_OF["blank_field"](unread) == "answer"


@pytest.mark.parametrize("base", [GOOD, GOOD_OPEN], ids=["mcq", "open"])
def test_a_good_question_passes_every_check(base: dict[str, Any]) -> None:
    reason, detail, passed = first_fault(candidate(**base))
    assert (reason, detail) == ("", "")
    assert passed == tuple(reason for reason, _ in CHECKS)


def test_the_first_check_that_fires_is_the_reason_and_those_before_it_have_passed() -> None:
    faulty = candidate(options=["iron", "iron", "tin"], quote="nowhere to be found at all")
    assert first_fault(faulty)[0] == "wrong_number_of_options"
    reason, _, passed = first_fault(candidate(quote="nowhere to be found at all"))
    assert reason == "quote_not_in_passage"
    assert passed == tuple(reason for reason, _ in CHECKS)[:-1]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("A) iron", "B) tin"), ("iron", "tin")),
        (("(A) iron", "(B) tin"), ("iron", "tin")),
        (("a. iron", "b. tin"), ("iron", "tin")),
        (("1. iron", "2. tin"), ("iron", "tin")),
        (("A: iron", "B: tin"), ("iron", "tin")),
        (("A. Smith", "J. Locke"), ("A. Smith", "J. Locke")),
        (("1.5 km", "2.5 km"), ("1.5 km", "2.5 km")),
        ((" iron ", "tin"), ("iron", "tin")),
        (("A) iron", "tin"), ("A) iron", "tin")),
        (("A) ", "B) "), ("A)", "B)")),
    ],
)
def test_labels_that_count_up_are_no_part_of_the_options(
    written: tuple[str, ...], meant: tuple[str, ...]
) -> None:
    assert without_labels(written) == meant


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("iron", 0),
        ("Tin", 3),
        ("B", 1),
        ("(C)", 2),
        ("C. copper", 2),
        ("Option B", 1),
        ("copper.", 2),
        ("lead", None),
        ("", None),
        ("A and B", None),
        ("x" * 100_000, None),
    ],
)
def test_an_answer_names_an_option_by_text_or_label(answer: str, place: int | None) -> None:
    assert named_option(answer, ("iron", "zinc", "copper", "tin")) == place


def test_the_text_of_an_option_comes_before_a_letter() -> None:
    assert named_option("A", ("B", "AB", "A", "O")) == 2


words = st.text(alphabet="abcdefghij", min_size=1, max_size=8)


@given(st.lists(words, min_size=4, max_size=40), st.data())
def test_any_run_of_four_words_of_a_text_is_quoted_in_it(parts: list[str], data: Any) -> None:
    start = data.draw(st.integers(0, len(parts) - 4))
    end = data.draw(st.integers(start + 4, len(parts)))
    assert quoted_in(" ".join(parts[start:end]), "\n".join(parts))
    assert not quoted_in(" ".join([*parts[start:end], "zz"]), " ".join(parts))


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=20), max_size=5))
def test_no_text_makes_a_check_raise(question: str, quote: str, options: list[str]) -> None:
    for kind in ("mcq", "open"):
        fields = {"question": question, "quote": quote, "options": options, "answer": question}
        reason, detail, _ = first_fault(candidate(question_type=kind, **fields))
        assert bool(reason) == bool(detail)


@pytest.mark.parametrize(
    "text", ["what is " * 30_000, "?" * 200_000, "the the " * 30_000, "… " * 60_000]
)
def test_long_texts_are_looked_at_in_linear_time(text: str) -> None:
    for _, check in CHECKS:
        check(candidate(question=text, quote=text, passage=text, options=[text, "b", "c", "d"]))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("iron (correct)", "iron"),
        ("iron [Correct answer]", "iron"),
        ("zinc (wrong)", "zinc"),
        ("iron ✓", "iron"),
        ("zinc ❌ ", "zinc"),
        ("right (of way)", "right (of way)"),
        ("(true)", "(true)"),
        ("a false (negative) result", "a false (negative) result"),
    ],
)
def test_a_mark_of_what_is_right_is_no_part_of_an_option(written: str, meant: str) -> None:
    assert unmarked(written) == meant
