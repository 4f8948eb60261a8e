"""The 57 subjects: groups, breadth, and quotas that do not look at the order of arrival."""

import math
import random
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.errors import RecipeError
from crossthink_data.sources import mmlu
from crossthink_data.synth import subjects
from crossthink_data.synth.subjects import (
    GROUPS,
    SUBJECTS,
    QuotaChoice,
    breadth,
    group_of,
)

NAMES = sorted(SUBJECTS)


def quota_choice(
    pairs: Iterable[tuple[str, str]], quota: int | Mapping[str, int], *, seed: int
) -> frozenset[str]:
    """The ids that a QuotaChoice keeps of a stream of (id, subject) pairs."""
    chooser = QuotaChoice(quota, seed=seed)
    for item_id, subject in pairs:
        chooser.offer(item_id, subject)
    return frozenset(item_id for ids in chooser.kept().values() for item_id in ids)


def test_the_subjects_are_spelled_once() -> None:
    assert mmlu.SUBJECT_GROUPS is subjects.SUBJECT_GROUPS
    assert len(SUBJECTS) == sum(map(len, subjects.SUBJECT_GROUPS.values())) == 57


def test_a_subject_has_one_group_and_an_unknown_one_is_refused_with_the_nearest() -> None:
    assert group_of("econometrics") == "social_sciences"
    with pytest.raises(RecipeError, match=r"'astronmy' is not .* did you mean astronomy"):
        group_of("astronmy")


def test_breadth_of_nothing_is_nothing() -> None:
    empty = breadth({})
    assert (empty.reached, empty.rows, empty.evenness) == (0, 0, 0.0)
    assert dict(empty.groups) == dict.fromkeys(GROUPS, 0)


def test_breadth_counts_subjects_groups_and_evenness() -> None:
    found = breadth({"astronomy": 6, "virology": 2, "sociology": 0})
    assert (found.reached, found.rows) == (2, 8)
    assert dict(found.groups) == {"stem": 6, "humanities": 0, "social_sciences": 0, "other": 2}
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert found.evenness == pytest.approx(entropy / math.log(57))
    assert breadth(dict.fromkeys(SUBJECTS, 4)).evenness == pytest.approx(1)
    assert breadth({"astronomy": 9}).evenness == 0


def test_breadth_refuses_a_subject_that_is_none_of_the_57() -> None:
    with pytest.raises(RecipeError, match="'knitting'"):
        breadth({"knitting": 1})


PAIRS = st.dictionaries(st.text(max_size=4), st.sampled_from(NAMES[:4]), max_size=40)


@given(PAIRS, st.integers(0, 5), st.integers(0, 3), st.randoms())
def test_a_quota_keeps_the_same_ids_in_any_order_and_no_more_than_it_says(
    pairs: dict[str, str], quota: int, seed: int, order: random.Random
) -> None:
    arrived = list(pairs.items())
    kept = quota_choice(arrived, quota, seed=seed)
    order.shuffle(arrived)
    assert quota_choice(arrived * 2, quota, seed=seed) == kept
    for subject in NAMES[:4]:
        offered = [id for id, name in pairs.items() if name == subject]
        assert len(kept & set(offered)) == min(quota, len(offered))


@given(PAIRS, st.integers(0, 5), st.data())
def test_what_else_arrives_never_brings_an_id_in(
    pairs: dict[str, str], quota: int, data: st.DataObject
) -> None:
    kept = quota_choice(pairs.items(), quota, seed=1)
    fewer = {id: name for id, name in pairs.items() if data.draw(st.booleans())}
    assert kept & fewer.keys() <= quota_choice(fewer.items(), quota, seed=1)


def test_another_seed_keeps_other_ids() -> None:
    pairs = [(str(number), "astronomy") for number in range(200)]
    first, second = (quota_choice(pairs, 20, seed=seed) for seed in (1, 2))
    assert len(first) == len(second) == 20
    assert first != second
    assert first == quota_choice(pairs, 20, seed=1)


def test_quotas_by_subject_leave_unnamed_subjects_out() -> None:
    pairs = [("a", "astronomy"), ("b", "astronomy"), ("c", "virology"), ("d", "anatomy")]
    kept = quota_choice(pairs, {"astronomy": 1, "virology": 5}, seed=0)
    assert len(kept) == 2
    assert "c" in kept


def test_what_falls_out_is_said_at_once_and_memory_is_bounded_by_the_quota() -> None:
    chooser = QuotaChoice(3, seed=0)
    out = [chooser.offer(str(number), "sociology") for number in range(500)]
    fallen = [id for id in out if id is not None]
    assert len(fallen) == len(set(fallen)) == 497
    (kept,) = chooser.kept().values()
    assert {*kept, *fallen} == {str(number) for number in range(500)}
    assert sum(map(len, chooser._heaps.values())) == sum(map(len, chooser._held.values())) == 3


@pytest.mark.parametrize("quota", [-1, {"astronomy": -1}, {"astronmy": 1}])
def test_a_quota_that_cannot_be_meant_is_refused(quota: int | dict[str, int]) -> None:
    with pytest.raises(RecipeError, match=r"negative|did you mean"):
        QuotaChoice(quota, seed=0)


def test_an_id_of_an_unknown_subject_is_refused() -> None:
    with pytest.raises(RecipeError, match="'knitting'"):
        QuotaChoice(1, seed=0).offer("a", "knitting")
