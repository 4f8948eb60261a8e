"""fetch as a step: question rows with stable ids, unreadable rows as rejects, your own files."""

import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import CrossthinkError, RecipeError, SourceError
from crossthink_data.recipe import check
from crossthink_data.records import question_id
from crossthink_data.steps import fetch


def run(out: Path, **settings: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and rejects of a fetch."""
    fetch.run(check(fetch.FetchSettings, {"out": out, **settings}, "here"))
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
        **{"in": 4, "kept": 2, "val": 0, "not_sampled": 0, "repeated": 0, "rewritten": 0},
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


NUMINA = [
    {"source": pool, "problem": f"Find {at}.", "solution": rf"\\boxed{{{at}}}", "messages": []}
    for at, pool in enumerate(["cn_k12", "gsm8k", "cn_k12", "math", "olympiads", "gsm8k"])
]


@pytest.fixture
def numina(tmp_path: Path) -> str:
    file = tmp_path / "numina.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in NUMINA) + "{broken\n")
    return str(file)


def test_only_takes_the_named_pools_and_counts_the_others(tmp_path: Path, numina: str) -> None:
    settings = {"source": "numina_math", "from": numina, "only": ["cn_k12", "olympiads"]}
    rows, rejects = run(tmp_path / "out.parquet", **settings)
    assert sorted(row["answer"] for row in rows) == ["0", "2", "4"]
    assert [row["reason"] for row in rejects] == ["not_json"]
    ledger = json.loads((tmp_path / "out.ledger.json").read_text())
    counts = ledger["sources"]["numina_math"]
    assert (counts["in"], counts["kept"], counts["not_sampled"]) == (7, 3, 3)
    assert ledger["not_taken"] == {"gsm8k": 2, "math": 1}
    assert ledger["notes"] == [
        "only cn_k12, olympiads: 3 rows of other parts not taken (gsm8k 2, math 1)"
    ]


def test_pools_are_told_by_the_published_column_where_the_subject_is_another(
    tmp_path: Path,
) -> None:
    row = {"problem": "2+2?", "solution": "-", "answer": "4", "problem_type": "Algebra"}
    file = tmp_path / "numina.jsonl"
    lines = [json.dumps(row | {"source": pool}) for pool in ("olympiads", "cn_contest")]
    file.write_text("\n".join(lines))
    settings = {"source": "numina_math", "from": str(file), "only": ["olympiads"]}
    (found,), _ = run(tmp_path / "out.parquet", **settings)
    assert found["subject"] == "Algebra"


def test_a_limit_counts_the_rows_of_the_named_pools(tmp_path: Path, numina: str) -> None:
    settings = {"source": "numina_math", "from": numina, "only": ["math"], "limit": 1}
    (row,), rejects = run(tmp_path / "out.parquet", **settings)
    assert (row["answer"], rejects) == ("3", [])


def test_a_group_of_tasks_has_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "agieval"
    folder.mkdir()
    line = {"passage": None, "question": "Q?", "options": ["(A)5", "(B)6"], "label": "B"}
    for task in ("sat-math", "lsat-ar", "gaokao-physics"):
        (folder / f"{task}.jsonl").write_text(json.dumps(line | {"question": task}))
    settings = {"source": "agieval", "from": str(folder), "only": ["english", "lsat-ar"]}
    rows, _ = run(tmp_path / "out.parquet", **settings)
    assert sorted(row["subject"] for row in rows) == ["lsat-ar", "sat-math"]


@pytest.mark.parametrize(
    ("source", "only", "message"),
    [
        ("agieval", ["sat-maths"], "did you mean sat-math?"),
        ("mmlu", ["sten"], "did you mean stem?"),
        ("numina_math", ["cn_k12", "cn_k13"], "no row; did you mean cn_k12?"),
        ("numina_math", ["gsm9k"], "no row; did you mean gsm8k?"),
        ("numina_math", [], "only is"),
    ],
)
def test_a_pool_that_is_not_there_is_refused(
    tmp_path: Path, numina: str, source: str, only: list[str], message: str
) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        run(tmp_path / "out.parquet", source=source, only=only, **{"from": numina})
    assert [path.name for path in tmp_path.iterdir()] == ["numina.jsonl"]


@pytest.mark.parametrize("limit", [None, 1, 2, 5])
def test_a_file_of_which_no_row_fits_is_refused_with_a_limit_too(
    tmp_path: Path, limit: int | None
) -> None:
    file = tmp_path / "math.jsonl"
    file.write_text('{"x": 1}\n' * 4)
    with pytest.raises(SourceError, match="columns x fit no form"):
        run(tmp_path / "out.parquet", source="math", limit=limit, **{"from": str(file)})
    assert [path.name for path in tmp_path.iterdir()] == ["math.jsonl"]


def test_a_limit_ends_before_the_first_row_that_fits(tmp_path: Path) -> None:
    file = tmp_path / "math.jsonl"
    good = json.dumps({"problem": "Find 2+2.", "answer": "4"})
    file.write_text('{"x": 1}\n' * 4 + good)
    rows, rejects = run(tmp_path / "out.parquet", source="math", limit=2, **{"from": str(file)})
    assert (rows, len(rejects)) == ([], 2)


def test_a_run_from_the_hub_says_which_commit_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "c" * 40
    hub = ModuleType("huggingface_hub")
    info = SimpleNamespace(sha=commit)
    hub.HfApi = lambda: SimpleNamespace(dataset_info=lambda hub_id, revision: info)
    datasets, exceptions = ModuleType("datasets"), ModuleType("datasets.exceptions")
    exceptions.DatasetsError = OSError
    asked: list[str] = []

    def load_dataset(hub_id: str, config: None, *, split: str, revision: str) -> list[Any]:
        asked.append(revision)
        return [{"problem": "Find 2+2.", "answer": "4"}]

    datasets.load_dataset = load_dataset
    for module in (hub, datasets, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    (row,), _ = run(tmp_path / "out.parquet", source="math")
    assert asked == [commit]
    assert json.loads(row["provenance"])["revision"] == commit
    ledger = json.loads((tmp_path / "out.ledger.json").read_text())
    assert ledger["inputs"] == [
        {
            "hub_id": "DigitalLearningGmbH/MATH-lighteval",
            "revision": commit,
            "asked_revision": "main",
            "split": "train",
        }
    ]


def test_what_cannot_be_meant_is_refused_before_the_hub_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(RecipeError, match="holds personas"):
        run(tmp_path / "out.parquet", source="personahub")
    with pytest.raises(RecipeError, match="leave the split out"):
        run(tmp_path / "out.parquet", source="syn_qa", split="test")
    with pytest.raises(RecipeError, match="did you mean sat-math"):
        run(tmp_path / "out.parquet", source="agieval", only=["satmath"])
