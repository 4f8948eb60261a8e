"""The command line: exit codes, streams, recipes under flags, messages without tracebacks."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from crossthink_data.cli import app


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cli") / "quickstart"
    assert invoke("run", "quickstart", "--out", out, "--quiet").exit_code == 0
    return out


def test_quickstart_prints_its_ledger_and_what_to_do_next(tmp_path: Path) -> None:
    result = invoke("run", "quickstart", "--out", tmp_path / "q")
    assert result.exit_code == 0
    for words in ("blend gpr:mr=2:1: plan", "not sampled", "What next?", f"{tmp_path}/q/blend"):
        assert words in result.stdout


def test_json_is_the_whole_of_stdout(quickstart: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    result = invoke("filter", quickstart / "questions.parquet", "--out", out, "--json")
    account = json.loads(result.stdout)
    on_disk = json.loads((tmp_path / "f.ledger.json").read_text())
    assert account["total"] == on_disk["total"]
    assert account["settings"]["max_words"] == 10


def test_flags_override_the_recipe(quickstart: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("seed: 5\nblend:\n  ratio: nd\n  size: 20\n")
    arguments = ("blend", quickstart / "filtered.parquet", "--recipe", recipe, "--json")
    account = json.loads(invoke(*arguments, "--out", tmp_path / "a.parquet").stdout)
    assert (account["seed"], account["plan"]["size"]) == (5, 20)
    flags = ("--size", 10, "--seed", 6, "--ratio", "gpr:mr=1:1")
    account = json.loads(invoke(*arguments, *flags, "--out", tmp_path / "b.parquet").stdout)
    assert (account["seed"], account["plan"]["size"]) == (6, 10)
    assert account["plan"]["ratio"] == "gpr:mr=1:1"


def test_a_shipped_blend_runs_by_its_name(quickstart: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.parquet"
    filtered = quickstart / "filtered.parquet"
    result = invoke("blend", filtered, "--recipe", "paper/gpr_up", "--out", out, "--json")
    plan = json.loads(result.stdout)["plan"]
    general = sum(line["quota"] for line in plan["lines"] if line["group"] == "gpr")
    assert general == round(0.66 * plan["size"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("filter", "nothing.parquet", "--out", "x.parquet"), 1, "nothing.parquet: no such file"),
        (("filter", "{q}/questions.parquet", "--out", "no/x.parquet"), 1, "there is no folder no"),
        (("filter", "{q}/questions.parquet"), 2, "out is missing"),
        (("filter", "--out", "x.parquet"), 2, "inputs is missing"),
        (("filter", "{q}/filtered.rejects.parquet", "--out", "x.parquet"), 1, "holds rejects rows"),
        (("template", "{q}/questions.parquet", "--question", "opn", "--out", "x"), 2, "'opn'"),
        (
            ("blend", "{q}/questions.parquet", "--ratio", "nd", "--out", "x"),
            2,
            "run crossthink-data",
        ),
        (
            ("blend", "{q}/filtered.parquet", "--ratio", "gpr_upp", "--plan"),
            2,
            "did you mean gpr_up",
        ),
        (("blend", "{q}/filtered.parquet", "--ratio", "web:mr=2:1", "--plan"), 2, "mixes kinds"),
        (("blend", "{q}/filtered.parquet", "--take", "math", "--out", "x"), 2, "SOURCE=N"),
        (("fetch", "maths", "--out", "x.parquet"), 2, "did you mean math"),
        (("fetch", "math", "--from", "no.jsonl", "--out", "x.parquet"), 1, "no.jsonl does not"),
        (("recipe", "show", "papr/gpr_up"), 2, "did you mean paper/gpr_up"),
        (("run", "{q}/nothing.yaml"), 2, "neither a shipped recipe nor a file"),
        (("show", "nothing"), 1, "no such file"),
        (("grade",), 2, "FILE"),
        (("grade", "nothing.jsonl"), 1, "nothing.jsonl does not exist"),
        (("grade", "."), 1, ".: is a folder; name the jsonl or parquet files in it"),
        (("grade", "{q}", "--out", "x.jsonl"), 1, "quickstart: is a folder"),
        (("grade", "{q}/blend.parquet", "--out", "x.jsonl"), 1, "no row has a column completion"),
        (
            ("grade", "{q}/blend.parquet", "--completion", "promt", "--out", "x.jsonl"),
            2,
            "no row has a column promt",
        ),
        (("grade", "{q}/blend.parquet", "--kind", "maths"), 2, "kind is 'maths'"),
        (("grade", "{q}/blend.parquet", "--equality", "loose"), 2, "equality is 'loose'"),
        (("grade", "{q}/blend.parquet", "--out", "x.csv"), 2, "ends in .jsonl or .parquet"),
        (("blend", "{q}/filtered.parquet", "--sede", "1"), 2, "--seed"),
        (("fliter",), 2, "fliter"),
    ],
)
def test_bad_input_is_one_message_with_the_right_exit_code(
    quickstart: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*(argument.format(q=quickstart) for argument in arguments))
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_grade_prints_reasons_and_writes_scores_beside(tmp_path: Path) -> None:
    row = {"kind": "math", "gold": 5, "completion": "<think>2 + 3</think> \\boxed{5}"}
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (row, row | {"completion": "5"})))
    result = invoke("grade", path, "--explain")
    assert result.exit_code == 0
    for words in ("reward", "right", "format:no_think", "x.jsonl:2", "wrote"):
        assert words in result.stdout
    account = json.loads(invoke("grade", path, "--json", "--quiet").stdout)
    assert account["reasons"] == {"right": 1, "format:no_think": 1}
    assert account["settings"]["equality"] == "equivalent"
    assert len((tmp_path / "x.scores.jsonl").read_text().splitlines()) == 2


def test_no_gradable_is_a_flag_over_the_recipe(quickstart: Path, tmp_path: Path) -> None:
    arguments = ("filter", quickstart / "questions.parquet", "--out", tmp_path / "f.parquet")
    for flags, rejected in (((), 1), (("--no-gradable",), 0)):
        account = json.loads(invoke(*arguments, *flags, "--json").stdout)
        assert account["total"]["rejected"].get("gold_not_gradable", 0) == rejected


def test_a_misspelt_key_in_a_recipe_names_the_right_one(quickstart: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("blend:\n  ratoi: nd\n")
    result = invoke("blend", quickstart / "filtered.parquet", "--recipe", recipe)
    assert result.exit_code == 2
    assert "mine.yaml: blend: ratoi is not a key; did you mean ratio?" in result.stderr


def test_a_recipe_can_be_copied_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("recipe", "cp", "quickstart", "mine.yaml").exit_code == 0
    text = (tmp_path / "mine.yaml").read_text()
    assert invoke("recipe", "show", "quickstart").stdout == text
    again = invoke("recipe", "cp", "quickstart", "mine.yaml")
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)
    assert invoke("run", "mine.yaml", "--quiet").exit_code == 0
    assert (tmp_path / "mine" / "blend.parquet").exists()


def test_show_pages_plainly_into_a_pipe(quickstart: Path) -> None:
    result = invoke("show", quickstart / "blend.parquet", "--limit", 2)
    assert result.exit_code == 0
    assert result.stdout.count("gold: ") == 2


def test_every_source_is_listed_with_its_licence() -> None:
    listed: dict[str, Any] = json.loads(invoke("sources", "--json").stdout)
    assert listed["natural_reasoning"]["licence"] == "CC-BY-NC-4.0"
    assert listed["gpqa_diamond"]["gated"] is True
    assert sum(facts["for"] == "evaluation" for facts in listed.values()) == 7


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing_half_made(
    question_rows: Any, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    rows = [question_rows.math(question=f"Find {at}.") for at in range(200)]
    path = question_rows.file(tmp_path / "in.parquet", rows)
    # Small batches and a wait in each make the run last until the signal, on any machine.
    script = (
        "import time\n"
        "import crossthink_data.tables.reading as reading\n"
        "reading._BATCH_ROWS = reading._FEWEST_BATCH_ROWS = 1\n"
        "import crossthink_data.steps.outputs as outputs\n"
        "count = outputs.Ledger.count\n"
        "def slow(*arguments):\n"
        "    time.sleep(0.2)\n"
        "    count(*arguments)\n"
        "outputs.Ledger.count = slow\n"
        "from crossthink_data.cli import app\n"
        "app()\n"
    )
    command = [
        sys.executable,
        "-c",
        script,
        "filter",
        str(path),
        "--out",
        str(tmp_path / "o.parquet"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"})
    while not list(tmp_path.glob(".o.parquet.*")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == code, errors
    assert b"the rest as it was before" in errors
    assert [file.name for file in tmp_path.iterdir()] == ["in.parquet"]


def test_progress_goes_to_stderr_in_plain_lines(quickstart: Path, tmp_path: Path) -> None:
    result = invoke("filter", quickstart / "questions.parquet", "--out", tmp_path / "f.parquet")
    assert result.stderr == "filter: 304 rows, done\n"
    quiet = invoke(
        *("filter", quickstart / "questions.parquet", "--out", tmp_path / "g.parquet", "--quiet")
    )
    assert quiet.stderr == ""


def test_a_flag_for_shares_takes_the_place_of_the_recipes(quickstart: Path, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("blend:\n  ratio: nd\n")
    (tmp_path / "s.csv").write_text("source,score\nmath,1\nsyn_qa,2\n")
    arguments = ("blend", quickstart / "filtered.parquet", "--recipe", tmp_path / "r.yaml")
    result = invoke(*arguments, "--scores", tmp_path / "s.csv", "--plan", "--json")
    assert json.loads(result.stdout)["ratio"] == "math:syn_qa=1:2"


def test_a_recipe_means_paths_beside_itself_under_a_verb_too(
    quickstart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "in.parquet").write_bytes((quickstart / "filtered.parquet").read_bytes())
    (folder / "r.yaml").write_text("blend:\n  inputs: in.parquet\n  ratio: nd\n")
    monkeypatch.chdir(tmp_path)
    result = invoke("blend", "--recipe", "elsewhere/r.yaml", "--out", "x.parquet")
    assert result.exit_code == 0, result.stderr


def test_show_gives_rows_as_json(quickstart: Path) -> None:
    result = invoke("show", quickstart / "blend.parquet", "--limit", 2, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["extra_info"]["index"] for row in rows] == [0, 1]


def test_show_says_so_when_there_is_nothing_to_show(quickstart: Path) -> None:
    result = invoke("show", quickstart / "blend.parquet", "--source", "nosuch")
    assert (result.exit_code, "no row to show" in result.stderr) == (1, True)


def test_a_seed_of_more_than_64_bits_is_refused_not_cut_short(quickstart: Path) -> None:
    arguments = ("blend", quickstart / "filtered.parquet", "--ratio", "nd", "--plan")
    assert invoke(*arguments, "--seed", 2**64 - 1).exit_code == 0
    result = invoke(*arguments, "--seed", 2**64)
    assert (result.exit_code, "seed is 18446744073709551616" in result.stderr) == (2, True)
