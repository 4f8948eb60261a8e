"""The door for raw rows: files, folders and the hub, read as question rows of one source.

Everything is lazy and in bounded memory. What cannot be read as a whole is a SourceError; one row
that cannot be read is an `Unreadable`, and never costs the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from crossthink_data.errors import RecipeError, RecordError, SourceError
from crossthink_data.raw.csv_rows import csv_rows
from crossthink_data.raw.files import DataFile, DataFiles, Form, data_files
from crossthink_data.raw.hub import HubRef, at_commits, hub_ref, hub_rows, parse_hub_id
from crossthink_data.raw.json_rows import json_rows
from crossthink_data.raw.misfit import closest_shape, misfit, missing_columns
from crossthink_data.raw.offence import unreadable
from crossthink_data.raw.parquet_rows import parquet_rows
from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source, Unreadable
from crossthink_data.sources.personahub import PERSONA_COLUMNS, Persona, read_persona

__all__ = [
    "DataFile",
    "DataFiles",
    "HubRef",
    "Origin",
    "Unreadable",
    "at_commits",
    "data_files",
    "find_origin",
    "hub_ref",
    "read_personas",
    "read_source",
]

Origin = Path | HubRef

_JSON: tuple[Form, ...] = ("lines", "json")
_PATIENCE = 10_000
"""When none of the first so many rows of a file fits a form, the file is of another source."""


def find_origin(source: Source, where: str | None = None) -> Origin:
    """Where to read a source: its own place on the hub, or what `where` names.

    `where` is a path, or a hub id `owner/name[:config][@revision]` when there is no such path.
    SourceError when it is neither.
    """
    if where is None:
        if not source.hub_id:
            raise RecipeError(
                f"source {source.name!r} is your own and lives nowhere on the hub; "
                "wanted is where to read it; name a file or folder with --from PATH"
            )
        return hub_ref(source)
    path = Path(where)
    if path.exists():
        return path
    # "data/train.jsonl" has the form of a hub id too, and is a path that does not exist.
    looks_like_a_file = path.suffix.lower() in {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".gz"}
    ref = None if looks_like_a_file or path.suffix == ".parquet" else parse_hub_id(where, source)
    if ref is None:
        raise SourceError(
            f"{where} does not exist; wanted is a file, a folder or a hub id "
            "OWNER/NAME[:CONFIG][@REVISION]; check the path"
        )
    return ref


def read_source(
    source: Source, origin: Origin, *, split: str | None = None
) -> Iterator[Question | Unreadable]:
    """The question rows of a source and what cannot be read, in the order published.

    `split` names the hub split to read in the place of the source's own; below a folder it keeps
    the files that name it, and a single file must name it. Reasons of an Unreadable: `not_utf8`,
    `not_json`, `wrong_type`, `missing_column`, `wrong_number_of_fields`, `too_long`, and
    `not_rule_graded` for released rows without a gold for rules.

    RecipeError at once for a source that has no question rows, and for a split where there is none
    to choose. SourceError for a file that cannot
    be read as a whole or of which no row fits a form of the source, and when there is no row at
    all.
    """
    if source.kind == "personas":
        raise RecipeError(
            f"source {source.name!r} holds personas, not questions: there is nothing to fetch; "
            "personas are "
            "material for synthesis; name a source that `crossthink-data sources` lists"
        )
    if isinstance(origin, Path):
        return _read_files(source, data_files(origin, split), origin)
    if split is None or split == origin.split:
        return _read_hub(source, origin)
    if origin.files:
        raise RecipeError(
            f"source {source.name!r} has no split {split!r}: {origin.hub_id} has one file a part "
            f"({', '.join(origin.files)}), which is read whole; leave the split out"
        )
    return _read_hub(source, replace(origin, split=split))


def read_personas(origin: Origin) -> Iterator[Persona | Unreadable]:
    """The personas of JSON Lines files, a folder of them or the hub, for synthesis.

    Reasons of an Unreadable are those of `read_source`. SourceError when no row holds a persona.
    """
    if isinstance(origin, HubRef):
        rows: Iterator[RawRow | Unreadable] = hub_rows(origin)
    else:
        files = data_files(origin).files
        rows = chain.from_iterable(json_rows(file) for file in files if file.form in _JSON)
    found = False
    for row in rows:
        persona = row if isinstance(row, Unreadable) else _persona(row)
        found = found or isinstance(persona, Persona)
        yield persona
    if not found:
        where = origin.hub_id if isinstance(origin, HubRef) else origin
        raise SourceError(
            f"no persona found in {where}; wanted are JSON Lines with a column "
            f"{' or '.join(map(repr, PERSONA_COLUMNS))}; check the file"
        )


def _persona(row: RawRow) -> Persona | Unreadable:
    try:
        persona = read_persona(row)
        persona.text.encode("utf-8")
    except RecordError as error:
        return unreadable(row.file, row.number, error.reason, error.detail)
    except UnicodeEncodeError:
        return unreadable(row.file, row.number, "not_utf8", persona.text)
    return persona


@dataclass(slots=True)
class _Tally:
    """What became of the rows of one file."""

    where: str
    rows: int = 0
    fitted: int = 0
    misfit: tuple[str, ...] | None = None
    offence: Unreadable | None = None

    def refuse_if_foreign(self, shapes: Sequence[Shape]) -> None:
        """SourceError when there were rows and none could be read in a form of the source."""
        if self.fitted or not self.rows:
            return
        if self.misfit is not None:
            raise misfit(self.where, self.misfit, shapes)
        assert self.offence is not None
        raise SourceError(
            f"no row can be read, the first because it is {self.offence.reason} "
            f"({self.offence.detail[:80]!r}), in {self.where}; "
            "wanted are rows of this source; check the file"
        )


def _read_hub(source: Source, ref: HubRef) -> Iterator[Question | Unreadable]:
    tally = _Tally(ref.hub_id)
    yield from _mapped(hub_rows(ref), source.shapes, tally)
    tally.refuse_if_foreign(source.shapes)
    if not tally.rows:
        raise SourceError(f"{ref.hub_id} split {ref.split} holds no rows; wanted is at least one")


def _read_files(source: Source, files: DataFiles, origin: Path) -> Iterator[Question | Unreadable]:
    tallies = []
    for file in files.files:
        tally = _Tally(str(file.path))
        yield from _mapped(_raw_rows(file, source.shapes), source.shapes, tally)
        tallies.append(tally)
        # In a tree of one problem a file, a bad file is one bad row and must not cost the others.
        if tally.rows > 1:
            tally.refuse_if_foreign(source.shapes)
    if not any(tally.rows for tally in tallies):
        raise SourceError(f"{origin} holds no rows; wanted is at least one; fetch it again")
    if not any(tally.fitted for tally in tallies):
        next(tally for tally in tallies if tally.rows).refuse_if_foreign(source.shapes)


def _raw_rows(file: DataFile, shapes: Sequence[Shape]) -> Iterator[RawRow | Unreadable]:
    if file.form == "csv":
        return csv_rows(file, shapes)
    if file.form == "parquet":
        return parquet_rows(file, shapes)
    return json_rows(file)


def _mapped(
    rows: Iterator[RawRow | Unreadable], shapes: Sequence[Shape], tally: _Tally
) -> Iterator[Question | Unreadable]:
    known: dict[tuple[str, ...], Shape | None] = {}
    for row in rows:
        tally.rows += 1
        if isinstance(row, Unreadable):
            tally.offence = tally.offence or row
            yield row
            continue
        columns = tuple(row.columns)
        if columns not in known:
            if len(known) > _PATIENCE:
                known.clear()
            known[columns] = next((shape for shape in shapes if shape.fits(columns)), None)
        shape = known[columns]
        if shape is None:
            tally.misfit = tally.misfit or columns
            if tally.rows > _PATIENCE:
                tally.refuse_if_foreign(shapes)
            lack = missing_columns(columns, closest_shape(columns, shapes))
            yield unreadable(row.file, row.number, "missing_column", lack)
        else:
            read = _question(shape, row)
            if isinstance(read, Unreadable):
                tally.offence = tally.offence or read
            else:
                tally.fitted += 1
            yield read


def _question(shape: Shape, row: RawRow) -> Question | Unreadable:
    try:
        question = shape.read(row)
    except RecordError as error:
        return unreadable(row.file, row.number, error.reason, error.detail)
    texts = (question.question, question.answer, question.answer_label, question.subject)
    whole = "\n".join(text for text in (*texts, *(question.options or ())) if text)
    try:
        (whole + question.provenance).encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate: half of a character, or a byte not UTF-8
        return unreadable(row.file, row.number, "not_utf8", whole)
    return question
