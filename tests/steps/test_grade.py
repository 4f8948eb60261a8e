"""grade: a score and a reason for every row, in order, and the table that counts them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import crossthink_data.steps.grade as grading
from crossthink_data.errors import CrossthinkError, MissingExtra, RecipeError, SourceError
from crossthink_data.ledger import Report
from crossthink_data.steps.grade import SCORE_SCHEMA, GradeSettings

Row = dict[str, Any]

RIGHT: Row = {"kind": "math", "gold": "5", "completion": r"<think>2 + 3</think> \boxed{5}"}
WRONG: Row = RIGHT | {"completion": r"<think>2 + 2</think> \boxed{4}"}
BARE: Row = RIGHT | {"completion": r"\boxed{5}"}
MCQ: Row = {
    "kind": "mcq",
    "options": ["Venus", "Mars"],
    "gold": "B",
    "completion": r"<think>red</think> \boxed{B}",
    "id": "mars",
}


def lines(path: Path, *rows: object) -> Path:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def grade(*paths: Path, **settings: Any) -> Report:
    return grading.run(GradeSettings(inputs=paths, **settings))


def scores(path: Path) -> list[Row]:
    if path.suffix == ".parquet":
        rows: list[Row] = pq.read_table(path).to_pylist()
        return rows
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def tables(report: Report) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {table.title.removeprefix("grade: "): table.rows for table in report.tables}


def test_every_row_gets_its_score_in_order(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", RIGHT, WRONG, "{torn\n", BARE, MCQ)
    grade(path)
    written = scores(tmp_path / "x.scores.jsonl")
    assert [row["row"] for row in written] == [1, 2, 3, 4, 5]
    assert [row["score"] for row in written] == [1.0, 0.0, None, 0.0, 1.0]
    assert [row["reason"] for row in written] == [
        *("", "acc:not_equal", "row:not_json", "format:no_think", ""),
    ]
    assert [row["answer"] for row in written] == ["5", "4", None, "5", "B"]
    assert [row["correct"] for row in written] == [True, False, None, True, True]
    assert [row["formatted"] for row in written] == [True, True, None, False, True]
    assert [row["id"] for row in written] == [None, None, None, None, "mars"]
    assert {row["file"] for row in written} == {"x.jsonl"}


def test_the_account_reconciles(tmp_path: Path) -> None:
    rows = [RIGHT, WRONG, WRONG, "{torn\n", BARE, MCQ, RIGHT | {"kind": "essay"}]
    report = grade(lines(tmp_path / "x.jsonl", *rows))
    account = report.result
    assert (account["rows"], account["graded"], account["unreadable"]) == (7, 5, 2)
    assert account["reasons"] == {
        **{"right": 2, "acc:not_equal": 2, "format:no_think": 1},
        **{"row:not_json": 1, "row:unknown_kind": 1},
    }
    assert account["kinds"] == {
        "math": {"rows": 4, "reward": 0.25, "accuracy": 0.5, "format": 0.75},
        "mcq": {"rows": 1, "reward": 1.0, "accuracy": 1.0, "format": 1.0},
    }
    on_disk = json.loads((tmp_path / "x.scores.ledger.json").read_text())
    assert on_disk == json.loads(json.dumps(account))
    assert on_disk["inputs"][0]["sha256"]
    assert report.outputs == (tmp_path / "x.scores.jsonl", tmp_path / "x.scores.ledger.json")


def test_the_tables_say_what_the_account_says(tmp_path: Path) -> None:
    report = grade(lines(tmp_path / "x.jsonl", RIGHT, WRONG, "{torn\n", MCQ))
    assert tables(report) == {
        "means": (
            ("math", "2", "0.5000", "0.5000", "1.0000"),
            ("mcq", "1", "1.0000", "1.0000", "1.0000"),
            ("total", "3", "0.6667", "0.6667", "1.0000"),
        ),
        "reasons": (
            ("right", "2", "0.5000"),
            ("acc:not_equal", "1", "0.2500"),
            ("row:not_json", "1", "0.2500"),
        ),
        "rows that cannot be read": (("x.jsonl:3", "row:not_json", "{torn"),),
    }


def test_explain_shows_each_row_of_a_few_and_examples_of_many(tmp_path: Path) -> None:
    few = tables(grade(lines(tmp_path / "x.jsonl", RIGHT, WRONG, "{torn\n"), explain=True))
    assert few["every row"] == (
        ("right", "x.jsonl:1", "math", "5", "5"),
        ("acc:not_equal", "x.jsonl:2", "math", "5", "4"),
        ("row:not_json", "x.jsonl:3", "", "", ""),
    )
    golds = [row | {"gold": gold} for gold in ("5", "5.0", "5.00", "05") for row in (RIGHT, WRONG)]
    many = grade(lines(tmp_path / "x.jsonl", *golds * 9), explain=True)
    assert "every row" not in tables(many)
    shown = [row[0] for row in tables(many)["examples"]]
    assert shown == ["right"] * 3 + ["acc:not_equal"] * 3
    assert [row["gold"] for row in many.result["examples"]] == ["5", "5.0", "5.00"] * 2


def test_a_cell_is_one_line_whatever_the_text(tmp_path: Path) -> None:
    row = WRONG | {"completion": "<think>a</think>\\boxed{a\n\x1b[31m" + "b" * 99 + "}"}
    (shown,) = tables(grade(lines(tmp_path / "x.jsonl", row), explain=True))["every row"]
    assert shown[-1].startswith("a [31mbbb")
    assert shown[-1].endswith("bbb...")


def test_parquet_in_is_parquet_out_with_the_same_scores(tmp_path: Path) -> None:
    rows = [RIGHT, WRONG, BARE]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    grade(tmp_path / "x.parquet")
    grade(lines(tmp_path / "x.jsonl", *rows))
    assert pq.read_schema(tmp_path / "x.scores.parquet") == SCORE_SCHEMA
    assert [row | {"file": ""} for row in scores(tmp_path / "x.scores.parquet")] == [
        row | {"file": ""} for row in scores(tmp_path / "x.scores.jsonl")
    ]


def test_several_files_keep_their_own_scores_or_share_one_file(tmp_path: Path) -> None:
    paths = [lines(tmp_path / f"{name}.jsonl", RIGHT, WRONG) for name in "ab"]
    report = grade(*paths)
    assert report.result["rows"] == 4
    assert [len(scores(tmp_path / f"{name}.scores.jsonl")) for name in "ab"] == [2, 2]
    assert json.loads((tmp_path / "a.scores.ledger.json").read_text())["rows"] == 2
    grade(*paths, out=tmp_path / "all.parquet")
    written = scores(tmp_path / "all.parquet")
    assert [(row["file"], row["row"]) for row in written] == [
        *(("a.jsonl", 1), ("a.jsonl", 2), ("b.jsonl", 1), ("b.jsonl", 2)),
    ]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    paths = [lines(tmp_path / name / "x.jsonl", RIGHT) for name in "ab"]
    grade(*paths, out=tmp_path / "all.jsonl")
    assert [row["file"] for row in scores(tmp_path / "all.jsonl")] == list(map(str, paths))


def test_a_limit_counts_over_all_files(tmp_path: Path) -> None:
    paths = [lines(tmp_path / f"{name}.jsonl", RIGHT, RIGHT, RIGHT) for name in "abc"]
    assert grade(*paths, limit=4, out=tmp_path / "all.jsonl").result["rows"] == 4


@pytest.mark.parametrize(("think", "rights"), [("required", 1), ("prefilled", 1), ("ignored", 3)])
def test_think_says_how_the_block_opens(tmp_path: Path, think: str, rights: int) -> None:
    opened = RIGHT | {"completion": r"2 + 3</think> \boxed{5}"}
    report = grade(lines(tmp_path / "x.jsonl", RIGHT, opened, BARE), think=think)
    assert report.result["reasons"]["right"] == rights


def test_equality_exact_is_the_papers_match(tmp_path: Path) -> None:
    half = RIGHT | {"gold": "0.5", "completion": r"<think>a</think> \boxed{ 0.50 }"}
    path = lines(tmp_path / "x.jsonl", half, half | {"gold": "0.50"})
    grade(path, equality="exact")
    assert [row["score"] for row in scores(tmp_path / "x.scores.jsonl")] == [0.0, 1.0]


def test_a_missing_library_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"crossthink-data\[math\]"):
        grade(lines(tmp_path / "x.jsonl", RIGHT), equality="math_verify")
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]


@pytest.mark.parametrize(
    "changed",
    [
        {"gold": None},
        {"gold": [1, 2]},
        {"gold": {"a": 1}},
        {"gold": True},
        {"gold": 10**400},
        {"gold": 1e300},
        {"gold": ""},
        {"completion": 5},
        {"completion": {"a": 1}},
        {"completion": []},
        {"options": [None, 5, ["a"]], "kind": "mcq"},
        {"options": [], "kind": "mcq"},
        {"id": {"a": [1]}},
        {"kind": 5},
        {"completion": "<think>\ud800</think> \\boxed{\udfff}", "gold": "\ud800"},
        {"completion": "<think>\x00</think> \\boxed{\x00}"},
    ],
)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_row_of_any_json_is_counted_and_never_raises(
    tmp_path: Path, changed: Row, suffix: str
) -> None:
    path = lines(tmp_path / "x.jsonl", RIGHT, RIGHT | changed, RIGHT)
    report = grade(path, out=tmp_path / f"s.{suffix}", explain=True)
    assert report.result["rows"] == 3
    assert [row["score"] for row in scores(tmp_path / f"s.{suffix}")][::2] == [1.0, 1.0]


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    good = lines(tmp_path / "a.jsonl", RIGHT)
    bad = lines(tmp_path / "b.jsonl", {"text": "no completion"})
    with pytest.raises(SourceError, match=r"b\.jsonl: no row has a column completion"):
        grade(good, bad)
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl", "b.jsonl"}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"out": "scores.txt"}, RecipeError, "ends in .jsonl or .parquet"),
        ({"out": "x.jsonl"}, RecipeError, "would replace an input"),
        ({"out": "no/scores.jsonl"}, CrossthinkError, "there is no folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused(
    tmp_path: Path, settings: dict[str, str], error: type[Exception], message: str
) -> None:
    path = lines(tmp_path / "x.jsonl", RIGHT)
    with pytest.raises(error, match=message):
        grade(path, out=tmp_path / settings["out"])
    assert scores(path) == [RIGHT]


@pytest.mark.parametrize("name", [".", "..", "/", "folder", "folder/.", "nothing", "nothing/.."])
@pytest.mark.parametrize("out", [None, Path("all.jsonl")])
def test_what_is_no_file_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, out: Path | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(grading, "read_rollouts", None)
    path = lines(tmp_path / "x.jsonl", RIGHT)
    with pytest.raises(SourceError, match=r"is a folder; name the jsonl|does not exist"):
        grade(path, Path(name), out=out)


@pytest.mark.parametrize("think", ["required", "prefilled"])
def test_messages_are_paid_as_in_a_trainer(tmp_path: Path, think: str) -> None:
    message = {"role": "assistant", "content": r"\boxed{5}", "reasoning_content": "2 + 3"}
    parts = message | {"content": [{"type": "text", "text": r"\boxed{5}"}]}
    rows = [RIGHT | {"completion": told} for told in ([message], message, [parts])]
    solution = r"Two and three make $\boxed{5}$."
    rows += [row | {"gold": solution} for row in rows]
    report = grade(lines(tmp_path / "x.jsonl", *rows), think=think)
    assert report.result["reasons"] == {"right": 6}


def test_inputs_whose_scores_would_clash_are_refused(tmp_path: Path) -> None:
    paths = [lines(tmp_path / name, RIGHT) for name in ("x.jsonl", "x.json")]
    with pytest.raises(RecipeError, match="name one file for all with --out"):
        grade(*paths)
    with pytest.raises(RecipeError, match="named twice"):
        grade(paths[0], tmp_path / "." / "x.jsonl")


def test_the_same_rows_give_the_same_bytes_whatever_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lines(tmp_path / "x.jsonl", *[RIGHT, WRONG, "{torn\n", MCQ] * 9)
    grade(path, out=tmp_path / "a.parquet")
    monkeypatch.setattr(grading, "_BATCH_ROWS", 5)
    grade(path, out=tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
