r"""The content of `\boxed{...}` in LaTeX text, found by counting braces.

Standard library only. Contents nest (`\boxed{\frac{1}{2}}`), so no regular expression can find
their end.
"""

__all__ = ["count_boxes", "last_boxed"]

_COMMANDS = ("\\boxed", "\\fbox")


def last_boxed(text: str) -> str | None:
    r"""The content of the last `\boxed`, else of the last `\fbox`; None without one that closes.

    An empty box gives "". The old form without braces gives the next token: `\boxed 7$` is "7".
    Surrounding `$` and a trailing full stop are not part of an answer and are taken off.

    >>> last_boxed(r"so $x = \boxed{\frac{1}{2}}$.")
    '\\frac{1}{2}'
    """
    for command in _COMMANDS:
        start = _last_command(text, command)
        if start is not None:
            content = _content(text, start + len(command))
            return None if content is None else _trim(content)
    return None


def count_boxes(text: str) -> int:
    r"""How many `\boxed` and `\fbox` there are; more than one hints at a multi-part problem."""
    return sum(len(_command_starts(text, command)) for command in _COMMANDS)


def _last_command(text: str, command: str) -> int | None:
    starts = _command_starts(text, command)
    return starts[-1] if starts else None


def _command_starts(text: str, command: str) -> list[int]:
    """Where `command` stands as a whole command: `\\boxedtext` is another one."""
    starts: list[int] = []
    at = text.find(command)
    while at != -1:
        end = at + len(command)
        if not text[end : end + 1].isalpha():
            starts.append(at)
        at = text.find(command, end)
    return starts


def _content(text: str, at: int) -> str | None:
    while at < len(text) and text[at].isspace():
        at += 1
    if at < len(text) and text[at] == "{":
        return _braced(text, at)
    return _token(text, at)


def _braced(text: str, start: int) -> str | None:
    r"""What lies between the brace at `start` and its partner; `\{` and `\}` do not count."""
    depth = 0
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : at]
        at += 1
    return None


def _token(text: str, at: int) -> str | None:
    end = at
    while end < len(text) and text[end] != "$" and not text[end].isspace():
        end += 1
    return text[at:end] or None


def _trim(content: str) -> str:
    content = content.strip().removesuffix(".").rstrip()
    if len(content) > 1 and content[0] == content[-1] == "$" and content[-2] != "\\":
        content = content.strip("$").strip()
    return content.removesuffix(".")
