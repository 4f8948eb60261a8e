"""Parquet in and out: polars for row-wise work, sorted runs and duckdb for what is global."""

from crossthink_data.tables.ordering import Sorter, to_arrow
from crossthink_data.tables.reading import QuestionFiles, open_questions, read_questions, sha256_of
from crossthink_data.tables.schemas import (
    FILTERED_KEY,
    KIND_KEY,
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    TRAINING_SCHEMA,
    question_table,
)
from crossthink_data.tables.writing import Scratch, TableWriter, check_folder

__all__ = [
    "FILTERED_KEY",
    "KIND_KEY",
    "QUESTION_SCHEMA",
    "REJECT_SCHEMA",
    "TRAINING_SCHEMA",
    "QuestionFiles",
    "Scratch",
    "Sorter",
    "TableWriter",
    "check_folder",
    "open_questions",
    "question_table",
    "read_questions",
    "sha256_of",
    "to_arrow",
]
