r"""Formulas of web pages as text: what no extractor of main content keeps is said in other words.

Raised figures become superscript signs (10<sup>-3</sup> would be 10-3), and MathML, formulas shown
as pictures and scripts for MathJax become LaTeX between dollar signs. Every pass is linear.
"""

import re

__all__ = ["with_plain_formulas"]

_MINUS, _DASH = "\u2212", "\u2013"
_RAISED = str.maketrans(f"0123456789+-{_MINUS}{_DASH}=nixkt", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼ⁿⁱˣᵏᵗ")
_SIGN = rf"(?:[-+{_MINUS}{_DASH}]|&(?:minus|ndash|#8722|#8211|#x2212);)"
# Letters are raised behind a figure, a bracket or a short name only: "word<sup>a</sup>" is a note.
_SUP = re.compile(
    rf"<sup(?:\s[^<>]*)?>\s*(?:<(?:i|em|b|var)>)?(?:({_SIGN}?\d{{1,4}}{_SIGN}?|{_SIGN}{{1,2}})"
    rf"|(?<![A-Za-z]{{3}}<sup>)({_SIGN}?\d{{0,2}}[nixkt](?:{_SIGN}\d{{1,2}})?))"
    r"(?:</(?:i|em|b|var)>)?\s*</sup>",
    re.IGNORECASE,
)
_NAMED_SIGN = re.compile(r"&(?:minus|ndash|#8722|#8211|#x2212);", re.IGNORECASE)
# Resiliparse drops inline elements that hold nothing but a sign outside ASCII.
_LONE_SIGN = re.compile(
    r"<(sup|sub|b|i|em|strong|span|code|var|tt|font)(?:\s[^<>]*)?>\s*"
    r"([^\w\s<>&\x00-\x7f]{1,3}|&(?!nbsp;|#160;)(?:#\d{2,5}|#x[0-9a-f]{2,4}|[a-z]{2,8});)\s*</\1>",
    re.IGNORECASE,
)
# Four times as fast: whether there is any.
_HAS_LONE_SIGN = re.compile(
    r">\s*+(?:[^\w\s<>&\x00-\x7f]{1,3}|&(?!nbsp;|#160;)(?:#\d{2,5}|#x[0-9a-f]{2,4}|[a-z]{2,8});)\s*+"
    r"</(?:sup|sub|b|i|em|strong|span|code|var|tt|font)>",
    re.IGNORECASE,
)
_OF_FORMULAS = ("latex", "mwe-math", "mimetex", "mathtex", 'class="math', 'class="tex')
_MATHML = re.compile(r"<math\b[^<]*(?:<(?!/?math\b)[^<]*)*</math>", re.IGNORECASE)
_TEX = re.compile(
    r"<annotation\b[^<>]*application/x-tex[^<>]*>([^<]{1,4000})</annotation>", re.IGNORECASE
)
_STYLED = re.compile(r"\{\s*\\(?:displaystyle|textstyle)\s+(.*)\}", re.DOTALL)
_LEAF = r"<m[ion]\b[^<>]*>([^<]{0,200})</m[ion]>\s*"
_BUILT = tuple(
    (re.compile(rf"<{name}\b[^<>]*>\s*{_LEAF}{_LEAF}</{name}>"), form)
    for name, form in (("msup", r"\1^\2"), ("msub", r"\1_\2"), ("mfrac", r"\1/\2"))
)
# Wikipedia hides its MathML from those who see the picture.
_HIDDEN = re.compile(r"<span class=[\"']mwe-math-mathml-[^<>]*>")
_SCRIPT = re.compile(
    r"<script\b[^<>]*\bmath/tex[^<>]*>([^<]*(?:<(?!/?script\b)[^<]*)*)</script>", re.IGNORECASE
)
_IMAGE = re.compile(r"<img\b(?:[^<>\"']++|\"[^\"]{0,4000}+\"|'[^']{0,4000}+')*+>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]+)\"|'([^']+)')", re.IGNORECASE)
_OF_FORMULA = re.compile(
    r"class\s*=\s*[\"'][^\"']*\b(?:latex|tex|math)\b|latex\.php\?|latex\.codecogs|mimetex|mathtex",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"[\\^_=+*/\d]|^\s*\w\s*$")


def with_plain_formulas(page: str) -> str:
    r"""The page with its formulas in words that stay when the markup goes.

    >>> with_plain_formulas("<p>6 × 10<sup>-3</sup> of A<sup>+</sup> in the 9<sup>th</sup></p>")
    '<p>6 × 10⁻³ of A⁺ in the 9<sup>th</sup></p>'
    """
    has_mathml = "<math" in page
    if has_mathml:
        page = _MATHML.sub(_of_mathml, _HIDDEN.sub("<span>", page))
    if "math/tex" in page:
        page = _SCRIPT.sub(lambda found: _in_dollars(found[1]), page)
    if any(mark in page for mark in _OF_FORMULAS):
        page = _IMAGE.sub(lambda found: _of_image(found[0], has_mathml), page)
    if "<sup" in page or "<SUP" in page:
        page = _SUP.sub(_raised, page)
    return _LONE_SIGN.sub(r"\2", page) if _HAS_LONE_SIGN.search(page) else page


def _raised(found: re.Match[str]) -> str:
    figures = found[1] or found[2]
    return _NAMED_SIGN.sub(_MINUS, figures).translate(_RAISED)


def _of_mathml(found: re.Match[str]) -> str:
    tex = _TEX.search(found[0])
    if tex:
        return _in_dollars(tex[1])
    built = found[0]
    for pattern, form in _BUILT:
        built = pattern.sub(form, built)
    return built


def _of_image(tag: str, has_mathml: bool) -> str:
    if not _OF_FORMULA.search(tag) and "mwe-math-fallback" not in tag:
        return tag
    if has_mathml and "mwe-math-fallback" in tag:
        return ""  # the same formula stands beside it as MathML
    alt = _ALT.search(tag)
    said = (alt[1] or alt[2]) if alt else ""
    return _in_dollars(said) if _FORMULA.search(said) else tag


def _in_dollars(tex: str) -> str:
    """The formula between dollar signs; what is markup in it is escaped."""
    tex = " ".join(tex.split())
    styled = _STYLED.fullmatch(tex)
    tex = (styled[1] if styled else tex).strip(" $").replace("<", "&lt;").replace(">", "&gt;")
    return f" ${tex}$ " if tex else ""
