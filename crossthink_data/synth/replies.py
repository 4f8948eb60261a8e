r"""Structured replies, read whatever they are wrapped in.

A server that enforces a schema sends bare JSON. Others are asked for the same and think aloud,
fence the JSON, write around it, or fall back to `<field>...</field>`. Model text is untrusted:
every pass is linear in it, and nothing here raises on it. Backslashes (`\frac` in JSON is a form
feed and "rac") and a comma before a closing bracket are mended, and forms that small models prefer
are taken for what was asked (see `reshaping`); what is read always fits the schema.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import cast

from crossthink_data.errors import MissingExtra
from crossthink_data.exchange import Completion
from crossthink_data.synth.reshaping import nearly_json, shaped_fields

try:
    import jsonschema
    from jsonschema.protocols import Validator
except ImportError as error:
    raise MissingExtra("jsonschema", "synth", "reading structured replies") from error

__all__ = ["Fields", "Misread", "after_thinking", "read_reply", "reply_check"]

Fields = dict[str, object]
"""What a reply says, by field; it fits the schema."""

_LONGEST = 100_000  # characters of one JSON object; no reply we ask for is a tenth of that
_DEEPEST = 64
_MOST_TRIES = 8
_DETAIL = 300

# In JSON a brace opens an object only before a quote or its own end: most braces of LaTeX and
# prose never count.
_BRACES = re.compile(r'\{(?=\s*["}])|\}|"')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# An escape outside a string is passed over, or each quote of many would be looked at to the end.
_NESTING = re.compile(r'\\.|"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
_COMMANDS = (
    "bar|because|begin|beta|bf|big[a-z]*|Big[a-z]*|binom|bmod|bot|boxed|bullet|"
    "f?frac|flat|forall|nabla|natural|ne|neg|neq|nexists|ngeq|ni|nleq|nmid|not|notin|nsubseteq|nu|"
    "rangle|rceil|rfloor|rho|right[a-z]*|Right[a-z]*|"
    "tan|tanh|tau|text[a-z]*|tfrac|therefore|theta|tilde|times|to|top|triangle[a-z]*|"
    "underbrace|underline|underset|uparrow|upsilon|unlhd"
)
_ESCAPE = re.compile(
    rf'\\(?:\'|(?P<kept>\\|(?!(?:{_COMMANDS})(?![a-zA-Z]))["/bfnrt]|u[0-9a-fA-F]{{4}}|")|)'
)
_LAST_COMMA = re.compile(r'\\.|"(?:[^"\\]|\\.)*+"|,(?=\s*[}\]])', re.DOTALL)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a reply cannot be read: `no_json`, `bad_json`, `reply_too_deep`, `reply_too_long`, or
    `bad_schema`."""

    reason: str
    detail: str


def read_reply(text: str, schema: str | None) -> Fields | Misread:
    r"""The fields of a reply that fits `schema` (canonical JSON text; None takes any JSON object).

    Tried in this order: the whole text as JSON; what follows the last `</think>`; code fences and
    balanced objects in it, the last first; tagged blocks. Fields that the schema does not know are
    left out where it allows no others. The reason is that of the form that came nearest.

    >>> read_reply('Here it is: ```json\n{"answer": "Oslo"}\n```', None)
    {'answer': 'Oslo'}
    >>> read_reply("Oslo.", None).reason
    'no_json'
    """
    nearest = Misread("no_json", _cut(text.strip()))
    rank = 0
    for tries, candidate in enumerate(_candidates(text)):
        if tries == _MOST_TRIES:
            break
        read = _fitting(_loaded(candidate), schema)
        if not isinstance(read, Misread):
            return read
        if _RANKS[read.reason] > rank:
            nearest, rank = read, _RANKS[read.reason]
    tagged = _tagged(after_thinking(text), schema)
    if tagged:
        read = _fitting(tagged, schema)
        if not isinstance(read, Misread):
            return read
        nearest = nearest if rank == max(_RANKS.values()) else read
    return nearest


_RANKS = {"no_json": 0, "bad_json": 1, "reply_too_deep": 2, "reply_too_long": 2, "bad_schema": 3}


def reply_check(schema: str | None) -> Callable[[Completion], str]:
    """The check of an ask for structured replies: "" or the reason of `Misread`."""

    def check(completion: Completion) -> str:
        read = read_reply(completion.text, schema)
        return read.reason if isinstance(read, Misread) else ""

    return check


def after_thinking(text: str) -> str:
    """What follows the last `</think>`; all of it without one, nothing if thinking never ended."""
    _, ended, rest = text.rpartition("</think>")
    if ended:
        return rest
    return "" if text.lstrip().startswith("<think>") else text


def _candidates(text: str) -> Iterator[str]:
    """Texts that may be one JSON object, the likeliest first."""
    whole = text.strip()
    if whole.startswith("{"):
        yield whole
    rest = after_thinking(text).strip()
    if rest != whole and rest.startswith("{"):
        yield rest
    if "```" in rest:
        fenced = [found.strip() for found in _fences(rest)]
        yield from (found for found in reversed(fenced) if found.startswith("{"))
    yield from _objects(rest)


def _fences(text: str) -> Iterator[str]:
    """The contents of code fences; parts between two marks, so that the pass is linear."""
    for part in text.split("```")[1::2]:
        first, _, others = part.partition("\n")
        yield others if first.strip().isalnum() else part


def _objects(text: str) -> list[str]:
    """The outermost balanced objects, the last first; a brace that never closes hides none."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    at = 0
    while found := _BRACES.search(text, at):
        at = found.end()
        mark = found[0]
        if mark == '"' and opened:
            string = _STRING.match(text, found.start())
            if string is None:
                break  # the text ends inside a string: nothing behind it can close
            at = string.end()
        elif mark == "{":
            opened.append(found.start())
        elif mark == "}" and opened:
            start = opened.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, at))
    return [text[start:end] for start, end in reversed(spans[-_MOST_TRIES:])]


def _loaded(text: str) -> Fields | Misread:
    if len(text) > _LONGEST:
        return Misread("reply_too_long", f"{len(text):,} characters; at most {_LONGEST:,}")
    if _depth(text) > _DEEPEST:
        return Misread("reply_too_deep", f"nested deeper than {_DEEPEST}")
    first: ValueError | None = None
    for meant in chain([text], nearly_json(text)):
        try:
            value = json.loads(
                _LAST_COMMA.sub(_without_comma, _ESCAPE.sub(_doubled, meant)),
                strict=False,  # a line break inside a string is what models write
                object_pairs_hook=_one_value_each,
                parse_constant=_refused,
                parse_float=_finite,
            )
        except ValueError as error:
            first = first or error
            continue
        if isinstance(value, dict):
            return value
    return Misread("bad_json", _cut(str(first or "not an object")))


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in _NESTING.finditer(text):
        mark = found[0]
        if mark in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "}]":
            depth -= 1
    return deepest


def _doubled(escape: re.Match[str]) -> str:
    r"""An escape of JSON as it is; the backslash of a LaTeX command, or of nothing, twice."""
    if escape[0] == "\\'":
        return "'"
    return escape[0] if escape["kept"] else "\\\\"


def _without_comma(found: re.Match[str]) -> str:
    """A string as it is; nothing for a comma that ends a list or an object."""
    return "" if found[0] == "," else found[0]


def _one_value_each(pairs: list[tuple[str, object]]) -> Fields:
    fields: Fields = {}
    for key, value in pairs:
        if key in fields and fields[key] != value:
            raise ValueError(f"two values for {_cut(key)!r}")
        fields[key] = value
    return fields


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{_cut(digits)} is beyond a float")
    return value


@lru_cache(maxsize=64)
def _validator(schema: str) -> tuple[Validator, Mapping[str, object], Sequence[str], bool]:
    """The validator, the properties, the required ones, and whether there are no others."""
    parsed = json.loads(schema)
    validator = jsonschema.Draft202012Validator(parsed)
    closed = parsed.get("additionalProperties") is False
    return validator, parsed.get("properties", {}), parsed.get("required", ()), closed


def _fitting(fields: Fields | Misread, schema: str | None) -> Fields | Misread:
    if isinstance(fields, Misread) or schema is None:
        return fields
    validator, properties, required, closed = _validator(schema)
    fields = shaped_fields(fields, properties, required)
    if closed:
        fields = {key: value for key, value in fields.items() if key in properties}
    for error in validator.iter_errors(cast("Mapping[str, str]", fields)):
        where = "/".join(str(part) for part in error.absolute_path)
        return Misread("bad_schema", _cut(f"{where}: {error.message}" if where else error.message))
    return fields


def _tagged(text: str, schema: str | None) -> Fields | None:
    """The fields of `<field>...</field>` blocks, the last of each; None without any."""
    if schema is None or "</" not in text:
        return None
    fields: Fields = {}
    for name, described in _validator(schema)[1].items():
        end = text.rfind(f"</{name}>")
        start = text.rfind(f"<{name}>", 0, max(end, 0))
        if end != -1 and start != -1:
            content = text[start + len(name) + 2 : end].strip()
            kind = described.get("type") if isinstance(described, Mapping) else None
            fields[name] = _typed(content, kind)
    return fields or None


def _typed(content: str, kind: object) -> object:
    if kind == "array":
        lines = (_LIST_MARK.sub("", line).strip() for line in content.splitlines())
        return [line for line in lines if line]
    if kind == "boolean":
        return {"true": True, "yes": True, "false": False, "no": False}.get(
            content.lower(), content
        )
    if kind in ("integer", "number") and re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", content):
        number = float(content)
        return int(number) if number.is_integer() else number
    return content


def _cut(text: str) -> str:
    return text if len(text) <= _DETAIL else text[:_DETAIL] + "…"
