"""Real GRPO runs under the reward: from Python, on a blend and plain columns, and by `trl grpo`."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.rewards import reward
from crossthink_trl.rewards import (
    accuracy,
    crossthink_reward,
    crossthink_reward_math_verify,
    format,
)

RIGHT = r"<think>two and two</think> It is \boxed{4}."
REASONS = ("crossthink/acc:", "crossthink/format:")
ONE_TOKEN = [
    "<think>so</think> ",
    r"\boxed{4}",
    r"<think>so</think> \boxed{5}",
    "<think>so",
]


class Run:
    """A model that says one token a completion, each of which is a whole answer."""

    def __init__(self, folder: Path, answers: list[str]) -> None:
        from tokenizers import Tokenizer, decoders, models
        from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

        set_seed(0)
        trained = Tokenizer(models.WordLevel({"<unk>": 0, "<eos>": 1, "<pad>": 2}, "<unk>"))
        trained.add_tokens(answers)
        trained.decoder = decoders.Fuse()
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=trained,
            unk_token="<unk>",
            pad_token="<pad>",
            eos_token="<eos>",
            chat_template="{% for m in messages %}{{ m['content'] }}{% endfor %}",
        )
        # Llama, because a saved tokenizer is loaded as it is beside it; Qwen2 brings its own class.
        self.model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(self.tokenizer),
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=1,
                num_attention_heads=4,
                num_key_value_heads=2,
                pad_token_id=self.tokenizer.pad_token_id,
                eos_token_id=self.tokenizer.eos_token_id,
            )
        )
        self.settings: dict[str, Any] = {
            "output_dir": str(folder / "out"),
            "use_cpu": True,
            "bf16": False,
            "max_steps": 2,
            "logging_steps": 1,
            "per_device_train_batch_size": 32,
            "num_generations": 8,
            "max_completion_length": 1,
            "report_to": [],
            "seed": 3,
        }

    def train(self, dataset: Any, functions: list[Any], **settings: Any) -> list[dict[str, float]]:
        """What was logged, step by step."""
        import trl

        trainer = trl.GRPOTrainer(
            model=self.model,
            reward_funcs=functions,
            args=trl.GRPOConfig(**self.settings, save_strategy="no", **settings),
            train_dataset=dataset,
            processing_class=self.tokenizer,
        )
        trainer.train()
        return [entry for entry in trainer.state.log_history if "reward" in entry]


@pytest.fixture
def needs_trl() -> None:
    pytest.importorskip("trl", reason="needs TRL: pip install 'crossthink-data[trl]'")


checkpointing = pytest.mark.filterwarnings(
    "ignore:`.*gradient_checkpointing.*` is deprecated:FutureWarning"
)


def mean(values: Any) -> Any:
    values = list(values)
    return pytest.approx(sum(values) / len(values), abs=1e-6)


@checkpointing
@pytest.mark.usefixtures("needs_trl", "cache_of_datasets")
def test_grpo_on_a_blend_is_paid_and_logs_reasons(blend: Path, tmp_path: Path) -> None:
    from crossthink_trl.dataset import load_training

    stored = pq.read_table(blend).to_pylist()
    by_kind = {row["extra_info"]["answer_kind"]: row for row in stored}
    places = [row["extra_info"]["index"] for row in by_kind.values()]
    assert sorted(by_kind) == ["math", "mcq", "short_open"]
    golds = [row["reward_model"]["ground_truth"] for row in by_kind.values()]
    run = Run(tmp_path, [f"<think>so</think> \\boxed{{{gold}}}" for gold in golds] + ONE_TOKEN)
    steps: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def spy(completions: list[Any], **columns: Any) -> list[float]:
        for at, completion in enumerate(completions):
            row = by_kind[columns["extra_info"][at]["answer_kind"]]
            text, gold = completion[0]["content"], row["reward_model"]["ground_truth"]
            options = row["extra_info"]["options"]
            kind = row["extra_info"]["answer_kind"]
            paid = reward(text, gold, kind=kind, options=options)
            steps[columns["trainer_state"].global_step].append((paid, text))
        return [7.0] * len(completions)

    dataset = load_training(blend).select(places * 4)
    log = run.train(
        dataset, [crossthink_reward, accuracy, format, spy], reward_weights=[1.0, 0.0, 0.0, 0.0]
    )
    assert len(log) == len(steps) == 2
    for entry, seen in zip(log, steps.values(), strict=True):
        assert len(seen) == 32
        assert entry["reward"] == entry["rewards/crossthink_reward/mean"]
        assert entry["reward"] == mean(paid for paid, _ in seen)
        assert entry["rewards/accuracy/mean"] == entry["crossthink/accuracy"] >= entry["reward"]
        assert entry["rewards/format/mean"] == entry["crossthink/format"] >= entry["reward"]
        assert entry["crossthink/truncated"] == mean(text == "<think>so" for _, text in seen)
        reasons = [
            entry[name]
            for name in entry
            if name.startswith(("crossthink/acc:", "crossthink/format:"))
        ]
        assert 1 - sum(reasons) == pytest.approx(entry["reward"], abs=1e-6)
    assert any(paid for seen in steps.values() for paid, _ in seen)


@checkpointing
@pytest.mark.usefixtures("needs_trl")
@pytest.mark.parametrize("chat", [True, False])
def test_grpo_on_a_solution_column(tmp_path: Path, chat: bool) -> None:
    from datasets import Dataset

    run = Run(tmp_path, [RIGHT, *ONE_TOKEN])
    texts = []

    def spy(completions: list[Any], **columns: Any) -> list[float | None]:
        texts.append([c[0]["content"] if chat else c for c in completions])
        return [None] * len(completions)

    prompt = [{"role": "user", "content": "2 + 2?"}] if chat else "2 + 2?"
    dataset = Dataset.from_list([{"prompt": prompt, "solution": r"It is \boxed{4}."}] * 8)
    functions = [crossthink_reward, spy, crossthink_reward_math_verify]
    log = run.train(dataset, functions, reward_weights=[1.0, 0.0, 0.0])
    for entry, seen in zip(log, texts, strict=True):
        assert entry["reward"] == mean(text == RIGHT for text in seen)
        assert entry["rewards/crossthink_reward_math_verify/mean"] == entry["reward"]
    assert sum(entry["reward"] for entry in log) > 0


@checkpointing
@pytest.mark.usefixtures("needs_trl")
def test_rows_without_a_gold_get_no_advantage(tmp_path: Path) -> None:
    from datasets import Dataset

    run = Run(tmp_path, [RIGHT, *ONE_TOKEN])
    rows = [{"prompt": "2 + 2?", "answer": "4"}, {"prompt": "2 + 3?", "answer": None}]
    (first, _) = run.train(Dataset.from_list(rows * 4), [crossthink_reward])
    assert 0 < first["reward"] < 1
    assert first["crossthink/accuracy"] > 0


@checkpointing
@pytest.mark.usefixtures("needs_trl")
def test_a_dataset_without_golds_ends_the_run_with_the_columns_that_are_read(
    tmp_path: Path,
) -> None:
    from datasets import Dataset

    run = Run(tmp_path, [RIGHT, *ONE_TOKEN])
    dataset = Dataset.from_list([{"prompt": "2 + 2?", "final": "4"}] * 8)
    with pytest.raises(SourceError, match=r"\['final'\]; a gold is read from reward_model"):
        run.train(dataset, [crossthink_reward])


@pytest.mark.usefixtures("needs_trl")
def test_trl_grpo_takes_the_dotted_path(tmp_path: Path) -> None:
    run = Run(tmp_path, [RIGHT, *ONE_TOKEN])
    run.model.save_pretrained(tmp_path / "model")
    run.tokenizer.save_pretrained(tmp_path / "model")
    rows = [{"prompt": [{"role": "user", "content": "2 + 2?"}], "solution": "4"}] * 8
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = run.settings | {
        "model_name_or_path": str(tmp_path / "model"),
        "dtype": "float32",
        "reward_funcs": [
            "crossthink_trl.rewards.crossthink_reward",
            "crossthink_trl.rewards.accuracy",
            "crossthink_trl.rewards.format",
        ],
        "reward_weights": [1.0, 0.0, 0.0],
        "datasets": [
            {"path": "json", "data_files": str(tmp_path / "train.jsonl"), "split": "train"}
        ],
        "save_steps": 2,
    }
    (tmp_path / "run.yaml").write_text(json.dumps(config))  # JSON is YAML too
    done = subprocess.run(
        [Path(sys.executable).with_name("trl"), "grpo", "--config", "run.yaml"],
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    state = json.loads((tmp_path / "out" / "checkpoint-2" / "trainer_state.json").read_text())
    log = [entry for entry in state["log_history"] if "reward" in entry]
    assert len(log) == 2
    for entry in log:
        assert entry["reward"] == entry["rewards/crossthink_reward/mean"]
        assert entry["crossthink/accuracy"] == entry["rewards/accuracy/mean"]
        assert entry["crossthink/format"] == entry["rewards/format/mean"]
    assert sum(entry["reward"] for entry in log) > 0
