"""Enclosures hold the value, shrink with the digits, and decide equality; nothing gets out."""

import cmath
import contextlib
import decimal
import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Context
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.enclosure import (
    OverBudget,
    Undefined,
    approximate,
    compare_values,
    enclose,
)
from crossthink_data.rewards.functions import FUNCTIONS
from crossthink_data.rewards.nodes import (
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Words,
)

Loose = Node | int | Fraction | str
HALF = Fraction(1, 2)
PI_100 = (
    "3.14159265358979323846264338327950288419716939937510"
    "58209749445923078164062862089986280348253421170679"
)


def node(value: Loose) -> Node:
    if isinstance(value, int | Fraction):
        return Number(value)
    if isinstance(value, str):
        return Constant(value) if value in ("pi", "e", "i", "infinity") else Symbol(value)
    return value


def add(*terms: Loose) -> Node:
    return Sum([node(term) for term in terms])


def times(*factors: Loose) -> Node:
    return Product([node(factor) for factor in factors])


def power(base: Loose, exponent: Loose) -> Node:
    return Power(node(base), node(exponent))


def call(name: str, *arguments: Loose) -> Node:
    return Call(name, [node(argument) for argument in arguments])


def over(above: Loose, below: Loose) -> Node:
    return times(above, power(below, -1))


def root(value: Loose) -> Node:
    return power(value, HALF)


def nested(step: Callable[[Node], Node], start: Loose, times_over: int) -> Node:
    made = node(start)
    for _ in range(times_over):
        made = step(made)
    return made


def compare(first: Loose, second: Loose, **point: Fraction) -> str:
    return compare_values(node(first), node(second), point)


def holds(value: Node, digits: int, truth: Fraction) -> bool:
    low, high = enclose(value, {}, digits).real
    return Fraction(low) <= truth <= Fraction(high)


# --- the enclosures ------------------------------------------------------------------------------

rationals = st.fractions(min_value=-50, max_value=50, max_denominator=60)


def _rational_trees() -> st.SearchStrategy[Node]:
    # divided by three at precision 3, so that intervals rather than fractions are at work
    leaves = rationals.map(Number)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(Sum),
            st.lists(inner, min_size=2, max_size=4).map(Product),
            st.tuples(inner, st.integers(-3, 3).map(Number)).map(lambda pair: Power(*pair)),
            st.builds(lambda a: Call("abs", [a]), inner),
            st.builds(lambda a, b: Call("max", [a, b]), inner, inner),
            st.builds(lambda a, b: Call("min", [a, b]), inner, inner),
        ),
        max_leaves=12,
    )


def _exact(tree: Node) -> Fraction:
    if isinstance(tree, Number):
        return Fraction(tree.value)
    if isinstance(tree, Sum):
        return sum(map(_exact, tree.terms), Fraction(0))
    if isinstance(tree, Product):
        return math.prod(map(_exact, tree.factors), start=Fraction(1))
    if isinstance(tree, Power):
        base, exponent = _exact(tree.base), _exact(tree.exponent)
        if not base and exponent <= 0:
            raise ZeroDivisionError
        return Fraction(base**exponent.numerator)
    assert isinstance(tree, Call)
    values = [_exact(argument) for argument in tree.arguments]
    return {"abs": lambda: abs(values[0]), "max": lambda: max(values), "min": lambda: min(values)}[
        tree.name
    ]()


def _blurred(tree: Node) -> Node:
    """The same value, but with every number taken through intervals: n becomes n (sqrt 7)^2 / 7."""
    if isinstance(tree, Number):
        return times(tree, Power(root(7), Number(2)), Fraction(1, 7))
    if isinstance(tree, Sum):
        return Sum([_blurred(term) for term in tree.terms])
    if isinstance(tree, Product):
        return Product([_blurred(factor) for factor in tree.factors])
    if isinstance(tree, Power):
        return Power(_blurred(tree.base), tree.exponent)
    assert isinstance(tree, Call)
    return Call(tree.name, [_blurred(argument) for argument in tree.arguments])


@settings(max_examples=300, deadline=None)
@given(_rational_trees(), st.sampled_from([3, 7, 30]))
def test_an_enclosure_holds_the_exact_value(tree: Node, digits: int) -> None:
    try:
        truth = _exact(tree)
    except ZeroDivisionError:
        with pytest.raises((Undefined, OverBudget)):
            enclose(tree, {}, digits)
        return
    assert holds(tree, digits, truth)
    # something in it may be zero, and intervals do not tell
    with contextlib.suppress(Undefined):
        assert holds(_blurred(tree), digits, truth)


SMOOTH: list[Node] = [
    add(root(2), root(3), power(5, Fraction(1, 3))),
    call("sin", call("ln", 7)),
    over(call("tan", 1), call("arctan", 3)),
    power("pi", "e"),
    call("arcsin", over(1, 3)),
    call("arccosh", 5),
    call("log", 5, 7),
    power(add(1, "i"), Fraction(2, 7)),
    call("cos", add("i", 2)),
]


@pytest.mark.parametrize("value", SMOOTH)
def test_widths_shrink_with_the_digits_and_enclosures_nest(value: Node) -> None:
    exact = Context(prec=5000)
    finest = enclose(value, {}, 900)
    for digits in (10, 20, 40, 80, 160, 320, 640):
        enclosure = enclose(value, {}, digits)
        for part, fine in zip(enclosure, finest, strict=True):
            assert (part is None) == (fine is None)
            if part is not None and fine is not None:
                assert part.low <= fine.low <= fine.high <= part.high
                assert exact.subtract(part.high, part.low).adjusted() < 4 - digits


magnitudes = st.builds(
    lambda mantissa, exponent: Fraction(mantissa) * Fraction(10) ** exponent,
    st.fractions(-10, 10, max_denominator=10**6),
    st.integers(-40, 40),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), magnitudes, st.integers(4, 400))
def test_enclosures_at_rising_digits_hold_a_common_value(
    name: str, x: Fraction, digits: int
) -> None:
    value = call(name, over(times(x, root(3)), 5))
    try:
        enclosure, finer = enclose(value, {}, digits), enclose(value, {}, digits + 300)
    except (Undefined, OverBudget):
        return
    for part, fine in zip(enclosure, finer, strict=True):
        if part is not None and fine is not None:
            assert part.low <= fine.high
            assert fine.low <= part.high


REAL_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "cot": lambda x: 1 / math.tan(x),
    "sec": lambda x: 1 / math.cos(x),
    "csc": lambda x: 1 / math.sin(x),
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arccot": lambda x: math.pi / 2 - math.atan(x),
    "arcsec": lambda x: math.acos(1 / x),
    "arccsc": lambda x: math.asin(1 / x),
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "coth": lambda x: 1 / math.tanh(x),
    "sech": lambda x: 1 / math.cosh(x),
    "csch": lambda x: 1 / math.sinh(x),
    "arcsinh": math.asinh,
    "arccosh": math.acosh,
    "arctanh": math.atanh,
    "arccoth": lambda x: math.atanh(1 / x),
    "arcsech": lambda x: math.acosh(1 / x),
    "arccsch": lambda x: math.asinh(1 / x),
    "ln": math.log,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
}


@pytest.mark.parametrize("name", REAL_FUNCTIONS)
@pytest.mark.parametrize(
    "x", ["-7.3", "-2", "-0.75", "-0.01", "0.003", "0.5", "0.99", "1.5", "40.2"]
)
def test_functions_agree_with_floats(name: str, x: str) -> None:
    try:
        expected = REAL_FUNCTIONS[name](float(x))
    except ValueError:
        found = approximate(call(name, Fraction(x)), {})
        assert found is None
        return
    assert approximate(call(name, Fraction(x)), {}) == pytest.approx(expected, rel=1e-13)


COMPLEX_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "arcsin": cmath.asin,
    "arccos": cmath.acos,
    "arctan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "arcsinh": cmath.asinh,
    "arccosh": cmath.acosh,
    "arctanh": cmath.atanh,
    "ln": cmath.log,
    "abs": abs,
    "arg": cmath.phase,
    "conj": complex.conjugate,
    "exp": cmath.exp,
    "root": cmath.sqrt,
    "power": lambda z: z ** complex(0.4, 0.5),
    "inverse": lambda z: z**-3,
}


@pytest.mark.parametrize("name", COMPLEX_FUNCTIONS)
@pytest.mark.parametrize("z", [2 + 1j, -2 + 1j, -0.5 - 0.25j, 0.25 - 3j, 1.5j, -0.5j, 7 + 0.125j])
def test_functions_off_the_real_line_agree_with_floats(name: str, z: complex) -> None:
    value = add(Fraction(z.real), times("i", Fraction(z.imag)))
    made = {
        "exp": power("e", value),
        "root": root(value),
        "power": power(value, add(Fraction(2, 5), over("i", 2))),
        "inverse": power(value, -3),
    }
    enclosure = enclose(made.get(name) or call(name, value), {})
    found = complex(*(0.0 if part is None else float(part.low) for part in enclosure))
    assert found == pytest.approx(COMPLEX_FUNCTIONS[name](z), rel=1e-13)


# --- comparing -----------------------------------------------------------------------------------

EQUAL: dict[str, tuple[Loose, Loose]] = {
    "nested roots": (add(root(2), root(3)), root(add(5, times(2, root(6))))),
    "a root within a root": (root(add(3, times(2, root(2)))), add(1, root(2))),
    "Pythagoras": (add(power(call("sin", 1), 2), power(call("cos", 1), 2)), 1),
    "ln 4": (call("ln", 4), times(2, call("ln", 2))),
    "log 8 to 2": (call("log", 8, 2), 3),
    "arctan 1": (call("arctan", 1), over("pi", 4)),
    "Machin": (
        add(times(16, call("arctan", over(1, 5))), times(-4, call("arctan", over(1, 239)))),
        "pi",
    ),
    "Euler": (add(power("e", times("i", "pi")), 1), 0),
    "i^i": (power("i", "i"), power("e", over("pi", -2))),
    "i^2": (power("i", 2), -1),
    "root of -1": (root(-1), "i"),
    "1/i": (power("i", -1), times(-1, "i")),
    "Cardano": (
        add(
            power(add(2, root(5)), Fraction(1, 3)),
            power(add(2, times(-1, root(5))), Fraction(1, 3)),
        ),
        1,
    ),
    "cube root of -8": (power(-8, Fraction(1, 3)), -2),
    "cube root of -8, squared": (power(-8, Fraction(2, 3)), 4),
    "cube root of a negative surd": (
        power(times(-2, root(2)), Fraction(1, 3)),
        times(-1, root(2)),
    ),
    "ln ln 1/2": (
        call("ln", call("ln", HALF)),
        add(call("ln", call("ln", 2)), times("i", "pi")),
    ),
    "arcsin of a sine": (call("arcsin", call("sin", over("pi", 2))), over("pi", 2)),
    "arccos": (call("arccos", over(root(3), 2)), over("pi", 6)),
    "arcsin beyond 1": (call("sin", call("arcsin", 2)), 2),
    "arccos beyond -1": (call("cos", call("arccos", -3)), -3),
    "cos i": (call("cos", "i"), call("cosh", 1)),
    "tan i": (call("tan", "i"), times("i", call("tanh", 1))),
    "arctan of i/2": (call("arctan", over("i", 2)), times("i", call("arctanh", HALF))),
    "sinh ln 2": (call("sinh", call("ln", 2)), Fraction(3, 4)),
    "arcsinh": (call("arcsinh", Fraction(-3, 4)), times(-1, call("ln", 2))),
    "arccosh": (call("arccosh", Fraction(5, 4)), call("ln", 2)),
    "sin pi": (call("sin", "pi"), 0),
    "tan 7 pi": (call("tan", times(7, "pi")), 0),
    "sine of a third": (call("sin", over("pi", 3)), over(root(3), 2)),
    "a root of what is zero": (
        root(add(power(call("sin", 1), 2), power(call("cos", 1), 2), -1)),
        0,
    ),
    "abs": (call("abs", add(3, times(4, "i"))), 5),
    "arg": (call("arg", add(-1, "i")), times(Fraction(3, 4), "pi")),
    "parts": (add(call("re", add(2, "i")), call("im", add(2, "i"))), 3),
    "conj": (times(add(2, "i"), call("conj", add(2, "i"))), 5),
    "binom": (call("binom", 10, 3), 120),
    "binom of a negative": (call("binom", -3, 2), 6),
    "factorials": (over(call("factorial", 3000), call("factorial", 2999)), 3000),
    "floor": (call("floor", power("pi", 10)), 93648),
    "ceil": (call("ceil", times(-1, "pi")), -3),
    "mod": (call("mod", -7, 3), 2),
    "mod pi": (call("mod", 10, "pi"), add(10, times(-3, "pi"))),
    "max": (call("max", root(2), Fraction(7, 5), 1), root(2)),
    "min": (call("min", root(2), Fraction(7, 5)), Fraction(7, 5)),
    "0 to a root": (power(0, root(2)), 0),
    "1 to a huge power": (power(1, power(10, 300)), 1),
    "cos of 10^50": (call("cos", 10**50), call("cos", -(10**50))),
    "golden ratio": (over(add(1, root(5)), 2), times(2, call("cos", over("pi", 5)))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_values(name: str) -> None:
    first, second = EQUAL[name]
    assert compare(first, second) == "equal"
    assert compare(second, first) == "equal"
    assert compare(add(first, Fraction(1, 10**60)), second) == "different"


DIFFERENT: dict[str, tuple[Loose, Loose]] = {
    "20 digits of pi": ("pi", Fraction("3.14159265358979323846")),
    "80 digits of pi": ("pi", Fraction(PI_100[:82])),
    "Ramanujan": (power("e", times("pi", root(163))), 262537412640768744),
    "far below one": (add(1, power("e", -10000)), 1),
    "a tiny fraction": (power(call("factorial", 2004), -1), 0),
    "cosine of next to nothing": (call("cos", Fraction(1, 10**400)), 1),
    "sine of next to nothing": (
        over(call("sin", Fraction(1, 10**400)), Fraction(1, 10**400)),
        1,
    ),
    "tangent against its argument": (call("tan", Fraction(1, 10**200)), Fraction(1, 10**200)),
    "surds that nearly agree": (add(root(1000001), root(1000025), -2), times(2, root(999013))),
    "355/113": ("pi", Fraction(355, 113)),
    "real against imaginary": ("i", 1),
    "conjugates": (add(1, "i"), add(1, times(-1, "i"))),
    "signs": (root(2), times(-1, root(2))),
    "neighbours above 10^5000": (add(10**5000, 1), 10**5000),
    "huge": (power(9, 9999), power(9, 10000)),
    "angles of 10^50": (call("cos", 10**50), call("cos", 10**50 + 1)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_values(name: str) -> None:
    first, second = DIFFERENT[name]
    assert compare(first, second) == "different"
    assert compare(second, first) == "different"
    for value in (first, second):
        assert compare(value, value) in ("equal", "over_budget")


def test_symbols_take_their_value_from_the_point() -> None:
    point = {"x": Fraction(7, 3), "y_1": Fraction(-2)}
    first = power(add("x", "y_1"), 2)
    second = add(power("x", 2), times(2, "x", "y_1"), power("y_1", 2))
    assert compare(first, second, **point) == "equal"
    assert compare(root(power("y_1", 2)), "y_1", **point) == "different"
    assert compare("x", "z", **point) == "undefined"


UNDEFINED: dict[str, Loose] = {
    "ln 0": call("ln", 0),
    "0 to 0": power(0, 0),
    "1/0": power(0, -1),
    "0 to -1/2": power(0, -HALF),
    "infinity": "infinity",
    "a free symbol": "x",
    "an unknown function": call("f", 1),
    "an operator": call("\\int", 1),
    "plus or minus": call("pm", 1),
    "too many arguments": call("sin", 1, 2),
    "no arguments": call("max"),
    "1 over sin pi": power(call("sin", "pi"), -1),
    "tan of a right angle": call("tan", over("pi", 2)),
    "cot 0": call("cot", 0),
    "on a cut": call("ln", power("e", times("i", "pi"))),
    "one over a hidden zero": power(
        add(power(call("sin", 1), 2), power(call("cos", 1), 2), -1), -1
    ),
    "floor of a hidden integer": call("floor", power(root(2), 2)),
    "factorial of a half": call("factorial", HALF),
    "factorial of -1": call("factorial", -1),
    "mod 0": call("mod", 3, 0),
    "artanh 1": call("arctanh", 1),
    "arg 0": call("arg", 0),
    "max of complex": call("max", "i", 1),
    "words": Words("six"),
    "matrix": Matrix([[Number(1)]]),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_has_no_value(name: str) -> None:
    value = node(UNDEFINED[name])
    assert compare(value, value) == "undefined"
    assert compare(1, add(1, value)) == "undefined"
    assert approximate(value, {}) is None
    with pytest.raises(Undefined):
        enclose(value, {})


def _big(seed: int) -> int:
    return random.Random(seed).getrandbits(40_000)


HOSTILE: dict[str, Callable[[], Node]] = {
    "power tower": lambda: power(9, power(9, power(9, 9))),
    "exponential tower": lambda: power("e", power("e", power("e", 100))),
    "ln of a tower": lambda: call("ln", power(9, power(9, power(9, 9)))),
    "a tower of roots": lambda: nested(root, 2, 100_000),
    "deep": lambda: nested(lambda x: root(add(1, x)), 2, 400),
    "deep sines": lambda: nested(lambda x: call("sin", x), 2, 6000),
    "deep tangents": lambda: nested(lambda x: call("tan", x), 1, 400),
    "deep logarithms": lambda: nested(lambda x: call("ln", x), 2, 400),
    "deep exponentials": lambda: nested(lambda x: power("e", x), 2, 400),
    "deep squares": lambda: nested(lambda x: power(x, 2), "pi", 400),
    "deep cubes of a fraction": lambda: nested(lambda x: power(x, 3), Fraction(7, 5), 400),
    "deep areas": lambda: nested(lambda x: call("arccosh", x), 2, 400),
    "powers of i": lambda: nested(lambda x: power("i", x), "i", 400),
    "deep complex": lambda: nested(lambda x: call("arctan", add("i", x)), 2, 400),
    "100,000 terms": lambda: add(*range(100_000)),
    "many roots": lambda: add(*map(root, range(6000))),
    "many logarithms": lambda: add(*(call("ln", k) for k in range(2, 6000))),
    "many sines": lambda: add(*(call("sin", k) for k in range(2, 6000))),
    "many fractions": lambda: add(*(Fraction(1, k) for k in range(2, 9000))),
    "big sum": lambda: add("pi", *map(_big, range(300))),
    "big product": lambda: times(*map(_big, range(300))),
    "big quotients": lambda: add(*(over(_big(k), _big(k + 1)) for k in range(100))),
    "big roots": lambda: add(*(root(_big(k)) for k in range(300))),
    "big cube roots": lambda: add(*(power(_big(k), Fraction(1, 3)) for k in range(300))),
    "big angles": lambda: add(*(call("cos", 10**1400 + k) for k in range(300))),
    "an angle out of reach": lambda: call("cos", 10**5000),
    "factorials of factorials": lambda: nested(lambda x: call("factorial", x), 5, 5),
    "many factorials": lambda: add(*(call("factorial", 4000 + k) for k in range(300))),
    "binom": lambda: call("binom", 10**9, 5 * 10**8),
    "many binoms": lambda: add(*(call("binom", 64_000 - k, 32_000) for k in range(300))),
    "a fraction to 10^300": lambda: power(Fraction(10**300 + 1, 10**300), 10**300),
    "a root of index 10^3000": lambda: power(2, Fraction(1, 10**3000)),
    "complex to 10^60": lambda: power(add("i", root(2)), 10**60),
    "e to -10^7": lambda: power("e", -(10**7)),
    "1 and e to -10^6": lambda: add(1, power("e", -(10**6))),
    "floor of a huge number": lambda: call("floor", power("pi", 100_000)),
    "mod of huge numbers": lambda: call("mod", power(3, 39_000), power(7, 12)),
    "empty": lambda: add(Sum([]), Product([])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_trees_end_within_their_budget(name: str) -> None:
    tree = HOSTILE[name]()
    verdicts = {compare(tree, other) for other in (1, "pi", tree)}
    assert verdicts <= {"equal", "different", "undefined", "over_budget"}
    assert compare(tree, tree) != "different"
    assert compare(tree, add(tree, 1)) != "equal"
    found = approximate(tree, {})
    assert found is None or isinstance(found, float)
    with contextlib.suppress(Undefined, OverBudget):
        enclose(tree, {}, 50)


leaves = st.one_of(
    st.sampled_from([0, 1, -1, 2, 10, HALF, Fraction(-1, 3), 10**20, Fraction(1, 10**20)]),
    st.sampled_from(["pi", "e", "i", "infinity", "x"]),
    rationals,
).map(node)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(Sum),
        st.lists(inner, min_size=2, max_size=3).map(Product),
        st.builds(Power, inner, inner),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=2)),
        st.builds(lambda name, a: Call(name, [a]), st.sampled_from(sorted(FUNCTIONS)), inner),
    ),
    max_leaves=10,
)


@settings(max_examples=400, deadline=None)
@given(trees, trees)
def test_nothing_gets_out(first: Node, second: Node) -> None:
    point = {"x": Fraction(5, 7)}
    verdict = compare_values(first, second, point)
    assert verdict in ("equal", "different", "undefined", "over_budget")
    opposite = compare_values(second, first, point)
    assert opposite == verdict or {verdict, opposite} == {"undefined", "over_budget"}
    assert compare_values(first, first, point) != "different"
    found = approximate(first, point)
    assert found is None or isinstance(found, float)


def test_approximate_puts_values_in_order() -> None:
    values = [times(-1, "pi"), add(root(2), -2), call("sin", "pi"), "e", "pi", power(10, 300)]
    floats = [approximate(node(value), {}) for value in values]
    assert floats == sorted(value for value in floats if value is not None)
    assert floats[2] == 0.0
    assert approximate(node("i"), {}) is None
    assert approximate(power("e", times("i", "pi")), {}) == -1.0
    assert approximate(power(10, 5000), {}) == math.inf
    assert approximate(add(1, Fraction(1, 10**30), -1), {}) == 1e-30


def test_the_caller_s_decimal_context_neither_matters_nor_changes() -> None:
    cases = [(EQUAL[name], "equal") for name in EQUAL]
    cases += [(DIFFERENT[name], "different") for name in DIFFERENT]
    odd = Context(
        prec=2, rounding=decimal.ROUND_UP, Emin=-3, Emax=3, traps=list(decimal.Context().traps)
    )
    with decimal.localcontext(odd) as context:
        for (first, second), verdict in cases:
            assert compare(first, second) == verdict
        assert approximate(power("pi", 40), {}) == pytest.approx(math.pi**40)
        assert not any(context.flags.values())


def test_threads_agree() -> None:
    pairs = [*EQUAL.values(), *DIFFERENT.values()] * 3
    alone = [compare(*pair) for pair in pairs]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda pair: compare(*pair), pairs)) == alone
