"""What an answer says: names and values, members, records, ordered items."""

import pytest

from crossthink_data.rewards.expression import parse
from crossthink_data.rewards.nodes import Node, Number
from crossthink_data.rewards.residues import residue
from crossthink_data.rewards.shapes import members, ordered, record, said, same_name


def numbers(nodes: list[Node] | None) -> list[object]:
    assert nodes is not None
    return [node.value for node in nodes if isinstance(node, Number)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x=5", "x"),
        ("5=x", "x"),
        ("x_1=5", "x_1"),
        (r"\theta = 5", "theta"),
        ("5", ""),
        ("2+3=5", ""),
    ],
)
def test_a_value_is_said_with_or_without_its_name(text: str, name: str) -> None:
    found = said(parse(text))
    assert found.name == name
    assert numbers(found.values)[-1] == 5


def test_a_chain_says_all_its_values() -> None:
    assert len(said(parse(r"x=\frac{4}{6}=\frac{2}{3}")).values) == 2
    assert said(parse(r"\sqrt{2}\approx 1.41")).rounded
    assert not said(parse(r"x = 1.41")).rounded


def test_an_equation_names_nothing() -> None:
    circle = said(parse("x^2+y^2=4"))
    assert circle.name == ""
    assert circle.equation is not None


def test_membership_names_its_variable() -> None:
    assert said(parse(r"x\in\{1,2\}")).name == "x"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x", "x", True),
        ("x", "X", True),
        ("x", "y", False),
        ("y", "f(x)", True),
        ('"Area', "A", True),
        ("(x,y)", "f(x)", False),
    ],
)
def test_names_may_stand_for_one_another(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) == same
    assert same_name(other, one) == same


@pytest.mark.parametrize(
    "text",
    [
        "x=3, y=2",
        "y=2, x=3",
        r"x=3 \text{ and } y=2",
        "(x,y)=(3,2)",
        r"\begin{cases}x=3\\y=2\end{cases}",
        "(x=3, y=2)",
    ],
)
def test_a_record_is_known_in_every_dress(text: str) -> None:
    found = record(parse(text))
    assert found is not None
    assert {name: numbers([value]) for name, value in found.items()} == {"x": [3], "y": [2]}


@pytest.mark.parametrize("text", ["x=3", "3, 2", "x=3, x=2", "x^2=4, y=2", "x>3, y=2", "(3,2)"])
def test_what_names_no_two_values_is_no_record(text: str) -> None:
    assert record(parse(text)) is None


@pytest.mark.parametrize(
    "text",
    ["1, 2, 3", r"\{1,2,3\}", r"1, 2 \text{ and } 3", "1;2;3", r"n = 1, 2, 3", "x=1, x=2, x=3"],
)
def test_members_are_found_in_every_dress(text: str) -> None:
    node = parse(text)
    found = said(node)
    assert numbers(members(found.values[0] if found.name else node)) == [1, 2, 3]


def test_plus_minus_is_two_members_upper_sign_first() -> None:
    found = members(parse(r"1\pm\sqrt{2}"))
    assert found is not None
    expected = [parse(r"1+\sqrt{2}"), parse(r"1-\sqrt{2}")]
    assert [residue(node).value for node in found] == [residue(node).value for node in expected]
    lower = members(parse(r"1\mp\sqrt{2}"))
    assert lower is not None
    assert [residue(node).value for node in lower[::-1]] == [
        residue(node).value for node in expected
    ]


def test_plus_minus_inside_a_list_is_opened() -> None:
    found = members(parse(r"\{1\pm\sqrt5, -2\}"))
    assert found is not None
    assert len(found) == 3


@pytest.mark.parametrize("text", ["5", "(1,2)", "x=1", "[1,2]"])
def test_single_values_and_tuples_have_no_members(text: str) -> None:
    assert members(parse(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "(1,2,3)",
        r"\langle 1,2,3\rangle",
        r"\begin{pmatrix}1\\2\\3\end{pmatrix}",
        r"\begin{bmatrix}1&2&3\end{bmatrix}",
        "(1,2,3)^T",
        "[1,2,3]",
    ],
)
def test_tuples_and_vectors_keep_their_order(text: str) -> None:
    assert numbers(ordered(parse(text))) == [1, 2, 3]


@pytest.mark.parametrize(
    "text", ["1,2,3", r"\{1,2\}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "x"]
)
def test_sets_and_square_matrices_have_no_order(text: str) -> None:
    assert ordered(parse(text)) is None
