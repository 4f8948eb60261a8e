"""Training files: what opens, and the message for what does not."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.tables import KIND_KEY, QUESTION_SCHEMA, TRAINING_SCHEMA
from crossthink_data.tables.training import open_training

ROW = {
    "data_source": "crossthink/made_up",
    "prompt": [{"role": "user", "content": "2 + 2?"}],
    "ability": "mr",
    "reward_model": {"style": "rule", "ground_truth": "4"},
    "extra_info": {"index": 0, "id": "0" * 16},
}


def written(path: Path, schema: pa.Schema = TRAINING_SCHEMA, rows: int = 1) -> Path:
    pq.write_table(pa.Table.from_pylist([ROW] * rows, schema=schema), path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        open_training(path)
    return str(caught.value)


def with_type(name: str, kind: pa.DataType) -> pa.Schema:
    return TRAINING_SCHEMA.set(TRAINING_SCHEMA.get_field_index(name), pa.field(name, kind))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_training_file_opens(tmp_path: Path, kind: pa.DataType) -> None:
    with open_training(written(tmp_path / "x.parquet", with_type("ability", kind), 3)) as file:
        assert file.metadata.num_rows == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.parquet") == (
        f"{tmp_path}/x.parquet: no such file; check the path, or make it with blend"
    )


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder; name the training file in it" in refusal(tmp_path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{path}: not a whole parquet file (" in refusal(path)
    assert refusal(path).endswith("write or copy it again")


def test_other_rows_of_the_project_are_called_what_they_are(tmp_path: Path) -> None:
    schema = QUESTION_SCHEMA.with_metadata({KIND_KEY: b"questions"})
    path = written(tmp_path / "x.parquet", schema)
    assert refusal(path) == (
        f"{path}: holds questions rows, not training rows; "
        "name the file that blend wrote with --out"
    )


@pytest.mark.parametrize(
    "schema",
    [
        pa.schema([("question", pa.string())]),
        TRAINING_SCHEMA.remove(0),
        TRAINING_SCHEMA.append(pa.field("prompts", pa.string())),
        TRAINING_SCHEMA.append(TRAINING_SCHEMA.field(0)),
    ],
)
def test_other_columns_are_refused(tmp_path: Path, schema: pa.Schema) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(schema.empty_table(), path)
    assert f"columns {', '.join(schema.names)} are not those of a training row" in refusal(path)


def test_another_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_type("prompt", pa.string()).empty_table(), path)
    assert refusal(path) == (
        f"{path}: column 'prompt' has type string, should be "
        "list<item: struct<role: string, content: string>>; make the file again with blend"
    )


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", rows=0)
    assert "holds 0 rows; a trainer needs at least one" in refusal(path)
