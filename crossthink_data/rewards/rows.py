r"""What the rows of other people's datasets mean for the reward: completion, gold, kind, options.

One reading for the plugs into the trainers and for files of rollouts, so that a row is paid the
same wherever it is graded.
"""

import re
from collections.abc import Mapping, Sequence

from crossthink_data.rewards.format import Think, final_box

__all__ = ["bare_gold", "kind_of_gold", "options_of_row", "text_of_completion"]

_THOUGHTS = ("reasoning_content", "reasoning", "thinking")

_LABEL = re.compile(r"\(?[A-J]\)?[.:]?|\\(?:text|mathrm|mathbf)\{ ?\(?[A-J]\)? ?\}")
_LABEL_AND_TEXT = re.compile(r"\([A-Z]\) +[^\s(]")
_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_LONGEST_READ = 1000
_LETTERS_OF_A_WORD = 4


def text_of_completion(completion: object, think: Think = "required") -> str | None:
    r"""The text to judge: of messages the last of the assistant. None for what holds no text.

    A completion is a text, a message, or a list of messages; what a message says is a text or a
    list of parts. Tokenizers and servers that know a template of responses split the thoughts off
    into a field of their own; they are put back between their tags, and with `prefilled` without
    the opening one, which is the template's.

    >>> text_of_completion([{"role": "assistant", "content": r"\boxed{4}", "thinking": "2 + 2"}])
    '<think>2 + 2</think>\\boxed{4}'
    """
    if isinstance(completion, str):
        return completion
    messages = completion if isinstance(completion, list | tuple) else [completion]
    for message in reversed(messages):
        if isinstance(message, Mapping) and message.get("role", "assistant") == "assistant":
            return _thoughts(message, think) + _joined(message.get("content"))
    return None


def _thoughts(message: Mapping[str, object], think: Think) -> str:
    for name in _THOUGHTS:
        thoughts = message.get(name)
        if isinstance(thoughts, str) and thoughts:
            return f"{'' if think == 'prefilled' else '<think>'}{thoughts}</think>"
    return ""


def _joined(content: object) -> str:
    """The text of a message, whose content may be missing or a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        return ""
    texts = (part.get("text") if isinstance(part, Mapping) else part for part in content)
    return "".join(text for text in texts if isinstance(text, str))


def bare_gold(gold: object) -> object:
    r"""The gold; a worked solution stands for its last box, as in MATH and TRL's `solution`.

    >>> bare_gold(r"Two and two make $\boxed{4}$."), bare_gold("4"), bare_gold(4)
    ('4', '4', 4)
    """
    return (final_box(gold) or gold) if isinstance(gold, str) else gold


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
