"""The document stage whole: nothing lost, the same texts whatever the files, resumed and reused."""

import gzip
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from killing import clean_with_a_killer
from made_archives import answer, packed, page, prose, record, response

from crossthink_data.documents import (
    CleanDocuments,
    DocumentSettings,
    clean_documents,
    documents_digest,
    steps,
)
from crossthink_data.documents.inputs import InputFile
from crossthink_data.documents.parts import PartWriter
from crossthink_data.documents.records_read import Drop, Page
from crossthink_data.errors import BackendError, LedgerError, SourceError
from crossthink_data.executors import Executor

SETTINGS = DocumentSettings()
GERMAN = (
    "Die Brücke über den Fluss wurde im Jahr {0} gebaut und seitdem dreimal erneuert, weil das "
    "Hochwasser jedes Mal die mittleren Pfeiler mit sich nahm. Wer sie heute sieht, kann sich kaum "
    "vorstellen, dass hier einmal nur ein Steg aus Holz lag, den die Bauern des Dorfes selbst "
    "gezimmert hatten und der im Winter abgebaut werden musste. "
) * 2


def clean(
    origins: Sequence[Path], folder: Path, settings: DocumentSettings = SETTINGS, tasks: int = 1
) -> CleanDocuments:
    return clean_documents(origins, settings, folder, executor=Executor(tasks=tasks))


def drops(documents: CleanDocuments) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = pq.read_table(documents.dropped).to_pylist()
    return rows


def test_every_record_is_kept_or_dropped_with_its_reason(tmp_path: Path) -> None:
    records = [
        record("warcinfo", b"software: none", content_type="application/warc-fields"),
        record("request", b"GET / HTTP/1.1\r\n\r\n", 1, content_type="application/http"),
        response(1),
        response(2, GERMAN.format(1820)),
        response(3, "Too short."),
        response(4, "\n\n".join(f"Page {n} next" for n in range(90))),
        response(5, prose(1)),
        record("response", answer(page("gone"), status="404 Not Found"), 6),
        record("revisit", b"", 7),
    ]
    (tmp_path / "a.warc.gz").write_bytes(packed(records))
    documents = clean([tmp_path / "a.warc.gz"], tmp_path / "out")
    [account] = documents.files
    assert account.records_in == len(records)
    assert account.kept == len(documents) == 1
    assert account.dropped == {
        "duplicate_text": 1,
        "http_status": 1,
        "little_prose": 1,
        "other_language": 1,
        "request_record": 1,
        "revisit_record": 1,
        "too_short": 1,
        "warcinfo_record": 1,
    }
    rows = drops(documents)
    assert Counter(row["reason"] for row in rows) == account.dropped
    assert {row["detail"] for row in rows if row["reason"] == "other_language"} == {"de"}
    assert all(row["text"] is None for row in rows)
    [kept] = documents
    assert kept.url == "https://pages.example/1"
    assert kept.date == "2024-01-02T00:00:00Z"
    assert kept.file == "a.warc.gz"
    assert prose(1)[:80] in kept.text


def test_the_text_of_what_was_dropped_is_kept_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(packed([response(2, GERMAN.format(1820)), response(1)]))
    settings = DocumentSettings(keep_dropped_text=True)
    [row] = drops(clean([tmp_path / "a.warc.gz"], tmp_path / "out", settings))
    assert "Hochwasser" in row["text"]


def test_texts_and_order_do_not_hang_on_files_their_order_or_ranks(tmp_path: Path) -> None:
    records = [response(number % 20, prose(number % 20)) for number in range(30)]
    whole, split = tmp_path / "whole", tmp_path / "split"
    whole.mkdir(), split.mkdir()
    (whole / "all.warc.gz").write_bytes(packed(records))
    for part in range(4):
        (split / f"{part}.warc").write_bytes(b"".join(records[part::4]))
    parts = sorted(split.iterdir())
    first = clean([whole], tmp_path / "1")
    again = clean(parts, tmp_path / "2")
    turned = clean(parts[::-1], tmp_path / "3", tasks=3)
    wanted = [(each.id, each.text, each.url, each.date, each.record) for each in first]
    assert len(wanted) == 20
    assert wanted == sorted(wanted)
    for other in (again, turned):
        found = [(each.id, each.text, each.url, each.date, each.record) for each in other]
        assert found == wanted
    assert again.digest == turned.digest
    assert again.kept.read_bytes() == turned.kept.read_bytes()
    assert again.dropped.read_bytes() == turned.dropped.read_bytes()
    assert again.files == turned.files


def test_equal_texts_are_one_document_whatever_their_white_space(tmp_path: Path) -> None:
    for name, url in (("b.warc", "https://b.example/"), ("a.warc", "https://c.example/")):
        text = prose(3) if name == "b.warc" else prose(3).replace("the year", "the \n year")
        (tmp_path / name).write_bytes(response(1, text, url))
    [kept] = clean([tmp_path], tmp_path / ".out")
    assert kept.url == "https://b.example/"


def test_a_finished_folder_is_used_again_and_a_changed_setting_is_not(tmp_path: Path) -> None:
    archive = tmp_path / "a.warc.gz"
    archive.write_bytes(packed([response(1), response(2)]))
    first = clean([archive], tmp_path / "out")
    assert not first.reused
    again = clean([archive], tmp_path / "out")
    assert again.reused
    assert again.digest == first.digest == documents_digest([archive], SETTINGS)
    assert list(again) == list(first)
    assert again.account == first.account
    assert not clean([archive], tmp_path / "out", DocumentSettings(min_words=81)).reused
    os.utime(archive, (1, 1))
    assert clean([archive], tmp_path / "out").reused, "a touched file is the same file"
    archive.write_bytes(packed([response(1), response(3)]))
    assert not clean([archive], tmp_path / "out").reused
    assert documents_digest([archive], SETTINGS) != first.digest


def test_a_killed_run_goes_on_with_the_files_that_are_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        content = packed([response(number * 10 + step) for step in range(3)])
        (tmp_path / f"{number}.warc.gz").write_bytes(content)
    undisturbed = clean([tmp_path], tmp_path / ".whole")
    read: list[str] = []
    plain = steps._records

    def killed_in_the_third(file: InputFile, settings: DocumentSettings) -> Iterator[Page | Drop]:
        read.append(file.name)
        for place, each in enumerate(plain(file, settings)):
            if len(read) == 3 and place == 1:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr(steps, "_records", killed_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        clean([tmp_path], tmp_path / ".out")
    assert read == ["0.warc.gz", "1.warc.gz", "2.warc.gz"]
    resumed = clean([tmp_path], tmp_path / ".out")
    assert read[3:] == ["2.warc.gz", "3.warc.gz"]
    assert resumed.kept.read_bytes() == undisturbed.kept.read_bytes()
    assert resumed.files == undisturbed.files


def test_a_rank_that_is_killed_fails_the_run_and_keeps_the_other_files(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.warc.gz").write_bytes(packed([response(number)]))
    with pytest.raises(BackendError, match=r"1 of 2 ranks .* SIGKILL"):
        clean_with_a_killer(str(tmp_path))
    resumed = clean([tmp_path], tmp_path / ".out")
    assert len(resumed) == 4


def test_broken_files_are_recorded_and_the_others_are_read(tmp_path: Path) -> None:
    good = packed([response(1), response(2)])
    files = {
        "good.warc.gz": good,
        "cut.warc.gz": packed([response(3), response(4)])[:-400],
        "not.warc.gz": b"<html>no archive</html>",
        "junk.warc": bytes(range(256)) * 10,
        "packed-junk.warc.gz": gzip.compress(b"hello " * 100),
        "empty.warc.gz": b"",
        "cut.parquet": b"PAR1 and then nothing",
        "named.parquet": b"not parquet at all",
        "picture.bin": b"\x00\x01\x02" * 50,
        "bad.jsonl": b"this is not json\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    documents = clean([tmp_path], tmp_path / ".out")
    failures = {account.file: account.failure for account in documents.files}
    reasons = {name: failure and failure[0] for name, failure in failures.items()}
    assert reasons == {
        "good.warc.gz": None,
        "cut.warc.gz": "damaged_file",
        "not.warc.gz": "not_an_archive",
        "junk.warc": "not_an_archive",
        "packed-junk.warc.gz": "not_an_archive",
        "empty.warc.gz": "empty_file",
        "cut.parquet": "not_parquet",
        "named.parquet": "not_parquet",
        "picture.bin": "unknown_format",
        "bad.jsonl": None,
    }
    assert len(documents) == 3
    [lines] = [each for each in documents.files if each.file == "bad.jsonl"]
    assert lines.dropped == {"not_json": 1}


def test_nothing_to_read_fails_with_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "not.warc.gz").write_bytes(b"<html>no archive</html>")
    with pytest.raises(SourceError, match=r"none of 1 files .* not\.warc\.gz: not_an_archive"):
        clean([tmp_path / "not.warc.gz"], tmp_path / "out")
    with pytest.raises(SourceError, match=r"gone\.warc does not exist"):
        clean([tmp_path / "gone.warc"], tmp_path / "out")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match="no files in"):
        clean([tmp_path / "folder"], tmp_path / "out")
    with pytest.raises(SourceError, match="only archives are read from an address"):
        clean_documents(["https://pages.example/x.jsonl"], SETTINGS, tmp_path / "out")


def test_rows_and_texts_are_read(tmp_path: Path) -> None:
    rows = [
        {"text": prose(1), "url": "https://a.example/", "date": "2024-02-03"},
        {"text": None, "url": "https://b.example/"},
        {"text": prose(2), "metadata": {"url": "https://c.example/"}},
        {"html": page(prose(3)).decode()},
        {"title": "no text here"},
    ]
    lines = "\n".join(map(json.dumps, rows)).encode()
    (tmp_path / "rows.jsonl").write_bytes(lines + b"\n[1]\n")
    (tmp_path / "rows.jsonl.gz").write_bytes(
        gzip.compress(json.dumps({"content": prose(4)}).encode())
    )
    table = pa.table({"text": [prose(5), ""], "n": [1, 2], "url": ["https://d.example/", None]})
    pq.write_table(table, tmp_path / "rows.parquet")
    pq.write_table(pa.table({"n": [1]}), tmp_path / "numbers.parquet")
    (tmp_path / "page.html").write_bytes(page(prose(6)))
    (tmp_path / "notes.md").write_text("# Notes\n\n" + prose(7))
    (tmp_path / "plain.txt").write_bytes(prose(8).encode("utf-16"))
    documents = clean([tmp_path], tmp_path / ".out")
    found = {(each.file, each.record, each.url, each.date) for each in documents}
    assert found == {
        ("rows.jsonl", "1", "https://a.example/", "2024-02-03"),
        ("rows.jsonl", "3", "https://c.example/", None),
        ("rows.jsonl", "4", None, None),
        ("rows.jsonl.gz", "1", None, None),
        ("rows.parquet", "1", "https://d.example/", None),
        ("page.html", "1", None, None),
        ("notes.md", "1", None, None),
        ("plain.txt", "1", None, None),
    }
    [account] = [each for each in documents.files if each.file == "rows.jsonl"]
    assert account.dropped == {"empty_body": 1, "no_text_column": 1, "wrong_type": 1}
    [numbers] = [each for each in documents.files if each.file == "numbers.parquet"]
    assert numbers.failure is not None
    assert numbers.failure[0] == "no_text_column"


def test_flat_text_is_read_without_its_menus(tmp_path: Path) -> None:
    menu = "\n".join(["Home", "About", "Log in", "Random page", "Contents", "Help"])
    text = f"{menu}\nThe valley\n{prose(1)}\n{menu}"
    block = record("conversion", text.encode(), 1, content_type="text/plain")
    (tmp_path / "a.warc.wet.gz").write_bytes(packed([block]))
    [kept] = clean([tmp_path / "a.warc.wet.gz"], tmp_path / "out")
    assert kept.text.startswith("The valley\n")
    assert "Log in" not in kept.text


def test_path_lists_name_files_below_a_base(tmp_path: Path) -> None:
    base = tmp_path / "base"
    (base / "crawl").mkdir(parents=True)
    for number in (1, 2):
        (base / f"crawl/{number}.warc.gz").write_bytes(packed([response(number)]))
    lines = "crawl/1.warc.gz\ncrawl/2.warc.gz\n"
    settings = DocumentSettings(crawl_base=str(base))
    (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "list.txt").write_text(lines)
    for number, name in enumerate(("warc.paths.gz", "list.txt")):
        assert len(clean([tmp_path / name], tmp_path / f"{number}", settings)) == 2
    (tmp_path / "more.paths").write_text("crawl/3.warc.gz\n")
    with pytest.raises(SourceError, match=r"3\.warc\.gz does not exist; .*more\.paths lists it"):
        clean([tmp_path / "more.paths"], tmp_path / "2", settings)
    (tmp_path / "bad.paths.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(SourceError, match="is not a path list"):
        clean([tmp_path / "bad.paths.gz"], tmp_path / "2", settings)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for number, folder in enumerate(("x/one", "y/one", "y/two")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.warc").write_bytes(response(number))
    documents = clean([tmp_path, tmp_path / "x" / "one" / "a.warc"], tmp_path / ".out")
    assert sorted(account.file for account in documents.files) == [
        "two/a.warc",
        "x/one/a.warc",
        "y/one/a.warc",
    ]


def test_counts_that_do_not_reconcile_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(packed([response(1), response(2, "Short.")]))
    monkeypatch.setattr(PartWriter, "drop", lambda *given: None)
    with pytest.raises(LedgerError, match=r"a\.warc\.gz do not reconcile: 2 in, 1 kept"):
        clean([tmp_path / "a.warc.gz"], tmp_path / "out")


def test_the_alternative_extractor_reads_pages_too(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(packed([response(1), response(2)]))
    settings = DocumentSettings(extractor="trafilatura")
    documents = clean([tmp_path / "a.warc.gz"], tmp_path / "out", settings)
    assert len(documents) == 2
    assert all("village" in each.text for each in documents)


def test_pages_nested_without_end_are_dropped_and_cost_no_time(tmp_path: Path) -> None:
    deep = record("response", answer(b"<html><body>" + b"<div>" * 50_000 + b"x"), 1)
    (tmp_path / "a.warc.gz").write_bytes(packed([deep, response(2)]))
    [account] = clean([tmp_path / "a.warc.gz"], tmp_path / "out").files
    assert account.dropped == {"too_deeply_nested": 1}
    assert account.kept == 1


def test_many_rows_come_in_order_of_id(tmp_path: Path) -> None:
    rows = [json.dumps({"text": prose(number)}) for number in range(700)]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    documents = clean([tmp_path / "rows.jsonl"], tmp_path / "out")
    assert len(documents) == 700
    ids = [each.id for each in documents]
    assert ids == sorted(ids)
    assert len(set(ids)) == 700


REAL = {
    "archiveteam-wiki.warc": (8, 1, {"http_status": 1}),
    "commoncrawl-record.warc.gz": (1, 0, {"too_short": 1}),
    "dolma-sample-0000.warc.gz": (48, 19, {"request_record": 22}),
    "iana.warc.gz": (343, 12, {"request_record": 171, "revisit_record": 123, "http_status": 4}),
    "whirlwind.warc.gz": (4, 0, {"other_language": 1}),
    "whirlwind.warc.wat.gz": (2, 0, {"metadata_record": 1}),
    "whirlwind.warc.wet.gz": (2, 0, {"other_language": 1}),
    "example-bad-non-chunked.warc.gz": (6, 0, {"too_short": 1, "revisit_record": 1}),
    "example-bad.warc.gz.bad": (6, 0, {"http_status": 1}),
    "example-iana.org-chunked.warc": (3, 1, {"request_record": 1}),
    "example-resource.warc.gz": (3, 0, {"too_short": 1}),
    "example-trunc.warc": (5, 0, {"unreadable_record": 1, "too_short": 1}),
    "example.arc": (2, 0, {"too_short": 1}),
    "example.arc.gz": (2, 0, {"too_short": 1}),
    "example.warc": (6, 0, {"too_short": 1}),
    "example.warc.gz": (6, 0, {"too_short": 1}),
}


def test_real_archives_reconcile_and_only_the_aragonese_pages_go_by_language(
    real_data: Path, tmp_path: Path
) -> None:
    documents = clean([real_data / "webarchives"], tmp_path)
    found = {account.file: account for account in documents.files}
    assert set(found) == set(REAL)
    for name, (records_in, kept, some) in REAL.items():
        account = found[name]
        assert account.records_in == records_in == account.kept + sum(account.dropped.values())
        assert account.kept == kept, name
        assert some.items() <= account.dropped.items(), name
    gone = {row["url"] for row in drops(documents) if row["reason"] == "other_language"}
    assert gone == {"https://an.wikipedia.org/wiki/Escopete"}
