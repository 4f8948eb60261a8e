"""Who is asked about what at which level: (persona, skill, level), without repeats.

What a persona is given depends on its own text, the seed and the skills alone: each pair of skill
and level gets a hash with the persona, and the draws are the pairs in order of it. So neither the
order of personas nor the names or number of files matters, every pair is as likely as any other,
and a skill that is added or removed changes the draws that it wins or loses, and no others.

A limit takes whole rounds, in which every persona draws once, and for the last round the personas
with the smallest hashes. A larger limit keeps what a smaller one chose.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from crossthink_data.errors import MissingExtra, RecipeError, SourceError
from crossthink_data.exchange import digest_of
from crossthink_data.records import stable_hash
from crossthink_data.synth.mixing import Hashes, mixed
from crossthink_data.synth.skills import Level, Skill, SkillTree

try:
    import numpy as np
except ImportError as error:
    raise MissingExtra("numpy", "synth", "synth") from error

__all__ = ["Persona", "Triple", "TripleDraw", "persona_text", "why_no_persona"]

_LONGEST = 2_000


class Persona(Protocol):
    """A persona as published, and where it came from (a JSON object with its licence)."""

    @property
    def text(self) -> str: ...

    @property
    def provenance(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """One item of a run. `persona` has single blanks; `draw` counts the persona's items from 0."""

    persona: str
    provenance: str
    skill: Skill
    level: Level
    draw: int = 0

    @property
    def id(self) -> str:
        """32 hex digits over persona, skill and level: the same whatever run the triple is in."""
        skill = self.skill
        return digest_of([self.persona, skill.area, skill.topic, skill.name, self.level.name])

    def as_json(self) -> dict[str, object]:
        """The triple in JSON values; `from_json` reads them."""
        return {
            "persona": self.persona,
            "provenance": self.provenance,
            "skill": [self.skill.area, self.skill.topic, self.skill.name],
            "level": [self.level.name, self.level.definition],
            "draw": self.draw,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "Triple":
        """The triple that `as_json` wrote. ValueError for anything else."""
        persona, provenance, draw = values["persona"], values["provenance"], values["draw"]
        skill, level = values["skill"], values["level"]
        if not (isinstance(persona, str) and isinstance(provenance, str) and type(draw) is int):
            raise ValueError(f"no triple: {values!r}")
        if not (isinstance(skill, list) and isinstance(level, list)):
            raise ValueError(f"no triple: {values!r}")
        return cls(
            persona=persona,
            provenance=provenance,
            skill=Skill(*skill),
            level=Level(*level),
            draw=draw,
        )


def persona_text(text: str) -> str:
    r"""The persona with single blanks: personas that differ in white space alone are one.

    >>> persona_text(" A baker\nfrom  Graz. ")
    'A baker from Graz.'
    """
    return " ".join(text.split())


def why_no_persona(text: str) -> str:
    """Empty for a persona to draw for, else `persona_missing` (blank) or `persona_too_long`."""
    if not text.strip():
        return "persona_missing"
    return "persona_too_long" if len(persona_text(text)) > _LONGEST else ""


class TripleDraw:
    """The triples of a set of personas; iterating gives them, persona by persona.

    `read` gives the personas and is called twice, so that no persona has to be held: memory is some
    20 bytes a persona, and the texts of those that stand several times. `limit` is how many triples
    are wanted; without one every persona draws `per_persona` times.

    `read_count` personas were read, `unusable` of them had a reason by `why_no_persona`, `distinct`
    are left without repeats. Of equal personas the provenance that sorts first is kept.

    RecipeError when more is wanted than there are pairs for. SourceError when no persona is left,
    or when the personas are others the second time.
    """

    def __init__(
        self,
        read: Callable[[], Iterable[Persona]],
        tree: SkillTree,
        *,
        seed: int,
        limit: int | None = None,
        per_persona: int = 1,
    ) -> None:
        if per_persona < 1 or (limit is not None and limit < 1):
            raise RecipeError(
                f"wanted are {per_persona} draws a persona and {limit} in all; write 1 or more"
            )
        self._read = read
        self._tree = tree
        self._pairs = _pair_hashes(tree)
        self._seed = seed
        self.read_count = 0
        self.unusable = 0
        hashes = np.fromiter(self._hashes(), dtype=np.uint64)
        self._ranks, self._repeats = np.unique(hashes, return_counts=True)
        self.distinct = len(self._ranks)
        if not self.distinct:
            raise SourceError("there is no persona to draw for; check the files of personas")
        self._length = self.distinct * per_persona if limit is None else limit
        self._rounds, self._last = divmod(self._length, self.distinct)
        if self._rounds + (self._last > 0) > len(tree.pairs):
            raise RecipeError(
                f"{self._length:,} items are wanted of {self.distinct:,} personas, and there are "
                f"{len(tree.pairs)} pairs of skill and level for each; ask for at most "
                f"{self.distinct * len(tree.pairs):,}, or add personas or skills"
            )

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Triple]:
        several: dict[int, tuple[str, str]] = {}
        found = 0
        for persona in self._read():
            text = persona_text(persona.text)
            if why_no_persona(text):
                continue
            at = self._place(text)
            if self._repeats[at] == 1:
                found += 1
                yield from self._triples(at, text, persona.provenance)
            elif at not in several or persona.provenance < several[at][1]:
                several[at] = (text, persona.provenance)
        for at, (text, provenance) in sorted(several.items()):
            found += 1
            yield from self._triples(at, text, provenance)
        if found != self.distinct:
            raise self._changed()

    def _hashes(self) -> Iterator[int]:
        for persona in self._read():
            self.read_count += 1
            if why_no_persona(persona.text):
                self.unusable += 1
            else:
                yield _rank(self._seed, persona_text(persona.text))

    def _place(self, text: str) -> int:
        """Where the persona stands among all, in order of their hashes."""
        rank = np.uint64(_rank(self._seed, text))
        at = int(np.searchsorted(self._ranks, rank))
        if at == self.distinct or self._ranks[at] != rank:
            raise self._changed()
        return at

    def _changed(self) -> SourceError:
        return SourceError(
            "the personas changed while they were read; run again when their files are at rest"
        )

    def _triples(self, at: int, text: str, provenance: str) -> Iterator[Triple]:
        count = self._rounds + (at < self._last)
        if not count:
            return
        for draw, pair in enumerate(_drawn(self._pairs, self._ranks[at], count)):
            skill, level = self._tree.pairs[pair]
            yield Triple(persona=text, provenance=provenance, skill=skill, level=level, draw=draw)


def _rank(seed: int, text: str) -> int:
    return int(stable_hash(f"{seed}\n{text}"), 16)


def _pair_hashes(tree: SkillTree) -> Hashes:
    """One hash for each pair, from its names alone."""
    names = ("\n".join((s.area, s.topic, s.name, level.name)) for s, level in tree.pairs)
    return np.array([int(stable_hash(name), 16) for name in names], dtype=np.uint64)


def _drawn(pairs: Hashes, rank: np.uint64, count: int) -> list[int]:
    """The first `count` pairs in the persona's own order: no pair twice.

    The mixing is one to one, so two pairs never tie.
    """
    order = mixed(pairs ^ mixed(np.array([rank])))
    if count == 1:
        return [int(np.argmin(order))]
    return [int(pair) for pair in np.argsort(order)[:count]]
