"""Filters: golden rows for every reason, the laws of a filter, and what is hard for a model."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from crossthink_data.filters import (
    QUALITY_RULES,
    READINGS,
    RENDER_RULES,
    answer_too_long,
    apply_filters,
    hard_for_rules,
)
from crossthink_data.gradability import GRADABILITY, gold_not_gradable
from crossthink_data.records import ANSWER_KINDS, DOMAINS, QUESTION_TYPES
from crossthink_data.rules import split_by_rules

Row = dict[str, Any]
GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parent / "golden" / "filters.jsonl").read_text("utf-8").splitlines()
]


def verdicts(rows: pl.LazyFrame, **options: Any) -> list[str | None]:
    """The reason of each row in order, None where it is kept."""
    numbered = rows.with_columns(subject=pl.int_range(pl.len()).cast(pl.String))
    kept, rejects = apply_filters(numbered, **options)
    frames = [kept.with_columns(reason=pl.lit(None, pl.String)), rejects]
    both = pl.concat([frame.select("subject", "reason") for frame in frames]).collect()
    return both.sort(pl.col("subject").cast(pl.Int64))["reason"].to_list()


def verdict(question_rows, row: Row, **options: Any) -> str | None:
    (found,) = verdicts(question_rows.frame([row]), **options)
    return found


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['why']}-{case['row']}"[:80])
def test_golden_row(question_rows, case) -> None:
    row = question_rows.make(case["like"], **case["row"])
    assert verdict(question_rows, row) == case["reason"]


def test_every_reason_has_a_golden_row() -> None:
    rules = (*QUALITY_RULES, answer_too_long(), gold_not_gradable())
    reasons = [rule.reason for rule in rules]
    assert {case["reason"] for case in GOLDEN} == {None, *reasons}
    # Parts of a math problem and several labels of an mcq row share theirs.
    assert sorted([*set(reasons), "several_answers"]) == sorted(reasons)


def test_order_of_the_rules() -> None:
    """Reasons are counted and published: a row with two defects keeps its first reason."""
    render = [rule.reason for rule in RENDER_RULES]
    assert render == [
        "unreadable_row",
        "question_missing",
        "several_answers",  # parts, which only math rows have
        "options_too_few",
        "options_too_many",
        "option_missing",
        "several_answers",  # labels
        "label_out_of_range",
        "answer_missing",
        "answer_not_an_option",
    ]
    assert [rule.reason for rule in QUALITY_RULES] == [
        *render,
        "options_duplicate_answer",
        "label_answer_mismatch",
        "not_an_answer",
        "published_as_invalid",
        "answer_is_a_label",
    ]


def test_a_row_with_two_defects_gets_the_reason_of_the_first_rule_that_fires(
    question_rows,
) -> None:
    rejects = [case for case in GOLDEN if case["reason"]]
    rows = question_rows.frame(
        question_rows.make(one["like"], **one["row"], **other["row"])
        for one in rejects
        for other in rejects
        if one["like"] == other["like"] and not set(one["row"]) & set(other["row"])
    )
    rules = (*QUALITY_RULES, answer_too_long(), gold_not_gradable())
    read = rows.with_columns(*READINGS, GRADABILITY)
    alone = read.select(rule.rejects.alias(str(at)) for at, rule in enumerate(rules)).collect()
    fired = [
        [rule.reason for rule, fires in zip(rules, row, strict=True) if fires]
        for row in alone.rows()
    ]
    assert verdicts(rows) == [reasons[0] if reasons else None for reasons in fired]
    assert sum(len(reasons) > 1 for reasons in fired) > 500


@pytest.mark.parametrize(("words", "reason"), [(3, None), (2, "answer_too_long")])
def test_max_words_sets_the_bound(question_rows, words, reason) -> None:
    row = question_rows.short_open(answer="a dying star")
    assert verdict(question_rows, row, max_words=words) == reason


@pytest.mark.parametrize(
    ("kind", "changed", "reason", "detail"),
    [
        ("mcq", {"answer_label": "F"}, "label_out_of_range", "F among 4 options"),
        ("mcq", {"answer_label": "A,C"}, "several_answers", "A,C"),
        ("mcq", {"answer": "Pluto"}, "answer_not_an_option", "Pluto"),
        ("mcq", {"options": ["Mars"]}, "options_too_few", "Mars"),
        (
            "mcq",
            {"options": ["Venus", "Mars", None]},
            "option_missing",
            "1 of 3 options say nothing: Venus | Mars",
        ),
        (
            "mcq",
            {"answer": "Venus"},
            "label_answer_mismatch",
            "label B is Mars, answer is Venus",
        ),
        ("math", {"answer": "proof"}, "not_an_answer", "proof <- Find x if 2x = 10."),
        ("short_open", {"answer": None}, "answer_missing", ""),
        ("math", {"answer": r"\sqrt{2"}, "gold_not_gradable", r"format:unclosed_box: \sqrt{2"),
    ],
)
def test_a_reject_says_what_offended(question_rows, kind, changed, reason, detail) -> None:
    rows = question_rows.frame([question_rows.make(kind, **changed)])
    (reject,) = apply_filters(rows).rejects.collect().to_dicts()
    assert (reject["step"], reject["reason"], reject["detail"]) == ("filter", reason, detail)


def test_an_unreadable_row_says_which_columns_are_wrong(question_rows) -> None:
    rows = question_rows.frame([question_rows.mcq(id="7", domain=None, answer_kind="essay")])
    (reject,) = apply_filters(rows).rejects.collect().to_dicts()
    assert "domain=null" in reject["detail"]
    assert "answer_kind=essay" in reject["detail"]


# ---- laws, over rows that no source would publish ----

texts = (
    st.none() | st.text(max_size=8) | st.sampled_from(["A", "B", "A,C", "Mars", " Mars", "\x00"])
)
lists = st.none() | st.lists(st.none() | texts, max_size=4)
numbers = st.none() | st.integers(min_value=0, max_value=9)
attempts = st.none() | st.lists(
    st.none()
    | st.fixed_dictionaries(
        {
            "model": st.none() | st.sampled_from(["small", "large"]),
            "revision": texts,
            "template": texts,
            "solved": numbers,
            "tried": numbers,
            "mean_tokens": st.none() | st.floats(),
        }
    ),
    max_size=3,
)


def often(words):
    return st.sampled_from(words) | texts


arbitrary_row = st.fixed_dictionaries(
    {
        "id": texts,
        "origin_id": texts,
        "source": texts,
        "domain": often(DOMAINS),
        "question_type": often(QUESTION_TYPES),
        "answer_kind": often(ANSWER_KINDS),
        "subject": texts,
        "question": texts,
        "options": lists,
        "answer": texts,
        "answer_label": texts,
        "attempts": attempts,
        "provenance": st.just("{}") | texts,
    }
)
readable_row = arbitrary_row.map(
    lambda row: row | {"id": "1", "origin_id": "1", "source": "s", "provenance": "{}"}
)
arbitrary_rows = st.lists(arbitrary_row | readable_row, max_size=8)
every_option = {"max_words": 3, "hard_for": "small", "max_pass_rate": 0.5}


@settings(deadline=None, max_examples=40)
@given(arbitrary_rows)
def test_rows_in_are_rows_kept_and_rejects(question_rows, rows: list[Row]) -> None:
    frame = question_rows.frame(rows)
    kept, rejects = apply_filters(frame, **every_option)
    whole = pl.concat([kept, rejects.select(kept.collect_schema().names())]).collect()
    assert_frame_equal(whole, frame.collect(), check_row_order=False)
    assert rejects.collect()["reason"].null_count() == 0


@settings(deadline=None, max_examples=40)
@given(arbitrary_rows)
def test_what_is_kept_is_kept_again_and_what_is_rejected_is_rejected_again(
    question_rows, rows: list[Row]
) -> None:
    kept, rejects = (
        side.collect() for side in apply_filters(question_rows.frame(rows), **every_option)
    )
    assert_frame_equal(apply_filters(kept.lazy(), **every_option).kept.collect(), kept)
    again = apply_filters(rejects.lazy(), **every_option).rejects.collect()
    assert_frame_equal(again, rejects)


@settings(deadline=None, max_examples=40)
@given(arbitrary_rows, st.data())
def test_a_row_is_judged_without_its_neighbours(question_rows, rows: list[Row], data) -> None:
    at = data.draw(st.integers(0, len(rows)))
    apart = [verdicts(question_rows.frame(part)) for part in (rows[:at], rows[at:])]
    assert verdicts(question_rows.frame(rows)) == apart[0] + apart[1]


@settings(deadline=None, max_examples=40)
@given(arbitrary_rows)
def test_kept_rows_can_be_rendered_and_graded(question_rows, rows: list[Row]) -> None:
    for row in apply_filters(question_rows.frame(rows)).kept.collect().to_dicts():
        assert row["question"].strip()
        assert row["answer"].strip()
        if row["question_type"] == "mcq":
            said = [
                text for text in row["options"] if text and text.strip() == row["answer"].strip()
            ]
            assert len(said) == 1


def test_golds_are_graded_last_and_only_where_asked(question_rows) -> None:
    broken = question_rows.math(answer=r"\sqrt{2", attempts=[tried("small", 1, 1)])
    assert verdict(question_rows, broken, hard_for="small") == "too_easy"
    assert verdict(question_rows, broken) == "gold_not_gradable"
    assert verdict(question_rows, broken, gradable=False) is None


def test_no_rows_are_no_rejects(question_rows) -> None:
    kept, rejects = apply_filters(question_rows.frame([]), hard_for="small")
    assert (kept.collect().height, rejects.collect().height) == (0, 0)


# ---- hard for a model ----


def tried(model: str | None, solved: int | None, tried: int | None) -> Row:
    fields = {"revision": "r", "template": "t", "mean_tokens": 10.0}
    return {"model": model, "solved": solved, "tried": tried, **fields}


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [
        (None, "difficulty_unknown"),
        ([], "difficulty_unknown"),
        ([None], "difficulty_unknown"),
        ([tried("large", 0, 8)], "difficulty_unknown"),
        ([tried(None, 0, 8)], "difficulty_unknown"),
        ([tried("small", 0, 0)], "difficulty_unknown"),
        ([tried("small", None, None)], "difficulty_unknown"),
        ([tried("small", 0, 8)], None),
        ([tried("small", 1, 8)], "too_easy"),
        ([tried("small", 8, 8)], "too_easy"),
        ([tried("small", 0, 8), tried("large", 8, 8)], None),
        ([tried("large", 8, 8), None, tried("small", 0, 1)], None),
        ([tried("small", 0, 8), tried("small", 1, 8)], "too_easy"),
        ([tried("small", 0, 0), tried("small", 0, 4)], None),
        ([tried("small", 0, 2_000_000_000), tried("small", 0, 2_000_000_000)], None),
    ],
)
def test_only_rows_that_the_model_tried_and_never_solved_are_hard(
    question_rows, attempts, reason
) -> None:
    row = question_rows.mcq(attempts=attempts)
    assert verdict(question_rows, row, hard_for="small") == reason


@pytest.mark.parametrize(
    ("solved", "rate", "reason"),
    [
        (29, 0.29, None),  # 100 * 0.29 is below 29 in floating point
        (30, 0.29, "too_easy"),
        (7, 0.07, None),
        (100, 1.0, None),
        (1, 0.0, "too_easy"),
    ],
)
def test_a_pass_rate_at_the_bound_is_kept(question_rows, solved, rate, reason) -> None:
    row = question_rows.mcq(attempts=[tried("small", solved, 100)])
    assert verdict(question_rows, row, hard_for="small", max_pass_rate=rate) == reason


def test_entries_of_one_model_count_together(question_rows) -> None:
    row = question_rows.mcq(attempts=[tried("small", 1, 2), tried("small", 0, 2)])
    assert verdict(question_rows, row, hard_for="small", max_pass_rate=0.25) is None


def test_a_reject_for_difficulty_says_the_count(question_rows) -> None:
    rows = question_rows.frame([question_rows.mcq(attempts=[tried("small", 3, 8)])])
    _, rejects = split_by_rules(rows, hard_for_rules("small"), "filter")
    assert rejects.collect()["detail"].to_list() == ["small solved 3 of 8"]


def test_attempts_are_not_looked_at_unless_asked_for(question_rows) -> None:
    row = question_rows.mcq(attempts=[tried("small", 8, 8)])
    assert verdict(question_rows, row) is None
