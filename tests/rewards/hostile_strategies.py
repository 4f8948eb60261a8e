"""What hypothesis makes answers, golds and completions of, and what must hold for all of them."""

import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from crossthink_data.rewards import KINDS, compile_gold, explain, reward
from crossthink_data.rewards.format import read_completion

Thing = TypeVar("Thing")
SECONDS = 2.0
"""Twenty times what one input may take, so that a slow machine is no failure."""

GOLDS: dict[str, tuple[str, ...]] = {
    "math": (
        "5", "-3", "0.5", r"\frac{1}{2}", r"-\frac{7}{3}", r"2\frac{1}{3}", "1,234", "50%", "1e-5",
        r"3.2 \times 10^{5}", r"2\sqrt{3}", r"\sqrt[3]{5}+1", r"\frac{\pi}{6}", r"e^{2x}", "x^2+1",
        r"\frac{x+1}{x-2}", r"(x-1)(x+2)", "2x+3y=7", "x = 5", "x < 3", r"-1 \le x < 4", "(1, 2)",
        r"[0, \infty)", r"(-\infty,1)\cup(2,\infty)", r"\{1, 2, 3\}", "1, 2", r"1 \pm \sqrt{2}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"5 \text{ km}", r"30^\circ", r"\$12.50",
        r"\sin x \cos x", r"\ln 2", r"\log_{2} 3", r"\binom{5}{2}", "5!", r"0.\overline{3}",
        "1011_{2}", r"\text{odd}", "A, B", "3:4", "12:30", r"|x-1|", r"i", "2+3i", r"f(x)=x^2",
        r"x=1, y=2", r"\emptyset", r"\mathbb{R}", r"x \equiv 2 \pmod{5}", r"x^2+C", "n", "a_1",
        r"\left(\frac{1}{2}, -3\right]", r"10^{10^{10}}", r"\int_0^1 x dx", "y=2x+1", "6 or 7",
    ),
    "short_open": (
        "carbon dioxide", "Paris", "The Great Gatsby", "Schrödinger", "C++", "A+", "Na+", "H2O",
        r"\text{CO}_2", "July 4, 1776", "1776-07-04", "4 atm", "5 km/h", "$5 million", "25%",
        "3 × 10^-5 mol/L", "not guilty", "New York City", "U.S.", "World War II", "19th century",
        "twenty-one", "two thirds", "first", "1/2", "-5", "10^3", "500 BC", "red, white and blue",
        "yes", "True", "photo-synthesis", "gross domestic product (GDP)", "Dr. Watson", "5 to 6",
        "Newton's second law", r"$x^2 + 1$", r"F = ma", "98.6°F", "mW", "37 °C", "don't know",
        "increase", "a cat", "vitamin A", "α-helix", "Ω", "1,000,000", ".5", "3 m²", "naïve café",
    ),
    "mcq": (
        "A", "(C)", "(B) Paris", "D. 5 km", "b", "ACD", "A and B", "Paris", r"\text{(C)}", "E",
        r"(D) $x^2+1$", "None of the above", "J", r"\frac{1}{2}",
    ),
}  # fmt: skip
"""Answer kind -> everyday golds."""

SCRAPS = (
    *"0123456789 abcxyzABCnie+-*/^_=<>()[]{}|,.;:!?%$&~'\"`#@\\",
    *(r"\frac", r"\sqrt", r"\text{", r"\left", r"\right", r"\{", r"\}", r"\pi", r"\infty", r"\cup"),
    *(r"\cdot ", r"\times ", r"\pm ", r"\le ", r"\sin ", r"\ln ", r"\log_", r"\begin{pmatrix}"),
    *(r"\end{pmatrix}", r"\begin{cases}", r"\end{cases}", r"\\", " & ", r"\overline{", r"\binom"),
    *(r"\boxed{", r"\mathrm{", r"\mathbf{", r"\circ", r"\%", r"\$", r"\,", r"\ ", r"\int_0^1 "),
    *("^{", "_{", "}{", "{}", "**", "...", "1/2", "0.5", "1,000", "10^", "1e9", "e^{", "x_1"),
    *(" and ", " or ", " not ", "the ", " of ", "one ", "twenty", " hundred ", " million ", "half"),
    *(
        " km",
        " m/s",
        " kg",
        " degrees",
        "°",
        "July ",
        " 1776",
        "4th ",
        " BC",
        "%",
        "Option ",
        "(A) ",
    ),
    *("C. ", "answer is ", "False", "no ", "<sup>", "</sup>", "<b>", "\n", "\t", "\x00", "\ud800"),
    *("²", "½", "⁻", "₂", "①", "፩", "٣", "१", "７", "ﬁ", "ß", "İ", "é", "e\u0301", "α", "Ω", "µ"),
    *(
        "−",
        "–",
        "×",
        "÷",
        "≤",
        "≠",
        "∈",
        "∪",
        "√",
        "∞",
        "→",
        "’",
        "“",
        "\u200b",
        "\u202e",
        "\ufeff",
    ),
    *("\ue002", "\ue010", "ﷺ", "👩", "中", "<think>", "</think>", "\\boxed"),
)
_DRESSES = (
    "#.", r"\text{#}", "$#$", "**#**", "(#)", "{#}", r"\boxed{#}", "the #", r"\left(#\right)",
    "# km", "#%", "-#", "not #", "#, #", r"\frac{#}{#}", "x = #", "The answer is #", "(A) #",
    "# or #", r"\sqrt{#}", "#^{#}", "#!", "~#", "#=#", r"\{#, 1\}", "1 + #", "# and #", "#s",
)  # fmt: skip


def _one_of(texts: Sequence[Thing]) -> st.SearchStrategy[Thing]:
    """One of the texts; by its place, because strategies print what they sample from."""
    return st.integers(0, len(texts) - 1).map(texts.__getitem__)


def everyday(kind: str, more: Sequence[str] = ()) -> st.SearchStrategy[str]:
    """Golds as data sets have them."""
    return _one_of([*GOLDS[kind], *more])


def soup() -> st.SearchStrategy[str]:
    """Scraps of notation in any order."""
    return st.lists(_one_of(SCRAPS), max_size=24).map("".join)


def mutated(golds: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A gold with parts cut, doubled, moved, replaced or dressed."""
    return st.builds(_mutated, golds, st.integers(0, 2**60))


def _mutated(text: str, seed: int) -> str:
    # One number instead of a draw for each choice: ten times as many examples a second.
    random = Random(seed)
    for _ in range(random.choice((0, 1, 1, 2, 3, 4))):
        start = random.randint(0, len(text))
        end = random.randint(start, min(len(text), start + 8))
        part = text[start:end]
        match random.randrange(10):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + part + text[end:]
            case 2:
                text = text[end:] + part + text[:start]
            case 3 | 4:
                text = text[:start] + random.choice(SCRAPS) + text[end:]
            case 5:
                text = text[:start] + part[::-1] + text[end:]
            case 6:
                text = text.swapcase()
            case 7:
                words = text.split()
                random.shuffle(words)
                text = " ".join(words)
            case 8:
                text = text[:start] + part * 9 + text[end:]
            case _:
                text = random.choice(_DRESSES).replace("#", text)
    return text


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(parts, parts)
    forms = (
        "{}+{}", "{}-{}", r"{}\cdot {}", "{}{}", "{}/{}", r"\frac{{{}}}{{{}}}", "({})^{{{}}}",
        "{}^{}", "({},{})", r"\{{{},{}\}}", "[{},{})", "{}={}", "{}<{}", r"{}\pm {}", "{},{}",
        "{};{}", r"\log_{{{}}}({})", r"\sqrt[{}]{{{}}}", r"\binom{{{}}}{{{}}}", "{} and {}",
        r"({})\cup({})", r"\begin{{pmatrix}}{}&{}\end{{pmatrix}}", r"{} \text{{ {} }}",
    )  # fmt: skip
    alone = (
        "-{}", "({})", r"\sqrt{{{}}}", r"\sin({})", r"\ln {}", "|{}|", "{}!", "{}%", r"{}^\circ",
        r"e^{{{}}}", r"\tan {}", r"\arctan({})", r"\lfloor {}\rfloor", r"\text{{{}}}", "x={}",
        r"\left[{}\right]", r"\overline{{{}}}", "{}_{{2}}", "f({})", r"{}^{{-1}}", r"\boxed{{{}}}",
    )  # fmt: skip
    two = st.builds(lambda form, pair: form.format(*pair), _one_of(forms), pairs)
    one = st.builds(lambda form, part: form.format(part), _one_of(alone), parts)
    return two | one


def grammatical() -> st.SearchStrategy[str]:
    """Notation that a grammar makes: well formed, though few would write it."""
    leaves = _one_of(
        ("0", "1", "2", "-1", "7", "0.5", "100", "99999999999", "x", "y", "n", "e", "i", r"\pi",
         r"\infty", "1e99", "10", "km", "2.5", "1,000", "a", r"\frac12", "x_1", "3.14159")
    )  # fmt: skip
    return st.recursive(leaves, _joined, max_leaves=12)


def any_text() -> st.SearchStrategy[str]:
    """Any code points, surrogates among them."""
    return st.text(st.characters(), max_size=40)


def answers(kind: str, more: Sequence[str] = ()) -> st.SearchStrategy[str]:
    golds = everyday(kind, more)
    return st.one_of(mutated(golds), mutated(golds), golds, soup(), grammatical(), any_text())


OPTIONS = (
    None, ("Paris", "Rome", "5 km", r"$x^2+1$", "None of the above"), ("A", "B", "C", "D"),
    ("1/2", "0.5", "50%", "2"), ("yes", "no"), ("Paris", "Paris", "", " "),
)  # fmt: skip


_PIECES = (
    "<think>",
    "</think>",
    r"\boxed{",
    "}",
    "{",
    "\\",
    " ",
    "5",
    "#",
    r"\boxed{5}",
    r"\boxed{#}",
)
_THINK = ("required", "required", "required", "prefilled", "ignored")
_SEEDS = st.integers(0, 2**60)


class Question(NamedTuple):
    completion: str
    gold: str
    options: tuple[str, ...] | None
    think: str


def questions(kind: str, more: Sequence[str] = ()) -> st.SearchStrategy[Question]:
    """Questions of one kind, with `more` golds than those made up here."""
    texts = answers(kind, more)
    golds = everyday(kind, more) | texts
    # Strategies are built once: to build them for each example takes longer than to grade it.
    near = st.tuples(golds, st.booleans(), texts, _SEEDS).map(_answer)
    rest = st.tuples(_one_of(OPTIONS), _one_of(_THINK), _SEEDS)
    return st.builds(lambda pair, rest: _question(kind, *pair, *rest), near, rest)


def _answer(drawn: tuple[str, bool, str, int]) -> tuple[str, str]:
    gold, is_near, other, seed = drawn
    return gold, _mutated(gold, seed) if is_near else other


def _question(
    kind: str,
    gold: str,
    content: str,
    options: tuple[str, ...] | None,
    think: str,
    seed: int,
) -> Question:
    """Most completions have the right format, some have tags and boxes in any order."""
    random = Random(seed)
    completion = rf"<think>So be it.</think> \boxed{{{content}}}"
    if not random.randrange(6):
        pieces = random.choices(_PIECES, k=random.randrange(12))
        completion = "".join(pieces).replace("#", content)
    return Question(completion, gold, options if kind == "mcq" else None, think)


def check(question: Question, kind: str) -> float:
    """The score of a question, once all that holds for every question does."""
    completion, gold, options, think = question
    start = time.process_time()
    found = explain(completion, gold, kind=kind, options=options, think=think)
    took = time.process_time() - start
    assert took < SECONDS
    assert found.score in (0.0, 1.0)
    assert found.score == float(found.correct and found.formatted)
    assert (found.reason == "") == (found.score == 1.0)
    assert not found.reason or found.reason.startswith(("format:", "acc:"))
    assert reward(completion, gold, kind=kind, options=options, think=think) == found.score
    if found.answer is not None and gold.strip():
        fresh = KINDS[kind](gold, options).judge(found.answer)
        assert fresh == compile_gold(gold, kind=kind, options=options).judge(found.answer)
    check_itself(gold, kind)
    return found.score


def check_itself(gold: str, kind: str) -> None:
    """A gold that stands whole in a box is right, whatever white space is around it."""
    if kind == "mcq":
        return
    for box in (rf"\boxed{{{gold}}}", f"\\boxed{{ {gold}\n}}"):
        completion = f"<think></think>{box}"
        if read_completion(completion).answers == [gold.strip()]:
            assert reward(completion, gold, kind=kind) == 1.0
