"""The skill tree: what ships is whole, and a file of one's own is refused with the place."""

from pathlib import Path

import pytest

from crossthink_data.errors import RecipeError
from crossthink_data.synth.skills import Level, Skill, load_skills

GOOD = """
levels:
  easy: Plain sums.
  hard: An idea is wanted.
areas:
  Arithmetic:
    Sums:
      adding: [easy]
      carrying: [easy, hard]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "skills.yaml"
    path.write_text(text, "utf-8")
    return path


def test_shipped_tree_is_broad_and_each_level_has_its_share() -> None:
    tree = load_skills()
    assert 150 <= len(tree.skills) <= 250
    assert [level.name for level in tree.levels] == [
        "elementary", "middle school", "high school", "competition",
    ]  # fmt: skip
    for level in tree.levels:
        assert sum(other == level for _, other in tree.pairs) >= 30
    assert len(set(tree.pairs)) == len(tree.pairs)
    assert len({skill.area for skill in tree.skills}) >= 8


def test_own_file_gives_its_pairs_in_order(tmp_path: Path) -> None:
    tree = load_skills(written(tmp_path, GOOD))
    easy, hard = Level("easy", "Plain sums."), Level("hard", "An idea is wanted.")
    adding, carrying = (Skill("Arithmetic", "Sums", name) for name in ("adding", "carrying"))
    assert tree.pairs == ((adding, easy), (carrying, easy), (carrying, hard))
    assert tree.skills == (adding, carrying)
    assert adding.subject == "Arithmetic: Sums"


def test_digest_is_of_what_is_said(tmp_path: Path) -> None:
    tree = load_skills(written(tmp_path, GOOD))
    again = load_skills(
        written(tmp_path, "# mine\n" + GOOD.replace("[easy, hard]", "[hard, easy]"))
    )
    other = load_skills(written(tmp_path, GOOD.replace("Plain sums.", "Sums.")))
    assert tree.digest == again.digest != other.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (GOOD, "", "the file is missing"),
        (GOOD, "- a\n", "write the keys levels and areas"),
        (GOOD, "a:\n  - b: [c\nd: e", "line 3"),
        (GOOD, "levels: {}\nareas: {}", "levels is '{}'"),
        (GOOD, "[" * 5_000, "no YAML"),
        ("areas:", "area:", "did you mean areas?"),
        ("[easy]", "[esay]", "Arithmetic > Sums > adding has level 'esay'; did you mean easy?"),
        ("[easy]", "[]", "Arithmetic > Sums > adding has levels []"),
        ("[easy]", "easy", "write a list of easy, hard"),
        ("[easy]", "[easy, easy]", "has level 'easy' twice"),
        ("[easy]", "[[easy]]", "has level ['easy']"),
        ("[easy, hard]", "[easy]", "no skill has level 'hard'"),
        ("carrying", "adding", "'adding' stands twice"),
        ("carrying", "7", "has the name 7"),
        ("carrying", '"two\\nlines"', "has the name 'two\\nlines'"),
        ("carrying", "c" * 121, "a name of 121"),
        ("Plain sums.", "", "level 'easy' has definition 'None'"),
        ("Plain sums.", "x" * 601, "at most 600"),
        ("Plain sums.", "!!python/object/apply:os.getcwd []", "no YAML of skills"),
        ("    Sums:", "    Sums: 3\n    More:", "Arithmetic > Sums is '3'"),
    ],
)
def test_other_form_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        load_skills(written(tmp_path, GOOD.replace(old, new)))
    assert said in str(caught.value)
    assert "skills.yaml" in str(caught.value)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="missing"):
        load_skills(tmp_path / "missing.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="not UTF-8"):
        load_skills(tmp_path / "bytes.yaml")
