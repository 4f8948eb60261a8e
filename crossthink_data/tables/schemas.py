"""Question, reject and training columns as arrow types, and the checks of a file against them."""

from collections.abc import Sequence

import pyarrow as pa

from crossthink_data.errors import SourceError, did_you_mean
from crossthink_data.records import EXTRA_INFO, QUESTION_COLUMNS, Question

__all__ = [
    "FILTERED_KEY",
    "KIND_KEY",
    "QUESTION_SCHEMA",
    "REJECT_SCHEMA",
    "TRAINING_SCHEMA",
    "check_question_schema",
    "check_training_schema",
    "question_table",
]

KIND_KEY = b"crossthink.kind"
"""Parquet metadata: `questions`, `rejects` or `training`."""

FILTERED_KEY = b"crossthink.filtered"
"""Parquet metadata that `filter` sets and `blend` asks for: the filter's settings as JSON."""

_TEXT = pa.string()
_ATTEMPT = pa.struct(
    [
        ("model", _TEXT),
        ("revision", _TEXT),
        ("template", _TEXT),
        ("solved", pa.int32()),
        ("tried", pa.int32()),
        ("mean_tokens", pa.float64()),
    ]
)
_SPECIAL = {"options": pa.list_(_TEXT), "attempts": pa.list_(_ATTEMPT)}

QUESTION_SCHEMA = pa.schema([(name, _SPECIAL.get(name, _TEXT)) for name in QUESTION_COLUMNS])

REJECT_SCHEMA = pa.schema([*QUESTION_SCHEMA, ("step", _TEXT), ("reason", _TEXT), ("detail", _TEXT)])

_EXTRA = {"index": pa.int64(), "options": pa.list_(_TEXT), "epoch": pa.int32()}

TRAINING_SCHEMA = pa.schema(
    [
        ("data_source", _TEXT),
        ("prompt", pa.list_(pa.struct([("role", _TEXT), ("content", _TEXT)]))),
        ("ability", _TEXT),
        ("reward_model", pa.struct([("style", _TEXT), ("ground_truth", _TEXT)])),
        ("extra_info", pa.struct([(name, _EXTRA.get(name, _TEXT)) for name in EXTRA_INFO])),
    ]
)


def question_table(questions: Sequence[Question]) -> pa.Table:
    """New question rows, in the order given: `origin_id` is the row's own id, nothing attempted."""
    ids = [question.id for question in questions]
    columns: dict[str, object] = {
        "id": ids,
        "origin_id": ids,
        "attempts": pa.nulls(len(questions), QUESTION_SCHEMA.field("attempts").type),
    }
    for name in QUESTION_SCHEMA.names:
        if name not in columns:
            columns[name] = [getattr(question, name) for question in questions]
    return pa.Table.from_pydict(columns, schema=QUESTION_SCHEMA)


def check_question_schema(schema: pa.Schema, where: str) -> None:
    """Nothing, when a file of that schema can be read as question rows; otherwise SourceError.

    Wider spellings of a type pass: large_string, string_view, dictionary, an all-null column.
    """
    kind = (schema.metadata or {}).get(KIND_KEY, b"questions").decode()
    if kind != "questions":
        raise SourceError(
            f"{where}: holds {kind} rows, not question rows; "
            "name only files that fetch, template or filter wrote with --out"
        )
    for name in schema.names:
        if name not in QUESTION_COLUMNS:
            raise SourceError(
                f"{where}: column {name!r} is not a column of a question row; "
                f"{did_you_mean(name, QUESTION_COLUMNS)}; "
                "rename it, or bring the file in with fetch and a mapping of its columns"
            )
    for field in QUESTION_SCHEMA:
        if schema.names.count(field.name) > 1:
            raise SourceError(
                f"{where}: column {field.name!r} stands {schema.names.count(field.name)} times; "
                "leave one of them"
            )
        if field.name not in schema.names:
            raise SourceError(
                f"{where}: column {field.name!r} is missing; a question row has "
                f"{', '.join(QUESTION_COLUMNS)}; bring the file in with fetch"
            )
        found = schema.field(field.name).type
        if not _fits(found, field.type):
            raise SourceError(
                f"{where}: column {field.name!r} has type {found}, should be {field.type}; "
                "write it again with that type, or bring the file in with fetch"
            )


def check_training_schema(schema: pa.Schema, where: str) -> None:
    """Nothing, when a trainer can read a file of that schema as training rows; else SourceError.

    Wider spellings of a type pass, as for question rows: a file that polars wrote again has them.
    """
    kind = (schema.metadata or {}).get(KIND_KEY, b"training").decode()
    if kind != "training":
        raise SourceError(
            f"{where}: holds {kind} rows, not training rows; "
            "name the file that blend wrote with --out"
        )
    if sorted(schema.names) != sorted(TRAINING_SCHEMA.names):
        raise SourceError(
            f"{where}: columns {', '.join(schema.names) or '(none)'} are not those of a training "
            f"row, which has {', '.join(TRAINING_SCHEMA.names)}; "
            "name the file that blend wrote with --out"
        )
    for field in TRAINING_SCHEMA:
        found = schema.field(field.name).type
        if not _fits(found, field.type):
            raise SourceError(
                f"{where}: column {field.name!r} has type {found}, should be {field.type}; "
                "make the file again with blend"
            )


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_null(found):
        return True
    if pa.types.is_dictionary(found):
        return _fits(found.value_type, wanted)
    if pa.types.is_string(wanted):
        return any(is_text(found) for is_text in _TEXT_TYPES)
    if pa.types.is_list(wanted):
        is_list = any(is_list(found) for is_list in _LIST_TYPES)
        return is_list and _fits(found.value_type, wanted.value_type)
    if pa.types.is_struct(wanted):
        return bool(pa.types.is_struct(found)) and _same_fields(found, wanted)
    is_whole = bool(pa.types.is_integer(found))
    return is_whole or bool(pa.types.is_floating(wanted) and pa.types.is_floating(found))


_TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
"""No list views: pyarrow writes them to parquet, and cannot read them back."""


def _same_fields(found: pa.DataType, wanted: pa.DataType) -> bool:
    names = {field.name for field in found}
    return names == {field.name for field in wanted} and all(
        _fits(found.field(field.name).type, field.type) for field in wanted
    )
