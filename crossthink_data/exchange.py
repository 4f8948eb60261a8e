"""What is asked of a model and what came back: requests with their keys, replies, conversations.

Standard library only. The rules of `synth` write requests and read replies; `generate` carries them
to a model and back, and keeps them. Neither knows the other: both know this page.

>>> def echo(row_id: str) -> Conversation:
...     request = Request(task="echo", row_id=row_id, messages=(Message("user", "hello"),))
...     (reply,) = yield (Ask(request),)
...     return Rejected("echoed", getattr(reply, "text", ""), "{}")
>>> talk = echo("1")
>>> asks = next(talk)
>>> try:
...     talk.send((Completion(key="k", text="hi"),))
... except StopIteration as stop:
...     stop.value.detail
'hi'
"""

import hashlib
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from crossthink_data.records import Question

__all__ = [
    "Ask",
    "Completion",
    "Conversation",
    "Made",
    "Message",
    "Outcome",
    "Refusal",
    "Rejected",
    "Reply",
    "Request",
    "Role",
    "Sampling",
    "accept_any",
    "canonical_schema",
    "digest_of",
    "request_key",
    "request_seed",
]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the model draws its reply; `max_tokens` bounds the reply, in tokens of the model."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The four values as JSON has them."""
        return {
            "temperature": float(self.temperature),
            "top_p": float(self.top_p),
            "max_tokens": self.max_tokens,
            "stop": list(self.stop),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing asked of a model: chat `messages`, or a bare `prompt` for a model without a chat.

    `schema` is the JSON schema wanted of the reply, as canonical JSON text. `sample` counts draws
    of the same prompt that are all wanted (votes); `resample` counts draws that took the place of
    an unusable one. `task`, `row_id` and `template` (the digest of the prompt template) say what
    the request is for; the model does not see them, so they are no part of the key.
    """

    task: str
    row_id: str
    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    schema: str | None = None
    template: str = ""
    sample: int = 0
    resample: int = 0

    def seen_by_model(self) -> dict[str, object]:
        """The part of the request that the model sees, as JSON values."""
        return {
            "messages": [[message.role, message.content] for message in self.messages],
            "prompt": self.prompt,
            "sampling": self.sampling.as_json(),
            "schema": self.schema,
        }


def request_key(request: Request, *, model: str, seed: int, epoch: int = 0) -> str:
    """32 hex digits: BLAKE2b-128 over what the model sees, the draw, the run seed and the epoch.

    Neither the row id nor the server's address is in it: equal prompts are one request, and a
    server that moved keeps its replies. A new `epoch` asks everything again.
    """
    parts = {
        **request.seen_by_model(),
        "model": model,
        "seed": request_seed(request, seed),
        "sample": request.sample,
        "resample": request.resample,
        "epoch": epoch,
    }
    return digest_of(parts)


def request_seed(request: Request, seed: int) -> int:
    """The sampling seed of a request, below 2**31: from run seed, prompt and draw alone.

    Never from the row id or the order of arrival, or equal prompts would not be equal requests.
    """
    parts = [seed, request.seen_by_model(), request.sample, request.resample]
    return int(digest_of(parts)[:8], 16) >> 1


def digest_of(value: object) -> str:
    """32 hex digits: BLAKE2b-128 over a JSON value, written with sorted keys and no blanks."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # A lone surrogate in a scraped page has no UTF-8 form; it is escaped, so that it has a digest.
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A usable reply: the raw text, as the server gave it, and what it cost in tokens.

    `key` names the request that was answered in the end (a resample has a key of its own); `model`
    is the name that the server reported.
    """

    key: str
    text: str
    reasoning: str | None = None
    finish_reason: str = "stop"
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No usable reply is to be had: `reason` is a stable snake_case reject reason."""

    key: str
    reason: str
    detail: str = ""


Reply = Completion | Refusal


def accept_any(completion: Completion) -> str:
    """The check that takes every reply."""
    return ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request and the check of its reply: "" for a usable one, or the reason to draw another.

    The check is pure; what it refuses is drawn again with a new `resample`, a few times.
    """

    request: Request
    check: Callable[[Completion], str] = accept_any


@dataclass(frozen=True, slots=True)
class Made:
    """A question that passed every rule; `votes` and checks stand in its provenance."""

    question: Question


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that gave no row: the first rule that fired, the offending text, the question if any.

    `provenance` is the JSON object that the question would have had.
    """

    reason: str
    detail: str
    provenance: str
    subject: str | None = None
    question: Question | None = None


Outcome = Made | Rejected

Conversation = Generator[tuple[Ask, ...], tuple[Reply, ...], Outcome]
"""How one item becomes a row: yields what to ask, is sent the replies in that order, and returns.

Pure: the same replies give the same outcome, so rows are rebuilt from a journal alone.
"""


def canonical_schema(schema: Mapping[str, object]) -> str:
    """A JSON schema as the canonical text that a request holds.

    The order of its keys is kept: a server that enforces a schema has the fields written in the
    order in which they stand there, and reasoning belongs before the answer.
    """
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
