"""MMLU: four-option questions in 57 subjects, the benchmark.

The splits have 14,042 (test), 1,531 (validation) and 285 (dev) rows. A few golds are known to be
wrong; MMLU-Redux marks them, and its files are read here too.
"""

import ast
import warnings
from pathlib import PurePosixPath

from crossthink_data.errors import RecordError
from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import label, option_text, options, provenance, text
from crossthink_data.synth.subjects import SUBJECT_GROUPS, SUBJECTS

HUB_ID = "cais/mmlu"
LICENCE = "MIT"


def read_flat(row: RawRow) -> Question:
    """`question`, `choices`, `answer`, with or without `subject`."""
    return _question(row, text(row, "question"), options(row, "choices"), label(row, "answer"))


def read_csv(row: RawRow) -> Question:
    """Six fields without a header: question, four options, letter."""
    return _question(row, text(row, "0"), _cells(row, "1234"), label(row, "5"))


def read_loader(row: RawRow) -> Question:
    """`input`, `A` to `D`, `target`, as an older loading script names them."""
    return _question(row, text(row, "input"), _cells(row, "ABCD"), label(row, "target"))


def read_lettered(row: RawRow) -> Question:
    """`question`, `A` to `D`, `answer`."""
    return _question(row, text(row, "question"), _cells(row, "ABCD"), label(row, "answer"))


def read_redux(row: RawRow) -> Question:
    """MMLU-Redux: the flat columns and a verdict; CSV files hold a Python list of options."""
    published = row.columns["choices"]
    choices = options(row, "choices") if isinstance(published, list) else _literal(published)
    return _question(row, text(row, "question"), choices, label(row, "answer"))


def subject_of(file: str) -> str | None:
    """The subject of `val/astronomy_val.csv`, `mmlu_astronomy.csv` or `astronomy/test`.

    The CSV files have no subject column; None when no part of the name is one of the 57 subjects.
    """
    path = PurePosixPath(file)
    for name in (path.name.split(".")[0], path.parent.name):
        stem = name.removeprefix("mmlu_")
        for split in ("", "_dev", "_val", "_test", "_validation", "_train"):
            if stem.removesuffix(split) in SUBJECTS:
                return stem.removesuffix(split)
    return None


def _cells(row: RawRow, columns: str) -> tuple[str, ...]:
    return tuple(text(row, column) for column in columns)


def _literal(value: object) -> tuple[str, ...]:
    """The texts of a Python list literal, read without evaluating anything."""
    if not isinstance(value, str):
        raise RecordError("wrong_type", f"column 'choices' is {type(value).__name__}, not a list")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # LaTeX in options: an unknown escape is only a warning
            choices = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        choices = None
    if not isinstance(choices, list) or not all(isinstance(item, str) for item in choices):
        raise RecordError("wrong_type", f"column 'choices' is not a list of texts: {value!r}")
    return tuple(choices)


def _question(
    row: RawRow, question: str, choices: tuple[str, ...] | None, letter: str | None
) -> Question:
    redux = "error_type" in row.columns
    return Question(
        source="mmlu",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        subject=text(row, "subject") or subject_of(row.file),
        question=question,
        options=choices,
        answer=option_text(choices, letter),
        answer_label=letter,
        provenance=provenance(
            row,
            "edinburgh-dawg/mmlu-redux" if redux else HUB_ID,
            "CC-BY-4.0" if redux else LICENCE,
            error_type=row.columns.get("error_type"),
            correct_answer=row.columns.get("correct_answer"),
        ),
    )


SOURCE = Source(
    name="mmlu",
    title="MMLU",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=14_042,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id=HUB_ID,
    revision="c30699e8356da336a370243923dbaf21066bb9fe",
    configs=("all",),
    split="test",
    pools={**{subject: (subject,) for subject in SUBJECTS}, **SUBJECT_GROUPS},
    shapes=(
        Shape("redux", frozenset({"question", "choices", "answer", "error_type"}), read_redux),
        Shape("flat", frozenset({"question", "choices", "answer"}), read_flat),
        Shape("loader", frozenset({"input", "A", "B", "C", "D", "target"}), read_loader),
        Shape("lettered", frozenset({"question", "A", "B", "C", "D", "answer"}), read_lettered),
        Shape("csv", frozenset("012345"), read_csv),
    ),
)
