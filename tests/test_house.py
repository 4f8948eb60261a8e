"""The house: light imports, floors, recipes and README that say what is true."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crossthink_data.cli import app
from crossthink_data.recipe import recipe_names
from crossthink_data.sources import get_source, source_names

ROOT = Path(__file__).parent.parent
HEAVY = ("polars", "duckdb", "pyarrow", "datasets", "datatrove", "torch", "yaml")


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running `code`."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["blend", "--help"], ["sources"]])
def test_help_and_sources_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "from crossthink_data.cli import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit:\n    pass"
    )
    loaded = modules_after(code)
    heavy = HEAVY if arguments[-1] == "--help" else ("datasets", "datatrove", "torch", "duckdb")
    assert not loaded & set(heavy)


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not modules_after("import crossthink_data") & set(HEAVY)


def test_every_public_name_can_be_imported() -> None:
    import crossthink_data

    for name in crossthink_data.__all__:
        assert getattr(crossthink_data, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'blnd'"):
        crossthink_data.blnd  # noqa: B018


def test_floors_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_each_package_is_typed() -> None:
    for package in (
        "crossthink_data",
        "integrations/crossthink_trl",
        "integrations/crossthink_verl",
    ):
        assert (ROOT / package / "py.typed").exists()


def test_each_verb_has_help_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = {
        command.name or command.callback.__name__: command for command in app.registered_commands
    }
    verbs = {"sources", "fetch", "synth", "status", "template", "filter", "blend", "run"}
    verbs |= {"grade", "show"}
    assert set(commands) == verbs
    for name, command in commands.items():
        assert command.callback.__doc__
        assert f"| `{name}" in readme
    assert "| `recipe ls" in readme


def test_the_readme_map_names_every_module() -> None:
    readme = (ROOT / "README.md").read_text()
    for path in (ROOT / "crossthink_data").iterdir():
        if path.name.startswith(("_", ".")) or path.name == "py.typed":
            continue
        name = f"{path.name}/" if path.is_dir() else path.name
        assert name in readme, name


def test_the_readme_names_every_reason_of_the_reward() -> None:
    readme = (ROOT / "README.md").read_text()
    for folder in ("crossthink_data/rewards", "integrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for reason in re.findall(r'"(?:acc|format):([a-z_]+)"', path.read_text("utf-8")):
                assert f"{reason}`" in readme, f"{path}: {reason}"


def test_the_readme_names_every_reason_of_synthesis() -> None:
    from crossthink_data.synth import syn_qa
    from crossthink_data.synth.problem_rules import PROBLEM_RULES

    readme = (ROOT / "README.md").read_text()
    reasons = {*syn_qa.REASONS, *(reason for reason, _ in PROBLEM_RULES)}
    assert len(reasons) > 35
    for reason in reasons:
        assert f"`{reason}`" in readme, reason


def test_ci_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    ci = (ROOT / ".ci" / "run").read_text()
    assert "-m venv .venv-test && .venv-test/bin/pip install -e '.[test]'" in readme
    assert "install -q --disable-pip-version-check -e '.[test]'" in ci
    assert ".venv-test/bin/python -m pytest\n" in readme
    assert 'python" -m pytest' in ci


def test_the_python_examples_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossthink_data.steps import run as running

    monkeypatch.chdir(tmp_path)
    running.run(running.RunSettings(recipe="quickstart"))
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(compile(ast.parse(example), "README.md", "exec"), {})
    assert (tmp_path / "blend.parquet").exists()


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_says_what_it_is_and_how_to_run_it(name: str) -> None:
    lines = (ROOT / "recipes" / f"{name}.yaml").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert lines[0].endswith(".")
    command = next(line for line in lines if line.startswith("#   crossthink-data "))
    assert name in command


@pytest.mark.parametrize("name", source_names())
def test_each_source_says_where_it_lives_and_under_which_licence(name: str) -> None:
    source = get_source(name)
    assert source.name == name
    assert source.hub_id.count("/") == 1
    assert source.revision
    assert source.licence
    assert source.rows > 0


def test_the_project_speaks_of_itself_alone() -> None:
    """No machine path and no address of a package index in what ships."""
    told = re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/\w|pypi\.org|registry\.npmjs")
    done = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.toml", "*.yaml", ".ci/run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("not a git checkout: the list of shipped files is git's")
    for name in done.stdout.splitlines():
        if name != "tests/test_house.py":
            assert not told.search((ROOT / name).read_text(encoding="utf-8")), name


def test_every_output_in_the_readme_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    readme = (ROOT / "README.md").read_text()
    (completions,) = re.findall(r"```jsonl\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "completions.jsonl").write_text(completions)
    blocks = re.findall(r"```console\n\$ crossthink-data (.*)\n((?:.*\n)+?)```", readme)
    printed = [(command, text) for command, text in blocks if "$ " not in text]
    assert len(printed) == 6
    for command, text in printed:
        result = CliRunner().invoke(app, command.split())
        assert result.exit_code == 0, command
        assert result.stdout.rstrip() == text.rstrip(), command
