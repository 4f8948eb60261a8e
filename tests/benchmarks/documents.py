"""The document stage beside plain datatrove with Trafilatura, on the same archives, in one run.

    python tests/benchmarks/documents.py ARCHIVES... [--pages 400]

Prints pages per CPU second of both (children included, start-up taken off as the CPU of a run on
an archive of one page), how many pages gave a text, the words they share, and samples side by
side. The archives' pages are repeated under other record ids, with a line of their own in each so
that no copy is a duplicate; pages carry the header that plain datatrove wants to see.
"""

import argparse
import json
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from os import devnull
from pathlib import Path

from fastwarc import ArchiveIterator

from crossthink_data.documents import DocumentSettings, clean_documents
from crossthink_data.documents.archives import warc_records
from crossthink_data.documents.extraction import main_text
from crossthink_data.documents.records_read import Page

Texts = dict[str, str]


def real_pages(archives: list[Path]) -> list[str]:
    """The web pages of the archives, decoded."""
    found = []
    for archive in archives:
        with archive.open("rb") as stream:
            for record in warc_records(stream, 8 << 20):
                if isinstance(record, Page) and record.form == "html":
                    found.append(record.body)
    return found


def copies(pages: list[str], wanted: int) -> Iterator[str]:
    """At least `wanted` pages, each with a sentence of its own."""
    for number in range(max(wanted, 1)):
        page = pages[number % len(pages)]
        # Into the longest paragraph, which no extractor takes for something beside the text.
        paragraph = max(re.findall(r"<p>([^<]+)", page), key=len, default="")
        own = f"This is copy number {number} of the page, made for a measurement. {paragraph}"
        yield page.replace(paragraph, own, 1) if paragraph else f"{page}<p>{own}</p>"


def write_archive(path: Path, pages: Iterator[str]) -> int:
    """A WARC file of the pages; how many there are."""
    count = 0
    with path.open("wb") as stream:
        for count, page in enumerate(pages, 1):
            body = page.encode("utf-8", "replace")
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{count:032x}>\r\n"
                "WARC-Date: 2024-01-01T00:00:00Z\r\n"
                f"WARC-Target-URI: https://pages.example/{count}\r\n"
                "WARC-Identified-Payload-Type: text/html\r\n"
                "Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            stream.write(head.encode() + block + b"\r\n\r\n")
    with path.open("rb") as stream:
        assert sum(1 for _ in ArchiveIterator(stream)) == count
    return count


def ours(archive: Path, folder: Path) -> Texts:
    """The whole stage: reading, text, every filter, duplicates, order, files."""
    documents = clean_documents([archive], DocumentSettings(), folder)
    return {document.record: document.text for document in documents}


def ours_unfiltered(archive: Path, folder: Path) -> Texts:
    """The stage with nothing to filter by but a length of one word: what plain datatrove does."""
    settings = DocumentSettings(language=None, quality=False, min_words=1)
    documents = clean_documents([archive], settings, folder)
    return {document.record: document.text for document in documents}


def plain_datatrove(archive: Path, folder: Path) -> Texts:
    """datatrove's own reader, extractor and writer; its limit of a second raised to a minute."""
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import WarcReader
    from datatrove.pipeline.writers import JsonlWriter

    folder.mkdir(parents=True)
    steps = [
        WarcReader(data_folder=str(archive.parent), glob_pattern=archive.name),
        Trafilatura(timeout=60),
        JsonlWriter(output_folder=str(folder / "out"), compression=None),
    ]
    with open(devnull, "w") as nowhere, redirect_stderr(nowhere):
        LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=str(folder / "log")).run()
    lines = [line for file in (folder / "out").iterdir() for line in file.open()]
    return {row["id"]: row["text"] for row in map(json.loads, lines)}


def cpu_seconds() -> float:
    """CPU of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def measured(
    work: Callable[[Path, Path], Texts], archive: Path, single: Path, folder: Path
) -> tuple[Texts, float, float]:
    """The texts, the CPU seconds beyond start-up, and those of start-up."""
    start = cpu_seconds()
    work(single, folder / "single")
    started = cpu_seconds()
    work(single, folder / "second")
    again = cpu_seconds()
    texts = work(archive, folder / "whole")
    # The second run on one page has all modules loaded: it is what every run costs anyway.
    return texts, cpu_seconds() - again - (again - started), started - start


def words(text: str) -> set[str]:
    """Distinct words, in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--samples", type=int, default=4)
    given = parser.parse_args()
    pages = real_pages(given.archives)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "many").mkdir()
        (folder / "one").mkdir()
        archive, single = folder / "many" / "a.warc", folder / "one" / "a.warc"
        count = write_archive(archive, copies(pages, given.pages))
        write_archive(single, copies(pages, 1))
        size = archive.stat().st_size / 1e6
        print(f"{count} pages ({len(pages)} distinct), {size:.1f} MB of HTML")
        rates = {}
        for name, work in (
            ("plain datatrove", plain_datatrove),
            ("stage, no filters", ours_unfiltered),
            ("stage", ours),
        ):
            texts, spent, start = measured(work, archive, single, folder / name.replace(" ", "-"))
            rates[name] = count / spent
            print(
                f"{name:18} {spent:7.2f} CPU s  {count / spent:7.0f} pages per CPU s  "
                f"{len(texts):5} texts  (start-up {start:.2f} CPU s)"
            )
        for name in ("stage, no filters", "stage"):
            print(f"{name} against plain datatrove: {rates[name] / rates['plain datatrove']:.1f} x")
    # Page by page, for the stage leaves out the copies whose own sentence no text has.
    numbered = {str(number): page for number, page in enumerate(pages)}
    theirs = {name: main_text(page, "trafilatura") for name, page in numbered.items()}
    _compare(theirs, {n: main_text(p, "resiliparse") for n, p in numbered.items()}, given.samples)
    if rates["stage"] < 6 * rates["plain datatrove"]:
        sys.exit("below 6 times the pages per CPU second of plain datatrove")


def _compare(theirs: Texts, here: Texts, samples: int) -> None:
    long = [name for name, text in theirs.items() if len(text) > 500]
    kept = [name for name, text in here.items() if len(text) > 500]
    print(f"of {len(here)} pages, texts over 500 characters: {len(kept)} here, {len(long)} there")
    both = sorted(set(long) & set(here))
    covered = sum(len(words(theirs[n]) & words(here[n])) / len(words(theirs[n])) for n in both)
    spare = sum(len(words(theirs[n]) & words(here[n])) / len(words(here[n])) for n in both)
    print(
        f"of Trafilatura's distinct words {covered / len(both):.3f} are here, and of those here "
        f"{spare / len(both):.3f} are in Trafilatura's"
    )
    for name in both[:: max(1, len(both) // samples)][:samples]:
        print(
            f"\n--- {name}\nTrafilatura: {theirs[name][:300]!r}\nhere:        {here[name][:300]!r}"
        )


if __name__ == "__main__":
    assert main_text("<p>warm</p>", "resiliparse")
    main()
