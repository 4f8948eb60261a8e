"""Parts become one file by id, the same bytes however cut; copies are told and counted."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.documents import merging
from crossthink_data.documents.parts import DROPPED_SCHEMA, KEPT_SCHEMA

Row = dict[str, str | None]


def row(number: int, url: str | None = None, file: str = "a.warc", record: str = "1") -> Row:
    text = f"Text number {number}. " * 40
    key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return {"id": key, "text": text, "file": file, "record": record, "url": url, "date": None}


def merged(rows: Sequence[Sequence[Row]], folder: Path) -> tuple[list[Row], list[Row], bytes]:
    folder.mkdir()
    kept, dropped = [], []
    for number, part in enumerate(rows):
        kept.append(folder / f"{number}.kept.parquet")
        dropped.append(folder / f"{number}.dropped.parquet")
        pq.write_table(pa.Table.from_pylist(list(part), schema=KEPT_SCHEMA), kept[-1])
        pq.write_table(DROPPED_SCHEMA.empty_table(), dropped[-1])
    documents, drops = folder / "documents.parquet", folder / "dropped.parquet"
    doubles = merging.merge_parts(
        kept, dropped, documents=documents, dropped=drops, scratch=folder / "scratch"
    )
    left = pq.read_table(drops).to_pylist()
    assert doubles.total() == len(left)
    assert not (folder / "scratch").exists()
    return pq.read_table(documents).to_pylist(), left, documents.read_bytes()


def test_of_equal_texts_the_least_url_stays_and_a_missing_one_is_the_greatest(
    tmp_path: Path,
) -> None:
    copies = [
        row(1, None, "a.warc", "1"),
        row(1, "https://b.example/", "b.warc", "2"),
        row(1, "https://a.example/", "c.warc", "3"),
        row(1, "https://a.example/", "c.warc", "2"),
    ]
    kept, left, _ = merged([copies[:2], copies[2:]], tmp_path / "x")
    assert kept == [copies[3]]
    assert [each["record"] for each in left] == ["3", "2", "1"]
    assert {each["detail"] for each in left} == {copies[0]["id"]}
    assert {each["reason"] for each in left} == {"duplicate_text"}


def test_many_buckets_give_the_same_bytes_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(number % 2_500, f"https://{number}.example/") for number in range(3_000)]
    kept, left, content = merged([rows], tmp_path / "one")
    assert [each["id"] for each in kept] == sorted({str(each["id"]) for each in rows})
    assert len(left) == 500
    monkeypatch.setattr(merging, "_BUCKET_CHARACTERS", 100_000)
    monkeypatch.setattr(merging, "_HELD_CHARACTERS", 200_000)
    spread = merged([rows[2_000:], rows[:700], rows[700:2_000]], tmp_path / "many")
    assert spread == (kept, left, content)
