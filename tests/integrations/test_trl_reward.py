"""The reward under TRL: what it reads, pays and logs, and real GRPO runs from Python and `trl`."""

import json
import os
import pickle
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.rewards import reward
from crossthink_trl import rewards
from crossthink_trl.rewards import (
    CrossthinkReward,
    accuracy,
    crossthink_reward,
    crossthink_reward_exact,
    crossthink_reward_math_verify,
    crossthink_reward_prefilled,
    format,
    format_prefilled,
)

RIGHT = r"<think>two and two</think> It is \boxed{4}."
WRONG = r"<think>two and three</think> It is \boxed{5}."
BARE = r"It is \boxed{4}."
REASONS = ("crossthink/acc:", "crossthink/format:")
READY = [
    crossthink_reward,
    crossthink_reward_exact,
    crossthink_reward_math_verify,
    crossthink_reward_prefilled,
    accuracy,
    format,
    format_prefilled,
]


@pytest.fixture(autouse=True)
def no_reasons_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewards, "_met", {})


def said(content: object, **fields: object) -> dict[str, object]:
    return {"role": "assistant", "content": content} | fields


# Completions


@pytest.mark.parametrize(
    ("completion", "score"),
    [
        (RIGHT, 1.0),
        (WRONG, 0.0),
        (BARE, 0.0),
        ([said(RIGHT)], 1.0),
        ([said(BARE)], 0.0),
        ([{"content": RIGHT}], 1.0),
        ([said([{"type": "text", "text": RIGHT[:20]}, {"type": "text", "text": RIGHT[20:]}])], 1.0),
        ([said([RIGHT, {"type": "image"}, None])], 1.0),
        ([said(None)], 0.0),
        ([said(None, tool_calls=[{"function": {"name": "add"}}])], 0.0),
        ([], 0.0),
        (None, 0.0),
        (4, 0.0),
        (b"\\boxed{4}", 0.0),
        ([None, 4, "4"], 0.0),
        ([said({"text": RIGHT})], 0.0),
        # a run with a tool: the last word of the assistant counts
        ([said(WRONG), {"role": "tool", "content": "4"}, said(RIGHT)], 1.0),
        ([said(RIGHT), {"role": "tool", "content": "4"}, said(WRONG)], 0.0),
        ([said(RIGHT), {"role": "tool", "content": WRONG}], 1.0),
        ([{"role": "tool", "content": RIGHT}], 0.0),
        # a tokenizer that splits the thoughts off
        ([said(BARE, reasoning_content="two and two")], 1.0),
        ([said(BARE, thinking="two and two")], 1.0),
        ([said(BARE, reasoning_content="<think>again")], 0.0),
        ([said(RIGHT, reasoning_content="")], 1.0),
        ([said(RIGHT, reasoning_content=None)], 1.0),
        ([said("", reasoning_content=r"\boxed{4}")], 0.0),
    ],
)
def test_completions_of_every_form(completion: object, score: float) -> None:
    assert crossthink_reward([completion], solution=["4"]) == [score]


def test_a_batch_is_paid_in_order() -> None:
    batch = [RIGHT, [said(WRONG)], BARE, [said(RIGHT)]]
    assert crossthink_reward(completions=batch, solution=["4"] * 4) == [1.0, 0.0, 0.0, 1.0]
    assert crossthink_reward([], solution=[]) == []


@pytest.mark.parametrize("completion", [RIGHT[7:], [said(RIGHT[7:])], [said(BARE, thinking="2")]])
def test_prefilled_templates(completion: object) -> None:
    assert crossthink_reward_prefilled([completion], solution=["4"]) == [1.0]
    assert format_prefilled([completion], solution=["4"]) == [1.0]
    assert crossthink_reward_prefilled([RIGHT], solution=["4"]) == [0.0]


# Golds


def training_row(gold: object, kind: object, options: object = None) -> dict[str, Any]:
    return {
        "reward_model": {"style": "rule", "ground_truth": gold},
        "extra_info": {"answer_kind": kind, "options": options, "index": 0},
    }


def pay(box: str, **row: object) -> float | None:
    columns = {name: [value] for name, value in row.items()}
    (paid,) = crossthink_reward([f"<think>so</think> \\boxed{{{box}}}"], **columns)
    return paid


def test_training_rows_say_gold_kind_and_options() -> None:
    seen = {}

    def explain(completion: object, gold: object, **rest: object) -> Any:
        seen.update(rest, gold=gold)
        return rewards.Verdict(1.0, True, True, "B", "")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rewards, "explain", explain)
        pay("B", **training_row("(B) Mars", "mcq", ["Venus", "Mars"]), answer="other", kind="math")
    assert seen == {
        "gold": "(B) Mars",
        "kind": "mcq",
        "options": ["Venus", "Mars"],
        "think": "required",
        "equality": "equivalent",
    }


@pytest.mark.parametrize(
    ("box", "row", "paid"),
    [
        ("4", {"solution": "4"}, 1.0),
        ("4", {"answer": "4"}, 1.0),
        ("4", {"ground_truth": "4"}, 1.0),
        ("4", {"answer": 4}, 1.0),
        ("4", {"ground_truth": "4", "answer": "5", "solution": "6"}, 1.0),
        ("4", {"answer": "4", "solution": "2 and 2 is 5"}, 1.0),
        ("4", {"answer": None, "solution": "4"}, 1.0),
        ("4", {"answer": " ", "solution": "4"}, 1.0),
        ("4", {"reward_model": None, "extra_info": None, "solution": "4"}, 1.0),
        ("4", {"reward_model": {"ground_truth": None}, "solution": "4"}, 1.0),
        ("4", {"reward_model": "4", "solution": "4"}, 1.0),
        ("4", training_row("4", "math") | {"solution": "5"}, 1.0),
        ("4", training_row("4", None), 1.0),
        ("4", {"reward_model": {"ground_truth": "4"}}, 1.0),
        ("4", {"solution": r"2 + 2 is \boxed{3}, no, \boxed{4}."}, 1.0),
        ("3", {"solution": r"2 + 2 is \boxed{3}, no, \boxed{4}."}, 0.0),
        ("B", {"answer": "B", "options": ["Venus", "Mars"]}, 1.0),
        ("A", {"answer": "B", "options": ["Venus", "Mars"]}, 0.0),
        ("carbon dioxide", {"answer": "carbon dioxide", "answer_kind": "short_open"}, 1.0),
        ("carbon dioxide", {"answer": "carbon dioxide", "kind": "short_open"}, 1.0),
        ("carbon dioxide", {"answer": "carbon dioxide"}, 1.0),
        ("4", {"answer": ["4"]}, 0.0),
        ("4", {"answer": {"value": "4"}}, 0.0),
        ("4", {"solution": None}, None),
        ("4", {"solution": ""}, None),
        ("4", training_row(None, "math"), None),
        ("4", training_row("  ", "math") | {"answer": None}, None),
    ],
)
def test_golds_are_found(box: str, row: dict[str, object], paid: float | None) -> None:
    assert pay(box, **row) == paid


def test_a_mixed_dataset_is_read_row_by_row() -> None:
    paid = crossthink_reward(
        [RIGHT, RIGHT, RIGHT, WRONG],
        solution=["4", None, None, None],
        answer=[None, "4", None, "4"],
        kind=[None, "math", None, None],
    )
    assert paid == [1.0, 1.0, None, 0.0]


@pytest.mark.parametrize("function", READY)
def test_a_dataset_without_golds_is_refused(function: CrossthinkReward) -> None:
    with pytest.raises(SourceError) as caught:
        function([RIGHT], prompts=["2 + 2?"], final=["4"], log_metric=print, trainer_state=None)
    message = str(caught.value)
    assert "['final']" in message
    for name in ("reward_model", "ground_truth", "answer", "solution"):
        assert name in message


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="kind is 'algebra'; it must be one of mcq, short_open, m"):
        pay("4", answer="4", kind="algebra")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"think": "prefiled"}, "think is 'prefiled'; did you mean prefilled"),
        ({"equality": "sympy"}, "equality is 'sympy'; known are: equivalent, exact, math_verify"),
        ({"part": "acuracy"}, "part is 'acuracy'; did you mean accuracy"),
    ],
)
def test_a_mode_that_does_not_exist_is_refused(settings: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        CrossthinkReward(**settings)


# Variants and monitors


def test_the_exact_variant_wants_the_gold_itself() -> None:
    half = r"<think>so</think> \boxed{0.5}"
    assert crossthink_reward_exact([half, half], solution=["0.5", "1/2"]) == [1.0, 0.0]


def test_the_math_verify_variant_asks_the_library() -> None:
    pytest.importorskip("math_verify", reason="pip install 'crossthink-data[math]'")
    half = r"<think>so</think> \boxed{0.5}"
    assert crossthink_reward_math_verify([half, half], solution=["1/2", "1/3"]) == [1.0, 0.0]


def test_monitors_show_the_parts() -> None:
    batch, golds = [RIGHT, WRONG, BARE, "4"], ["4"] * 4
    assert crossthink_reward(batch, solution=golds) == [1.0, 0.0, 0.0, 0.0]
    assert accuracy(batch, solution=golds) == [1.0, 0.0, 1.0, 0.0]
    assert format(batch, solution=golds) == [1.0, 1.0, 0.0, 0.0]
    assert [function([RIGHT], solution=[None]) for function in READY] == [[None]] * len(READY)


def test_names_are_stable_and_distinct() -> None:
    names = [function.__name__ for function in READY]
    assert names == [
        "crossthink_reward",
        "crossthink_reward_exact",
        "crossthink_reward_math_verify",
        "crossthink_reward_prefilled",
        "accuracy",
        "format",
        "format_prefilled",
    ]
    assert [getattr(rewards, name) for name in names] == READY
    assert CrossthinkReward("mine").__name__ == "mine"
    assert CrossthinkReward.__name__ == "CrossthinkReward"


@pytest.mark.parametrize("function", [*READY, CrossthinkReward("mine", think="ignored")])
def test_functions_travel_to_other_processes(function: CrossthinkReward) -> None:
    again = pickle.loads(pickle.dumps(function))
    assert again == function
    assert again.__name__ == function.__name__
    script = "import pickle, sys; f = pickle.load(sys.stdin.buffer); print(f.__name__, f.think)"
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(function), capture_output=True
    )
    assert done.stdout.decode().split() == [function.__name__, function.think]


# Metrics


def shares(function: CrossthinkReward, batch: list[object], **columns: object) -> dict[str, float]:
    logged: dict[str, float] = {}
    function(batch, log_metric=logged.__setitem__, **columns)
    return logged


def test_shares_are_logged_with_every_reason() -> None:
    batch = [RIGHT, WRONG, BARE, "<think>two and", r"<think>so</think> \boxed{4", "4", RIGHT, RIGHT]
    assert shares(crossthink_reward, batch, solution=["4"] * 7 + [None]) == {
        "crossthink/accuracy": pytest.approx(3 / 7),
        "crossthink/format": pytest.approx(3 / 7),
        "crossthink/truncated": pytest.approx(2 / 7),
        "crossthink/acc:not_equal": pytest.approx(1 / 7),
        "crossthink/format:no_think": pytest.approx(2 / 7),
        "crossthink/format:unclosed_think": pytest.approx(1 / 7),
        "crossthink/format:unclosed_box": pytest.approx(1 / 7),
    }


def test_a_reason_once_met_is_logged_as_zero_where_it_is_absent() -> None:
    assert "crossthink/format:no_think" not in shares(crossthink_reward, [RIGHT], solution=["4"])
    assert shares(crossthink_reward, ["4"], solution=["4"])["crossthink/format:no_think"] == 1.0
    assert shares(crossthink_reward, [RIGHT], solution=["4"])["crossthink/format:no_think"] == 0.0


def test_two_rewards_in_one_run_log_apart() -> None:
    logged = shares(crossthink_reward_exact, [RIGHT], solution=["4"])
    assert {name.partition("/")[0] for name in logged} == {"crossthink_exact"}
    assert shares(accuracy, [RIGHT], solution=["4"]) == {}
    assert shares(format, [RIGHT], solution=["4"]) == {}


def test_nothing_is_logged_without_golds_or_without_a_log() -> None:
    assert shares(crossthink_reward, [RIGHT], solution=[None]) == {}
    assert crossthink_reward([RIGHT], solution=["4"], log_metric=None) == [1.0]


def test_importing_the_reward_loads_nothing_but_the_standard_library() -> None:
    script = (
        "import sys\nbefore = set(sys.modules)\nimport crossthink_trl.rewards\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*new - set(sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert set(done.stdout.split()) == {"crossthink_data", "crossthink_trl"}


# TRL itself


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
