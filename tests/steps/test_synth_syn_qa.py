"""Whole runs of Syn-QA against a mock endpoint: archives in, verified questions out."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "generate"))
from mock_endpoint import MockEndpoint
from scripted_model import respond

from crossthink_data.cli import app
from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.ledger import Report
from crossthink_data.recipe import check, recipes_folder
from crossthink_data.records import LABELS
from crossthink_data.steps import show, synth
from crossthink_data.steps.synth import SynthSettings

PAGES = recipes_folder() / "quickstart-web" / "pages.warc.gz"


@pytest.fixture(scope="module")
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint(responder=respond) as endpoint:
        yield endpoint


@pytest.fixture
def syn_qa(server: MockEndpoint, tmp_path: Path) -> Any:
    server.reset()

    def run(name: str = "x", **more: Any) -> Report:
        given = {
            "inputs": [str(PAGES)],
            "out": str(tmp_path / f"{name}.parquet"),
            "base_url": server.url,
            "model": "m",
            "passages": 3,
        }
        return synth.run(check(SynthSettings, given | more, "synth"), lambda snapshot: None)

    return run


def rows(tmp_path: Path, name: str = "x") -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        pl.read_parquet(tmp_path / f"{name}.parquet"),
        pl.read_parquet(tmp_path / f"{name}.rejects.parquet"),
    )


def test_pages_become_questions_with_their_provenance(syn_qa: Any, tmp_path: Path) -> None:
    report = syn_qa()
    kept, rejects = rows(tmp_path)
    total = report.result["total"]
    assert total["in"] == kept.height + rejects.height + total["not_sampled"]
    assert kept.height
    for row in kept.iter_rows(named=True):
        assert row["options"][LABELS.index(row["answer_label"])] == row["answer"]
        assert len(row["options"]) == 4
        told = json.loads(row["provenance"])
        assert told["file"] == PAGES.name
        assert told["url"].startswith("http")
        assert len(told["requests"]["with_passage"]) == 3
        assert told["quote"]


def test_counts_of_documents_reconcile_in_the_ledger(syn_qa: Any, tmp_path: Path) -> None:
    syn_qa(limit=1)
    ledger = json.loads((tmp_path / "x.ledger.json").read_text())
    (account,) = ledger["documents"].values()
    assert account["in"] == account["kept"] + sum(account["dropped"].values())
    assert {"duplicate_text", "other_language", "too_short"} <= set(account["dropped"])
    assert ledger["breadth"]["rows"] == ledger["total"]["kept"]
    assert sum(ledger["letters"].values()) == ledger["total"]["kept"]


def test_quotas_and_a_limit_choose_by_seed_and_leave_the_rest_not_sampled(
    syn_qa: Any, tmp_path: Path
) -> None:
    first = syn_qa("a", limit=4, seed=1)
    again = syn_qa("b", limit=4, seed=1)
    other = syn_qa("c", limit=4, seed=2)
    chosen = [
        {
            json.loads(line)["row_id"]
            for line in (tmp_path / f"{name}.journal" / "rank=00000.jsonl").read_text().splitlines()
        }
        for name in "abc"
    ]
    assert chosen[0] == chosen[1] != chosen[2]
    assert all(len(ids) == 4 for ids in chosen)
    assert first.result["total"] == again.result["total"]
    assert first.result["total"]["not_sampled"] == other.result["total"]["not_sampled"] > 0
    quota = syn_qa("d", per_subject=1)
    journal = tmp_path / "d.journal" / "rank=00000.jsonl"
    asked = {json.loads(line)["row_id"] for line in journal.read_text().splitlines()}
    assert quota.result["items"]["chosen"] == len(asked)
    assert 1 < len(asked) <= 57


def test_open_questions_have_no_options_and_short_answers(syn_qa: Any, tmp_path: Path) -> None:
    syn_qa(question="open")
    kept, rejects = rows(tmp_path)
    assert kept.height + rejects.height
    assert kept["options"].is_null().all()
    assert set(kept["answer_kind"]) <= {"short_open"}
    assert all(len(answer.split()) <= 10 for answer in kept["answer"])


def test_ten_options_can_be_asked_for(syn_qa: Any, tmp_path: Path) -> None:
    syn_qa(options=10)
    kept, rejects = rows(tmp_path)
    assert "bad_schema" not in set(rejects["reason"])
    assert all(len(options) == 10 for options in kept["options"])


def test_only_named_subjects_are_asked_about(syn_qa: Any) -> None:
    report = syn_qa(subjects=["astronomy", "nutrition"])
    assert 1 <= report.result["items"]["chosen"] <= 6
    with pytest.raises(RecipeError, match="did you mean astronomy"):
        syn_qa(subjects=["astronomi"])


def test_the_same_inputs_and_journal_give_the_same_bytes_from_another_rank_count(
    syn_qa: Any, tmp_path: Path
) -> None:
    syn_qa("a", limit=6)
    (tmp_path / "b.journal").mkdir()
    for path in (tmp_path / "a.journal").glob("rank=*.jsonl"):
        (tmp_path / "b.journal" / path.name).write_bytes(path.read_bytes())
    syn_qa("b", limit=6, tasks=2, base_url="http://127.0.0.1:9")
    for end in (".parquet", ".rejects.parquet"):
        assert (tmp_path / f"a{end}").read_bytes() == (tmp_path / f"b{end}").read_bytes()


def test_an_archive_that_is_none_is_a_clear_error(syn_qa: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(b"this is no archive \x00\x01\x02" * 50)
    with pytest.raises(SourceError, match="none of 1 files could be read"):
        syn_qa(inputs=[str(bad)])
    with pytest.raises(SourceError, match="does not exist"):
        syn_qa(inputs=[str(tmp_path / "absent.warc.gz")])


def test_a_prompt_that_is_not_of_the_kind_is_refused_with_the_closest(
    syn_qa: Any, tmp_path: Path
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "syn_qa_mqc.j2").write_text("---\nname: x\n---\n")
    with pytest.raises(RecipeError, match="did you mean syn_qa_mcq"):
        syn_qa(prompts=tmp_path / "prompts")


def test_a_document_without_a_passage_is_a_reject(syn_qa: Any, tmp_path: Path) -> None:
    prose = "Salt lowers the freezing point of water, which is why roads are salted in winter. "
    lines = [
        {"text": "\n\n".join(f"{number} short words {prose[:60]}" for number in range(5))},
        {
            "text": prose * 2
            + "\n\n"
            + "Heat flows from warm bodies to cold ones until both agree. " * 9
        },
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = syn_qa(
        inputs=[str(path)], documents={"quality": False, "min_words": 1, "max_repeated": 1}
    )
    documents = report.result["documents"]["texts.jsonl"]
    kept, rejects = rows(tmp_path)
    assert documents["in"] == 2
    assert report.result["total"]["in"] >= documents["kept"]
    assert kept.height + rejects.height == report.result["total"]["in"]
    assert "no_passage" in set(rejects["reason"])


def test_items_that_were_not_asked_about_can_be_shown_by_their_reason(
    syn_qa: Any, tmp_path: Path
) -> None:
    report = syn_qa(passages=1, min_score=1.0)
    folder = tmp_path / "x.journal"
    pages = list(show.run(show.ShowSettings(path=folder, reason="no_subject")))
    assert len(pages) == report.result["items"]["no_subject"] > 0
    assert all("millbrook" not in page.text or "no_subject" in page.text for page in pages)
    with pytest.raises(SourceError, match=r"reasons here are: .*no_subject \d"):
        list(show.run(show.ShowSettings(path=folder, reason="nosuch")))


def test_files_of_which_nothing_is_left_are_an_error_with_the_reasons(
    syn_qa: Any, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"body_of_it": 1}\nnot json\n')
    with pytest.raises(SourceError, match=r"no document is left of 2 records.*not_json 1"):
        syn_qa(inputs=[str(path)])


def test_a_file_that_failed_is_named_beside_the_others(syn_qa: Any, tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(PAGES.read_bytes()[:3_000])
    report = syn_qa(inputs=[str(PAGES), str(cut)], limit=1)
    assert any("cut.warc.gz" in note for note in report.notes)
    assert report.result["documents"]["cut.warc.gz"]["failed"]


def test_half_a_character_in_replies_costs_its_question_and_not_the_run(
    syn_qa: Any, tmp_path: Path
) -> None:
    def broken(messages: Any, schema: Any, seed: int = 0) -> str:
        text = respond(messages, schema, seed)
        if schema is not None and "Capability" not in messages[-1]["content"]:
            return text.replace('"question": "', '"question": "\\ud83d ', 1)
        return text

    with MockEndpoint(responder=broken) as endpoint:
        report = syn_qa(base_url=endpoint.url, limit=4, near=None)
    kept, rejects = rows(tmp_path)
    assert kept.height == 0
    assert {"broken_text"} <= set(rejects["reason"]) <= {"broken_text", "declined", "no_subject"}
    assert (
        report.result["total"]["in"]
        == kept.height + rejects.height + (report.result["total"]["not_sampled"])
    )
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "x.journal"), "--json"])
    assert shown.exit_code == 0, shown.output
    assert "\\ud83d" in shown.stdout
