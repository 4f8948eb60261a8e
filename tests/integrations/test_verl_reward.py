"""The reward under veRL: what a sample gets, and veRL's own loader, manager and Ray workers."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import MissingExtra
from crossthink_data.rewards import explain
from crossthink_verl import reward as module
from crossthink_verl.reward import compute_score

RIGHT = r"<think>two and two</think> It is \boxed{4}."
WRONG = r"<think>two and three</think> It is \boxed{5}."
BARE = r"It is \boxed{4}."
KEYS = ["score", "acc", "format", "reason", "pred"]
PACKAGE = "pkg://crossthink_verl.reward"


def score(response: object, gold: object, **extra_info: object) -> dict[str, Any]:
    return compute_score(
        data_source="crossthink/made_up",
        solution_str=response,
        ground_truth=gold,
        extra_info=extra_info,
    )


class Array:
    """What a parquet reader makes of a list of options."""

    def __init__(self, values: list[str]) -> None:
        self._values = values

    def __bool__(self) -> bool:
        raise ValueError("The truth value of an array is ambiguous")

    def __len__(self) -> int:
        return len(self._values)

    def tolist(self) -> list[str]:
        return self._values


# One sample


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (RIGHT, (1.0, 1.0, 1.0, "", "4")),
        (WRONG, (0.0, 0.0, 1.0, "acc:not_equal", "5")),
        (BARE, (0.0, 1.0, 0.0, "format:no_think", "4")),
        ("<think>two", (0.0, 0.0, 0.0, "format:unclosed_think", "")),
        ("", (0.0, 0.0, 0.0, "format:no_think", "")),
    ],
)
def test_score_parts_and_reason(response: str, expected: tuple[object, ...]) -> None:
    assert tuple(score(response, "4", answer_kind="math").values()) == expected


def test_kind_and_options_come_from_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def spy(response: object, gold: object, **rest: object) -> object:
        seen.update(rest, response=response, gold=gold)
        return explain(response, gold, kind="math")

    monkeypatch.setattr(module, "explain", spy)
    score(RIGHT, "(B) Mars", answer_kind="mcq", options=Array(["Venus", "Mars"]), index=3)
    assert seen == {
        "response": RIGHT,
        "gold": "(B) Mars",
        "kind": "mcq",
        "options": ["Venus", "Mars"],
        "think": "required",
        "equality": "equivalent",
    }


@pytest.mark.parametrize(
    ("box", "gold", "row"),
    [
        ("4", "4", None),
        ("4", "4", {}),
        ("4", 4, {"answer_kind": None}),
        ("B", "B", {"options": ["Venus", "Mars"]}),
        ("B", "B", {"answer_kind": "", "options": Array(["Venus", "Mars"])}),
        ("carbon dioxide", "carbon dioxide", {"index": 1}),
        ("4", "4", {"options": None, "num_turns": None, "rollout_reward_scores": {}}),
        ("4", "4", "a JSON string"),
        ("4", r"Two and two make $\boxed{4}$.", None),
        ("B", r"It is red, so \boxed{B}.", {"options": ["Venus", "Mars"]}),
        ("carbon dioxide", r"Plants take \boxed{carbon dioxide}.", {}),
        ("4", r"Two and two make $\boxed{4}$.", {"answer_kind": "math"}),
    ],
)
def test_rows_that_say_no_kind(box: str, gold: object, row: object) -> None:
    response = f"<think>so</think> \\boxed{{{box}}}"
    assert compute_score("mine", response, gold, row)["score"] == 1.0


HOSTILE: list[object] = [
    None,
    "",
    " ",
    4,
    4.5,
    float("nan"),
    True,
    b"4",
    ["4"],
    (),
    {"gold": "4"},
    object(),
    "\ud800",
    "\x00",
    "\\boxed{" * 10_000,
    "<think>" * 10_000,
    "x" * 1_000_000,
    f"<think>so</think> \\boxed{{{'9' * 1_000_000}}}",
    Array(["Venus"]),
]


@pytest.mark.parametrize("at", range(len(HOSTILE)))
def test_nothing_is_raised_and_the_keys_are_always_the_same(at: int) -> None:
    thing = HOSTILE[at]
    calls = [
        (thing, "4", {"answer_kind": "math"}),
        (RIGHT, thing, {"answer_kind": "math"}),
        (RIGHT, thing, {"answer_kind": "mcq", "options": thing}),
        (RIGHT, thing, {}),
        (RIGHT, "4", thing),
        (RIGHT, "4", {"answer_kind": thing, "options": thing}),
        (thing, thing, thing),
    ]
    for response, gold, row in calls:
        scores = compute_score(thing, response, gold, row)
        assert list(scores) == KEYS
        assert [type(value) for value in scores.values()] == [float, float, float, str, str]
        assert scores["score"] in (0.0, 1.0)
        assert bool(scores["reason"]) == (scores["score"] == 0.0)
        assert len(scores["pred"]) <= 512
        json.dumps(scores, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("gold", "kind", "reason"),
    [
        (None, "math", "acc:no_gold"),
        (" ", "math", "acc:no_gold"),
        (["4"], "math", "acc:gold_not_text"),
        ("4", "algebra", "acc:unknown_kind"),
        ("4", ["math"], "acc:unknown_kind"),
    ],
)
def test_a_row_that_cannot_be_graded_says_so(gold: object, kind: object, reason: str) -> None:
    scores = score(RIGHT, gold, answer_kind=kind)
    assert (scores["score"], scores["reason"], scores["pred"]) == (0.0, reason, "4")


def test_settings_reach_the_reward() -> None:
    prefilled = {"think": "prefilled", "reward_router_address": None}
    assert compute_score("mine", RIGHT[7:], "4", None, **prefilled)["score"] == 1.0
    assert compute_score("mine", BARE, "4", None, think="ignored")["score"] == 1.0
    half = r"<think>so</think> \boxed{0.5}"
    assert compute_score("mine", half, "1/2", None, equality="exact")["score"] == 0.0


def test_math_verify_decides_when_asked_to() -> None:
    pytest.importorskip("math_verify", reason="pip install 'crossthink-data[math]'")
    half = r"<think>so</think> \boxed{0.5}"
    found = [
        compute_score("mine", half, gold, None, equality="math_verify") for gold in ("1/2", "1/3")
    ]
    assert [scores["reason"] for scores in found] == ["", "acc:not_equal"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"think": "prefiled"}, "think is 'prefiled'; .* did you mean 'prefilled'"),
        ({"think": None}, "think is None"),
        ({"equality": "sympy"}, "equality is 'sympy'; it must be one of equivalent, exact"),
    ],
)
def test_a_setting_that_does_not_exist_ends_the_run(settings: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compute_score("mine", RIGHT, "4", {"answer_kind": "math"}, **settings)


def test_a_missing_library_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from crossthink_data.rewards import math_verify

    monkeypatch.setattr(math_verify, "_child", math_verify._Child())
    monkeypatch.setitem(sys.modules, "math_verify", None)
    with pytest.raises(MissingExtra, match=r"pip install 'crossthink-data\[math\]'"):
        compute_score("mine", RIGHT, "4.125", None, equality="math_verify")


def test_the_row_is_not_changed() -> None:
    row = {"answer_kind": "mcq", "options": ["Venus", "Mars"]}
    compute_score("mine", RIGHT, "B", row)
    assert row == {"answer_kind": "mcq", "options": ["Venus", "Mars"]}


def test_many_threads_at_once() -> None:
    def ask(number: int) -> float:
        response = f"<think>so</think> \\boxed{{{number % 7}}}"
        return float(score(response, str(number % 5), answer_kind="math")["score"])

    with ThreadPoolExecutor(32) as threads:
        found = list(threads.map(ask, range(2000)))
    assert found == [float(number % 7 == number % 5) for number in range(2000)]


def test_it_loads_from_its_file() -> None:
    assert module.__file__ is not None
    spec = importlib.util.spec_from_file_location("custom_module_17", module.__file__)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    assert loaded.compute_score("mine", RIGHT, "4") == compute_score("mine", RIGHT, "4")


def test_importing_the_reward_loads_nothing_but_the_standard_library() -> None:
    script = (
        "import sys\nbefore = set(sys.modules)\nimport crossthink_verl.reward\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*new - set(sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert set(done.stdout.split()) == {"crossthink_data", "crossthink_verl"}


# veRL itself


def in_verl(test: Any) -> Any:
    """Marks a test that needs veRL, which warns of its own imports and those of Ray."""
    return pytest.mark.filterwarnings("ignore")(pytest.mark.usefixtures("needs_verl")(test))


@pytest.fixture
def needs_verl() -> None:
    pytest.importorskip("verl", reason="needs veRL: pip install 'crossthink-data[verl]'")


@pytest.fixture
def samples(blend: Path) -> list[tuple[dict[str, Any], str]]:
    """Rows of every kind with responses: right, wrong, and right without the format."""
    rows = pq.read_table(blend).to_pylist()
    found = []
    for kind in ("math", "mcq", "short_open"):
        for row in [row for row in rows if row["extra_info"]["answer_kind"] == kind][:3]:
            gold = row["reward_model"]["ground_truth"]
            for response in (
                f"<think>so</think> \\boxed{{{gold}}}",
                "<think>so</think> \\boxed{none of it}",
                f"\\boxed{{{gold}}}",
                f"so</think> \\boxed{{{gold}}}",
            ):
                found.append((row, response))
    assert len(found) == 36
    return found


def expected(sample: tuple[dict[str, Any], str], **settings: Any) -> dict[str, Any]:
    row, response = sample
    return compute_score(
        row["data_source"],
        response,
        row["reward_model"]["ground_truth"],
        row["extra_info"],
        **settings,
    )


def configured(*overrides: str) -> Any:
    """veRL's own configuration with overrides, as its command line composes it."""
    import verl.trainer
    from hydra import compose, initialize_config_dir

    folder = Path(verl.trainer.__file__).parent / "config"
    with initialize_config_dir(str(folder), version_base=None):
        return compose("ppo_trainer", [f"reward.custom_reward_function.path={PACKAGE}", *overrides])


def batch_of(samples: list[tuple[dict[str, Any], str]], tokenizer: Any) -> Any:
    """What the rollout hands to the reward: responses padded on the right, rows as arrays."""
    import numpy as np
    import torch
    from verl import DataProto

    spoken = [tokenizer(response)["input_ids"] for _, response in samples]
    longest = max(map(len, spoken))
    responses = torch.tensor([ids + [0] * (longest - len(ids)) for ids in spoken])
    mask = torch.tensor([[1] * (4 + len(ids)) + [0] * (longest - len(ids)) for ids in spoken])
    rows = [row for row, _ in samples]
    columns = {
        name: np.array([row[name] for row in rows] + [None], dtype=object)[:-1]
        for name in ("data_source", "reward_model")
    }
    # Parquet through pandas makes arrays of the options.
    infos = [
        row["extra_info"] | {"options": np.array(options) if options else None}
        for row in rows
        for options in [row["extra_info"]["options"]]
    ]
    columns["extra_info"] = np.array([*infos, None], dtype=object)[:-1]
    tensors = {
        "prompts": torch.ones(len(rows), 4, dtype=torch.long),
        "responses": responses,
        "attention_mask": mask,
    }
    return DataProto.from_dict(tensors, non_tensors=columns)


@pytest.fixture
def tokenizer(make_tokenizer: Any, samples: list[tuple[dict[str, Any], str]]) -> Any:
    return make_tokenizer(response for _, response in samples)


@in_verl
@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("manager", ["naive", "dapo"])
def test_the_manager_pays_each_sample(
    samples: list[tuple[dict[str, Any], str]], tokenizer: Any, manager: str, from_file: bool
) -> None:
    from verl.trainer.ppo.reward import load_reward_manager

    overrides = [f"reward.reward_manager.name={manager}"]
    if from_file:
        overrides.append(f"reward.custom_reward_function.path={module.__file__}")
    config = configured(*overrides)

    async def run() -> list[dict[str, Any]]:
        loaded = load_reward_manager(config, tokenizer)
        batch = batch_of(samples, tokenizer)
        singles = [loaded.run_single(batch[at : at + 1]) for at in range(len(samples))]
        return await asyncio.gather(*singles)

    found = asyncio.run(run())
    for sample, paid in zip(samples, found, strict=True):
        wanted = expected(sample)
        assert paid["reward_score"] == wanted["score"]
        assert {name: paid["reward_extra_info"][name] for name in KEYS} == wanted
    assert {paid["reward_score"] for paid in found} == {0.0, 1.0}


@in_verl
def test_settings_come_through_the_configuration(
    samples: list[tuple[dict[str, Any], str]], tokenizer: Any
) -> None:
    from verl.trainer.ppo.reward import load_reward_manager

    kwargs = "+reward.custom_reward_function.reward_kwargs"
    config = configured(f"{kwargs}.think=prefilled", f"{kwargs}.equality=exact")

    async def run() -> list[dict[str, Any]]:
        loaded = load_reward_manager(config, tokenizer)
        batch = batch_of(samples, tokenizer)
        return [await loaded.run_single(batch[at : at + 1]) for at in range(len(samples))]

    scores = [paid["reward_score"] for paid in asyncio.run(run())]
    assert scores == [0.0, 0.0, 0.0, 1.0] * 9


@in_verl
@pytest.mark.parametrize("equality", ["equivalent", "math_verify"])
def test_ray_workers_pay_a_batch_of_mixed_kinds(
    samples: list[tuple[dict[str, Any], str]], tokenizer: Any, tmp_path: Path, equality: str
) -> None:
    import ray
    from verl.experimental.reward_loop.reward_loop import RewardLoopManager
    from verl.trainer.ppo.metric_utils import process_validation_metrics

    tokenizer.save_pretrained(tmp_path / "model")
    config = configured(
        f"+reward.custom_reward_function.reward_kwargs.equality={equality}",
        "reward.num_workers=2",
        f"actor_rollout_ref.model.path={tmp_path / 'model'}",
    )
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        paid = RewardLoopManager(config).compute_rm_score(batch_of(samples, tokenizer))
    finally:
        ray.shutdown()
    wanted = [expected(sample, equality=equality) for sample in samples]
    assert paid.meta_info["reward_extra_keys"] == KEYS
    for name in KEYS:
        assert list(paid.non_tensor_batch[name]) == [scores[name] for scores in wanted]
    assert paid.batch["rm_scores"].sum(dim=1).tolist() == [scores["score"] for scores in wanted]

    infos = {name: list(values) for name, values in paid.non_tensor_batch.items()}
    sources = [row["data_source"] for row, _ in samples]
    uids = [row["extra_info"]["id"] for row, _ in samples]
    metrics = process_validation_metrics(sources, uids, infos)
    for of_source in metrics.values():
        assert set(of_source) == {"score", "acc", "format"}
        assert "mean@4" in of_source["acc"]
        assert "maj@4/mean" in of_source["acc"]
