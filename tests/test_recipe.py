"""Recipes: strictly checked, with a message that says what would be right."""

import re
from pathlib import Path

import pytest
from pydantic import Field, PositiveInt

from crossthink_data.errors import RecipeError
from crossthink_data.recipe import (
    VERBS,
    Settings,
    check,
    find_recipe,
    load_recipe,
    recipe_names,
    section,
)
from crossthink_data.steps.blend import BlendSettings
from crossthink_data.steps.fetch import FetchSettings
from crossthink_data.steps.filter import FilterSettings
from crossthink_data.steps.synth import SynthSettings
from crossthink_data.steps.template import TemplateSettings

MODELS: dict[str, type[Settings]] = {
    "fetch": FetchSettings,
    "synth": SynthSettings,
    "template": TemplateSettings,
    "filter": FilterSettings,
    "blend": BlendSettings,
}
PLACES = {
    "fetch": {"source": "math", "out": "x.parquet"},
    "synth": {"inputs": ["x.warc.gz"], "out": "x.parquet"},
    "template": {"inputs": ["x.parquet"], "out": "y.parquet"},
    "filter": {"inputs": ["x.parquet"], "out": "y.parquet"},
    "blend": {"inputs": ["x.parquet"], "out": "y.parquet"},
}


class Garden(Settings):
    trees: PositiveInt
    flowers: tuple[str, ...] = ()
    sizes: dict[str, PositiveInt] = Field(default_factory=dict)


@pytest.fixture
def recipe(tmp_path: Path):
    """Writes a recipe and gives back its name."""

    def write(text: str | bytes) -> str:
        path = tmp_path / "mine.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


# ---- values ----


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"trees": 1, "flwers": []}, "garden: flwers is not a key; did you mean flowers?"),
        ({"trees": 1, "zzz": 0}, "garden: zzz is not a key; known are: flowers, sizes, trees"),
        ({}, "garden: trees is missing; give it as a key of the recipe or as --trees"),
        ({"trees": 0}, "garden: trees is 0; input should be greater than 0"),
        ({"trees": "many"}, "garden: trees is 'many'; input should be a valid integer"),
        ({"trees": 1, "sizes": {"oak": -1}}, "garden: sizes.oak is -1; input should be greater"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_right(values, message) -> None:
    with pytest.raises(RecipeError) as caught:
        check(Garden, values, "garden")
    assert str(caught.value).startswith(message)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(RecipeError, match=r"trees is missing; .*; tres is not a key; did you mean"):
        check(Garden, {"tres": 1}, "garden")


def test_a_misspelt_key_gets_the_word_that_recipes_use() -> None:
    with pytest.raises(RecipeError, match=r"form is not a key; did you mean from\?"):
        check(FetchSettings, {"source": "math", "out": "x", "form": "y"}, "fetch")


def test_good_values_become_frozen_settings() -> None:
    garden = check(Garden, {"trees": 2, "flowers": ["rose"]}, "garden")
    assert (garden.trees, garden.flowers) == (2, ("rose",))
    with pytest.raises(ValueError, match="frozen"):
        garden.trees = 3  # type: ignore[misc]


# ---- files ----


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds NoneType; a recipe is a mapping of verbs"),
        ("- blend\n", "holds list; a recipe is a mapping of verbs"),
        ("blend\n", "holds str; a recipe is a mapping of verbs"),
        ("1: {ratio: nd}\n", "a recipe is a mapping of verbs"),
        ("blend: {ratio: nd\n", "not YAML: "),
        ("blend: {ratio: nd}\nblend: {size: 3}\n", "key 'blend' stands twice .* line 2"),
        ("blend:\n  size: 3\n  ratio: nd\n  size: 4\n", "key 'size' stands twice .* line 4"),
        ("? [blend]\n: 1\n", r"key \['blend'\] is no plain text"),
        ("blend: 2026-02-30\n", "not YAML: day"),
        ("blend: !!python/name:os.system\n", "not YAML: could not determine a constructor"),
        ("base: &b {size: 3}\nblend:\n  <<: *b\n", "not YAML: "),
        ("blend: \x00\n", "not YAML: unacceptable character"),
        (b"# caf\xe9\nblend: {ratio: nd}\n", "not UTF-8 text .* save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_by_name(recipe, text, message) -> None:
    name = recipe(text)
    with pytest.raises(RecipeError, match=message) as caught:
        load_recipe(name)
    assert str(caught.value).startswith(f"{name}: ")


def test_an_unknown_name_is_refused_with_the_closest(tmp_path: Path) -> None:
    with pytest.raises(
        RecipeError, match=r"'paper/gpr_upp' is neither .* did you mean paper/gpr_up\?"
    ):
        find_recipe("paper/gpr_upp")
    with pytest.raises(RecipeError, match="neither a shipped recipe nor a file"):
        find_recipe(str(tmp_path))


def test_a_file_that_cannot_be_read_is_refused_by_name(recipe, monkeypatch) -> None:
    name = recipe("blend: {ratio: nd}\n")

    def refuse(*args: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(RecipeError, match=r"mine.yaml: cannot be read \(Permission denied\)"):
        load_recipe(name)


def test_a_path_names_a_file_and_a_shipped_name_comes_first(recipe) -> None:
    name = recipe("blend: {ratio: nd}\n")
    assert load_recipe(name) == ({"blend": {"ratio": "nd"}}, Path(name))
    assert find_recipe("paper/nd").name == "nd.yaml"


# ---- the settings of one verb ----


def test_the_seed_of_the_recipe_counts_where_the_verb_has_none(recipe) -> None:
    name = recipe("seed: 7\nblend: {ratio: nd}\nfilter: {seed: 1}\n")
    assert section(name, "blend") == ({"seed": 7, "ratio": "nd"}, f"{name}: blend")
    assert section(name, "filter")[0] == {"seed": 1}
    assert section(recipe("blend: {ratio: nd}"), "blend")[0] == {"ratio": "nd"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filter: {}\n", r"has no blend \(it has filter\)"),
        ("stages: [{blend: {}}]\n", "has no blend .* run it with: crossthink-data run "),
        ("blend: nd\n", "blend is 'nd'; give it keys and values"),
        ("blend: {ratio: nd}\nsede: 3\n", "sede is not a key; did you mean seed"),
        ("blend: {ratio: nd}\nfliter: {}\n", "fliter is not a key; did you mean filter"),
    ],
)
def test_a_recipe_without_settings_for_the_verb_is_refused(recipe, text, message) -> None:
    with pytest.raises(RecipeError, match=message):
        section(recipe(text), "blend")


def test_a_misspelt_key_of_a_verb_is_refused_with_the_closest(recipe) -> None:
    values, where = section(recipe("blend: {ratoi: nd}\n"), "blend")
    with pytest.raises(RecipeError, match=r"mine.yaml: blend: ratoi is not a key; did you mean ra"):
        check(BlendSettings, {"inputs": ["x"], **values}, where)


# ---- what ships ----


def test_every_blend_of_the_paper_ships() -> None:
    blends = {"nd", "mr_up", "gpr_up", "mcq_up", "open_up", "score", "only_mr", "only_gpr"}
    variants = {"nd_open", "only_gpr_short", "only_gpr_long", "from_hub"}
    sources = ("mmlu_train", "syn_qa", "natural_reasoning", "numina_math", "persona_math", "math")
    wanted = {*blends, *variants, *(f"single_{source}" for source in sources)}
    assert {f"paper/{name}" for name in wanted} | {"quickstart"} <= set(recipe_names())


@pytest.mark.parametrize("name", recipe_names())
def test_a_shipped_recipe_loads_and_its_settings_are_settings_of_its_verbs(name: str) -> None:
    values, path = load_recipe(name)
    stages = values.get("stages", [{verb: values[verb]} for verb in VERBS if verb in values])
    assert isinstance(stages, list)
    assert stages
    for stage in stages:
        ((verb, given),) = stage.items()
        check(MODELS[verb], {**PLACES[verb], **given}, f"{path}: {verb}")
    assert set(values) <= {"seed", "stages", "next", *VERBS}
    assert isinstance(values["seed"], int)


@pytest.mark.parametrize("name", recipe_names())
def test_the_header_of_a_shipped_recipe_says_what_it_is_and_its_command(name: str) -> None:
    lines = find_recipe(name).read_text("utf-8").splitlines()
    assert re.fullmatch(r"# \S.{10,}[.:,\w]", lines[0])
    header = [line for line in lines if line.startswith("#")]
    (command,) = (line for line in header if "crossthink-data " in line and line.startswith("#   "))
    assert name in command.split()
    verb = command.split()[2]
    values, _ = load_recipe(name)
    assert ("stages" if verb == "run" else verb) in values
    if name.startswith("paper/"):
        text = " ".join(header)
        assert "arXiv 2504.13941" in text
        assert re.search(r"Table \d", text)


def test_a_misspelt_verb_is_refused_with_the_closest(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("blnd:\n  ratio: nd\n")
    with pytest.raises(RecipeError, match=r"blnd is not a key; did you mean blend\?"):
        section(str(path), "blend")


def test_a_value_that_expands_without_end_makes_a_short_message(tmp_path: Path) -> None:
    anchors = [f"  k{at}: &k{at} [{', '.join([f'*k{at - 1}'] * 9)}]" for at in range(1, 12)]
    text = "\n".join(["blend:", "  k0: &k0 [x]", *anchors])
    path = tmp_path / "bomb.yaml"
    path.write_text(text + "\n  ratio: *k11\n")
    values, where = section(str(path), "blend")
    with pytest.raises(RecipeError) as caught:
        check(BlendSettings, {"inputs": ["x.parquet"], "ratio": values["ratio"]}, where)
    assert len(str(caught.value)) < 2_000


def test_the_recipes_of_synth_name_every_key() -> None:
    syn_qa = find_recipe("synth/syn_qa").read_text("utf-8")
    both = syn_qa + find_recipe("synth/persona_math").read_text("utf-8")
    for name, field in SynthSettings.model_fields.items():
        if name not in ("inputs", "out", "model", "base_url", "seed"):  # arguments, in the header
            assert f"{name}:" in both, name
        part = field.annotation
        if isinstance(part, type) and issubclass(part, Settings):
            for key in part.model_fields:
                assert f"{key}:" in syn_qa, f"{name}.{key}"
