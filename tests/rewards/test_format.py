r"""R_format: one think block, and boxes behind it, read in linear time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards.format import (
    THINK_MODES,
    Think,
    closing_brace,
    final_box,
    read_boxes,
    read_completion,
)

THOUGHT = "<think>x</think>"
pieces = st.lists(
    st.sampled_from(
        (
            "<think>",
            "</think>",
            "\\boxed{",
            "\\boxed {",
            "\\boxed",
            "{",
            "}",
            "\\",
            "B",
            "7",
            " ",
            "<",
        )
    ),
    max_size=25,
).map("".join)
modes = st.sampled_from(THINK_MODES)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (r"\boxed{7}", ["7"]),
        (r"\boxed {7}", ["7"]),
        ("\\boxed\n\t{7}", ["7"]),
        (r"\boxed{ 7 }", ["7"]),
        (r"\boxed{\frac{1}{2}}", [r"\frac{1}{2}"]),
        (r"\boxed{\{1, 2\}}", [r"\{1, 2\}"]),
        (r"\boxed{\}}", [r"\}"]),
        (r"\boxed{\\}", [r"\\"]),
        (r"\boxed{\\{x}}", [r"\\{x}"]),
        (r"\boxed{1} and \boxed{2}", ["1", "2"]),
        (r"\boxed{1}\boxed{1}", ["1", "1"]),
        (r"\boxed{} \boxed{1}", ["1"]),
        (r"\boxed{\boxed{1}}", ["1"]),
        (r"\boxed{ \boxed{ \boxed{1} } }", ["1"]),
        (r"\boxed{\boxed{1} or \boxed{2}}", [r"\boxed{1} or \boxed{2}"]),
        (r"\boxed{\boxed{1} }", ["1"]),
        (r"\boxed{x + \boxed{1}}", [r"x + \boxed{1}"]),
        (r"\boxed{\boxed 1}", [r"\boxed 1"]),
        (r"\boxed{7}}", ["7"]),
        (r"\boxed 7 \boxed{8}", ["8"]),
        (r"\boxedsep{7} \boxed{8}", ["8"]),
    ],
)
def test_boxes_are_read_by_pairing_braces(text: str, answers: list[str]) -> None:
    assert read_boxes(text) == ("", answers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format:no_box"),
        (r"\boxed", "format:no_box"),
        (r"\boxed 7", "format:no_box"),
        (r"\boxed{}", "format:empty_box"),
        (r"\boxed{\boxed{ }}", "format:empty_box"),
        (r"\boxed{7", "format:unclosed_box"),
        (r"\boxed{7\}", "format:unclosed_box"),
        (r"\boxed{7} \boxed{", "format:unclosed_box"),
        (r"\boxed{7}" * 65, "format:too_many_boxes"),
    ],
)
def test_what_is_no_answer_has_a_reason(text: str, reason: str) -> None:
    assert read_boxes(text) == (reason, [])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{1} \boxed{2}", "2"),
        (r"\boxed{1} \boxed{}", "1"),
        (r"\boxed{1} \boxed{2", "1"),
        (r"\boxed{1 \boxed{2} \boxed{3} \boxed{", "3"),
        (r"\boxed{\boxed{\boxed{2}}}", "2"),
        (r"\boxed{x \boxed{2}}", r"x \boxed{2}"),
        (r"\boxed{a \boxed{b} \boxed{c}}", r"a \boxed{b} \boxed{c}"),
        (r"<think>\boxed{1}</think>", None),
        (r"<think>\boxed{1}</think> \boxed{2}", "2"),
        (r"\boxed{2} <think>\boxed{1}", "2"),
        (r"<think>\boxed{1}", None),
        (r"\boxed{", None),
        ("", None),
    ],
)
def test_the_final_box_is_the_last_that_closes_outside_thought(
    text: str, answer: str | None
) -> None:
    assert final_box(text) == answer


@pytest.mark.parametrize(
    ("text", "end"), [("{}", 1), ("{{}}", 3), ("{", -1), (r"{\}", -1), (r"{\\}", 3), ("{a{b}c}", 6)]
)
def test_closing_braces(text: str, end: int) -> None:
    assert closing_brace(text, 0) == end


@given(pieces | st.text(max_size=60), modes)
def test_a_reading_has_either_answers_or_a_reason(text: str, think: Think) -> None:
    reason, answers = read_completion(text, think)
    assert bool(reason) != bool(answers)
    assert not reason or reason.startswith("format:")
    assert all(answer and answer == answer.strip() and answer in text for answer in answers)


@given(pieces, pieces)
def test_what_is_thought_never_counts(thought: str, behind: str) -> None:
    if "think>" not in thought:
        with_thought = read_completion(f"<think>{thought}</think>{behind}")
        assert with_thought == read_completion(f"<think></think>{behind}")


@given(pieces)
def test_the_modes_differ_by_the_opening_tag_only(rest: str) -> None:
    if not rest.lstrip().startswith("<think>"):
        assert read_completion(rest, "prefilled") == read_completion("<think>" + rest)


@given(pieces)
def test_a_well_formed_completion_has_the_same_last_box_in_every_mode(rest: str) -> None:
    reason, answers = read_completion(THOUGHT + rest)
    if not reason:
        assert final_box(THOUGHT + rest) == answers[-1]
        assert read_completion(THOUGHT + rest, "ignored") == ("", answers[-1:])


@given(st.lists(st.sampled_from("{}\\ab"), max_size=40).map("".join))
def test_a_balanced_content_comes_back(content: str) -> None:
    boxed = f"\\boxed{{{content}}}"
    if closing_brace(boxed, 6) == len(boxed) - 1 and content.strip():
        assert read_boxes(f"so {boxed} it is") == ("", [content.strip()])


MEGABYTE = 1 << 20
HUGE = {
    "boxes never closed": "\\boxed{" * (MEGABYTE // 7),
    "boxes in boxes": "\\boxed{" * 100_000 + "B" + "}" * 100_000,
    "boxes in boxes, spaced": "\\boxed{ " * 80_000 + "B" + " }" * 80_000,
    "an open box before many": "\\boxed{" + "\\boxed{7}" * (MEGABYTE // 9),
    "open boxes before many": "\\boxed{" * (MEGABYTE // 14) + "\\boxed{7}" * (MEGABYTE // 18),
    "boxes": "\\boxed{7}" * (MEGABYTE // 9),
    "empty boxes": "\\boxed{}" * (MEGABYTE // 8),
    "commands": "\\boxed" * (MEGABYTE // 6),
    "a box far from its brace": "\\boxed" + " " * MEGABYTE + "{7}",
    "spaced commands": "\\boxed    " * (MEGABYTE // 10),
    "opening braces": "{" * MEGABYTE,
    "opening braces in boxes": "\\boxed{" * 64 + "{" * MEGABYTE,
    "closing braces": "\\boxed{7" + "}" * MEGABYTE,
    "pairs of braces": "\\boxed{" + "{}" * (MEGABYTE // 2) + "}",
    "backslashes": "\\boxed{" + "\\" * MEGABYTE + "}",
    "opening tags": "<think>" * (MEGABYTE // 7),
    "closing tags": "</think>" * (MEGABYTE // 8),
    "half tags": "<thin" * (MEGABYTE // 5),
    "signs": "<" * MEGABYTE,
    "white space": " " * MEGABYTE,
    "null bytes": "\x00" * MEGABYTE,
    "a long answer": "\\boxed{" + "7" * MEGABYTE + "}",
}


@pytest.mark.parametrize("think", THINK_MODES)
@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_megabyte_of_anything_is_read_at_once(text: str, think: Think) -> None:
    for start in ("", "<think>", THOUGHT):
        started = time.process_time()
        read_completion(start + text, think)
        assert time.process_time() - started < 0.5
