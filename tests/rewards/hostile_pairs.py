r"""The pairs that are made of hostile texts, values and completions, and how one is judged.

Each text is judged against everyday golds of every kind, takes the place of the gold, and meets
itself and its twin: the same text with a little more behind it, which no shortcut for equal texts
spares from being read.
"""

import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from crossthink_data.rewards import explain

sys.path.insert(0, str(Path(__file__).parent))
from hostile_inputs import BOXES, MEGABYTE

OPTIONS = ("London", r"\frac{1}{2}", "carbon dioxide", "5 km", "A and B", r"$x^2+1$")


class Pair(NamedTuple):
    """One question to the reward; `name` says which, for tables and failures."""

    name: str
    completion: object
    gold: object
    kind: str
    options: object = None
    think: str = "required"

    @property
    def kind_name(self) -> str:
        return f"{self.kind}, options" if self.options is not None else self.kind

    @property
    def size(self) -> int:
        """Characters in it."""
        texts = [self.completion, self.gold]
        if isinstance(self.options, tuple | list):
            texts.extend(self.options)
        return sum(len(text) for text in texts if isinstance(text, str))


def boxed(content: str) -> str:
    return rf"<think>So be it.</think> \boxed{{{content}}}"


_MATH_GOLDS = ("0.5", r"x^2+\sin x", r"\{1,2,\pi\}", r"5 \text{ km}", "(1, e]", "x < 3")
_SHORT_OPEN_GOLDS = (
    "5 km",
    "carbon dioxide",
    "July 4, 1776",
    r"x^2+1",
    "Schrödinger",
    "a, b and c",
)
_CHOICES = (("C", None), ("(C) carbon dioxide", OPTIONS), ("A and B", None), ("(B) x^2", None))


def _set(members: list[str]) -> str:
    return rf"\{{{','.join(members)}\}}"


def _nested(depth: int, leaf: str) -> str:
    inner = leaf if not depth else _nested(depth - 1, leaf)
    return rf"\{{{inner},{inner}\}}"


_TOWERS = [f"e^{{e^{{{n}.5}}}}" for n in range(2, 66)]
_OTHER_TOWERS = [f"e^{{e^{{{2 * n + 1}/2}}}}" for n in range(2, 66)]
_SINES = [rf"\sin {n}" for n in range(64)]
_OTHER_SINES = [rf"2\sin({n}/2)\cos({n}/2)" for n in range(64)]
_SQUARES = [rf"\sin^2({n}x)" for n in range(1, 64)]
_OTHER_SQUARES = [rf"1-\cos^2({n}x)" for n in range(1, 64)]
_EDGES = [rf"(\sqrt{{{n}}}+\sin {n},\sqrt{{{n + 1}}}+\sin {n})" for n in range(1, 80, 2)]
_NAMED = [f"x_{{{n}}}={value}" for n, value in enumerate(_OTHER_SQUARES)]
_TANGENT = r"\tan(" * 8 + "1" + ")" * 8
_OTHER_TANGENT = r"\tan(" * 8 + r"\sin^2 1+\cos^2 1" + ")" * 8
DUELS: dict[str, tuple[str, str]] = {
    "towers in another order": (_set(_TOWERS), _set(_TOWERS[::-1])),
    "towers written anew": (_set(_TOWERS), _set(_OTHER_TOWERS[::-1])),
    "sines in another order": (_set(_SINES), _set(_SINES[::-1])),
    "sines written anew": (_set(_SINES), _set(_OTHER_SINES[::-1])),
    "squares written anew": (_set(_SQUARES), _set(_OTHER_SQUARES[::-1])),
    "list of squares": (",".join(_SQUARES), ",".join(_OTHER_SQUARES[::-1])),
    "list of squares, one wrong": (",".join(_SQUARES), ",".join([*_OTHER_SQUARES[:0:-1], "7"])),
    "tuple of squares": (f"({','.join(_SQUARES)})", f"({','.join(_OTHER_SQUARES)})"),
    "chain of squares": ("=".join(_SQUARES), "=".join(_OTHER_SQUARES)),
    "inequalities of squares": ("<".join(_SQUARES), "<".join(_OTHER_SQUARES)),
    "sum of squares": ("+".join(_SQUARES), "+".join(_OTHER_SQUARES)),
    "groups of squares": (
        ";".join(",".join(_SQUARES[n : n + 8]) for n in range(0, 63, 8)),
        ";".join(",".join(_OTHER_SQUARES[n : n + 8][::-1]) for n in range(56, -1, -8)),
    ),
    "records of squares": (",".join(_NAMED), ",".join(_SQUARES)),
    "records in another order": (",".join(_NAMED), ",".join(_NAMED[::-1])),
    "plus or minus squares": (
        _set([rf"{n}\pm\sin^2 x" for n in range(32)]),
        _set([rf"{n}\pm(1-\cos^2 x)" for n in range(31, -1, -1)]),
    ),
    "intervals in another order": (r"\cup".join(_EDGES), r"\cup".join(_EDGES[::-1])),
    "sets in sets": (_nested(7, "1"), _nested(7, "2")),
    "sets in sets of squares": (_nested(5, r"\sin^2 x"), _nested(5, r"1-\cos^2 x")),
    "almost one": ("1", "e^{-e^{9}}+1"),
    "almost pi": (r"\pi", r"\pi+10^{-990}"),
    "almost the same tangent": (
        r"\tan(" * 15 + "1" + ")" * 15,
        r"\tan(" * 15 + "1" + ")" * 15 + "+10^{-400}",
    ),
    "almost the same sine": (r"\sin(10^{900})", r"\sin(10^{900})+10^{-900}"),
    "almost the same tower": ("9^{9^{9^9}}", "9^{9^{9^9}}+1"),
    "almost the same factorial": ("4999!+1", "4999!+2"),
    "logarithms": ("490", "+".join(rf"\log_{{{n}}}{n**5}" for n in range(2, 100))),
    "roots of all degrees": ("180", "+".join(rf"\sqrt[{n}]{{{2**n + 1}}}" for n in range(2, 90))),
    "equal modulo the fingerprint": ("0", str(0x22B0B989F29DD0AB2F35E617E15D42F9)),
    "equal exponents modulo the fingerprint": (f"x^{{{0x22B0B989F29DD0AB2F35E617E15D42F8}}}", "1"),
    "equations written anew": (
        ",".join(rf"x^2+y\sin^2 z=\ln(x+{n})" for n in range(50)),
        ",".join(rf"x^2+y-y\cos^2 z=\ln(x+{n})" for n in range(49, -1, -1)),
    ),
    "inequalities written anew": (
        ",".join(rf"x^2+y\sin^2 z<\ln(x+{n})" for n in range(50)),
        ",".join(rf"x^2+y-y\cos^2 z<\ln(x+{n})" for n in range(49, -1, -1)),
    ),
    "curves written anew": (
        ",".join(f"(x+{n})^2=y" for n in range(64)),
        ",".join(f"x^2+{2 * n}x+{n * n}=y" for n in range(63, -1, -1)),
    ),
    "powers written anew": (
        ",".join(rf"x^{{\sqrt{{{n}}}}}=y" for n in range(2, 66)),
        ",".join(rf"e^{{\sqrt{{{n}}}\ln x}}=y" for n in range(65, 1, -1)),
    ),
    "points alike": (
        ",".join(rf"(\sin^2 x,\sin^2 x,{n})" for n in range(40)),
        ",".join(rf"(1-\cos^2 x,1-\cos^2 x,{n})" for n in range(39, -1, -1)),
    ),
    "points of tangents": (
        ",".join(rf"({_TANGENT},{n})" for n in range(30)),
        ",".join(rf"({_OTHER_TANGENT},{n})" for n in range(29, -1, -1)),
    ),
    "columns alike": (
        ",".join(rf"\begin{{matrix}}\sin^2 x\\{n}\end{{matrix}}" for n in range(40)),
        ",".join(rf"\begin{{matrix}}1-\cos^2 x\\{n}\end{{matrix}}" for n in range(39, -1, -1)),
    ),
    "numbers left out": (
        rf"\mathbb{{R}}\setminus{_set(_SQUARES)}",
        rf"\mathbb{{R}}\setminus{_set(_OTHER_SQUARES[::-1])}",
    ),
    "long words": ("word " * 700, "word " * 699 + "ward"),
    "long numbers": ("7" * 990 + "." + "7", "7" * 990 + ".8"),
    "long list of words": ("ab, cd, " * 32, "cd, ab, " * 32),
}
"""Name -> a gold and an answer, both hostile, that are equal in value only, or hardly unequal."""


def text_pairs(name: str, text: str, *, few: bool = False) -> Iterator[Pair]:
    """A hostile text as the answer, as the gold, and against itself and its twin.

    With `few`, against one of the everyday golds of each kind instead of all.
    """
    twin = text + "1"
    place = sum(map(ord, name))
    for kind, golds in (("math", _MATH_GOLDS), ("short_open", _SHORT_OPEN_GOLDS)):
        if few or len(text) >= MEGABYTE // 2:
            golds = (golds[place % len(golds)],)
        for gold in golds:
            yield Pair(f"{name} for {gold}", boxed(text), gold, kind)
        yield Pair(f"{name} as gold", boxed(golds[0]), text, kind)
        yield Pair(f"{name} for its twin", boxed(text), twin, kind)
        yield Pair(f"{name} for itself", boxed(text), text, kind)
    for gold, options in _CHOICES:
        yield Pair(f"{name} for {gold}", boxed(text), gold, "mcq", options)
    for answer in ("C", "carbon dioxide"):
        yield Pair(f"{name} as gold of {answer}", boxed(answer), text, "mcq", OPTIONS)
    yield Pair(f"{name} as option", boxed(twin), "C", "mcq", (*OPTIONS, text))
    yield Pair(f"{name} as options", boxed(text), "C", "mcq", (text, twin, twin + "1", text + "x"))
    yield Pair(f"{name} behind its label", boxed(f"C. {text}"), "C", "mcq", OPTIONS)
    yield Pair(f"{name} behind the label of it", boxed(f"(A) {text}"), f"(A) {twin}", "mcq")


_DONE = r"<think>x</think> \boxed{5}"
_MANY = MEGABYTE // 8
COMPLETIONS: dict[str, str] = {
    "nothing": "",
    "space alone": " \n\t",
    "box alone": r"\boxed{5}",
    "opening tag alone": "<think>",
    "closing tag alone": "</think>",
    "tags alone": "<think></think>",
    "tags reversed": r"</think>5<think>\boxed{5}",
    "tags of another case": r"<THINK>x</Think> \boxed{5}",
    "tags with spaces": r"<think >x</ think> \boxed{5}",
    "tags with null bytes": "<think\x00>x</think> \\boxed{5}",
    "tags with zero-width spaces": "<\u200bthink>x</think\u200b> \\boxed{5}",
    "byte order mark first": "\ufeff" + _DONE,
    "no-break space first": "\u00a0" + _DONE,
    "surrogate first": "\ud800" + _DONE,
    "surrogate in the thought": "<think>\udcff</think> \\boxed{5}",
    "thought reopened": _DONE + "<think>",
    "thought closed twice": _DONE + "</think>",
    "nested thought": r"<think><think>x</think></think> \boxed{5}",
    "box in the thought": r"<think>\boxed{5}</think> It is 5.",
    "box across the tag": r"<think>\boxed{</think>5}",
    "box never closed": r"<think>x</think> \boxed{5",
    "box of an escaped brace": r"<think>x</think> \boxed{5\}",
    "box closed by two": r"<think>x</think> \boxed{5}}",
    "box without braces": r"<think>x</think> \boxed 5",
    "box of nothing": r"<think>x</think> \boxed{}",
    "box of boxes of nothing": r"<think>x</think> \boxed{\boxed{\boxed{}}}",
    "boxes that hedge": r"<think>x</think> \boxed{4} \boxed{5} \boxed{6}",
    "boxes that agree": r"<think>x</think> \boxed{5} \boxed{5.0} \boxed{\frac{10}{2}}",
    "a hundred boxes": "<think>x</think>" + r"\boxed{5}" * 100,
    "a thousand different boxes": "<think>x</think>"
    + "".join(rf"\boxed{{{n}}}" for n in range(999)),
    "sixty towers": "<think>x</think>"
    + "".join(rf"\boxed{{e^{{e^{{{n}.5}}}}}}" for n in range(60)),
    "sixty identities": "<think>x</think>"
    + "".join(rf"\boxed{{5\sin^2({n}x)+5\cos^2({n}x)}}" for n in range(60)),
    "deep boxes": "<think>x</think>" + r"\boxed{" * 20_000 + "5" + "}" * 20_000,
    "deep boxes, unclosed": "<think>x</think>" + r"\boxed{" * 20_000 + "5" + "}" * 19_999,
    "format string": "%s {0} {completion} <think>{x}</think> \\boxed{5}",
    "megabyte of thought": "<think>" + "so " * 330_000 + r"</think> \boxed{5}",
    "megabyte behind the box": _DONE + " and so on" * 100_000,
    "megabyte of <think>": "<think>" * _MANY,
    "megabyte of </think>": "</think>" * _MANY,
    "megabyte of <think> then done": "<think>" * _MANY + _DONE,
    "megabyte of nested tags": "<think>" * (_MANY // 2) + "</think>" * (_MANY // 2),
    "megabyte of reversed tags": "</think>" * (_MANY // 2) + "<think>" * (_MANY // 2),
    "megabyte of tag pairs": "<think></think>" * (_MANY // 2) + r"\boxed{5}",
    "megabyte of <": "<think>" + "<" * MEGABYTE + r"</think> \boxed{5}",
    "megabyte of almost tags": "<think>" + "</thin" * (_MANY) + r"</think> \boxed{5}",
    "megabyte of spaces first": " " * MEGABYTE + _DONE,
    "megabyte of null bytes first": "\x00" * MEGABYTE + _DONE,
    "megabyte of boxes": "<think>x</think>" + r"\boxed{5} " * 100_000,
    "megabyte of different boxes": "<think></think>"
    + "".join(rf"\boxed{{{n}}}" for n in range(70_000)),
    "megabyte of empty boxes": "<think></think>" + r"\boxed{}" * _MANY + r"\boxed{5}",
    "megabyte of open boxes": "<think></think>" + r"\boxed{" * _MANY,
    "megabyte of box commands": "<think></think>" + r"\boxed" * _MANY,
    "megabyte of boxes and spaces": "<think></think>" + r"\boxed   " * (_MANY - 1),
    "box, megabyte of spaces, brace": "<think></think>" + r"\boxed" + " " * MEGABYTE + "{5}",
    "half a million braces in a box": "<think></think>"
    + r"\boxed{"
    + "{}" * (MEGABYTE // 2)
    + "5}",
    "sixty megabyte-long boxes": "<think></think>" + (r"\boxed{" + "7" * 16_000 + "}") * 60,
}
"""Name -> a whole completion."""


class _Text(str):
    """A string of another type, as some tokenizers and array libraries give."""

    __slots__ = ()


_ENDLESS: list[object] = []
_ENDLESS.append(_ENDLESS)

VALUES: dict[str, object] = {
    "None": None,
    "true": True,
    "false": False,
    "zero": 0,
    "five": 5,
    "minus five": -5,
    "int of 700 digits": 10**700,
    "int of 4,000 digits": 10**4_000,
    "int of 5,000 digits": 10**5_000,
    "int of 10,000 digits": 10**10_000,
    "negative int of 10,000 digits": -(10**10_000),
    "float": 0.5,
    "float that rounds": 0.1 + 0.2,
    "huge float": 1.7976931348623157e308,
    "tiny float": 5e-324,
    "minus zero": -0.0,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "complex": 1 + 2j,
    "decimal": Decimal("0.50"),
    "signalling decimal": Decimal("sNaN"),
    "quiet decimal": Decimal("NaN"),
    "decimal of a huge exponent": Decimal("1e999999"),
    "fraction": Fraction(1, 2),
    "fraction of 10,000 digits": Fraction(10**10_000, 3),
    "bytes": b"5",
    "bytes that are no text": b"\xff\xfe",
    "bytearray": bytearray(b"5"),
    "list": ["5"],
    "empty list": [],
    "list of itself": _ENDLESS,
    "messages": [{"role": "assistant", "content": _DONE}],
    "tuple": ("5",),
    "dict": {"answer": "5"},
    "set": {"5"},
    "range": range(5),
    "type": int,
    "function": len,
    "object": object(),
    "exception": ValueError("5"),
    "generator": (n for n in ()),
    "ellipsis": ...,
    "memory": memoryview(b"5"),
    "text of another type": _Text("5"),
    "surrogate text of another type": _Text("\ud800"),
}
"""Name -> a gold or completion that is no string."""

OPTION_LISTS: dict[str, object] = {
    "none at all": (),
    "one": ("Paris",),
    "duplicates": ("Paris", "Paris", "Paris", "Rome"),
    "the same in another dress": ("1/2", "0.5", r"\frac{1}{2}", "50%"),
    "blanks": ("", " ", "\n", "\x00"),
    "labels": ("B", "C", "A", "D"),
    "labels and texts": ("B. Paris", "(A) Paris", "C", "A and C"),
    "numbers": (1, 2.5, Fraction(1, 2), 10**40),
    "int of 10,000 digits": (10**10_000, 5),
    "missing": (None, None, float("nan"), True),
    "lists": (["a"], {"b": 1}, _ENDLESS, object()),
    "surrogates": ("\ud800", "\udfff", "a\udc80", "\x00"),
    "letters": tuple("ABCD"),
    "a dict": {"A": "Paris", "B": "Rome"},
    "a thousand": tuple(f"option number {n}" for n in range(1000)),
    "a thousand the same": ("Paris",) * 1000,
    "a thousand numbers": tuple(f"{n}.50" for n in range(1000)),
    "a thousand long": tuple(f"{n} " + "word " * 300 for n in range(1000)),
    "towers": tuple(rf"e^{{e^{{e^{{{n}.5}}}}}}" for n in range(26)),
    "identities": tuple(rf"\sin^2({n}x)+\cos^2({n}x)" for n in range(26)),
    "sets of towers": tuple(
        rf"\{{{','.join(f'e^{{e^{n + m}.5}}' for m in range(12))}\}}" for n in range(26)
    ),
    "a thousand towers": tuple(rf"e^{{e^{{{n}.5}}}}+\pi" for n in range(1000)),
    "megabytes": ("7" * MEGABYTE, "7" * MEGABYTE + "1", "a" * MEGABYTE),
}
"""Name -> the options of a question."""

_OPTION_ANSWERS = (
    "C",
    "C. Paris",
    "Paris",
    "(A)",
    "0.5",
    r"e^{e^{e^{5.5}}}+1",
    r"A. e^{e^{3.5}} - 1",
    r"A. \{e^{e^5},e^{e^6},7\}",
    "A. option number word word",
    "A and B",
    "\ud800",
)


def duel_pairs() -> Iterator[Pair]:
    """Hostile golds against hostile answers, both ways."""
    for name, (gold, answer) in DUELS.items():
        for kind in ("math", "short_open", "mcq"):
            yield Pair(f"{name}, one by the other", boxed(answer), gold, kind)
            yield Pair(f"{name}, the other by one", boxed(gold), answer, kind)


def value_pairs() -> Iterator[Pair]:
    """Golds, completions and options that are no strings, or strange ones."""
    for name, value in VALUES.items():
        for kind in ("mcq", "short_open", "math"):
            options = OPTIONS if kind == "mcq" else None
            yield Pair(f"gold {name}", _DONE, value, kind, options)
            yield Pair(f"completion {name}", value, "5", kind, options)
            yield Pair(f"both {name}", value, value, kind, options)
    for name, options in OPTION_LISTS.items():
        for answer in _OPTION_ANSWERS:
            for gold in ("C", "(A) Paris", "0.5"):
                yield Pair(
                    f"options {name}, {answer} for {gold}", boxed(answer), gold, "mcq", options
                )


def completion_pairs() -> Iterator[Pair]:
    """Whole completions that play with tags and boxes, in every mode."""
    for name, completion in COMPLETIONS.items():
        for think in ("required", "prefilled", "ignored"):
            kinds = ("math", "mcq", "short_open") if think == "required" else ("math",)
            for kind in kinds:
                yield Pair(f"{name}, think {think}", completion, "5", kind, None, think)


def pairs() -> Iterator[Pair]:
    """Every pair."""
    for name, text in BOXES.items():
        yield from text_pairs(name, text)
    yield from duel_pairs()
    yield from value_pairs()
    yield from completion_pairs()


def sample(step: int = 29) -> list[Pair]:
    """One of `step` pairs below a megabyte, at another place for every text."""
    small = (pair for pair in pairs() if pair.size < MEGABYTE // 2)
    return [pair for place, pair in enumerate(small) if not place % step]


def verdict(pair: Pair) -> str:
    """The score and reason of a pair, as text."""
    found = explain(
        pair.completion,
        pair.gold,
        kind=pair.kind,
        options=pair.options,
        think=pair.think,
    )
    return f"{found.score} {found.correct} {found.formatted} {found.reason}"


def every_verdict(start: int, step: int) -> list[str]:
    """Verdicts of each `step`-th pair of the sample, for another process."""
    return [verdict(pair) for pair in sample()[start::step]]


def clear_caches() -> None:
    """Everything the reward remembers between calls, forgotten."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("crossthink_data.rewards"):
            continue
        for value in vars(module).values():
            clear = getattr(value, "cache_clear", None)
            if clear is not None:
                clear()
