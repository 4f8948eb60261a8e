"""What a backend is: it is started, it answers one call at a time, it is closed.

A backend neither retries nor counts nor keeps anything: that is the engine's work, the same for
every backend. Adding one is a file here and its line in `backends.py`.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from crossthink_data.exchange import Request

__all__ = ["Answer", "Backend", "Call", "Capabilities", "Failure", "FailureKind"]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it is sent: with its key, the model's name and the sampling seed."""

    request: Request
    key: str
    model: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server sent back, unread: any text, any finish reason; tokens as the server counts.

    `model` is the name that the server reported; `structured` says in which form the schema was
    asked for: `schema`, `json_object` or `text`.
    """

    text: str
    finish_reason: str
    reasoning: str | None = None
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    structured: Literal["schema", "json_object", "text"] = "text"


FailureKind = Literal["slow_down", "retry", "reject", "stop"]
"""Retry and slow down; retry; reject the row; stop the run (`failures.py` has the table)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that brought no answer. `retry_after` is in seconds from now, when the server said so.

    A `reject` is for good unless `final` is False: then a later run asks again.

    `reason` is stable snake_case: `rate_limited`, `overloaded`, `server_error`, `timed_out`,
    `connection_failed`, `malformed_body`, `empty_body`, `request_refused`, `content_filter`,
    `wrong_key`, `forbidden`, `unknown_model`, `not_recorded` ...
    """

    kind: FailureKind
    reason: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    final: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the server was seen to do at the start; False where it refused or ignored the field."""

    server: str
    models: tuple[str, ...] = ()
    schema: bool = False
    json_object: bool = False
    n: bool = False
    logprobs: bool = False
    seed: bool = False
    notes: tuple[str, ...] = field(default=())


class Backend(Protocol):
    """One way to reach a model. `complete` never raises for what a server can do: it is data."""

    async def start(self) -> Capabilities:
        """Make ready and probe once. BackendError when there is nothing to ask."""

    async def complete(self, call: Call) -> Answer | Failure:
        """One try at one call; may be called many times at once."""

    async def close(self) -> None:
        """Let go of connections, children and memory; may be called twice."""
