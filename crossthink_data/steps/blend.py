"""`blend`: filtered question rows into one training file, in exact shares and a seeded order.

Two readings of the input, in the same total order. The first gives each candidate a number and two
8-byte hashes, from which duckdb draws; the second picks the drawn rows, renders them and puts them
in the order of a hash of (seed, id, epoch).
"""

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

import polars as pl
import pyarrow as pa
from pydantic import Field, NonNegativeInt, PositiveInt
from xxhash import xxh3_64_intdigest

from crossthink_data.blends import (
    Plan,
    Ratio,
    apportion,
    parse_ratio,
    plan_from_stock,
    ratio_of,
    rows_by_unit,
    shares_of,
)
from crossthink_data.errors import CrossthinkError, LedgerError, RecipeError, did_you_mean
from crossthink_data.filters import READINGS, RENDER_RULES, hard_for_rules
from crossthink_data.gradability import GRADABILITY, gold_not_gradable
from crossthink_data.ledger import Ledger, Report, plan_table
from crossthink_data.recipe import Inputs, Seed, Settings, check
from crossthink_data.records import QUESTION_COLUMNS, REJECT_COLUMNS
from crossthink_data.rules import Split, first_that_fires, reject_columns, split_by_rules
from crossthink_data.scores import read_scores
from crossthink_data.sources import get_source, source_names
from crossthink_data.steps.outputs import (
    Outputs,
    Progress,
    as_frame,
    describe_inputs,
    silent,
    val_path,
)
from crossthink_data.steps.rowwise import first_rows
from crossthink_data.tables import (
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    TRAINING_SCHEMA,
    QuestionFiles,
    Scratch,
    Sorter,
    open_questions,
    to_arrow,
)
from crossthink_data.tables.choice import Choice, Chosen
from crossthink_data.templates import (
    AnswerTemplate,
    apply_template,
    instruction_digest,
    training_rows,
)

__all__ = ["BlendSettings", "plan", "run", "write_blend"]

_CHOICE_COLUMNS = ("id", "origin_id", "source", "domain", "question_type", "provenance")
# All that a training row is made of; attempts and provenance stay behind.
_DRAWN_COLUMNS = tuple(name for name in QUESTION_COLUMNS if name not in ("attempts", "provenance"))
_DRAWN_SCHEMA = pa.schema(
    [
        *(QUESTION_SCHEMA.field(name) for name in _DRAWN_COLUMNS),
        ("epoch", pa.int32()),
        ("order", pa.uint64()),
    ]
)
_VAL_SALT = 0x76616C  # so that the choice of validation origins is not the choice of rows


class BlendSettings(Settings):
    """`ratio` is a named blend, a text like `gpr:mr=2:1` or a mapping of groups to weights.

    `scores` is a file of source scores for the usefulness blend. `take` draws so many rows of a
    source first. Without `size` the blend is as large as `on_short` lets it be.
    """

    inputs: Inputs
    out: Path | None = None
    ratio: str | dict[str, int | float | str] | None = None
    scores: Path | None = None
    take: dict[str, PositiveInt] = Field(default_factory=dict)
    size: PositiveInt | None = None
    on_short: Literal["shrink", "repeat", "fail"] = "shrink"
    max_epochs: float | None = Field(default=None, ge=1)
    val: NonNegativeInt = 0
    hard_for: str | None = Field(None, min_length=1)
    question: Literal["mixed", "open"] = "mixed"
    rules: Literal["strict", "paper"] = "strict"
    answer: AnswerTemplate = "long"
    seed: Seed = 0
    unfiltered: bool = False
    limit: PositiveInt | None = None


@dataclass(slots=True)
class _Picked:
    """What the second reading found: drawn rows, how many a source, models that tried them."""

    train: Sorter
    val: Sorter
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Draw:
    """A plan, the stock it was made from and the rows that were drawn by it."""

    plan: Plan
    val_quotas: Mapping[tuple[str, str], int]
    chosen: Chosen


def plan(settings: BlendSettings, progress: Progress = silent) -> Report:
    """The plan alone: rows, share, quota, passes, the limiting source. Writes nothing."""
    files = _open(settings)
    with tempfile.TemporaryDirectory() as folder:
        choice = _read_candidates(settings, files, Path(folder), progress)
        drawn = _draw(settings, choice)
        choice.close()
    return Report(
        verb="blend",
        result=_plan_as_json(drawn.plan),
        tables=(plan_table(_plan_as_json(drawn.plan)),),
        notes=drawn.plan.notes,
    )


def run(settings: BlendSettings, progress: Progress = silent) -> Report:
    """Write the training file, `x.val.parquet` where asked for, rejects and ledger."""
    return _write(settings, None, progress)


def write_blend(
    rows: pl.LazyFrame,
    plan: Plan,
    out: str | Path,
    *,
    seed: int = 0,
    answer: AnswerTemplate = "long",
) -> Report:
    """Write question rows as a training file by a plan of `plan_blend` over the same rows.

    Rows that have no prompt or no gold are rejected beside `out`, as `blend --unfiltered` does.
    CrossthinkError when the rows that can be blended are not those that were planned.

    >>> from crossthink_data import apply_filters, plan_blend, read_questions
    >>> from crossthink_data.steps import run as running
    >>> folder = Path(tempfile.mkdtemp()) / "quickstart"
    >>> _ = running.run(running.RunSettings(recipe="quickstart", out=folder))
    >>> kept, rejects = apply_filters(read_questions(folder / "questions.parquet"))
    >>> plan = plan_blend(kept, "gpr:mr=2:1", size=90)
    >>> report = write_blend(kept, plan, folder / "mine.parquet", seed=7)
    >>> pl.read_parquet(folder / "mine.parquet")["ability"].value_counts(sort=True).rows()
    [('gpr', 60), ('mr', 30)]
    """
    with Scratch(Path(out)) as scratch:
        copied = scratch.path / "rows.parquet"
        rows.sink_parquet(copied)
        given = {"inputs": [copied], "out": out, "seed": seed, "answer": answer}
        settings = check(BlendSettings, {**given, "unfiltered": True}, "write_blend")
        return _write(settings, plan, silent)


def _write(settings: BlendSettings, plan: Plan | None, progress: Progress) -> Report:
    """A blend by the plan given, or by the one that the settings give."""
    if settings.out is None:
        raise RecipeError(
            "blend: out is missing; name the training file, such as --out blend.parquet"
        )
    files = _open(settings)
    ledger = Ledger("blend", settings.model_dump(mode="json"))
    ledger.inputs = describe_inputs(files)
    if plan is not None:
        # The rows came as a frame; the file that they went through is gone when the ledger is read.
        ledger.inputs = [{"frame": True, "rows": files.rows}]
        ledger.settings["inputs"] = []
    with Outputs(settings.out, ledger, files.paths) as outputs:
        choice = _read_candidates(settings, files, outputs.folder, silent)
        drawn = _draw(settings, choice, plan)
        _note_plan(ledger, drawn.plan, settings)
        picked = _Picked(
            train=outputs.sorter("train", _DRAWN_SCHEMA, "order"),
            val=outputs.sorter("val", _DRAWN_SCHEMA, "order"),
        )
        _pick(settings, files, outputs, drawn.chosen, picked, progress)
        choice.close()
        _check_drawn(picked, drawn)
        _check_left(settings, outputs.ledger, picked)
        _write_rows(outputs, settings.out, picked.train, "train", settings)
        if settings.val:
            _write_rows(outputs, val_path(settings.out), picked.val, "val", settings)
        else:
            outputs.drop(val_path(settings.out))
        outputs.finish()
        return outputs.report()


def _open(settings: BlendSettings) -> QuestionFiles:
    files = open_questions(settings.inputs)
    if files.unfiltered and not settings.unfiltered:
        raise RecipeError(
            f"blend: {files.unfiltered[0]} did not come from filter, so its golds are unchecked; "
            "run crossthink-data filter on it first, or add --unfiltered to blend it as it is"
        )
    return files


def _candidates(settings: BlendSettings, rows: pl.LazyFrame) -> Split:
    """Rows that can be in the blend, in the order they came, and those that cannot."""
    rules = RENDER_RULES if settings.unfiltered else ()
    kept, rejects = split_by_rules(rows, rules, "blend", READINGS if rules else ())
    if settings.question == "mixed":
        return Split(kept, rejects)
    opened = apply_template(kept, question="open", rules=settings.rules)
    step = pl.lit("blend").alias("step")
    # What filter checked was the letter; the opened row trains on the option's text.
    again = () if settings.unfiltered else (gold_not_gradable(),)
    graded = split_by_rules(opened.kept, again, "blend", (GRADABILITY,) if again else ())
    steps = [rejects, opened.rejects.with_columns(step), graded.rejects]
    return Split(graded.kept, pl.concat(steps))


def _read_candidates(
    settings: BlendSettings, files: QuestionFiles, folder: Path, progress: Progress
) -> Choice:
    """The first reading: hashes of every candidate."""
    as_stored = settings.question == "mixed" and not settings.unfiltered
    columns = _CHOICE_COLUMNS if as_stored else None
    choice = Choice(folder)
    done = 0
    for table in first_rows(files.in_order(folder, columns=columns), settings.limit):
        rows = as_frame(table)
        done += rows.height
        if not as_stored:
            rows = _candidates(settings, rows.lazy()).kept.collect()
        choice.add(
            rows.select(
                "source",
                "domain",
                "question_type",
                _hashes(rows["id"], settings.seed).alias("pick"),
                _hashes(rows["origin_id"], settings.seed ^ _VAL_SALT).alias("origin"),
            )
        )
        progress(done, files.rows)
    return choice


def _hashes(texts: pl.Series, seed: int) -> pl.Series:
    return pl.Series([xxh3_64_intdigest(text.encode(), seed) for text in texts], dtype=pl.UInt64)


def _draw(settings: BlendSettings, choice: Choice, plan: Plan | None = None) -> _Draw:
    ratio = plan.ratio if plan else _ratio(settings)
    _check_take(settings.take, choice)
    choice.take(settings.take)
    val_quotas: dict[tuple[str, str], int] = {}
    if settings.val:
        before = shares_of(ratio, choice.stock())
        val_quotas = apportion(before, settings.val)
        _check_val(settings.val, val_quotas, rows_by_unit(ratio, choice.stock()))
        choice.draw_val(ratio.key, val_quotas)
        _check_after_val(settings.val, before, rows_by_unit(ratio, choice.stock()))
    if plan is not None:
        _check_stock(plan, choice)
    drawn = plan or plan_from_stock(
        choice.stock(),
        ratio,
        size=settings.size,
        on_short=settings.on_short,
        max_epochs=settings.max_epochs,
    )
    return _Draw(drawn, val_quotas, choice.draw(ratio.key, drawn.quotas()))


def _check_val(
    val: int, quotas: Mapping[tuple[str, str], int], available: Mapping[tuple[str, str], int]
) -> None:
    for unit, quota in quotas.items():
        if quota >= available[unit]:
            raise CrossthinkError(
                f"val of {val:,} rows needs {quota:,} of {unit[1]}, which has {available[unit]:,}; "
                "nothing would be left to train on; ask for fewer, or add rows of it"
            )


def _check_after_val(
    val: int, before: Mapping[tuple[str, str], Fraction], left: Mapping[tuple[str, str], int]
) -> None:
    """Rows that share an origin with a validation row leave with it; no source may go whole."""
    gone = [source for (group, source) in before if not left.get((group, source))]
    if gone:
        raise CrossthinkError(
            f"val of {val:,} rows takes every row of {', '.join(gone)} out of training, rows of "
            "the same origin included; ask for fewer, or add rows of it"
        )


def _check_stock(plan: Plan, choice: Choice) -> None:
    """A plan made over other rows would repeat some of these without a word."""
    planned = {(line.group, line.source): line.available for line in plan.lines}
    stock = rows_by_unit(plan.ratio, choice.stock())
    found = {unit: stock.get(unit, 0) for unit in planned}
    if found != planned:
        raise CrossthinkError(
            f"blend: the plan was made over {_listed(planned)}; "
            f"the rows that can be blended are {_listed(found)}; "
            "make it with plan_blend over the rows that apply_filters kept"
        )


def _listed(rows: Mapping[tuple[str, str], int]) -> str:
    return ", ".join(f"{source} {count:,}" for (_, source), count in sorted(rows.items()))


def _rows_by_source(choice: Choice) -> dict[str, int]:
    rows: dict[str, int] = {}
    for line in choice.stock():
        rows[line.source] = rows.get(line.source, 0) + line.rows
    return rows


def _ratio(settings: BlendSettings) -> Ratio:
    if (settings.ratio is None) == (settings.scores is None):
        raise RecipeError(
            "blend: give either ratio (such as --ratio gpr:mr=2:1, or --ratio nd for rows as they "
            "are) or scores (a file of scores per source), and not both"
        )
    if settings.scores is not None:
        return ratio_of(read_scores(settings.scores))
    if isinstance(settings.ratio, str):
        return parse_ratio(settings.ratio)
    return ratio_of(settings.ratio or {})


def _check_take(take: Mapping[str, int], choice: Choice) -> None:
    available = _rows_by_source(choice)
    for source, rows in take.items():
        if source not in available:
            raise RecipeError(
                f"take: source {source!r} has no rows in the input; "
                f"{did_you_mean(source, available)}"
            )
        if rows > available[source]:
            raise CrossthinkError(
                f"take: {source} has {available[source]:,} rows, {rows:,} were asked for; "
                f"use --take {source}={available[source]} or add rows of it"
            )


def _pick(
    settings: BlendSettings,
    files: QuestionFiles,
    outputs: Outputs,
    chosen: Chosen,
    picked: _Picked,
    progress: Progress,
) -> None:
    """The second reading: drawn rows to their sorters, the others to the ledger."""
    unreadable = outputs.sorter("unreadable", REJECT_SCHEMA, "id")
    seq = done = 0
    for table in first_rows(files.in_order(outputs.folder, unreadable), settings.limit):
        frame = as_frame(table)
        outputs.ledger.count("rows_in", frame["source"])
        rows, rejects = pl.collect_all(_candidates(settings, frame.lazy()))
        outputs.reject(rejects)
        numbered = rows.with_columns(
            pl.int_range(seq, seq + rows.height, dtype=pl.Int64).alias("seq")
        )
        seq += rows.height
        drawn = numbered.join(chosen.below(seq), on="seq", how="left", maintain_order="left")
        outputs.ledger.count("not_sampled", drawn.filter(pl.col("copies").is_null())["source"])
        sums = drawn.group_by("source").agg(pl.col("copies").sum(), pl.col("is_val").sum())
        for source, copies, val_rows in sums.iter_rows():
            picked.counts["train", source] += copies
            picked.counts["val", source] += val_rows
        _take_val(drawn.filter(pl.col("is_val")), outputs.ledger, picked.val, settings.seed)
        _take_train(drawn.filter(pl.col("copies") > 0), outputs, picked, settings)
        done += frame.height
        progress(done, files.rows)
    outputs.reject_unreadable(unreadable)


def _check_drawn(picked: _Picked, drawn: _Draw) -> None:
    """What the second reading picked is what the plan says, source by source."""
    wanted: Counter[tuple[str, str]] = Counter()
    for line in drawn.plan.lines:
        wanted["train", line.source] += line.quota
    for (_, source), rows in drawn.val_quotas.items():
        wanted["val", source] += rows
    if +picked.counts != +wanted:
        raise LedgerError(
            f"blend: drew {dict(+picked.counts)}, planned were {dict(+wanted)}; no output was "
            "written; an input changed while it was read, or holds text that is not UTF-8 and "
            "filter never saw: run filter on it again"
        )


def _check_left(settings: BlendSettings, ledger: Ledger, picked: _Picked) -> None:
    """A training file without rows would train for no step and report success."""
    total = ledger.total()
    if total.kept:
        return
    tried = ", ".join(sorted(picked.models)) or "no model"
    reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in sorted(total.rejected.items()))
    hint = (
        f"hard_for is {settings.hard_for!r}, attempts name {tried}; " if settings.hard_for else ""
    )
    raise CrossthinkError(
        f"blend: nothing is left to train on, every chosen row was rejected ({reasons}); "
        f"{hint}check the setting, or add rows"
    )


def _take_val(rows: pl.DataFrame, ledger: Ledger, val: Sorter, seed: int) -> None:
    ledger.count("val", rows["source"])
    val.add(_with_order(rows.with_columns(pl.lit(0, pl.Int32).alias("epoch")), seed))


def _take_train(
    rows: pl.DataFrame, outputs: Outputs, picked: _Picked, settings: BlendSettings
) -> None:
    if settings.hard_for is not None:
        models = rows["attempts"].explode().struct.field("model").drop_nulls()
        picked.models.update(models.unique())
        rules = hard_for_rules(settings.hard_for)
        judged = rows.with_columns(first_that_fires(rules))
        rejects = judged.filter(pl.col("_fired").is_not_null())
        outputs.reject(rejects.with_columns(reject_columns(rules, "blend")).select(REJECT_COLUMNS))
        rows = judged.filter(pl.col("_fired").is_null())
    outputs.ledger.count("kept", rows["source"])
    epochs = rows.with_columns(pl.int_ranges(0, "copies", dtype=pl.Int32).alias("epoch"))
    copies = epochs.explode("epoch")
    outputs.ledger.count("repeated", copies.filter(pl.col("epoch") > 0)["source"])
    picked.train.add(_with_order(copies, settings.seed))


def _with_order(rows: pl.DataFrame, seed: int) -> pa.Table:
    """Drawn rows with the hash that places them; copies of a row get places of their own."""
    keys = rows.select(pl.concat_str("id", "epoch", separator="/")).to_series()
    ordered = rows.select(*_DRAWN_COLUMNS, "epoch", _hashes(keys, seed).alias("order"))
    return to_arrow(ordered, _DRAWN_SCHEMA)


def _write_rows(
    outputs: Outputs, place: Path, rows: Sorter, split: str, settings: BlendSettings
) -> None:
    writer = outputs.table(place, TRAINING_SCHEMA, b"training", {})
    for table in rows:
        rendered = training_rows(as_frame(table), split, writer.rows, settings.answer)
        writer.write(to_arrow(rendered, TRAINING_SCHEMA))


def _note_plan(ledger: Ledger, plan: Plan, settings: BlendSettings) -> None:
    ledger.extra["template"] = instruction_digest(settings.answer)
    ledger.extra["plan"] = _plan_as_json(plan)
    ledger.notes.extend(plan.notes)
    if settings.hard_for and settings.question == "open":
        ledger.notes.append(
            "rows that lost their options here have no attempts, as those were made with the "
            "options in sight: hard_for rejects them as difficulty_unknown"
        )
    known = set(source_names())
    for source in sorted({line.source for line in plan.lines if line.source in known}):
        if get_source(source).benchmark:
            ledger.notes.append(f"{source} is a benchmark: figures on it will mean little")


def _plan_as_json(plan: Plan) -> dict[str, object]:
    return {
        "ratio": str(plan.ratio),
        "size": plan.size,
        "limit": plan.limit,
        "limiting": list(plan.limiting),
        "notes": list(plan.notes),
        "lines": [
            {
                "group": line.group,
                "source": line.source,
                "available": line.available,
                "share": float(line.share),
                "quota": line.quota,
                "passes": round(line.passes, 4),
            }
            for line in plan.lines
        ],
    }
