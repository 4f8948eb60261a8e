"""Build the material of `crossthink-data run quickstart-web` from its readable sources.

    python scripts/make_quickstart_web.py            the archive and the journal
    python scripts/make_quickstart_web.py archive    pages.warc.gz from pages/ and archive.yml
    python scripts/make_quickstart_web.py journal    journal/ from the archive and replies.yml

The journal is recorded by the run's own engine, from a backend that looks its replies up in
replies.yml. Needs the extra [synth]. Dates and record ids are fixed, and no reply took any time, so
the same sources give the same bytes.
"""

import argparse
import asyncio
import base64
import gzip
import html
import io
import json
import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crossthink_data.generate.engine import Engine, Limits
from crossthink_data.generate.journal import Journal
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.recipe import load_recipe
from crossthink_data.steps.outputs import silent
from crossthink_data.steps.synth.folder import RunFolder
from crossthink_data.steps.synth.settings import SynthSettings
from crossthink_data.synth.quotes import quote_words

FOLDER = Path(__file__).parent.parent / "recipes" / "quickstart-web"
ARCHIVE = "pages.warc.gz"
JOURNAL = Path("journal") / "rank=00000.jsonl"
MODEL = "recorded-by-hand"

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
            length=len(block),
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
        length=len(body),
        http_headers=StatusAndHeaders(entry.status, headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Identified-Payload-Type": entry.identified},
    )


def _request(writer: WARCWriter, entry: Entry) -> ArcWarcRecord:
    _, _, host, path = entry.url.split("/", 3)
    headers = [("Host", host), ("User-Agent", "crossthink-data-example"), ("Accept", "text/html")]
    line = StatusAndHeaders(f"GET /{path} HTTP/1.1", headers, is_http_request=True)
    return writer.create_warc_record(
        entry.url, "request", payload=io.BytesIO(b""), length=0, http_headers=line
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """What replies.yml has for one page; a page without a `question` is declined."""

    page: str
    meant_to: str = ""
    subject: str = "none"
    reasoning: str = ""
    question: str = ""
    options: tuple[str, ...] = ()
    answer: str = ""
    quote: str = ""
    breaks_off: bool = False
    with_passage: str = ""
    without_passage: str = ""
    because: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> str:
        """The reply to the request for a question: a JSON object, reasoning first."""
        names = ("reasoning", "subject", "question", "options", "answer", "quote")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)

    def vote(self, prompt: str, sample: int, *, with_passage: bool) -> str:
        """The reply to one request for an answer, with the letter that the prompt gives it."""
        letters = self.with_passage if with_passage else self.without_passage
        letter = letters[sample % len(letters)]
        chosen = self.options["ABCDEFGHIJ".index(letter)]
        shown = {text: label for label, text in re.findall(r"(?m)^\(([A-Z])\) (.*)$", prompt)}
        return f"{self.because[letter]}\n\n\\boxed{{{shown[chosen]}}}"


def scripted(folder: Path) -> list[Scripted]:
    """The replies of replies.yml, in order."""
    listed = yaml.safe_load((folder / "replies.yml").read_text(encoding="utf-8"))
    return [
        Scripted(**{**values, "options": tuple(values.get("options", ()))}) for values in listed
    ]


class ByHand:
    """A backend that knows each page by its longest paragraph and each question by its words."""

    def __init__(self, folder: Path) -> None:
        self._replies = [(reply, *_marks(folder, reply)) for reply in scripted(folder)]

    async def start(self) -> Capabilities:
        """Nothing to make ready."""
        return Capabilities(server=MODEL, models=(MODEL,), schema=True, seed=True)

    async def complete(self, call: Call) -> Answer | Failure:
        """The reply that stands in replies.yml for what is asked."""
        prompt = "\n".join(message.content for message in call.request.messages)
        words = f" {' '.join(quote_words(prompt))} "
        for reply, paragraph, question in self._replies:
            if question and question in words:
                text = reply.vote(prompt, call.request.sample, with_passage=paragraph in words)
                return Answer(text=text, finish_reason="stop", model=MODEL)
            if paragraph in words:
                text = reply.written()
                if reply.breaks_off and not call.request.resample:
                    half = text[: len(text) // 2]
                    return Answer(text=half, finish_reason="length", model=MODEL)
                return Answer(text=text, finish_reason="stop", model=MODEL, structured="schema")
        return Failure(
            kind="stop", reason="not_recorded", detail=f"replies.yml knows no page in: {prompt}"
        )

    async def close(self) -> None:
        """Nothing to let go of."""


def _marks(folder: Path, reply: Scripted) -> tuple[str, str]:
    """The words of the page's longest paragraph and of the question, as prompts are searched."""
    page = (folder / "pages" / reply.page).read_text(encoding="utf-8")
    beginnings = re.findall(r"<[pP](?: [^>]*)?>([^<]{200,})", page)
    # The paragraph may go on behind a tag, in the middle of a word.
    paragraph = quote_words(html.unescape(max(beginnings, key=len)))[:-1]
    question = quote_words(reply.question)
    return f" {' '.join(paragraph)} ", f" {' '.join(question)} " if question else ""


def journal(recipe: str = "quickstart-web") -> bytes:
    """The journal of the recipe's synth stage when ByHand answers it, lines in order of key."""
    values, path = load_recipe(recipe)
    ((stage,),) = ([s["synth"]] for s in values["stages"] if "synth" in s)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        folder.mkdir()
        asked = {key: value for key, value in stage.items() if key not in ("recorded", "backend")}
        inputs = [str(path.parent / name) for name in stage["inputs"]]
        told = {**asked, "inputs": inputs, "out": folder / "x.parquet", "journal": folder}
        settings = SynthSettings.model_validate({"seed": values["seed"], **told})
        asyncio.run(_ask_by_hand(settings))
        lines = (folder / JOURNAL.name).read_text(encoding="utf-8").splitlines()
    entries = sorted((json.loads(line) for line in lines), key=lambda entry: entry["key"])
    timeless = [{**entry, "latency": 0.0, "time": 0.0} for entry in entries]
    text = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in timeless]
    return "".join(f"{line}\n" for line in text).encode()


async def _ask_by_hand(settings: SynthSettings) -> None:
    run = RunFolder.prepare(settings, silent)
    talks = ((item.id, run.kind.conversation(item)) for item in run.items.of_rank(0, 1))
    with Journal(settings.folder) as kept:
        limits = Limits(max_in_flight=4)
        async with Engine(
            ByHand(FOLDER), kept, limits, model=settings.model_name, seed=settings.seed
        ) as engine:
            await engine.run(talks, lambda id, outcome: None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what was asked for into the folder of the recipe and say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("all", "archive", "journal"), default="all")
    what = parser.parse_args(arguments).what
    if what != "journal":
        built = archive(FOLDER)
        (FOLDER / ARCHIVE).write_bytes(built)
        print(f"{ARCHIVE}: {len(built):,} bytes")
    if what != "archive":
        recorded = journal()
        (FOLDER / JOURNAL).parent.mkdir(exist_ok=True)
        (FOLDER / JOURNAL).write_bytes(recorded)
        print(f"{JOURNAL}: {recorded.count(b'kind')} replies")


if __name__ == "__main__":
    main()
