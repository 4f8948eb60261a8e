r"""instruction.v1: the one user message of training rows, difficulty runs and evaluations.

    the question

    (A) first option          only where there are options
    (B) second option

    Think step by step inside <think> </think>, then give the final answer inside \boxed{}. <by
    kind>

A figure measured under one text says nothing about another, so the digest travels with every
figure.
"""

import json
from functools import cache

import polars as pl

from crossthink_data.records import LABELS, AnswerKind, stable_hash
from crossthink_data.templates.golds import AnswerTemplate

__all__ = ["instruction_digest", "render_prompt"]

_VERSION = "instruction.v1"
_TASK = r"Think step by step inside <think> </think>, then give the final answer inside \boxed{}."
_BY_KIND: dict[AnswerTemplate, dict[AnswerKind, str]] = {
    "long": {
        "mcq": 'The final answer is the letter and the text of the right option, as in "(B) text".',
        "short_open": "The final answer is a short answer of at most ten words.",
        "math": "The final answer is the final value or expression.",
    },
    "short": {
        "mcq": "The final answer is the letter of the right option alone.",
        "short_open": "The final answer is a short answer of at most ten words.",
        "math": "The final answer is the final value or expression.",
    },
}


def render_prompt(answer: AnswerTemplate, most_options: int = len(LABELS)) -> pl.Expr:
    """Text of the user message; null where the question or the kind of answer is missing.

    Reads question, options, answer_kind. Question and options stand as they are; a null option is
    an empty line behind its label. Options beyond the 26 letters are not shown, nor those beyond
    `most_options`: a caller that knows them to be few saves time.
    """
    by_kind = pl.col("answer_kind").replace_strict(
        {kind: f"\n\n{_TASK} {sentence}" for kind, sentence in _BY_KIND[answer].items()},
        default=None,
        return_dtype=pl.String,
    )
    return pl.concat_str(pl.col("question"), _options_block(most_options), by_kind).alias("prompt")


def _options_block(most_options: int) -> pl.Expr:
    """A blank line and one line an option, or nothing where there are no options."""
    options = pl.col("options")
    size = options.list.len()
    lines = [
        pl.when(size > position).then(
            pl.concat_str(
                pl.lit(("\n\n" if position == 0 else "\n") + f"({label}) "),
                options.list.get(position, null_on_oob=True).fill_null(""),
            )
        )
        for position, label in enumerate(LABELS[:most_options])
    ]
    return pl.concat_str(pl.lit(""), *lines, ignore_nulls=True)


@cache
def instruction_digest(answer: AnswerTemplate) -> str:
    """`instruction.v1/<answer>:` and 16 hex digits over the message, as each kind is asked.

    >>> instruction_digest("long") == instruction_digest("short")
    False
    """
    # Hashing what is rendered, rather than the texts it is made of, leaves no way to change one
    # alone.
    kinds = list(_BY_KIND[answer])
    sample = pl.DataFrame(
        {
            "question": ["{question}"] * len(kinds),
            "options": [["{first}", "{second}"] if kind == "mcq" else None for kind in kinds],
            "answer_kind": kinds,
        },
        schema_overrides={"options": pl.List(pl.String)},
    )
    rendered = sample.select(render_prompt(answer)).to_series().to_list()
    return f"{_VERSION}/{answer}:{stable_hash(json.dumps(rendered))}"
