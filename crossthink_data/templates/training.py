"""The training row (paper section 2): what veRL and TRL read, made of a question row."""

import polars as pl

from crossthink_data.records import EXTRA_INFO, LABELS
from crossthink_data.templates.golds import AnswerTemplate, gold_index, render_answer
from crossthink_data.templates.instruction import instruction_digest, render_prompt

__all__ = ["training_rows"]


def training_rows(
    rows: pl.DataFrame, split: str, first_index: int, answer: AnswerTemplate
) -> pl.DataFrame:
    """Question rows with a column `epoch` as training rows, numbered from `first_index`.

    Reads the columns of `EXTRA_INFO` that a question row has, and question, answer, answer_label.
    """
    longest = rows.select(pl.col("options").list.len().max().fill_null(0)).item()
    most = min(longest, len(LABELS))
    prompt = render_prompt(answer, most).alias("content")
    gold = render_answer(answer, pl.col("gold_index")).alias("ground_truth")
    extra = {
        "index": pl.int_range(first_index, first_index + pl.len(), dtype=pl.Int64),
        "split": pl.lit(split),
        "template": pl.lit(instruction_digest(answer)),
    }
    return rows.with_columns(gold_index(most)).select(
        pl.concat_str(pl.lit("crossthink/"), "source").alias("data_source"),
        pl.concat_list(pl.struct(pl.lit("user").alias("role"), prompt)).alias("prompt"),
        pl.col("domain").alias("ability"),
        pl.struct(pl.lit("rule").alias("style"), gold).alias("reward_model"),
        pl.struct(
            (extra[name] if name in extra else pl.col(name)).alias(name) for name in EXTRA_INFO
        ).alias("extra_info"),
    )
