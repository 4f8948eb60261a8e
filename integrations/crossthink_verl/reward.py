r"""The reward for veRL, as a custom reward function.

    reward.custom_reward_function.path=pkg://crossthink_verl.reward
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.think=prefilled

It works under the manager `naive`, in many threads at once, and loads from its file path too.
"""

from collections.abc import Mapping

from crossthink_data.rewards import KINDS, Equality, Verdict, explain
from crossthink_data.rewards.format import Think, final_box
from crossthink_data.rewards.rows import bare_gold, kind_of_gold, options_of_row

__all__ = ["compute_score"]

_LONGEST_PRED = 512


def compute_score(
    data_source: object,
    solution_str: object,
    ground_truth: object,
    extra_info: object = None,
    *,
    think: Think = "required",
    equality: Equality = "equivalent",
    **_: object,
) -> dict[str, float | str]:
    r"""The reward of one response with its parts, under the same five keys for every sample.

    `score` is R = R_acc AND R_format. `acc` is R_acc, whether the final box is right, whatever the
    tags: veRL's validation takes it for its main figure, and it is what a benchmark reports. Groups
    are to be filtered by `score`, which is what trains. `format` is R_format. `reason` is empty for
    a score of 1.0, else why it is 0.0. `pred` is the content of the final box, for majority votes;
    cut after 512 characters, because veRL keeps a batch of them as wide as the widest.

    A worked solution as `ground_truth` stands for its last `\boxed{...}`. The kind and the options
    come from `extra_info`; a row without `answer_kind` gets what `kind_of_gold` makes of its gold.

    Nothing is raised on responses or rows of any type: a row that cannot be graded scores 0.0 with
    `acc:no_gold`, `acc:gold_not_text` or `acc:unknown_kind`. A setting that is wrong for the whole
    run does end it, with the first sample: ValueError for a mode of `think` or `equality` that does
    not exist, MissingExtra for `math_verify` without the library. A run that trains on zeros would
    look like one that does not learn.

    >>> compute_score("crossthink/math", r"<think>2 + 2</think> \boxed{4}", "4")
    {'score': 1.0, 'acc': 1.0, 'format': 1.0, 'reason': '', 'pred': '4'}
    """
    row = extra_info if isinstance(extra_info, Mapping) else {}
    gold = bare_gold(ground_truth)
    options = options_of_row(row.get("options"))
    kind = row.get("answer_kind")
    if kind is None or (isinstance(kind, str) and not kind):
        kind = kind_of_gold(gold, options)
    if not isinstance(kind, str) or kind not in KINDS:
        return _scalars(_ungraded(solution_str, "acc:unknown_kind"))
    if gold is not None and not isinstance(gold, str | int | float):
        return _scalars(_ungraded(solution_str, "acc:gold_not_text"))
    return _scalars(
        explain(solution_str, gold, kind=kind, options=options, think=think, equality=equality)
    )


def _ungraded(response: object, reason: str) -> Verdict:
    answer = final_box(response) if isinstance(response, str) else None
    return Verdict(0.0, False, False, answer, reason)


def _scalars(verdict: Verdict) -> dict[str, float | str]:
    answer = (verdict.answer or "")[:_LONGEST_PRED]
    return {
        "score": verdict.score,
        "acc": float(verdict.correct),
        "format": float(verdict.formatted),
        "reason": verdict.reason,
        # Half a surrogate pair cannot be written to the file that veRL keeps of generations.
        "pred": answer.encode("utf-8", "replace").decode(),
    }
