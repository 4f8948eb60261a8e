"""What tests share: question rows made up for them, as dicts, frames and files."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.records import QUESTION_COLUMNS, question_id
from crossthink_data.tables import QUESTION_SCHEMA

Row = dict[str, Any]

_MCQ: Row = {
    "source": "made_up",
    "domain": "gpr",
    "question_type": "mcq",
    "answer_kind": "mcq",
    "question": "Which planet is called the red one?",
    "options": ["Venus", "Mars", "Jupiter", "Saturn"],
    "answer": "Mars",
    "answer_label": "B",
    "provenance": '{"file": "made_up.jsonl", "row": 1}',
}
_OPEN: Row = _MCQ | {"question_type": "open", "options": None, "answer_label": None}
_SHORT_OPEN: Row = _OPEN | {
    "answer_kind": "short_open",
    "question": "Which gas do plants take in?",
    "answer": "carbon dioxide",
}
_MATH: Row = _OPEN | {
    "domain": "mr",
    "answer_kind": "math",
    "question": "Find x if 2x = 10.",
    "answer": "5",
}
_BASES: Mapping[str, Row] = {"mcq": _MCQ, "short_open": _SHORT_OPEN, "math": _MATH}


class QuestionRows:
    """Makes question rows by answer kind; every column can be given."""

    def make(self, kind: str, **changed: Any) -> Row:
        row = dict.fromkeys(QUESTION_COLUMNS) | _BASES[kind] | changed
        fields = ("source", "question_type", "question", "options", "answer")
        own_id = question_id(*(row[name] for name in fields))
        return row | {"id": own_id, "origin_id": own_id} | changed

    def mcq(self, **changed: Any) -> Row:
        return self.make("mcq", **changed)

    def short_open(self, **changed: Any) -> Row:
        return self.make("short_open", **changed)

    def math(self, **changed: Any) -> Row:
        return self.make("math", **changed)

    def table(self, rows: Iterable[Row]) -> pa.Table:
        return pa.Table.from_pylist(list(rows), schema=QUESTION_SCHEMA)

    def frame(self, rows: Iterable[Row]) -> pl.LazyFrame:
        frame = pl.from_arrow(self.table(rows))
        assert isinstance(frame, pl.DataFrame)
        return frame.lazy()

    def file(self, path: Path, rows: Iterable[Row], **options: Any) -> Path:
        pq.write_table(self.table(rows), path, **options)
        return path


@pytest.fixture(scope="session")
def question_rows() -> QuestionRows:
    return QuestionRows()


@pytest.fixture
def real_data() -> Path:
    """The folder of published files that CROSSTHINK_REAL_DATA names; without it, a skip."""
    folder = os.environ.get("CROSSTHINK_REAL_DATA")
    if not folder:
        pytest.skip("CROSSTHINK_REAL_DATA is not set: it names a folder of published files")
    return Path(folder)
