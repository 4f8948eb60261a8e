"""Parsing: what LaTeX and plain notation mean, and that nothing but two errors gets out."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.lexer import NotUnderstood, TooLong
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Words,
)
from crossthink_data.rewards.residues import residue


def number(text: str) -> object:
    node = parse(text)
    assert isinstance(node, Number), node
    return node.value


def same(one: str, other: str) -> bool:
    return residue(parse(one)).value == residue(parse(other)).value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2+3*4", 14),
        ("(2+3)4", 20),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^{-1}", Fraction(1, 2)),
        ("6/2/3", 1),
        (r"6 \div 2 \times 3", 9),
        (r"\frac12", Fraction(1, 2)),
        (r"\frac123", Fraction(3, 2)),
        (r"\frac{1}{2}{3}", Fraction(3, 2)),
        (r"2\frac{1}{3}", Fraction(7, 3)),
        (r"-2\frac{1}{3}", Fraction(-7, 3)),
        ("3 1/2", Fraction(7, 2)),
        (r"2\cdot\frac{1}{3}", Fraction(2, 3)),
        (r"0.\overline{3}", Fraction(1, 3)),
        (r"0.1\overline{6}", Fraction(1, 6)),
        (r"0.\dot{1}4\dot{2}", Fraction(142, 999)),
        (r"3\times10^{8}", 300000000),
        ("5!", 120),
        (r"\binom{5}{2}", 10),
        (r"\sqrt{16}", 4),
        (r"\sqrt{\frac{4}{9}}", Fraction(2, 3)),
        ("|-3|", 3),
        (r"\left|3-5\right|", 2),
        (r"\lfloor 7/2 \rfloor", 3),
        (r"\lceil 7/2 \rceil", 4),
        (r"\max(2, 7)", 7),
        ("--3", 3),
        ("= 5", 5),
    ],
)
def test_rational_values_are_worked_out(text: str, value: object) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2xy", r"x \cdot y \cdot 2"),
        ("x/2y", "x/(2y)"),
        ("1/2y", "(1/2)y"),
        (r"\frac{x+1}{2}", "(x+1)/2"),
        ("x^2y", "yx^2"),
        (r"\sqrt{x}^2", "x"),
        ("(x+1)(x-1)", "x^2-1"),
        (r"\sin 2x", r"\sin(2x)"),
        (r"\sin^2 x", r"(\sin x)^2"),
        (r"\sin x \cos y", r"\cos(y)\sin(x)"),
        (r"\tan^{-1} x", r"\arctan x"),
        (r"\log_{2} x", "log_2(x)"),
        (r"\log x", r"\log_{10} x"),
        (r"\ln x y", r"\ln(xy)"),
        (r"e^{2x}", r"\exp(2x)"),
        (r"x_{1}", "x_1"),
        (r"\cos 60^\circ", r"\cos\frac{\pi}{3}"),
        (r"\sqrt[3]{x}", "x^{1/3}"),
        ("a(b+c)", "ab+ac"),
        ("2**3*x", "8x"),
        (r"\frac{\sqrt2}{2}", r"\frac{1}{\sqrt2}"),
    ],
)
def test_two_notations_of_one_expression_agree(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sin^2 x", r"\sin x^2"),
        ("1/2x", "1/(2x)"),
        ("-x^2", "(-x)^2"),
        ("x_1", "x_2"),
        ("e^{2x}", "e^2x"),
        (r"\sqrt{x}y", r"\sqrt{xy}"),
        ("a_1", "a"),
        ("x'", "x"),
    ],
)
def test_what_brackets_change_is_another_expression(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x", Symbol),
        (r"\pi", Constant),
        ("i", Constant),
        ("x+1", Sum),
        ("2x", Product),
        ("2^x", Power),
        (r"\sin x", Call),
        ("f(x)", Call),
        ("1, 2", Sequence),
        (r"1 \text{ and } 2", Sequence),
        ("(1, 2)", Bracketed),
        ("[1, 2)", Bracketed),
        (r"\{1, 2\}", Bracketed),
        (r"\langle 1, 2\rangle", Bracketed),
        (r"\emptyset", Bracketed),
        ("x = 1", Relation),
        ("0 < x < 1", Relation),
        ("3:1", Relation),
        (r"x \in [0,1]", Relation),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", Matrix),
        (r"5 \text{ cm}", Quantity),
        (r"50\%", Quantity),
        (r"90^\circ", Quantity),
        (r"\$5", Quantity),
        ("204_5", Quantity),
        (r"\text{odd}", Words),
        (r"\int_0^1 x\,dx", Call),
    ],
)
def test_each_shape_has_its_node(text: str, kind: type[Node]) -> None:
    assert isinstance(parse(text), kind)


def test_brackets_keep_their_sides() -> None:
    half_open = parse("[0, 1)")
    assert isinstance(half_open, Bracketed)
    assert (half_open.left, half_open.right) == ("[", ")")
    french = parse("]0, 1]")
    assert isinstance(french, Bracketed)
    assert (french.left, french.right) == ("(", "]")


def test_a_matrix_has_rows() -> None:
    matrix = parse(r"\left[\begin{array}{cc} 1 & 2 \\ 3 & 4 \\ \end{array}\right]")
    assert isinstance(matrix, Matrix)
    assert [[entry.value for entry in row if isinstance(entry, Number)] for row in matrix.rows] == [
        [1, 2],
        [3, 4],
    ]


def test_units_are_kept_beside_the_value() -> None:
    area = parse(r"15\text{ cm}^2")
    other = parse(r"15\mbox{ cm}^2")
    assert isinstance(area, Quantity)
    assert isinstance(other, Quantity)
    assert area.unit == other.unit
    assert isinstance(area.value, Number)


@pytest.mark.parametrize(
    "text",
    [
        "", "(", ")", "x+", "*x", "x^", "x_", r"\frac{1}", r"\frac{1}{0}", "1/0", "0^{-1}", "0^0",
        "(1,2", "1)", r"\sqrt", r"\begin{pmatrix}1&2\\3\end{pmatrix}", r"\begin{pmatrix}1",
        "x ? y", "2 3", "1 or", r"\left(", r"\int", "^2", "|x", r"\{1,2",
    ],
)  # fmt: skip
def test_broken_text_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        r"\sqrt{" * 400 + "x" + "}" * 400,
        "{" * 900,
        "x^" * 600 + "x",
        "9" * 2000,
        "+".join(["x"] * 2000),
    ],
)
def test_budgets_end_in_one_of_two_errors(text: str) -> None:
    with pytest.raises((TooLong, NotUnderstood)):
        parse(text)


@pytest.mark.parametrize(
    "text", ["9^{9^{9^{9}}}", "10^{10^{10}}", "99999!", "(1/7)^{99999}", r"2^{2^{64}}"]
)
def test_power_towers_are_not_written_out(text: str) -> None:
    node = parse(text)
    assert not isinstance(node, Number)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_parses_or_gives_one_of_two_errors(text: str) -> None:
    with contextlib.suppress(NotUnderstood, TooLong):
        parse(text)


SCRAPS = [
    *"{}()[]|$^_&%,;.0123456789+-*/=<>xyzief'!:", " ", "\\{", "\\}", "\\frac", "\\text{ m}",
    "\\left(", "\\right)", "\\left|", "\\right|", "\\sqrt", "\\sin", "\\log_", "\\begin{pmatrix}",
    "\\end{pmatrix}", "\\\\", "\\cup", "\\in", "\\infty", "\\pm", "\\int_0^1", "\\binom",
    "\\overline{", "^\\circ", "\\%", " and ", "\\ldots", "\\begin{cases}", "\\end{cases}", "\\dot",
]  # fmt: skip


@given(st.lists(st.sampled_from(SCRAPS), max_size=30))
@settings(max_examples=500, deadline=None)
def test_scraps_of_latex_parse_or_give_one_of_two_errors(scraps: list[str]) -> None:
    with contextlib.suppress(NotUnderstood, TooLong):
        parse("".join(scraps))


@given(st.fractions(max_denominator=10**6))
def test_a_fraction_is_read_back_from_every_dress(value: Fraction) -> None:
    above, below = abs(value.numerator), value.denominator
    sign = "-" if value < 0 else ""
    printed = [
        f"{sign}{above}/{below}",
        rf"{sign}\frac{{{above}}}{{{below}}}",
        rf"\dfrac{{{sign}{above}}}{{{below}}}",
        rf"{sign}({above} \div {below})",
        rf"{sign}\left(\frac {{ {above} }} {{ {below} }}\right)",
    ]
    assert {number(text) for text in printed} == {value}


@given(st.integers(0, 10**6), st.integers(1, 99), st.integers(2, 10**4))
def test_a_mixed_number_is_a_sum(whole: int, above: int, below: int) -> None:
    value = whole + Fraction(above, below)
    assert number(rf"{whole}\frac{{{above}}}{{{below}}}") == value
    assert number(f"{whole} {above}/{below}") == value
