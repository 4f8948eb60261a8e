"""What rows of other people's datasets mean: completions and golds of any dress, kinds, options."""

from typing import Any

import pytest

from crossthink_data.rewards import KINDS
from crossthink_data.rewards.rows import (
    bare_gold,
    kind_of_gold,
    options_of_row,
    text_of_completion,
)


def said(content: object, **fields: object) -> dict[str, object]:
    return {"role": "assistant", "content": content} | fields


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("last", "last"),
        ("", ""),
        (said("last"), "last"),
        ({"content": "last"}, "last"),
        ([said("last")], "last"),
        ((said("last"),), "last"),
        ([said("first"), {"role": "tool", "content": "4"}], "first"),
        ([said("first"), {"role": "tool", "content": "4"}, said("last")], "last"),
        ([said([{"type": "text", "text": "la"}, {"type": "text", "text": "st"}])], "last"),
        ([said(["la", {"type": "image"}, None, "st"])], "last"),
        ([said(None)], ""),
        ([said({"text": "last"})], ""),
        ([said("last", reasoning_content="so")], "<think>so</think>last"),
        ([said("last", reasoning="so")], "<think>so</think>last"),
        (said("last", thinking="so"), "<think>so</think>last"),
        ([said("last", reasoning_content="", thinking="")], "last"),
        ([said("last", reasoning_content=None, thinking="so")], "<think>so</think>last"),
        ([said("last", reasoning={"effort": "low"})], "last"),
        ([said([{"text": "last"}], thinking="so")], "<think>so</think>last"),
        ([], None),
        ([{"role": "tool", "content": "4"}], None),
        ({"role": "user", "content": "4"}, None),
        ([None, 4, "4"], None),
        (None, None),
        (4, None),
        (b"last", None),
    ],
)
def test_a_completion_is_what_the_assistant_said_last(completion: object, text: object) -> None:
    assert text_of_completion(completion) == text
    assert text_of_completion(completion, "ignored") == text
    prefilled = text.removeprefix("<think>") if isinstance(text, str) else None
    assert text_of_completion(completion, "prefilled") == prefilled


@pytest.mark.parametrize(
    ("gold", "bare"),
    [
        (r"\boxed{4}, no, $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
        (r"\boxed{4} and \boxed{", "4"),
        (r"\boxed{} is empty", r"\boxed{} is empty"),
        (r"a set {1, 2", "a set {1, 2"),
        ("4", "4"),
        ("", ""),
        (4, 4),
        (None, None),
        (["\\boxed{4}"], ["\\boxed{4}"]),
    ],
)
def test_a_worked_solution_stands_for_its_last_box(gold: object, bare: object) -> None:
    assert bare_gold(gold) == bare


@pytest.mark.parametrize(
    ("gold", "options", "kind"),
    [
        ("B", None, "mcq"),
        ("(B)", None, "mcq"),
        ("C.", None, "mcq"),
        (r"\text{D}", None, "mcq"),
        ("(B) Mars", None, "mcq"),
        ("(A) 12", None, "mcq"),
        ("B", ["Venus", "Mars"], "mcq"),
        ("Mars", ["Venus", "Mars"], "mcq"),
        ("7", ["5", "7"], "mcq"),
        ("Paris", None, "short_open"),
        ("carbon dioxide", None, "short_open"),
        ("Newton's first law", None, "short_open"),
        ("electro-magnetism", None, "short_open"),
        ("Δημόκριτος", None, "short_open"),
        ("True", None, "short_open"),
        ("72", None, "math"),
        ("x", None, "math"),
        ("N", None, "math"),
        ("ab", None, "math"),
        ("xyz", None, "math"),
        ("b", None, "math"),
        ("sin x", None, "math"),
        (r"\frac{1}{2}", None, "math"),
        ("(A)(B)", None, "math"),
        ("(a) 3", None, "math"),
        ("x = 5", None, "math"),
        ("4 atm", None, "math"),
        ("", None, "math"),
        ("7", [], "math"),
        (7, None, "math"),
        (None, None, "math"),
    ],
)
def test_a_gold_tells_its_kind(gold: object, options: Any, kind: str) -> None:
    assert kind_of_gold(gold, options) == kind
    assert kind in KINDS


def test_a_megabyte_of_words_is_read_in_no_time() -> None:
    assert kind_of_gold("word " * 200_000) in KINDS
    assert kind_of_gold("a-" * 500_000 + "!") in KINDS


class Array:
    """An array as far as we know it."""

    def __init__(self, values: object) -> None:
        self._values = values

    def tolist(self) -> object:
        return self._values


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (["Venus", "Mars"], ["Venus", "Mars"]),
        (("Venus", "Mars"), ("Venus", "Mars")),
        (Array(["Venus", "Mars"]), ["Venus", "Mars"]),
        ([3, 4.5, None], [3, 4.5, None]),
        ([], None),
        (Array([]), None),
        (Array(3), None),
        (None, None),
        ("Venus", None),
        ({"A": "Venus"}, None),
        (5, None),
    ],
)
def test_options_are_lists_and_arrays(value: object, options: object) -> None:
    assert options_of_row(value) == options
