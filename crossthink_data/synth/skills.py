"""The skills that Persona-MATH problems practise: a tree of areas, topics and skills with levels.

    levels:
      elementary: Grades 1 to 5.
    areas:
      Arithmetic:
        Fractions:
          adding fractions: [elementary]

The list that ships is `skills.yaml` beside this file; a file of the user's own has the same form
and is checked as strictly.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

import yaml

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.exchange import digest_of

__all__ = ["Level", "Skill", "SkillTree", "load_skills"]

_KEYS = ("levels", "areas")
_LONGEST_NAME = 120
_LONGEST_DEFINITION = 600
_RIGHT_NAME = f"write one line of at most {_LONGEST_NAME} characters"


@dataclass(frozen=True, slots=True)
class Level:
    """How hard a problem is to be: a name, and what it means, as the prompt says it."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill and where it stands in the tree."""

    area: str
    topic: str
    name: str

    @property
    def subject(self) -> str:
        """What a question row says as its subject: the area and the topic."""
        return f"{self.area}: {self.topic}"


@dataclass(frozen=True, slots=True)
class SkillTree:
    """Each skill at each level that suits it, in the order of the file.

    `digest` is that of the pairs and definitions: two files that say the same have the same.
    """

    levels: tuple[Level, ...]
    pairs: tuple[tuple[Skill, Level], ...]
    digest: str

    @property
    def skills(self) -> tuple[Skill, ...]:
        """The skills, each once."""
        return tuple(dict.fromkeys(skill for skill, _ in self.pairs))


def load_skills(path: Path | None = None) -> SkillTree:
    """The tree that ships, or that of a YAML file.

    RecipeError for a file that cannot be read or has another form, an unknown level, a level that
    no skill has, and anything that stands twice: with the place in the tree.

    >>> tree = load_skills()
    >>> tree.levels[0].name, tree.pairs[0][0].topic
    ('elementary', 'Whole numbers')
    """
    return _shipped() if path is None else _tree(str(path), _own(path))


@cache
def _shipped() -> SkillTree:
    text = files("crossthink_data.synth").joinpath("skills.yaml").read_text("utf-8")
    return _tree("skills.yaml", text)


def _own(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise RecipeError(
            f"{path}: the skills cannot be read ({error.strerror}); name a YAML file of skills"
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError(
            f"{path}: the skills are not UTF-8 text; save the file as such"
        ) from error


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error instead of a silent last word."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            problem = f"{key!r} stands twice" if key in seen else "a key is no plain text"
            if key is None or key in seen:
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.add(key)
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep)
        return mapping


def _tree(where: str, text: str) -> SkillTree:
    try:
        values = yaml.load(text, Loader=_UniqueKeyLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f", line {mark.line + 1}"
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise RecipeError(f"{where}{line}: no YAML of skills: {problem}; correct it") from error
    top = _mapping(where, "the file", values, "write the keys levels and areas")
    for key in top:
        if key not in _KEYS:
            raise RecipeError(f"{where}: {key!r} is not a key; {did_you_mean(key, _KEYS)}")
    right = "write each level with its definition, as in elementary: Grades 1 to 5."
    levels = {
        name: Level(name, _definition(where, name, definition))
        for name, definition in _mapping(where, "levels", top.get("levels"), right).items()
    }
    pairs = tuple(_pairs(where, top.get("areas"), levels))
    used = {level.name for _, level in pairs}
    for name in levels:
        if name not in used:
            raise RecipeError(f"{where}: no skill has level {name!r}; give it to one, or remove it")
    return SkillTree(tuple(levels.values()), pairs, _digest(pairs))


def _digest(pairs: tuple[tuple[Skill, Level], ...]) -> str:
    return digest_of(
        sorted([s.area, s.topic, s.name, level.name, level.definition] for s, level in pairs)
    )


def _pairs(where: str, areas: object, levels: dict[str, Level]) -> Iterator[tuple[Skill, Level]]:
    right = "write areas, in each its topics, in each its skills with a list of levels"
    for area, topics in _mapping(where, "areas", areas, right).items():
        for topic, skills in _mapping(where, area, topics, right).items():
            place = f"{area} > {topic}"
            for name, suits in _mapping(where, place, skills, right).items():
                skill = Skill(area, topic, name)
                for level in _levels_of(where, f"{place} > {name}", suits, levels):
                    yield skill, level


def _levels_of(where: str, place: str, suits: object, levels: dict[str, Level]) -> list[Level]:
    if not isinstance(suits, list) or not suits:
        raise RecipeError(
            f"{where}: {place} has levels {suits!r}; write a list of {', '.join(levels)}"
        )
    found: list[Level] = []
    for name in suits:
        if not isinstance(name, str) or name not in levels:
            hint = did_you_mean(str(name), levels)
            raise RecipeError(f"{where}: {place} has level {name!r}; {hint}")
        if levels[name] in found:
            raise RecipeError(f"{where}: {place} has level {name!r} twice; remove one")
        found.append(levels[name])
    return found


def _mapping(where: str, place: str, value: object, right: str) -> dict[str, object]:
    """A mapping that is not empty, from names; a name is one line that is not too long."""
    if not isinstance(value, dict) or not value:
        found = "is missing" if value is None else f"is {str(value)[:80]!r}"
        raise RecipeError(f"{where}: {place} {found}; {right}")
    for name in value:
        if not isinstance(name, str) or name != " ".join(name.split()) or not name:
            raise RecipeError(f"{where}: {place} has the name {name!r}; {_RIGHT_NAME}")
        if len(name) > _LONGEST_NAME:
            raise RecipeError(f"{where}: {place} has a name of {len(name)}; {_RIGHT_NAME}")
    return cast("dict[str, object]", value)


def _definition(where: str, name: str, definition: object) -> str:
    if not isinstance(definition, str) or not 0 < len(definition.strip()) <= _LONGEST_DEFINITION:
        raise RecipeError(
            f"{where}: level {name!r} has definition {str(definition)[:80]!r}; write a sentence of "
            f"at most {_LONGEST_DEFINITION} characters that says how hard its problems are"
        )
    return " ".join(definition.split())
