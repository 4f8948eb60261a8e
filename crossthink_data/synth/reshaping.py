r"""Replies of small models, brought to the form that was asked for where it is plain what is meant.

Two floors: texts that are nearly JSON, and values that are nearly of their schema. What is brought
into shape is still held against the schema, and then against the rules.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

__all__ = ["nearly_json", "shaped_fields"]

_SINGLE_QUOTED = re.compile(r"\{\s*'")
# A literal of Python: strings in either quotes, and the three names that JSON spells otherwise.
_LITERAL = re.compile(
    r"\\.|'((?:[^'\\]|\\.)*+)'|\"(?:[^\"\\]|\\.)*+\"|\b(True|False|None)\b", re.DOTALL
)
_NAMES = {"True": "true", "False": "false", "None": "null"}
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]"]', re.DOTALL)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\(?(?:\d{1,2}|[A-Za-z])[.):])\s+")
_TEXT_KEYS = ("text", "option", "content", "value", "answer", "choice")
_KEYED = re.compile(r"\(?(?:option[ _]?)?([a-j]|\d{1,2})[).:]?", re.IGNORECASE)
_THOUGHT = "reasoning"
_NOTHING = "none"


def nearly_json(text: str) -> Iterator[str]:
    r"""What the text may have been meant as: with double quotes, inner ones escaped, or closed.

    >>> list(nearly_json("{'a': 'it\\'s'}"))
    ['{"a": "it\'s"}']
    """
    if _SINGLE_QUOTED.match(text):
        yield _LITERAL.sub(_as_json, text)
        return
    escaped = _with_inner_quotes_escaped(text)
    if escaped != text:
        yield escaped
    if _lacks_last_brace(text):
        yield text + "}"


def _as_json(found: re.Match[str]) -> str:
    if found[2]:
        return _NAMES[found[2]]
    if found[1] is None:
        return found[0]
    return '"' + re.sub(r"\\'", "'", found[1]).replace('"', '\\"') + '"'


def _with_inner_quotes_escaped(text: str) -> str:
    """Quotes that neither begin nor end a string, by what stands before and behind, escaped."""
    parts: list[str] = []
    start = 0
    for found in _QUOTE.finditer(text):
        at = found.start()
        if (
            found[0] != '"'
            or _neighbour(text, at, -1) in "{[,:"
            or _neighbour(text, at, 1) in "]},:"
        ):
            continue
        parts += [text[start:at], "\\"]
        start = at
    return "".join([*parts, text[start:]])


def _neighbour(text: str, at: int, step: int) -> str:
    """The next character that is no white space; a bracket at the ends of the text."""
    at += step
    while 0 <= at < len(text) and text[at] in " \t\r\n":
        at += step
    return text[at] if 0 <= at < len(text) else ("{" if step < 0 else "}")


def _lacks_last_brace(text: str) -> bool:
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        mark = found[0]
        if mark == '"':
            return False  # the text ends inside a string: it was cut off
        depth += (mark in "{[") - (mark in "}]")
    return depth == 1 and text.rstrip()[-1:] in ('"', "]")


def shaped_fields(
    fields: Mapping[str, object], properties: Mapping[str, object], required: Sequence[str]
) -> dict[str, object]:
    """The fields with names and values as the schema has them, where that is a matter of form.

    Names may be in another case; all may stand inside one other object. A number or a list may
    stand for a text, null for an empty one; an object by letters, a list of objects or lines of a
    text for a list of texts. Reasoning may be left out (it stands before the object, or was
    thought), and all else too where a field with a fixed set of values says that there is nothing.
    """
    inner = [value for value in fields.values() if isinstance(value, Mapping)]
    if len(inner) == 1 and len(set(map(_plain, inner[0])) & set(properties)) > 1:
        fields = inner[0]
    by_name = {_plain(name): value for name, value in fields.items()}
    shaped: dict[str, object] = {
        name: value for name, value in fields.items() if _plain(name) not in properties
    }
    for name, described in properties.items():
        if name in fields or name in by_name:
            value = fields[name] if name in fields else by_name[name]
            shaped[name] = _shaped(value, described)
    if not shaped.keys() & set(properties):
        return dict(fields)
    says_nothing = any(
        _listed(described) and _plain(str(shaped.get(name))) == _NOTHING
        for name, described in properties.items()
    )
    for name in required:
        if name not in shaped and (says_nothing or name == _THOUGHT):
            empties: dict[str, object] = {"string": "", "array": []}
            empty = empties.get(str(_kind(properties.get(name))))
            if empty is not None:
                shaped[name] = empty
    return shaped


def _shaped(value: object, described: object) -> object:
    kind, listed = _kind(described), _listed(described)
    if value is None and _NOTHING in listed:
        return _NOTHING
    if kind == "string" or listed:
        return _as_listed(_as_text(value), listed)
    if kind == "array" and isinstance(described, Mapping):
        return _as_texts(value) if _kind(described.get("items")) == "string" else value
    return value


def _as_text(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return " … ".join(value)
    return value


def _as_texts(value: object) -> object:
    if value is None:
        return []
    if isinstance(value, str) and value.count("\n") > 1:
        return [line for part in value.split("\n") if (line := _LIST_MARK.sub("", part).strip())]
    if isinstance(value, Mapping):
        keys = [found[1].lower() if (found := _KEYED.fullmatch(key)) else "" for key in value]
        counted = [str(number) for number in range(1, len(keys) + 1)]
        in_order = keys in (list("abcdefghij")[: len(keys)], counted)
        return [_as_text(part) for part in value.values()] if in_order else value
    if isinstance(value, list):
        return [_as_text(_text_in(part)) for part in value]
    return value


def _text_in(part: object) -> object:
    """The text of an option that came with its letter, as {"label": "A", "text": ...}."""
    if not isinstance(part, Mapping):
        return part
    if len(part) == 1 and _KEYED.fullmatch(next(iter(part))):
        return next(iter(part.values()))
    texts = [part[key] for key in _TEXT_KEYS if key in part]
    return texts[0] if texts else part


def _kind(described: object) -> object:
    return described.get("type") if isinstance(described, Mapping) else None


def _listed(described: object) -> Sequence[object]:
    listed = described.get("enum") if isinstance(described, Mapping) else None
    return listed if isinstance(listed, list) else ()


def _as_listed(value: object, listed: Sequence[object]) -> object:
    """A text as the schema lists it, where it differs in case, blanks and dashes only."""
    if not isinstance(value, str):
        return value
    plain = _plain(value)
    return next((each for each in listed if isinstance(each, str) and _plain(each) == plain), value)


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text[:300].strip().casefold())
