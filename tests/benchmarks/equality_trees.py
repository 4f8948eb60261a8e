"""Random expressions, rewritten by identities or changed in one place, in random notations."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

# Expressions: a tree, printed as LaTeX, in plain notation and as sympy code


@dataclass(frozen=True)
class Tree:
    """`op` is + * / ^ neg, the name of a function, or num or sym for leaves."""

    op: str
    parts: tuple["Tree", ...] = ()
    value: "Fraction | str" = 0  # type of leaf values only


def num(value: int | Fraction) -> Tree:
    return Tree("num", value=Fraction(value))


def sym(name: str) -> Tree:
    return Tree("sym", value=name)


def make(op: str, *parts: Tree) -> Tree:
    return Tree(op, parts)


def minus(one: Tree, other: Tree) -> Tree:
    return make("+", one, make("neg", other))


LATEX_LEAVES = {"pi": r"\pi", "e": "e", "i": "i"}
CODE_LEAVES = {"pi": "pi", "e": "E", "i": "I"}
LEVEL = {"+": 1, "neg": 1, "*": 2, "/": 2, "^": 3}


def code(tree: Tree) -> str:
    """The tree as sympy reads it."""
    if tree.op == "num":
        value = Fraction(tree.value)
        return f"Rational({value.numerator},{value.denominator})"
    if tree.op == "sym":
        return CODE_LEAVES.get(str(tree.value), str(tree.value))
    inner = [code(part) for part in tree.parts]
    if tree.op == "neg":
        return f"(-{inner[0]})"
    if tree.op in "+*/":
        return "(" + tree.op.join(inner) + ")"
    if tree.op == "^":
        return f"({inner[0]})**({inner[1]})"
    names = {"ln": "log", "arctan": "atan", "root3": "cbrt", "abs": "Abs"}
    return f"{names.get(tree.op, tree.op)}({inner[0]})"


class Printer:
    """One way of writing a tree down; every choice is drawn from `random`."""

    def __init__(self, random: Random, *, latex: bool) -> None:
        self.random = random
        self.latex = latex

    def text(self, tree: Tree) -> str:
        if tree.op == "num":
            return self.number(Fraction(tree.value))
        if tree.op == "sym":
            name = str(tree.value)
            return LATEX_LEAVES.get(name, name) if self.latex else name
        if tree.op == "+":
            return self.sum(tree)
        if tree.op == "*":
            return self.product(tree)
        if tree.op == "neg":
            return "-" + self.inside(tree.parts[0], 2)
        if tree.op == "/":
            return self.quotient(tree)
        if tree.op == "^":
            return self.power(tree)
        return self.function(tree)

    def inside(self, tree: Tree, level: int) -> str:
        """The text, in brackets where the tree binds less than `level`."""
        text = self.text(tree)
        loose = LEVEL.get(tree.op, 4) < level or (
            tree.op == "num" and (Fraction(tree.value) < 0 or "/" in text or "frac" in text)
        )
        if loose:
            return (
                rf"\left({text}\right)"
                if self.latex and self.random.random() < 0.5
                else f"({text})"
            )
        return text

    def number(self, value: Fraction) -> str:
        sign = "-" if value < 0 else ""
        above, below = abs(value.numerator), value.denominator
        if below == 1:
            return f"{sign}{above}"
        short = below in (2, 4, 5, 8, 10, 20, 25)
        if short and self.random.random() < 0.3:
            return str(float(value))
        if self.latex:
            command = self.random.choice([r"\frac", r"\dfrac"])
            return rf"{sign}{command}{{{above}}}{{{below}}}"
        return f"{sign}{above}/{below}"

    def sum(self, tree: Tree) -> str:
        parts = list(tree.parts)
        self.random.shuffle(parts)
        texts = [self.inside(part, 1) for part in parts]
        result = texts[0]
        for text in texts[1:]:
            result += f" - {text[1:]}" if text.startswith("-") else f" + {text}"
        return result

    def product(self, tree: Tree) -> str:
        parts = list(tree.parts)
        self.random.shuffle(parts)
        texts = [self.inside(part, 3) for part in parts]
        if not self.latex:
            return "*".join(texts)
        sign = self.random.choice([r" \cdot ", r" \times "])
        result = texts[0]
        for part, text in zip(parts[1:], texts[1:], strict=True):
            bare = part.op in ("sym", "sqrt") or text.startswith(("(", r"\left("))
            result += " " + text if bare and not result[-1].isalpha() else sign + text
        return result

    def quotient(self, tree: Tree) -> str:
        if self.latex:
            above, below = (self.text(part) for part in tree.parts)
            return rf"\frac{{{above}}}{{{below}}}"
        return self.inside(tree.parts[0], 2) + "/" + self.inside(tree.parts[1], 4)

    def power(self, tree: Tree) -> str:
        base, exponent = self.inside(tree.parts[0], 4), self.text(tree.parts[1])
        if self.latex:
            return f"{base}^{{{exponent}}}"
        sign = self.random.choice(["^", "**"])
        return f"{base}{sign}({exponent})" if not exponent.isdigit() else f"{base}{sign}{exponent}"

    def function(self, tree: Tree) -> str:
        inner = self.text(tree.parts[0])
        if tree.op == "abs":
            return rf"\left|{inner}\right|" if self.latex else f"|{inner}|"
        if tree.op in ("sqrt", "root3"):
            index = "[3]" if tree.op == "root3" else ""
            if self.latex:
                return rf"\sqrt{index}{{{inner}}}"
            return f"({inner})^(1/3)" if index else f"sqrt({inner})"
        if self.latex:
            return (
                rf"\{tree.op}\left({inner}\right)"
                if self.random.random() < 0.5
                else (rf"\{tree.op}({inner})")
            )
        return f"{tree.op}({inner})"


# Random trees, what does not change them, and what does


def integer(random: Random, low: int = 1, high: int = 12) -> Tree:
    return num(random.randint(low, high))


def rational(random: Random) -> Tree:
    return num(Fraction(random.randint(-20, 20) or 3, random.choice([1, 1, 1, 2, 3, 4, 5, 7, 12])))


def polynomial(random: Random, names: str = "xy") -> Tree:
    terms = [
        make(
            "*",
            integer(random, 2, 9),
            make("^", sym(random.choice(names)), num(random.randint(2, 3))),
        ),
        make("*", integer(random, 2, 9), sym(random.choice(names))),
        integer(random),
    ]
    return make("+", *random.sample(terms, random.randint(2, 3)))


def rational_function(random: Random) -> Tree:
    kind = random.randrange(4)
    if kind == 0:
        return make("/", polynomial(random), polynomial(random))
    if kind == 1:
        return make("*", polynomial(random), polynomial(random))
    if kind == 2:
        return make("+", make("/", integer(random), polynomial(random, "x")), polynomial(random))
    return minus(polynomial(random), make("/", sym("x"), make("+", sym("y"), integer(random))))


def surd(random: Random) -> Tree:
    root = make("sqrt", integer(random, 2, 30))
    kind = random.randrange(5)
    if kind == 0:
        return make("*", rational(random), root)
    if kind == 1:
        return make("+", rational(random), make("*", integer(random), root))
    if kind == 2:
        return make("/", make("+", integer(random), root), integer(random, 2, 9))
    if kind == 3:
        return make("/", integer(random), make("+", root, integer(random, 6, 12)))
    return make("*", integer(random), make("root3", integer(random, 2, 30)))


def angle(random: Random) -> Tree:
    return make("*", integer(random, 2, 4), sym("x")) if random.random() < 0.5 else sym("x")


def transcendental(random: Random) -> Tree:
    kind = random.randrange(7)
    if kind == 0:
        return make("^", make("sin", angle(random)), num(2))
    if kind == 1:
        return make("*", integer(random, 2, 5), make("sin", sym("x")), make("cos", sym("x")))
    if kind == 2:
        return make("+", make("ln", integer(random, 2, 9)), make("ln", integer(random, 2, 9)))
    if kind == 3:
        return make("^", sym("e"), make("+", make("*", integer(random), sym("x")), integer(random)))
    if kind == 4:
        return make("*", rational(random), sym("pi"))
    if kind == 5:
        return make("+", make("*", integer(random), make("cos", angle(random))), integer(random))
    return make("/", make("ln", integer(random, 2, 9)), make("ln", integer(random, 2, 9)))


def identity(random: Random) -> tuple[Tree, Tree]:
    """Two sides of an identity that no rule of `rewritten` makes."""
    x, a, b = sym("x"), random.randint(2, 9), random.randint(2, 9)
    root_a, root_b = make("sqrt", num(a)), make("sqrt", num(b))
    bx = make("*", num(b), x)
    half_turn = make("/", make("*", num(a), sym("pi")), num(b))
    grown, shrunk = make("^", sym("e"), bx), make("^", sym("e"), make("neg", bx))
    pairs = [
        (
            make("sqrt", make("+", num(a + b), make("*", num(2), make("sqrt", num(a * b))))),
            make("+", root_a, root_b),
        ),
        (make("/", num(a), make("+", root_b, num(10))),
         make("/", make("*", num(a), minus(num(10), root_b)), num(100 - b))),
        (make("+", make("^", make("tan", bx), num(2)), num(1)),
         make("/", num(1), make("^", make("cos", bx), num(2)))),
        (make("cos", make("*", num(2), bx)),
         minus(num(1), make("*", num(2), make("^", make("sin", bx), num(2))))),
        (make("^", num(a), make("+", x, num(b))),
         make("*", make("^", num(a), num(b)), make("^", num(a), x))),
        (make("sqrt", make("^", bx, num(2))), make("*", num(b), make("abs", x))),
        (make("^", sym("e"), make("*", sym("i"), half_turn)),
         make("+", make("cos", half_turn), make("*", sym("i"), make("sin", half_turn)))),
        (make("/", make("+", grown, shrunk), num(2)), make("cosh", bx)),
        (make("+", make("arctan", num(a)), make("arctan", make("/", num(1), num(a)))),
         make("/", sym("pi"), num(2))),
        (make("ln", make("^", make("+", make("^", x, num(2)), num(a)), num(b))),
         make("*", num(b), make("ln", make("+", make("^", x, num(2)), num(a))))),
        (make("/", make("ln", num(a)), make("ln", num(b))),
         make("/", make("ln", num(a**3)), make("ln", num(b**3)))),
    ]  # fmt: skip
    return random.choice(pairs)


def complex_number(random: Random) -> Tree:
    part = make("+", rational(random), make("*", integer(random), sym("i")))
    kind = random.randrange(3)
    if kind == 0:
        return part
    other = make("+", integer(random), make("*", integer(random), sym("i")))
    return make("*", part, other) if kind == 1 else make("/", part, other)


def rewritten(tree: Tree, random: Random) -> Tree:
    """The tree by another road: identities of algebra, roots, logarithms and angles."""
    parts = tuple(rewritten(part, random) for part in tree.parts)
    tree = Tree(tree.op, parts, tree.value)
    if random.random() < 0.4:
        return tree
    if tree.op == "*" and random.random() < 0.7:
        for place, part in enumerate(parts):
            if part.op == "+":
                rest = parts[:place] + parts[place + 1 :]
                return make("+", *(make("*", term, *rest) for term in part.parts))
    if tree.op == "sqrt" and parts[0].op == "num":
        k = random.randint(2, 4)
        return make("/", make("sqrt", num(Fraction(parts[0].value) * k * k)), num(k))
    if tree.op == "/":
        k = random.choice([num(2), num(3), num(-1)])
        return make("/", make("*", k, parts[0]), make("*", k, parts[1]))
    if tree.op == "ln" and parts[0].op == "num":
        return make("/", make("ln", num(Fraction(parts[0].value) ** 2)), num(2))
    if tree.op == "^" and parts[0].op == "sin":
        return minus(num(1), make("^", make("cos", parts[0].parts[0]), num(2)))
    if tree.op == "^" and parts[0] == sym("e") and parts[1].op == "+":
        return make("*", *(make("^", sym("e"), part) for part in parts[1].parts))
    if tree.op == "^" and parts[1] == num(2):
        return make("*", parts[0], parts[0])
    if tree.op == "cos":
        return make("sin", make("+", parts[0], make("/", sym("pi"), num(2))))
    if tree.op == "num" and random.random() < 0.3:
        k = random.randint(1, 5)
        return make("+", num(Fraction(tree.value) - k), num(k))
    return tree


def changed(tree: Tree, random: Random) -> Tree:
    """The tree with one leaf, sign or function another."""
    path, found = random.choice(_places(tree))
    if found.op == "num":
        value = Fraction(found.value)
        step = random.choice([1, -1, value, Fraction(1, 10**6)])
        new = num(value + (step or 1))
    elif found.op == "sym":
        new = sym({"x": "y", "y": "x", "i": "x", "pi": "e", "e": "pi"}.get(str(found.value), "x"))
    elif found.op in ("sin", "cos"):
        new = Tree("cos" if found.op == "sin" else "sin", found.parts)
    elif found.op in ("sqrt", "root3"):
        new = Tree("root3" if found.op == "sqrt" else "sqrt", found.parts)
    elif found.op == "/":
        new = make("/", *found.parts[::-1])
    else:
        new = make("neg", found)
    return _replaced(tree, path, new)


def _places(tree: Tree, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Tree]]:
    found = [(path, tree)]
    for place, part in enumerate(tree.parts):
        found += _places(part, (*path, place))
    return found


def _replaced(tree: Tree, path: tuple[int, ...], new: Tree) -> Tree:
    if not path:
        return new
    parts = list(tree.parts)
    parts[path[0]] = _replaced(parts[path[0]], path[1:], new)
    return Tree(tree.op, tuple(parts), tree.value)
