"""Formulas, raised figures and lone signs of pages are in their text."""

import pytest

from crossthink_data.documents.extraction import main_text
from crossthink_data.documents.formulas import with_plain_formulas

FILL = (
    "This is a paragraph of the article which tells in ordinary prose what follows, and it is "
    "long enough to be taken for content by any extractor that looks for paragraphs of text."
)
TEX = r"{\displaystyle A=\pi r^{2}}"
MATHML = (
    "<math><semantics><mrow><mi>A</mi><mo>=</mo></mrow>"
    f'<annotation encoding="application/x-tex">{TEX}</annotation></semantics></math>'
)


def text_of(body: str) -> str:
    page = f"<html><body><main><article><h1>T</h1><p>{FILL}</p><p>{body}</p><p>{FILL}</p></article>"
    return main_text(f"{page}</main></body></html>", "resiliparse").split("\n\n")[2]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("6.02 × 10<sup>23</sup> mol<sup>&minus;1</sup>", "6.02 × 10²³ mol⁻¹"),
        ("the base A<sup>−</sup>, and Ca<sup>2+</sup>", "the base A⁻, and Ca²⁺"),
        ("e<sup>x</sup> and 2<sup><i>n</i></sup> and 2<sup>n+1</sup>", "eˣ and 2ⁿ and 2ⁿ⁺¹"),
        ("the 19<sup>th</sup> century, H<sub>2</sub>O", "the 19th century, H2O"),
        ("a word<sup>a</sup> with a note", "a worda with a note"),
        ("a <span>≤</span> b <code>→</code> c <b>&ndash;</b> d", "a ≤ b → c – d"),
        (r"\(x^2\) stays", r"\(x^2\) stays"),
        (f"The area is {MATHML} here.", r"The area is $A=\pi r^{2}$ here."),
        (
            '<span class="mwe-math-mathml-inline mwe-math-mathml-a11y" style="display: none;">'
            f'{MATHML}</span><img src="x" class="mwe-math-fallback-image-inline" alt="{TEX}"> is',
            r"$A=\pi r^{2}$ is",
        ),
        (
            "<math><msup><mi>b</mi><mn>2</mn></msup><mo>=</mo>"
            "<mfrac><mn>5</mn><mn>3</mn></mfrac></math>",
            "b^2=5/3",
        ),
        ('<img src="/latex.php?latex=E" alt="E=mc^2 &gt; 1" class="latex"> ok', "$E=mc^2 > 1$ ok"),
        ('<img src="cat.jpg" alt="A cat of 2 years">no formula', "no formula"),
        ('<img src="a.png" class="math-teacher" alt="Our staff">no formula', "no formula"),
        ("then <script type='math/tex'>a < b</script> holds", "then $a < b$ holds"),
    ],
)
def test_formulas_stay(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    "piece",
    [
        *("<math ", "<math><mi>", "<math><msup>", "<script type=math/tex>", "<span>&", "<b>..."),
        *("<sup>1", "<sup><i>", "<img alt='", '<img alt="a" '),
    ],
)
def test_unclosed_markup_costs_no_time(piece: str) -> None:
    page = "latex " + piece * (1_000_000 // len(piece))
    assert len(with_plain_formulas(page)) > 900_000
