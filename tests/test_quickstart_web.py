"""The second quickstart: its archive and its journal are what the sources make, and it runs."""

import importlib.util
import io
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
from fastwarc.warc import ArchiveIterator
from typer.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator as Records

from crossthink_data.cli import app
from crossthink_data.recipe import beside, load_recipe, recipes_folder
from crossthink_data.steps.synth.settings import SynthSettings
from crossthink_data.synth.checks import Candidate, first_fault, named_option
from crossthink_data.synth.subjects import SUBJECTS

FOLDER = recipes_folder() / "quickstart-web"
REASON_OF_REJECT = {
    "demographic-transition.html": "not_stand_alone",
    "gettier.html": "quote_not_in_passage",
    "launch-prices.html": "told_by_length",
    "potosi-silver.html": "votes_disagree",
    "summer-school.html": "declined",
    "allotment-newsletter.html": "declined",
}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """scripts/make_quickstart_web.py as a module."""
    path = Path(__file__).parent.parent / "scripts" / "make_quickstart_web.py"
    spec = importlib.util.spec_from_file_location("make_quickstart_web", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a whole run, and what the run printed."""
    out = tmp_path_factory.mktemp("web") / "quickstart-web"
    result = CliRunner().invoke(app, ["run", "quickstart-web", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out, result.stdout


def records(archive: bytes) -> list[tuple[object, ...]]:
    """Type, address, id, date and decoded payload of each record.

    The encoded bytes may differ between builds of zlib; these may not.
    """
    read = []
    for record in Records(io.BytesIO(archive)):
        names = ("WARC-Target-URI", "WARC-Record-ID", "WARC-Date", "WARC-Identified-Payload-Type")
        headers = [record.rec_headers.get_header(name) for name in names]
        read.append((record.rec_type, *headers, record.content_stream().read()))
    return read


# ---- the material ----


def test_the_archive_is_what_the_sources_make(maker: ModuleType) -> None:
    built = maker.archive(FOLDER)
    assert built == maker.archive(FOLDER)
    assert records(built) == records((FOLDER / "pages.warc.gz").read_bytes())


def test_every_digest_of_the_archive_is_right() -> None:
    checked = Counter[str]()
    with (FOLDER / "pages.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            assert record.verify_block_digest()
            if record.headers["WARC-Type"] == "response":
                record.parse_http()
                assert record.verify_payload_digest()
            checked[record.headers["WARC-Type"]] += 1
    others = {"warcinfo": 1, "request": 1, "metadata": 1, "revisit": 1}
    assert checked == {"response": 30, **others}


def test_every_page_is_in_the_archive_and_has_a_reply_or_a_flaw(maker: ModuleType) -> None:
    pages = {path.name for path in (FOLDER / "pages").iterdir()}
    served = Counter(entry.page for entry in maker.entries(FOLDER) if entry.page)
    answered = {reply.page for reply in maker.scripted(FOLDER)}
    assert set(served) == pages
    assert [page for page, count in served.items() if count > 1] == ["tidal-locking.html"]
    flawed = {"volcanes", "coming-soon", "topic-index", "sign-in", "cheap-offers"}
    assert pages - answered == {f"{name}.html" for name in flawed}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| `pages/` | {len(pages)} pages" in readme
    assert f"{len(list(maker.entries(FOLDER))) + 1} records" in readme


def test_each_reply_is_good_or_bad_as_it_is_meant_to_be(maker: ModuleType) -> None:
    for reply in maker.scripted(FOLDER):
        wanted = REASON_OF_REJECT.get(reply.page, "")
        assert bool(reply.meant_to) == bool(wanted), reply.page
        if not reply.question:
            continue
        assert reply.subject in SUBJECTS
        assert set(reply.with_passage + reply.without_passage) == set(reply.because), reply.page
        candidate = Candidate(
            question_type="mcq",
            question=reply.question,
            answer=reply.answer,
            quote=reply.quote,
            passage=text_of(reply.page),
            options=reply.options,
            gold=named_option(reply.answer, reply.options),
        )
        reason, detail, _ = first_fault(candidate)
        assert reason == wanted.replace("votes_disagree", ""), (reply.page, detail)


def text_of(page: str) -> str:
    """The text of a page, as the extractor gives it."""
    from resiliparse.extract.html2text import extract_plain_text

    html = (FOLDER / "pages" / page).read_text(encoding="utf-8")
    return str(extract_plain_text(html, main_content=True))


def test_the_journal_is_what_the_replies_and_the_prompts_of_today_make(maker: ModuleType) -> None:
    recorded = maker.journal()
    hint = "a prompt, a page or a reply changed: python scripts/make_quickstart_web.py"
    assert recorded == (FOLDER / maker.JOURNAL).read_bytes(), hint
    entries = [json.loads(line) for line in recorded.splitlines()]
    assert {entry["model"] for entry in entries} == {"recorded-by-hand"}
    assert Counter(entry["finish_reason"] for entry in entries)["length"] == 1


# ---- the run ----


def test_it_keeps_the_good_questions_and_rejects_each_bad_one_for_its_reason(
    finished: tuple[Path, str], maker: ModuleType
) -> None:
    out, _ = finished
    kept = pq.read_table(out / "syn_qa.parquet").to_pylist()
    good = {reply.question for reply in maker.scripted(FOLDER) if not reply.meant_to}
    assert {row["question"] for row in kept} == good
    assert {row["answer"] for row in kept} == {
        reply.answer for reply in maker.scripted(FOLDER) if not reply.meant_to
    }
    rejects = pq.read_table(out / "syn_qa.rejects.parquet").to_pylist()
    assert Counter(row["reason"] for row in rejects) == Counter(REASON_OF_REJECT.values())


def test_what_the_archive_has_no_use_for_is_counted_by_reason(finished: tuple[Path, str]) -> None:
    out, _ = finished
    ledger = json.loads((out / "syn_qa.ledger.json").read_text(encoding="utf-8"))
    (account,) = ledger["documents"].values()
    assert account["in"] == account["kept"] + sum(account["dropped"].values()) == 34
    assert account["kept"] == 19
    wanted = {"duplicate_text": 1, "http_status": 2, "other_language": 1, "repeated_lines": 1}
    assert wanted.items() <= account["dropped"].items()


def test_every_row_says_that_its_replies_were_recorded_by_hand(
    finished: tuple[Path, str],
) -> None:
    out, printed = finished
    for row in pq.read_table(out / "syn_qa.parquet").to_pylist():
        provenance = json.loads(row["provenance"])
        assert provenance["models"] == ["recorded-by-hand"]
        assert provenance["url"].split("/")[2].endswith((".example.org", ".example.com"))
    assert "recorded replies that were written by hand" in " ".join(printed.split())


def test_its_end_is_a_blend_of_two_to_one(finished: tuple[Path, str]) -> None:
    out, _ = finished
    abilities = Counter(pq.read_table(out / "blend.parquet")["ability"].to_pylist())
    # 13 questions: the largest remainder gives 13 to 6.
    assert abilities == {"gpr": 13, "mr": 6}


def test_it_gives_the_same_bytes_again(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    again = tmp_path / "again"
    result = CliRunner().invoke(app, ["run", "quickstart-web", "--out", str(again)])
    assert result.exit_code == 0, result.output
    for name in ("syn_qa.parquet", "syn_qa.rejects.parquet", "blend.parquet"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


# ---- the example with a real model ----


def test_the_dry_run_of_the_example_says_what_would_be_asked(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "examples" / "web_llama" / "README.md").read_text(
        "utf-8"
    )
    (command,) = (line for line in page.splitlines() if "--dry-run" in line)
    words = command.split()[1:]
    words[words.index("web.parquet")] = str(tmp_path / "web.parquet")
    words[words.index("recipes/quickstart-web/pages.warc.gz")] = str(FOLDER / "pages.warc.gz")
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "items would be asked about" in " ".join(result.stdout.split())
    assert not (tmp_path / "web.parquet").exists()


def test_the_recipe_of_the_example_asks_the_embedded_model_about_the_bundled_pages() -> None:
    example = Path(__file__).parent.parent / "examples" / "web_llama" / "web_llama.yaml"
    values, path = load_recipe(str(example))
    (stage,) = (stage["synth"] for stage in values["stages"] if "synth" in stage)
    settings = SynthSettings.model_validate({**stage, "out": "x.parquet"})
    assert settings.backend_kind == "llama"
    assert settings.model_name in (example.parent / "README.md").read_text("utf-8")
    assert Path(beside(settings.inputs[0], path)).samefile(FOLDER / "pages.warc.gz")
