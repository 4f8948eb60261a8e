r"""The reward for TRL's GRPOTrainer, and monitors beside it.

    GRPOTrainer(reward_funcs=[crossthink_reward], ...)
    trl grpo --config run.yaml      # reward_funcs: [crossthink_trl.rewards.crossthink_reward]

R = R_acc AND R_format is one function because TRL adds functions up: two of them would pay 1 for a
right answer without the format. To see the parts, log them at weight 0:

    reward_funcs=[crossthink_reward, accuracy, format], reward_weights=[1.0, 0.0, 0.0]

A dotted path carries no arguments, so the usual settings are instances here; others are made with
`CrossthinkReward(...)`, in a module of your own when the command line is to find them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple, get_args

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.rewards import Equality, Verdict, explain
from crossthink_data.rewards.format import THINK_MODES, Think
from crossthink_data.rewards.rows import (
    bare_gold,
    kind_of_gold,
    options_of_row,
    text_of_completion,
)

__all__ = [
    "GOLD_COLUMNS",
    "CrossthinkReward",
    "accuracy",
    "crossthink_reward",
    "crossthink_reward_exact",
    "crossthink_reward_math_verify",
    "crossthink_reward_prefilled",
    "format",
    "format_prefilled",
]

GOLD_COLUMNS = ("ground_truth", "answer", "solution")
"""Plain columns a gold is read from, after `reward_model`: the first that has one in the row."""

Part = Literal["reward", "accuracy", "format"]

_CUT_OFF = ("format:unclosed_think", "format:unclosed_box")
_OF_TRL = ("prompts", "completion_ids", "trainer_state", "log_extra", "log_metric", "environments")

# Reasons met so far, by metric prefix. A share that is 0 must be logged as 0: TRL averages what it
# was given, and would show a reason that is met once in ten steps at ten times its share.
_met: dict[str, set[str]] = {}


class _Row(NamedTuple):
    gold: object
    kind: str
    options: Sequence[object] | None


@dataclass(frozen=True, slots=True)
class CrossthinkReward:
    r"""A reward function of TRL: 1.0 or 0.0 for each completion, None for a row without a gold.

    `name` is what TRL calls it in its metrics, so two in one run need two. `think` and `equality`
    are those of `crossthink_data.rewards.reward`. `part` makes a monitor of it: `accuracy` is
    R_acc and `format` R_format alone, to be given weight 0.

    Completions are texts or lists of messages; of several messages the last of the assistant is
    judged. The gold of a row is `reward_model["ground_truth"]`, else the first of the columns
    `ground_truth`, `answer` and `solution` that has one; a worked solution stands for its last
    `\boxed{...}`. Its kind is `extra_info["answer_kind"]`, else the column
    `answer_kind` or `kind`, else what `kind_of_gold` makes of it; its options are
    `extra_info["options"]` or the column `options`.

    Calls log shares over the batch through `log_metric`, where TRL gives it: `crossthink/accuracy`,
    `crossthink/format`, `crossthink/truncated` (an open think block or box) and, for each reason of
    a zero, `crossthink/<reason>`.

    RecipeError for a mode that does not exist; SourceError for a dataset without a column of golds;
    ValueError for a row whose answer kind does not exist. Nothing is raised on completions.

    >>> crossthink_reward(["<think>2 + 2</think> It is \\boxed{4}.", "4"], answer=["4", "4"])
    [1.0, 0.0]
    """

    name: str = "crossthink_reward"
    think: Think = "required"
    equality: Equality = "equivalent"
    part: Part = "reward"

    def __post_init__(self) -> None:
        for key, value, known in (
            ("think", self.think, THINK_MODES),
            ("equality", self.equality, get_args(Equality)),
            ("part", self.part, get_args(Part)),
        ):
            if value not in known:
                close = get_close_matches(str(value), known, 1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise RecipeError(f"{key} is {value!r}; it must be one of {', '.join(known)}{hint}")

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, completions: Sequence[object], **columns: object) -> list[float | None]:
        """One number a completion; `columns` are the dataset's, and what else TRL hands over."""
        rows = _read_rows(columns, len(completions))
        verdicts = [
            None if row is None else self._judge(completion, row)
            for completion, row in zip(completions, rows, strict=True)
        ]
        if self.part == "reward":
            self._log([verdict for verdict in verdicts if verdict is not None], columns)
        return [None if verdict is None else self._score(verdict) for verdict in verdicts]

    def _judge(self, completion: object, row: _Row) -> Verdict:
        return explain(
            text_of_completion(completion, self.think),
            row.gold,
            kind=row.kind,
            options=row.options,
            think=self.think,
            equality=self.equality,
        )

    def _score(self, verdict: Verdict) -> float:
        if self.part == "accuracy":
            return float(verdict.correct)
        return float(verdict.formatted) if self.part == "format" else verdict.score

    def _log(self, verdicts: Sequence[Verdict], columns: Mapping[str, object]) -> None:
        log_metric = columns.get("log_metric")
        if not callable(log_metric) or not verdicts:
            return
        prefix = self.name.replace("crossthink_reward", "crossthink")
        reasons = [verdict.reason for verdict in verdicts]
        met = _met.setdefault(prefix, set())
        met.update(reason for reason in reasons if reason)
        counts = {
            "accuracy": sum(verdict.correct for verdict in verdicts),
            "format": sum(verdict.formatted for verdict in verdicts),
            "truncated": sum(map(reasons.count, _CUT_OFF)),
        } | {reason: reasons.count(reason) for reason in sorted(met)}
        for name, count in counts.items():
            log_metric(f"{prefix}/{name}", count / len(verdicts))


def _read_rows(columns: Mapping[str, object], count: int) -> Iterator[_Row | None]:
    """What is graded against, completion by completion; None for a row without a gold."""
    if not any(name in columns for name in ("reward_model", *GOLD_COLUMNS)):
        others = sorted(name for name in columns if name not in _OF_TRL)
        raise SourceError(
            f"the dataset has no column of golds, its columns beside prompt are {others}; a gold "
            f"is read from reward_model (its ground_truth), {', '.join(GOLD_COLUMNS)}; rename one"
        )
    return (_read_row({name: _at(columns, name, at) for name in _READ}) for at in range(count))


_READ = ("reward_model", *GOLD_COLUMNS, "extra_info", "answer_kind", "kind", "options")


def _at(columns: Mapping[str, object], name: str, at: int) -> object:
    column = columns.get(name)
    return column[at] if isinstance(column, Sequence) else None


def _read_row(row: Mapping[str, object]) -> _Row | None:
    gold = _field(row["reward_model"], "ground_truth")
    if _is_missing(gold):
        gold = next((row[name] for name in GOLD_COLUMNS if not _is_missing(row[name])), None)
        if gold is None:
            return None
    gold = bare_gold(gold)
    said = (_field(row["extra_info"], "answer_kind"), row["answer_kind"], row["kind"])
    kind = next((str(name) for name in said if not _is_missing(name)), "")
    options = options_of_row(_field(row["extra_info"], "options")) or options_of_row(row["options"])
    return _Row(gold, kind or kind_of_gold(gold, options), options)


def _field(struct: object, name: str) -> object:
    return struct.get(name) if isinstance(struct, Mapping) else None


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


crossthink_reward = CrossthinkReward()
"""R = R_acc AND R_format: the reward to train on."""

crossthink_reward_exact = CrossthinkReward("crossthink_reward_exact", equality="exact")
"""The same with the paper's naive match: the answer is the gold, character by character."""

crossthink_reward_math_verify = CrossthinkReward(
    "crossthink_reward_math_verify", equality="math_verify"
)
"""The same with Math-Verify deciding, in a child process; needs `crossthink-data[math]`."""

crossthink_reward_prefilled = CrossthinkReward("crossthink_reward_prefilled", think="prefilled")
"""`crossthink_reward` for chat templates that open the think block themselves."""

accuracy = CrossthinkReward("accuracy", part="accuracy")
"""A monitor: R_acc, whether the final box is right, whatever the tags."""

format = CrossthinkReward("format", part="format")
"""A monitor: R_format."""

format_prefilled = CrossthinkReward("format_prefilled", think="prefilled", part="format")
"""`format` for chat templates that open the think block themselves."""
