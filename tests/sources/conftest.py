"""What the source tests share: rows of a file as question rows."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crossthink_data.raw import Unreadable, read_source
from crossthink_data.records import Question
from crossthink_data.sources import get_source

ReadRows = Callable[..., list[Question]]


@pytest.fixture
def read_rows(tmp_path: Path) -> ReadRows:
    """Writes rows to a file (JSON Lines, or CSV without a header for lists) and reads it back."""

    def read(
        source: str, *rows: dict[str, object] | Sequence[str], file: str = "rows.jsonl"
    ) -> list[Question]:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.endswith(".csv"):
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows(row for row in rows)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        found = list(read_source(get_source(source), tmp_path))
        path.unlink()
        refused = [row for row in found if isinstance(row, Unreadable)]
        assert not refused, refused
        return [row for row in found if isinstance(row, Question)]

    return read
