"""Schemas: what a question file may look like, and the message where it does not."""

from typing import Any

import pyarrow as pa
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS
from crossthink_data.tables import KIND_KEY, QUESTION_SCHEMA, REJECT_SCHEMA, TRAINING_SCHEMA
from crossthink_data.tables.schemas import check_question_schema


def with_type(name: str, kind: pa.DataType) -> pa.Schema:
    at = QUESTION_SCHEMA.get_field_index(name)
    return QUESTION_SCHEMA.set(at, pa.field(name, kind))


def attempt(**changed: pa.DataType) -> pa.DataType:
    fields = {field.name: field.type for field in QUESTION_SCHEMA.field("attempts").type.value_type}
    return pa.struct((fields | changed).items())


def refusal(schema: pa.Schema) -> str:
    with pytest.raises(SourceError) as caught:
        check_question_schema(schema, "in.parquet")
    return str(caught.value)


def test_schemas_have_the_columns_of_the_records() -> None:
    assert tuple(QUESTION_SCHEMA.names) == QUESTION_COLUMNS
    assert tuple(REJECT_SCHEMA.names) == REJECT_COLUMNS


@pytest.mark.parametrize("schema", [QUESTION_SCHEMA, REJECT_SCHEMA, TRAINING_SCHEMA])
def test_schemas_are_plain_types(schema: pa.Schema) -> None:
    assert "large" not in str(schema)
    assert "view" not in str(schema)


def test_the_training_row_is_the_one_that_trainers_read() -> None:
    assert str(TRAINING_SCHEMA.field("prompt").type) == (
        "list<item: struct<role: string, content: string>>"
    )
    assert str(TRAINING_SCHEMA.field("reward_model").type) == (
        "struct<style: string, ground_truth: string>"
    )
    extra = TRAINING_SCHEMA.field("extra_info").type
    assert [(field.name, str(field.type)) for field in extra if field.type != pa.string()] == [
        ("index", "int64"),
        ("options", "list<item: string>"),
        ("epoch", "int32"),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("question", pa.large_string()),
        ("question", pa.string_view()),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("source", pa.dictionary(pa.int8(), pa.large_string())),
        ("subject", pa.null()),
        ("options", pa.null()),
        ("options", pa.large_list(pa.large_string())),
        ("options", pa.list_(pa.string(), 4)),
        ("options", pa.list_(pa.null())),
        ("attempts", pa.null()),
        ("attempts", pa.list_(pa.null())),
        ("attempts", pa.list_(attempt(solved=pa.int64(), mean_tokens=pa.float32()))),
        ("attempts", pa.list_(attempt(mean_tokens=pa.int64(), model=pa.large_string()))),
    ],
)
def test_wider_spellings_of_a_type_pass(name: str, kind: pa.DataType) -> None:
    check_question_schema(with_type(name, kind), "in.parquet")


def test_columns_may_stand_in_any_order() -> None:
    check_question_schema(pa.schema(reversed(list(QUESTION_SCHEMA))), "in.parquet")


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("question", pa.int64(), "int64, should be string"),
        ("question", pa.binary(), "binary, should be string"),
        ("options", pa.string(), "string, should be list<item: string>"),
        ("options", pa.list_view(pa.string()), "list_view<item: string>, should be list<item"),
        ("options", pa.list_(pa.int64()), "list<item: int64>, should be list<item: string>"),
        ("attempts", pa.list_(pa.struct([("model", pa.string())])), "should be list<item: struct"),
        ("attempts", pa.list_(attempt(solved=pa.float64())), "should be list<item: struct"),
        ("attempts", pa.list_(attempt(extra=pa.string())), "should be list<item: struct"),
    ],
)
def test_a_wrong_type_is_refused_with_both_types(name: str, kind: Any, found: str) -> None:
    message = refusal(with_type(name, kind))
    assert message.startswith(f"in.parquet: column '{name}' has type ")
    assert found in message


def test_a_missing_column_is_refused_by_name() -> None:
    schema = QUESTION_SCHEMA.remove(QUESTION_SCHEMA.get_field_index("provenance"))
    assert refusal(schema).startswith("in.parquet: column 'provenance' is missing; ")


def test_an_unknown_column_is_refused_with_the_closest() -> None:
    schema = QUESTION_SCHEMA.append(pa.field("anwser", pa.string()))
    assert refusal(schema).startswith(
        "in.parquet: column 'anwser' is not a column of a question row; did you mean answer?"
    )


def test_a_column_that_stands_twice_is_refused() -> None:
    schema = QUESTION_SCHEMA.append(pa.field("source", pa.string()))
    assert refusal(schema).startswith("in.parquet: column 'source' stands 2 times; ")


@pytest.mark.parametrize(
    ("kind", "schema"), [(b"rejects", REJECT_SCHEMA), (b"training", TRAINING_SCHEMA)]
)
def test_a_file_of_another_kind_is_refused_by_its_kind(kind: bytes, schema: pa.Schema) -> None:
    message = refusal(schema.with_metadata({KIND_KEY: kind}))
    assert message.startswith(f"in.parquet: holds {kind.decode()} rows, not question rows; ")


def test_question_files_are_known_by_their_columns_without_metadata() -> None:
    check_question_schema(QUESTION_SCHEMA, "in.parquet")
    check_question_schema(QUESTION_SCHEMA.with_metadata({KIND_KEY: b"questions"}), "in.parquet")
