"""Build the material of `crossthink-data run quickstart-web` from its readable sources.

    python scripts/make_quickstart_web.py            the archive and the journal
    python scripts/make_quickstart_web.py archive    pages.warc.gz from pages/ and archive.yml

Needs the extra [synth]. Dates and record ids are fixed, so the same sources give the same bytes.
"""

import argparse
import base64
import gzip
import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import yaml
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FOLDER = Path(__file__).parent.parent / "recipes" / "quickstart-web"
ARCHIVE = "pages.warc.gz"

_INFO = {
    "software": "scripts/make_quickstart_web.py of crossthink-data",
    "format": "WARC File Format 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "description": "Pages written for this project; hosts and dates are invented",
    "licence": "Apache-2.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record as archive.yml gives it; `page`, `body` or `base64` holds what was served."""

    url: str
    kind: str = "response"
    page: str = ""
    body: str = ""
    base64: str = ""
    type: str = "text/html"
    identified: str = "text/html"
    charset: str = "utf-8"
    encoding: str = ""
    status: str = "200 OK"
    location: str = ""


def entries(folder: Path) -> list[Entry]:
    """The records of archive.yml in order. ValueError names a key that is none."""
    listed = yaml.safe_load((folder / "archive.yml").read_text(encoding="utf-8"))
    known = {field.name for field in fields(Entry)}
    for record in listed:
        if unknown := set(record) - known:
            raise ValueError(f"archive.yml: {record['url']}: {sorted(unknown)} are no keys")
    return [Entry(**record) for record in listed]


def archive(folder: Path) -> bytes:
    """The WARC file: one gzip member a record, with digests of block and payload."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    info = writer.create_warcinfo_record(ARCHIVE, _INFO)
    _stamp(info, "warcinfo", 0)
    writer.write_record(info)
    digests: dict[str, str] = {}
    for number, entry in enumerate(entries(folder), 1):
        record = _record(writer, entry, folder, digests)
        _stamp(record, f"{entry.kind} {entry.url} {number}", number)
        writer.write_record(record)
        if entry.kind == "response":
            digests[entry.url] = record.rec_headers.get_header("WARC-Payload-Digest")
    return out.getvalue()


def _stamp(record: ArcWarcRecord, name: str, number: int) -> None:
    """A record id from the name and a date from the position, the same in every build."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"crossthink-data quickstart-web {name}")
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{identity}>")
    record.rec_headers.replace_header("WARC-Date", f"2025-03-03T09:{number:02d}:00Z")


def _record(
    writer: WARCWriter, entry: Entry, folder: Path, digests: dict[str, str]
) -> ArcWarcRecord:
    if entry.kind == "request":
        return _request(writer, entry)
    if entry.kind == "metadata":
        block = b"fetchTimeMs: 84\r\ncharset-detected: UTF-8\r\n"
        return writer.create_warc_record(
            entry.url,
            "metadata",
            payload=io.BytesIO(block),
            warc_content_type="application/warc-fields",
        )
    if entry.kind == "revisit":
        headers = StatusAndHeaders("304 Not Modified", [], protocol="HTTP/1.1")
        return writer.create_revisit_record(
            entry.url, digests[entry.url], entry.url, "2025-03-03T09:03:00Z", headers
        )
    body, headers = _served(entry, folder)
    return writer.create_warc_record(
        entry.url,
        "response",
        payload=io.BytesIO(body),
        http_headers=StatusAndHeaders(entry.status, headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Identified-Payload-Type": entry.identified},
    )


def _request(writer: WARCWriter, entry: Entry) -> ArcWarcRecord:
    _, _, host, path = entry.url.split("/", 3)
    headers = [("Host", host), ("User-Agent", "crossthink-data-example"), ("Accept", "text/html")]
    line = StatusAndHeaders(f"GET /{path} HTTP/1.1", headers, is_http_request=True)
    return writer.create_warc_record(
        entry.url, "request", payload=io.BytesIO(b""), http_headers=line
    )


def _served(entry: Entry, folder: Path) -> tuple[bytes, list[tuple[str, str]]]:
    """The body as it went over the wire, and its HTTP headers."""
    if entry.base64:
        body = base64.b64decode(entry.base64)
    else:
        page = folder / "pages" / entry.page
        text = page.read_text(encoding="utf-8") if entry.page else entry.body
        body = text.encode(entry.charset)
    headers = [("Content-Type", entry.type)]
    if entry.location:
        headers.append(("Location", entry.location))
    if entry.encoding == "chunked":
        body = b"".join(_chunks(body, 1500))
        return body, [*headers, ("Transfer-Encoding", "chunked")]
    if entry.encoding == "gzip":
        packed = io.BytesIO()
        # A file object writes the same header on every system; gzip.compress does not.
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
            file.write(body)
        body = packed.getvalue()
        headers.append(("Content-Encoding", "gzip"))
    return body, [*headers, ("Content-Length", str(len(body)))]


def _chunks(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        part = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what was asked for into the folder of the recipe and say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("all", "archive"), default="all")
    parser.parse_args(arguments)
    built = archive(FOLDER)
    (FOLDER / ARCHIVE).write_bytes(built)
    print(f"{ARCHIVE}: {len(built)} bytes")


if __name__ == "__main__":
    main()
