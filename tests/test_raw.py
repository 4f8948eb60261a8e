"""The door for raw rows: forms of files, bad input, the hub."""

import csv
import gzip
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.errors import MissingExtra, RecipeError, SourceError
from crossthink_data.raw import (
    HubRef,
    Unreadable,
    at_commits,
    data_files,
    find_origin,
    hub_ref,
    read_personas,
    read_source,
)
from crossthink_data.sources import get_source

NATURAL = get_source("natural_reasoning")
MMLU = get_source("mmlu")
ROWS = [{"question": f"Q{number}\u2028?", "reference_answer": str(number)} for number in range(5)]
ANSWERS = [row["reference_answer"] for row in ROWS]


def outcomes(path: Path, source=NATURAL) -> list[str | None]:
    """The answer of each row read, the reason in <> of each row that was not."""
    return [
        f"<{row.reason}>" if isinstance(row, Unreadable) else row.answer
        for row in read_source(source, path)
    ]


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(rows: Sequence[dict[str, str]], separator: str = ",") -> bytes:
    from io import StringIO

    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(rows: Sequence[dict[str, object]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink, row_group_size=2)
    return sink.getvalue().to_pybytes()


FORMS = {
    "rows.jsonl": lines(*ROWS),
    "rows.ndjson": lines(*ROWS).rstrip(b"\n"),
    "bom.jsonl": b"\xef\xbb\xbf" + lines(*ROWS),
    "crlf.jsonl": lines(*ROWS).replace(b"\n", b"\r\n"),
    "blank.jsonl": b"\n \n" + lines(*ROWS).replace(b"\n", b"\n\n"),
    "lines.json": lines(*ROWS),
    "array.json": json.dumps(ROWS).encode(),
    "pretty.json": json.dumps(ROWS, indent=2).encode(),
    "array.jsonl": json.dumps(ROWS).encode(),
    "bom.json": b"\xef\xbb\xbf \n" + json.dumps(ROWS).encode(),
    "columns.json": json.dumps(
        {key: {str(i): row[key] for i, row in enumerate(ROWS)} for key in ROWS[0]}
    ).encode(),
    "rows.csv": table(ROWS),
    "semicolons.csv": table(ROWS, ";"),
    "tabs.tsv": table(ROWS, "\t"),
    "bom.csv": b"\xef\xbb\xbf" + table(ROWS),
    "rows.parquet": parquet(ROWS),
    "no_suffix": lines(*ROWS),
    "parquet_without_suffix": parquet(ROWS),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, name: str, packed: bool) -> None:
    content = FORMS[name]
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    if packed and name == "parquet_without_suffix":
        path.rename(path := tmp_path / "rows.parquet.gz")
    rows = list(read_source(NATURAL, path))
    assert [row.answer for row in rows] == ANSWERS
    assert [row.question for row in rows] == [row["question"] for row in ROWS]
    assert json.loads(rows[0].provenance)["file"] == path.name


def test_one_object_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(ROWS[0], indent=1))
    assert outcomes(path) == ["0"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_bad_line_costs_itself_only(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(
        lines(ROWS[0])
        + b'{"question": "trunc\n'
        + b'{"question": "\xff\xfe", "reference_answer": "x"}\n'
        + b'{"question": "half \\ud800 a character", "reference_answer": "x"}\n'
        + b"[1, 2]\n"
        + b'{"question": 3, "reference_answer": "x"}\n'
        + b'{"question": "Q", "reference_answer": {}}\n'
        + b'{"question": "Q"}\n'
        + b"[" * 100_000
        + b"\n"
        + b'{"question": "Q", "reference_answer": '
        + b"9" * 5_000
        + b"}\n"
        + lines(ROWS[1])
    )
    found = list(read_source(NATURAL, path))
    assert [getattr(row, "reason", "read") for row in found] == [
        "read",
        "not_json",
        "not_utf8",
        "not_utf8",
        "wrong_type",
        "wrong_type",
        "wrong_type",
        "missing_column",
        "not_json",
        "not_json",
        "read",
    ]
    bad = [row for row in found if isinstance(row, Unreadable)]
    assert [row.number for row in bad] == list(range(2, 11))
    assert all(row.file == name and len(row.detail) <= 2_000 for row in bad)
    assert all(row.detail.encode("utf-8") for row in bad)
    assert bad[0].detail == '{"question": "trunc'


def test_a_bad_first_line_costs_itself_only(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.json"):
        path = tmp_path / name
        path.write_bytes(b'{"question": \n' + lines(*ROWS[:2]))
        assert outcomes(path) == ["<not_json>", "0", "1"]


def test_a_bad_element_of_an_array_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    content = json.dumps([ROWS[0], 7, {"question": "BYTES", "reference_answer": "x"}, ROWS[1]])
    path.write_bytes(content.encode().replace(b"BYTES", b"\xe9t\xe9"))
    assert outcomes(path) == ["0", "<wrong_type>", "<not_utf8>", "1"]


@pytest.mark.parametrize("content", ["[", "[{]", '[{"a": 1}', '[{"a": 1},]', "[1] 2", "[1 2]"])
def test_a_broken_array_stops_the_run(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(SourceError, match=r"a\.json is not a JSON array"):
        outcomes(path)


@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none()), min_size=1
    ),
    st.sampled_from([None, 0, 3]),
)
@settings(max_examples=60)
def test_an_array_is_read_as_json_reads_it(tmp_path_factory, rows, indent) -> None:
    from crossthink_data.raw.files import DataFile
    from crossthink_data.raw.json_rows import json_rows

    path = tmp_path_factory.mktemp("array") / "a.json"
    path.write_text(json.dumps(rows, indent=indent))
    found = [row.columns for row in json_rows(DataFile(path, "a.json", "json"))]
    assert found == rows


def test_values_longer_than_a_block_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    long = [{"question": letter * 3_000_000, "reference_answer": letter} for letter in "abc"]
    path.write_text(json.dumps(long))
    assert outcomes(path) == ["a", "b", "c"]


def test_a_value_at_the_edge_of_a_block_is_not_cut(tmp_path: Path) -> None:
    from crossthink_data.raw.files import DataFile
    from crossthink_data.raw.json_rows import json_rows

    path = tmp_path / "a.json"
    path.write_text(json.dumps([12345678] * 300_000, separators=(",", ":")))
    found = {row.detail for row in json_rows(DataFile(path, "a.json", "json"))}
    assert found == {"12345678"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_without_a_header_is_told_by_its_width(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "astronomy_val.csv"
    cells = [["A, B; or\nC?", "None", "NA", "", "x", "A"], ["Q", "1", "2", "3", "4", "D"]]
    with path.open("w", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows(cells)
    rows = list(read_source(MMLU, path))
    assert [row.answer for row in rows] == ["None", "4"]
    assert rows[0].question == "A, B; or\nC?"
    assert rows[0].options == ("None", "NA", "", "x")
    assert [json.loads(row.provenance)["row"] for row in rows] == [1, 2]


def test_bad_csv_records_cost_themselves_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"question,reference_answer\n"
        b"Q,1\n"
        b"too,many,fields\n"
        b"too few\n"
        b"\n"
        b"caf\xe9,x\n"
        b'a "stray,quote inside a cell\n'
        b'"a quote that never closes,x\n'
        b"Q,2\n"
        b'"two\nlines",3\n'
        b'"bad"quote,x\n'
        b"Q,4\n"
    )
    found = list(read_source(NATURAL, path))
    assert [getattr(row, "reason", None) or row.answer for row in found] == [
        "1",
        "wrong_number_of_fields",
        "wrong_number_of_fields",
        "not_utf8",
        "quote inside a cell",
        "wrong_number_of_fields",
        "2",
        "3",
        "wrong_number_of_fields",
        "4",
    ]
    assert found[5].detail == '"a quote that never closes,x'


def test_a_quote_open_to_the_end_gives_the_swallowed_rows_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('question,reference_answer\n"Q,0\nQ,1\nQ,2\n')
    assert outcomes(path) == ["<wrong_number_of_fields>", "1", "2"]


def test_one_text_of_a_parquet_file_that_is_not_utf8_costs_its_row_only(tmp_path: Path) -> None:
    text = pa.array([b"a", b"\xff\xfe", b"c"], pa.binary()).view(pa.string())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": text, "reference_answer": ["0", "1", "2"]}), path)
    assert outcomes(path) == ["0", "<not_utf8>", "2"]


def test_a_parquet_column_of_another_type_throughout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": [1, 2], "reference_answer": ["0", "1"]}), path)
    with pytest.raises(SourceError, match="no row can be read, the first because it is wrong_type"):
        outcomes(path)


@pytest.mark.parametrize("first", [b"[1,2]", b"[" * 5_000, b"[]", b'"text"', b"7"])
def test_a_bad_first_line_costs_no_other(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(first + b"\n" + lines(*ROWS))
    found = outcomes(path)
    assert len(found) == len(ROWS) + 1
    assert found[0].startswith("<")
    assert not any(outcome.startswith("<") for outcome in found[1:])


BROKEN = {
    "empty.jsonl": b"",
    "blank.jsonl": b" \n\n",
    "empty.json": b"[]",
    "empty.csv": b"",
    "blank.csv": b"\n\n",
    "header_only.csv": b"question,reference_answer\n",
    "empty.parquet": b"",
    "truncated.parquet": parquet(ROWS)[:-20],
    "half.parquet": parquet(ROWS)[:60],
    "column_name_no_text.parquet": parquet(ROWS).replace(b"reference_answer", b"\xff" * 16),
    "not.parquet": b"hello, I am no parquet file",
    "truncated.jsonl.gz": gzip.compress(lines(*ROWS) * 50)[:-12],
    "broken.jsonl.gz": gzip.compress(lines(*ROWS))[:12] + b"\xff" * 40,
    "truncated.parquet.gz": gzip.compress(parquet(ROWS))[:-9],
    "latin.jsonl": b"\xe9\n\xe9\n",
    "words.json": b"hello",
    "words": b"hello",
    "numbers.json": b"[1, 2, 3]",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_as_a_whole_stops_the_run(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    with pytest.raises(SourceError) as caught:
        outcomes(path)
    assert name in str(caught.value)


def test_a_parquet_file_without_rows_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": pa.array([], pa.string()), "reference_answer": []}), path)
    with pytest.raises(SourceError, match="holds no rows"):
        outcomes(path)


@pytest.mark.parametrize(
    "content",
    {
        "a.jsonl": lines({"questoin": "Q", "reference_answer": "x"}),
        "a.csv": b"questoin,reference_answer\nQ,x\n",
        "a.parquet": parquet([{"questoin": "Q", "reference_answer": "x"}]),
    }.items(),
    ids=lambda item: item[0],
)
def test_columns_that_fit_no_form_are_named_with_the_likely_typo(tmp_path, content) -> None:
    path = tmp_path / content[0]
    path.write_bytes(content[1])
    with pytest.raises(SourceError) as caught:
        outcomes(path)
    message = str(caught.value)
    assert message.startswith("columns questoin, reference_answer fit no form")
    assert str(path) in message
    assert "released: question, reference_answer" in message
    assert "question (did you mean questoin?)" in message


def test_a_foreign_file_is_given_up_before_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"x": 1}) * 30_000)
    rows = read_source(NATURAL, path)
    first = [next(rows) for _ in range(10_000)]
    assert {getattr(row, "reason", None) for row in first} == {"missing_column"}
    with pytest.raises(SourceError, match="columns x fit no form"):
        next(rows)


def test_files_of_a_folder_may_have_different_forms(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.jsonl").write_bytes(
        lines({"question": "Q", "choices": ["x"], "answer": 0})
    )
    (tmp_path / "a.csv").write_text("Q,1,2,3,4,D\n")
    (tmp_path / "c.csv").write_text("question;A;B;C;D;answer\nQ;w;x;y;z;B\n")
    rows = list(read_source(MMLU, tmp_path))
    assert [row.answer for row in rows] == ["4", "x", "x"]
    assert [json.loads(row.provenance)["file"] for row in rows] == ["a.csv", "b/1.jsonl", "c.csv"]


def test_a_file_that_is_no_text_gets_a_message_that_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "utf16.csv"
    path.write_text("question,reference_answer\nQ,1\n", encoding="utf-16")
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        outcomes(path)
    assert str(caught.value).encode("utf-8")


def test_a_file_name_that_is_no_text_is_written_with_escapes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_bytes(lines(ROWS[0]))
    for origin in (path, tmp_path):
        (row,) = read_source(NATURAL, origin)
        assert json.loads(row.provenance)["file"] == "caf\\udce9.jsonl"


def test_columns_nobody_reads_are_left_out_of_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    row = {"problem": "2+2?", "solution": r"\boxed{4}", "messages": [{"role": "user"}]}
    for columns in (row, row | {"source": "cn_k12"}):
        path.write_bytes(parquet([columns]))
        assert outcomes(path, get_source("numina_math")) == ["4"]


def test_columns_a_form_may_do_without_are_read_where_a_parquet_file_has_them(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(
        parquet([{"question": "Q", "choices": ["x"], "answer": 0, "subject": "virology"}])
    )
    (row,) = read_source(MMLU, path)
    assert row.subject == "virology"


def test_a_folder_names_what_it_ignores(tmp_path: Path) -> None:
    for name in ("README.md", "LICENSE", "dataset_infos.json", "x/b.jsonl", "a.csv.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "c.jsonl").write_text("x")
    found = data_files(tmp_path)
    assert [file.name for file in found.files] == ["a.csv.gz", "x/b.jsonl"]
    assert found.ignored == ("LICENSE", "README.md", "dataset_infos.json")


def test_a_split_keeps_the_files_that_name_it(tmp_path: Path) -> None:
    for name in ("val/a_val.csv", "test/a_test.csv", "b/test-0-of-1.csv", "latest.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    names = [file.name for file in data_files(tmp_path, "test").files]
    assert names == ["b/test-0-of-1.csv", "test/a_test.csv"]
    assert [file.name for file in data_files(tmp_path, "validation").files] == ["val/a_val.csv"]
    (tmp_path / "README.txt").write_text("x")
    with pytest.raises(SourceError, match="no data file of split 'train'") as caught:
        data_files(tmp_path, "train")
    assert "b/test-0-of-1.csv, latest.csv, test/a_test.csv and 1 more found" in str(caught.value)
    assert "README" not in str(caught.value)


def test_a_split_of_a_single_file_must_stand_in_its_name(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows-test.jsonl"):
        (tmp_path / name).write_bytes(lines(ROWS[0]))
    assert len(list(read_source(NATURAL, tmp_path / "rows-test.jsonl", split="test"))) == 1
    with pytest.raises(RecipeError, match=r"split is 'test', which .*rows\.jsonl does not"):
        read_source(NATURAL, tmp_path / "rows.jsonl", split="test")


@pytest.mark.parametrize("name", ["syn_qa", "persona_math"])
def test_a_release_of_one_file_a_part_has_no_split_to_choose(name: str) -> None:
    source = get_source(name)
    with pytest.raises(RecipeError, match=r"no split 'test'.*one file a part.*leave the split out"):
        read_source(source, hub_ref(source), split="test")
    assert read_source(source, hub_ref(source), split=source.split)


def test_a_folder_without_data_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SourceError, match=r"holds no data file: notes\.txt found"):
        data_files(tmp_path)


def test_rows_come_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines(*ROWS) * 100_000)[:-12])
    rows = read_source(NATURAL, path)
    assert next(rows).answer == "0"
    with pytest.raises(SourceError, match="cannot be read to its end"):
        list(rows)


def test_a_missing_path_is_not_taken_for_a_hub_id(tmp_path: Path) -> None:
    for where in (str(tmp_path / "no.jsonl"), "data/train.jsonl", "no-such-folder"):
        with pytest.raises(SourceError, match="does not exist"):
            find_origin(NATURAL, where)


def test_a_hub_id_may_name_a_config_and_a_revision() -> None:
    ref = find_origin(MMLU, "hails/mmlu_no_train:astronomy@v1")
    assert ref == HubRef(
        hub_id="hails/mmlu_no_train", revision="v1", configs=("astronomy",), split="test"
    )
    assert find_origin(MMLU, "cais/mmlu") == hub_ref(MMLU) == find_origin(MMLU)


def test_personas_are_no_questions(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"personas, not questions.*material for synthesis"):
        read_source(get_source("personahub"), tmp_path)


def test_personas_are_read_from_all_their_files(tmp_path: Path) -> None:
    (tmp_path / "persona.jsonl").write_bytes(lines({"persona": "A pilot."}, {"persona": 3}))
    elite = {"persona": "A nurse.", "general domain (top 1 percent)": "x", "extra colunm": 1}
    (tmp_path / "elite.jsonl").write_bytes(lines(elite, {"nobody": "x"}))
    sample = {"input persona": "A fan.", "synthesized text": "-", "description": "tool"}
    (tmp_path / "tool.jsonl").write_bytes(lines(sample))
    found = [getattr(row, "reason", None) or row.text for row in read_personas(tmp_path)]
    assert found == ["A nurse.", "missing_column", "A pilot.", "wrong_type", "A fan."]


def test_a_file_without_personas_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines({"nobody": "x"}))
    with pytest.raises(SourceError, match="no persona found"):
        list(read_personas(tmp_path))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that `datasets` takes for a repository: the real library reads it offline."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "hub"
    (folder / "Data").mkdir(parents=True)
    (folder / "test.jsonl").write_bytes(
        lines({"question": "Q", "choices": ["x", "y"], "answer": 1})
    )
    return folder


def local(folder: Path, split: str = "test", *files: str, config: str | None = None) -> HubRef:
    return HubRef(
        hub_id=str(folder), revision="abc", configs=(config,), split=split, files=tuple(files)
    )


def test_the_hub_is_read_through_datasets(hub: Path) -> None:
    (row,) = read_source(MMLU, local(hub))
    assert (row.answer, row.answer_label) == ("y", "B")
    origin = json.loads(row.provenance)
    assert (origin["dataset"], origin["revision"]) == (str(hub), "abc")
    assert origin["file"] == "default/test"


def test_files_of_a_release_are_read_by_themselves(hub: Path) -> None:
    row = {"reward_model": {"style": "rule", "ground_truth": "7"}, "meta_data": {"question": "Q"}}
    (hub / "Data" / "qa.jsonl").write_bytes(lines(row))
    (found,) = read_source(get_source("persona_math"), local(hub, "train_math", "Data/qa.jsonl"))
    assert found.answer == "7"
    assert json.loads(found.provenance)["file"] == "Data/qa.jsonl"


def test_csv_files_of_the_hub_keep_none_as_text(hub: Path) -> None:
    (hub / "q.csv").write_text("question,reference_answer\nQ,None\n")
    (row,) = read_source(NATURAL, local(hub, "train", "q.csv"))
    assert row.answer == "None"


@pytest.mark.parametrize(
    ("split", "config", "words"),
    [
        ("nosuch", None, 'Unknown split "nosuch"'),
        ("nosuch", None, "wanted is a split that it has (test); add --split test"),
        ("test", "nosuch", "'nosuch' not found"),
    ],
)
def test_a_wrong_split_or_config_says_what_exists(hub: Path, split, config, words) -> None:
    with pytest.raises(SourceError) as caught:
        list(read_source(MMLU, local(hub, split, config=config)))
    message = str(caught.value)
    assert words in message
    assert "--from PATH" in message


def test_without_datasets_the_message_is_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtra, match=r"pip install 'crossthink-data\[hub\]'"):
        list(read_source(MMLU, hub_ref(MMLU)))


class _FakeHub:
    """Stands in for `huggingface_hub`: answers with a commit a repository, or with an error."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answer = answer

    def HfApi(self) -> "_FakeHub":
        return self

    def dataset_info(self, hub_id: str, *, revision: str) -> SimpleNamespace:
        self.asked.append((hub_id, revision))
        return SimpleNamespace(sha=self.answer(hub_id))


def test_a_branch_is_read_at_the_commit_it_stands_for(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = _FakeHub(lambda hub_id: "c" * 40)
    monkeypatch.setitem(sys.modules, "huggingface_hub", fake)
    ref = replace(local(hub), revision="main")
    (row,) = read_source(MMLU, at_commits(ref))
    assert fake.asked == [(str(hub), "main")]
    assert json.loads(row.provenance)["revision"] == "c" * 40


def test_each_repository_of_a_source_has_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = _FakeHub(lambda hub_id: f"commit of {hub_id}")
    monkeypatch.setitem(sys.modules, "huggingface_hub", fake)
    ref = at_commits(hub_ref(get_source("agieval")))
    assert len(ref.repositories) == len(fake.asked) == 21
    assert ref.revision_of("hails/agieval-sat-math") == "commit of hails/agieval-sat-math"


def test_a_commit_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert at_commits(hub_ref(MMLU)) == hub_ref(MMLU)
    with pytest.raises(MissingExtra, match=r"pip install 'crossthink-data\[hub\]'"):
        at_commits(hub_ref(NATURAL))


_NoConnection = type("ConnectError", (Exception,), {"__module__": "httpx"})


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("math", _NoConnection("Name or service not known"), "a network that reaches the hub"),
        ("math", ConnectionError("offline mode"), "a network that reaches the hub"),
        ("math", OSError("404 Client Error"), "OWNER/NAME"),
        ("gpqa_diamond", OSError("403 gated"), "accept the terms"),
    ],
)
def test_a_commit_that_the_hub_does_not_say_is_explained(monkeypatch, source, error, words) -> None:
    def refuse(hub_id: str) -> str:
        raise error

    monkeypatch.setitem(sys.modules, "huggingface_hub", _FakeHub(refuse))
    with pytest.raises(SourceError) as caught:
        at_commits(hub_ref(get_source(source)))
    message = str(caught.value)
    assert message.startswith(str(error))
    assert f"{get_source(source).hub_id}, revision main could not be read" in message
    assert words in message


class _FakeDatasets:
    """Stands in for `datasets` where the real one would need a network."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def load_dataset(self, *args: object, **settings: object) -> object:
        raise self.error


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("mmlu", ConnectionError("Couldn't reach 'cais/mmlu'"), "a network that reaches the hub"),
        ("gpqa_diamond", FileNotFoundError("is a gated dataset"), "accept the terms"),
        ("gpqa_diamond", FileNotFoundError("is a gated dataset"), "HF_TOKEN"),
        ("math", FileNotFoundError("doesn't exist on the Hub"), "OWNER/NAME"),
    ],
)
def test_what_the_hub_refuses_is_explained(monkeypatch, source, error, words) -> None:
    exceptions = type(sys)("datasets.exceptions")
    exceptions.DatasetsError = type("DatasetsError", (Exception,), {})
    monkeypatch.setitem(sys.modules, "datasets", _FakeDatasets(error))
    monkeypatch.setitem(sys.modules, "datasets.exceptions", exceptions)
    with pytest.raises(SourceError) as caught:
        list(read_source(get_source(source), hub_ref(get_source(source))))
    message = str(caught.value)
    assert str(error) in message
    assert get_source(source).hub_id in message
    assert words in message
    assert message.endswith("or download it by hand and use --from PATH")
