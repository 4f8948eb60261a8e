"""Which files the documents are in: paths, folders and Common Crawl path lists, told by content."""

import gzip
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from crossthink_data.errors import SourceError

__all__ = ["InputFile", "InputKind", "input_files"]

InputKind = Literal["warc", "arc", "parquet", "json", "text", "html", "broken"]

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LISTED = re.compile(r"\S+\.(?:warc|wet|wat|arc)(?:\.gz|\.zst)?\s*$", re.IGNORECASE)
_ARCHIVE_NAME = re.compile(r"\.(?:warc|wet|wat|arc)(?:\.(?:gz|zst|bad|open))*$", re.IGNORECASE)
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".rst"})
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_HASHED_BYTES = 64 << 20
_HEAD = 4096
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PK\x03\x04", b"%PDF")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One file: where it is, its name in every output, its kind, and what its content hangs on.

    `name` is the file's own name, with as many folders before it as tell it from the others.
    `detail` says what is wrong with a `broken` one; `reason` is its failure in snake_case. `size`
    is in bytes, 0 for a remote file.
    """

    where: str
    name: str
    kind: InputKind
    size: int
    fingerprint: str
    reason: str = ""
    detail: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether it is read over a network."""
        return bool(_REMOTE.match(self.where))


def input_files(origins: Sequence[str], crawl_base: str) -> tuple[InputFile, ...]:
    """The files of all origins, each once, sorted by name and content, whatever the order given.

    An origin is a file, a folder (read all the way down, hidden files left out), an address, or a
    path list. SourceError when an origin does not exist, or there is no file at all.
    """
    found: dict[str, InputFile] = {}
    for origin in origins:
        for where in _places(origin, crawl_base):
            key = where if _REMOTE.match(where) else str(Path(where).resolve())
            if key not in found:
                found[key] = _remote(where) if _REMOTE.match(where) else _local(Path(where))
    if not found:
        raise SourceError(
            f"no files in {', '.join(origins) or 'no inputs'}; wanted are WARC, WET, parquet, "
            "JSON Lines or text files, folders of them, or Common Crawl path lists"
        )
    named = _told_apart(list(found.values()))
    return tuple(sorted(named, key=lambda file: (file.name, file.fingerprint)))


def _places(origin: str, crawl_base: str, *, named: bool = True) -> Iterator[str]:
    """The files of an origin. A file that was not `named` is a path list by its name alone."""
    if _REMOTE.match(origin):
        if _is_list_name(origin):
            raise SourceError(
                f"{origin} is a path list at an address; wanted is a file; download it first"
            )
        yield origin
        return
    path = Path(origin)
    if path.is_dir():
        inside = sorted(path.rglob("*"))
        for file in inside:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not file.is_dir() and not hidden:
                yield from _places(str(file), crawl_base, named=False)
    elif named and not path.exists():
        raise SourceError(
            f"{path} does not exist; wanted is a web archive, a file or folder of documents, or a "
            "Common Crawl path list; check the path"
        )
    elif _is_list_name(path.name) or (named and _lists_archives(path)):
        yield from _listed(path, crawl_base)
    else:
        yield origin


def _is_list_name(name: str) -> bool:
    return re.search(r"\.paths(?:\.gz)?$", name) is not None


def _lists_archives(path: Path) -> bool:
    """Whether the file begins with paths of archives, a line each, and nothing else."""
    try:
        head = _head(path)
    except OSError:
        return False
    lines = head.splitlines()[:-1] if len(head) >= _HEAD else head.splitlines()
    filled = [line for line in lines if line.strip() and not line.startswith(b"#")]
    return bool(filled) and all(
        line.isascii() and _LISTED.match(line.decode("ascii")) for line in filled
    )


def _listed(path: Path, crawl_base: str) -> Iterator[str]:
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        lines = content.decode("utf-8").split("\n")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise SourceError(
            f"{path} is not a path list: {error}; wanted is one path a line, gzip or not"
        ) from error
    for line in (line.strip() for line in lines):
        if not line or line.startswith("#"):
            continue
        if _REMOTE.match(line):
            yield line
            continue
        # A list is data: it may name what is below the base, and no other file of this machine.
        if line.startswith("/") or ".." in PurePosixPath(line).parts:
            raise SourceError(
                f"{path} lists {line}, which is not below crawl_base {crawl_base}; a path list "
                "has addresses or paths below the base, as Common Crawl's have; name files "
                "of this machine as inputs"
            )
        where = f"{crawl_base.rstrip('/')}/{line}"
        if not _REMOTE.match(where) and not Path(where).exists():
            raise SourceError(f"{where} does not exist; {path} lists it; check crawl_base")
        yield where


def _remote(where: str) -> InputFile:
    name = PurePosixPath(where.split("?")[0]).name
    if not _ARCHIVE_NAME.search(name):
        raise SourceError(
            f"{where} is not a WARC, WET or ARC file by its name, and only archives are read from "
            "an address; download it and name the file"
        )
    kind: InputKind = "arc" if re.search(r"\.arc(?:\.gz)?$", name) else "warc"
    return InputFile(where=where, name=name, kind=kind, size=0, fingerprint=f"address:{where}")


def _local(path: Path) -> InputFile:
    file = InputFile(
        where=str(path.absolute()), name=path.name, kind="text", size=0, fingerprint=""
    )
    try:
        file = replace(file, size=path.stat().st_size, fingerprint=_fingerprint(path))
        head = _head(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return replace(
            file, kind="broken", reason="unreadable_file", detail=why, fingerprint=f"broken:{why}"
        )
    kind, reason = _kind(path, head)
    if kind != "broken":
        return replace(file, kind=kind)
    shown = head[:40].decode("utf-8", "backslashreplace")
    return replace(file, kind=kind, reason=reason, detail=f"begins with {shown!r}")


def _fingerprint(path: Path) -> str:
    """The content's digest; for a file over 64 MB its size and time of change instead."""
    status = path.stat()
    if status.st_size > _HASHED_BYTES:
        return f"size:{status.st_size}:changed:{status.st_mtime_ns}"
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _head(path: Path) -> bytes:
    """The first bytes, unpacked where they are gzip or zstd."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if start.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            return inflater.decompress(start, _HEAD)
        except zlib.error:
            return start
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        from fastwarc.stream_io import ZstdReader

        with path.open("rb") as stream:
            try:
                return bytes(ZstdReader(stream).read(_HEAD))
            except (OSError, ValueError):
                return start
    return start


def _kind(path: Path, head: bytes) -> tuple[InputKind, str]:
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if head.startswith(b"WARC/"):
        return "warc", ""
    if head.startswith(b"filedesc:"):
        return "arc", ""
    if head.startswith(b"PAR1"):
        return "parquet", ""
    if not head:
        return "broken", "empty_file"
    if _ARCHIVE_NAME.search(path.name):
        return "broken", "not_an_archive"
    if suffixes & {".parquet", ".pq"}:
        return "broken", "not_parquet"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _is_binary(head):
        return "broken", "unknown_format"
    if suffixes & {".jsonl", ".ndjson", ".json"} or start.startswith((b'{"', b'[{"', b"{'")):
        return "json", ""
    if suffixes & _HTML_SUFFIXES or re.match(rb"<(?:!doctype html|html)", start, re.IGNORECASE):
        return "html", ""
    if suffixes & _TEXT_SUFFIXES or not path.suffix:
        return "text", ""
    return "broken", "unknown_format"


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        return False
    return b"\x00" in head or head.startswith(_PACKED)


def _told_apart(files: list[InputFile]) -> list[InputFile]:
    """The files with as many folders before their names as it takes to have each name once."""
    depth = 1
    names = [file.name for file in files]
    while depth < 64 and len(set(names)) < len(names):
        depth += 1
        often = Counter(names)
        names = [
            "/".join(PurePosixPath(file.where).parts[-depth:]) if often[name] > 1 else name
            for file, name in zip(files, names, strict=True)
        ]
    return [replace(file, name=name) for file, name in zip(files, names, strict=True)]
