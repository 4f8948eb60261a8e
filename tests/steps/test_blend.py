"""blend as a step: exact quotas, what repeats, what is held out, what is refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from crossthink_data import apply_filters, plan_blend, read_questions, write_blend
from crossthink_data.errors import CrossthinkError, RecipeError
from crossthink_data.steps import blend
from crossthink_data.steps import filter as filtering
from crossthink_data.tables import TRAINING_SCHEMA
from crossthink_data.templates import instruction_digest


@pytest.fixture
def filtered(corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path) -> Path:
    raw = question_rows.file(tmp_path / "raw.parquet", corpus)
    out = tmp_path / "filtered.parquet"
    filtering.run(filtering.FilterSettings(inputs=(raw,), out=out))
    return out


def run(filtered: Path, name: str = "b", **settings: Any) -> tuple[list[dict[str, Any]], Any]:
    """The training rows of a blend and its ledger."""
    out = filtered.parent / f"{name}.parquet"
    settings = {"ratio": "gpr:mr=2:1"} | settings
    blend.run(blend.BlendSettings(inputs=(filtered,), out=out, **settings))
    ledger = json.loads((filtered.parent / f"{name}.ledger.json").read_text())
    return pq.read_table(out).to_pylist(), ledger


def test_a_training_row_is_the_contract(filtered: Path) -> None:
    rows, ledger = run(filtered)
    assert pq.read_schema(filtered.parent / "b.parquet").remove_metadata() == TRAINING_SCHEMA
    questions = {row["id"]: row for row in pq.read_table(filtered).to_pylist()}
    for index, row in enumerate(rows):
        extra = row["extra_info"]
        question = questions[extra["id"]]
        (message,) = row["prompt"]
        assert row["data_source"] == f"crossthink/{question['source']}"
        assert message["role"] == "user"
        assert message["content"].startswith(question["question"])
        assert row["ability"] == question["domain"]
        assert row["reward_model"]["style"] == "rule"
        assert (extra["index"], extra["split"], extra["epoch"]) == (index, "train", 0)
        assert extra["options"] == question["options"]
        assert extra["template"] == instruction_digest("long") == ledger["template"]


@pytest.mark.parametrize(("answer", "gold"), [("long", "(B) Mars"), ("short", "B")])
def test_mcq_golds_are_long_or_short(
    question_rows: Any, tmp_path: Path, answer: str, gold: str
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", [question_rows.mcq()])
    (row,), _ = run(path, ratio="nd", unfiltered=True, answer=answer)
    assert row["reward_model"]["ground_truth"] == gold


def test_counts_are_the_plan_and_no_row_is_lost(filtered: Path) -> None:
    rows, ledger = run(filtered)
    domains = Counter(row["ability"] for row in rows)
    assert len(rows) == ledger["plan"]["size"] == ledger["plan"]["limit"]
    assert abs(domains["gpr"] - 2 * domains["mr"]) <= 2
    sources = Counter(row["extra_info"]["source"] for row in rows)
    assert sources == {line["source"]: line["quota"] for line in ledger["plan"]["lines"]}
    total = ledger["total"]
    assert (
        total["in"] == total["kept"] + total["not_sampled"] == pq.read_metadata(filtered).num_rows
    )


def test_a_larger_blend_of_the_same_seed_holds_the_smaller_one(filtered: Path) -> None:
    small, _ = run(filtered, "small", size=30)
    large, _ = run(filtered, "large", size=90)
    ids = [{row["extra_info"]["id"] for row in rows} for rows in (small, large)]
    assert ids[0] <= ids[1]


def test_repeats_are_whole_passes_and_carry_their_epoch(filtered: Path) -> None:
    rows, ledger = run(filtered, on_short="repeat", size=800)
    assert len(rows) == 800
    kept, repeated = ledger["total"]["kept"], ledger["total"]["repeated"]
    assert kept + repeated == 800
    for line in ledger["plan"]["lines"]:
        mine = [row for row in rows if row["extra_info"]["source"] == line["source"]]
        assert len(mine) == line["quota"]
        epochs = Counter(row["extra_info"]["epoch"] for row in mine)
        whole = line["quota"] // line["available"]
        assert all(epochs[epoch] == line["available"] for epoch in range(whole))
        assert epochs[whole] == line["quota"] % line["available"]


def test_max_epochs_bounds_the_passes(filtered: Path) -> None:
    _, ledger = run(filtered, on_short="repeat", max_epochs=1.5)
    passes = [line["passes"] for line in ledger["plan"]["lines"]]
    assert max(passes) <= 1.5 + 1e-9
    assert max(passes) > 1.4


def test_take_draws_first(filtered: Path) -> None:
    rows, _ = run(filtered, ratio="nd", take={"natural_reasoning": 5})
    sources = Counter(row["extra_info"]["source"] for row in rows)
    assert sources["natural_reasoning"] == 5
    assert sources["math"] > 5


def test_val_shares_no_origin_with_train_even_when_rows_repeat(
    question_rows: Any, tmp_path: Path
) -> None:
    rows = [
        question_rows.math(question=f"Find {at}, form {form}.", origin_id=f"{at:016x}")
        for at in range(60)
        for form in range(3)
    ]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    settings = {"ratio": "nd", "unfiltered": True, "on_short": "repeat", "size": 400, "val": 10}
    train, ledger = run(path, **settings)
    val = pq.read_table(tmp_path / "b.val.parquet").to_pylist()
    assert len(val) == ledger["total"]["val"] == 10
    assert len(train) == 400
    origins = [{row["extra_info"]["origin_id"] for row in part} for part in (train, val)]
    assert not origins[0] & origins[1]
    assert {row["extra_info"]["split"] for row in val} == {"val"}


def test_hard_for_keeps_the_unsolved_after_the_choice(question_rows: Any, tmp_path: Path) -> None:
    base = {"model": "m", "revision": "r", "template": "t", "tried": 4, "mean_tokens": 1.0}
    rows = [
        question_rows.math(question=f"Find {at}.", attempts=[base | {"solved": at % 2}])
        for at in range(40)
    ]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    plain, _ = run(path, "plain", ratio="nd", unfiltered=True, size=20)
    hard, ledger = run(path, "hard", ratio="nd", unfiltered=True, size=20, hard_for="m")
    unsolved = {row["id"] for row in rows if row["attempts"][0]["solved"] == 0}
    chosen = {row["extra_info"]["id"] for row in plain}
    assert {row["extra_info"]["id"] for row in hard} == chosen & unsolved
    assert ledger["total"]["rejected"] == {"too_easy": len(chosen - unsolved)}
    assert ledger["total"]["not_sampled"] == 20


def test_open_takes_the_options_away_and_rejects_what_needs_them(filtered: Path) -> None:
    rows, ledger = run(filtered, ratio="nd", question="open", rules="paper")
    assert {row["extra_info"]["question_type"] for row in rows} == {"open"}
    assert all("(A)" not in row["prompt"][0]["content"] for row in rows)
    assert {row["extra_info"]["source"] for row in rows} >= {"mmlu_train", "math"}
    total = ledger["total"]
    rejected = sum(total["rejected"].values())
    assert total["in"] == total["kept"] + total["not_sampled"] + rejected


def test_an_opened_row_must_be_gradable_by_its_text(question_rows: Any, tmp_path: Path) -> None:
    fine = question_rows.mcq()
    broken = question_rows.mcq(
        question="What does the set builder begin with?",
        options=["a brace {", "a bar", "a comma", "a dot"],
        answer="a brace {",
        answer_label="A",
    )
    raw = question_rows.file(tmp_path / "raw.parquet", [fine, broken])
    out = tmp_path / "filtered.parquet"
    filtering.run(filtering.FilterSettings(inputs=(raw,), out=out, gradable=False))
    rows, ledger = run(out, ratio="nd", question="open", rules="paper")
    assert [row["reward_model"]["ground_truth"] for row in rows] == [fine["answer"]]
    assert ledger["total"]["rejected"] == {"gold_not_gradable": 1}


def test_scores_come_from_a_file(filtered: Path) -> None:
    scores = filtered.parent / "scores.csv"
    scores.write_text("source,score\nmath,30\nsyn_qa,10\n")
    rows, _ = run(filtered, ratio=None, scores=scores)
    sources = Counter(row["extra_info"]["source"] for row in rows)
    assert (
        sources["math"] == 3 * sources["syn_qa"]
        or abs(sources["math"] - 3 * sources["syn_qa"]) <= 2
    )
    assert set(sources) == {"math", "syn_qa"}


def test_a_plan_writes_nothing(filtered: Path) -> None:
    before = sorted(filtered.parent.iterdir())
    settings = blend.BlendSettings(inputs=(filtered,), ratio="gpr:mr=2:1")
    report = blend.plan(settings)
    assert sorted(filtered.parent.iterdir()) == before
    assert report.result["size"] == report.result["limit"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ratio": "gpr:mr=2"}, "2 groups and 1 weights"),
        ({"ratio": {"mcq": 1, "web": 1}}, "mixes kinds of groups"),
        ({"ratio": {"web_qa": 1}}, "group 'web_qa' has no rows in the input"),
        ({"ratio": None}, "give either ratio"),
        ({"take": {"maths": 3}}, "did you mean math"),
        ({"take": {"math": 3_000}}, "3,000 were asked for"),
        ({"on_short": "fail", "size": 10_000}, "runs out at"),
        ({"on_short": "repeat"}, "needs an end"),
        ({"val": 5_000}, "nothing would be left to train on"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    filtered: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(CrossthinkError, match=message):
        run(filtered, **settings)
    assert not (filtered.parent / "b.parquet").exists()


def test_unfiltered_input_is_refused_unless_asked_for(filtered: Path) -> None:
    raw = filtered.parent / "raw.parquet"
    with pytest.raises(RecipeError, match="did not come from filter"):
        run(raw)
    rows, ledger = run(raw, unfiltered=True)
    assert all(row["reward_model"]["ground_truth"].strip() for row in rows)
    assert ledger["total"]["rejected"]["answer_missing"] > 0


def test_the_python_functions_write_what_the_verb_writes(filtered: Path) -> None:
    kept, rejects = apply_filters(read_questions(filtered.parent / "raw.parquet"))
    assert isinstance(kept, pl.LazyFrame)
    assert rejects.collect().height > 0
    write_blend(kept, plan_blend(kept, "gpr:mr=2:1"), filtered.parent / "p.parquet", seed=3)
    run(filtered, "v", seed=3)
    assert (filtered.parent / "p.parquet").read_bytes() == (
        filtered.parent / "v.parquet"
    ).read_bytes()


def test_a_plan_over_other_rows_is_refused(filtered: Path) -> None:
    rows = read_questions(filtered.parent / "raw.parquet")
    with pytest.raises(CrossthinkError, match="the plan was made over"):
        write_blend(rows, plan_blend(rows, "nd"), filtered.parent / "p.parquet")


def test_val_may_not_take_a_source_out_of_training(question_rows: Any, tmp_path: Path) -> None:
    """Rows of one origin leave together, so few validation rows can empty a small source."""
    rows = [question_rows.math(question=f"Find {at}.") for at in range(20)]
    rows += [
        question_rows.math(source="small", question=f"Find {at} too.", origin_id="one origin")
        for at in range(3)
    ]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    with pytest.raises(CrossthinkError, match="takes every row of small out of training"):
        run(path, ratio="nd", unfiltered=True, val=9)
    assert not (tmp_path / "b.parquet").exists()


def test_a_validation_file_of_an_earlier_blend_does_not_stay(filtered: Path) -> None:
    run(filtered, val=6)
    assert (filtered.parent / "b.val.parquet").exists()
    run(filtered)
    assert not (filtered.parent / "b.val.parquet").exists()


def test_an_empty_training_file_is_never_written(filtered: Path) -> None:
    with pytest.raises(CrossthinkError, match=r"nothing is left to train on.*name no model"):
        run(filtered, hard_for="typo")
    assert not (filtered.parent / "b.parquet").exists()


def test_a_benchmark_in_a_blend_is_named(question_rows: Any, tmp_path: Path) -> None:
    rows = [question_rows.math(source="math_500", question=f"Find {at}.") for at in range(3)]
    _, ledger = run(question_rows.file(tmp_path / "in.parquet", rows), ratio="nd", unfiltered=True)
    assert ledger["notes"] == ["math_500 is a benchmark: figures on it will mean little"]


def test_the_python_function_refuses_what_the_verb_refuses(filtered: Path) -> None:
    kept = read_questions(filtered)
    plan = plan_blend(kept, "nd")
    with pytest.raises(RecipeError, match="answer is 'foo'"):
        write_blend(kept, plan, filtered.parent / "p.parquet", answer="foo")  # type: ignore[arg-type]


def test_the_ledger_of_a_frame_names_no_temporary_file(filtered: Path) -> None:
    kept = read_questions(filtered)
    write_blend(kept, plan_blend(kept, "nd"), filtered.parent / "p.parquet")
    account = json.loads((filtered.parent / "p.ledger.json").read_text())
    assert account["inputs"] == [{"frame": True, "rows": kept.collect().height}]
    assert ".tmp" not in json.dumps(account)
