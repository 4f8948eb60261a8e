"""Whole runs of `synth` against a mock endpoint: rows, ledger, journal, and what is asked again."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "generate"))
from mock_endpoint import MockEndpoint
from scripted_model import respond

from crossthink_data.errors import BackendError, RecipeError, SourceError
from crossthink_data.generate.lock import RankLock
from crossthink_data.ledger import Report
from crossthink_data.recipe import check
from crossthink_data.steps import run as running
from crossthink_data.steps import show, status, synth
from crossthink_data.steps.synth import SynthSettings

ITEMS, SOLUTIONS = 24, 3
TOWNS = ("Graz", "Turku", "Cork", "Porto", "Gdansk", "Bergen")
TRADES = ("baker", "surveyor", "nurse", "beekeeper", "glazier", "harbour pilot", "weaver")


@pytest.fixture(scope="module")
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint(responder=respond) as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def _fresh(server: MockEndpoint) -> None:
    server.reset()


@pytest.fixture
def personas(tmp_path: Path) -> Path:
    rows = [
        {"persona": f"A {trade} from {town} who keeps accounts."}
        for trade in TRADES
        for town in TOWNS
    ]
    path = tmp_path / "personas.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def persona_math(personas: Path, server: MockEndpoint, out: Path, **more: Any) -> SynthSettings:
    given = {
        "inputs": [str(personas)],
        "kind": "persona-math",
        "out": str(out),
        "base_url": server.url,
        "model": "m",
        "limit": ITEMS,
        "solutions": SOLUTIONS,
    }
    return check(SynthSettings, given | more, "synth")


def run(settings: SynthSettings) -> Report:
    return synth.run(settings, lambda snapshot: None)


def written(out: Path) -> dict[str, bytes]:
    return {path.name[len(out.stem) :]: path.read_bytes() for path in out.parent.glob("*.parquet")}


def test_every_item_is_a_question_or_a_reject_with_its_reason(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    report = run(persona_math(personas, server, tmp_path / "x.parquet"))
    kept = pl.read_parquet(tmp_path / "x.parquet")
    rejects = pl.read_parquet(tmp_path / "x.rejects.parquet")
    total = report.result["total"]
    assert isinstance(total, dict)
    assert total["in"] == ITEMS == kept.height + rejects.height
    assert total["rejected"] == dict(rejects["reason"].value_counts().iter_rows())
    assert kept.height > ITEMS // 3
    assert set(kept["source"]) == {"persona_math"}
    provenance = json.loads(kept["provenance"][0])
    assert provenance["votes"]["share"] >= 0.6
    assert len(provenance["requests"]["solution"]) == SOLUTIONS
    assert report.exit_code == 0


def test_what_is_in_the_journal_is_not_asked_again_and_gives_the_same_bytes(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    run(settings)
    first = written(tmp_path / "x.parquet")
    asked = server.stats()["requests"]
    for path in tmp_path.glob("x.*parquet"):
        path.unlink()
    run(settings)
    assert written(tmp_path / "x.parquet") == first
    assert server.stats()["requests"] == asked


def test_rows_do_not_depend_on_the_order_of_personas_or_the_number_of_ranks(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    run(persona_math(personas, server, tmp_path / "a" / "x.parquet"))
    mixed = tmp_path / "other_name.jsonl"
    mixed.write_text("".join(sorted(personas.read_text().splitlines(keepends=True), reverse=True)))
    run(persona_math(mixed, server, tmp_path / "b" / "x.parquet", tasks=2))
    a, b = (pl.read_parquet(tmp_path / name / "x.parquet") for name in "ab")
    assert a.drop("provenance").equals(b.drop("provenance"))
    assert sorted(path.name for path in (tmp_path / "b" / "x.journal").glob("rank=*.jsonl")) == [
        "rank=00000.jsonl",
        "rank=00001.jsonl",
    ]


def test_another_number_of_ranks_asks_nothing_again(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    run(persona_math(personas, server, tmp_path / "x.parquet", tasks=2))
    first, asked = written(tmp_path / "x.parquet"), server.stats()["requests"]
    run(persona_math(personas, server, tmp_path / "x.parquet"))
    assert server.stats()["requests"] == asked
    assert written(tmp_path / "x.parquet") == first


def test_a_changed_prompt_asks_again_only_what_it_changes(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    run(persona_math(personas, server, tmp_path / "x.parquet"))
    asked = server.stats()["requests"]
    shipped = Path(synth.__file__).parents[2] / "synth" / "prompts"
    (tmp_path / "prompts").mkdir()
    text = (shipped / "persona_math_solution.v1.j2").read_text()
    (tmp_path / "prompts" / "persona_math_solution.j2").write_text(
        text.replace("a number, an expression", "a number, a formula")
    )
    server.reset()
    run(persona_math(personas, server, tmp_path / "x.parquet", prompts=tmp_path / "prompts"))
    again = server.stats()["requests"]
    # The problems are those of the journal: a solution of each is all that is asked.
    assert 0 < again <= asked - ITEMS
    page = next(show.run(show.ShowSettings(path=tmp_path / "x.journal", limit=1)))
    assert "a number, a formula" in page.text


def test_more_items_without_a_reply_than_allowed_give_exit_code_3(
    personas: Path, tmp_path: Path
) -> None:
    def silent(messages: Any, schema: Any, seed: int = 0) -> str:
        return respond(messages, schema, seed) if "Capability" in messages[-1]["content"] else " "

    with MockEndpoint(responder=silent) as endpoint:
        report = run(persona_math(personas, endpoint, tmp_path / "x.parquet", limit=4, resamples=1))
    assert report.exit_code == 3
    assert "100.0% of the items had no usable reply" in report.failure
    rejects = pl.read_parquet(tmp_path / "x.rejects.parquet")
    assert set(rejects["reason"]) == {"empty_reply"}


def test_status_tells_how_far_a_run_is_and_show_pages_through_it(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    report = run(settings)
    told = status.run(settings.folder).result
    total = report.result["total"]
    assert isinstance(total, dict)
    assert told["complete"] is True
    assert told["done"] == ITEMS
    assert told["made"] == total["kept"]
    pages = list(show.run(show.ShowSettings(path=settings.folder)))
    assert len(pages) == ITEMS
    assert sum(page.values["outcome"] == "made" for page in pages) == total["kept"]
    assert any("\\boxed{" in page.text for page in pages)


def test_an_unfinished_run_says_what_is_missing(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    run(settings)
    journal = settings.folder / "rank=00000.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: len(lines) // 2]))
    told = status.run(settings.folder).result
    assert told["complete"] is False
    assert isinstance(told["unanswered"], int)
    assert 0 < told["unanswered"] < ITEMS


def test_two_runs_on_one_folder_are_refused_with_who_holds_it(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    settings.folder.mkdir()
    lock = RankLock(settings.folder / "run.lock")
    try:
        with pytest.raises(SourceError, match=r"process \d+ on \S+ since"):
            run(settings)
    finally:
        lock.release()


def test_a_wrong_key_and_an_unknown_model_stop_the_run_with_what_to_do(
    personas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-this-one")
    with MockEndpoint(key="sk-right") as endpoint:
        with pytest.raises(BackendError, match="OPENAI_API_KEY") as refused:
            run(persona_math(personas, endpoint, tmp_path / "x.parquet"))
        assert "sk-not-this-one" not in str(refused.value)
    with MockEndpoint(models=("tuba-7b",)) as endpoint, pytest.raises(BackendError, match="tuba"):
        run(persona_math(personas, endpoint, tmp_path / "y.parquet", model="tuba-8b"))
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"sk-not-this-one" not in path.read_bytes(), path


def test_no_server_is_told_by_its_address(personas: Path, tmp_path: Path) -> None:
    given = {"base_url": "http://127.0.0.1:9", "model": "m", "out": str(tmp_path / "x.parquet")}
    with pytest.raises(BackendError, match=r"127\.0\.0\.1:9"):
        run(check(SynthSettings, {"inputs": [personas], "kind": "persona-math"} | given, "synth"))
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "persona-math", "votes": 3}, "votes is a setting of syn-qa"),
        ({"kind": "syn-qa", "solutions": 3}, "solutions is a setting of persona-math"),
        ({"kind": "syn-qua"}, "syn-qa"),
        ({"bakend": "llama"}, "did you mean backend?"),
        ({"documents": {"languag": "en"}}, "did you mean language?"),
        ({"near": 0.2}, "near is 0.2"),
        ({"question": "open", "options": 10}, "options are of mcq questions"),
        ({"price": {"promt": 1}}, "did you mean prompt?"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(RecipeError, match=told.replace("?", r"\?")):
        check(SynthSettings, {"inputs": ["x"], "out": "x.parquet"} | given, "synth")


def test_a_backend_and_a_place_of_another_one_are_refused() -> None:
    given = {"inputs": ["x"], "out": "x.parquet", "backend": "llama", "base_url": "http://h"}
    with pytest.raises(RecipeError, match="base_url http://h is for backend endpoint"):
        _ = check(SynthSettings, given, "synth").backend_kind


def test_an_unknown_backend_is_refused_with_the_closest() -> None:
    given = {"inputs": ["x"], "out": "x.parquet", "backend": "lama", "base_url": "http://h"}
    with pytest.raises(RecipeError, match=r"backend is lama; did you mean llama\?"):
        _ = check(SynthSettings, given, "synth").backend_kind


def test_a_bad_place_for_the_rows_is_told_before_anything_is_asked(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=r"does not end in \.parquet"):
        run(persona_math(personas, server, tmp_path / "x.txt"))
    with pytest.raises(SourceError, match="there is no folder"):
        run(persona_math(personas, server, tmp_path / "no" / "x.parquet"))
    assert server.stats()["requests"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["personas.jsonl"]


def test_a_run_that_comes_to_nothing_leaves_no_folder(server: MockEndpoint, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.jsonl"
    nobody.write_text('{"name": "x"}\n')
    with pytest.raises(SourceError, match="no persona"):
        run(persona_math(nobody, server, tmp_path / "x.parquet"))
    assert not (tmp_path / "x.journal").exists()


@pytest.mark.parametrize(
    ("backend", "model", "name"),
    [
        ("endpoint", "models/m.gguf", "models/m.gguf"),
        ("llama", "models/m.gguf", "m.gguf"),
        ("llama", "owner/name:m.gguf", "owner/name:m.gguf"),
    ],
)
def test_a_model_is_known_by_the_name_that_the_server_knows(
    backend: str, model: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.gguf").write_bytes(b"GGUF")
    given = {"inputs": ["x"], "out": "x.parquet", "backend": backend, "model": model}
    assert check(SynthSettings, given, "synth").model_name == name


def test_a_run_can_be_looked_at_from_another_folder_and_without_its_files(
    personas: Path, server: MockEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skills = tmp_path / "skills.yaml"
    shipped = Path(synth.__file__).parents[2] / "synth" / "skills.yaml"
    skills.write_bytes(shipped.read_bytes())
    monkeypatch.chdir(tmp_path)
    run(persona_math(Path("personas.jsonl"), server, Path("x.parquet"), skills="skills.yaml"))
    skills.unlink()
    personas.unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert status.run(tmp_path / "x.journal").result["done"] == ITEMS


def test_a_server_that_ignores_schemas_is_told_and_its_replies_count_as_unusable(
    personas: Path, tmp_path: Path
) -> None:
    with MockEndpoint(schema="ignored") as endpoint:
        report = run(persona_math(personas, endpoint, tmp_path / "x.parquet", limit=3, resamples=0))
    assert report.exit_code == 3
    assert any("does not hold replies to a schema" in note for note in report.notes)
    assert report.result["server"]["schema"] is False


def test_personas_that_cannot_be_read_are_rejects_with_their_place(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    with personas.open("a") as file:
        file.write('not json\n{"name": "x"}\n{"persona": "  "}\n')
        file.write(personas.read_text().splitlines()[0] + "\n")
    report = run(persona_math(personas, server, tmp_path / "x.parquet", limit=2))
    rejects = pl.read_parquet(tmp_path / "x.rejects.parquet")
    found = dict(zip(rejects["reason"], rejects["provenance"], strict=True))
    assert json.loads(found["not_json"]) == {"file": "personas.jsonl", "row": 43}
    assert {"missing_column", "persona_missing"} <= set(found)
    told = report.result["personas"]
    assert isinstance(told, dict)
    assert told["repeated"] == 1
    ledger = json.loads((tmp_path / "x.ledger.json").read_text())
    assert [Path(told["path"]).name for told in ledger["inputs"]] == ["personas.jsonl"]
    assert len(ledger["inputs"][0]["sha256"]) == 64


def test_lines_of_the_journal_that_cannot_be_read_are_told(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    run(settings)
    journal = settings.folder / "rank=00000.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b'{"kind": "ans\n', *lines[2:]]))
    assert any("cannot be read" in note for note in status.run(settings.folder).notes)
    server.reset()
    report = run(settings)
    assert any("1 lines of the journal cannot be read" in note for note in report.notes)
    assert server.stats()["by_path"].get("/v1/chat/completions", 0) >= 1


def test_a_dry_run_leaves_the_record_of_the_run(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    run(settings)
    synth.dry_run(persona_math(personas, server, tmp_path / "x.parquet", limit=3, model="other"))
    told = status.run(settings.folder).result
    assert (told["model"], told["done"]) == ("m", ITEMS)


def test_two_prompt_files_of_one_name_are_refused(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    for name in ("persona_math_problem.v1.j2", "persona_math_problem.v2.j2"):
        (folder / name).write_text("---\nname: x\n---\n")
    with pytest.raises(RecipeError, match="holds persona_math_problem twice"):
        run(persona_math(personas, server, tmp_path / "x.parquet", prompts=folder))


def test_the_shell_line_of_slurm_is_written_nowhere(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    slurm = {"environment": "export OPENAI_API_KEY=hunter22"}
    run(persona_math(personas, server, tmp_path / "x.parquet", limit=2, slurm=slurm))
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"hunter22" not in path.read_bytes(), path


def test_a_dry_run_counts_requests_and_calls_nothing(
    personas: Path, server: MockEndpoint, tmp_path: Path
) -> None:
    settings = persona_math(
        personas, server, tmp_path / "x.parquet", price={"prompt": 1, "completion": 2}
    )
    report = synth.dry_run(settings)
    assert report.result["requests"] == ITEMS * (1 + SOLUTIONS)
    prompt, completion = report.result["prompt_tokens"], report.result["completion_tokens"]
    assert isinstance(prompt, int)
    assert isinstance(completion, int)
    assert report.result["cost"] == pytest.approx((prompt + 2 * completion) / 1e6, abs=1e-3)
    assert server.stats()["requests"] == 0
    assert not (tmp_path / "x.parquet").exists()
    assert any("beekeeper" in text or "from " in text for text in report.texts)


def test_what_follows_from_a_reply_of_another_rank_is_asked_in_a_second_pass(
    personas: Path, server: MockEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = persona_math(personas, server, tmp_path / "x.parquet")
    asked = synth.ask_all
    passes = []

    def ask_and_lose_a_line(*arguments: Any) -> None:
        asked(*arguments)
        passes.append(len(passes))
        if len(passes) == 1:
            journal = settings.folder / "rank=00000.jsonl"
            journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-2]))

    monkeypatch.setattr(synth, "ask_all", ask_and_lose_a_line)
    report = run(settings)
    assert len(passes) == 2
    total = report.result["total"]
    assert isinstance(total, dict)
    assert total["in"] == ITEMS


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "http://user:hunter22@127.0.0.1:9/v1"},
        {"base_url": "http://127.0.0.1:9/v1?key=hunter22"},
        {"base_url": "h", "vllm": {"arguments": ["--api-key", "hunter22"]}},
        {"vllm": {"arguments": ["--api-key=hunter22"]}},
    ],
)
def test_a_secret_among_the_settings_is_refused_before_anything_is_written(
    given: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(RecipeError) as refused:
        check(SynthSettings, {"inputs": ["x"], "out": tmp_path / "x.parquet"} | given, "synth")
    assert "hunter22" not in str(refused.value)


def test_a_stage_with_too_many_failures_ends_a_run_with_its_code_and_is_run_again(
    personas: Path, tmp_path: Path
) -> None:
    def silent(messages: Any, schema: Any, seed: int = 0) -> str:
        return respond(messages, schema, seed) if "Capability" in messages[-1]["content"] else " "

    stages = {
        "synth": {"inputs": [str(personas)], "kind": "persona-math", "model": "m", "limit": 3},
        "filter": {"inputs": ["synth"], "out": "filtered"},
    }
    recipe = tmp_path / "road.yaml"
    with MockEndpoint(responder=silent) as endpoint:
        stages["synth"]["base_url"] = endpoint.url
        told = {"seed": 0, "stages": [{verb: given} for verb, given in stages.items()]}
        recipe.write_text(json.dumps(told))
        settings = running.RunSettings(recipe=str(recipe), out=tmp_path / "road")
        for _ in range(2):
            report = running.run(settings)
            assert report.exit_code == 3
            assert report.tables[0].rows[0][-1] == "done"
    assert not (tmp_path / "road" / "filtered.parquet").exists()
