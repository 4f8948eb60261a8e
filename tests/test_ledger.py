"""Ledger: nothing is lost silently, and the tables that a person reads."""

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from crossthink_data import __version__
from crossthink_data.errors import LedgerError
from crossthink_data.ledger import Counts, Ledger, reasons_tables, tables_of


def balanced() -> Ledger:
    ledger = Ledger("filter", {"max_words": 10})
    ledger.count("rows_in", pl.Series(["b", "a", "a", "a"]))
    ledger.count("kept", pl.Series(["a", "b"]))
    reasons = {"source": ["a", "a"], "reason": ["answer_missing", "answer_too_long"]}
    ledger.count_rejects(pl.DataFrame(reasons))
    return ledger


def test_a_ledger_that_balances_passes() -> None:
    balanced().check()


@pytest.mark.parametrize("what", ["kept", "val", "not_sampled"])
def test_a_row_too_many_or_too_few_in_any_count_fails_with_the_counts(what: str) -> None:
    for rows, left in (([], 1), (["a", "a"], -1)):
        ledger = Ledger("blend", {})
        ledger.count("rows_in", pl.Series(["a"]))
        ledger.count(what, pl.Series(rows, dtype=pl.String))
        with pytest.raises(LedgerError, match=rf"blend: counts of a .*'in': 1.* leaves {left} row"):
            ledger.check()


def test_a_lost_reject_fails() -> None:
    ledger = balanced()
    ledger.of("a").rejected["answer_missing"] -= 1
    with pytest.raises(LedgerError, match="no output was written"):
        ledger.check()


def test_one_source_does_not_make_up_for_another() -> None:
    ledger = balanced()
    ledger.of("a").kept += 1
    ledger.of("b").kept -= 1
    assert ledger.total().balance() == 0
    with pytest.raises(LedgerError, match="counts of a do not reconcile"):
        ledger.check()


def test_copies_are_outside_the_balance() -> None:
    counts = Counts(rows_in=3, kept=2, val=1, repeated=7)
    assert counts.balance() == 0


def test_an_account_that_does_not_balance_is_not_written(tmp_path: Path) -> None:
    ledger = balanced()
    ledger.of("a").rows_in += 1
    with pytest.raises(LedgerError):
        ledger.write(tmp_path / "x.ledger.json")
    assert not list(tmp_path.iterdir())


def test_rows_without_a_source_are_counted_as_such() -> None:
    ledger = Ledger("filter", {})
    ledger.count("rows_in", pl.Series([None, "", None], dtype=pl.String))
    reasons = {"source": [None, "", None], "reason": ["unreadable_row"] * 3}
    ledger.count_rejects(pl.DataFrame(reasons))
    ledger.check()
    assert ledger.sources["(none)"].rejected == Counter(unreadable_row=3)


def test_the_account_names_tool_settings_inputs_and_counts(tmp_path: Path) -> None:
    ledger = balanced()
    ledger.inputs = [{"path": "in.parquet", "sha256": "0" * 64, "bytes": 12}]
    ledger.outputs = {"out.parquet": 2}
    ledger.extra["seed"] = 7
    ledger.notes.append("Füße, 火")
    ledger.write(tmp_path / "x.ledger.json")
    text = (tmp_path / "x.ledger.json").read_text("utf-8")
    assert "火" in text
    assert text.endswith("}\n")
    account = json.loads(text)
    assert account["tool"] == f"crossthink-data {__version__}"
    assert (account["verb"], account["settings"]) == ("filter", {"max_words": 10})
    assert (account["inputs"], account["outputs"]) == (ledger.inputs, {"out.parquet": 2})
    assert (account["seed"], account["notes"]) == (7, ["Füße, 火"])
    assert list(account["sources"]) == ["a", "b"]
    assert account["sources"]["a"] == {
        "in": 3,
        "kept": 1,
        "val": 0,
        "not_sampled": 0,
        "repeated": 0,
        "rewritten": 0,
        "rejected": {"answer_missing": 1, "answer_too_long": 1},
    }
    assert account["total"]["in"] == 4
    assert account["peak_memory_bytes"] > 10_000_000
    assert account["wall_seconds"] >= 0


def test_rows_table_has_a_line_a_source_and_a_total() -> None:
    rows, rejected = tables_of(balanced().as_json())
    assert rows.title == "filter: rows"
    assert rows.columns == ("source", "in", "kept", "rejected")
    assert rows.rows == (("a", "3", "1", "2"), ("b", "1", "1", "0"), ("total", "4", "2", "2"))
    assert rejected.columns == ("by", "reason", "source", "rows")
    assert rejected.rows == (
        ("filter", "answer_missing", "a", "1"),
        ("filter", "answer_too_long", "a", "1"),
    )


def test_columns_that_count_nothing_are_left_out_of_the_rows_table() -> None:
    ledger = Ledger("blend", {})
    ledger.sources["a"] = Counts(rows_in=1500, kept=1000, val=500, repeated=2000)
    (rows,) = tables_of(ledger.as_json())
    assert rows.columns == ("source", "in", "kept", "val", "repeated", "rejected")
    assert rows.rows[0] == ("a", "1,500", "1,000", "500", "2,000", "0")


def test_the_plan_of_a_blend_comes_first_and_marks_what_runs_out() -> None:
    ledger = Ledger("blend", {})
    ledger.sources["a"] = Counts(rows_in=3000, kept=2000, not_sampled=1000)
    lines = [
        {"group": g, "source": s, "available": n, "share": p, "quota": q, "passes": q / n}
        for g, s, n, p, q in (("gpr", "a", 2000, 0.5, 1000), ("mr", "a", 1000, 0.5, 1000))
    ]
    ledger.extra["plan"] = {
        "ratio": "gpr:mr=1:1",
        "size": 2000,
        "limiting": ["mr", "a"],
        "lines": lines,
    }
    plan, rows = tables_of(ledger.as_json())
    assert plan.title == "blend gpr:mr=1:1: plan"
    assert plan.rows == (
        ("gpr", "a", "2,000", "0.5000", "1,000", "0.50", ""),
        ("mr", "a", "1,000", "0.5000", "1,000", "1.00", "runs out first"),
        ("total", "", "3,000", "1.0000", "2,000", "", ""),
    )
    assert rows.title == "blend: rows"


def test_rejects_of_several_accounts_make_one_table_or_none() -> None:
    accounts = [balanced().as_json(), Ledger("template", {}).as_json()]
    (table,) = reasons_tables("rejected", accounts)
    assert len(table.rows) == 2
    assert reasons_tables("rejected", accounts[1:]) == []
