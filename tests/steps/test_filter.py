"""filter as a step: golds that the reward cannot grade go last, and can be let through."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

import crossthink_data.tables.ordering as ordering
import crossthink_data.tables.reading as reading
from crossthink_data.steps import blend
from crossthink_data.steps import filter as filtering
from crossthink_data.steps import run as running
from crossthink_data.steps.filter import FilterSettings
from crossthink_data.tables import FILTERED_KEY

BROKEN = r"\frac{1}{2"


@pytest.fixture
def rows(question_rows: Any) -> list[dict[str, Any]]:
    """Thirty rows; every third gold loses a brace, in words, in mathematics and in an option."""
    made = []
    for at in range(10):
        broken = at % 3 == 0
        text = f"the set {{{at}" + "}" * (not broken)
        options = ["nothing", text, "something"]
        made += [
            question_rows.math(question=f"Find {at}.", answer=BROKEN if broken else rf"{at}\pi"),
            question_rows.short_open(question=f"What is {at}?", answer=text),
            question_rows.mcq(question=f"Which is {at}?", options=options, answer=text),
        ]
    return made


def run(path: Path, out: Path, **settings: Any) -> dict[str, Any]:
    filtering.run(FilterSettings(inputs=(path,), out=out, **settings))
    ledger: dict[str, Any] = json.loads(out.with_suffix(".ledger.json").read_text())
    return ledger


def test_golds_that_cannot_be_graded_are_rejected_with_the_reason(
    question_rows: Any, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", rows)
    ledger = run(path, tmp_path / "f.parquet")
    assert ledger["total"]["rejected"] == {"gold_not_gradable": 12}
    assert ledger["settings"]["gradable"] is True
    rejects = pq.read_table(tmp_path / "f.rejects.parquet").to_pylist()
    details = {row["answer_kind"]: row["detail"] for row in rejects}
    assert details["math"] == f"format:unclosed_box: {BROKEN}"
    assert details["short_open"].startswith("format:unclosed_box: the set {")
    assert details["mcq"].startswith("format:unclosed_box: (B) the set {")


def test_no_gradable_lets_them_through(
    question_rows: Any, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", rows)
    ledger = run(path, tmp_path / "f.parquet", gradable=False)
    assert (ledger["total"]["kept"], ledger["settings"]["gradable"]) == (30, False)


@pytest.mark.parametrize("gradable", [True, False])
def test_the_mark_says_whether_golds_were_graded_and_blend_takes_it(
    question_rows: Any, rows: list[dict[str, Any]], tmp_path: Path, gradable: bool
) -> None:
    path = question_rows.file(tmp_path / "in.parquet", rows)
    out = tmp_path / "f.parquet"
    run(path, out, gradable=gradable)
    assert json.loads(pq.read_schema(out).metadata[FILTERED_KEY])["gradable"] is gradable
    settings = blend.BlendSettings(inputs=(out,), out=tmp_path / "b.parquet", ratio="nd")
    blend.run(settings)
    assert pq.read_metadata(tmp_path / "b.parquet").num_rows == (18 if gradable else 30)


def test_a_recipe_can_say_gradable_false(tmp_path: Path) -> None:
    lines = [{"problem": f"Find {at}.", "answer": BROKEN} for at in range(3)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    stages = [
        {"fetch": {"source": "math", "from": "rows.jsonl"}},
        {"filter": {"inputs": ["math"], "gradable": False}},
    ]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"stages": stages}))
    running.run(running.RunSettings(recipe=str(tmp_path / "own.yaml"), out=tmp_path / "out"))
    assert pq.read_metadata(tmp_path / "out" / "filter.parquet").num_rows == 3


def test_small_batches_reject_the_same_golds(
    question_rows: Any,
    rows: list[dict[str, Any]],
    shuffled_files: Callable[..., list[Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def outputs(name: str, paths: list[Path]) -> list[bytes]:
        out = tmp_path / f"{name}.parquet"
        report = filtering.run(FilterSettings(inputs=tuple(paths), out=out))
        return [path.read_bytes() for path in report.outputs if path.suffix == ".parquet"]

    whole = outputs("a", shuffled_files(rows, 1, 1))
    monkeypatch.setattr(ordering, "RUN_BYTES", 4_000)
    monkeypatch.setattr(reading, "_BATCH_ROWS", 3)
    monkeypatch.setattr(reading, "_ROWS_IN_FLIGHT", 6)
    assert outputs("b", shuffled_files(rows, 2, 3)) == whole
