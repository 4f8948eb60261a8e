"""Persona-MATH as a run: personas and skills to items, items to conversations."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

from crossthink_data import __version__
from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.exchange import Conversation, Request, digest_of
from crossthink_data.raw import HubRef, Unreadable, at_commits, data_files, find_origin
from crossthink_data.raw import read_personas as read_raw_personas
from crossthink_data.sources.personahub import SOURCE as PERSONA_HUB
from crossthink_data.sources.personahub import Persona
from crossthink_data.steps.items import Item
from crossthink_data.steps.outputs import Progress
from crossthink_data.steps.synth.kinds import Prepared
from crossthink_data.steps.synth.settings import SynthSettings
from crossthink_data.synth.persona_math import PersonaMathPlan, conversation
from crossthink_data.synth.prompting import load_prompt
from crossthink_data.synth.skills import SkillTree, load_skills
from crossthink_data.synth.triples import Triple, TripleDraw, why_no_persona
from crossthink_data.tables import sha256_of

__all__ = ["PersonaMath"]

_MOST_OF_A_PERSONA = 300
_PROMPTS = ("persona_math_problem", "persona_math_solution")


class PersonaMath:
    """Kind `persona-math`: a persona, a skill and a level make an item."""

    source = "persona_math"
    domain = "mr"

    def __init__(self, settings: SynthSettings, prompts: Mapping[str, str]) -> None:
        _refuse_unknown(prompts)
        self._settings = settings
        self._plan = PersonaMathPlan(
            solutions=settings.solutions,
            min_share=settings.min_share,
            seed=settings.seed,
            problem_prompt=load_prompt(_PROMPTS[0], prompts.get(_PROMPTS[0])),
            solution_prompt=load_prompt(_PROMPTS[1], prompts.get(_PROMPTS[1])),
        )

    @cached_property
    def _tree(self) -> SkillTree:
        """The skills, read when items are made: those that are made carry their own."""
        return load_skills(self._settings.skills)

    def digest(self) -> str:
        settings = self._settings
        inputs = [
            {key: told for key, told in described.items() if key != "path"}
            for name in settings.inputs
            for described in _described(_origin(name))
        ]
        draws = [settings.seed, settings.limit, settings.per_persona, self._tree.digest]
        return digest_of([__version__, "persona-math", inputs, draws])

    def prepare(self, folder: Path, progress: Progress) -> Prepared:
        settings = self._settings
        origins = [_origin(name) for name in settings.inputs]
        draw = TripleDraw(
            lambda: _personas(origins),
            self._tree,
            seed=settings.seed,
            limit=settings.limit,
            per_persona=settings.per_persona,
        )
        account: dict[str, object] = {
            "inputs": [told for origin in origins for told in _described(origin)],
            "personas": {
                "read": draw.read_count,
                "distinct": draw.distinct,
                "repeated": draw.read_count - draw.unusable - draw.distinct,
            },
            "skills": self._tree.digest,
        }
        return Prepared(chain(_items(draw, progress), _rejected(origins)), account)

    def prompts(self) -> dict[str, str]:
        plan = self._plan
        return {
            prompt.name: prompt.digest for prompt in (plan.problem_prompt, plan.solution_prompt)
        }

    def conversation(self, item: Item) -> Conversation:
        triple = Triple.from_json(item.content)
        persona = Persona(triple.persona, triple.provenance)
        return conversation(persona, triple.skill, triple.level, self._plan)

    def stand_in(self, item: Item, request: Request) -> str:
        if request.task.endswith("solution"):
            return "Multiply and add, step by step. " * 24 + "\\boxed{132}"
        problem = (
            "A workshop makes 12 wooden boxes a day and sells each of them for 11 euros. "
            "How many euros does it take in on a day on which every box is sold?"
        )
        return json.dumps({"problem": problem})

    def provenance(self, item: Item) -> str:
        return str(item.content["provenance"])


def _items(draw: TripleDraw, progress: Progress) -> Iterator[Item]:
    for done, triple in enumerate(draw, 1):
        yield Item(triple.id, "chosen", triple.as_json())
        progress(done, len(draw))


def _origin(name: str) -> Path | HubRef:
    origin = find_origin(PERSONA_HUB, name)
    return at_commits(origin) if isinstance(origin, HubRef) else origin


def _personas(origins: Sequence[Path | HubRef]) -> Iterator[Persona]:
    for origin in origins:
        for persona in read_raw_personas(origin):
            if isinstance(persona, Persona):
                yield persona


def _rejected(origins: Sequence[Path | HubRef]) -> Iterator[Item]:
    """Rows that hold no persona, and personas that cannot be drawn for, each with its reason."""
    for origin in origins:
        for persona in read_raw_personas(origin):
            if isinstance(persona, Unreadable):
                place = {"file": persona.file, "row": persona.number}
                yield _reject(persona.reason, persona.detail, json.dumps(place))
            elif reason := why_no_persona(persona.text):
                yield _reject(reason, persona.text[:_MOST_OF_A_PERSONA], persona.provenance)


def _reject(reason: str, detail: str, provenance: str) -> Item:
    content = {"provenance": provenance, "detail": detail}
    return Item(digest_of([reason, detail, provenance]), reason, content)


def _described(origin: Path | HubRef) -> list[dict[str, object]]:
    """What tells an input from another: the bytes of its files, or the commit on the hub."""
    if isinstance(origin, HubRef):
        return [
            {"hub_id": name, "revision": origin.revision_of(name)} for name in origin.repositories
        ]
    return [
        {
            "path": str(file.path),
            "sha256": sha256_of(file.path),
            "bytes": file.path.stat().st_size,
        }
        for file in data_files(origin).files
    ]


def _refuse_unknown(prompts: Mapping[str, str]) -> None:
    for name in prompts:
        if name not in _PROMPTS:
            raise RecipeError(
                f"prompts: {name} is no prompt of persona-math; {did_you_mean(name, _PROMPTS)}"
            )
