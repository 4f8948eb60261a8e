"""Prompts as files: YAML front matter, then the turns of a chat, each a Jinja2 template.

    ---
    name: syn_qa_mcq
    version: 1
    inputs: [passage, count]
    sampling: {temperature: 0.7, max_tokens: 900}
    schema: {type: object, properties: {options: {type: array, minItems: "{{ count }}"}}}
    ---
    === system ===
    You write exam questions.
    === user ===
    {{ passage }}

`inputs` are the names that the turns and the schema may use; a text of the schema that is nothing
but `{{ ... }}` becomes the value itself, a number or a list. `sampling` and `schema` may be left
out. The turns are parted before anything is filled in, so that no value can add, end or change one.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast, get_args

import yaml

from crossthink_data.errors import MissingExtra, RecipeError, did_you_mean
from crossthink_data.exchange import Message, Role, Sampling, canonical_schema, digest_of

try:
    import jinja2
    import jinja2.meta
    import jinja2.nodes
    import jinja2.sandbox
    import jsonschema
except ImportError as error:
    raise MissingExtra(error.name or "jinja2", "synth", "reading a prompt file") from error

__all__ = ["Prompt", "Rendered", "load_prompt", "prompt_names"]

_KEYS = ("name", "version", "inputs", "sampling", "schema")
_NEEDED = ("name", "version", "inputs")
_NUMBERS: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "max_tokens": (1, 1_000_000),
}
_SAMPLING = (*_NUMBERS, "stop")
_FILE = re.compile(r"([a-z][a-z0-9_]*)\.v([1-9][0-9]*)\.j2")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MARKER = re.compile(r"=== *(\S+) *===[ \t]*")
_VALUE = re.compile(r"\s*\{\{(.*)\}\}\s*", re.DOTALL)
_OUTSIDE = (
    jinja2.nodes.Include,
    jinja2.nodes.Import,
    jinja2.nodes.FromImport,
    jinja2.nodes.Extends,
)
_FAILURES = (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError)

_ENVIRONMENT = jinja2.sandbox.ImmutableSandboxedEnvironment(
    undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
)

_Compiled = jinja2.Template


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with its inputs in it: what a request is made of."""

    messages: tuple[Message, ...]
    schema: str | None
    sampling: Sampling


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A prompt file, read and compiled. `digest` is that of its text with unix line ends."""

    name: str
    version: int
    digest: str
    inputs: tuple[str, ...]
    sampling: Sampling
    _turns: tuple[tuple[Role, _Compiled], ...]
    _schema: object

    def render(self, **inputs: object) -> Rendered:
        """The messages, schema and sampling for these inputs.

        What the prompt does not name among its `inputs` is left out. RecipeError where it names one
        that is not given, or where its template fails on these values.
        """
        missing = [name for name in self.inputs if name not in inputs]
        if missing:
            raise RecipeError(
                f"prompt {self.name}: input {missing[0]!r} is not given here; given are "
                f"{', '.join(sorted(inputs))}; use these in the prompt and its list of inputs"
            )
        values = {name: inputs[name] for name in self.inputs}
        try:
            messages = tuple(
                Message(role, template.render(values).strip()) for role, template in self._turns
            )
            schema = None if self._schema is None else _filled(self._schema, values)
        except _FAILURES as error:
            raise RecipeError(
                f"prompt {self.name}: its template fails: {error}; correct the file"
            ) from error
        if schema is None:
            return Rendered(messages, None, self.sampling)
        return Rendered(messages, _schema_text(self.name, schema), self.sampling)


def prompt_names() -> tuple[str, ...]:
    """The names of the prompts that ship, sorted; `load_prompt` reads the newest version of one."""
    return tuple(sorted(_shipped()))


def load_prompt(name: str, text: str | None = None) -> Prompt:
    """The shipped prompt of this name in its newest version, or `text` in its place.

    RecipeError for a name that does not ship, and for a text that is no prompt: with its line, what
    is wrong and what would be right.
    """
    if text is None:
        if name not in _shipped():
            raise RecipeError(f"prompt {name!r} is not known; {did_you_mean(name, _shipped())}")
        text = _shipped()[name]
    return _read(name, text.replace("\r\n", "\n").replace("\r", "\n"))


@cache
def _shipped() -> Mapping[str, str]:
    """Name -> text of the newest version of each file in `prompts/`."""
    newest: dict[str, tuple[int, str]] = {}
    for file in files("crossthink_data.synth").joinpath("prompts").iterdir():
        if named := _FILE.fullmatch(file.name):
            version = (int(named[2]), file.read_text("utf-8"))
            newest[named[1]] = max(newest.get(named[1], version), version)
    return {name: text for name, (_, text) in sorted(newest.items())}


def _read(name: str, text: str) -> Prompt:
    front, body, first_line = _parted(name, text)
    inputs = tuple(cast("list[str]", front["inputs"]))
    schema = front.get("schema")
    prompt = Prompt(
        name=name,
        version=cast(int, front["version"]),
        digest=digest_of(text),
        inputs=inputs,
        sampling=_sampling(name, front.get("sampling") or {}),
        _turns=_turns(name, body, first_line, inputs),
        _schema=schema,
    )
    _check_schema_inputs(name, schema, inputs)
    return prompt


def _wrong(name: str, what: str, right: str, line: int | None = None) -> RecipeError:
    where = f"prompt {name}" if line is None else f"prompt {name}, line {line}"
    return RecipeError(f"{where}: {what}; {right}")


def _parted(name: str, text: str) -> tuple[dict[str, object], list[str], int]:
    """Front matter, the lines behind it, and the number of the first of those in the file."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != "---" or "---" not in [line.rstrip() for line in lines[1:]]:
        raise _wrong(
            name,
            "it has no front matter",
            "a prompt begins with a line ---, then name, version and inputs as YAML, then ---",
            1,
        )
    end = [line.rstrip() for line in lines[1:]].index("---") + 1
    try:
        front = yaml.safe_load("\n".join(lines[1:end]))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 2
        problem = getattr(error, "problem", None) or "it cannot be read"
        right = 'write YAML, and put what begins with {{ in quotes, as in "{{ count }}"'
        raise _wrong(name, f"the front matter is not YAML: {problem}", right, line) from error
    return _front(name, front), lines[end + 1 :], end + 2


def _front(name: str, front: object) -> dict[str, object]:
    if not isinstance(front, dict):
        raise _wrong(name, "the front matter has no keys", f"it needs {', '.join(_NEEDED)}")
    for key in front:
        if key not in _KEYS:
            raise _wrong(name, f"{key!r} is not a key", did_you_mean(str(key), _KEYS))
    for key in _NEEDED:
        if key not in front:
            raise _wrong(name, f"the front matter has no {key}", f"it needs {', '.join(_NEEDED)}")
    if front["name"] != name:
        raise _wrong(name, f"the front matter has name {front['name']!r}", f"write name: {name}")
    version = front["version"]
    if type(version) is not int or version < 1:
        raise _wrong(name, f"version is {version!r}", "write a whole number from 1 on")
    inputs = front["inputs"]
    names = inputs if isinstance(inputs, list) else [inputs]
    for each in names:
        if not isinstance(inputs, list) or not isinstance(each, str) or not _NAME.fullmatch(each):
            raise _wrong(name, f"inputs has {each!r}", "write a list of names, as in [passage]")
    schema = front.get("schema")
    if schema is not None and not isinstance(schema, dict):
        raise _wrong(name, f"schema is {schema!r}", "write a JSON schema, or leave it out")
    return front


def _sampling(name: str, given: object) -> Sampling:
    if not isinstance(given, dict):
        raise _wrong(name, f"sampling is {given!r}", "write it as in {temperature: 0.7}")
    for key, value in given.items():
        if key not in _SAMPLING:
            raise _wrong(name, f"sampling has {key!r}", did_you_mean(str(key), _SAMPLING))
        why_not = _why_no_sampling(key, value)
        if why_not:
            raise _wrong(name, f"sampling has {key}: {value!r}", f"write {why_not}")
    values = dict(given)
    return Sampling(
        temperature=float(values.get("temperature", Sampling().temperature)),
        top_p=float(values.get("top_p", Sampling().top_p)),
        max_tokens=values.get("max_tokens", Sampling().max_tokens),
        stop=tuple(values.get("stop", ())),
    )


def _why_no_sampling(key: str, value: object) -> str:
    """What would be right for a sampling key; "" where `value` is."""
    if key == "stop":
        texts = isinstance(value, list) and all(isinstance(text, str) for text in value)
        return "" if texts else "a list of texts"
    low, high = _NUMBERS[key]
    whole = key == "max_tokens"
    number = type(value) is int or (type(value) is float and not whole)
    if number and low <= cast(float, value) <= high:
        return ""
    return f"a {'whole number' if whole else 'number'} from {low} to {high}"


def _turns(
    name: str, body: list[str], first_line: int, inputs: tuple[str, ...]
) -> tuple[tuple[Role, _Compiled], ...]:
    """Each turn's role and template, in the order of the file."""
    turns: list[tuple[Role, int, list[str]]] = []
    for number, line in enumerate(body, start=first_line):
        if marker := _MARKER.fullmatch(line):
            if marker[1] not in get_args(Role):
                hint = did_you_mean(marker[1], get_args(Role))
                raise _wrong(name, f"{marker[1]!r} is not a turn", hint, number)
            turns.append((cast(Role, marker[1]), number, []))
        elif turns:
            turns[-1][2].append(line)
        elif line.strip():
            right = "put a line === system === or === user === before it"
            raise _wrong(name, "text stands before the first turn", right, number)
    roles = [role for role, _, _ in turns]
    if not roles or roles[-1] != "user" or "system" in roles[1:]:
        right = "the last turn is === user ===, and === system === may stand first"
        raise _wrong(name, f"its turns are {', '.join(roles) or 'missing'}", right)
    return tuple(
        (role, _template(name, "\n".join(lines), marker, inputs)) for role, marker, lines in turns
    )


def _template(name: str, text: str, line_before: int, inputs: tuple[str, ...]) -> _Compiled:
    try:
        tree = _ENVIRONMENT.parse(text)
        template = _ENVIRONMENT.from_string(text)
    except RecursionError as error:
        raise _wrong(name, "a turn is nested too deep", "simplify it", line_before) from error
    except jinja2.TemplateSyntaxError as error:
        line = line_before + error.lineno
        message = f"the template cannot be read: {error.message}"
        raise _wrong(
            name, message, "correct it; each turn is a template of its own", line
        ) from error
    for outside in tree.find_all(_OUTSIDE):
        line = line_before + outside.lineno
        raise _wrong(name, "it takes in another file", "write the text out in this one", line)
    _check_names(name, jinja2.meta.find_undeclared_variables(tree), inputs)
    return template


def _check_names(name: str, used: set[str], inputs: tuple[str, ...]) -> None:
    for unknown in sorted(used - set(inputs) - set(_ENVIRONMENT.globals)):
        raise _wrong(name, f"{unknown!r} is not among its inputs", did_you_mean(unknown, inputs))


def _check_schema_inputs(name: str, schema: object, inputs: tuple[str, ...]) -> None:
    for text in _texts(schema):
        expression = _VALUE.fullmatch(text)
        if expression is None:
            continue
        try:
            tree = _ENVIRONMENT.parse(text)
        except jinja2.TemplateSyntaxError as error:
            message = f"the schema has {text!r}: {error.message}"
            raise _wrong(name, message, "write one expression over the inputs") from error
        _check_names(name, jinja2.meta.find_undeclared_variables(tree), inputs)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _filled(value: object, inputs: Mapping[str, object]) -> object:
    """The schema with the inputs in the place of texts that are nothing but `{{ ... }}`."""
    if isinstance(value, dict):
        return {key: _filled(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, inputs) for item in value]
    if isinstance(value, str) and (expression := _VALUE.fullmatch(value)):
        filled = _expression(expression[1])(**inputs)
        return list(filled) if isinstance(filled, tuple) else filled
    return value


@lru_cache(maxsize=256)
def _expression(text: str) -> Callable[..., object]:
    return _ENVIRONMENT.compile_expression(text, undefined_to_none=False)


def _schema_text(name: str, schema: object) -> str:
    try:
        return _checked(name, canonical_schema(cast("Mapping[str, object]", schema)))
    except (TypeError, ValueError) as error:
        raise _wrong(name, f"its schema is no JSON schema: {error}", "correct it") from error


@lru_cache(maxsize=256)
def _checked(name: str, text: str) -> str:
    """The same text; RecipeError where it is no schema. Checking one takes milliseconds."""
    try:
        jsonschema.Draft202012Validator.check_schema(json.loads(text))
    except jsonschema.SchemaError as error:
        raise _wrong(
            name, f"its schema is no JSON schema: {error.message}", "correct it"
        ) from error
    if '"$ref"' in text or '"$dynamicRef"' in text:
        raise _wrong(name, "its schema has a $ref", "write the schema out in full")
    return text
