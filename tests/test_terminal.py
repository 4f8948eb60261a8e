"""The terminal: what is shown of a run, on which stream, and how it looks in a pipe."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossthink_data.generate.metrics import Metrics, Snapshot
from crossthink_data.ledger import Report, Table
from crossthink_data.terminal import live_line, live_of, print_report, printable, progress_of

REPORT = Report(
    verb="grade",
    result={"rows": 2, "path": Path("x.jsonl"), "word": "möglich"},
    tables=(Table("grade: rows", ("name", "rows"), (("long " * 100, "1,000"), ("[b]x", "2"))),),
    outputs=(Path("x.jsonl"), Path("x.ledger.json")),
    notes=("a hint",),
)


def test_a_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(REPORT, json_=False, quiet=False)
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "grade: rows"
    assert shown[2] == "long " * 100 + "  1,000"
    assert shown[3].split() == ["[b]x", "2"]  # text, never markup
    assert shown[3].endswith(" 2")
    assert shown[-2:] == ["wrote x.jsonl, x.ledger.json", "a hint"]


def test_quiet_leaves_out_the_hints_and_json_all_but_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(REPORT, json_=False, quiet=True)
    assert "a hint" not in capsys.readouterr().out
    print_report(REPORT, json_=True, quiet=False)
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"rows": 2, "path": "x.jsonl", "word": "möglich"}
    assert "möglich" in shown


def test_progress_is_a_line_now_and_then_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("filter", quiet=False) as progress:
        for done in range(0, 250_000, 50_000):
            progress(done, 250_000)
    streams = capsys.readouterr()
    assert streams.err.splitlines() == [
        "filter: 100,000 of 250,000 rows",
        "filter: 200,000 of 250,000 rows",
        "filter: 200,000 rows, done",
    ]
    with progress_of("filter", quiet=True) as progress:
        progress(250_000, 0)
    assert streams.out == "".join(capsys.readouterr())


def snapshot(**more: Any) -> Snapshot:
    numbers = Metrics(items_total=40, items_done=10, in_flight=7, limit=16)
    return replace(numbers.snapshot(1.0), **more)


def test_the_live_line_tells_what_a_person_wants_to_know() -> None:
    line = live_line(
        "synth",
        snapshot(
            retries={"rate_limited": 3},
            rejects={"declined": 2},
            reused=1_200,
            cost=0.5,
            forecast=2.0,
            seconds_left=3725.0,
        ),
    )
    for part in (
        *("synth 10/40 items", "7/16 in flight", "retries: rate_limited 3", "rejects: declined 2"),
        *("1,200 from the journal", "cost 0.50 of 2.00", "1:02:05 left"),
    ):
        assert part in line
    assert "limit (" not in line
    assert "this process is the limit" in live_line("synth", snapshot(loop_lag_ms=300.0))


def test_live_lines_come_now_and_then_and_the_last_one_always(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with live_of("synth", quiet=False, log_format="text") as shown:
        shown.reading(1, 2)
        shown.reading(2, 2)
        for done in range(30):
            shown.asking(snapshot(items_done=done))
        shown.writing(40, 40)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["synth: 1 of 2 inputs read", "synth: 2 of 2 inputs read"]
    assert [line.split("  ")[0] for line in lines[2:]] == [
        "synth 0/40 items",
        "synth 29/40 items",
        "synth: 40 of 40 items written",
    ]


def test_live_lines_can_be_json(capsys: pytest.CaptureFixture[str]) -> None:
    with live_of("synth", quiet=False, log_format="json") as shown:
        shown.asking(snapshot())
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["items_total"] == 40


def test_text_of_strangers_cannot_steer_the_terminal() -> None:
    hostile = "a\x1b]0;title\x07b\u202ec\x9bd\re"
    assert printable(hostile) == r"a\x1b]0;title\x07b\u202ec\x9bd\re"
    plain = "a line,\n\ta tab, Łódź and 日本 😀"
    assert printable(plain) == plain
