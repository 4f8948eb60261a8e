"""What stands in brackets, read by the readers themselves: groups, tuples, sets, bars, matrices."""

from collections.abc import Callable

import pytest

from crossthink_data.rewards import brackets
from crossthink_data.rewards.expression import Parser
from crossthink_data.rewards.lexer import NotUnderstood, tokenize
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Relation,
    Sequence,
    Symbol,
)
from crossthink_data.rewards.scalars import BOUND

Reader = Callable[[Parser], Node]
ONE, TWO, X = Number(1), Number(2), Symbol("x")


def read(reader: Reader, text: str) -> Node:
    """What the reader makes of a text, all of which it has to read."""
    parser = Parser(tokenize(text))
    node = reader(parser)
    assert parser.kind == "end"
    return node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{x}", X),
        ("{1+1}", TWO),
        ("{1,2}", Bracketed("{", "}", [ONE, TWO])),
        ("{{1,2}}", Bracketed("{", "}", [ONE, TWO])),
        (r"{5 \choose 2}", Number(10)),
        (r"{4 \over 2}", TWO),
    ],
)
def test_braces_are_invisible_around_one_thing_and_a_set_around_several(
    text: str, expected: Node
) -> None:
    assert repr(read(brackets.group, text)) == repr(expected)


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("12", ONE, "n"),
        ("{12}", Number(12), "end"),
        ("n6", Symbol("n"), "n"),
        ("e6", Constant("e"), "n"),
        (r"\pi x", Constant("pi"), "x"),
    ],
)
def test_a_command_takes_a_group_or_the_next_sign_alone(
    text: str, expected: Node, rest: str
) -> None:
    parser = Parser(tokenize(text))
    assert repr(brackets.argument(parser)) == repr(expected)
    assert parser.kind == rest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x)", X), ("[x]", X), ("(1,2)", Bracketed("(", ")", [ONE, TWO])),
        ("[1,2)", Bracketed("[", ")", [ONE, TWO])), ("(1,2]", Bracketed("(", "]", [ONE, TWO])),
        (r"\left(1,2\right)", Bracketed("(", ")", [ONE, TWO])),
        (r"\langle 1,2\rangle", Bracketed("(", ")", [ONE, TWO])),
        (r"\{1,2\}", Bracketed("{", "}", [ONE, TWO])), (r"\{x\}", Bracketed("{", "}", [X])),
        (r"\{\}", Bracketed("{", "}", [])),
    ],
)  # fmt: skip
def test_the_kind_of_brackets_is_kept_around_members(text: str, expected: Node) -> None:
    assert repr(read(brackets.bracketed, text)) == repr(expected)


@pytest.mark.parametrize("text", [r"\{x\mid x>1\}", r"\{y|y>1\}", r"\{z:z>1\}"])
def test_a_set_of_all_that_meet_a_condition_is_the_condition_without_a_name(text: str) -> None:
    expected = Relation([">"], [Symbol(BOUND), ONE])
    assert repr(read(brackets.bracketed, text)) == repr(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|x|", Call("abs", [X])),
        (r"\lvert x\rvert", Call("abs", [X])),
        (r"\|x\|", Call("norm", [X])),
        ("|-2|", TWO),
    ],
)
def test_bars_are_absolute_values_and_double_ones_norms(text: str, expected: Node) -> None:
    assert repr(read(brackets.absolute, text)) == repr(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\lfloor x\rfloor", Call("floor", [X])),
        (r"\lfloor\frac{5}{2}\rfloor", TWO),
        (r"\lceil\frac{3}{2}\rceil", TWO),
    ],
)
def test_half_brackets_round(text: str, expected: Node) -> None:
    assert repr(read(brackets.rounded, text)) == repr(expected)


@pytest.mark.parametrize("name", ["pmatrix", "bmatrix", "smallmatrix", "matrix"])
def test_a_matrix_is_its_rows(name: str) -> None:
    text = rf"\begin{{{name}}}1&x\\2&1\end{{{name}}}"
    assert repr(read(brackets.environment, text)) == repr(Matrix([[ONE, X], [TWO, ONE]]))


def test_the_columns_of_an_array_and_a_break_behind_its_last_row_say_nothing() -> None:
    text = r"\begin{array}{cc}1&2\\\end{array}"
    assert repr(read(brackets.environment, text)) == repr(Matrix([[ONE, TWO]]))


def test_cases_are_their_rows_in_a_sequence() -> None:
    equations: list[Node] = [Relation(["="], [X, ONE]), Relation(["="], [Symbol("y"), TWO])]
    found = read(brackets.environment, r"\begin{cases}x=1\\y=2\end{cases}")
    assert repr(found) == repr(Sequence(equations, ";"))


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (brackets.group, "{1"), (brackets.group, "{}"), (brackets.bracketed, "(1"),
        (brackets.bracketed, "()"), (brackets.bracketed, "[1,2}"), (brackets.absolute, "|x"),
        (brackets.absolute, r"\|x|"), (brackets.rounded, r"\lfloor x\rceil"),
        (brackets.environment, r"\begin{pmatrix}1&2"),
        (brackets.environment, r"\begin{pmatrix}\end{pmatrix}"),
        (brackets.environment, r"\begin{pmatrix}1&2\\3\end{pmatrix}"),
        (brackets.environment, r"\begin{verbatim}1\end{verbatim}"),
    ],
)  # fmt: skip
def test_brackets_that_do_not_close_and_uneven_rows_are_not_understood(
    reader: Reader, text: str
) -> None:
    with pytest.raises(NotUnderstood):
        read(reader, text)
