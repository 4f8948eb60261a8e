"""Blends: the paper's tables to the last digit, exact counts, and what happens at a shortage."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.blends import (
    BLENDS,
    Plan,
    Ratio,
    Stock,
    apportion,
    parse_ratio,
    plan_blend,
    plan_from_stock,
    ratio_of,
    rows_by_unit,
    shares_of,
)
from crossthink_data.errors import CrossthinkError, RecipeError
from crossthink_data.recipe import check, section
from crossthink_data.steps.blend import BlendSettings

TABLE_1 = [
    Stock("mmlu_train", "gpr", "mcq", 99_842),
    Stock("syn_qa", "gpr", "mcq", 192_930),
    Stock("natural_reasoning", "gpr", "open", 100_000),
    Stock("numina_math", "mr", "open", 87_350),
    Stock("persona_math", "mr", "open", 100_000),
    Stock("math", "mr", "open", 8_523),
]
ALL_ROWS = 588_645
SOURCES = [line.source for line in TABLE_1]


def golden(name: str) -> list[dict[str, str]]:
    text = (Path(__file__).parent / "golden" / name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


PRINTED: dict[str, dict[str, str]] = {}
for line in golden("table8.csv"):
    PRINTED.setdefault(line["blend"], {})[line["source"]] = line["printed"]


def by_source(plan: Plan, what: str) -> dict[str, float]:
    """A figure of each source's line, 0 for sources that the blend leaves out."""
    return dict.fromkeys(SOURCES, 0) | {line.source: getattr(line, what) for line in plan.lines}


# ---- the paper's numbers ----


@pytest.mark.parametrize(
    "line", golden("apportion.csv"), ids=lambda r: f"{r['blend']} {r['total']}"
)
def test_counts_of_the_exact_ratios(line: dict[str, str]) -> None:
    counts = apportion(shares_of(BLENDS[line["blend"]], TABLE_1), int(line["total"]))
    found = {source: count for (_, source), count in counts.items()}
    assert {source: found.get(source, 0) for source in SOURCES} == {
        source: int(line[source]) for source in SOURCES
    }


@pytest.mark.parametrize("blend", PRINTED)
def test_the_shipped_recipe_gives_every_printed_share_of_table_8(blend: str) -> None:
    values, where = section(f"paper/{blend}", "blend")
    settings = check(BlendSettings, {"inputs": ["x.parquet"], **values}, where)
    ratio = settings.ratio
    assert ratio is not None
    wanted = parse_ratio(ratio) if isinstance(ratio, str) else ratio_of(ratio)
    shares = by_source(plan_from_stock(TABLE_1, wanted), "share")
    for source, printed in PRINTED[blend].items():
        assert abs(shares[source] - Fraction(printed)) <= Fraction(1, 10_000), source


def test_table_8_has_every_blend_with_every_source() -> None:
    assert set(PRINTED) == set(BLENDS)
    assert all(list(shares) == SOURCES for shares in PRINTED.values())


@pytest.mark.parametrize(
    ("blend", "limit"),
    [
        ("nd", 588_645),
        ("mr_up", 293_809),
        ("gpr_up", 587_619),
        ("mcq_up", 439_158),
        ("open_up", 443_809),
        ("score", 50_119),
        ("only_mr", 195_873),
        ("only_gpr", 392_772),
    ],
)
def test_largest_blend_without_repeats_at_exact_ratios(blend: str, limit: int) -> None:
    plan = plan_from_stock(TABLE_1, BLENDS[blend])
    assert (plan.size, plan.limit) == (limit, limit)
    assert not any("shrunk" in note for note in plan.notes)
    assert sum(plan.quotas().values()) == limit
    assert all(line.quota <= line.available for line in plan.lines)


@pytest.mark.parametrize(
    ("blend", "limit", "runs_out", "passes"),
    [
        ("nd", 587_793, "math", "1.00 1.00 1.00 1.00 1.00 1.00"),
        ("mr_up", 296_735, "persona_math", "0.51 0.51 0.51 1.98 1.98 1.98"),
        ("gpr_up", 575_878, "math", "0.99 0.99 0.99 1.02 1.02 1.02"),
        ("mcq_up", 443_545, "mmlu_train", "1.33 1.33 0.68 0.68 0.68 0.68"),
        # The printed column of open_up sums to 1.0001; as weights they are brought to 1.
        ("open_up", 448_223, "numina_math", "0.68 0.68 1.31 1.31 1.31 1.31"),
        ("score", 50_402, "math", "0.76 0.53 0.99 1.36 0.93 11.68"),
        ("only_mr", 195_852, "numina_math", "0.00 0.00 0.00 3.01 3.01 3.00"),
        ("only_gpr", 392_769, "mmlu_train", "1.50 1.50 1.50 0.00 0.00 0.00"),
    ],
)
def test_rows_needed_at_printed_shares(blend: str, limit: int, runs_out: str, passes: str) -> None:
    printed = ratio_of(PRINTED[blend])
    plan = plan_from_stock(TABLE_1, printed)
    assert (plan.limit, plan.limiting) == (limit, (runs_out, runs_out))
    whole = plan_from_stock(TABLE_1, printed, size=ALL_ROWS, on_short="repeat")
    assert sum(whole.quotas().values()) == ALL_ROWS
    assert " ".join(f"{value:.2f}" for value in by_source(whole, "passes").values()) == passes


def test_gpr_up_by_the_print_takes_fewer_general_rows_than_there_are() -> None:
    plan = plan_from_stock(TABLE_1, parse_ratio("gpr:mr=66:34"), size=ALL_ROWS, on_short="repeat")
    taken = sum(line.quota for line in plan.lines if line.group == "gpr")
    # 388,505.7: remainders are settled over all sources, not first over the groups.
    assert taken == 388_505
    assert taken < sum(line.rows for line in TABLE_1 if line.domain == "gpr") == 392_772


# ---- exact counts ----

weights = st.lists(st.integers(1, 10**9), min_size=1, max_size=12)


def shares_from(numbers: list[int]) -> dict[tuple[str, str], Fraction]:
    whole = sum(numbers)
    return {("g", f"s{at:02}"): Fraction(number, whole) for at, number in enumerate(numbers)}


@given(weights, st.integers(0, 10**9))
def test_counts_sum_exactly_each_within_one_of_its_share(numbers: list[int], total: int) -> None:
    shares = shares_from(numbers)
    counts = apportion(shares, total)
    assert sum(counts.values()) == total
    assert all(abs(counts[unit] - share * total) < 1 for unit, share in shares.items())


@given(weights, st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order_of_sources(numbers, total, random) -> None:
    shares = list(shares_from(numbers).items())
    counts = apportion(dict(shares), total)
    random.shuffle(shares)
    assert apportion(dict(shares), total) == counts


@given(st.integers(1, 12), st.integers(0, 100))
def test_ties_go_to_the_smaller_source_name(sources: int, total: int) -> None:
    counts = apportion(shares_from([1] * sources), total)
    whole, rest = divmod(total, sources)
    assert list(counts.values()) == [whole + 1] * rest + [whole] * (sources - rest)


def test_ties_go_by_source_before_group() -> None:
    half = Fraction(1, 2)
    assert apportion({("a", "z"): half, ("b", "y"): half}, 1) == {("a", "z"): 0, ("b", "y"): 1}
    assert apportion({("b", "y"): half, ("a", "y"): half}, 1) == {("b", "y"): 0, ("a", "y"): 1}


stocks = st.lists(
    st.builds(
        Stock,
        source=st.sampled_from(["a", "b", "c"]),
        domain=st.sampled_from(["gpr", "mr"]),
        question_type=st.sampled_from(["mcq", "open"]),
        rows=st.integers(0, 1000),
    ),
    max_size=8,
).map(lambda lines: [*lines, Stock("d", "gpr", "mcq", 5), Stock("e", "mr", "open", 7)])
ratios = st.sampled_from(["nd", "gpr_up", "mcq:open=0.1:0.9", "d:e=3:7", "gpr=1", "mcq:open=1:0"])
passes = st.decimals(1, 5, places=2).map(float)


@given(stocks, ratios)
def test_shares_sum_to_one(stock: list[Stock], ratio: str) -> None:
    assert sum(shares_of(parse_ratio(ratio), stock).values()) == 1


@given(stocks, ratios)
def test_without_repeats_no_quota_is_above_its_rows(stock: list[Stock], ratio: str) -> None:
    plan = plan_from_stock(stock, parse_ratio(ratio))
    assert sum(plan.quotas().values()) == plan.size == plan.limit
    assert all(0 <= line.quota <= line.available for line in plan.lines)


@given(stocks, ratios, passes)
def test_repeats_stay_within_max_epochs(stock: list[Stock], ratio: str, epochs: float) -> None:
    plan = plan_from_stock(stock, parse_ratio(ratio), on_short="repeat", max_epochs=epochs)
    assert sum(plan.quotas().values()) == plan.size
    most = Fraction(str(epochs))
    assert all(line.quota <= most * line.available for line in plan.lines)


@given(stocks, ratios, st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_the_stock(stock, ratio, random) -> None:
    plan = plan_from_stock(stock, parse_ratio(ratio))
    random.shuffle(stock)
    assert plan_from_stock(stock, parse_ratio(ratio)) == plan


# ---- policies at a shortage ----

SMALL = [Stock("a", "gpr", "mcq", 10), Stock("b", "mr", "open", 4)]
EVEN = parse_ratio("gpr:mr=1:1")


def test_shrink_makes_a_larger_size_the_limit_and_says_so() -> None:
    plan = plan_from_stock(SMALL, EVEN, size=20)
    assert plan.quotas() == {("gpr", "a"): 4, ("mr", "b"): 4}
    assert plan.notes == ("size 20 shrunk to 8: b of mr runs out first",)


@pytest.mark.parametrize("on_short", ["shrink", "fail", "repeat"])
def test_a_size_within_the_limit_is_met_under_every_policy(on_short) -> None:
    plan = plan_from_stock(SMALL, EVEN, size=5, on_short=on_short)
    assert (plan.size, plan.limit, plan.notes) == (5, 8, ())
    assert plan.quotas() == {("gpr", "a"): 3, ("mr", "b"): 2}


def test_fail_says_what_runs_out_where_and_what_to_do() -> None:
    message = "b of mr runs out at 8 rows; use --size 8, or --on-short shrink or repeat"
    with pytest.raises(CrossthinkError, match=message) as caught:
        plan_from_stock(SMALL, EVEN, size=9, on_short="fail")
    assert not isinstance(caught.value, RecipeError)
    assert plan_from_stock(SMALL, EVEN, on_short="fail").size == 8


def test_repeat_meets_the_size_by_going_over_rows_again() -> None:
    plan = plan_from_stock(SMALL, EVEN, size=20, on_short="repeat")
    assert plan.quotas() == {("gpr", "a"): 10, ("mr", "b"): 10}
    assert by_source(plan, "passes")["b"] == 2.5


def test_repeat_stops_at_max_epochs() -> None:
    plan = plan_from_stock(SMALL, EVEN, size=100, on_short="repeat", max_epochs=2)
    assert plan.size == 16
    assert plan.notes == ("size 100 shrunk to 16: b of mr runs out first",)
    assert plan_from_stock(SMALL, EVEN, on_short="repeat", max_epochs=2).size == 16


def test_a_quota_rounded_up_stays_within_a_broken_number_of_passes() -> None:
    stock = [Stock("a", "gpr", "mcq", 3), Stock("b", "mr", "open", 5)]
    plan = plan_from_stock(stock, EVEN, on_short="repeat", max_epochs=1.5)
    assert plan.quotas() == {("gpr", "a"): 4, ("mr", "b"): 4}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size 0 is no number of rows"),
        ({"max_epochs": 2}, "max_epochs 2 means nothing with on_short 'shrink'"),
        ({"max_epochs": 0.5, "on_short": "repeat"}, "max_epochs 0.5 is no number of passes"),
        ({"max_epochs": float("inf"), "on_short": "repeat"}, "max_epochs inf is no number"),
        ({"max_epochs": float("nan"), "on_short": "repeat"}, "max_epochs nan is no number"),
        ({"on_short": "repeat"}, "needs an end: give --size N rows, or --max-epochs X"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(options, message) -> None:
    with pytest.raises(RecipeError, match=message):
        plan_from_stock(SMALL, EVEN, **options)


@given(stocks, ratios)
def test_there_is_always_room_for_one_row(stock: list[Stock], ratio: str) -> None:
    assert plan_from_stock(stock, parse_ratio(ratio)).size >= 1


# ---- ratios as written ----


def test_decimals_count_as_written() -> None:
    assert ratio_of({"gpr": 0.66, "mr": "0.34"}).weights == {
        "gpr": Fraction(33, 50),
        "mr": Fraction(17, 50),
    }
    assert parse_ratio("gpr:mr=0.1:0.2") == ratio_of({"gpr": "1/10", "mr": "1/5"})


@pytest.mark.parametrize(
    ("text", "key", "groups"),
    [
        ("gpr:mr=2:1", "domain", ["gpr", "mr"]),
        ("mr=1", "domain", ["mr"]),
        ("open:mcq=1:3", "question_type", ["open", "mcq"]),
        ("syn_qa:math=1:1", "source", ["syn_qa", "math"]),
        (" gpr : mr = 2 : 1 ", "domain", ["gpr", "mr"]),
    ],
)
def test_groups_are_domains_question_types_or_sources(text, key, groups) -> None:
    ratio = parse_ratio(text)
    assert (ratio.key, list(ratio.weights)) == (key, groups)


def test_a_ratio_prints_as_it_can_be_written() -> None:
    for text in ("gpr:mr=2:1", "mcq:open=1/3:0", "a:b=33/50:17/50"):
        assert str(parse_ratio(text)) == text
        assert parse_ratio(str(parse_ratio(text))) == parse_ratio(text)
    assert str(BLENDS["nd"]) == "natural distribution"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gpr_upp", r"ratio 'gpr_upp' is no named blend .* did you mean gpr_up\?"),
        ("", "is no named blend .* known are: gpr_up"),
        ("gpr:mr=2", "has 2 groups and 1 weights"),
        ("gpr=2:1", "has 1 groups and 2 weights"),
        ("gpr:gpr=2:1", "names a group twice"),
        ("gpr:mr=two:1", "weight 'two' of gpr is not a number"),
        ("gpr:mr=:1", "weight '' of gpr is not a number"),
        ("gpr:mr=nan:1", "weight 'nan' of gpr is not a number"),
        ("gpr:mr=inf:1", "weight 'inf' of gpr is not a number"),
        ("gpr:mr=1/0:1", "weight '1/0' of gpr is not a number"),
        ("gpr:mr=-2:1", "weight -2 of gpr is below 0"),
        ("gpr:mr=0:0", "gives no group any weight"),
        ("gpr:open=1:1", "mixes kinds of groups"),
        ("gpr:mrr=2:1", "ratio over gpr, mrr mixes kinds of groups .* check the spelling"),
    ],
)
def test_a_ratio_that_cannot_be_meant_is_refused(text, message) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_ratio(text)


def test_a_group_without_rows_is_refused_and_the_groups_there_are_named() -> None:
    message = r"group 'mr' has no rows in the input; the input has gpr \(10 rows\)"
    with pytest.raises(RecipeError, match=message):
        shares_of(EVEN, SMALL[:1])
    with pytest.raises(RecipeError, match=r"group 'aa' has no rows .* has a \(10 rows\), b \(4"):
        shares_of(parse_ratio("aa:b=1:1"), SMALL)
    with pytest.raises(RecipeError, match="has no rows at all"):
        shares_of(BLENDS["nd"], [])


def test_a_group_whose_sources_have_zero_rows_has_no_rows() -> None:
    with pytest.raises(RecipeError, match="group 'mr' has no rows"):
        shares_of(EVEN, [*SMALL[:1], Stock("b", "mr", "open", 0)])


def test_a_group_of_weight_zero_takes_nothing_and_may_be_empty() -> None:
    ratio = parse_ratio("gpr:mr=1:0")
    assert shares_of(ratio, SMALL) == {("gpr", "a"): 1}
    assert shares_of(ratio, SMALL[:1]) == {("gpr", "a"): 1}


def test_sources_outside_the_ratio_are_left_out() -> None:
    stock = [*SMALL, Stock("c", "mr", "open", 100)]
    assert set(shares_of(parse_ratio("a:b=1:1"), stock)) == {("a", "a"), ("b", "b")}


# ---- a source in two groups ----

MIXED = [Stock("own", "gpr", "mcq", 30), Stock("own", "gpr", "open", 10), *SMALL]


def test_a_source_with_both_question_types_has_a_line_in_each_group() -> None:
    plan = plan_from_stock(MIXED, parse_ratio("mcq:open=1:1"), size=20)
    assert plan.quotas() == {
        ("mcq", "a"): 3,
        ("mcq", "own"): 7,
        ("open", "b"): 3,
        ("open", "own"): 7,
    }
    assert {line.available for line in plan.lines if line.source == "own"} == {10, 30}


def test_a_source_with_both_question_types_is_one_line_where_they_do_not_matter() -> None:
    for ratio in (EVEN, BLENDS["nd"], parse_ratio("own:b=1:1")):
        (available,) = (
            line.available for line in plan_from_stock(MIXED, ratio).lines if line.source == "own"
        )
        assert available == 40


def test_rows_by_unit_counts_groups_without_weight_too() -> None:
    assert rows_by_unit(parse_ratio("mcq=1"), MIXED) == {
        ("mcq", "own"): 30,
        ("open", "own"): 10,
        ("mcq", "a"): 10,
        ("open", "b"): 4,
    }
    assert rows_by_unit(Ratio("all", {}), MIXED)["all", "own"] == 40


def test_a_plan_over_rows_is_the_plan_over_their_stock(question_rows) -> None:
    rows = [question_rows.mcq(source="a")] * 10 + [question_rows.math(source="b")] * 4
    assert plan_blend(question_rows.frame(rows), "gpr:mr=1:1", size=5) == plan_from_stock(
        SMALL, EVEN, size=5
    )
    assert plan_blend(question_rows.frame(rows), EVEN).size == 8


def test_sources_without_a_place_in_the_ratio_are_named() -> None:
    (note,) = plan_from_stock(TABLE_1, BLENDS["only_mr"]).notes
    assert "mmlu_train (99,842 rows)" in note
    assert "math" not in note
    assert plan_from_stock(TABLE_1, BLENDS["gpr_up"]).notes == ()


def test_a_policy_that_is_none_is_refused() -> None:
    with pytest.raises(RecipeError, match="did you mean shrink"):
        plan_from_stock(TABLE_1, BLENDS["nd"], size=10**6, on_short="shrik")  # type: ignore[arg-type]


def test_a_weight_too_long_to_be_exact_is_refused_at_once() -> None:
    with pytest.raises(RecipeError, match="is not a number"):
        parse_ratio("gpr:mr=1e999999999:1")


def test_a_misspelt_group_is_refused_with_the_closest() -> None:
    with pytest.raises(RecipeError, match=r"for mrr, did you mean mr\?"):
        parse_ratio("gpr:mrr=2:1")
    with pytest.raises(RecipeError, match=r"did you mean syn_qa\?"):
        plan_from_stock(TABLE_1, parse_ratio("synqa:math=1:1"))
