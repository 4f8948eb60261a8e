"""fetch as a step: question rows with stable ids, unreadable rows as rejects, your own files."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import CrossthinkError, RecipeError
from crossthink_data.records import question_id
from crossthink_data.steps import fetch


def run(out: Path, **settings: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and rejects of a fetch."""
    fetch.run(fetch.FetchSettings(out=out, **settings))
    rejects = out.with_name(out.name.replace(".parquet", ".rejects.parquet"))
    return pq.read_table(out).to_pylist(), pq.read_table(rejects).to_pylist()


def test_a_row_has_the_id_of_what_it_says_and_where_it_came_from(tmp_path: Path) -> None:
    file = tmp_path / "math.jsonl"
    file.write_text(json.dumps({"problem": "Find 2+2.", "solution": r"So \boxed{4}."}) + "\n")
    (row,), _ = run(tmp_path / "out.parquet", source="math", **{"from": str(file)})
    assert row["id"] == row["origin_id"] == question_id("math", "open", "Find 2+2.", None, "4")
    provenance = json.loads(row["provenance"])
    assert (provenance["file"], provenance["row"]) == ("math.jsonl", 1)
    assert row["attempts"] is None


def test_a_line_that_cannot_be_read_is_a_reject_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "math.jsonl"
    good = json.dumps({"problem": "Find 2+2.", "answer": "4"})
    file.write_bytes(f"{good}\n{{broken\n".encode() + b'{"problem": "\xff"}\n' + good.encode())
    rows, rejects = run(tmp_path / "out.parquet", source="math", **{"from": str(file)})
    assert len(rows) == 2
    found = [(json.loads(row["provenance"])["row"], row["reason"]) for row in rejects]
    assert sorted(found) == [(2, "not_json"), (3, "not_utf8")]
    ledger = json.loads((tmp_path / "out.ledger.json").read_text())
    assert ledger["total"] | {"rejected": None} == {
        **{"in": 4, "kept": 2, "val": 0, "not_sampled": 0, "repeated": 0},
        "rejected": None,
    }


OWN = {
    "source": "helpdesk",
    "domain": "gpr",
    "answer_kind": "mcq",
    "columns": {"question": "q", "options": ["a", "b"], "answer_label": "key"},
}


def test_your_own_columns_become_question_rows(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("q,a,b,key\nWho?,Ann,Bo,B\n")
    (row,), _ = run(tmp_path / "out.parquet", **OWN, **{"from": str(file)})
    assert (row["source"], row["options"], row["answer"]) == ("helpdesk", ["Ann", "Bo"], "Bo")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "maths"}, "did you mean math"),
        ({"source": "personahub"}, "holds personas"),
        ({**OWN, "source": "mmlu"}, "belongs to a known source"),
        ({**OWN, "domain": None}, "needs columns, domain"),
        ({**OWN, "columns": {"question": "q", "anser": "a"}}, "columns.anser is not a name"),
    ],
)
def test_a_source_that_cannot_be_meant_is_refused(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    file = tmp_path / "own.csv"
    file.write_text("q,a,b,key\nWho?,Ann,Bo,B\n")
    with pytest.raises(RecipeError, match=message):
        run(tmp_path / "out.parquet", **settings, **{"from": str(file)})


def test_a_mapped_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("q,a,b,kee\nWho?,Ann,Bo,B\n")
    with pytest.raises(CrossthinkError, match="key"):
        run(tmp_path / "out.parquet", **OWN, **{"from": str(file)})
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]
