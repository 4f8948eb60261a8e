"""What is lost of a damaged or too large file is counted; a disk's error is no damage."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.documents import DocumentSettings, clean_documents
from crossthink_data.documents.steps import WatchedStream

PROSE = "Salt lowers the freezing point of water, which is why roads are salted in winter. "
LOOSE = DocumentSettings(quality=False, min_words=1, max_repeated=1, max_repeated_lines=1)


def test_each_row_of_a_broken_row_group_is_counted_and_the_other_groups_are_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rows.parquet"
    texts = [f"Row {number}. {PROSE * 3}" for number in range(900)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=300, compression="none")
    place = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[place : place + 400] = b"\xff" * 400
    path.write_bytes(data)
    (account,) = clean_documents([str(path)], LOOSE, tmp_path).files
    assert account.records_in == 900
    assert account.kept == 600
    assert account.dropped["unreadable_record"] == 300
    assert account.failure is not None


def test_a_text_file_larger_than_a_page_may_be_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text(PROSE * 3)
    (tmp_path / "large.txt").write_text(PROSE * 60)
    settings = LOOSE.model_copy(update={"max_page_bytes": 2_000})
    found = clean_documents(
        [str(tmp_path / "small.txt"), str(tmp_path / "large.txt")], settings, tmp_path
    )
    assert found.account["large.txt"] == {
        "in": 1,
        "kept": 0,
        "dropped": {"page_too_large": 1},
        "failed": None,
    }
    assert len(found) == 1


def test_a_row_larger_than_a_page_may_be_is_a_drop(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": [PROSE * 3, PROSE * 60]}), path)
    settings = LOOSE.model_copy(update={"max_page_bytes": 2_000})
    (account,) = clean_documents([str(path)], settings, tmp_path).files
    assert (account.kept, account.dropped) == (1, {"page_too_large": 1})


def test_an_error_of_the_stream_is_remembered() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("gone")

    stream = WatchedStream(Failing(b"WARC/1.0"))
    with pytest.raises(ConnectionResetError) as raised:
        stream.read(4)
    assert stream.error is raised.value
