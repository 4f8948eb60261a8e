"""The document stage: files to clean, distinct texts in an order of their own, with the account."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from crossthink_data import __version__
from crossthink_data.documents.inputs import InputFile, input_files
from crossthink_data.documents.merging import merge_parts
from crossthink_data.documents.parts import PartWriter, part_places
from crossthink_data.documents.settings import DocumentSettings
from crossthink_data.errors import LedgerError, MissingExtra, SourceError
from crossthink_data.exchange import digest_of
from crossthink_data.executors import Executor, run_pipeline
from crossthink_data.records import Document

__all__ = ["CleanDocuments", "FileAccount", "clean_documents", "documents_digest"]

Progress = Callable[[int, int], None]
"""Called with the number of files that are done and of all."""

_CODE_VERSION = 2
"""Raised when the same settings would give other texts than before."""


@dataclass(frozen=True, slots=True)
class FileAccount:
    """The records of one file: `records_in` = `kept` + the sum of `dropped`.

    `failure` is the reason and detail of a file that could not be read, or None.
    """

    file: str
    records_in: int
    kept: int
    dropped: Mapping[str, int]
    failure: tuple[str, str] | None = None

    def as_json(self) -> dict[str, object]:
        """The counts as JSON values."""
        failed = self.failure and {"reason": self.failure[0], "detail": self.failure[1]}
        return {
            "in": self.records_in,
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "failed": failed,
        }


@dataclass(frozen=True, slots=True)
class CleanDocuments:
    """Distinct texts by id: iterate for the Documents, as often as wanted, a batch in memory.

    `dropped` is a parquet file: file, record, url, reason, detail, and text where it was asked for.
    """

    folder: Path
    digest: str
    files: tuple[FileAccount, ...]
    licence: str | None = None
    reused: bool = False
    inputs: tuple[InputFile, ...] = field(default=())

    @property
    def dropped(self) -> Path:
        """The drops, file after file in the order read, then the duplicates by id."""
        return self.folder / "dropped.parquet"

    @property
    def kept(self) -> Path:
        """The texts, by id: id, text, file, record, url, date."""
        return self.folder / "documents.parquet"

    @property
    def account(self) -> dict[str, object]:
        """The counts of each file as JSON values: in, kept, dropped by reason, failed or null."""
        return {account.file: account.as_json() for account in self.files}

    def __len__(self) -> int:
        return sum(account.kept for account in self.files)

    def __iter__(self) -> Iterator[Document]:
        with pq.ParquetFile(self.kept, pre_buffer=False) as table:
            for batch in table.iter_batches(256, use_threads=False):
                for row in batch.to_pylist():
                    yield Document(licence=self.licence, **row)


def clean_documents(
    origins: Sequence[str | Path],
    settings: DocumentSettings,
    folder: Path,
    *,
    executor: Executor | None = None,
    progress: Progress = lambda done, total: None,
) -> CleanDocuments:
    """The clean texts of files, folders and path lists, below `folder` in `documents-<digest>`.

    The digest is over settings, code version and the files' content; a finished folder is used
    again, an unfinished one goes on with the files that are not done. Equal texts are one document:
    the one with the least url, date, record and file. Neither that nor the order hangs on the
    order, number or sharing out of files. SourceError for an origin that does not exist, or when
    no file could be read; BackendError when a rank did not finish; MissingExtra without [synth].
    """
    _need_extras()
    files = input_files([str(origin) for origin in origins], settings.crawl_base)
    digest = _digest(files, settings)
    place = folder / f"documents-{digest}"
    if (place / "counts.json").exists():
        accounts = _read_accounts(place)
        return CleanDocuments(place, digest, accounts, settings.licence, True, files)
    parts = place / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    _make_parts(files, settings, place, executor or Executor(), progress)
    accounts = _merge(place, files)
    return CleanDocuments(place, digest, accounts, settings.licence, False, files)


def documents_digest(origins: Sequence[str | Path], settings: DocumentSettings) -> str:
    """16 hex digits over settings, code version and the files' content; nothing is read in full.

    A file over 64 MB stands by its size and time of change, one at an address by the address.
    SourceError for an origin that does not exist.
    """
    return _digest(input_files([str(origin) for origin in origins], settings.crawl_base), settings)


def _digest(files: Sequence[InputFile], settings: DocumentSettings) -> str:
    chosen = settings.model_dump(mode="json", exclude={"crawl_base"})
    listed = [[file.name, file.kind, file.fingerprint] for file in files]
    return digest_of([__version__, _CODE_VERSION, chosen, listed])[:16]


def _need_extras() -> None:
    for package in ("datatrove", "fastwarc", "resiliparse"):
        try:
            __import__(package)
        except ImportError as error:
            raise MissingExtra(package, "synth", "reading documents") from error


def _make_parts(
    files: Sequence[InputFile],
    settings: DocumentSettings,
    place: Path,
    executor: Executor,
    progress: Progress,
) -> None:
    from crossthink_data.documents.steps import document_steps

    parts = place / "parts"
    todo = [
        (number, file)
        for number, file in enumerate(files)
        if not part_places(parts, number)[-1].exists()
    ]
    if not todo:
        return
    world = min(executor.tasks, len(todo))
    shares = _shared_out([file.size for _, file in todo], world)
    steps = document_steps(todo, shares, settings, PartWriter(parts, settings.keep_dropped_text))
    with _watched(parts, len(files), progress):
        run_pipeline(steps, world=world, executor=executor, folder=place / "ranks")


def _shared_out(sizes: Sequence[int], world: int) -> list[list[int]]:
    """Places of files for each rank, so that the ranks have about as many bytes each."""
    shares: list[list[int]] = [[] for _ in range(world)]
    loads = [(0, rank) for rank in range(world)]
    for place in sorted(range(len(sizes)), key=lambda place: (-sizes[place], place)):
        load, rank = min(loads)
        shares[rank].append(place)
        loads[rank] = (load + sizes[place] + 1, rank)
    return [sorted(share) for share in shares]


@contextmanager
def _watched(parts: Path, total: int, progress: Progress) -> Iterator[None]:
    """Report the files that are done, twice a second; the ranks may be on other machines."""
    over = threading.Event()

    def done() -> int:
        return sum(1 for name in os.listdir(parts) if name.endswith(".json"))

    def watch() -> None:
        while not over.wait(0.5):
            progress(done(), total)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        progress(done(), total)


def _merge(place: Path, files: Sequence[InputFile]) -> tuple[FileAccount, ...]:
    """One file of distinct texts by id and one of drops, from all parts; counts last."""
    parts = place / "parts"
    accounts = [_part_account(part_places(parts, number)[-1]) for number in range(len(files))]
    if not any(account.records_in for account in accounts):
        shown = "; ".join(
            f"{account.file}: {': '.join(account.failure) if account.failure else 'no records'}"
            for account in accounts[:5]
        )
        raise SourceError(
            f"none of {len(accounts)} files could be read: {shown}; wanted are WARC, WET, parquet, "
            "JSON Lines or text files"
        )
    working = [place / f"{name}.working" for name in ("documents.parquet", "dropped.parquet")]
    places = [part_places(parts, number) for number in range(len(files))]
    doubles = merge_parts(
        [kept for kept, _, _ in places],
        [dropped for _, dropped, _ in places],
        documents=working[0],
        dropped=working[1],
        scratch=place / "buckets",
    )
    final = tuple(_with_doubles(account, doubles[account.file]) for account in accounts)
    for account in final:
        _check_balance(account)
    working[0].replace(place / "documents.parquet")
    working[1].replace(place / "dropped.parquet")
    _write_accounts(place, final)
    shutil.rmtree(parts, ignore_errors=True)
    return final


def _with_doubles(account: FileAccount, doubles: int) -> FileAccount:
    dropped = dict(account.dropped)
    if doubles:
        dropped["duplicate_text"] = doubles
    kept = account.kept - doubles
    ordered = dict(sorted(dropped.items()))
    return FileAccount(account.file, account.records_in, kept, ordered, account.failure)


def _check_balance(account: FileAccount) -> None:
    lost = account.records_in - account.kept - sum(account.dropped.values())
    if lost:
        raise LedgerError(
            f"documents: counts of {account.file} do not reconcile: {account.records_in} in, "
            f"{account.kept} kept, {dict(account.dropped)} dropped leaves {lost} records; "
            "please report this as a bug"
        )


def _part_account(place: Path) -> FileAccount:
    part = json.loads(place.read_text(encoding="utf-8"))
    failed = part["failed"]
    failure = (str(failed["reason"]), str(failed["detail"])) if failed else None
    return FileAccount(part["file"], part["in"], part["kept"], part["dropped"], failure)


def _write_accounts(place: Path, accounts: Sequence[FileAccount]) -> None:
    values = [{"file": account.file, **account.as_json()} for account in accounts]
    working = place / "counts.working"
    working.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
    working.replace(place / "counts.json")


def _read_accounts(place: Path) -> tuple[FileAccount, ...]:
    values = json.loads((place / "counts.json").read_text(encoding="utf-8"))
    return tuple(
        FileAccount(
            value["file"],
            value["in"],
            value["kept"],
            value["dropped"],
            value["failed"] and (value["failed"]["reason"], value["failed"]["detail"]),
        )
        for value in values
    )
