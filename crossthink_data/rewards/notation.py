r"""What mathematical notation is made of: commands, letters and signs, and what each stands for."""

import re

__all__ = [
    "ENDS_VALUE",
    "FONTS",
    "FUNCTIONS",
    "GLUED_FUNCTIONS",
    "GREEK",
    "LEAD_WORDS",
    "LETTER_VARIANTS",
    "MATH_FONTS",
    "NAMES",
    "NEGATED",
    "OPAQUE",
    "PLAIN_SIGNS",
    "RELATIONS",
    "SHORT_UNITS",
    "SHORT_WORDS",
    "SIGNS",
    "SPACES",
    "STRUCTURES",
    "TRANSPARENT_FONTS",
    "VECTOR_FONTS",
    "VOWELS",
    "rewritten",
    "vocabulary",
]


def _list(words: str) -> list[str]:
    return words.split()


def vocabulary(words: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(words.split())


GREEK = vocabulary(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu "
    "nu xi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta "
    "Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell angle triangle neg lnot odot oplus otimes "
    "dagger star hbar nabla partial aleph Re Im wp imath jmath"
)
LETTER_VARIANTS = {
    "lnot": "neg",
    "varepsilon": "epsilon",
    "vartheta": "theta",
    "varphi": "phi",
    "varrho": "rho",
    "varsigma": "sigma",
}
FUNCTIONS = {
    name: name
    for name in _list("sin cos tan cot sec csc sinh cosh tanh coth sech csch ln log exp max min")
}
FUNCTIONS |= {f"arc{name}": f"arc{name}" for name in _list("sin cos tan cot sec csc")}
FUNCTIONS |= {f"arc{name}h": f"arc{name}h" for name in ("sin", "cos", "tan", "cot", "sec", "csc")}
FUNCTIONS |= {f"a{name}": f"arc{name}" for name in ["sin", "cos", "tan"]}
FUNCTIONS |= {f"arc{name}": f"arc{name}" for name in ["sinh", "cosh", "tanh"]}
FUNCTIONS |= {f"ar{name}": f"arc{name}" for name in ["sinh", "cosh", "tanh"]}
FUNCTIONS |= {"cosec": "csc", "ctg": "cot", "tg": "tan", "arctg": "arctan", "lg": "lg", "lb": "lb"}
FUNCTIONS |= {"cis": "cis", "arg": "arg", "abs": "abs", "floor": "floor", "ceil": "ceil"}

OPAQUE = vocabulary(
    "int iint iiint oint sum prod lim limsup liminf gcd lcm sup inf det dim ker Pr argmax "
    "argmin mathrm{d} bigcup bigcap tr rank"
)
SPACES = vocabulary(
    "left right large Large LARGE small normalsize huge big Big bigg Bigg bigl bigr Bigl Bigr "
    "biggl biggr Biggl Biggr middle quad "
    "qquad displaystyle textstyle scriptstyle limits nolimits mathstrut strut hfill noindent "
    "centering allowbreak nobreak thinspace medspace enspace negthinspace hspace* rm bf it sf "
    "tt"
)
SIGNS = {
    "cdot": "*",
    "bullet": "*",
    "times": "*",
    "ast": "*",
    "div": "/",
    "slash": "/",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "lt": "<",
    "gt": ">",
    "ne": "!=",
    "neq": "!=",
    "approx": "~",
    "simeq": "~",
    "thickapprox": "~",
    "doteq": "~",
    "equiv": "equiv",
    "cong": "equiv",
    "sim": "sim",
    "to": "->",
    "rightarrow": "->",
    "Rightarrow": "=>",
    "implies": "=>",
    "Leftrightarrow": "<=>",
    "iff": "<=>",
    "mapsto": "->",
    "in": "in",
    "notin": "notin",
    "subset": "subset",
    "subseteq": "subseteq",
    "cup": "cup",
    "cap": "cap",
    "setminus": "setminus",
    "backslash": "setminus",
    "mid": "mid",
    "vert": "|",
    "lvert": "|<",
    "rvert": ">|",
    "|": "norm",
    "Vert": "norm",
    "lVert": "norm",
    "rVert": "norm",
    "parallel": "parallel",
    "perp": "perp",
    "pm": "pm",
    "mp": "mp",
    "circ": "deg",
    "degree": "deg",
    "deg": "deg",
    "%": "%",
    "$": "currency",
    "pounds": "currency",
    "ldots": "...",
    "cdots": "...",
    "dots": "...",
    "dotsc": "...",
    "dotsb": "...",
    "vdots": "...",
    "{": "{set",
    "lbrace": "{set",
    "}": "set}",
    "rbrace": "set}",
    "langle": "<<",
    "rangle": ">>",
    "lfloor": "[floor",
    "rfloor": "floor]",
    "lceil": "[ceil",
    "rceil": "ceil]",
    "lbrack": "[",
    "rbrack": "]",
    "prime": "'",
    "\\": "\\\\",
    "newline": "\\\\",
    "cr": "\\\\",
    "infty": "infinity",
    "emptyset": "empty",
    "varnothing": "empty",
    "pi": "pi",
    "mod": "mod",
    "pmod": "mod",
    "colon": ":",
    "land": "and",
    "wedge": "and",
    "lor": "or",
    "vee": "or",
    "&": "and",
    "therefore": "skip",
    "checkmark": "skip",
    "because": "skip",
}
FONTS = vocabulary(
    "text textbf textit textrm textsf texttt textnormal textup textsc mbox hbox mathrm mathbf "
    "mathit mathsf mathtt mathcal mathfrak mathscr bm boldsymbol operatorname operatorname* "
    "emph underline fbox boxed bold pmb"
)
_UNICODE = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*",
    "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "≤": "<=", "⩽": "<=", "≦": "<=", "≥": ">=", "⩾": ">=",
    "≧": ">=", "≠": "!=", "≈": r"\approx ", "≃": r"\approx ",
    "∈": r"\in ", "∉": r"\notin ", "∪": r"\cup ",
    "∩": r"\cap ", "∖": r"\setminus ", "±": r"\pm ", "∓": r"\mp ", "°": r"\degree ",
    "º": r"\degree ", "∞": r"\infty ", "∅": r"\emptyset ", "π": r"\pi ", "√": r"\sqrt ",
    "∛": r"\sqrt[3]", "∜": r"\sqrt[4]", "…": r"\ldots ", "⋯": r"\cdots ", "→": r"\to ",
    "⇒": r"\Rightarrow ", "′": "'", "’": "'", "″": "''", "，": ",", "；": ";", "：": ":", "（": "(",
    "）": ")", "［": "[", "］": "]", "｛": r"\{", "｝": r"\}", "＝": "=", "＋": "+", "－": "-",
    "＜": "<", "＞": ">", "％": r"\%", "。": ".", "⟨": r"\langle ", "⟩": r"\rangle ", "∣": "|",
    "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ", "∫": r"\int ",
    "∑": r"\sum ", "∏": r"\prod ", "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}",
    "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}", "ⅇ": "e", "ⅈ": "i", "\u200b": "", "\ufeff": "",
    "\u2062": " ", "\u2061": " ", "\xa0": " ", "\u202f": " ", "\u2009": " ", "∧": r"\land ",
    "∨": r"\lor ", "€": r"\$", "£": r"\$", "¥": r"\$", "½": r"\tfrac{1}{2}", "⅓": r"\tfrac{1}{3}",
    "⅔": r"\tfrac{2}{3}", "¼": r"\tfrac{1}{4}", "¾": r"\tfrac{3}{4}", "⅕": r"\tfrac{1}{5}",
    "⅖": r"\tfrac{2}{5}", "⅗": r"\tfrac{3}{5}", "⅘": r"\tfrac{4}{5}", "⅙": r"\tfrac{1}{6}",
    "⅚": r"\tfrac{5}{6}", "⅛": r"\tfrac{1}{8}", "⅜": r"\tfrac{3}{8}", "⅝": r"\tfrac{5}{8}",
    "⅞": r"\tfrac{7}{8}", "⅐": r"\tfrac{1}{7}", "⅑": r"\tfrac{1}{9}", "⅒": r"\tfrac{1}{10}",
}  # fmt: skip
_GREEK_LETTERS = dict(
    zip(
        "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΦΨΩϕϵ",
        _list(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma "
            "tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega "
            "phi epsilon"
        ),
        strict=True,
    )
)
_TRANSLATE = str.maketrans(
    _UNICODE
    | {letter: f"\\{name} " for letter, name in _GREEK_LETTERS.items()}
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)}
    | {chr(0xFF21 + letter): chr(65 + letter) for letter in range(26)}
    | {chr(0xFF41 + letter): chr(97 + letter) for letter in range(26)}
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙₓᵢⱼₖ", "0123456789+-=()nxijk")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]+")
_LOWERED = re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙₓᵢⱼₖ]+")

# Runs of two or three letters that are words all the same; other short runs are products.
SHORT_WORDS = vocabulary(
    "and or not no yes odd per the is are if all one two six ten for of to an none any but on it "
    "we be so has can may too nor its let see day cup box men"
)
SHORT_UNITS = vocabulary(
    "th st nd rd mi km cm mm nm ft yd kg mg lb lbs oz sec min hr hrs mph kph deg rad mol atm "
    "Hz kHz MHz "
    "kJ kN kW kV mL ml cc psi ms ns eV keV MeV GeV gal qt pt cal in hp amp Pa kPa MPa rpm"
)
NAMES = {"infinity": "infinity", "infty": "infinity", "inf": "infinity", "oo": "infinity"}
NAMES |= {
    "pi": "pi",
    "Pi": "pi",
    "to": ":",
    "and": "and",
    "or": "or",
    "mod": "mod",
    "union": "cup",
    "USD": "currency",
    "U": "U",
}
PLAIN_SIGNS = frozenset("+-*/^_{}|=<>,;!%':&") | {"<=", ">=", "!=", "->", "=>", "~"}
ENDS_VALUE = frozenset(("n", ")", "]", "}", "x", "pi", "!", "%", "*"))
GLUED_FUNCTIONS = ("sin", "cos", "tan", "ln", "log", "exp", "sqrt")
VOWELS = frozenset("aeiouAEIOU")
VECTOR_FONTS = frozenset(("mathbf", "bm", "boldsymbol", "bold", "pmb", "textbf"))
TRANSPARENT_FONTS = frozenset(("boxed", "fbox", "underline", "hbox"))
MATH_FONTS = frozenset(
    ("mathrm", "mathbf", "mathit", "mathcal", "mathsf", "mathfrak", "mathscr", "bm", "boldsymbol")
)
NEGATED = {"=": "!=", "\\in": "notin", "<": ">=", ">": "<=", "\\equiv": "!="}
STRUCTURES = {
    "frac": "frac", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "nicefrac": "frac",
    "sqrt": "sqrt", "binom": "binom", "dbinom": "binom", "tbinom": "binom", "choose": "choose",
    "overline": "accent", "bar": "accent", "hat": "accent", "widehat": "accent", "vec": "accent",
    "overrightarrow": "accent", "dot": "accent", "ddot": "accent", "tilde": "accent",
    "widetilde": "accent", "over": "over",
}  # fmt: skip


def rewritten(text: str) -> str:
    """The text with every sign that is not ASCII in LaTeX or plain ASCII, where it has such."""
    if text.isascii():
        return text
    text = _RAISED.sub(lambda run: "^{" + run[0].translate(_SUPERSCRIPTS) + "}", text)
    text = _LOWERED.sub(lambda run: "_{" + run[0].translate(_SUBSCRIPTS) + "}", text)
    return text.translate(_TRANSLATE)


RELATIONS = frozenset(
    ("=", "<", "<=", ">", ">=", "!=", "~", "in", "notin", "subset", "subseteq", ":", "equiv", "sim",
     "->", "=>", "<=>", "mod", "parallel", "perp")
)  # fmt: skip

LEAD_WORDS = vocabulary(
    "there are is be the a an so thus hence therefore then it its we get have obtain equals equal "
    "final correct exact answer answers value values result results solution solutions total area "
    "volume perimeter length width height distance time cost price number sum probability of "
    "exactly only just usd option choice expression maximum minimum coordinates point points "
    "equation line slope radius angle measure"
)
