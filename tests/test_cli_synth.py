"""`synth`, `status` and `show DIR` at the prompt: exit codes, and which stream says what."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent / "generate"))
sys.path.insert(0, str(Path(__file__).parent / "steps"))
from mock_endpoint import MockEndpoint
from scripted_model import respond

from crossthink_data.cli import app
from crossthink_data.generate.lock import RankLock

PAGES = Path(__file__).parent.parent / "recipes" / "quickstart-web" / "pages.warc.gz"


@pytest.fixture(scope="module")
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint(responder=respond) as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    rows = [{"persona": f"A baker of {years} from Graz."} for years in range(20, 30)]
    Path("personas.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("quick.yaml").write_text("synth: {kind: persona-math, solutions: 3, resamples: 0}\n")


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def persona_math(url: str, *more: str) -> tuple[int, str, str]:
    command = ("synth", "personas.jsonl", "--recipe", "quick.yaml", "--out", "x.parquet")
    return invoke(*command, "--base-url", url, "--model", "m", *more)


def test_a_good_run_is_0_with_its_result_on_stdout_alone(server: MockEndpoint) -> None:
    code, said, told = persona_math(server.url, "--json")
    assert code == 0
    assert json.loads(said)["total"]["in"] == 10
    assert "10/10 items" in told
    code, said, told = persona_math(server.url, "--quiet")
    assert (code, told) == (0, "")
    assert "wrote x.parquet" in said
    code, said, _ = invoke("status", "x.journal", "--json")
    assert (code, json.loads(said)["complete"]) == (0, True)
    code, said, _ = invoke("show", "x.journal", "--json", "--limit", "2")
    assert code == 0
    assert [bool(json.loads(line)["exchanges"]) for line in said.splitlines()] == [True, True]


def test_live_lines_can_be_json(server: MockEndpoint) -> None:
    code, _, told = persona_math(server.url, "--log-format", "json")
    assert code == 0
    assert any("items_done" in json.loads(line) for line in told.splitlines())


def test_no_server_is_1_and_leaves_no_rows() -> None:
    code, said, told = persona_math("http://127.0.0.1:9")
    assert (code, said) == (1, "")
    assert "127.0.0.1:9" in told.splitlines()[-1]
    assert not Path("x.parquet").exists()


def test_a_wrong_key_and_an_unknown_model_are_1_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-one")
    with MockEndpoint(key="sk-right") as endpoint:
        code, _, told = persona_math(endpoint.url)
    assert code == 1
    assert "OPENAI_API_KEY" in told
    assert "sk-wrong-one" not in told
    with MockEndpoint(models=("n",)) as endpoint:
        code, _, told = persona_math(endpoint.url)
    assert code == 1
    assert "'m'" in told


def test_a_server_that_lies_about_schemas_is_3_with_the_reason_on_stderr() -> None:
    with MockEndpoint(schema="ignored") as endpoint:
        code, said, told = persona_math(endpoint.url, "--quiet")
    assert code == 3
    assert "no usable reply" in told
    assert "no_json" in said


def test_two_runs_on_one_folder_are_1_and_told_who(server: MockEndpoint) -> None:
    Path("x.journal").mkdir()
    lock = RankLock(Path("x.journal") / "run.lock")
    try:
        code, _, told = persona_math(server.url)
    finally:
        lock.release()
    assert code == 1
    assert "process " in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("synth", "--out", "x.parquet"), 2, "name web archives or documents, or personas"),
        (("synth", "absent.warc.gz", "--out", "x.parquet"), 1, "absent.warc.gz does not exist"),
        (("synth", "quick.yaml", "--out", "x.txt"), 2, "does not end in .parquet"),
        (("synth", "quick.yaml", "--out", "no/x.parquet"), 1, "there is no folder no"),
        (("synth", "bad.warc.gz", "--out", "x.parquet"), 1, "none of 1 files could be read"),
        (("synth", "p", "--kind", "syn", "--out", "x.parquet"), 2, "kind is 'syn'"),
        (("synth", "p", "--backend", "lama", "--out", "x.parquet"), 2, "did you mean llama?"),
        (("synth", "p", "--options", "3", "--out", "x.parquet"), 2, "options is 3"),
        (("synth", "p", "--recipe", "typo.yaml", "--out", "x.parquet"), 2, "did you mean votes?"),
        (("status", "absent.journal"), 1, "no such folder"),
        (("status", "."), 1, "holds no run.json"),
        (("show", "."), 1, "holds no run.json"),
    ],
)
def test_bad_arguments_have_a_message_and_a_code(
    arguments: tuple[str, ...], code: int, told: str
) -> None:
    Path("bad.warc.gz").write_bytes(b"\x00\x01\x02 no archive" * 40)
    Path("typo.yaml").write_text("synth: {vots: 3}\n")
    found, said, message = invoke(*arguments)
    assert (found, said) == (code, "")
    assert told in message
    assert not Path("x.parquet").exists()


def test_a_dry_run_of_archives_needs_no_model(server: MockEndpoint) -> None:
    server.reset()
    code, said, _ = invoke("synth", str(PAGES), "--dry-run", "--out", "x.parquet")
    assert code == 0
    assert "synth --dry-run: estimate" in said
    assert "[user]" in said
    assert server.stats()["requests"] == 0


def test_a_prompt_can_be_copied_changed_and_used() -> None:
    Path("mine").mkdir()
    assert invoke("recipe", "cp", "prompts/syn_qa_mcq", "mine")[0] == 0
    (copied,) = Path("mine").glob("*.j2")
    assert invoke("recipe", "show", "prompts/syn_qa_mcq")[1] == copied.read_text("utf-8")
    copied.write_text(copied.read_text("utf-8").replace("=== user ===", "=== user ===\nPlease.", 1))
    command = ("synth", str(PAGES), "--dry-run", "--out", "x.parquet", "--prompts", "mine")
    code, said, _ = invoke(*command)
    assert code == 0
    assert "[user]\nPlease." in said
    code, _, told = invoke("recipe", "show", "prompts/syn_qa_mqc")
    assert (code, "did you mean prompts/syn_qa_mcq?" in told) == (2, True)
