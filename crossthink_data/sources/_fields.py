"""Typed reads of a raw row's columns, and the provenance every adapter writes."""

import json
import math
from collections.abc import Sequence

from crossthink_data.errors import RecordError
from crossthink_data.records import LABELS
from crossthink_data.sources import RawRow

__all__ = [
    "as_label",
    "as_text",
    "label",
    "mapping",
    "option_text",
    "optional_text",
    "options",
    "provenance",
    "text",
]


def text(row: RawRow, column: str) -> str:
    """The column's string, as published; a null is "". RecordError `wrong_type` for anything else.

    A null question must stay visible to `filter`, and a question row has no null question.
    """
    return optional_text(row, column) or ""


def optional_text(row: RawRow, column: str) -> str | None:
    """The column's string, None where it is null or absent; else RecordError `wrong_type`."""
    value = row.columns.get(column)
    if value is None or isinstance(value, str):
        return value
    raise _wrong_type(column, value, "text")


def as_text(value: object, column: str) -> str | None:
    """An answer of any JSON type as text; None for null and for the NaN pandas writes for it.

    A float keeps its published digits (1.0 is "1.0", not "1": it may say how exact the answer is),
    a truth value is "True" or "False", a list is written as JSON. RecordError `wrong_type` for an
    object.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, default=str)
    raise _wrong_type(column, value, "text, a number, a truth value or a list")


def options(row: RawRow, column: str) -> tuple[str, ...] | None:
    """The column's list of option texts, None where it is null or absent; a null option is ""."""
    value = row.columns.get(column)
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return tuple(as_text(option, column) or "" for option in value)
    raise _wrong_type(column, value, "a list of options")


def mapping(row: RawRow, column: str) -> dict[str, object]:
    """The column's object with its keys. RecordError `wrong_type` for anything else."""
    value = row.columns.get(column)
    if isinstance(value, dict):
        return value
    raise _wrong_type(column, value, "an object")


def label(row: RawRow, column: str) -> str | None:
    """The column's option label, see `as_label`."""
    return as_label(row.columns.get(column), column)


def as_label(value: object, column: str) -> str | None:
    """A published label as letters: 1 and "1" are "B", a list is "A,C", an empty one is None.

    A label that names no option is given back as it was published, for `filter` to see. RecordError
    `wrong_type` for what cannot be a label.
    """
    if isinstance(value, list | tuple):
        letters = (as_label(item, column) for item in value)
        return ",".join(letter for letter in letters if letter is not None) or None
    if (
        isinstance(value, float) and value.is_integer()
    ):  # pandas turns a column with a hole into floats
        value = int(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        stripped = value.strip()
        if not (stripped.isascii() and stripped.isdigit()):
            return stripped or None
        # Longer digit strings name no option, and int() of a very long one raises.
        return stripped if len(stripped) > 2 else as_label(int(stripped), column)
    if isinstance(value, int) and not isinstance(value, bool):
        return LABELS[value] if 0 <= value < len(LABELS) else str(value)
    raise _wrong_type(column, value, "a letter or an option's number")


def option_text(choices: Sequence[str] | None, letter: str | None) -> str | None:
    """The text of the option with that letter; None when the letter names no single option."""
    if not choices or letter is None or len(letter) != 1:
        return None
    index = LABELS.find(letter)
    return choices[index] if 0 <= index < len(choices) else None


def provenance(row: RawRow, dataset: str, licence: str, **published: object) -> str:
    """Where a row came from, as compact JSON with sorted keys: the same bytes for the same row.

    `published` are further values worth keeping (a level, the upstream id); nulls are left out.
    `dataset` is used for local files; a row read from the hub names its own repository.
    """
    known: dict[str, object] = {
        "dataset": row.dataset or dataset,
        "revision": row.revision,
        "file": row.file,
        "row": row.number,
        "licence": licence,
        **published,
    }
    kept = {key: value for key, value in known.items() if not _is_null(value)}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _wrong_type(column: str, value: object, wanted: str) -> RecordError:
    return RecordError(
        "wrong_type", f"column {column!r} is {type(value).__name__}, not {wanted}: {value!r}"
    )
