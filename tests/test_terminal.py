"""The terminal: what is shown of a run, on which stream, and how it looks in a pipe."""

import json
from pathlib import Path

import pytest

from crossthink_data.ledger import Report, Table
from crossthink_data.terminal import print_report, progress_of

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
