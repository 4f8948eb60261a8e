"""What the commands, accents and characters of a short answer stand for."""

__all__ = [
    "ACCENTS",
    "COMMANDS",
    "FRACTION",
    "GREEK_NAMES",
    "KEPT",
    "RAISED",
    "SIGNS",
    "SUPERSCRIPTS",
    "UNICODE",
]

_GREEK = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
upsilon phi chi psi omega
"""
_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
GREEK_NAMES = dict(zip(_LETTERS, _GREEK.split(), strict=True))
"""Small Greek letter -> its name."""

_DRESS = """
text textbf textit texttt textrm textsf textsc textnormal textup textmd mbox hbox fbox mathrm
mathbf mathit mathtt mathsf mathnormal mathbb mathcal boldsymbol bm bf it rm tt sf operatorname
emph underline vec overrightarrow mathop ensuremath ce left right middle big Big bigg Bigg bigl bigr
Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits nobreak boxed overline
mathord unit si SI
"""
_GAPS = """
quad qquad space enspace thinspace hspace hfill newline
"""

FRACTION = "\ue010"
"""Stands for a fraction command until its two groups are read."""

COMMANDS: dict[str, str] = {
    **{name: letter for letter, name in GREEK_NAMES.items()},
    **{name.capitalize(): letter.upper() for letter, name in GREEK_NAMES.items()},
    **{"var" + name: letter for letter, name in GREEK_NAMES.items()},
    **dict.fromkeys(
        _DRESS.split(),
        "",
    ),
    **dict.fromkeys(_GAPS.split(), " "),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), FRACTION),
    "times": "×",
    "cdot": "·",
    "bullet": "·",
    "div": "÷",
    "pm": "±",
    "mp": "∓",
    "le": "≤",
    "leq": "≤",
    "leqslant": "≤",
    "ge": "≥",
    "geq": "≥",
    "geqslant": "≥",
    "lt": "<",
    "gt": ">",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "sim": "~",
    "simeq": "≈",
    "equiv": "≡",
    "circ": "°",
    "degree": "°",
    "textdegree": "°",
    "percent": "%",
    "textpercent": "%",
    "dollar": "$",
    "textdollar": "$",
    "pounds": "£",
    "euro": "€",
    "infty": "∞",
    "to": "→",
    "rightarrow": "→",
    "longrightarrow": "→",
    "leftarrow": "←",
    "leftrightarrow": "↔",
    "rightleftharpoons": "⇌",
    "Rightarrow": "⇒",
    "implies": "⇒",
    "iff": "⇔",
    "land": "∧",
    "wedge": "∧",
    "lor": "∨",
    "vee": "∨",
    "neg": "¬",
    "lnot": "¬",
    "supset": "⊃",
    "subset": "⊂",
    "in": "∈",
    "notin": "∉",
    "subseteq": "⊆",
    "supseteq": "⊇",
    "propto": "∝",
    "perp": "⊥",
    "parallel": "∥",
    "cong": "≅",
    "ll": "≪",
    "gg": "≫",
    "therefore": "∴",
    "emptyset": "∅",
    "varnothing": "∅",
    "nabla": "∇",
    "partial": "∂",
    "angle": "∠",
    "vdash": "⊢",
    "models": "⊨",
    "cup": "∪",
    "cap": "∩",
    "forall": "∀",
    "exists": "∃",
    "ldots": "...",
    "dots": "...",
    "prime": "'",
    "sqrt": "√",
    "surd": "√",
    "textquoteright": "'",
    "textemdash": "-",
    "textendash": "-",
    "angstrom": "Å",
    "AA": "Å",
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "l": "ł",
    "L": "Ł",
    "i": "i",
    "j": "j",
    "S": "§",
    "hbar": "ħ",
    "ell": "l",
    "ohm": "Ω",
    "celsius": "°C",
    "lbrace": "\ue000",
    "rbrace": "\ue001",
    "backslash": "\\",
}
"""LaTeX command -> the text it stands for; empty for one that only dresses its argument."""

ACCENTS = {
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "r": "\u030a",
    "k": "\u0328",
}
"""Accent command -> combining character."""

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064"
_INVISIBLE += "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff\x00"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"
RAISED = dict(zip(SUPERSCRIPTS, "0123456789+-=()ni", strict=True))
"""Raised character -> the plain one."""

_SPELLED: dict[str, str | None] = {
    **dict.fromkeys(_INVISIBLE, None),
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008", " "),
    **dict.fromkeys("\u2009\u200a\u2028\u2029\u202f\u205f\u3000\t\n\r\v\f\x1c\x1d\x1e\x1f", " "),
    **dict.fromkeys("‐‑‒–—―−﹣－⁃", "-"),
    **dict.fromkeys("‘’‚‛ʼʻˈ´′ʹ＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("∙⋅•∗", "·"),
    "∗": "*",
    "✕": "×",
    "⩽": "≤",
    "⩾": "≥",
    "∆": "Δ",
    "µ": "μ",
    "Ω": "Ω",
    "℃": "°C",
    "℉": "°F",
    "º": "°",
    "˚": "°",
    "½": " 1/2",
    "⅓": " 1/3",
    "⅔": " 2/3",
    "¼": " 1/4",
    "¾": " 3/4",
    "⅕": " 1/5",
    "⅛": " 1/8",
    "⅜": " 3/8",
    "⅝": " 5/8",
    "⅞": " 7/8",
    "∼": "~",
    "⟶": "→",
    "⟹": "⇒",
    "∣": "|",
}
UNICODE = str.maketrans(_SPELLED)
"""For `str.translate`: one spelling of spaces, dashes, quotes and fractions; the unseen gone."""

SIGNS = {
    **dict.fromkeys(",:;> \n", " "),
    **dict.fromkeys("!()[]/", ""),
    "\\": " ",
    "{": "\ue000",
    "}": "\ue001",
    "$": "\ue002",
    "&": "&",
    "%": "%",
    "#": "#",
    "_": "\ue003",
    "~": "~",
    "^": "^",
    "-": "-",
    "|": "|",
}
"""What a backslash and one character that is no letter stand for.

Escaped braces, dollars and underscores are kept apart from the bare ones in private characters
until `KEPT` brings them back.
"""

KEPT = str.maketrans({"{": None, "}": None, "\ue000": "{", "\ue001": "}", "\ue003": "_"})
"""For `str.translate`: grouping braces gone, escaped ones back."""
