"""Labels of multiple choice: where one starts or ends a text, and texts that name several."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.labels import (
    BARE_LABELS,
    LABEL_HEADS,
    NO_PLACE,
    label_behind,
    listed_labels,
    listed_without_doubt,
    lone_labels,
    split_label,
    without_intro,
)

LETTERS = st.sampled_from("ABCD")
DRESSED = st.sampled_from(["{}", "({})", "{}.", "[{}]", "({})."])
JOINTS = st.sampled_from([" and ", ", ", " & ", "/", " ", "; ", " or "])


@given(LETTERS, LETTERS, DRESSED, JOINTS)
def test_two_labels_are_never_taken_for_one(one: str, other: str, dress: str, joint: str) -> None:
    both = {ord(one) - ord("A"), ord(other) - ord("A")}
    text = dress.format(one) + joint + dress.format(other)
    assert listed_labels(text, 4) == both
    assert lone_labels(text, 4) == both
    found = split_label(text, 4)
    assert found is not None
    assert other in found.rest


@given(LETTERS, st.sampled_from(["or", "not", "maybe", "either", "perhaps", "neither"]))
def test_a_hedged_list_is_no_list(letter: str, doubt: str) -> None:
    assert listed_labels(f"{doubt} {letter}", 4) == {ord(letter) - ord("A")}
    assert listed_without_doubt(f"{doubt} {letter}", 4) is None


@pytest.mark.parametrize(
    ("text", "place", "rest", "decides"),
    [
        ("C", 2, "", False), ("C.", 2, "", False), ("c", 2, "", False), ("{B}", 1, "", False),
        ("<b>", 1, "", False), ("(C) Paris", 2, "Paris", True), ("C. Paris", 2, "Paris", True),
        ("C: Paris", 2, "Paris", True), ("[B] Paris", 1, "Paris", True),
        ("C, Paris", 2, "Paris", False), ("A cat", 0, "cat", False),
    ],
)  # fmt: skip
def test_a_label_that_starts_a_text_is_parted_from_the_rest(
    text: str, place: int, rest: str, decides: bool
) -> None:
    found = split_label(text, 4)
    assert found is not None
    assert (found.place, found.rest, found.decides) == (place, rest, decides)


@pytest.mark.parametrize("text", ["", "Cat", "a cat", "E", "(E) Paris", "5", "-C"])
def test_a_word_an_article_and_a_letter_past_the_options_are_no_labels(text: str) -> None:
    assert split_label(text, 4) is None


@pytest.mark.parametrize(("text", "dashed"), [("C - 5", True), ("C – 5", True), ("C -5", False)])
def test_a_dash_before_the_rest_is_told_from_a_sign(text: str, dashed: bool) -> None:
    found = split_label(text, 4)
    assert found is not None
    assert (found.dashed, found.rest.lstrip("-")) == (dashed, "5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris (C)", (2, "Paris")),
        ("Paris [c].", (2, "Paris")),
        ("Paris", (NO_PLACE, "Paris")),
        ("Paris (CD)", (NO_PLACE, "Paris (CD)")),
    ],
)
def test_a_label_in_brackets_may_end_an_answer(text: str, expected: tuple[int, str]) -> None:
    assert label_behind(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A cat", set()), ("I think B", {1}), ("(b) and C", {1, 2}), ("C++", set()),
        ("A-level", set()), ("x = A", set()), ("A's", set()), ("E", set()),
    ],
)  # fmt: skip
def test_lone_labels_are_no_articles_names_or_parts_of_words(text: str, expected: set[int]) -> None:
    assert lone_labels(text, 4) == expected


@pytest.mark.parametrize("text", ["Paris", "A, C and cats", "ABE", "A b", "A 1", "E"])
def test_a_text_with_anything_else_in_it_lists_no_labels(text: str) -> None:
    assert listed_labels(text, 4) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The answer is C", ("C", True)),
        ("my final answer is the letter B", ("B", False)),
        ("Option C", ("C", False)),
        ("The correct answer is", ("The correct answer is", False)),
        ("Paris", ("Paris", False)),
    ],
)
def test_an_introduction_is_left_out(text: str, expected: tuple[str, bool]) -> None:
    assert without_intro(text) == expected


@pytest.mark.parametrize("letter", string.ascii_uppercase)
def test_the_tables_of_common_forms_agree_on_every_letter(letter: str) -> None:
    place = string.ascii_uppercase.index(letter)
    dresses = (letter, f"({letter})", f"**{letter}**", rf"\text{{{letter}}}", f"Option {letter}")
    assert {BARE_LABELS[dress] for dress in dresses} == {place}
    for head, found in LABEL_HEADS.items():
        assert split_label(f"{head}rest", 26) == (found, "rest", True, False)
