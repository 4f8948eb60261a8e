"""Training files under TRL: what is loaded and refused, and two real steps of GRPO on a blend."""

import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import MissingExtra, SourceError
from crossthink_trl.dataset import load_training

pytestmark = pytest.mark.usefixtures("cache_of_datasets")


def test_rows_come_as_stored(blend: Path) -> None:
    stored = pq.read_table(blend).to_pylist()
    dataset = load_training(str(blend))
    assert dataset.column_names == [*stored[0]]
    assert list(dataset) == stored
    assert [message["role"] for message in dataset[0]["prompt"]] == ["user"]


def test_a_file_that_polars_wrote_again_loads(blend: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.parquet"
    pl.read_parquet(blend).filter(pl.col("ability") == "mr").write_parquet(again)
    stored = [row for row in pq.read_table(blend).to_pylist() if row["ability"] == "mr"]
    assert list(load_training(again)) == stored


def test_a_name_with_brackets_is_that_file(blend: Path, tmp_path: Path) -> None:
    bracketed = Path(shutil.copy(blend, tmp_path / "blend[1].parquet"))
    pq.write_table(pq.read_table(blend).slice(0, 1), tmp_path / "blend1.parquet")
    assert len(load_training(bracketed)) == pq.read_metadata(blend).num_rows


def test_a_file_made_again_is_read_again(blend: Path, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    table = pq.read_table(blend)
    for start in (0, 1):
        pq.write_table(table.slice(start, 1), path)
        assert load_training(path)[0]["extra_info"]["index"] == start


def test_question_rows_are_refused(quickstart: Path) -> None:
    with pytest.raises(SourceError, match="holds questions rows, not training rows"):
        load_training(quickstart / "filtered.parquet")


def test_broken_rows_are_refused(blend: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    content = bytearray(blend.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"broken\.parquet: rows cannot be read \(.+\); "):
        load_training(path)


def test_without_datasets_the_message_is_the_install_line(
    blend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtra, match=r"pip install 'crossthink-data\[trl\]'"):
        load_training(blend)


@pytest.mark.filterwarnings("ignore:`.*gradient_checkpointing.*` is deprecated:FutureWarning")
def test_grpo_trains_on_a_blend(blend: Path, tmp_path: Path, make_tokenizer: Any) -> None:
    trl = pytest.importorskip("trl", reason="needs TRL: pip install 'crossthink-data[trl]'")
    from transformers import Qwen2Config, Qwen2ForCausalLM

    stored = pq.read_table(blend).to_pylist()
    tokenizer = make_tokenizer(row["prompt"][0]["content"] for row in stored)
    graded = []

    def reward(completions: list[Any], prompts: list[Any], **columns: Any) -> list[float]:
        for at, prompt in enumerate(prompts):
            row = stored[columns["extra_info"][at]["index"]]
            assert row == {name: columns[name][at] for name in row if name != "prompt"} | {
                "prompt": prompt
            }
            graded.append(row["extra_info"]["index"])
        return [float(len(completion[0]["content"])) for completion in completions]

    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    trainer = trl.GRPOTrainer(
        model=model,
        reward_funcs=[reward],
        args=trl.GRPOConfig(
            output_dir=str(tmp_path / "out"),
            use_cpu=True,
            bf16=False,
            max_steps=2,
            per_device_train_batch_size=8,
            num_generations=4,
            max_completion_length=8,
            report_to=[],
            save_strategy="no",
        ),
        train_dataset=load_training(blend),
        processing_class=tokenizer,
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert len(graded) == 16
    assert len(set(graded)) == 4
