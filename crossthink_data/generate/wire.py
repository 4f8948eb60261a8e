"""Calls and replies in the form that OpenAI-compatible servers speak: pure, bytes in, values out.

One page for every backend that speaks it, over HTTP or inside the process, so that the same reply
means the same whichever way it came. Replies are untrusted: any bytes become a value, and nothing
is raised.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from crossthink_data.exchange import Message
from crossthink_data.generate.failures import (
    content_filtered,
    empty_body,
    failure_of_status,
    malformed_body,
)
from crossthink_data.generate.keys import Key
from crossthink_data.generate.protocol import Answer, Call, Failure
from crossthink_data.generate.transport import HttpReply

__all__ = [
    "Dialect",
    "Structured",
    "as_json_object",
    "body_of",
    "path_of",
    "read_answer",
    "read_reply",
]

Structured = Literal["schema", "json_object", "text"]

CHAT: Final = "/chat/completions"
PLAIN: Final = "/completions"
# llama.cpp sends this in place of a reply that its own reader of replies cannot follow.
_UNREAD: Final = b"The model produced output that does not match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one server wants to be asked: which form it enforces, and what it calls things."""

    structured: Structured = "schema"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    sends_seed: bool = True
    sends_temperature: bool = True


def path_of(call: Call) -> str:
    """The path, after the base URL, that a call goes to."""
    return CHAT if call.request.prompt is None else PLAIN


def body_of(call: Call, dialect: Dialect, more: Mapping[str, object] | None = None) -> bytes:
    """The JSON body of a call; `more` are fields that a server takes beside the usual ones."""
    request, sampling = call.request, call.request.sampling
    fields: dict[str, object] = {"model": call.model}
    if request.prompt is None:
        messages = _with_schema_in_words(request.messages, request.schema, dialect)
        fields["messages"] = [{"role": turn.role, "content": turn.content} for turn in messages]
    else:
        fields["prompt"] = request.prompt
    if dialect.sends_temperature:
        fields["temperature"] = sampling.temperature
    fields[dialect.token_limit if request.prompt is None else "max_tokens"] = sampling.max_tokens
    if sampling.top_p != 1.0:
        fields["top_p"] = sampling.top_p
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if dialect.sends_seed:
        fields["seed"] = call.seed
    response_format = _response_format(request.schema, dialect)
    if response_format is not None:
        fields["response_format"] = response_format
    text = json.dumps(fields | dict(more or {}), ensure_ascii=False, separators=(",", ":"))
    return _sendable(text).encode()


def _response_format(schema: str | None, dialect: Dialect) -> dict[str, object] | None:
    if schema is None or dialect.structured == "text":
        return None
    if dialect.structured == "json_object":
        return {"type": "json_object"}
    named = {"name": "reply", "schema": json.loads(schema), "strict": True}
    return {"type": "json_schema", "json_schema": named}


def _with_schema_in_words(
    messages: tuple[Message, ...], schema: str | None, dialect: Dialect
) -> tuple[Message, ...]:
    """The messages; where the server does not enforce the schema, the last one tells it."""
    if schema is None or dialect.structured == "schema" or not messages:
        return messages
    words = f"\n\nReply with one JSON object and nothing else. Its JSON schema:\n{schema}"
    last = replace(messages[-1], content=messages[-1].content + words)
    return (*messages[:-1], last)


def as_json_object(body: bytes | str) -> dict[str, object] | None:
    """A JSON object read from a body, or None where it is anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_reply(reply: HttpReply, key: Key, structured: Structured) -> Answer | Failure:
    """What a reply over HTTP says, with the key struck out wherever the server sent it back."""
    body = key.scrub_body(reply.body)
    if reply.status == 200:
        return read_answer(body, structured)
    if reply.status == 500 and _UNREAD in body:
        # The model has answered, and would answer the same again: it is another draw that helps.
        return Answer(text="", finish_reason="stop", structured=structured)
    said = key.scrub(body.decode("utf-8", "replace"))
    return failure_of_status(reply.status, said, retry_after=reply.retry_after)


def read_answer(body: bytes | str, structured: Structured) -> Answer | Failure:
    """The answer in the body of a reply that came with status 200."""
    if not body.strip():
        return empty_body()
    reply = as_json_object(body)
    if reply is None:
        return malformed_body(f"the reply is no JSON object: {_shown(body)}")
    if reply.get("error") and not reply.get("choices"):
        return failure_of_status(200, json.dumps(reply))
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return malformed_body(f"the reply has no choices: {_shown(body)}")
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    finish = _text(choice.get("finish_reason")) or "stop"
    text = _content(message.get("content")) or _content(choice.get("text"))
    refusal = _text(message.get("refusal"))
    if not text and (refusal or finish == "content_filter"):
        return content_filtered(f"the server withheld its reply: {refusal or finish}")
    reasoning = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    # A model that thought and did not answer has answered all the same: another draw may end.
    if not text and not reasoning and finish != "length":
        return replace(empty_body(), detail=f"the reply has no text (finish reason {finish})")
    usage = reply.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Answer(
        text=text,
        finish_reason=finish,
        reasoning=reasoning or None,
        model=_text(reply.get("model")),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        structured=structured,
    )


def _content(value: object) -> str:
    """The text of a content field: a string, or a list of parts of which some are text."""
    if isinstance(value, list):
        parts = (part.get("text") for part in value if isinstance(part, dict))
        return "".join(_text(part) for part in parts)
    return _text(value)


def _text(value: object) -> str:
    """A string that has a UTF-8 form, or "" for what is no string."""
    return _sendable(value) if isinstance(value, str) else ""


def _sendable(text: str) -> str:
    """The text with every lone surrogate replaced; two halves that belong together are joined.

    Scraped pages and JSON can hold one, and no UTF-8 can.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 and value is not True else 0


def _shown(body: bytes | str) -> str:
    text = body if isinstance(body, str) else body[:400].decode("utf-8", "replace")
    return repr(text[:200])
