"""Rows of parquet and JSON Lines files and whole text files, each one a page or a drop."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crossthink_data.documents.http_bodies import decode_text
from crossthink_data.documents.records_read import Drop, Page, PageForm, Unusable
from crossthink_data.errors import SourceError
from crossthink_data.raw.files import DataFile, Form
from crossthink_data.raw.json_rows import json_rows
from crossthink_data.sources import Unreadable

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["TEXT_COLUMNS", "json_records", "parquet_records", "text_record"]

TEXT_COLUMNS = ("text", "content", "contents", "body", "document", "raw_content", "page_content")
"""Columns that hold a document's text, the first one present being taken."""

_HTML_COLUMNS = ("html", "raw_html", "page_html")
_URL_COLUMNS = ("url", "uri", "link", "source_url", "warc_target_uri")
_DATE_COLUMNS = ("date", "timestamp", "crawl_date", "created", "published")
_NESTED = ("metadata", "meta")
_SINGLE = re.compile(r"\.json(?:\.(?:gz|zst))?$", re.IGNORECASE)
_BATCH_ROWS = 256
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON may escape one; no file can hold it


def json_records(path: Path, name: str) -> Iterator[Page | Drop]:
    """The rows of a JSON Lines or JSON file, gzip or not. Unusable when it is neither."""
    try:
        form: Form = "json" if _SINGLE.search(path.name) else "lines"
        for row in json_rows(DataFile(path, name, form)):
            if isinstance(row, Unreadable):
                yield Drop(record=str(row.number), reason=row.reason, detail=row.detail)
            else:
                yield _of_row(row.columns, str(row.number))
    except SourceError as error:
        raise Unusable("not_json", str(error)) from error


def parquet_records(path: Path) -> Iterator[Page | Drop]:
    """The rows of a parquet file; only the columns that are looked at are read.

    Unusable when it is not whole or has no column of text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unusable("not_parquet", str(error)) from error
    with table:
        names = table.schema_arrow.names
        known = {_plain(name) for name in names}
        if known.isdisjoint((*TEXT_COLUMNS, *_HTML_COLUMNS)):
            raise Unusable("no_text_column", ", ".join(names[:20]))
        looked_at = (*TEXT_COLUMNS, *_HTML_COLUMNS, *_URL_COLUMNS, *_DATE_COLUMNS, *_NESTED)
        wanted = [name for name in names if _plain(name) in looked_at]
        first = 0
        for group in range(table.num_row_groups):
            yield from _rows_of_group(table, group, wanted, first)
            first += table.metadata.row_group(group).num_rows


def _rows_of_group(
    table: "pq.ParquetFile", group: int, columns: list[str], first: int
) -> Iterator[Page | Drop]:
    """The rows of a row group; from where it is damaged each one is a drop, and no other group."""
    import pyarrow as pa

    number, last = first, first + table.metadata.row_group(group).num_rows
    detail = "the row group ends early"
    try:
        for batch in table.iter_batches(
            _BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False
        ):
            for row in batch.to_pylist():
                number += 1
                yield _of_row(row, str(number))
    except (pa.ArrowException, OSError, ValueError) as error:
        detail = str(error)
    for lost in range(number + 1, last + 1):
        yield Drop(record=str(lost), reason="unreadable_record", detail=detail)


def _of_row(columns: Mapping[str, object], number: str) -> Page | Drop:
    row = {_plain(name): value for name, value in columns.items()}
    nested = next((row[name] for name in _NESTED if isinstance(row.get(name), Mapping)), {})
    url = _first(row, _URL_COLUMNS) or _first(nested, _URL_COLUMNS)
    date = _first(row, _DATE_COLUMNS) or _first(nested, _DATE_COLUMNS)
    text = _first(row, TEXT_COLUMNS)
    html = None if text else _first(row, _HTML_COLUMNS)
    body = text or html
    if body is not None:
        form: PageForm = "text" if html is None else "html"
        return Page(record=number, body=body, form=form, url=url, date=date)
    values = [row[name] for name in (*TEXT_COLUMNS, *_HTML_COLUMNS) if name in row]
    if not values:
        return Drop(
            record=number, reason="no_text_column", detail=", ".join(columns)[:200], url=url
        )
    odd = next((value for value in values if value and not isinstance(value, (str, bytes))), None)
    if odd is not None:
        return Drop(record=number, reason="wrong_type", detail=type(odd).__name__, url=url)
    return Drop(record=number, reason="empty_body", detail=", ".join(columns)[:200], url=url)


def _plain(name: str) -> str:
    return name.strip().lower()


def _first(row: object, names: Sequence[str]) -> str | None:
    if not isinstance(row, Mapping):
        return None
    for name in names:
        value = row.get(name)
        if isinstance(value, bytes):
            value = decode_text(value, None)
        elif isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            value = "\n\n".join(value)  # a list of paragraphs
        if isinstance(value, str) and value.strip():
            return _LONE_SURROGATE.sub("\ufffd", value)
        if value is not None and name in _DATE_COLUMNS and not isinstance(value, (str, Mapping)):
            return str(value)
    return None


def text_record(content: bytes, *, is_page: bool) -> Iterator[Page | Drop]:
    """A file's whole content as its one record."""
    text = decode_text(content, None)
    if not content.strip():
        yield Drop(record="1", reason="empty_body")
    elif text is None:
        yield Drop(record="1", reason="undecodable")
    else:
        yield Page(record="1", body=text, form="html" if is_page else "text")
