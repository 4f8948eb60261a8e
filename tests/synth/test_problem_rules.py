"""Problems worth solving pass, the others go with their reason, and hostile text costs no time."""

import json
from collections import Counter
from pathlib import Path

import pytest

from crossthink_data.synth.problem_rules import (
    PROBLEM_RULES,
    bare_problem,
    has_title,
    why_no_problem,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "persona_math_problems.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[f"{c['reason']}-{n}" for n, c in enumerate(CASES, 1)])
def test_problem_has_the_reason_of_its_golden_case(case: dict[str, str]) -> None:
    assert why_no_problem(case["text"])[0] == case["reason"]


def test_every_reason_has_a_golden_case() -> None:
    assert {reason for reason, _ in PROBLEM_RULES} == {case["reason"] for case in CASES} - {""}


def test_first_rule_names_the_reason() -> None:
    text = "Prove that 4 is even. In the figure, is it odd? Answer: no, as it is twice 2."
    assert why_no_problem(text) == ("contains_solution", "Answer:")
    assert why_no_problem(text.replace("Answer: no", "No"))[0] == "asks_for_proof"


@pytest.mark.parametrize(
    "marker",
    ["Math problem:", "math problem: ", "**Math Problem:**", "**MATH PROBLEM**:", "# Math problem:",
     "Problem:", "### Math Problem:\n\n", "_Math problem:_ ", "Mathematics Problem :",
     "Here is a math problem:\n\n", "Sure! Here's a problem for a nurse at level 2:\n",
     "Here is the problem:\n\n**Problem:**"],
)  # fmt: skip
def test_leading_marker_goes_in_any_dress(marker: str) -> None:
    assert has_title(marker + "How many?")
    assert bare_problem(f"{marker} How many eggs?\n") == "How many eggs?"


@pytest.mark.parametrize(
    "text",
    [
        "The math problem: how many eggs?",
        "Problems of storage cost 3 euros a day.",
        "**Twelve** eggs and **six**",
        '"Three", he said, and "four"',
        "Here is a puzzle: three eggs weigh 150 g.",
        "Here is a problem. Three eggs weigh 150 g.",
    ],
)
def test_text_without_a_leading_marker_stays(text: str) -> None:
    assert bare_problem(text) == text


def test_marks_around_the_whole_go() -> None:
    assert bare_problem("**How many eggs?**") == "How many eggs?"
    assert bare_problem('Math problem: "How many eggs?"') == "How many eggs?"


@pytest.mark.parametrize(
    "piece",
    ["(a) ", "A) ", "A) B) ", "(i) (ii) ", "what and ", "find and ", "how many, ", "\n1. ", "$.",
     "| ", "\n\n ", "so the ", "draw a a a ", "[", '"', "``", "if , ", "* ", "Part a\n", "show "],
)  # fmt: skip
def test_hostile_text_gets_an_answer(piece: str) -> None:
    # Patterns that went back over the text for each of its marks would take hours here.
    text = (piece * 2_500)[:2_500]
    reasons = {reason for reason, _ in PROBLEM_RULES} | {""}
    assert why_no_problem(text)[0] in reasons
    assert why_no_problem(text[:-1] + "?")[0] in reasons


@pytest.mark.parametrize("piece", ["*", "Math ", "problem ", "** ", "\n", "“", "Math problem:"])
def test_megabytes_get_an_answer(piece: str) -> None:
    assert why_no_problem(bare_problem(piece * 400_000))[0] in (
        "problem_missing",
        "problem_too_long",
    )


def test_published_problems_pass(real_data: Path) -> None:
    files = (real_data / "math500" / "test.jsonl", real_data / "amc23" / "test.jsonl")
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    texts = [row.get("problem") or row["question"] for row in rows]
    told = [text for text in texts if "[asy]" not in text and len(text) > 40]
    refused = Counter(why_no_problem(text)[0] for text in told)
    refused.pop("")
    assert len(told) > 450
    assert refused.total() <= 4, refused


def test_published_problems_with_a_picture_need_it(real_data: Path) -> None:
    lines = (real_data / "math500" / "test.jsonl").read_text("utf-8").splitlines()
    drawn = [text for line in lines if "[asy]" in (text := json.loads(line)["problem"])]
    assert len(drawn) > 30
    reasons = {why_no_problem(text)[0] for text in drawn}
    assert reasons <= {"needs_figure", "problem_too_long", "asks_for_drawing"}
