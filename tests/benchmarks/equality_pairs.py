"""Random pairs of mathematical answers, equal and nearly so, in random notations.

A gold is a random tree. Its answer is the tree rewritten by identities and printed another way, or
first changed in one place. Each pair carries itself as sympy code too, for `equality_oracles.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from equality_trees import (
    Printer,
    Tree,
    changed,
    code,
    complex_number,
    identity,
    integer,
    make,
    minus,
    num,
    polynomial,
    rational,
    rational_function,
    rewritten,
    surd,
    transcendental,
)


@dataclass(frozen=True)
class Pair:
    """Two texts, and the same two as sympy code of the shape `kind`."""

    family: str
    kind: str
    gold: str
    answer: str
    codes: tuple[Any, Any]
    meant_equal: bool


def scalar_pair(family: str, draw: Callable[[Random], Tree], random: Random) -> Pair:
    gold = draw(random)
    equal = random.random() < 0.5
    answer = rewritten(gold if equal else changed(gold, random), random)
    texts = _two_notations(gold, answer, random)
    return Pair(family, "expression", *texts, (code(gold), code(answer)), equal)


def identity_pair(random: Random) -> Pair:
    gold, answer = random.sample(identity(random), 2)
    equal = random.random() < 0.5
    if not equal:
        answer = changed(answer, random)
    texts = _two_notations(gold, answer, random)
    return Pair("identity", "expression", *texts, (code(gold), code(answer)), equal)


def _two_notations(gold: Tree, answer: Tree, random: Random) -> tuple[str, str]:
    one = Printer(random, latex=random.random() < 0.8)
    other = Printer(random, latex=random.random() < 0.6)
    return one.text(gold), other.text(answer)


def equation_pair(random: Random) -> Pair:
    left, right = polynomial(random), polynomial(random, "y")
    equal = random.random() < 0.5
    other_left, other_right = left, right
    if not equal:
        other_left = changed(left, random)
    k = integer(random, 2, 5)
    kind = random.randrange(3)
    if kind == 0:
        sides = (make("*", k, other_left), make("*", k, other_right))
    elif kind == 1:
        sides = (minus(other_left, other_right), num(0))
    else:
        sides = (other_right, other_left)
    one, other = Printer(random, latex=True), Printer(random, latex=random.random() < 0.6)
    return Pair(
        "equation",
        "equation",
        f"{one.text(left)} = {one.text(right)}",
        " = ".join(other.text(side) for side in sides),
        (code(minus(left, right)), code(minus(*sides))),
        equal,
    )


def members_pair(family: str, random: Random) -> Pair:
    draw = random.choice([surd, rational, rational_function])
    gold = [draw(random) for _ in range(random.randint(2, 4))]
    equal = random.random() < 0.5
    answer = list(gold)
    if not equal:
        change = random.randrange(3 if family == "set" else 2)
        place = random.randrange(len(gold))
        if change == 0:
            answer[place] = changed(answer[place], random)
        elif change == 1 and len(gold) > 2:
            answer.pop(place)
        else:
            answer.append(integer(random, 40, 60))
    answer = [rewritten(member, random) for member in answer]
    if family == "set":
        random.shuffle(answer)
    elif not equal and random.random() < 0.4:
        answer = answer[::-1]
    one, other = Printer(random, latex=True), Printer(random, latex=random.random() < 0.6)
    texts = [", ".join(one.text(member) for member in gold)]
    texts.append(", ".join(other.text(member) for member in answer))
    dresses = (
        [r"\{{{}\}}", r"\left\{{{}\right\}}"] if family == "set" else ["({})", r"\left({}\right)"]
    )
    gold_text = random.choice(dresses).format(texts[0])
    answer_text = random.choice(dresses).format(texts[1])
    codes = ([code(member) for member in gold], [code(member) for member in answer])
    return Pair(family, family, gold_text, answer_text, codes, equal)


def interval_pair(random: Random) -> Pair:
    points = sorted(random.sample(range(-20, 20), 4))
    gold = [_interval(points[:2], random)]
    if random.random() < 0.5:
        gold.append(_interval(points[2:], random))
    equal = random.random() < 0.5
    answer = list(gold)
    if not equal:
        low, left, high, right = answer[0]
        answer[0] = random.choice(
            [(low, not left, high, right), (low, left, high, not right),
             (low - 1, left, high, right), (low, left, Fraction(high) + Fraction(1, 2), right)]
        )  # fmt: skip
    random.shuffle(answer)
    inequality = len(answer) == 1 and random.random() < 0.5
    printed = _inequality(answer[0]) if inequality else _union(answer, random)
    codes = tuple([_interval_code(part) for part in parts] for parts in (gold, answer))
    return Pair("interval", "interval", _union(gold, random), printed, (codes[0], codes[1]), equal)


def _interval(ends: list[int], random: Random) -> tuple[Any, bool, Any, bool]:
    return ends[0], random.random() < 0.5, ends[1], random.random() < 0.5


def _union(parts: list[tuple[Any, bool, Any, bool]], random: Random) -> str:
    texts = [
        ("[" if left else "(")
        + f"{_end(low, random)}, {_end(high, random)}"
        + ("]" if right else ")")
        for low, left, high, right in parts
    ]
    return r" \cup ".join(texts)


def _end(value: Any, random: Random) -> str:
    return Printer(random, latex=True).number(Fraction(value))


def _inequality(part: tuple[Any, bool, Any, bool]) -> str:
    low, left, high, right = part
    first, second = (r"\le" if closed else "<" for closed in (left, right))
    return f"{low} {first} x {second} {high}"


def _interval_code(part: tuple[Any, bool, Any, bool]) -> str:
    low, left, high, right = part
    return f"Interval(Rational('{low}'),Rational('{high}'),{not left},{not right})"


def matrix_pair(random: Random) -> Pair:
    rows, columns = random.randint(1, 3), random.randint(2, 3)
    gold = [[rational(random) if random.random() < 0.7 else surd(random) for _ in range(columns)]
            for _ in range(rows)]  # fmt: skip
    equal = random.random() < 0.5
    answer = [list(row) for row in gold]
    if not equal:
        row, column = random.randrange(rows), random.randrange(columns)
        answer[row][column] = changed(answer[row][column], random)
    answer = [[rewritten(entry, random) for entry in row] for row in answer]
    codes = tuple(
        "Matrix([" + ",".join("[" + ",".join(map(code, row)) + "]" for row in matrix) + "])"
        for matrix in (gold, answer)
    )
    texts = [_matrix(gold, "pmatrix", random), _matrix(answer, "bmatrix", random)]
    return Pair("matrix", "matrix", *texts, (codes[0], codes[1]), equal)


def _matrix(rows: list[list[Tree]], name: str, random: Random) -> str:
    printer = Printer(random, latex=True)
    inner = r" \\ ".join(" & ".join(printer.text(entry) for entry in row) for row in rows)
    return rf"\begin{{{name}}}{inner}\end{{{name}}}"


def decimal_pair(random: Random) -> Pair:
    value = Fraction(random.randint(1, 999_999), random.choice([1, 10, 100, 1000, 4, 8]))
    equal = random.random() < 0.5
    other = value
    if not equal:
        other = random.choice([value + Fraction(1, 1000), value * 10, value / 100, value + 1])
    texts = [random.choice(_dresses(each)) for each in (value, other)]
    return Pair("decimal", "expression", *texts, (code(num(value)), code(num(other))), equal)


def _dresses(value: Fraction) -> list[str]:
    exact = f"{float(value):.6f}".rstrip("0").rstrip(".")
    dresses = [
        exact,
        rf"\frac{{{value.numerator}}}{{{value.denominator}}}",
        f"{exact}0" if "." in exact else exact,
    ]
    hundredfold = value * 100
    if hundredfold.denominator == 1:
        dresses.append(rf"{hundredfold}\%")
    if value.denominator == 1 and value >= 1000:
        dresses += [f"{int(value):,}", f"{int(value):,}".replace(",", "{,}")]
    digits = f"{float(value):.10e}".partition("e")
    mantissa = digits[0].rstrip("0").rstrip(".")
    if Fraction(mantissa) * Fraction(10) ** int(digits[2]) == value:
        dresses.append(rf"{mantissa} \times 10^{{{int(digits[2])}}}")
    return dresses


FAMILIES: dict[str, Callable[[Random], Pair]] = {
    "rational function": lambda random: scalar_pair("rational function", rational_function, random),
    "surd": lambda random: scalar_pair("surd", surd, random),
    "transcendental": lambda random: scalar_pair("transcendental", transcendental, random),
    "identity": identity_pair,
    "complex": lambda random: scalar_pair("complex", complex_number, random),
    "equation": equation_pair,
    "set": lambda random: members_pair("set", random),
    "tuple": lambda random: members_pair("tuple", random),
    "interval": interval_pair,
    "matrix": matrix_pair,
    "decimal": decimal_pair,
}
