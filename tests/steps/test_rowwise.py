"""template and filter as steps: files in, kept rows, rejects and ledger out, all or nothing."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import CrossthinkError, SourceError
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS
from crossthink_data.steps import filter as filtering
from crossthink_data.steps import template
from crossthink_data.tables import FILTERED_KEY, QUESTION_SCHEMA, REJECT_SCHEMA


def run_filter(path: Path, out: Path, **settings: Any) -> dict[str, Any]:
    filtering.run(filtering.FilterSettings(inputs=(path,), out=out, **settings))
    ledger: dict[str, Any] = json.loads(
        out.with_name(out.name.replace(".parquet", ".ledger.json")).read_text()
    )
    return ledger


def test_every_row_is_kept_or_rejected_and_the_ledger_says_so(
    corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    ledger = run_filter(path, tmp_path / "out.parquet")
    kept = pl.read_parquet(tmp_path / "out.parquet")
    rejects = pl.read_parquet(tmp_path / "out.rejects.parquet")
    assert kept.height + rejects.height == len(corpus)
    assert ledger["total"]["in"] == len(corpus)
    assert ledger["total"]["kept"] == kept.height
    reasons = dict(rejects.group_by("reason").len().iter_rows())
    assert ledger["total"]["rejected"] == reasons
    assert set(reasons) == {"answer_missing", "answer_not_an_option", "answer_too_long"}
    assert ledger["inputs"][0]["sha256"]
    assert ledger["peak_memory_bytes"] > 0


def test_outputs_have_the_plain_types_of_the_contract(
    corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    run_filter(path, tmp_path / "out.parquet")
    kept = pq.read_schema(tmp_path / "out.parquet")
    rejects = pq.read_schema(tmp_path / "out.rejects.parquet")
    assert kept.names == list(QUESTION_COLUMNS)
    assert rejects.names == list(REJECT_COLUMNS)
    assert kept.remove_metadata() == QUESTION_SCHEMA
    assert rejects.remove_metadata() == REJECT_SCHEMA


def test_only_filter_marks_its_output(
    corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    run_filter(path, tmp_path / "f.parquet")
    settings = template.TemplateSettings(
        inputs=(tmp_path / "f.parquet",), out=tmp_path / "t.parquet"
    )
    template.run(settings)
    assert FILTERED_KEY in pq.read_schema(tmp_path / "f.parquet").metadata
    assert FILTERED_KEY not in pq.read_schema(tmp_path / "t.parquet").metadata


def test_a_kept_template_changes_nothing_but_the_order(
    corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    template.run(template.TemplateSettings(inputs=(path,), out=tmp_path / "t.parquet"))
    rows = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert [row["id"] for row in rows] == sorted(row["id"] for row in corpus)
    as_text = [json.dumps(row, sort_keys=True) for row in rows]
    assert sorted(as_text) == sorted(json.dumps(row, sort_keys=True) for row in corpus)


def test_an_opened_row_gets_a_new_id_and_keeps_its_origin(
    question_rows: Any, tmp_path: Path
) -> None:
    row = question_rows.mcq()
    path = question_rows.file(tmp_path / "in.parquet", [row])
    settings = template.TemplateSettings(
        inputs=(path,), out=tmp_path / "t.parquet", question="open", rules="paper"
    )
    template.run(settings)
    (opened,) = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert opened["id"] != row["id"]
    assert opened["origin_id"] == row["id"]
    assert (opened["question_type"], opened["options"]) == ("open", None)


def test_limit_reads_the_first_rows_in_order(
    corpus: list[dict[str, Any]], question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    settings = template.TemplateSettings(inputs=(path,), out=tmp_path / "t.parquet", limit=10)
    template.run(settings)
    ids = pl.read_parquet(tmp_path / "t.parquet")["id"].to_list()
    assert ids == sorted(row["id"] for row in corpus)[:10]


def test_a_row_that_is_not_utf8_is_a_reject_and_costs_no_other(
    question_rows: Any, tmp_path: Path
) -> None:
    rows = [question_rows.math(question=f"Find {number}.") for number in range(5)]
    table = question_rows.table(rows)
    raw = [row["question"].encode() for row in rows]
    raw[2] = b"Find \xff\xfe."
    column = pa.array(raw, pa.binary()).view(pa.string())
    at = table.column_names.index("question")
    pq.write_table(table.set_column(at, "question", column), tmp_path / "in.parquet")
    ledger = run_filter(tmp_path / "in.parquet", tmp_path / "out.parquet")
    (reject,) = pq.read_table(tmp_path / "out.rejects.parquet").to_pylist()
    assert (reject["step"], reject["reason"]) == ("filter", "not_utf8")
    assert reject["detail"] == r"question: Find \xff\xfe."
    assert ledger["total"]["kept"] == 4


def test_an_error_leaves_the_old_output_and_no_half_made_file(
    corpus: list[dict[str, Any]],
    question_rows: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)
    out = tmp_path / "out.parquet"
    run_filter(path, out)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    settings = filtering.FilterSettings(inputs=(path,), out=out, max_words=1)
    with pytest.raises(KeyboardInterrupt):
        filtering.run(settings, stop)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_full_disk_is_one_message_and_no_file(
    corpus: list[dict[str, Any]],
    question_rows: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", corpus)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(SourceError, match="no space left to write"):
        run_filter(path, tmp_path / "out.parquet")
    assert [file.name for file in tmp_path.iterdir()] == ["in.parquet"]


def test_an_input_without_rows_is_refused(question_rows: Any, tmp_path: Path) -> None:
    path = question_rows.file(tmp_path / "in.parquet", [])
    with pytest.raises(CrossthinkError, match=r"in\.parquet: no rows in the input"):
        run_filter(path, tmp_path / "out.parquet")


def test_files_of_different_schemas_are_refused_by_name(question_rows: Any, tmp_path: Path) -> None:
    good = question_rows.file(tmp_path / "good.parquet", [question_rows.math()])
    table = question_rows.table([question_rows.math()])
    numbers = table.set_column(table.column_names.index("answer"), "answer", pa.array([5]))
    pq.write_table(numbers, tmp_path / "bad.parquet")
    settings = filtering.FilterSettings(
        inputs=(good, tmp_path / "bad.parquet"), out=tmp_path / "out.parquet"
    )
    with pytest.raises(SourceError, match=r"bad\.parquet: column 'answer' has type int64"):
        filtering.run(settings)
    assert not (tmp_path / "out.parquet").exists()


def test_hard_for_keeps_what_the_model_never_solves(question_rows: Any, tmp_path: Path) -> None:
    def attempt(solved: int) -> list[dict[str, Any]]:
        base = {"model": "small", "revision": "r", "template": "t", "mean_tokens": 1.0}
        return [base | {"solved": solved, "tried": 4}]

    rows = [
        question_rows.math(question="Find 1.", attempts=attempt(0)),
        question_rows.math(question="Find 2.", attempts=attempt(1)),
        question_rows.math(question="Find 3.", attempts=None),
    ]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    ledger = run_filter(path, tmp_path / "out.parquet", hard_for="small")
    assert ledger["total"]["kept"] == 1
    assert ledger["total"]["rejected"] == {"difficulty_unknown": 1, "too_easy": 1}


@pytest.mark.parametrize("name", ["x.parquet", "x.rejects.parquet", "x.ledger.json"])
def test_no_output_may_replace_an_input(question_rows: Any, tmp_path: Path, name: str) -> None:
    path = question_rows.file(tmp_path / name, [question_rows.math()])
    before = path.read_bytes()
    with pytest.raises(CrossthinkError, match="would replace the input"):
        run_filter(path, tmp_path / "x.parquet")
    assert path.read_bytes() == before


def test_an_output_that_is_no_parquet_file_by_name_is_refused(
    question_rows: Any, tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", [question_rows.math()])
    with pytest.raises(CrossthinkError, match=r"name it .*out\.parquet"):
        run_filter(path, tmp_path / "out")


def test_an_input_named_twice_is_refused(question_rows: Any, tmp_path: Path) -> None:
    path = question_rows.file(tmp_path / "in.parquet", [question_rows.math()])
    again = tmp_path / "." / "in.parquet"
    settings = filtering.FilterSettings(inputs=(path, again), out=tmp_path / "out.parquet")
    with pytest.raises(SourceError, match="named twice"):
        filtering.run(settings)


def test_a_single_input_need_not_be_a_list(question_rows: Any, tmp_path: Path) -> None:
    path = question_rows.file(tmp_path / "in.parquet", [question_rows.math()])
    settings = filtering.FilterSettings.model_validate(
        {"inputs": str(path), "out": tmp_path / "out.parquet"}
    )
    assert settings.inputs == (path,)


def test_the_ledger_counts_what_was_rewritten_once(question_rows: Any, tmp_path: Path) -> None:
    rows = [
        question_rows.mcq(
            question="Which of the following is the chemical symbol for gold?",
            options=["Ag", "Au", "Gd", "Go"],
            answer="Au",
            answer_label="B",
        ),
        question_rows.mcq(),
    ]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    counts = []
    for name in ("once", "twice"):
        out = tmp_path / f"{name}.parquet"
        template.run(template.TemplateSettings(inputs=(path,), out=out, question="open"))
        ledger = json.loads((tmp_path / f"{name}.ledger.json").read_text())
        counts.append((ledger["total"]["kept"], ledger["total"]["rewritten"]))
        path = out
    assert counts == [(2, 1), (2, 0)]
