"""Triples: no repeats, evenly over skills and levels, and nothing of them depends on order."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.raw import read_personas
from crossthink_data.sources.personahub import Persona as PublishedPersona
from crossthink_data.synth.skills import SkillTree, load_skills
from crossthink_data.synth.triples import Persona, Triple, TripleDraw, why_no_persona


@dataclass(frozen=True)
class Someone:
    text: str
    provenance: str


PEOPLE = [Someone(f"A baker of {n} kinds of bread", f'{{"row":{n}}}') for n in range(300)]
TREE = load_skills()


def reading(people: Iterable[Persona]) -> Callable[[], Iterable[Persona]]:
    return lambda: people


def ids(people: list[Someone], seed: int = 1, limit: int | None = None) -> set[str]:
    return {triple.id for triple in TripleDraw(reading(people), TREE, seed=seed, limit=limit)}


@pytest.mark.parametrize("limit", [1, 7, 299, 300, 301, 1_000, 300 * 344])
def test_limit_is_met_without_repeats_and_shared_among_personas(limit: int) -> None:
    draw = TripleDraw(reading(PEOPLE), TREE, seed=3, limit=limit)
    triples = list(draw)
    assert len(draw) == len(triples) == len({triple.id for triple in triples}) == limit
    counts = Counter(triple.persona for triple in triples)
    each = [counts[person.text] for person in PEOPLE]
    assert max(each) - min(each) <= 1


def test_without_a_limit_each_persona_draws_so_often() -> None:
    triples = list(TripleDraw(reading(PEOPLE), TREE, seed=3, per_persona=4))
    assert Counter(triple.persona for triple in triples) == {p.text: 4 for p in PEOPLE}
    assert Counter(triple.draw for triple in triples) == dict.fromkeys(range(4), 300)


@pytest.mark.parametrize("limit", [50, 450, None])
def test_order_of_personas_makes_no_difference(limit: int | None) -> None:
    shuffled = PEOPLE.copy()
    random.Random(5).shuffle(shuffled)
    assert ids(PEOPLE, limit=limit) == ids(shuffled, limit=limit)


def test_larger_limit_keeps_what_a_smaller_one_chose() -> None:
    assert ids(PEOPLE, limit=40) < ids(PEOPLE, limit=300) < ids(PEOPLE, limit=700)


def test_other_personas_change_nothing_for_one() -> None:
    assert ids(PEOPLE[:100]) < ids(PEOPLE)


def test_seed_changes_the_draw() -> None:
    assert len(ids(PEOPLE, seed=1) & ids(PEOPLE, seed=2)) < 20


def test_equal_personas_count_once_with_the_provenance_that_sorts_first() -> None:
    twins = [Someone("A  baker\nof rye", '{"row":9}'), Someone("A baker of rye ", '{"row":2}')]
    for people in (twins, twins[::-1]):
        draw = TripleDraw(reading([*people, *PEOPLE]), TREE, seed=1)
        triples = list(draw)
        assert (draw.read_count, draw.distinct, len(triples)) == (302, 301, 301)
        (twin,) = [triple for triple in triples if "rye" in triple.persona]
        assert (twin.persona, twin.provenance) == ("A baker of rye", '{"row":2}')


def test_personas_that_say_nothing_or_too_much_are_counted_and_left_out() -> None:
    people = [Someone(" \n", "{}"), Someone("x" * 2_001, "{}"), *PEOPLE]
    draw = TripleDraw(reading(people), TREE, seed=1)
    assert (draw.read_count, draw.unusable, draw.distinct) == (302, 2, 300)
    assert {triple.persona for triple in draw} == {person.text for person in PEOPLE}
    assert [why_no_persona(p.text) for p in people[:3]] == [
        "persona_missing", "persona_too_long", "",
    ]  # fmt: skip


def test_pairs_are_reached_evenly() -> None:
    people = [Someone(f"Person number {n}", "{}") for n in range(344 * 40)]
    pairs = Counter((t.skill, t.level) for t in TripleDraw(reading(people), TREE, seed=8))
    assert len(pairs) == 344
    chi_square = sum((count - 40) ** 2 / 40 for count in pairs.values())
    assert 250 < chi_square < 450  # 343 degrees of freedom: 343, give or take 26 (one deviation)


def test_skill_that_goes_changes_only_the_draws_it_had() -> None:
    gone = TREE.pairs[100][0]
    rest = tuple(pair for pair in TREE.pairs if pair[0] != gone)
    smaller = SkillTree(TREE.levels, rest, "smaller")
    before = list(TripleDraw(reading(PEOPLE), TREE, seed=2, per_persona=3))
    after = {t.id for t in TripleDraw(reading(PEOPLE), smaller, seed=2, per_persona=3)}
    assert {triple.id for triple in before if triple.skill != gone} <= after


def test_triple_goes_through_json() -> None:
    for triple in TripleDraw(reading(PEOPLE), TREE, seed=2, limit=5):
        assert Triple.from_json(json.loads(json.dumps(triple.as_json()))) == triple
    with pytest.raises(ValueError, match="no triple"):
        Triple.from_json(triple.as_json() | {"persona": 3})


def test_more_than_there_are_pairs_is_refused() -> None:
    with pytest.raises(RecipeError, match="at most 688"):
        TripleDraw(reading(PEOPLE[:2]), TREE, seed=1, limit=689)
    with pytest.raises(RecipeError, match="write 1 or more"):
        TripleDraw(reading(PEOPLE), TREE, seed=1, limit=0)


def test_no_persona_and_other_personas_the_second_time_are_errors() -> None:
    with pytest.raises(SourceError, match="no persona"):
        TripleDraw(reading([Someone("", "{}")]), TREE, seed=1)
    turns = iter([PEOPLE[:5], PEOPLE[5:9]])
    with pytest.raises(SourceError, match="changed"):
        list(TripleDraw(lambda: next(turns), TREE, seed=1))
    turns = iter([PEOPLE[:5], PEOPLE[:4]])
    with pytest.raises(SourceError, match="changed"):
        list(TripleDraw(lambda: next(turns), TREE, seed=1))


@pytest.mark.parametrize("limit", [1_000, 20_000])
def test_real_personas_draw_without_repeats_and_evenly(real_data: Path, limit: int) -> None:
    def read() -> Iterable[Persona]:
        rows = read_personas(real_data / "personahub" / "tool.jsonl")
        return (row for row in rows if isinstance(row, PublishedPersona))

    draw = TripleDraw(read, TREE, seed=1, limit=limit)
    triples = list(draw)
    assert (draw.read_count, draw.unusable) == (5_000, 0)
    assert len(triples) == len({triple.id for triple in triples}) == limit
    pairs = Counter((triple.skill, triple.level) for triple in triples)
    assert len(pairs) > (300 if limit == 1_000 else 343)
    assert max(pairs.values()) < 2 * limit / 344 + 10
    assert all("CC-BY-NC-SA-4.0" in triple.provenance for triple in triples)
