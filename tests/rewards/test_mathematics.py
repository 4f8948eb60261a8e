"""The judge of mathematical answers: golden cases, laws over random notation, hostile text."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossthink_data.rewards import compile_gold, reward
from crossthink_data.rewards.mathematics import compile_math
from crossthink_data.rewards.verdict import RIGHT

GOLDEN = Path(__file__).parents[1] / "golden" / "math.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
GOLDS = sorted({case["gold"] for case in CASES})


def judge(gold: str, answer: str) -> str:
    return compile_math(gold).judge(answer)


def by_gold() -> dict[str, list[dict[str, object]]]:
    """The golden cases of each gold."""
    found: dict[str, list[dict[str, object]]] = {}
    for case in CASES:
        found.setdefault(case["gold"], []).append(case)
    return found


@pytest.mark.parametrize("gold", GOLDS)
def test_golden_answers_are_judged_as_a_careful_expert_would(gold: str) -> None:
    compiled = compile_math(gold)
    wrong = {
        case["answer"]: reason or "right"
        for case in by_gold()[gold]
        for reason in [compiled.judge(str(case["answer"]))]
        if (reason == RIGHT) != case["right"]
    }
    assert wrong == {}


@pytest.mark.parametrize("gold", GOLDS)
def test_a_gold_equals_itself_however_it_is_wrapped(gold: str) -> None:
    for answer in (gold, f"  {gold}\n", f"{gold} ", rf"\displaystyle {gold}"):
        assert judge(gold, answer) == RIGHT


def test_golden_cases_are_many_and_have_no_contradictions() -> None:
    seen: dict[tuple[str, str], bool] = {}
    for case in CASES:
        assert set(case) == {"gold", "answer", "right", "why"}
        assert seen.setdefault((case["gold"], case["answer"]), case["right"]) == case["right"]
    assert len(CASES) >= 350


def test_verdicts_do_not_depend_on_what_was_judged_before() -> None:
    for gold, cases in by_gold().items():
        once = [compile_math(gold).judge(str(case["answer"])) for case in cases]
        compiled = compile_math(gold)
        assert [compiled.judge(str(case["answer"])) for case in cases] == once
        assert [compiled.judge(str(case["answer"])) for case in cases[::-1]] == once[::-1]


def test_verdicts_of_one_gold_do_not_change_over_many_answers() -> None:
    compiled = compile_math(r"\pm \sqrt{2}, \pm \frac{\sqrt{2}}{2}")
    for spaces in range(50):
        gap = " " * spaces
        assert compiled.judge(rf"\frac{{\sqrt{{2}}}}{{2}},{gap}\pm\sqrt2, -2^{{-1/2}}") == RIGHT
        assert compiled.judge(rf"\pm\sqrt{{2}},{gap}\pm\frac{{\sqrt{{3}}}}{{2}}") != RIGHT


# Random expressions in random notation


@dataclass(frozen=True)
class Tree:
    """An operation on smaller trees, or a leaf: `kind` is its sign or function."""

    kind: str
    parts: tuple["Tree", ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""


# A product with zero may be printed as 0x, which is refused as saying nothing.
numbers = st.fractions(min_value=Fraction(1, 12), max_value=20, max_denominator=12)
leaves = st.one_of(
    st.builds(lambda value: Tree("number", value=value), numbers),
    st.builds(lambda name: Tree("letter", name=name), st.sampled_from(["x", "y", "a", "pi"])),
)


def _grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pairs = st.tuples(parts, parts)
    return st.one_of(
        st.builds(lambda pair: Tree("+", pair), pairs),
        st.builds(lambda pair: Tree("-", pair), pairs),
        st.builds(lambda pair: Tree("*", pair), pairs),
        st.builds(lambda pair: Tree("/", pair), pairs),
        st.builds(
            lambda part, power: Tree("^", (part,), Fraction(power)), parts, st.integers(2, 3)
        ),
        st.builds(lambda part: Tree("root", (part,)), parts),
        st.builds(lambda part: Tree("sin", (part,)), parts),
    )


trees = st.recursive(leaves, _grown, max_leaves=6)
rational_trees = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(lambda pair: Tree("+", pair), st.tuples(parts, parts)),
        st.builds(lambda pair: Tree("-", pair), st.tuples(parts, parts)),
        st.builds(lambda pair: Tree("*", pair), st.tuples(parts, parts)),
        st.builds(lambda pair: Tree("/", pair), st.tuples(parts, parts)),
    ),
    max_leaves=6,
)


class Printer:
    """Prints a tree in one of its many notations; a denominator or radicand is kept positive."""

    def __init__(self, random: Random, *, latex: bool) -> None:
        self.random = random
        self.latex = latex

    def text(self, tree: Tree) -> str:
        if tree.kind == "number":
            return self.number(tree.value)
        if tree.kind == "letter":
            return self.letter(tree.name)
        if tree.kind in ("+", "-", "*"):
            return self.joined(tree)
        inner = self.text(tree.parts[0])
        if tree.kind == "/":
            return self.fraction(inner, self.positive(tree.parts[1]))
        if tree.kind == "^":
            return self.raised(inner, int(tree.value))
        if tree.kind == "root":
            return self.root(self.positive(tree.parts[0]))
        return self.called(inner)

    def number(self, value: Fraction) -> str:
        whole = value.denominator == 1
        if whole:
            return self.random.choice([str(value), f"({value})", f"{value}.0"])
        above, below = value.numerator, value.denominator
        if below in (2, 4, 5, 10) and self.random.random() < 0.4:
            return str(float(value))
        return self.fraction(str(above), str(below))

    def letter(self, name: str) -> str:
        if name == "pi":
            return r"\pi " if self.latex else self.random.choice(["pi", "π"])
        return name if self.random.random() < 0.8 else f"{{{name}}}"

    def joined(self, tree: Tree) -> str:
        one, other = (self.text(part) for part in tree.parts)
        if tree.kind == "*":
            sign = self.random.choice([r"\cdot ", r"\times "] if self.latex else ["*"])
            pair = [f"({one})", f"({other})"]
            self.random.shuffle(pair)
            return self.random.choice([sign, "", " "]).join(pair)
        if tree.kind == "+":
            return " + ".join(self.random.sample([one, other], 2))
        if self.random.random() < 0.3:
            return f"-({other}) + {one}"
        return f"{one} - ({other})"

    def fraction(self, above: str, below: str) -> str:
        if self.latex:
            command = self.random.choice([r"\frac", r"\dfrac", r"\tfrac"])
            return f"{command}{{{above}}}{{{below}}}"
        return f"(({above})/({below}))"

    def positive(self, tree: Tree) -> str:
        return f"{self.raised(self.text(tree), 2)} + 1"

    def raised(self, inner: str, power: int) -> str:
        sign = "^" if self.latex or self.random.random() < 0.5 else "**"
        braces = f"{{{power}}}" if self.latex and self.random.random() < 0.5 else str(power)
        return f"({inner}){sign}{braces}"

    def root(self, inner: str) -> str:
        if self.latex:
            return rf"\sqrt{{{inner}}}"
        return self.random.choice([f"sqrt({inner})", f"({inner})^(1/2)", f"({inner})^0.5"])

    def called(self, inner: str) -> str:
        if self.latex:
            return rf"\sin\left({inner}\right)"
        return f"sin({inner})"


@given(trees, st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_one_expression_in_two_notations_is_equal_to_itself(tree: Tree, random: Random) -> None:
    latex = Printer(random, latex=True).text(tree)
    plain = Printer(random, latex=False).text(tree)
    assert judge(latex, plain) == RIGHT
    assert judge(plain, latex) == RIGHT


@given(trees, st.randoms(use_true_random=False), numbers.filter(bool))
@settings(max_examples=150, deadline=None)
def test_one_expression_and_a_number_more_is_another(
    tree: Tree, random: Random, step: Fraction
) -> None:
    latex = Printer(random, latex=True).text(tree)
    plain = Printer(random, latex=False).text(tree)
    assert judge(latex, f"{plain} + {step}") != RIGHT
    assert judge(f"{plain} + {step}", latex) != RIGHT


@given(rational_trees, rational_trees, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_equality_of_two_plain_expressions_is_symmetric(
    one: Tree, other: Tree, random: Random
) -> None:
    texts = [Printer(random, latex=True).text(tree) for tree in (one, other)]
    assert (judge(*texts) == RIGHT) == (judge(*texts[::-1]) == RIGHT)


@given(st.lists(trees, min_size=2, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_lists_of_expressions_have_no_order_and_tuples_have(
    members: list[Tree], random: Random
) -> None:
    latex = [Printer(random, latex=True).text(tree) for tree in members]
    plain = [Printer(random, latex=False).text(tree) for tree in members]
    shuffled = random.sample(plain, len(plain))
    assert judge(rf"\{{{', '.join(latex)}\}}", ", ".join(shuffled)) == RIGHT
    assert judge(f"({', '.join(latex)})", f"({', '.join(plain)})") == RIGHT


@given(st.fractions(min_value=-1000, max_value=1000), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_number_equals_all_its_dresses_and_no_other_number(
    value: Fraction, random: Random
) -> None:
    above, below = abs(value.numerator), value.denominator
    sign = "-" if value < 0 else ""
    dresses = [
        f"{sign}{above}/{below}",
        rf"{sign}\frac{{{above}}}{{{below}}}",
        rf"${sign}\dfrac{{{above}}}{{{below}}}$",
        rf"x = {sign}\frac{{{3 * above}}}{{{3 * below}}}",
        rf"\text{{The answer is }} {sign}\frac{{{above}}}{{{below}}}",
        rf"\boxed{{{sign}\frac{{{above}}}{{{below}}}}}",
    ]
    gold, answer = random.choice(dresses), random.choice(dresses)
    assume(not (gold.startswith("x") and answer.startswith("x")))
    assert judge(gold, answer) == RIGHT
    other = value + Fraction(1, 10**6)
    assert judge(gold, f"{other.numerator}/{other.denominator}") != RIGHT


@given(st.integers(0, 10**18))
@settings(deadline=None)
def test_integers_equal_their_grouped_print_and_nothing_near(value: int) -> None:
    gold = str(value)
    for separator in (",", "{,}", r"\,", r",\!", " "):
        assert judge(gold, f"{value:,}".replace(",", separator)) == RIGHT
    assert judge(gold, str(value + 1)) != RIGHT
    assert judge(gold, f"{value}0") != RIGHT or not value
    assert judge(gold, f"-{value}") != RIGHT or not value


# What is no answer, and what is hostile


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " ",
        "?",
        "x",
        "any number",
        "1, 2, 3, 4, 5, 6, 7",
        r"7 \text{ or } 8",
        r"\int_0^7 dx",
        r"\lim_{n\to\infty}\frac{7n}{n+1}",
        r"\sum_{k=1}^{7} 1",
        r"\gcd(7,14)",
        "__import__('os').system('echo 7')",
        r"\input{7}",
        "ignore the grader, 7 is right",
        "7 = 8",
        r"\neq 7",
        "not 7",
        "7 8",
        r"[6,8]",
        r"\frac{7}{0}",
        "9" * 5000,
        "(" * 3000 + "7" + ")" * 3000,
        "\x00",
        "\ud800",
        "7" + "\u202e" + "8",
    ],
)
def test_what_is_no_answer_is_wrong(answer: str) -> None:
    assert judge("7", answer) != RIGHT


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_no_text_raises_and_the_verdict_is_a_reason(gold: str, answer: str) -> None:
    reason = judge(gold, answer)
    assert reason == RIGHT or reason.startswith("acc:")


SCRAPS = [
    *"{}()[]|$^_&%,;.0123456789+-*/=<>xyzief'!:", " ", "\\{", "\\}", "\\frac", "\\text{ m}",
    "\\left(", "\\right)", "\\sqrt", "\\sin", "\\log_", "\\begin{pmatrix}", "\\end{pmatrix}",
    "\\\\", "\\cup", "\\in", "\\infty", "\\pm", "\\int_0^1", "\\binom", "\\overline{", "^\\circ",
    "\\%", " and ", "\\ldots", "\\begin{cases}", "\\end{cases}", "\\text{or}", "\\emptyset",
    "\\mathbb{R}", "\\setminus", "\\mid", "\\approx", "\\pmod", "x=", "0.", "\\dot", "\\vec{",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(SCRAPS), max_size=16), st.lists(st.sampled_from(SCRAPS), max_size=16)
)
@settings(max_examples=600, deadline=None)
def test_scraps_of_latex_raise_nothing_and_equal_themselves(
    gold: list[str], answer: list[str]
) -> None:
    one, other = "".join(gold), "".join(answer)
    compiled = compile_math(one)
    assert isinstance(compiled.judge(other), str)
    assert compiled.judge(one) == RIGHT


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("9^{9^{9^{9}}}", "9^{9^{9^{8}}}"),
        ("1", r"\sin(10^{1000})"),
        ("x^{1000}", "(x+1)^{1000}"),
        ("1", "(1+10^{-500})^{10^{100}}"),
        ("7", "+".join(["7"] * 700)),
        (r"\sqrt{2}", r"\sqrt{" * 35 + "2" + "}" * 35),
        ("2^{100000}", "2^{100000}+1"),
        ("1", "1" + "+0" * 1000),
        ("e^{e^{e^{e}}}", "e^{e^{e^{e^{e}}}}"),
        ("100000!", "100001!"),
    ],
)
def test_costly_answers_end_in_a_verdict(gold: str, answer: str) -> None:
    assert isinstance(judge(gold, answer), str)


@pytest.mark.parametrize("gold", GOLDS[::7])
def test_a_gold_in_a_completion_is_rewarded(gold: str) -> None:
    completion = rf"<think>...</think> It is \boxed{{{gold}}}."
    assert reward(completion, gold, kind="math") == 1.0


@pytest.mark.parametrize(
    ("gold", "answer"), [("x", "X"), ("2n", "2N"), ("p-q", "P-Q"), ("a_1", "A_1")]
)
def test_the_case_of_a_variable_counts(gold: str, answer: str) -> None:
    assert judge(gold, answer) != RIGHT


def test_a_compiled_gold_is_the_same_judge() -> None:
    assert compile_gold(r"\frac{1}{2}", kind="math").judge("0.5") == RIGHT
    assert compile_gold(r"\frac{1}{2}", kind="math").judge("0.51") == "acc:not_equal"
