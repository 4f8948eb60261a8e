"""Choice: exactly the rows asked for, by their hashes, in the order of their numbers."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.blends import GroupKey, Stock
from crossthink_data.tables.choice import Choice, key_value

SCHEMA = {
    "source": pl.String,
    "domain": pl.String,
    "question_type": pl.String,
    "pick": pl.UInt64,
    "origin": pl.UInt64,
}
Candidate = tuple[str, str, str, int, int]
Drawn = list[tuple[int, int, bool]]


@contextmanager
def choice_of(candidates: Sequence[Candidate], step: int = 7) -> Iterator[Choice]:
    """A choice over these candidates, added `step` at a time."""
    with tempfile.TemporaryDirectory() as folder:
        choice = Choice(Path(folder))
        for start in range(0, len(candidates), step):
            choice.add(pl.DataFrame(candidates[start : start + step], SCHEMA, orient="row"))
        yield choice
        choice.close()


def draw(choice: Choice, key: GroupKey, quotas: Mapping[tuple[str, str], int]) -> Drawn:
    return choice.draw(key, quotas).below(10**9).rows()


def gpr(source: str, pick: int, origin: int = 0) -> Candidate:
    return (source, "gpr", "mcq", pick, origin)


def mr(source: str, pick: int, origin: int = 0) -> Candidate:
    return (source, "mr", "open", pick, origin)


def test_stock_counts_rows_of_each_source_domain_and_type() -> None:
    candidates = [gpr("b", 1), mr("b", 2), gpr("a", 3), gpr("b", 4), ("b", "gpr", "open", 5, 0)]
    with choice_of(candidates, step=2) as choice:
        assert choice.stock() == [
            Stock("a", "gpr", "mcq", 1),
            Stock("b", "gpr", "mcq", 2),
            Stock("b", "gpr", "open", 1),
            Stock("b", "mr", "open", 1),
        ]


def test_no_candidates_are_no_stock() -> None:
    with choice_of([]) as choice:
        assert choice.stock() == []


def test_take_leaves_the_first_rows_of_a_source_by_hash() -> None:
    candidates = [gpr("a", pick) for pick in (5, 3, 9, 1)] + [mr("a", 0)] + [gpr("b", 7)] * 3
    with choice_of(candidates) as choice:
        choice.take({"a": 3})
        assert draw(choice, "source", {("a", "a"): 3}) == [
            (1, 1, False),
            (3, 1, False),
            (4, 1, False),
        ]
        assert sum(line.rows for line in choice.stock() if line.source == "b") == 3


def test_rows_with_the_largest_hashes_are_numbers_like_others() -> None:
    picks = [2**64 - 1, 2**63 + 1, 2**63, 0]
    with choice_of([gpr("a", pick) for pick in picks]) as choice:
        assert draw(choice, "all", {("all", "a"): 2}) == [(2, 1, False), (3, 1, False)]


def test_equal_hashes_are_drawn_in_the_order_of_rows() -> None:
    with choice_of([gpr("a", 1)] * 20) as choice:
        assert draw(choice, "all", {("all", "a"): 5}) == [(seq, 1, False) for seq in range(5)]


def test_a_quota_above_the_rows_takes_whole_passes_and_then_the_first_by_hash() -> None:
    with choice_of([gpr("a", 30), gpr("a", 10), gpr("a", 20), gpr("b", 1)]) as choice:
        drawn = draw(choice, "domain", {("gpr", "a"): 8})
        assert drawn == [(0, 2, False), (1, 3, False), (2, 3, False)]
        assert draw(choice, "domain", {("gpr", "b"): 2}) == [(3, 2, False)]


def test_a_source_in_two_groups_is_drawn_from_each() -> None:
    candidates = [gpr("own", pick) for pick in range(4)] + [mr("own", pick) for pick in range(4)]
    with choice_of(candidates) as choice:
        drawn = draw(choice, "question_type", {("mcq", "own"): 1, ("open", "own"): 3})
        assert [seq for seq, _, _ in drawn] == [0, 4, 5, 6]


@pytest.mark.parametrize(
    ("key", "group"), [("all", "all"), ("source", "s"), ("domain", "gpr"), ("question_type", "mcq")]
)
def test_groups_are_values_of_the_ratios_key(key: GroupKey, group: str) -> None:
    assert key_value(key, ("s", "gpr", "mcq")) == group


# ---- validation ----


def test_validation_takes_rows_by_origin_and_its_origins_leave_the_pool() -> None:
    # Origins 1, 1, 1, 2, 3: two rows for validation are two of origin 1; the third is in neither.
    origins = [3, 1, 2, 1, 1]
    with choice_of([gpr("a", pick, origin) for pick, origin in enumerate(origins)]) as choice:
        choice.draw_val("source", {("a", "a"): 2})
        assert choice.stock() == [Stock("a", "gpr", "mcq", 2)]
        assert draw(choice, "source", {("a", "a"): 2}) == [
            (0, 1, False),
            (1, 0, True),
            (2, 1, False),
            (3, 0, True),
        ]


def test_an_origin_shared_by_two_sources_is_in_training_or_validation() -> None:
    with choice_of([gpr("a", 1, 5), gpr("b", 1, 5), gpr("b", 2, 6)]) as choice:
        choice.draw_val("source", {("a", "a"): 1})
        assert draw(choice, "source", {("b", "b"): 1}) == [(0, 0, True), (2, 1, False)]


# ---- laws ----

candidates = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["gpr", "mr"]),
        st.just("mcq"),
        st.integers(0, 9) | st.integers(0, 2**64 - 1),
        st.integers(0, 6),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=40)
@given(candidates, st.integers(0, 3), st.integers(0, 60), st.integers(0, 20))
def test_counts_are_exact_and_origins_stay_apart(rows, val, quota, take) -> None:
    with choice_of(rows) as choice:
        choice.take({"a": take})
        units = [("gpr", "a"), ("mr", "a"), ("gpr", "b"), ("mr", "b")]
        stock = Counter({(line.domain, line.source): line.rows for line in choice.stock()})
        assert stock["gpr", "a"] + stock["mr", "a"] == min(take, sum(row[0] == "a" for row in rows))
        vals = {unit: min(val, stock[unit]) for unit in units}
        choice.draw_val("domain", vals)
        left = Counter({(line.domain, line.source): line.rows for line in choice.stock()})
        quotas = {unit: quota for unit in units if left[unit]}
        drawn = draw(choice, "domain", quotas)

    numbers = [seq for seq, _, _ in drawn]
    assert numbers == sorted(set(numbers))
    copies: Counter[tuple[str, str]] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    by_copies: dict[tuple[str, str], set[int]] = {}
    for seq, times, is_val in drawn:
        source, domain = rows[seq][:2]
        copies[domain, source] += times
        held[domain, source] += is_val
        assert is_val == (times == 0)
        if not is_val:
            by_copies.setdefault((domain, source), set()).add(times)
    assert {unit: copies[unit] for unit in quotas} == quotas
    assert {unit: held[unit] for unit in units} == vals
    assert all(max(times) - min(times) <= 1 for times in by_copies.values())
    for_val = {rows[seq][4] for seq, _, is_val in drawn if is_val}
    assert not for_val & {rows[seq][4] for seq, times, _ in drawn if times}


@settings(deadline=None, max_examples=25)
@given(candidates, st.integers(1, 9), st.integers(1, 50))
def test_the_choice_does_not_depend_on_how_candidates_were_added(rows, step, quota) -> None:
    def chosen(step: int) -> Drawn:
        with choice_of(rows, step) as choice:
            units = {(line.domain, line.source) for line in choice.stock()}
            return draw(choice, "domain", dict.fromkeys(sorted(units), quota))

    if rows:
        assert chosen(step) == chosen(100)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 50), max_size=8))
def test_the_chosen_are_handed_out_once_each_in_order(bounds: list[int]) -> None:
    with choice_of([gpr("a", pick) for pick in range(40)]) as choice:
        chosen = choice.draw("all", {("all", "a"): 30})
        bounds = sorted(bounds)
        parts = [chosen.below(bound)["seq"].to_list() for bound in bounds]
        parts.append(chosen.below(1000)["seq"].to_list())
        assert [seq for part in parts for seq in part] == list(range(30))
        assert all(seq < bound for part, bound in zip(parts, bounds, strict=False) for seq in part)
        assert chosen.below(1000).height == 0


def test_more_rows_than_a_chunk_come_in_order(monkeypatch) -> None:
    monkeypatch.setattr("crossthink_data.tables.choice._CHUNK_ROWS", 2048)
    rows = 10_000
    with choice_of([gpr("a", pick * 7919 % rows) for pick in range(rows)], step=3000) as choice:
        chosen = choice.draw("all", {("all", "a"): rows // 2})
        found = [seq for bound in range(0, rows + 999, 999) for seq in chosen.below(bound)["seq"]]
    assert found == [seq for seq in range(rows) if seq * 7919 % rows < rows // 2]
