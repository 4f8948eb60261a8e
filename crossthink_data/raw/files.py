"""Which files hold rows, in which form, and how their bytes are opened."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Literal, cast

from crossthink_data.errors import RecipeError, SourceError

__all__ = ["DataFile", "DataFiles", "Form", "data_files", "open_bytes", "reading"]

Form = Literal["lines", "json", "csv", "parquet"]

_FORMS: dict[str, Form] = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
# Files that `datasets` and the hub put beside the data.
_NOT_DATA = {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
_ZSTD = b"\x28\xb5\x2f\xfd"
_SPLIT_NAMES = {"validation": ("validation", "val"), "val": ("val", "validation")}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of rows; `name` is its posix path below what the user named."""

    path: Path
    name: str
    form: Form


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of rows below a path, by name, and the names of those that are no data."""

    files: tuple[DataFile, ...]
    ignored: tuple[str, ...]


def data_files(path: Path, split: str | None = None) -> DataFiles:
    """The data files at `path`: the file itself, or a folder's, all the way down, sorted by name.

    In a folder a file is data by its suffix; hidden files and folders are left alone. With `split`,
    only files that name it in a folder or as a part of their own name (`test/x.csv`, `x_test.csv`).
    SourceError when there is no such path, or nothing in it is data; RecipeError for a split that
    a single file does not name.
    """
    if path.is_dir():
        return _folder(path, split)
    if not path.exists():
        raise SourceError(
            f"{path} does not exist; wanted is a file or folder of rows; check the path"
        )
    if split is not None and not _names_split(Path(path.name), split):
        raise RecipeError(
            f"split is {split!r}, which {path} does not name; a single file is read whole; leave "
            "the split out, or name the folder of the files to choose from"
        )
    form = _form_of_suffix(path) or _form_of_content(path)
    return DataFiles((DataFile(path, _printable(Path(path.name)), form),), ())


def open_bytes(path: Path) -> BufferedReader:
    """The file's bytes, unpacked where gzip or zstd. SourceError when it cannot be opened."""
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"{path} is empty; wanted is a file with rows; fetch it again")
        file: BufferedReader = BufferedReader(FileIO(path), 1 << 20)
        start = file.peek(4)[:4]
        if not start.startswith((b"\x1f\x8b", _ZSTD)):
            return file
        file.close()
        if start == _ZSTD:
            return _unpacked_zstd(path)
        # Opened again by its name: a gzip file closes only what it opened itself.
        unpacked = gzip.GzipFile(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}; check the file") from error
    return BufferedReader(cast("RawIOBase", unpacked), 1 << 20)  # the stubs ask for a raw stream


def _unpacked_zstd(path: Path) -> BufferedReader:
    import pyarrow as pa

    stream = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    return BufferedReader(cast("RawIOBase", stream), 1 << 20)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what breaks in a file's bytes (truncated gzip, failing disk) into a SourceError."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{path} cannot be read to its end: {error}; wanted is a whole file; fetch it again"
        ) from error


def _folder(folder: Path, split: str | None) -> DataFiles:
    files: list[DataFile] = []
    ignored: list[str] = []
    others: list[str] = []
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_dir() or any(part.startswith(".") for part in relative.parts):
            continue
        form = None if path.name in _NOT_DATA else _form_of_suffix(path)
        if form is None:
            ignored.append(_printable(relative))
        elif split is None or _names_split(relative, split):
            files.append(DataFile(path, _printable(relative), form))
        else:
            others.append(_printable(relative))
    if others and not files:
        raise SourceError(
            f"{folder} holds no data file of split {split!r}: {_some(others)} found; wanted is a "
            "split that a folder or file name holds; name such a split, or leave it out to read all"
        )
    if not files:
        raise SourceError(
            f"{folder} holds no data file: {_some(ignored)} found; wanted are "
            f"{', '.join(_FORMS)} files, also with .gz; name the folder that holds them"
        )
    return DataFiles(tuple(sorted(files, key=lambda file: file.name)), tuple(sorted(ignored)))


def _printable(path: Path) -> str:
    """The posix path as valid UTF-8: a file name on disk may be any bytes, provenance may not."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _names_split(relative: Path, split: str) -> bool:
    names = _SPLIT_NAMES.get(split, (split,))
    stem = relative.name.split(".")[0].replace("-", "_").split("_")
    return any(name in (*relative.parts[:-1], *stem) for name in names)


def _form_of_suffix(path: Path) -> Form | None:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return _FORMS.get(suffixes[-1]) if suffixes else None


def _form_of_content(path: Path) -> Form:
    """The form of a file whose suffix says nothing; SourceError when its content does not."""
    with reading(path), open_bytes(path) as stream:
        head = stream.peek(4)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if head.startswith(b"PAR1"):
        return "parquet"
    if start in (b"{", b"["):
        return "json"
    raise SourceError(
        f"{path} is of no known form; wanted is {', '.join(_FORMS)}, also with .gz; "
        "rename it to say what it is"
    )


def _some(names: list[str]) -> str:
    if not names:
        return "nothing"
    shown = ", ".join(sorted(names)[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
