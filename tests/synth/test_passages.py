"""Passages: pieces of the document as it stands, cut where a reader would, of bounded length."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.synth.passages import Passage, passages

PROSE = "Iron melts at a high temperature, which depends on how pure it is. " * 3
NAVIGATION = "Home\nAbout us\nShop\nContact"
texts = st.text(alphabet="ab .!?\n\t©Z1", max_size=3000)
pieces = st.lists(
    st.sampled_from(
        [PROSE, "\n\n", "\n", "A heading", "word " * 300, "x" * 700, NAVIGATION, "No. 5. ", " "]
    ),
    max_size=25,
).map("".join)


def texts_of(text: str, **bounds: int) -> list[str]:
    return [passage.text for passage in passages(text, **bounds)]


@given(st.one_of(texts, pieces), st.integers(20, 900))
def test_passages_are_pieces_in_order_within_their_bounds(text: str, longest: int) -> None:
    shortest = longest // 3
    end = 0
    for passage in passages(text, longest=longest, shortest=shortest):
        assert passage == Passage(text[passage.start : passage.end], passage.start, passage.end)
        assert passage.text == passage.text.strip()
        assert end <= passage.start
        assert shortest <= len(passage.text) <= longest
        end = passage.end


@given(pieces)
def test_what_lies_between_passages_is_no_more_than_a_short_end_or_furniture(text: str) -> None:
    found = passages(text, longest=900, shortest=100)
    for one, other in pairwise(found):
        assert len(text[one.end : other.start].strip()) < 100


def test_a_document_that_fits_is_one_passage() -> None:
    text = f"{PROSE}\n\n{PROSE}"
    assert texts_of(text) == [text.strip()]


def test_a_document_that_is_too_short_has_no_passage() -> None:
    assert texts_of("Iron melts.") == []
    assert texts_of("") == []


def test_cuts_are_at_paragraph_ends() -> None:
    paragraphs = [f"{PROSE}Paragraph {number}." for number in range(12)]
    found = texts_of("\n\n".join(paragraphs), longest=700, shortest=150)
    assert len(found) == 4
    assert "\n\n".join(found) == "\n\n".join(paragraphs)
    assert all(text.split("\n\n") for text in found)
    assert {part for text in found for part in text.split("\n\n")} == set(paragraphs)


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    text = " ".join(f"Sentence {number} says that Dr. Smith met J. Locke." for number in range(40))
    found = texts_of(text, longest=300, shortest=100)
    assert all(part.startswith("Sentence") and part.endswith("Locke.") for part in found)
    assert " ".join(found) == text


def test_a_sentence_without_end_is_cut_at_a_blank_and_else_anywhere() -> None:
    assert all(len(part) > 100 for part in texts_of("word " * 200, longest=300, shortest=100))
    assert [len(part) for part in texts_of("x" * 900, longest=300, shortest=100)] == [300] * 3


def test_a_heading_goes_with_what_follows_it() -> None:
    text = f"{PROSE}\n\nThe blast furnace\n\n{PROSE}"
    found = texts_of(text, longest=250, shortest=100)
    assert [part.split("\n")[0][:9] for part in found] == ["Iron melt", "The blast"]


def test_menus_and_notices_around_the_prose_are_left_out() -> None:
    footer = "© 2019 Iron Works. All rights reserved. Read our privacy policy before you go on."
    text = f"{NAVIGATION}\n\nSearch\n\nHow iron melts\n\n{PROSE}\n\nShare this\n\n{footer}"
    (found,) = texts_of(text, longest=600, shortest=100)
    assert found == f"How iron melts\n\n{PROSE.strip()}"


def test_a_page_without_prose_is_kept_as_it_is() -> None:
    text = "\n".join(f"Fe{number}  iron  {number}.5" for number in range(40))
    assert texts_of(text, longest=900, shortest=100) == [text]


def test_a_short_end_is_joined_with_what_stands_before_it() -> None:
    text = "\n\n".join([PROSE.strip()] * 4 + ["It is grey and it rusts."])
    lengths = [len(part) for part in texts_of(text, longest=420, shortest=150)]
    assert min(lengths) >= 150
    assert sum(lengths) >= len(text) - 2 * len(lengths)


def test_bounds_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(ValueError, match="shortest is 300 and longest 500"):
        passages(PROSE, longest=500, shortest=300)


@pytest.mark.parametrize("text", ["x" * 400_000, "a\n\n" * 80_000, ". " * 100_000, "\n" * 400_000])
def test_long_documents_are_cut_in_linear_time(text: str) -> None:
    assert all(len(passage.text) <= 3000 for passage in passages(text))
