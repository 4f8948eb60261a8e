r"""The content of the last `\boxed`, by counting braces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.boxed import count_boxes, last_boxed


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (r"so $\boxed{4}$.", "4"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{1} and \boxed{2}", "2"),
        (r"\fbox{3}", "3"),
        (r"\boxed{1} and \fbox{3}", "1"),
        (r"$x=\boxed 7$", "7"),
        (r"\boxed {7}", "7"),
        (r"\boxed{\{1,2\}}", r"\{1,2\}"),
        (r"\boxed{a \\ {b}}", r"a \\ {b}"),
        (r"\boxed{}", ""),
        (r"\boxed{ }", ""),
        (r"\boxed{$5$}", "5"),
        (r"\boxed{5.}", "5"),
        (r"\boxed{$5.$}", "5"),
        (r"\boxed{.5}", ".5"),
        (r"\boxed{5\$}", r"5\$"),
        (r"\boxed{\$5}", r"\$5"),
        (r"\boxed{$}", "$"),
        (r"\boxed{1", None),
        (r"\boxed{1} then \boxed{2", None),
        (r"\boxed{\}", None),
        (r"\boxed", None),
        (r"\boxed$", None),
        (r"\boxedtext{4}", None),
        ("no box", None),
        ("", None),
        ("\\boxed{1}\\", "1"),
    ],
)
def test_the_last_box_is_read_by_counting_braces(text: str, content: str | None) -> None:
    assert last_boxed(text) == content


def test_boxes_of_both_kinds_are_counted() -> None:
    assert count_boxes(r"\boxed{1} \fbox{2} \boxed 3 \boxedtext") == 3


@given(st.text(alphabet=st.characters(exclude_characters="{}\\$.", exclude_categories=["Cs"])))
def test_what_is_boxed_comes_back(content: str) -> None:
    assert last_boxed(f"so \\boxed{{{content}}} it is") == content.strip()


@given(st.text(alphabet="\\{}$ .boxedf7", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    content = last_boxed(text)
    assert content is None or content in text
