"""The journal: every reply as it came, one line each, kept before anything is read out of it.

A folder holds one file per rank, `rank=00000.jsonl`. Each rank appends to its own and reads all of
them, so a run with another number of ranks finds every reply. A line is written with one system
call the moment a reply arrives: that survives the death of the process. `sync` makes it survive the
death of the machine. Nothing is held in memory but where each key's line is.

A line has `kind` `answer`, `refusal` (the server refuses this request for good) or `no_reply` (the
attempts were spent; a later run asks again), the key, what the request was for, and what came back.
"""

import errno
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Literal

from crossthink_data.errors import BackendError, SourceError
from crossthink_data.exchange import Completion, Refusal, Reply, Request
from crossthink_data.generate.key_index import KeyIndex
from crossthink_data.generate.lock import RankLock
from crossthink_data.generate.protocol import Answer

__all__ = ["Entry", "Journal", "JournalReader", "answer_line", "refusal_line"]

Kind = Literal["answer", "refusal", "no_reply"]
Structured = Literal["schema", "json_object", "text"]
_KINDS: tuple[Kind, ...] = ("answer", "refusal", "no_reply")
_STRUCTURED: tuple[Structured, ...] = ("schema", "json_object", "text")

# A place in the index: one bit "final", 20 bits of file number, 43 bits of offset.
_FINAL = 1 << 63
_OFFSET_BITS = 43
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_FILE_MASK = (1 << 20) - 1
_BLOCK = 1 << 20
_OPEN_FILES = 64
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a journal, read back. `time` is in seconds since 1970, `latency` in seconds."""

    kind: Kind
    key: str
    task: str = ""
    row_id: str = ""
    template: str = ""
    sample: int = 0
    resample: int = 0
    text: str = ""
    reasoning: str | None = None
    finish_reason: str = ""
    model: str = ""
    structured: Structured = "text"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    attempts: int = 0
    latency: float = 0.0
    time: float = 0.0
    reason: str = ""
    detail: str = ""

    @property
    def final(self) -> bool:
        """Whether a later run takes it as it is, and does not ask again."""
        return self.kind != "no_reply"

    def reply(self) -> Reply:
        """The reply that rules are given: the completion, or why there is none."""
        if self.kind != "answer":
            return Refusal(key=self.key, reason=self.reason, detail=self.detail)
        return Completion(
            key=self.key,
            text=self.text,
            reasoning=self.reasoning,
            finish_reason=self.finish_reason,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
        )

    def answer(self) -> Answer | None:
        """What the server sent, for a backend that answers from recorded journals."""
        if self.kind != "answer":
            return None
        return Answer(
            text=self.text,
            finish_reason=self.finish_reason,
            reasoning=self.reasoning,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            structured=self.structured,
        )


def answer_line(
    key: str, request: Request, answer: Answer, *, attempts: int, latency: float
) -> dict[str, object]:
    """The line of an answer, as JSON values; no address and no API key is in it."""
    return {
        "kind": "answer",
        "key": key,
        **_purpose(request),
        "text": answer.text,
        "reasoning": answer.reasoning,
        "finish_reason": answer.finish_reason,
        "model": answer.model,
        "structured": answer.structured,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "attempts": attempts,
        "latency": round(latency, 4),
        "time": round(time.time(), 3),
    }


def refusal_line(
    key: str, request: Request, reason: str, detail: str, *, attempts: int, final: bool
) -> dict[str, object]:
    """The line of a request that got no reply, for good or (`final` False) for this run."""
    return {
        "kind": "refusal" if final else "no_reply",
        "key": key,
        **_purpose(request),
        "reason": reason,
        "detail": detail,
        "attempts": attempts,
        "time": round(time.time(), 3),
    }


def _purpose(request: Request) -> dict[str, object]:
    return {
        "task": request.task,
        "row_id": request.row_id,
        "template": request.template,
        "sample": request.sample,
        "resample": request.resample,
    }


class JournalReader:
    """All journals of a folder, by key; takes no lock and changes nothing.

    Where a key has several lines the first final one counts, files in order of name: whoever reads
    the folder sees the same reply. `corrupt` names the lines that could not be read, and a file's
    unfinished last line is passed over. SourceError when the folder or a file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corrupt: list[str] = []
        self.answers = 0
        self._index = KeyIndex()
        self._files: list[Path] = []
        self._open: dict[int, int] = {}
        try:
            paths = sorted(folder.glob("rank=*.jsonl"))
            for path in paths:
                self._load(path)
        except OSError as error:
            raise SourceError(
                f"{error.filename or folder}: the journal cannot be read: {error.strerror}; "
                f"replies that were paid for are in it, so nothing is asked without it"
            ) from error

    def __len__(self) -> int:
        return len(self._index)

    def get(self, key: str) -> Entry | None:
        """The line of the key, or None."""
        place = self._index.get(key)
        if place is None:
            return None
        number = (place >> _OFFSET_BITS) & _FILE_MASK
        line = self._line(number, place & _OFFSET_MASK)
        entry = _entry(line)
        if entry is None or entry.key != key:
            raise SourceError(
                f"{self._files[number]}: the line at byte {place & _OFFSET_MASK} changed while "
                f"the run read it; journals are only ever appended to, so restore the file"
            )
        return entry

    def final(self, key: str) -> Entry | None:
        """The line of the key where it is final, or None."""
        place = self._index.get(key)
        return self.get(key) if place is not None and place & _FINAL else None

    def entries(self) -> Iterator[Entry]:
        """Every readable line of every file, in order; superseded ones too."""
        return (entry for _, entry in self.named_entries())

    def named_entries(self) -> Iterator[tuple[str, Entry]]:
        """The same lines, each with the name of its file."""
        for path in self._files:
            for _, line in _lines(path):
                entry = _entry(line)
                if entry is not None:
                    yield path.name, entry

    def close(self) -> None:
        """Close the files; may be called twice."""
        for file in self._open.values():
            os.close(file)
        self._open.clear()

    def _load(self, path: Path) -> int:
        """Put a file's lines into the index; its number among the files."""
        number = len(self._files)
        self._files.append(path)
        for offset, line in _lines(path):
            entry = _entry(line)
            if entry is None:
                if line.strip():
                    self.corrupt.append(f"{path.name} at byte {offset}")
                continue
            self._remember(entry.key, entry.kind, number, offset)
        return number

    def _remember(self, key: str, kind: Kind, number: int, offset: int) -> None:
        self.answers += kind == "answer"
        final = kind != "no_reply"
        known = self._index.get(key)
        if known is None or (final and not known & _FINAL):
            self._index.put(key, (_FINAL if final else 0) | number << _OFFSET_BITS | offset)

    def _line(self, number: int, offset: int) -> bytes:
        file = self._open.get(number)
        if file is None:
            if len(self._open) >= _OPEN_FILES:
                os.close(self._open.pop(next(iter(self._open))))
            file = os.open(self._files[number], os.O_RDONLY | os.O_CLOEXEC)
            self._open[number] = file
        size = 8192
        line = os.pread(file, size, offset)
        while b"\n" not in line:
            more = os.pread(file, size, offset + len(line))
            if not more:
                break
            line += more
            size *= 2
        return line.partition(b"\n")[0]


class Journal(JournalReader):
    """The journals of a folder, one of which this process alone appends to; a context manager.

    On opening, a torn last line of the own file is cut off (the writer died in the middle of it).
    `reserve` bytes are set aside on the disk: when it is full they are given up, so that replies on
    their way still find room, and `full` tells the engine to stop. SourceError when another run
    writes this rank; BackendError when there is no room to begin with.
    """

    def __init__(self, folder: Path, rank: int = 0, *, reserve: int = 1 << 20) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"--journal {folder}: the folder cannot be made: {error.strerror}"
            ) from error
        self.path = folder / f"rank={rank:05d}.jsonl"
        self.full = False
        self._lock = RankLock(self.path.with_suffix(".lock"))
        self._spare = self.path.with_suffix(".reserve")
        self._file = -1
        try:
            self._file = _opened(self.path)
            self._size = _cut_torn_tail(self._file)
            self._set_aside(reserve)
            super().__init__(folder)
        except BaseException:
            self._let_go()
            raise
        self._number = self._files.index(self.path)
        self._dirty = False
        self._syncing = Lock()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, line: Mapping[str, object]) -> None:
        """Write one line at once. BackendError when it cannot be written; the file stays whole."""
        # A lone surrogate of a model's text becomes its JSON escape, and is itself when read back.
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )
        offset = self._size
        self._write(data + b"\n")
        self._dirty = True
        kind = next(kind for kind in _KINDS if kind == line["kind"])
        self._remember(str(line["key"]), kind, self._number, offset)

    def sync(self) -> None:
        """Have the disk keep what was written so far. Safe in a thread beside `append`."""
        # Held while the disk works, so that who closes the journal waits for a sync under way.
        with self._syncing:
            if not self._dirty:
                return
            self._dirty = False
            try:
                os.fdatasync(self._file)
            except OSError as error:
                raise self._broken(error) from error

    def close(self) -> None:
        """Sync, close and unlock; may be called twice."""
        try:
            self.sync()
        finally:
            super().close()
            self._let_go()

    def _let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._spare.unlink(missing_ok=True)
        self._lock.release()

    def _write(self, data: bytes) -> None:
        start, view = self._size, memoryview(data)
        try:
            while view:
                view = self._write_some(view)
        except OSError as error:
            # What was written of the line is taken back, or the next line would be glued to it.
            os.ftruncate(self._file, start)
            self._size = start
            raise self._broken(error) from error

    def _write_some(self, view: memoryview) -> memoryview:
        try:
            written = os.write(self._file, view)
        except OSError as error:
            if error.errno not in _DISK_IS_FULL or not self._spare.exists():
                raise
            self._spare.unlink()
            self.full = True
            return view
        self._size += written
        return view[written:]

    def _set_aside(self, size: int) -> None:
        """Make the reserve, a smaller one where there is no room for it."""
        file = _opened(self._spare)
        try:
            for room in (size, size // 4, size // 16):
                if _allocated(file, room):
                    return
        finally:
            os.close(file)
        raise BackendError(
            f"{self.path.parent}: less than {size >> 14} kB are free there, too little to keep "
            f"replies in; free some space, or name another --journal"
        )

    def _broken(self, error: OSError) -> BackendError:
        self.full = True
        return BackendError(
            f"{self.path}: a reply could not be written: {error.strerror}; make room, or move the "
            f"folder to another disk"
        )


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror}") from error


def _allocated(file: int, size: int) -> bool:
    """Whether the disk has room for the file at that size; True where it cannot be asked."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno in _DISK_IS_FULL:
            os.ftruncate(file, 0)
            return False
    return True


def _cut_torn_tail(file: int) -> int:
    """Cut off what follows the last newline; the size that is left, in bytes."""
    size = os.fstat(file).st_size
    end = size
    while end:
        start = max(0, end - _BLOCK)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end != size:
        os.ftruncate(file, end)
    return end


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each finished line."""
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield offset, line
            offset += len(line)


def _entry(line: bytes) -> Entry | None:
    """The line as an entry, or None for one that is no line of a journal."""
    try:
        parts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, dict):
        return None
    expected = {name: value for name, value in parts.items() if name in _FIELDS}
    if any(not isinstance(value, _FIELDS[name]) for name, value in expected.items()):
        return None
    kind, key = expected.get("kind"), expected.get("key")
    if kind not in _KINDS or not isinstance(key, str) or not _is_key(key):
        return None
    if expected.get("structured", "text") not in _STRUCTURED:
        return None
    return Entry(**expected)


def _is_key(key: str) -> bool:
    return len(key) == 32 and all(digit in "0123456789abcdef" for digit in key)


_FIELDS: Mapping[str, tuple[type, ...]] = {
    "kind": (str,),
    "key": (str,),
    "task": (str,),
    "row_id": (str,),
    "template": (str,),
    "sample": (int,),
    "resample": (int,),
    "text": (str,),
    "reasoning": (str, type(None)),
    "finish_reason": (str,),
    "model": (str,),
    "structured": (str,),
    "prompt_tokens": (int,),
    "completion_tokens": (int,),
    "attempts": (int,),
    "latency": (int, float),
    "time": (int, float),
    "reason": (str,),
    "detail": (str,),
}
