"""Equal values for every value of the variables: fingerprints first, enclosures where they end."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.algebra import total
from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.nodes import Node, Number, Symbol
from crossthink_data.rewards.residues import PRIME
from crossthink_data.rewards.scalars import (
    OPAQUE,
    ParsedGold,
    Work,
    renamed,
    restates,
    same_value,
    symbols_of,
    walk,
    with_symbol,
)
from crossthink_data.rewards.verdict import RIGHT


def verdict(one: str, other: str) -> str:
    return same_value(parse(one), parse(other), Work())


EQUAL = [
    (r"\sin^2 x+\cos^2 x", "1"),
    (r"\tan^2 y+1", r"\sec^2 y"),
    (r"\cos 2x", r"1-2\sin^2 x"),
    (r"\sin(x+y)", r"\sin x\cos y+\cos x\sin y"),
    (r"\ln(x^2)", r"2\ln x"),
    (r"\ln 6-\ln 3", r"\ln 2"),
    (r"\log_4 9", r"\log_2 3"),
    (r"e^{x+y}", "e^x e^y"),
    ("2^{n+1}", r"2\cdot 2^n"),
    (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2"),
    (r"\sqrt{5+2\sqrt6}", r"\sqrt2+\sqrt3"),
    (r"\sqrt[3]{8x^3}", "2x"),
    (r"\cos\frac{\pi}{5}", r"\frac{1+\sqrt5}{4}"),
    (r"\arctan 1", r"\frac{\pi}{4}"),
    (r"e^{i\pi}", "-1"),
    (r"e^{i\pi/3}", r"\frac{1+i\sqrt3}{2}"),
    (r"\sqrt{x^2}", "|x|"),
    (r"\cosh x", r"\frac{e^x+e^{-x}}{2}"),
    ("2^{1000}", "4^{500}"),
    (r"\binom{10}{3}", "120"),
    (r"\sqrt[4]{4}", r"\sqrt2"),
    (r"\pi", r"16\arctan\frac{1}{5}-4\arctan\frac{1}{239}"),
    (r"\frac{\sqrt7}{8}", r"\sin\frac{\pi}{7}\sin\frac{2\pi}{7}\sin\frac{3\pi}{7}"),
    ("4", r"\sqrt[3]{20+14\sqrt2}+\sqrt[3]{20-14\sqrt2}"),
    ("2", r"\log_2 3\cdot\log_3 4"),
    (r"\frac{1}{\sqrt[3]{2}}", r"\frac{\sqrt[3]{4}}{2}"),
    (r"\sqrt{x^3}", r"x\sqrt{x}"),
    (r"\ln\frac{x-5}{x+5}", r"\ln(x-5)-\ln(x+5)"),
    (r"\frac{n!}{(n-3)!}", "n(n-1)(n-2)"),
    (r"\max(a,b)", r"\frac{a+b+|a-b|}{2}"),
    ("x^y y^x", "y^x x^y"),
    ("i^i", r"e^{-\pi/2}"),
    ("(1+i)^{10}", "32i"),
]
UNEQUAL = [
    (r"\sqrt{x^2}", "x"),
    (r"\sin x", r"\cos x"),
    (r"\ln(x+y)", r"\ln x+\ln y"),
    (r"\sqrt{2}", "1.41421356237309504880168872420969807856967187537694807317667973799"),
    (r"\pi", r"\frac{355}{113}"),
    (r"e^{\pi\sqrt{163}}", "262537412640768744"),
    ("2^{1000}", "2^{1000}+1"),
    (r"\frac{1}{2^{500}}", "0"),
    ("2^{n}", "n^2"),
    (r"\lfloor\frac{n}{2}\rfloor", r"\lceil\frac{n}{2}\rceil"),
    (r"\lfloor\frac{2n-1}{5}\rfloor", r"\lfloor\frac{2n-3}{5}\rfloor"),
    (r"\max(x,0)", "x"),
    (r"|x|", "-x"),
    (r"\arcsin(\sin x)", "x"),
    ("i", "-i"),
    (r"e^{2\pi i/3}", r"\frac{1-i\sqrt3}{2}"),
    (r"\sqrt[3]{2}", "1.26"),
    (r"x^{1/3}", r"x^{1/2}"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_identities_hold_both_ways(one: str, other: str) -> None:
    assert verdict(one, other) == RIGHT
    assert verdict(other, one) == RIGHT


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_near_misses_are_told_apart_both_ways(one: str, other: str) -> None:
    assert verdict(one, other) == "acc:not_equal"
    assert verdict(other, one) == "acc:not_equal"


@pytest.mark.parametrize(
    ("one", "other"),
    [("5050", r"\sum_{k=1}^{100}k"), ("6", r"\gcd(12,18)"), (r"\frac12", r"\int_0^1 x\,dx")],
)
def test_what_is_not_evaluated_has_no_value(one: str, other: str) -> None:
    assert verdict(one, other) == OPAQUE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{PRIME}x", "0"),
        (f"x+{PRIME}", "x"),
        (f"{PRIME + 1}x", "x"),
        (f"x^{{{PRIME - 1}}}", "1"),
        (f"2^{{{PRIME - 1}}}", "1"),
        (f"x^{{{PRIME}}}", "x"),
    ],
)
def test_arithmetic_modulo_the_prime_is_not_taken_for_arithmetic(one: str, other: str) -> None:
    assert verdict(one, other) != RIGHT
    assert verdict(other, one) != RIGHT


@pytest.mark.parametrize("places", [5, 50, 400])
@pytest.mark.parametrize(
    ("value", "moved"),
    [
        (r"\sin 1", r"\sin 1+10^{-PLACES}"),
        (r"\ln 2", r"\ln(2+10^{-PLACES})"),
        (r"\sqrt[3]{2}", r"\sqrt[3]{2+10^{-PLACES}}"),
        ("0", r"\sin(10^{-PLACES})"),
        ("1", r"\cos(10^{-PLACES})"),
        ("e^x", r"e^x+10^{-PLACES}"),
    ],
)
def test_differences_are_seen_however_small(value: str, moved: str, places: int) -> None:
    assert verdict(value, moved.replace("PLACES", str(places))) == "acc:not_equal"


def test_undefined_values_equal_nothing() -> None:
    assert verdict("1", r"\frac{x-x}{x-x}") == "acc:not_understood"
    assert verdict(r"\ln 0", r"\ln 0 + 1") != RIGHT


def test_one_gold_serves_many_answers() -> None:
    gold = ParsedGold(parse(r"\frac{\sqrt2}{2}"))
    for text, right in [("2^{-1/2}", True), ("0.7071", False), (r"\sin 45^\circ", True)] * 3:
        assert (same_value(gold.node, parse(text), Work(gold)) == RIGHT) == right


def test_a_gold_remembers_nothing_of_nodes_that_are_gone() -> None:
    gold = ParsedGold(parse("x"))
    work = Work(gold)
    for number in range(200):
        node = parse(f"x+{number}")
        assert same_value(node, parse(f"{number}+x"), work) == RIGHT
        del node


@given(st.fractions(), st.fractions())
def test_numbers_are_equal_exactly_when_they_are(one: Fraction, other: Fraction) -> None:
    outcome = same_value(Number(one), Number(other), Work())
    assert (outcome == RIGHT) == (one == other)


IDENTITY_TEXTS = [text for pair in EQUAL for text in pair]


@given(st.sampled_from(IDENTITY_TEXTS), st.fractions(max_denominator=10**9))
@settings(max_examples=80, deadline=None)
def test_adding_a_number_is_noticed_however_small(text: str, step: Fraction) -> None:
    node = parse(text)
    moved = total([node, Number(step)])
    assert (same_value(node, moved, Work()) == RIGHT) == (step == 0)


@given(st.sampled_from(IDENTITY_TEXTS), st.sampled_from(IDENTITY_TEXTS))
@settings(max_examples=80, deadline=None)
def test_equality_is_symmetric(one: str, other: str) -> None:
    assert (verdict(one, other) == RIGHT) == (verdict(other, one) == RIGHT)


def test_symbols_are_found_wherever_they_stand() -> None:
    node = parse(r"\frac{a+\sin b}{c^{d}}")
    assert symbols_of(node) == {"a", "b", "c", "d"}
    assert len(walk(Number(1))) == 1


def test_an_operator_that_states_a_problem_is_seen_inside() -> None:
    assert restates(parse(r"1+\int_0^1 x\,dx"))
    assert not restates(parse(r"1+f(x)"))


def test_renaming_leaves_the_original_alone() -> None:
    node = parse("x^2+2xy")
    other = renamed(node, "'")
    assert symbols_of(other) == {"x'", "y'"}
    assert symbols_of(node) == {"x", "y"}
    assert symbols_of(with_symbol(node, "x", Symbol("t"))) == {"t", "y"}


def test_verdicts_do_not_depend_on_what_was_judged_before() -> None:
    pairs: list[tuple[Node, Node]] = [(parse(one), parse(other)) for one, other in EQUAL + UNEQUAL]
    first = [same_value(one, other, Work()) for one, other in pairs]
    again = [same_value(one, other, Work()) for one, other in reversed(pairs)]
    assert first == again[::-1]
