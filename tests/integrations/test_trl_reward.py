"""The reward under TRL, without TRL: what it reads, pays and logs."""

import pickle
import subprocess
import sys
from typing import Any

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
        (said(RIGHT), 1.0),
        ({"role": "user", "content": RIGHT}, 0.0),
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
        ("4", {"reward_model": {"ground_truth": r"2 + 2 is \boxed{4}."}}, 1.0),
        ("B", training_row(r"(B) \boxed{5}", "mcq", [r"\boxed{4}", r"\boxed{5}"]), 1.0),
        ("A", training_row(r"(B) \boxed{5}", "mcq", [r"\boxed{4}", r"\boxed{5}"]), 0.0),
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
        (
            {"think": "prefiled"},
            "think is 'prefiled'; it must be one of required, prefilled, ignored; did you mean",
        ),
        (
            {"equality": "sympy"},
            "equality is 'sympy'; it must be one of equivalent, exact, math_verify",
        ),
        ({"part": "acuracy"}, "part is 'acuracy'; it must be .*did you mean 'accuracy'?"),
    ],
)
def test_a_mode_that_does_not_exist_is_refused(settings: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words) as caught:
        CrossthinkReward(**settings)
    if "part" not in settings:  # the reward itself says it in the same words
        with pytest.raises(ValueError, match=words) as core:
            reward("", "", kind="math", **settings)
        assert str(core.value) == str(caught.value)


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
