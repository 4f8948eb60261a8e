"""run: the stages of a recipe, each with its own output, none done twice in vain."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from crossthink_data.errors import CrossthinkError, RecipeError
from crossthink_data.recipe import load_recipe, recipes_folder
from crossthink_data.steps import run as running

QUICKSTART = recipes_folder() / "quickstart"


def run(recipe: str | Path, out: Path, **settings: Any) -> list[str]:
    """What became of each stage: done, or not run again."""
    report = running.run(running.RunSettings(recipe=str(recipe), out=out, **settings))
    return [row[-1] for row in report.tables[0].rows]


def test_quickstart_ends_in_a_two_to_one_blend(tmp_path: Path) -> None:
    run("quickstart", tmp_path / "q")
    rows = pq.read_table(tmp_path / "q" / "blend.parquet").to_pylist()
    general = sum(row["ability"] == "gpr" for row in rows)
    assert len(rows) > 200
    assert abs(general - 2 * (len(rows) - general)) <= 1
    assert {row["extra_info"]["source"] for row in rows} == {
        *("mmlu_train", "syn_qa", "natural_reasoning", "numina_math", "persona_math", "math")
    }


def test_quickstart_shows_every_defect_that_the_filters_know(tmp_path: Path) -> None:
    from crossthink_data.filters import QUALITY_RULES

    run("quickstart", tmp_path / "q")
    reasons = pq.read_table(tmp_path / "q" / "filtered.rejects.parquet")["reason"].to_pylist()
    # A row that is unreadable in a question file can only come from outside this project.
    known = {rule.reason for rule in QUALITY_RULES} | {"answer_too_long", "gold_not_gradable"}
    assert set(reasons) == known - {"unreadable_row"}


@pytest.fixture
def own_recipe(tmp_path: Path) -> Callable[..., Path]:
    """A recipe of two stages over a file of its own; keyword arguments change the filter."""

    def write(**filtering: Any) -> Path:
        data = tmp_path / "rows.jsonl"
        if not data.exists():
            lines = [{"problem": f"Find {at}.", "answer": str(at)} for at in range(20)]
            data.write_text("".join(json.dumps(line) + "\n" for line in lines))
        stages = [
            {"fetch": {"source": "math", "from": "rows.jsonl"}},
            {"filter": {"inputs": ["math"], "out": "filtered", **filtering}},
        ]
        path = tmp_path / "own.yaml"
        path.write_text(yaml.safe_dump({"stages": stages}))
        return path

    return write


def test_finished_stages_are_not_run_again(own_recipe: Callable[..., Path], tmp_path: Path) -> None:
    recipe, out = own_recipe(), tmp_path / "out"
    assert run(recipe, out) == ["done", "done"]
    assert run(recipe, out) == ["unchanged, not run again"] * 2
    own_recipe(max_words=3)
    assert run(recipe, out) == ["unchanged, not run again", "done"]
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write(json.dumps({"problem": "Find 99.", "answer": "99"}) + "\n")
    assert run(recipe, out) == ["done", "done"]
    assert pq.read_metadata(out / "filtered.parquet").num_rows == 21


def test_a_damaged_output_is_made_again(own_recipe: Callable[..., Path], tmp_path: Path) -> None:
    recipe, out = own_recipe(), tmp_path / "out"
    run(recipe, out)
    (out / "filtered.parquet").write_bytes(b"torn")
    assert run(recipe, out) == ["unchanged, not run again", "done"]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([{"fech": {}}], "did you mean fetch"),
        ([{"fetch": {"source": "math"}, "filter": {}}], "has 2 verbs"),
        (
            [{"filter": {"inputs": ["nothing"]}}],
            "neither the output of an earlier stage nor a file",
        ),
        ([{"fetch": {"source": "math", "sede": 1}}], "did you mean seed"),
        ([{"fetch": {"source": "math", "out": "../x"}}], "give a plain name"),
        ([], "stages"),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused_before_any_work(
    tmp_path: Path, stages: list[Any], message: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump({"stages": stages}))
    with pytest.raises(RecipeError, match=message):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_recipe_of_one_verb_says_how_to_use_it(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="crossthink-data blend INPUTS"):
        run("paper/gpr_up", tmp_path / "out")


def test_the_whole_road_runs_on_local_files_of_the_same_shapes(tmp_path: Path) -> None:
    """paper/from_hub with each hub id replaced by a bundled file, and smaller draws."""
    recipe, _ = load_recipe("paper/from_hub")
    for stage in recipe["stages"]:
        if "fetch" in stage:
            stage["fetch"]["from"] = str(QUICKSTART / f"{stage['fetch']['source']}.jsonl")
            stage["fetch"].pop("only", None)  # bundled rows are of no published pool
        if "blend" in stage:
            stage["blend"] |= {"take": {"natural_reasoning": 30, "numina_math": 20}, "val": 12}
    path = tmp_path / "local.yaml"
    path.write_text(yaml.safe_dump(recipe))
    assert set(run(path, tmp_path / "out")) == {"done"}
    ledger = json.loads((tmp_path / "out" / "gpr_up.ledger.json").read_text())
    lines = {line["source"]: line for line in ledger["plan"]["lines"]}
    assert (
        lines["natural_reasoning"]["available"] + ledger["sources"]["natural_reasoning"]["val"]
        == 30
    )
    general = sum(line["quota"] for line in lines.values() if line["group"] == "gpr")
    assert general == round(0.66 * ledger["plan"]["size"])


def test_your_own_data_example_runs_as_its_page_says(tmp_path: Path) -> None:
    example = recipes_folder().parent / "examples" / "own_data"
    report = running.run(
        running.RunSettings(recipe=str(example / "own_data.yaml"), out=tmp_path / "own")
    )
    page = (example / "README.md").read_text()
    shown = [" ".join(row).split() for table in report.tables[:2] for row in table.rows]
    printed = [line.split() for line in page.splitlines()]
    assert all(row in printed for row in shown)


@pytest.mark.parametrize("lost", ["filtered.rejects.parquet", "filtered.ledger.json"])
def test_a_stage_whose_other_outputs_are_gone_is_run_again(
    own_recipe: Callable[..., Path], tmp_path: Path, lost: str
) -> None:
    recipe, out = own_recipe(), tmp_path / "out"
    run(recipe, out)
    (out / lost).unlink()
    assert run(recipe, out) == ["unchanged, not run again", "done"]
    assert (out / lost).exists()


def test_a_run_folder_may_be_moved(own_recipe: Callable[..., Path], tmp_path: Path) -> None:
    recipe = own_recipe()
    run(recipe, tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "moved")
    assert run(recipe, tmp_path / "moved") == ["unchanged, not run again"] * 2


def test_a_seed_given_to_run_overrides_the_recipe(tmp_path: Path) -> None:
    recipe, _ = load_recipe("quickstart")
    recipe["stages"][-1]["blend"]["seed"] = 7
    path = tmp_path / "seeded.yaml"
    path.write_text(yaml.safe_dump(recipe))
    for seed, wanted in ((None, 7), (9, 9)):
        run(path, tmp_path / "out", seed=seed)
        account = json.loads((tmp_path / "out" / "blend.ledger.json").read_text())
        assert account["seed"] == wanted


def test_a_missing_file_of_a_late_stage_is_found_before_any_work(tmp_path: Path) -> None:
    stages = [
        {"fetch": {"source": "math", "from": str(QUICKSTART / "math.jsonl")}},
        {"fetch": {"source": "mmlu_train", "from": "nothing.jsonl"}},
    ]
    path = tmp_path / "late.yaml"
    path.write_text(yaml.safe_dump({"stages": stages}))
    with pytest.raises(CrossthinkError, match=r"nothing\.jsonl does not exist"):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
