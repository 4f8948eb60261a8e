"""Fingerprints: equal rational functions have equal residues, unequal ones do not."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.algebra import power, product, quotient, total
from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import Constant, Node, Number, Power, Symbol, Words
from crossthink_data.rewards.residues import PRIME, Residue, residue

X, Y = Symbol("x"), Symbol("y")
rationals = st.fractions(min_value=-50, max_value=50, max_denominator=30)


def of(text: str) -> Residue:
    return residue(parse(text))


def polynomial(coefficients: list[Fraction], variable: Node = X) -> Node:
    """Sum of c_k x^k."""
    terms = [
        product([Number(value), power(variable, Number(degree))]) if degree else Number(value)
        for degree, value in enumerate(coefficients)
    ]
    return total(terms)


def multiplied(one: list[Fraction], other: list[Fraction]) -> list[Fraction]:
    """Coefficients of a product of polynomials."""
    result = [Fraction(0)] * (len(one) + len(other) - 1)
    for place, value in enumerate(one):
        for step, factor in enumerate(other):
            result[place + step] += value * factor
    return result


coefficient_lists = st.lists(rationals, min_size=1, max_size=4)


@given(st.lists(coefficient_lists, min_size=1, max_size=4))
def test_factored_and_expanded_polynomials_agree(factors: list[list[Fraction]]) -> None:
    expanded = [Fraction(1)]
    for factor in factors:
        expanded = multiplied(expanded, factor)
    factored = product([polynomial(factor) for factor in factors])
    assert residue(factored).value == residue(polynomial(expanded)).value


@given(coefficient_lists, coefficient_lists)
def test_unequal_polynomials_differ_and_know_it(one: list[Fraction], other: list[Fraction]) -> None:
    longest = max(len(one), len(other))
    padded = [list(each) + [Fraction(0)] * (longest - len(each)) for each in (one, other)]
    assume(padded[0] != padded[1])
    ours, theirs = residue(polynomial(one)), residue(polynomial(other))
    assert ours.value != theirs.value
    assert ours.conclusive
    assert theirs.conclusive


@given(rationals, rationals, rationals, rationals)
def test_sums_of_fractions_agree_over_a_common_denominator(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction
) -> None:
    assume(b != d)
    below_one, below_other = polynomial([b, Fraction(1)]), polynomial([d, Fraction(1)])
    apart = total([quotient(Number(a), below_one), quotient(Number(c), below_other)])
    above = total([product([Number(a), below_other]), product([Number(c), below_one])])
    together = quotient(above, product([below_one, below_other]))
    assert residue(apart).value == residue(together).value


@given(st.integers(1, 96), st.integers(1, 96))
def test_roots_multiply(one: int, other: int) -> None:
    half = Number(Fraction(1, 2))
    apart = product([power(Number(one), half), power(Number(other), half)])
    assert residue(apart).value == residue(power(Number(one * other), half)).value


@given(st.integers(2, 96))
def test_the_square_of_a_root_is_the_number(value: int) -> None:
    root = Power(Number(value), Number(Fraction(1, 2)))
    assert residue(product([root, root])).value == value % PRIME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sqrt{8}", r"2\sqrt{2}"),
        (r"\frac{1}{\sqrt{3}}", r"\frac{\sqrt{3}}{3}"),
        (r"\sqrt{-4}", "2i"),
        ("i^2", "-1"),
        ("(2+i)^2", "3+4i"),
        (r"\frac{1}{1+i}", r"\frac{1-i}{2}"),
        (r"\frac{1}{\sqrt{2}-1}", r"1+\sqrt{2}"),
        (r"\sqrt{\frac{2}{3}}", r"\frac{\sqrt{6}}{3}"),
        (r"\frac{9}{4}\pi", r"\frac{9\pi}{4}"),
        (r"(\pi+e)^2", r"\pi^2+2e\pi+e^2"),
        (r"\sin x+\sin x", r"2\sin x"),
        ("a/(b/c)", "ac/b"),
        ("x^{-2}", r"\frac{1}{x^2}"),
        ("2^{-99}", r"\frac{1}{2^{99}}"),
    ],
)
def test_equal_values_have_equal_fingerprints(one: str, other: str) -> None:
    assert of(one).value == of(other).value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sqrt{2}", "-\\sqrt{2}"),
        (r"\sqrt{2}", r"\sqrt{3}"),
        ("i", "-i"),
        (r"\pi", "e"),
        (r"\pi", r"\frac{22}{7}"),
        ("x", "y"),
        ("x+1", "x-1"),
        (r"\frac{1}{x}", "x"),
    ],
)
def test_different_values_differ_and_know_it(one: str, other: str) -> None:
    ours, theirs = of(one), of(other)
    assert ours.value != theirs.value
    assert ours.conclusive
    assert theirs.conclusive


@pytest.mark.parametrize(
    "text", [r"\sin^2 x + \cos^2 x", r"\sqrt[3]{2}", r"2^{x}", r"\ln 2", r"\sqrt{x}", "x!"]
)
def test_what_has_identities_of_its_own_proves_no_difference(text: str) -> None:
    assert not of(text).conclusive


@pytest.mark.parametrize("text", [r"\int_0^1 x\,dx", "f(x)", r"\infty", r"\gcd(12, 18)"])
def test_what_has_no_value_is_opaque(text: str) -> None:
    assert of(text).opaque


def test_multiples_of_the_prime_prove_nothing() -> None:
    assert of(str(PRIME)).value == of("0").value
    assert of(str(PRIME)).large
    assert not of("12345678901234567890").large


@pytest.mark.parametrize("text", ["1/(x-x)", r"\frac{1}{2-\sqrt{4}}", "(x-x)^{-1}"])
def test_a_division_by_zero_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        of(text)


def test_words_have_no_fingerprint() -> None:
    with pytest.raises(NotUnderstood):
        residue(Words("odd"))


@given(st.sampled_from([X, Y, Constant("pi"), Constant("i"), Number(3)]))
@settings(max_examples=10)
def test_a_fingerprint_depends_on_nothing_but_the_node(node: Node) -> None:
    assert residue(node) == residue(node)


def test_the_prime_is_as_documented() -> None:
    order = 40
    for odd in range(3, 98, 2):
        if all(odd % factor for factor in range(3, odd, 2)):
            order *= odd
    assert order + 1 == PRIME
    assert all(pow(base, PRIME - 1, PRIME) == 1 for base in (2, 3, 5, 101, 1009))
