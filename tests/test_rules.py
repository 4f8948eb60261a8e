"""Rules: the first that fires names the reason, and every row goes one way or the other."""

import polars as pl
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.filters import apply_filters
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS
from crossthink_data.rules import DETAIL_CHARACTERS, Rule, is_blank, split_by_rules
from crossthink_data.templates import apply_template

HAS_A = Rule("has_a", pl.col("question").str.contains("a"), pl.col("question"))
HAS_B = Rule("has_b", pl.col("question").str.contains("b"), pl.col("subject"))


def asked(question_rows, *questions):
    return question_rows.frame(question_rows.mcq(question=question) for question in questions)


def reasons(rejects: pl.LazyFrame) -> list[tuple[str, str]]:
    return rejects.select("question", "reason").collect().rows()


def test_the_first_rule_to_fire_names_the_reason(question_rows) -> None:
    rows = asked(question_rows, "a", "b", "ab", "c")
    assert reasons(split_by_rules(rows, [HAS_A, HAS_B], "filter").rejects) == [
        ("a", "has_a"),
        ("b", "has_b"),
        ("ab", "has_a"),
    ]
    assert ("ab", "has_b") in reasons(split_by_rules(rows, [HAS_B, HAS_A], "filter").rejects)


def test_a_rule_that_comes_to_null_does_not_fire(question_rows) -> None:
    kept, rejects = split_by_rules(asked(question_rows, None), [HAS_A], "filter")
    assert (kept.collect().height, rejects.collect().height) == (1, 0)


@pytest.mark.parametrize("rules", [[], [HAS_A], [HAS_A, HAS_B]])
def test_kept_and_rejects_have_their_columns_and_types(question_rows, rules) -> None:
    rows = asked(question_rows, "a", "c")
    kept, rejects = split_by_rules(rows.with_columns(extra=pl.lit(1)), rules, "filter")
    questions = rows.collect_schema()
    assert kept.collect().schema == questions
    assert tuple(questions) == QUESTION_COLUMNS
    more = dict.fromkeys(("step", "reason", "detail"), pl.String())
    assert rejects.collect().schema == {**questions, **more}
    assert tuple(rejects.collect_schema()) == REJECT_COLUMNS


def test_without_rules_every_row_is_kept(question_rows) -> None:
    kept, rejects = split_by_rules(asked(question_rows, "a", None), [], "filter")
    assert (kept.collect().height, rejects.collect().height) == (2, 0)


def test_a_reject_says_the_step_and_the_offending_text(question_rows) -> None:
    rows = question_rows.frame([question_rows.mcq(question="b", subject="offence")])
    (reject,) = split_by_rules(rows, [HAS_A, HAS_B], "blend").rejects.collect().to_dicts()
    assert (reject["step"], reject["reason"], reject["detail"]) == ("blend", "has_b", "offence")


def test_a_null_detail_becomes_an_empty_text(question_rows) -> None:
    (reject,) = split_by_rules(asked(question_rows, "b"), [HAS_B], "x").rejects.collect().to_dicts()
    assert reject["detail"] == ""


def test_a_long_detail_is_cut_in_characters_and_the_row_is_not(question_rows) -> None:
    long = "aé火" * DETAIL_CHARACTERS
    (reject,) = (
        split_by_rules(asked(question_rows, long), [HAS_A], "x").rejects.collect().to_dicts()
    )
    assert reject["detail"] == long[:DETAIL_CHARACTERS]
    assert reject["question"] == long


def test_order_of_rows_is_kept_on_both_sides(question_rows) -> None:
    questions = [f"{letter}{number}" for number in range(50) for letter in "ac"]
    kept, rejects = split_by_rules(asked(question_rows, *questions), [HAS_A], "x")
    assert kept.collect()["question"].to_list() == [q for q in questions if q[0] == "c"]
    assert rejects.collect()["question"].to_list() == [q for q in questions if q[0] == "a"]


@pytest.mark.parametrize(
    "split",
    [
        apply_filters,
        apply_template,
        lambda rows: apply_template(rows, question="mcq"),
        lambda rows: apply_template(rows, question="open"),
    ],
)
def test_rows_that_lack_a_column_are_refused_by_its_name(question_rows, split) -> None:
    rows = question_rows.frame([question_rows.mcq()]).drop("answer_label", "attempts")
    with pytest.raises(
        SourceError, match="no column answer_label, attempts; a question row has id"
    ):
        split(rows)


def test_a_nested_column_where_text_should_be_is_refused(question_rows) -> None:
    listed = pl.concat_list(pl.lit("x")).alias("answer")
    rows = question_rows.frame([question_rows.mcq()]).with_columns(listed)
    with pytest.raises(SourceError, match="column answer of these rows is of type List"):
        apply_filters(rows)


def test_a_column_of_numbers_is_read_as_text(question_rows) -> None:
    rows = question_rows.frame([question_rows.math()]).with_columns(answer=pl.lit(5))
    assert apply_filters(rows).kept.collect()["answer"].to_list() == ["5"]


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        (None, True),
        ("", True),
        (" \t\r\n\u00a0\u2003\u3000", True),
        ("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e", True),
        ("\x00\x1f\x7f\x85", True),
        ("\u115f\u1160\u2800\u3164\uffa0", True),
        ("\u200bx", False),
        (".", False),
        ("火", False),
        ("\u0301", False),
        ("🜂", False),
    ],
)
def test_what_cannot_be_seen_is_blank(text, blank) -> None:
    rows = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    assert rows.select(is_blank(pl.col("text"))).item() is blank
