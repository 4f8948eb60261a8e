"""Gradability: a row's own gold scores 1.0, and what is decided by its form alone does too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import crossthink_data.gradability as gradability
from crossthink_data.filters import apply_filters
from crossthink_data.gradability import GRADABILITY, PLAIN_GOLDS, why_not_gradable
from crossthink_data.raw import find_origin, read_source
from crossthink_data.records import LABELS, Question
from crossthink_data.rewards import explain
from crossthink_data.sources import get_source

Row = dict[str, Any]

WORDS = ("no", "not", "none", "the", "an", "and", "or", "either", "maybe", "answer", "all", "one")
UNITS = ("meters", "percent", "degrees", "dollars", "hundred", "million", "half", "third", "dozen")
MONTHS = ("january", "May", "monday", "minus", "plus", "times", "pi", "infinity", "undefined")
words = st.sampled_from([*WORDS, *UNITS, *MONTHS]) | st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True)
phrases = st.lists(words, min_size=1, max_size=12).map(" ".join)
golds = {
    kind: st.from_regex(form.replace("^", r"\A").replace("$", r"\Z"))
    for kind, form in PLAIN_GOLDS.items()
}


def reasons(rows: pl.LazyFrame) -> list[str | None]:
    return rows.select(GRADABILITY).collect().to_series().to_list()


def is_plain(kind: str, gold: str) -> bool:
    return bool(pl.select(pl.lit(gold).str.contains(PLAIN_GOLDS[kind])).item())


@settings(deadline=None, max_examples=400)
@given(golds["math"])
def test_a_plain_math_gold_scores(gold: str) -> None:
    assert is_plain("math", gold)
    assert why_not_gradable("math", gold) is None


@settings(deadline=None, max_examples=400)
@given(golds["short_open"] | phrases)
def test_a_plain_short_gold_scores(gold: str) -> None:
    assert not is_plain("short_open", gold) or why_not_gradable("short_open", gold) is None


texts = st.sampled_from(
    [
        *"ABCDE",
        "A and B",
        "(A)",
        "A.",
        "C. x",
        "Both A and B",
        "none of these",
        "all of the above",
        "12",
        "1,2",
        "-5",
        "Mars",
        "mars",
        "Mars.",
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(texts | phrases | golds["mcq"], min_size=2, max_size=10, unique=True), st.data())
@example(["B", "A", "D", "C"], None)
@example(["Mars", "mars", "MARS", "Mars."], None)
def test_a_plain_mcq_gold_scores_whatever_the_other_options(
    options: list[str], data: st.DataObject | None
) -> None:
    positions = (
        range(len(options)) if data is None else [data.draw(st.integers(0, len(options) - 1))]
    )
    for at in positions:
        text = options[at].strip()
        if is_plain("mcq", text):
            for gold in (f"({LABELS[at]}) {text}", LABELS[at]):
                assert why_not_gradable("mcq", gold, options) is None, gold


@pytest.mark.parametrize(
    ("kind", "gold", "reason"),
    [
        ("math", r"\frac{1}{2", "format:unclosed_box"),
        ("math", "5</think>", "format:second_think_end"),
        ("short_open", "an <think> tag", "format:second_think"),
        ("short_open", "a set {1, 2", "format:unclosed_box"),
        ("math", r"\boxed{5} or \boxed{6}", "format:boxes_disagree"),
        ("math", r"5</think> \boxed{5}", "format:second_think_end"),
        ("math", "", "acc:no_gold"),
        ("math", " ", "acc:no_gold"),
    ],
)
def test_a_gold_that_spoils_its_own_completion_does_not(kind: str, gold: str, reason: str) -> None:
    found = why_not_gradable(kind, gold)
    assert found is not None
    assert found.split(":")[0] == reason.split(":")[0] or reason == "acc:no_gold"


@pytest.mark.parametrize(
    ("kind", "gold", "options"),
    [
        ("math", r"Two and three make five, so $x = \boxed{5}$.", None),
        ("math", r"It is \boxed{\frac{1}{2}}, that is \boxed{0.5}.", None),
        ("short_open", r"\boxed{carbon dioxide}", None),
        ("mcq", r"(B) \boxed{5}", [r"\boxed{4}", r"\boxed{5}"]),
        ("mcq", r"It is red, so \boxed{B}", ["Venus", "Mars"]),
    ],
)
def test_a_worked_solution_is_graded_as_trainers_read_it(
    kind: str, gold: str, options: list[str] | None
) -> None:
    assert why_not_gradable(kind, gold, options) is None


def test_a_gold_that_no_grammar_reads_passes_by_its_characters_alone() -> None:
    gold = r"\sum_{?} ** 3"
    assert why_not_gradable("math", gold) is None
    other = explain(r"<think>so</think> \boxed{\sum_{?} ** 4}", gold, kind="math")
    assert other.reason == "acc:not_understood"


@pytest.mark.parametrize("label", [None, "B"])
def test_the_text_of_an_mcq_gold_counts_with_or_without_a_label(
    question_rows: Any, label: str | None
) -> None:
    options = ["a set {1}", "a set {1, 2", "a pair (1, 2)"]
    row = question_rows.mcq(options=options, answer=options[1], answer_label=label)
    (why,) = reasons(question_rows.frame([row]))
    assert why is not None
    assert why.endswith(": (B) a set {1, 2")
    good = question_rows.mcq(options=options, answer=options[0], answer_label=label and "A")
    assert reasons(question_rows.frame([good])) == [None]


def test_the_reward_is_asked_for_doubtful_golds_alone(
    question_rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    seen: list[int] = []

    def note(kind: str, gold: str, options: object = None) -> str | None:
        asked.append(gold)
        return None

    def count(rows: pl.Series, judge: Callable[[pl.Series], pl.Series] = gradability._why_not):
        seen.append(len(rows))
        return judge(rows)

    monkeypatch.setattr(gradability, "why_not_gradable", note)
    monkeypatch.setattr(gradability, "_why_not", count)
    rows = [question_rows.math(answer=answer) for answer in ("5", "x^2", r"\pi", "x^2", "7", None)]
    rows += [question_rows.short_open(), question_rows.mcq()]
    pl.collect_all(list(apply_filters(question_rows.frame(rows * 3))))
    assert set(asked) == {r"\pi", "x^2"}
    assert sum(seen) == 24  # once a row, though kept rows and rejects both come of it


FILES = {
    "mmlu": "mmlu",
    "math": "math/limr_math_8523.json",
    "math_500": "math500/test.jsonl",
    "amc23": "amc23/test.jsonl",
    "agieval": "agieval",
    "mmlu_pro": "mmlu_pro/sample_rows.json",
}


@pytest.mark.parametrize("name", FILES)
def test_what_passes_filter_of_the_real_files_scores(
    name: str, question_rows: Any, real_data: Path
) -> None:
    source = get_source(name)
    read = read_source(source, find_origin(source, str(real_data / FILES[name])))
    rows = [
        {field: getattr(row, field, None) for field in _FIELDS} | {"attempts": None}
        for row in read
        if isinstance(row, Question)
    ]
    kept = apply_filters(question_rows.frame(row | {"origin_id": row["id"]} for row in rows)).kept
    for row in kept.collect().to_dicts():
        told = [row["answer"]]
        if row["answer_kind"] == "mcq":
            stripped = [option.strip() for option in row["options"]]
            label = row["answer_label"] or LABELS[stripped.index(row["answer"].strip())]
            told = [label.strip(), f"({label.strip()}) {row['answer'].strip()}"]
        for gold in told:
            assert why_not_gradable(row["answer_kind"], gold, row["options"]) is None, gold


_FIELDS = (
    *("id", "source", "domain", "question_type", "answer_kind", "subject"),
    *("question", "options", "answer", "answer_label", "provenance"),
)
