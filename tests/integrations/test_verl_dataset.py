"""Training files under veRL: what the check refuses, and veRL's own dataset class over a blend."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.tables import TRAINING_SCHEMA
from crossthink_verl.dataset import check_training


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        check_training(path)
    return str(caught.value)


def test_every_row_of_a_blend_passes(quickstart: Path) -> None:
    for name in ("blend.parquet", "blend.val.parquet"):
        path = quickstart / name
        assert check_training(str(path)) == pq.read_metadata(path).num_rows


def test_a_file_that_polars_wrote_again_passes(blend: Path, tmp_path: Path) -> None:
    rows = pl.read_parquet(blend).filter(pl.col("ability") == "mr")
    rows.write_parquet(tmp_path / "again.parquet")
    assert check_training(tmp_path / "again.parquet") == rows.height


def put(*path: str, value: object) -> Callable[[Any], None]:
    def change(row: Any) -> None:
        *outer, last = path
        for name in outer:
            row = row[name]
        row[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            put("data_source", value="openai/gsm8k"),
            "data_source openai/gsm8k; veRL needs crossthink/ and the source",
        ),
        (put("data_source", value=None), "data_source null"),
        (put("prompt", value=None), "no message in prompt; veRL needs at least one message"),
        (put("prompt", value=[]), "no message in prompt"),
        (put("prompt", value=[None]), "a message in prompt whose role or content is null"),
        (
            put("prompt", value=[{"role": "user", "content": None}]),
            "a message in prompt whose role or content is null; veRL needs two texts",
        ),
        (put("reward_model", "style", value="model"), "reward_model.style model; veRL needs rule"),
        (put("reward_model", "style", value=None), "reward_model.style null"),
        (
            put("reward_model", "ground_truth", value=None),
            "reward_model.ground_truth null; veRL needs the gold as text",
        ),
        (put("reward_model", value=None), "reward_model.style null"),
        (put("extra_info", "index", value=None), "extra_info.index null"),
        (put("extra_info", value=None), "extra_info.index null"),
    ],
)
def test_a_row_that_verl_would_stumble_over_is_named(
    spoiled: Callable[[Any], Path], change: Callable[[Any], None], words: str
) -> None:
    path = spoiled(change)
    message = refusal(path)
    assert message.startswith(f"{path}: row 2 has {words}")
    assert message.endswith("; make the file with blend")


def test_rows_are_counted_across_batches(blend: Path, tmp_path: Path) -> None:
    rows = pq.read_table(blend).slice(0, 1).to_pylist() * 20_000
    rows[17_000] = rows[17_000] | {"data_source": "elsewhere"}
    path = tmp_path / "long.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=TRAINING_SCHEMA), path)
    assert "row 17000 has data_source elsewhere" in refusal(path)


def test_columns_that_are_null_throughout_are_refused(blend: Path, tmp_path: Path) -> None:
    table = pq.read_table(blend)
    at = table.schema.get_field_index("prompt")
    path = tmp_path / "nulls.parquet"
    pq.write_table(table.set_column(at, "prompt", pa.nulls(len(table))), path)
    assert "row 0 has no message in prompt" in refusal(path)


def test_question_rows_are_refused(quickstart: Path) -> None:
    message = refusal(quickstart / "filtered.parquet")
    assert "holds questions rows, not training rows" in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("blend.pq", "the name does not end with .parquet"),
        ("blend[1].parquet", "which veRL reads as a pattern"),
    ],
)
def test_a_name_that_verl_reads_otherwise_is_refused(
    blend: Path, tmp_path: Path, name: str, words: str
) -> None:
    shutil.copy(blend, tmp_path / name)
    message = refusal(tmp_path / name)
    assert words in message
    assert message.endswith("rename the file")


def test_text_that_is_no_utf8_is_refused(spoiled: Callable[[Any], Path]) -> None:
    path = spoiled(put("reward_model", "ground_truth", value="marker!"))
    table = pq.read_table(path)
    pq.write_table(table, path, compression="none", use_dictionary=False)
    path.write_bytes(path.read_bytes().replace(b"marker!", b"mark\xff\xfe!"))
    message = refusal(path)
    assert "rows after 0 cannot be read" in message
    assert "UTF8" in message


def test_verl_reads_a_blend_as_stored(
    blend: Path, tmp_path: Path, make_tokenizer: Any, cache_of_datasets: Path
) -> None:
    pytest.importorskip("verl", reason="needs veRL: pip install 'crossthink-data[verl]'")
    from omegaconf import OmegaConf
    from torch.utils.data import DataLoader
    from verl import DataProto
    from verl.utils.dataset.rl_dataset import RLHFDataset, collate_fn

    stored = pq.read_table(blend).to_pylist()
    tokenizer = make_tokenizer(row["prompt"][0]["content"] for row in stored)
    config = OmegaConf.create(
        {
            "cache_dir": str(tmp_path / "copies"),
            "max_prompt_length": 1024,
            "filter_overlong_prompts": True,
            "filter_overlong_prompts_workers": None,
        }
    )
    dataset = RLHFDataset(str(blend), tokenizer, config)
    assert len(dataset) == check_training(blend) == len(stored)

    seen = []
    for batch in DataLoader(dataset, batch_size=32, collate_fn=collate_fn):
        columns = DataProto.from_single_dict(batch).non_tensor_batch
        for at, index in enumerate(columns["index"]):
            assert {name: columns[name][at] for name in stored[index]} == stored[index]
            assert columns["raw_prompt"][at] == stored[index]["prompt"]
            seen.append(index)
    assert seen == list(range(len(stored)))
