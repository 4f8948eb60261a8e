"""The steps of the document pipeline, as datatrove has steps: reader, extractor, filters, writer.

Each step tells the part of the file being read what it drops, so that no record is lost between
them. datatrove hands one document at a time down the steps, so the part in hand is always the
right one.
"""

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from datatrove.data import Document
from datatrove.io import open_file
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.extractors.base import BaseExtractor
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.readers.base import BaseReader

from crossthink_data.documents import quality
from crossthink_data.documents.archives import arc_records, warc_records
from crossthink_data.documents.extraction import is_too_deep, main_text, tidy, without_menus
from crossthink_data.documents.http_bodies import unpacked
from crossthink_data.documents.inputs import InputFile
from crossthink_data.documents.language import in_language
from crossthink_data.documents.parts import PartWriter, part_places
from crossthink_data.documents.records_read import Drop, Page, Unusable
from crossthink_data.documents.rows import json_records, parquet_records, text_record
from crossthink_data.documents.settings import DocumentSettings
from crossthink_data.errors import SourceError

__all__ = ["document_steps"]

Fault = tuple[str, str] | None
"""Why a text is dropped, as reason and detail; None for one that stays."""

_DAMAGE = ("truncated_record", "unreadable_record")
_TRIES = 4
_FIRST_PAUSE_SECONDS = 2.0


def document_steps(
    files: Sequence[tuple[int, InputFile]],
    shares: Sequence[Sequence[int]],
    settings: DocumentSettings,
    part: PartWriter,
) -> list[PipelineStep]:
    """The steps from files to parts; rank r reads the files whose places are in `shares[r]`."""
    # Prose before language: no detector knows the language of a list.
    checks = {
        "length": quality.length_fault,
        "prose": quality.prose_fault,
        "language": _language_fault,
        "repetition": quality.repetition_fault,
        "content": quality.content_fault,
    }
    chosen = checks if settings.quality else ("length", "language")
    return [
        ReadFiles(files, shares, settings, part),
        ExtractText(settings, part),
        *(DropFaults(name, checks[name], settings, part) for name in chosen),
        KeepTexts(part),
    ]


class ReadFiles(BaseReader):
    """Reads this rank's files; each record of a file becomes a document or is a drop of its part.

    A file that is done already is not read again. A broken file is recorded as such, and the next
    one is read. SourceError for an address that did not answer: a later run may have more luck.
    """

    name = "files"

    def __init__(
        self,
        files: Sequence[tuple[int, InputFile]],
        shares: Sequence[Sequence[int]],
        settings: DocumentSettings,
        part: PartWriter,
    ) -> None:
        super().__init__()
        self.files = tuple(files)
        self.shares = tuple(tuple(share) for share in shares)
        self.settings = settings
        self.part = part

    def run(self, data: object = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """The documents of this rank's files, one after the other."""
        unanswered: list[str] = []
        for place in self.shares[rank]:
            number, file = self.files[place]
            if part_places(self.part.folder, number)[-1].exists():
                continue
            failure = None
            self.part.begin(file, number)
            try:
                yield from self._documents(file)
            except Unusable as error:
                failure = (error.reason, error.detail)
            except OSError as error:
                if file.is_remote and not isinstance(error, FileNotFoundError):
                    unanswered.append(f"{file.where} ({error})")
                    continue
                failure = ("unreadable_file", str(error))
            self.part.finish(failure or self._damage())
        if unanswered:
            raise SourceError(
                f"{len(unanswered)} files could not be read from their address: "
                f"{'; '.join(unanswered[:3])}; run the same command again to go on"
            )

    def _damage(self) -> tuple[str, str] | None:
        """What to say of a file some of whose records are cut short or unreadable."""
        if not self._damaged:
            return None
        return "damaged_file", f"{self._damaged} of {self._read} records could not be read whole"

    def _documents(self, file: InputFile) -> Iterator[Document]:
        self._read = self._damaged = 0
        for record in _records(file, self.settings):
            self.part.count_in()
            self._read += 1
            if isinstance(record, Drop):
                self._damaged += record.reason in _DAMAGE
                self.stat_update(f"dropped_{record.reason}")
                self.part.drop(record.record, record.url, record.reason, record.detail)
                continue
            if len(record.body) > self.settings.max_page_bytes:
                self.stat_update("dropped_page_too_large")
                size = f"{len(record.body):,} characters"
                self.part.drop(record.record, record.url, "page_too_large", size)
                continue
            metadata = {
                "file": file.name,
                "url": record.url,
                "date": record.date,
                "form": record.form,
            }
            self.stat_update("documents")
            yield Document(text=record.body, id=record.record, metadata=metadata)


def _records(file: InputFile, settings: DocumentSettings) -> Iterator[Page | Drop]:
    if file.kind == "broken":
        raise Unusable(file.reason, file.detail)
    if file.kind in ("warc", "arc"):
        with _opened(file) as opened:
            stream = WatchedStream(opened)
            reader = warc_records if file.kind == "warc" else arc_records
            yield from reader(cast(BinaryIO, stream), settings.max_page_bytes)
        if stream.error is not None:
            # The reader took it for a damaged record; but it may not come again.
            raise stream.error
    elif file.kind == "parquet":
        yield from parquet_records(Path(file.where))
    elif file.kind == "json":
        yield from json_records(Path(file.where), file.name)
    elif file.size > settings.max_page_bytes:
        yield Drop(record="1", reason="page_too_large", detail=f"{file.size:,} bytes")
    else:
        content = unpacked(Path(file.where).read_bytes(), "", "", settings.max_page_bytes)
        yield from text_record(content, is_page=file.kind == "html")


class WatchedStream(io.BufferedIOBase):
    """A stream that remembers its error: trouble of a disk or network, and no fault of the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.error: OSError | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """What the stream has, up to `size` bytes."""
        try:
            return self.stream.read(-1 if size is None else size)
        except OSError as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go there."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """Where the stream is."""
        return self.stream.tell()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True


def _opened(file: InputFile) -> BinaryIO:
    if not file.is_remote:
        return Path(file.where).open("rb")
    for attempt in range(_TRIES - 1):
        with suppress(OSError):
            return cast(BinaryIO, open_file(file.where, "rb"))
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
    return cast(BinaryIO, open_file(file.where, "rb"))


class ExtractText(BaseExtractor):
    """Web page to text in this process; datatrove's own extractors drop a page after one second."""

    name = "text"

    def __init__(self, settings: DocumentSettings, part: PartWriter) -> None:
        super().__init__()
        self.settings = settings
        self.part = part

    def extract(self, text: str) -> str:
        """The main text of a page."""
        return main_text(text, self.settings.extractor)

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        """The documents with their text; what has none is a drop."""
        for document in data:
            page = document.text
            form = document.metadata["form"]
            if form == "html" and is_too_deep(page):
                self._drop(document, "too_deeply_nested")
                continue
            with self.track_time():
                if form == "html":
                    document.text = self.extract(page)
                else:
                    document.text = tidy(without_menus(page) if form == "flat" else page)
            if document.text:
                yield document
            else:
                self._drop(document, "no_text")

    def _drop(self, document: Document, reason: str) -> None:
        self.stat_update(f"dropped_{reason}")
        self.part.drop(document.id, document.metadata["url"], reason)


class DropFaults(BaseFilter):
    """Drops what a rule finds a fault in, with the rule's reason and detail."""

    def __init__(
        self,
        name: str,
        check: Callable[[str, DocumentSettings], Fault],
        settings: DocumentSettings,
        part: PartWriter,
    ) -> None:
        self.name = name
        super().__init__()
        self.check = check
        self.settings = settings
        self.part = part

    def filter(self, document: Document) -> bool | tuple[bool, str]:
        """True, or False with the reason; the part has it too."""
        fault = self.check(document.text, self.settings)
        if fault is None:
            return True
        reason, detail = fault
        self.part.drop(document.id, document.metadata["url"], reason, detail, document.text)
        return False, reason


def _language_fault(text: str, settings: DocumentSettings) -> Fault:
    if settings.language is None:
        return None
    found = in_language(text, settings.language)
    return ("other_language", found) if found else None


class KeepTexts(PipelineStep):
    """Writes what is left to the part, under the digest of its text."""

    type = "WRITER"
    name = "parts"

    def __init__(self, part: PartWriter) -> None:
        super().__init__()
        self.part = part

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        """The documents, each one written."""
        for document in data:
            metadata = document.metadata
            self.part.keep(
                {
                    "id": text_digest(document.text),
                    "text": document.text,
                    "file": metadata["file"],
                    "record": document.id,
                    "url": metadata["url"],
                    "date": metadata["date"],
                }
            )
            yield document


def text_digest(text: str) -> str:
    """32 hex digits: BLAKE2b-128 over a text whose runs of white space are single spaces."""
    plain = " ".join(text.split()).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(plain, digest_size=16).hexdigest()
