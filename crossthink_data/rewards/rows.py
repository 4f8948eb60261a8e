"""What the rows of other people's datasets mean for the reward: their kind and their options.

Rows of our own say both. The plugs into the trainers share these rules for rows that do not.
"""

import re
from collections.abc import Sequence

__all__ = ["kind_of_gold", "options_of_row"]

_LABEL = re.compile(r"\(?[A-J]\)?[.:]?|\\(?:text|mathrm|mathbf)\{ ?\(?[A-J]\)? ?\}")
_LABEL_AND_TEXT = re.compile(r"\([A-Z]\) +[^\s(]")
_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_LONGEST_READ = 1000
_LETTERS_OF_A_WORD = 4


def kind_of_gold(gold: object, options: Sequence[object] | None = None) -> str:
    """The answer kind of a row that says none: mcq, short_open or math.

    mcq with options, for a lone capital from A to J, and for a label with its text, as in
    `(B) Mars`. short_open for words only, one of them of four letters or more. Otherwise math,
    which is what a column called `solution` holds by TRL's convention.

    >>> kind_of_gold("B"), kind_of_gold("carbon dioxide"), kind_of_gold(r"\\frac{1}{2}")
    ('mcq', 'short_open', 'math')
    """
    if options:
        return "mcq"
    if not isinstance(gold, str):
        return "math"
    gold = gold[:_LONGEST_READ].strip()
    if _LABEL.fullmatch(gold) or _LABEL_AND_TEXT.match(gold):
        return "mcq"
    if _WORDS.fullmatch(gold) and max(map(len, gold.split())) >= _LETTERS_OF_A_WORD:
        return "short_open"
    return "math"


def options_of_row(value: object) -> Sequence[object] | None:
    """The options of a row as a sequence; None for none, and for what is no list of options.

    Lists, tuples, and the arrays that parquet readers make of lists.

    >>> options_of_row(["Venus", "Mars"]), options_of_row([]), options_of_row("Venus")
    (['Venus', 'Mars'], None, None)
    """
    as_list = getattr(value, "tolist", None)
    if callable(as_list):
        value = as_list()
    return value if isinstance(value, list | tuple) and value else None
