"""R = R_acc AND R_format: the interface, whole completions, and the laws of all kinds."""

import json
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.rewards import Verdict, compile_gold, explain, reward
from crossthink_data.rewards.format import THINK_MODES, Think

GOLDEN = Path(__file__).parent.parent / "golden" / "completions.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
PLANETS = ["Mercury", "Venus", "Earth", "Mars"]
THOUGHT = "<think>Let me see.</think>\n\n"

kinds = st.sampled_from(("mcq", "short_open", "math"))
modes = st.sampled_from(THINK_MODES)
golds = st.sampled_from(
    (
        ("mcq", "B", None),
        ("mcq", "(B) Venus", tuple(PLANETS)),
        ("short_open", "carbon dioxide", None),
        ("short_open", "42 km", None),
        ("math", r"\frac{1}{2}", None),
        ("math", "x^2-1", None),
        ("math", "(0,1]", None),
    )
)
pieces = st.lists(
    st.sampled_from(
        (
            "<think>",
            "</think>",
            "\\boxed{",
            "}",
            "{",
            "B",
            "C",
            "(B) Venus",
            "Earth",
            "carbon",
            "dioxide",
            "42",
            " km",
            "\\frac{1}{2}",
            "0.5",
            "x^2",
            "-1",
            "(0,1]",
            " or ",
            ", ",
            "\\text{",
            "$",
            " ",
            "\n",
        )
    ),
    max_size=20,
).map("".join)
completions = st.builds(lambda start, rest: start + rest, st.sampled_from(("", THOUGHT)), pieces)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_golden_completions(case: dict[str, Any]) -> None:
    asked = {name: case[name] for name in ("kind", "options", "think")}
    verdict = explain(case["completion"], case["gold"], **asked)
    assert (verdict.score, verdict.reason) == (case["score"], case["reason"]), case["why"]
    assert reward(case["completion"], case["gold"], **asked) == case["score"]


def test_the_parts_of_a_verdict() -> None:
    right, wrong = r"\boxed{B}", r"\boxed{C}"
    assert explain(THOUGHT + right, "B", kind="mcq") == Verdict(1.0, True, True, "B", "")
    assert explain(right, "B", kind="mcq") == Verdict(0.0, True, False, "B", "format:no_think")
    assert explain(THOUGHT + wrong, "B", kind="mcq") == Verdict(
        0.0, False, True, "C", "acc:other_label"
    )
    assert explain(wrong, "B", kind="mcq") == Verdict(0.0, False, False, "C", "format:no_think")
    assert explain("B", "B", kind="mcq") == Verdict(0.0, False, False, None, "format:no_think")


@given(completions | st.text(max_size=80), golds, modes)
def test_reward_and_explain_agree_and_every_zero_has_its_reason(
    completion: str, gold: tuple[str, str, tuple[str, ...] | None], think: Think
) -> None:
    kind, text, options = gold
    score = reward(completion, text, kind=kind, options=options, think=think)
    verdict = explain(completion, text, kind=kind, options=options, think=think)
    assert score in (0.0, 1.0)
    assert verdict.score == score
    assert (verdict.reason == "") == (score == 1.0) == (verdict.correct and verdict.formatted)
    assert verdict.reason == "" or verdict.reason.startswith(("format:", "acc:"))
    assert verdict.formatted != verdict.reason.startswith("format:")


@given(golds, st.text(alphabet=" \t\n\r", max_size=4), st.sampled_from(THINK_MODES))
def test_a_gold_boxed_and_wrapped_is_right_whatever_white_space_surrounds_it(
    gold: tuple[str, str, tuple[str, ...] | None], space: str, think: Think
) -> None:
    kind, text, options = gold
    start = "x</think>" if think == "prefilled" else "<think>x</think>"
    completion = f"{space}{start}{space}\\boxed{{{space}{text}{space}}}{space}"
    assert reward(completion, text, kind=kind, options=options, think=think) == 1.0


@given(pieces, st.text(alphabet=" \t\n", max_size=4), golds)
def test_white_space_around_the_box_changes_nothing(
    content: str, space: str, gold: tuple[str, str, tuple[str, ...] | None]
) -> None:
    kind, text, options = gold
    plain = explain(f"{THOUGHT}\\boxed{{{content}}}", text, kind=kind, options=options)
    spaced = f"{space}{THOUGHT}{space}\\boxed{{{space}{content}{space}}}{space}"
    assert explain(spaced, text, kind=kind, options=options).score == plain.score


@given(completions, golds)
def test_a_box_that_was_thought_never_counts(
    completion: str, gold: tuple[str, str, tuple[str, ...] | None]
) -> None:
    kind, text, options = gold
    thought = f"<think>It is \\boxed{{{text}}}.</think>"
    if "\\boxed" not in completion or "think>" in completion:
        assert reward(thought + completion, text, kind=kind, options=options) == 0.0
    if "\\boxed" not in completion:
        assert explain(thought + completion, text, kind=kind, options=options).correct is False


def test_boxes_that_mean_the_same_are_one_answer() -> None:
    assert reward(THOUGHT + r"\boxed{B} \boxed{Venus}", "B", kind="mcq", options=PLANETS) == 1.0
    same = explain(THOUGHT + r"\boxed{C} \boxed{Earth}", "B", kind="mcq", options=PLANETS)
    assert same.reason == "acc:other_option"
    for last in ("B", "C"):
        other = "C" if last == "B" else "B"
        hedge = explain(f"{THOUGHT}\\boxed{{{other}}} \\boxed{{{last}}}", "B", kind="mcq")
        assert hedge == Verdict(0.0, last == "B", False, last, "format:boxes_disagree")
    # Read as a gold, the first box would accept the second; the gold accepts the second only.
    lenient = explain(THOUGHT + r"\boxed{(C) Venus} \boxed{Venus}", "(B) Venus", kind="mcq")
    assert lenient == Verdict(0.0, True, False, "Venus", "format:boxes_disagree")


@pytest.mark.parametrize(
    "completion",
    [None, 7, 7.0, True, b"\\boxed{B}", ["\\boxed{B}"], {"content": "\\boxed{B}"}, (), object()],
)
def test_completions_that_are_no_text_score_zero(completion: object) -> None:
    assert reward(completion, "B", kind="mcq") == 0.0
    assert explain(completion, "B", kind="mcq").reason == "format:not_text"


@pytest.mark.parametrize(
    ("gold", "reason"),
    [
        (None, "acc:no_gold"),
        ("", "acc:no_gold"),
        (" \n", "acc:no_gold"),
        (math.nan, "acc:no_gold"),
        (numpy.float32("nan"), "acc:no_gold"),
        ([], "acc:gold_not_text"),
        (["B"], "acc:gold_not_text"),
        ({"answer": "B"}, "acc:gold_not_text"),
        (b"B", "acc:gold_not_text"),
        (numpy.array(["B", "C"]), "acc:gold_not_text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_golds_that_are_missing_or_no_text_are_met_by_nothing(gold: object, reason: str) -> None:
    for kind in ("mcq", "short_open", "math"):
        for equality in ("equivalent", "exact"):
            verdict = explain(THOUGHT + r"\boxed{B}", gold, kind=kind, equality=equality)
            assert verdict == Verdict(0.0, False, True, "B", reason)


@pytest.mark.parametrize(
    "gold",
    [5, 5.0, "5", Decimal(5), Fraction(5), numpy.int64(5), numpy.float64(5), numpy.str_("5")],
)
def test_numbers_are_golds(gold: object) -> None:
    assert reward(THOUGHT + r"\boxed{5}", gold, kind="math") == 1.0
    assert reward(THOUGHT + r"\boxed{6}", gold, kind="math") == 0.0


def test_a_gold_of_more_digits_than_python_prints_is_met_by_nothing() -> None:
    verdict = explain(THOUGHT + r"\boxed{5}", 10**5000, kind="math")
    assert verdict.reason == "acc:gold_too_long"


def test_a_truth_value_is_the_word() -> None:
    assert reward(THOUGHT + r"\boxed{True}", True, kind="short_open") == 1.0
    assert reward(THOUGHT + r"\boxed{False}", True, kind="short_open") == 0.0


@pytest.mark.parametrize(
    "options",
    [
        PLANETS,
        tuple(PLANETS),
        numpy.array(PLANETS),
        numpy.array(PLANETS, dtype=object),
    ],
    ids=lambda options: type(options).__name__,
)
def test_options_are_any_iterable(options: Any) -> None:
    for ask in (reward, lambda *given, **asked: explain(*given, **asked).score):
        assert ask(THOUGHT + r"\boxed{Venus}", "B", kind="mcq", options=options) == 1.0
        assert ask(THOUGHT + r"\boxed{Mars}", "B", kind="mcq", options=options) == 0.0
    assert reward(THOUGHT + r"\boxed{Venus}", "B", kind="mcq", options=iter(options)) == 1.0
    assert explain(THOUGHT + r"\boxed{Venus}", "B", kind="mcq", options=iter(options)).correct


def test_options_by_label_are_taken_in_order() -> None:
    options = dict(zip("ABCD", PLANETS, strict=True))
    for answer, score in (("Venus", 1.0), ("Mars", 0.0)):
        completion = THOUGHT + rf"\boxed{{{answer}}}"
        assert reward(completion, "B", kind="mcq", options=options) == score


@pytest.mark.parametrize("options", ["Venus", b"Venus"])
def test_options_that_are_no_list_are_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="must be a list of texts"):
        reward(THOUGHT + r"\boxed{B}", "B", kind="mcq", options=options)


def test_a_ninth_different_box_is_too_many() -> None:
    boxes = [rf"\boxed{{{number}/{2 * number}}}" for number in range(1, 10)]
    for count, score in ((8, 1.0), (9, 0.0)):
        completion = THOUGHT + " ".join(boxes[:count])
        assert reward(completion, "1/2", kind="math") == score
        assert explain(completion, "1/2", kind="math").score == score


def test_options_may_be_numbers() -> None:
    assert reward(THOUGHT + r"\boxed{4}", "B", kind="mcq", options=numpy.array([3, 4])) == 1.0
    assert reward(THOUGHT + r"\boxed{3}", "B", kind="mcq", options=[3, 4]) == 0.0


def test_no_options_is_the_same_as_an_empty_list() -> None:
    assert reward(THOUGHT + r"\boxed{(Q)}", "Q", kind="mcq", options=[]) == 1.0


@pytest.mark.parametrize("gold", ["B", "", None, 5, ["B"]])
@pytest.mark.parametrize("ask", [reward, explain])
def test_what_does_not_exist_is_refused_with_what_does(ask: Any, gold: object) -> None:
    with pytest.raises(ValueError, match=r"kind is 'mcqs'.* mcq, short_open, math.* 'mcq'\?"):
        ask("x", gold, kind="mcqs")
    with pytest.raises(
        ValueError, match=r"think is 'require'.* required, prefilled, ignored.*mean"
    ):
        ask("x", gold, kind="mcq", think="require")
    with pytest.raises(ValueError, match=r"equality is 'same'.* equivalent, exact, math_verify"):
        ask("x", gold, kind="mcq", equality="same")
    with pytest.raises(ValueError, match="options is 4; it must be a list of texts"):
        ask("x", gold, kind="mcq", options=4)


def test_exact_equality_compares_characters() -> None:
    assert reward(THOUGHT + r"\boxed{ B }", "B", kind="mcq", equality="exact") == 1.0
    assert reward(THOUGHT + r"\boxed{(B)}", "B", kind="mcq", equality="exact") == 0.0
    assert reward(THOUGHT + r"\boxed{0.5}", "1/2", kind="math", equality="exact") == 0.0


def test_golds_are_compiled_once_and_kept() -> None:
    first = compile_gold("B", kind="mcq", options=PLANETS)
    assert compile_gold("B", kind="mcq", options=iter(PLANETS)) is first
    assert compile_gold("B", kind="mcq") is not first
    assert compile_gold("B", kind="short_open") is not first


def test_what_is_remembered_is_bounded_and_changes_nothing() -> None:
    gold = compile_gold("B", kind="mcq")
    for number in range(2000):
        assert gold.judge(f"answer {number}") == "acc:no_label"
    kept = [value for name in gold.__slots__ if isinstance(value := getattr(gold, name), dict)]
    assert sum(map(len, kept)) <= 256
    assert (gold.judge("(B)"), gold.judge("C")) == ("", "acc:other_label")
    assert (gold.judge("(B)"), gold.judge("C")) == ("", "acc:other_label")


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00", "\u202eB\u202c", "B\u0301", "🅱", "﷽" * 99, "\\"]
)
def test_odd_characters_are_only_text(text: str) -> None:
    for kind in ("mcq", "short_open", "math"):
        assert reward(f"{THOUGHT}\\boxed{{{text}}}", "C", kind=kind, options=PLANETS) == 0.0
        assert reward(THOUGHT + r"\boxed{C}", text, kind=kind, options=PLANETS) == 0.0


def test_the_reward_loads_the_standard_library_only() -> None:
    script = (
        "import sys; before = set(sys.modules); import crossthink_data.rewards; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= sys.stdlib_module_names | {"crossthink_data"}
