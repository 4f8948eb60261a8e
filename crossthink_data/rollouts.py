"""Rollouts: a model's completion beside the gold it is graded against, from files of any dress.

Columns are found by their names, the first of a list that a row has. Columns inside others are
written with a dot, as `reward_model.ground_truth` of a training row.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from crossthink_data.errors import RecipeError, RecordError, SourceError
from crossthink_data.raw.files import DataFile, data_files
from crossthink_data.raw.json_rows import json_rows
from crossthink_data.raw.offence import unreadable
from crossthink_data.raw.parquet_rows import parquet_rows
from crossthink_data.records import ANSWER_KINDS, Question
from crossthink_data.rewards.format import Think
from crossthink_data.rewards.rows import bare_gold, text_of_completion
from crossthink_data.sources import RawRow, Shape, Unreadable

__all__ = ["COLUMNS", "Columns", "Rollout", "read_rollouts", "rollout_file"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "completion": ("completion", "response", "output", "solution_str"),
    "gold": ("gold", "ground_truth", "reward_model.ground_truth", "answer", "solution", "gts"),
    "kind": ("kind", "answer_kind", "extra_info.answer_kind"),
    "options": ("options", "extra_info.options"),
    "id": ("id", "extra_info.id"),
}
"""What is read of a row, and the names it may have; the first that the row has counts.

`output` and `gts` are what veRL dumps of a run, `completion` is what TRL logs.
"""

_NEEDED = ("completion", "gold", "kind")
_PATIENCE = 10_000
"""When none of the first so many rows of a file has a needed column, no later one is waited for."""
_MOST_SHOWN = 20
_MOST_KNOWN = 1_000
_LIKE = 0.75


@dataclass(frozen=True, slots=True)
class Columns:
    """Names that were given in the place of those in COLUMNS, and the kind of every row."""

    completion: str | None = None
    gold: str | None = None
    kind: str | None = None

    def names(self, what: str) -> tuple[str, ...]:
        given = {"completion": self.completion, "gold": self.gold}.get(what)
        return COLUMNS[what] if given is None else (given,)

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(what for what in _NEEDED if what != "kind" or self.kind is None)


@dataclass(frozen=True, slots=True)
class Rollout:
    """One row to grade. `number` is the line of a JSON Lines file, the data row of any other.

    `completion` is the text to judge, None where the row's completion holds none; `gold` is as the
    row has it, or the last box of a worked solution.
    """

    number: int
    id: str | None
    completion: str | None
    gold: object
    kind: str
    options: list[object] | None


def read_rollouts(
    path: Path, columns: Columns, limit: int | None = None, think: Think = "required"
) -> Iterator[Rollout | Unreadable]:
    """The first `limit` rows of one file, or all, and those that cannot be graded with the reason.

    `think` says whether thoughts that are a field of their own get an opening tag.

    Reasons: those of `raw` (`not_json`, `not_utf8`, `wrong_type`, `too_long`), and
    `no_completion`, `no_gold`, `no_kind`, `unknown_kind`, `options_not_a_list`. SourceError for a
    file that cannot be read as a whole, and when no row has a column that is needed; RecipeError
    where that column was named by the caller.
    """
    file = rollout_file(path)
    found = dict.fromkeys(_parquet_columns(path) if file.form == "parquet" else ())
    seen: set[str] = set()
    offence: Unreadable | None = None
    rows = _parquet_rows(file, columns, found) if file.form == "parquet" else json_rows(file)
    for number, row in enumerate(islice(rows, limit), 1):
        if isinstance(row, Unreadable):
            offence = offence or row
            yield row
        else:
            if len(found) < _MOST_KNOWN:
                found |= dict.fromkeys(row.columns)
            seen.update(what for what in columns.needed if _has(row, columns.names(what)))
            yield _rollout(row, columns, think)
        if number == _PATIENCE and found:
            _check_seen(path, columns, seen, found)
    if found:
        _check_seen(path, columns, seen, found)
    elif offence is not None:
        raise SourceError(
            f"{path}: no row can be read, the first because it is {offence.reason} "
            f"({offence.detail[:80]!r}); wanted are JSON objects, one a line, or parquet; "
            "check the file"
        )
    else:
        raise SourceError(f"{path}: holds no rows; wanted is at least one; check the file")


def rollout_file(path: Path) -> DataFile:
    """The file at `path` and its form. SourceError where there is none, and for folders and csv."""
    if path.is_dir():
        raise SourceError(f"{path}: is a folder; name the jsonl or parquet files in it")
    (file,) = data_files(path).files
    if file.form == "csv":
        raise SourceError(f"{path}: is of form csv; wanted is jsonl or parquet; convert it first")
    return file


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{path}: is not a whole parquet file ({error}); write it again"
        ) from error


def _parquet_rows(
    file: DataFile, columns: Columns, found: Collection[str]
) -> Iterator[RawRow | Unreadable]:
    """The rows with no more columns than are looked at: prompts need not be decoded."""
    wanted = {name for what in COLUMNS for name in columns.names(what)}
    wanted |= {name.partition(".")[0] for name in wanted}
    unread = frozenset(found) - wanted
    shape = Shape("rollouts", frozenset(found), _no_question, unread)
    return parquet_rows(file, (shape,))


def _no_question(row: RawRow) -> Question:
    raise RecordError("wrong_type", f"row {row.number} is a rollout")


def _has(row: RawRow, names: Sequence[str]) -> bool:
    return any(_found(row.columns, name) for name in names)


def _value(row: RawRow, names: Sequence[str]) -> object:
    """The value of the first name that the row has; None where it has none of them."""
    return next((held[0] for name in names if (held := _found(row.columns, name))), None)


def _found(columns: Mapping[str, object], name: str) -> tuple[object] | None:
    """The value of a column, or of one inside another by its dotted name; None where there is none.

    A column that is there and null does not make way for the next name: its row says nothing, and
    the next name may be of something else.
    """
    if name in columns:
        return (columns[name],)
    outer, dot, inner = name.partition(".")
    nested = columns.get(outer) if dot else None
    return _found(nested, inner) if isinstance(nested, Mapping) else None


def _rollout(row: RawRow, columns: Columns, think: Think) -> Rollout | Unreadable:
    completion, gold, kind, options, own_id = (_value(row, columns.names(what)) for what in COLUMNS)
    kind = columns.kind or kind
    for what, value in (("completion", completion), ("gold", gold), ("kind", kind)):
        if value is None:
            return Unreadable(row.file, row.number, f"no_{what}", "")
    if not isinstance(kind, str) or kind not in ANSWER_KINDS:
        return unreadable(row.file, row.number, "unknown_kind", str(kind))
    if options is not None and not isinstance(options, list):
        return unreadable(row.file, row.number, "options_not_a_list", str(options))
    return Rollout(
        number=row.number,
        id=None if own_id is None else str(own_id),
        completion=text_of_completion(completion, think),
        gold=bare_gold(gold),
        kind=kind,
        options=options or None,
    )


def _check_seen(
    path: Path, columns: Columns, seen: Collection[str], found: Collection[str]
) -> None:
    """Nothing when each column that is needed was seen, or the error that names the first."""
    for what in columns.needed:
        if what in seen:
            continue
        names = columns.names(what)
        known = [repr(name[:40])[1:-1] for name in islice(found, _MOST_SHOWN)]
        near = [close for name in names for close in get_close_matches(name, known, 1, _LIKE)]
        hint = f"; did you mean {near[0]}?" if near else ""
        flag = f"name it with --{what}" if what != "kind" else "say it with --kind"
        message = (
            f"{path}: no row has a column {' or '.join(names)}, its columns are "
            f"{', '.join(known)}{hint}; {flag}"
        )
        raise SourceError(message) if names == COLUMNS[what] else RecipeError(message)
