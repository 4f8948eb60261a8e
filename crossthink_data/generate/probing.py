"""What a server can do, by what it is seen to do: a few tiny calls at the start of a run.

A field that is accepted proves nothing: some servers take a schema and ignore it. Each question
is put so that an obedient server must answer otherwise than one that looks away.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crossthink_data.errors import BackendError, did_you_mean
from crossthink_data.exchange import Message, Request, Sampling, canonical_schema
from crossthink_data.generate.failures import what_to_do
from crossthink_data.generate.keys import Key
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.generate.transport import HttpReply, Transport
from crossthink_data.generate.wire import (
    Dialect,
    Structured,
    as_json_object,
    body_of,
    path_of,
    read_reply,
)

__all__ = ["PROBE", "Found", "probe"]

PROBE: Final = "Capability probe."
"""How the prompt of every probe begins, so that servers and their logs can tell it."""

_WAITS: Final = (0.1, 0.2, 0.4, 0.8)
_BUSY_WAITS: Final = (*_WAITS, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between tries of a server that says it is busy: hosted ones count by the minute."""

_LONGEST_WAIT: Final = 120.0
"""A server that asks to be left alone for longer is not waited for, and the run says so."""

_HOPELESS: Final = ("wrong_key", "out_of_quota", "connection_failed", "timed_out")
_LONGEST_LIST: Final = 1000
_SCHEMA: Final = canonical_schema(
    {
        "type": "object",
        "properties": {"word": {"type": "string", "enum": ["zephyr", "quartz"]}},
        "required": ["word"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the probe found: for the run's record, and for the calls to come."""

    capabilities: Capabilities
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class _Line:
    """The server under probe; every exchange goes through `ask`."""

    transport: Transport
    model: str
    key: Key
    root: str
    wait: float | None

    async def ask(
        self, call: Call, dialect: Dialect, more: Mapping[str, object] | None = None
    ) -> HttpReply | Failure:
        """The reply to one call, asked again while the trouble is one that passes."""
        late = tried = 0
        while True:
            reply = await self._once(call, dialect, more)
            read = self.read(reply, dialect)
            if isinstance(read, Answer) or _lasts(read):
                return reply
            waits = _BUSY_WAITS if read.kind == "slow_down" else _WAITS
            late += read.reason == "timed_out"
            # One call may hang; a server that lets two of them hang is no server.
            asked = read.retry_after or 0.0
            if tried >= len(waits) or late > 1 or asked > _LONGEST_WAIT:
                return reply
            # A server that names a moment means itself; its window may be longer than that.
            await asyncio.sleep(max(asked, waits[tried]))
            tried += 1

    async def _once(
        self, call: Call, dialect: Dialect, more: Mapping[str, object] | None
    ) -> HttpReply | Failure:
        try:
            async with asyncio.timeout(self.wait):
                return await self.transport.post(path_of(call), body_of(call, dialect, more))
        except TimeoutError:
            detail = f"no whole reply within {self.wait} s"
            return Failure(kind="retry", reason="timed_out", detail=detail)

    def read(self, reply: HttpReply | Failure, dialect: Dialect) -> Answer | Failure:
        if isinstance(reply, Failure):
            return replace(reply, detail=self.key.scrub(reply.detail))
        return read_reply(reply, self.key, dialect.structured)


async def probe(transport: Transport, model: str, key: Key, root: str, wait: float | None) -> Found:
    """What the server can do. BackendError when there is nobody to ask, or not with this key.

    `wait` bounds each call in seconds, where it is not None. Trouble that passes (a full server, a
    dropped connection) is waited out, so that a server is found to be the same on a bad day.
    """
    line = _Line(transport, model, key, root, wait)
    models, notes = await _models(line)
    if not model:
        raise BackendError(
            f"no model is named for {root}; name one with --model, {_offer('', models)}"
        )
    dialect, first = await _greeted(line, models)
    answer = line.read(first, dialect)
    if isinstance(answer, Answer) and not answer.prompt_tokens:
        notes.append("the server counts no tokens: usage is recorded as 0")
    if models and model not in models:
        notes.append(f"{model} is not among the models that the server lists")
    dialect, temperature_note = await _with_temperature(line, dialect)
    checks = await asyncio.gather(
        _sees_schema(line, dialect),
        _sees_json_object(line, dialect),
        _sees_several(line, dialect),
        _sees_logprobs(line, dialect),
        _sees_seed(line, dialect, first),
    )
    notes += [note for note in (temperature_note, *(note for _, note in checks)) if note]
    schema, json_object, n, logprobs, seed = (seen for seen, _ in checks)
    form: Structured = "schema" if schema else "json_object" if json_object else "text"
    capabilities = Capabilities(
        server=root,
        models=tuple(models),
        schema=schema,
        json_object=json_object,
        n=n,
        logprobs=logprobs,
        seed=seed,
        notes=tuple(notes),
    )
    return Found(capabilities, replace(dialect, structured=form))


async def _models(line: _Line) -> tuple[list[str], list[str]]:
    """The names in the server's list of models, and notes; an absent list is only a note."""
    reply = await _listed(line)
    if isinstance(reply, Failure) or reply.status != 200:
        read = line.read(reply, Dialect(structured="text"))
        reason = read.reason if isinstance(read, Failure) else "no list"
        if isinstance(read, Failure) and reason in _HOPELESS:
            raise _nobody(line, read, [])
        return [], [f"the server lists no models ({reason})"]
    found = as_json_object(line.key.scrub_body(reply.body))
    data = (found or {}).get("data")
    entries = data if isinstance(data, list) else []
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    known = [name for name in names if isinstance(name, str)][:_LONGEST_LIST]
    return known, [] if known else ["the server lists no models"]


async def _listed(line: _Line) -> HttpReply | Failure:
    for wait in (*_WAITS[:2], None):
        try:
            async with asyncio.timeout(line.wait):
                reply = await line.transport.get("/models")
        except TimeoutError:
            reply = Failure(kind="retry", reason="timed_out", detail=f"after {line.wait} s")
        whole = isinstance(reply, HttpReply) and reply.status < 500 and reply.status != 429
        if whole or wait is None:
            break
        await asyncio.sleep(wait)
    return reply


async def _greeted(line: _Line, models: Sequence[str]) -> tuple[Dialect, HttpReply | Failure]:
    """How the server wants to be asked, and its first reply; it must be one."""
    dialect = Dialect(structured="text")
    while True:
        reply = await line.ask(_call(line), dialect)
        read = line.read(reply, dialect)
        if isinstance(read, Answer):
            return dialect, reply
        changed = _obliged(dialect, reply)
        if changed == dialect:
            raise _nobody(line, read, models)
        dialect = changed


def _obliged(dialect: Dialect, reply: HttpReply | Failure) -> Dialect:
    """The dialect without what the server said it does not take."""
    if isinstance(reply, Failure) or reply.status not in (400, 422):
        return dialect
    if b"max_completion_tokens" in reply.body:
        return replace(dialect, token_limit="max_completion_tokens")
    if b"seed" in reply.body:
        return replace(dialect, sends_seed=False)
    return dialect


async def _with_temperature(line: _Line, dialect: Dialect) -> tuple[Dialect, str]:
    """The dialect, without a temperature where the server takes none but its own."""
    reply = await line.ask(_call(line, tokens=4, temperature=0.0), dialect)
    if isinstance(reply, Failure) or reply.status not in (400, 422):
        return dialect, ""
    if b"temperature" not in reply.body:
        return dialect, ""
    note = "the server takes no temperature: it draws replies in its own way"
    return replace(dialect, sends_temperature=False), note


async def _sees_schema(line: _Line, dialect: Dialect) -> tuple[bool, str]:
    asked = replace(dialect, structured="schema")
    for tokens in (64, 1024):
        call = _call(line, "Say hello.", tokens=tokens, schema=_SCHEMA)
        answer = line.read(await line.ask(call, asked), asked)
        if isinstance(answer, Failure):
            return False, f"a JSON schema is refused ({answer.reason}: {answer.detail})"
        reply = as_json_object(answer.text)
        if reply is not None and reply.get("word") in ("zephyr", "quartz"):
            return True, ""
        if answer.finish_reason != "length":
            break
    return False, "a JSON schema is accepted and ignored: replies are asked for in other forms"


async def _sees_json_object(line: _Line, dialect: Dialect) -> tuple[bool, str]:
    asked = replace(dialect, structured="json_object")
    call = _call(line, "Say hello, in JSON or not.", tokens=128, schema="{}")
    answer = line.read(await line.ask(call, asked), asked)
    if isinstance(answer, Failure):
        return False, f"the JSON object form is refused ({answer.reason})"
    if as_json_object(answer.text) is not None:
        return True, ""
    return False, "the JSON object form is accepted, and no JSON object came"


async def _sees_several(line: _Line, dialect: Dialect) -> tuple[bool, str]:
    choices = await _choices(line, dialect, {"n": 2})
    return len(choices) == 2, ""


async def _sees_logprobs(line: _Line, dialect: Dialect) -> tuple[bool, str]:
    choices = await _choices(line, dialect, {"logprobs": True})
    first = choices[0] if choices else None
    return isinstance(first, dict) and bool(first.get("logprobs")), ""


async def _choices(line: _Line, dialect: Dialect, more: Mapping[str, object]) -> list[object]:
    reply = await line.ask(_call(line, tokens=4), dialect, more)
    body = as_json_object(reply.body) if isinstance(reply, HttpReply) else None
    choices = (body or {}).get("choices")
    return choices if isinstance(choices, list) else []


async def _sees_seed(line: _Line, dialect: Dialect, first: HttpReply | Failure) -> tuple[bool, str]:
    """True when one seed gives one text and another seed another."""
    if not dialect.sends_seed:
        return False, "the server takes no seed"
    again, other = await asyncio.gather(
        line.ask(_call(line), dialect), line.ask(_call(line, seed=2), dialect)
    )
    texts = [line.read(reply, dialect) for reply in (first, again, other)]
    same, repeated, changed = (text.text if isinstance(text, Answer) else None for text in texts)
    if same != repeated:
        return False, "the server does not keep to a seed: a call asked again may differ"
    return same != changed, ""


def _call(
    line: _Line,
    words: str = "Write a few words about anything at all.",
    *,
    tokens: int = 24,
    seed: int = 1,
    schema: str | None = None,
    temperature: float = 1.0,
) -> Call:
    request = Request(
        task="probe",
        row_id="",
        messages=(Message("user", f"{PROBE} {words}"),),
        sampling=Sampling(temperature=temperature, max_tokens=tokens),
        schema=schema,
    )
    return Call(request=request, key="", model=line.model, seed=seed)


def _lasts(failure: Failure) -> bool:
    """True for trouble that asking again at once cannot end."""
    return failure.kind in ("stop", "reject") or failure.reason == "not_found"


def _nobody(line: _Line, failure: Failure, models: Sequence[str]) -> BackendError:
    """The error for a server that cannot be asked: what is wrong, where, and what to do."""
    root, variable = line.root, line.key.variable
    if failure.reason == "wrong_key":
        have = f"the key in {variable} is not the right one" if line.key else f"{variable} is unset"
        return BackendError(
            f"{root} wants another key (401): {have}; "
            f"set the environment variable {variable} to a key of this server"
        )
    if failure.reason == "forbidden":
        return BackendError(
            f"{root} forbids the use of {line.model!r} (403: {failure.detail}); ask for access, "
            f"or set {variable} to a key that has it"
        )
    if failure.reason == "unknown_model":
        return BackendError(
            f"model {line.model!r} is not served by {root}; {_offer(line.model, models)}"
        )
    if failure.reason == "not_found":
        return BackendError(
            f"{root}/chat/completions is not there ({failure.detail}); "
            "is this the base URL of an OpenAI-compatible server? It mostly ends in /v1"
        )
    if failure.reason in ("connection_failed", "timed_out"):
        return BackendError(
            f"no server answers at {root} ({failure.detail}); start one, for example "
            f"vllm serve {line.model or 'MODEL'} --port 8000, or give its address with --base-url"
        )
    after = f", and asks to wait {failure.retry_after:g} s" if failure.retry_after else ""
    return BackendError(
        f"{root} answers no call to {line.model!r} ({failure.reason}: {failure.detail}{after}); "
        f"{what_to_do(failure.reason)}; then run the same command again"
    )


def _offer(model: str, models: Sequence[str]) -> str:
    if not models:
        return "and it lists none: ask whoever runs it for the name"
    shown = json.dumps(sorted(models)[:20])
    return f"it has {shown}" + (f"; {did_you_mean(model, models)}" if model else "")
