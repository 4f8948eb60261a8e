"""Parquet, JSON and text files as people keep them: other names, types and packings of a column."""

import gzip
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_archives import page, prose

from crossthink_data.documents import DocumentSettings
from crossthink_data.documents.inputs import input_files
from crossthink_data.documents.records_read import Drop, Page
from crossthink_data.documents.rows import json_records, parquet_records
from crossthink_data.documents.steps import _records as records_of_file

TEXT = prose(1)


def from_parquet(folder: Path, **columns: object) -> list[Page | Drop]:
    pq.write_table(pa.table(columns), folder / "x.parquet")
    return list(parquet_records(folder / "x.parquet"))


def only_page(found: list[Page | Drop]) -> Page:
    [record] = found
    assert isinstance(record, Page), record
    return record


@pytest.mark.parametrize(
    "column",
    [
        pa.array([TEXT], pa.large_string()),
        pa.array([TEXT], pa.string_view()),
        pa.array([TEXT]).dictionary_encode(),
        pa.array([TEXT.encode()], pa.binary()),
        pa.array([TEXT.split("\n\n")]),
    ],
    ids=["large", "view", "dictionary", "binary", "list"],
)
def test_text_of_any_type_is_read(tmp_path: Path, column: pa.Array) -> None:
    assert only_page(from_parquet(tmp_path, text=column)).body == TEXT


def test_names_of_columns_may_be_in_any_case(tmp_path: Path) -> None:
    found = only_page(from_parquet(tmp_path, Text=[TEXT], URL=["http://a"], Foo=[1]))
    assert (found.body, found.url) == (TEXT, "http://a")


def test_pages_kept_as_bytes_are_pages(tmp_path: Path) -> None:
    found = only_page(from_parquet(tmp_path, html=pa.array([page(TEXT)], pa.binary())))
    assert found.form == "html"


def test_what_is_no_text_is_of_the_wrong_type(tmp_path: Path) -> None:
    found = from_parquet(tmp_path, text=[5, None, 7])
    assert [each.reason for each in found if isinstance(each, Drop)] == [
        "wrong_type",
        "empty_body",
        "wrong_type",
    ]


def test_half_a_character_that_json_escapes_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(r'{"text": "One \ud83d and more", "url": "http://\udc00"}', "utf-8")
    found = only_page(list(json_records(path, path.name)))
    assert (found.body, found.url) == ("One \ufffd and more", "http://\ufffd")


def test_one_object_over_many_lines_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"text": TEXT}, indent=1), "utf-8")
    assert only_page(list(json_records(path, path.name))).body == TEXT


LINES = "".join(json.dumps({"text": prose(number)}) + "\n" for number in range(3)).encode()


@pytest.mark.parametrize(
    ("name", "content", "forms"),
    [
        ("x.jsonl.gz", gzip.compress(LINES), ["text"] * 3),
        ("x.jsonl.zst", pa.compress(LINES, codec="zstd", asbytes=True), ["text"] * 3),
        ("x.jsonl.zst", pa.compress(LINES, codec="zstd", asbytes=True) * 2, ["text"] * 6),
        ("x.txt.gz", gzip.compress(TEXT.encode()), ["text"]),
        ("x.html.gz", gzip.compress(page(TEXT)), ["html"]),
    ],
)
def test_packed_files_are_unpacked(
    tmp_path: Path, name: str, content: bytes, forms: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    [file] = input_files([str(tmp_path)], "")
    found = list(records_of_file(file, DocumentSettings()))
    assert [each.form if isinstance(each, Page) else each.reason for each in found] == forms


@pytest.mark.parametrize("start", [b"BZh91AY&SY\0", b"\xfd7zXZ\0\0", b"PK\x03\x04\x14\0"])
def test_packings_that_are_not_read_are_broken_files(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(start + b"{}\n" * 9)
    [file] = input_files([str(tmp_path)], "")
    assert (file.kind, file.reason) == ("broken", "unknown_format")
