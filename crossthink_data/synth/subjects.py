"""The 57 MMLU subjects in their four groups: how many are reached, which rows a quota keeps.

>>> breadth({"astronomy": 3, "anatomy": 1}).reached
2
>>> chooser = QuotaChoice(1, seed=0)
>>> [chooser.offer(name, "astronomy") for name in ("a", "b")]
[None, 'a']
>>> chooser.kept()
{'astronomy': ('b',)}
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.records import stable_hash

__all__ = [
    "GROUPS",
    "SUBJECTS",
    "SUBJECT_GROUPS",
    "Breadth",
    "QuotaChoice",
    "breadth",
    "group_of",
]

SUBJECT_GROUPS: dict[str, frozenset[str]] = {
    "stem": frozenset(
        {
            "abstract_algebra",
            "astronomy",
            "college_biology",
            "college_chemistry",
            "college_computer_science",
            "college_mathematics",
            "college_physics",
            "computer_security",
            "conceptual_physics",
            "electrical_engineering",
            "elementary_mathematics",
            "high_school_biology",
            "high_school_chemistry",
            "high_school_computer_science",
            "high_school_mathematics",
            "high_school_physics",
            "high_school_statistics",
            "machine_learning",
        }
    ),
    "humanities": frozenset(
        {
            "formal_logic",
            "high_school_european_history",
            "high_school_us_history",
            "high_school_world_history",
            "international_law",
            "jurisprudence",
            "logical_fallacies",
            "moral_disputes",
            "moral_scenarios",
            "philosophy",
            "prehistory",
            "professional_law",
            "world_religions",
        }
    ),
    "social_sciences": frozenset(
        {
            "econometrics",
            "high_school_geography",
            "high_school_government_and_politics",
            "high_school_macroeconomics",
            "high_school_microeconomics",
            "high_school_psychology",
            "human_sexuality",
            "professional_psychology",
            "public_relations",
            "security_studies",
            "sociology",
            "us_foreign_policy",
        }
    ),
    "other": frozenset(
        {
            "anatomy",
            "business_ethics",
            "clinical_knowledge",
            "college_medicine",
            "global_facts",
            "human_aging",
            "management",
            "marketing",
            "medical_genetics",
            "miscellaneous",
            "nutrition",
            "professional_accounting",
            "professional_medicine",
            "virology",
        }
    ),
}
"""The customary four groups of the 57 subjects: 18, 13, 12 and 14."""

GROUPS: tuple[str, ...] = tuple(SUBJECT_GROUPS)
SUBJECTS = frozenset[str]().union(*SUBJECT_GROUPS.values())

_GROUP_OF: dict[str, str] = {
    subject: group for group, subjects in SUBJECT_GROUPS.items() for subject in subjects
}


def group_of(subject: str) -> str:
    """The group of one of the 57 subjects; raises RecipeError for any other name."""
    try:
        return _GROUP_OF[subject]
    except KeyError:
        raise RecipeError(
            f"subject {subject!r} is not one of the 57 MMLU subjects; "
            f"{did_you_mean(subject, SUBJECTS)}"
        ) from None


@dataclass(frozen=True, slots=True)
class Breadth:
    """How widely rows spread over the subjects.

    `reached` counts the subjects (of 57) with a row, `rows` the rows that have a subject, `groups`
    the rows per group (all four, in the order of GROUPS). `evenness` is the entropy of the rows
    over the 57 subjects divided by its greatest value, ln 57: 1 when all subjects have equally many
    rows, 0 when one has all of them or there are none.
    """

    reached: int
    rows: int
    groups: Mapping[str, int]
    evenness: float


def breadth(counts: Mapping[str, int]) -> Breadth:
    """The breadth of rows counted by subject; raises RecipeError for an unknown subject."""
    groups = dict.fromkeys(GROUPS, 0)
    for subject, count in counts.items():
        groups[group_of(subject)] += count
    rows = sum(groups.values())
    shares = [count / rows for _, count in sorted(counts.items()) if count]
    entropy = -math.fsum(share * math.log(share) for share in shares)
    return Breadth(
        reached=len(shares),
        rows=rows,
        groups=groups,
        evenness=abs(entropy) / math.log(len(SUBJECTS)),
    )


class QuotaChoice:
    """Keeps at most `quota` ids per subject out of a stream; which ones, (seed, id) alone decide.

    An id's place is the stable hash of "seed:id"; the lowest places of a subject are kept, so the
    order of arrival and the cut into files change nothing, nor does an id that comes twice. Holds
    `quota` ids per subject and no more. `quota` is one number for all subjects, or one for each
    subject that is wanted at all; raises RecipeError for a negative one or an unknown subject.
    """

    def __init__(self, quota: int | Mapping[str, int], *, seed: int) -> None:
        quotas = dict.fromkeys(SUBJECTS, quota) if isinstance(quota, int) else dict(quota)
        for subject, most in quotas.items():
            group_of(subject)
            if most < 0:
                raise RecipeError(
                    f"quota {most} of subject {subject!r} is negative; give 0 for no rows of it"
                )
        self._quotas = quotas
        self._seed = seed
        # Heaps of (place negated, id): the root is the kept id that is first to go.
        self._heaps: dict[str, list[tuple[int, str]]] = {}
        self._held: dict[str, set[str]] = {}

    def offer(self, id: str, subject: str) -> str | None:
        """Take one id in; return the id that falls out for it (itself, maybe), or None.

        Raises RecipeError for an unknown subject.
        """
        group_of(subject)
        most = self._quotas.get(subject, 0)
        heap = self._heaps.setdefault(subject, [])
        held = self._held.setdefault(subject, set())
        if id in held:
            return None
        heapq.heappush(heap, (-int(stable_hash(f"{self._seed}:{id}"), 16), id))
        held.add(id)
        if len(heap) <= most:
            return None
        out = heapq.heappop(heap)[1]
        held.remove(out)
        return out

    def kept(self) -> dict[str, tuple[str, ...]]:
        """The kept ids by subject, both in order of name."""
        return {
            subject: tuple(sorted(id for _, id in heap))
            for subject, heap in sorted(self._heaps.items())
            if heap
        }
