"""The authors' release: options are split off the question text, golds are letters or texts."""

import json
from pathlib import Path

import pytest

from crossthink_data.raw import Unreadable, read_source
from crossthink_data.sources import get_source
from crossthink_data.sources.syn_qa import split_gold, split_options

ORGAN = "Which organ makes bile?"
OPTIONS = ("liver", "lung")


def released(question: str, gold: str, style: str = "rule") -> dict[str, object]:
    return {
        "data_source": "some-qa",
        "prompt": [{"role": "user", "content": f"Solve.\n\n{question}"}],
        "reward_model": {"ground_truth": gold, "style": style},
        "meta_data": {"index": "17", "question": question, "split": "train"},
    }


@pytest.mark.parametrize(
    "options",
    [
        "A) liver\nB) lung",
        "(A) liver\n(B) lung",
        "\n A. liver \n\n B. lung\n",
        "A: liver\nB: lung",
        "(A)liver\n(B)lung",
        "A) liver\nB) lung\nAnswer:",
        "A) liver\nB) lung\n\n answer: ",
        "A) liver B) lung\nAnswer: ",
    ],
)
def test_options_at_the_end_are_split_off(options: str) -> None:
    assert split_options(f"{ORGAN}\n{options}") == (ORGAN, OPTIONS)


@pytest.mark.parametrize(
    "text",
    [
        ORGAN,
        f"{ORGAN}\nA) liver",
        f"{ORGAN}\nB) liver\nC) lung",
        "Plan A. Then plan B. Which is it?",
        "A) first\nB) second\n\nWhich of these two comes first?",
        "A) first\nB) second\nWhich of these two comes first?",
        "A: Is it late?\nB: It is.\nWhat does A ask?",
        "Plan A. Then plan B.",
        "There are two plans. A. Then plan B. Then what?",
        "There is plan A. Why? Then plan B. Which is it?",
        "Is it so? A. Lincoln said it to J. Adams, B. Franklin was there.",
        "Compare (A) cats and (B) dogs.",
        "Name what they share: (A) cats, (B) dogs, and (C) birds.",
        "Is this right? A) cats bark B) dogs bark. Which is true?",
        "Which? A) liver C) lung",
        "Which? A) liver B)",
        "Which? A) liver B) lung\n\nThink of the text above.",
        "A) liver B) lung",
        f"{ORGAN}\nA) liver C) heart\nB) lung D) skin",
        f"{ORGAN}\nAnswer:",
    ],
)
def test_text_without_options_at_its_end_is_left_alone(text: str) -> None:
    assert split_options(text) is None


@pytest.mark.parametrize(
    "options",
    [
        "A) liver B) lung C) heart",
        "(A) liver (B) lung (C) heart",
        "(A)liver (B)lung (C)heart",
        "A. liver B. lung C. heart",
        "A: liver B: lung C: heart",
        "A) liver, B) lung, C) heart",
        "A) liver   B) lung\nC) heart",
    ],
)
@pytest.mark.parametrize("stem", [ORGAN, f"The team chose plan A. {ORGAN}", "Pick the organ:"])
@pytest.mark.parametrize("space", [" ", "\n"])
def test_options_in_a_row_at_the_end_are_split_off(stem: str, space: str, options: str) -> None:
    assert split_options(f"{stem}{space}{options}") == (stem, ("liver", "lung", "heart"))


def test_options_in_a_row_may_end_a_sentence() -> None:
    text = "Bile is made by the A) liver B) lung C) heart"
    assert split_options(text) == ("Bile is made by the", ("liver", "lung", "heart"))


def test_a_list_inside_the_stem_is_not_the_options() -> None:
    text = "Given\nA. a cat\nB. a dog\nwhich barks?\nA) the first\nB) the second"
    stem = "Given\nA. a cat\nB. a dog\nwhich barks?"
    assert split_options(text) == (stem, ("the first", "the second"))


def test_an_option_may_name_others() -> None:
    text = f"{ORGAN}\n(A) liver\n(B) lung\n(C) both (A) and (B)"
    assert split_options(text) == (ORGAN, ("liver", "lung", "both (A) and (B)"))


def test_an_option_may_run_over_lines() -> None:
    assert split_options("Q\nA) one\n  more\nB) two") == ("Q", ("one\n  more", "two"))


@pytest.mark.parametrize(
    ("gold", "answer", "letter"),
    [
        ("B", "lung", "B"),
        ("(B)", "lung", "B"),
        ("A,B", None, "A,B"),
        ("(A) and (B)", None, "A,B"),
        ("B.", "lung", "B"),
        ("(B) lung", "lung", "B"),
        ("B) lung", "lung", "B"),
        ("B: lung", "lung", "B"),
        ("(B)lung", "lung", "B"),
        ("B:", "lung", "B"),
        ("(S)-alanine", "(S)-alanine", None),
        ("lung", "lung", "B"),
        ("B) liver", "liver", "B"),
        ("D", None, "D"),
        ("spleen", "spleen", None),
        (None, None, None),
    ],
)
def test_a_gold_is_a_letter_a_text_or_both(gold, answer, letter) -> None:
    assert split_gold(gold, OPTIONS) == (answer, letter)


def test_a_gold_text_that_two_options_share_has_no_letter() -> None:
    assert split_gold("lung", ("lung", "lung")) == ("lung", None)


def test_an_option_that_looks_labelled_is_taken_whole() -> None:
    assert split_gold("A. Lincoln", ("G. Washington", "A. Lincoln")) == ("A. Lincoln", "B")


def test_released_rows_are_mcq_with_options_and_open_without(read_rows) -> None:
    choice, free = read_rows(
        "syn_qa", released(f"{ORGAN}\nA) liver\nB) lung", "A"), released("Who wrote it?", "Goethe")
    )
    assert (choice.question, choice.options, choice.answer) == (ORGAN, OPTIONS, "liver")
    assert (choice.question_type, choice.answer_kind, choice.domain) == ("mcq", "mcq", "gpr")
    assert (free.question_type, free.answer_kind, free.answer) == ("open", "short_open", "Goethe")
    assert json.loads(choice.provenance)["published_source"] == "some-qa"


def test_the_flattened_copy_is_read_too(read_rows) -> None:
    row = {"question": f"{ORGAN}\nA) liver\nB) lung", "ground_truth": "(B) lung"}
    (question,) = read_rows("syn_qa", row)
    assert (question.answer, question.answer_label) == ("lung", "B")


def test_persona_math_reads_both_forms(read_rows) -> None:
    rows = read_rows(
        "persona_math", released("Sum?", "12"), {"question": "Sum?", "ground_truth": 12}
    )
    assert [(row.answer, row.answer_kind, row.domain) for row in rows] == [("12", "math", "mr")] * 2


def test_a_gold_that_is_not_for_rules_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [released("Q", "x", style="model"), released("Q", "x"), {"reward_model": 1}]
    rows.append(released("Q", "x") | {"meta_data": {"index": "1"}})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(read_source(get_source("syn_qa"), path))
    reasons = [row.reason if isinstance(row, Unreadable) else "read" for row in found]
    assert reasons == ["not_rule_graded", "read", "missing_column", "missing_column"]
