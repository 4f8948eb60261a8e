"""What the mock endpoint says: replies, refusals, broken bodies, values that fit a JSON schema."""

import hashlib
import json
import random
from collections.abc import Mapping
from typing import Any

from aiohttp import web

FAULTS = (
    "429",
    "429_date",
    "500",
    "503",
    "400",
    "hang",
    "drop",
    "malformed",
    "truncated",
    "empty",
    "blank",
    "length",
    "content_filter",
    "schema_ignored",
)
REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "429": (429, "rate_limit_exceeded", "too many requests"),
    "429_date": (429, "rate_limit_exceeded", "too many requests"),
    "500": (500, "server_error", "something broke"),
    "503": (503, "overloaded", "the server is overloaded"),
    "400": (400, "invalid_request_error", "this request is refused"),
}


def payload_digest(payload: Mapping[str, Any]) -> str:
    """16 hex digits that stand for the payload, whatever the order of its fields."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def tokens_of(text: str) -> int:
    """Tokens as the mock counts them: four characters each."""
    return max(1, (len(text) + 3) // 4)


_WORDS = ("amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty")


def plain_text(digest: str, words: int) -> str:
    """A reply that names its payload's digest."""
    draw = random.Random(digest)
    return " ".join(["reply", digest, *(draw.choice(_WORDS) for _ in range(words))])


def fitting(schema: Mapping[str, Any], draw: random.Random, root: Mapping[str, Any]) -> Any:
    """A JSON value that fits the schema (the usual words of JSON schema, not all)."""
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return fitting(target, draw, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return fitting(schema[several][0], draw, root)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {
            name: fitting(part, draw, root) for name, part in schema.get("properties", {}).items()
        }
    if kind == "array":
        return _fitting_list(schema, draw, root)
    if kind in ("integer", "number"):
        low = int(schema.get("minimum", 0))
        return draw.randint(low, max(low, int(schema.get("maximum", low + 9))))
    if kind == "boolean":
        return draw.random() < 0.5
    return None if kind == "null" else _fitting_text(schema, draw)


def _fitting_list(
    schema: Mapping[str, Any], draw: random.Random, root: Mapping[str, Any]
) -> list[Any]:
    size = int(schema.get("minItems", min(2, int(schema.get("maxItems", 2)))))
    values: list[Any] = []
    while len(values) < size:
        value = fitting(schema.get("items", {"type": "string"}), draw, root)
        if not schema.get("uniqueItems") or value not in values:
            values.append(value)
    return values


def _fitting_text(schema: Mapping[str, Any], draw: random.Random) -> str:
    text = " ".join(draw.choice(_WORDS) for _ in range(4))
    while len(text) < int(schema.get("minLength", 0)):
        text += " " + draw.choice(_WORDS)
    return text[: int(schema.get("maxLength", len(text)))]


def choice_of(
    index: int, text: str, finish: str, logprobs: object, *, chat: bool
) -> dict[str, Any]:
    """One of the `choices` of a reply."""
    if not chat:
        return {"index": index, "text": text, "finish_reason": finish, "logprobs": None}
    entry = {"token": text[:4], "logprob": -0.1, "bytes": None, "top_logprobs": []}
    return {
        "index": index,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": {"content": [entry]} if logprobs else None,
    }


def schema_of(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON schema that a payload wants its reply to fit, or None."""
    wanted = payload.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
        assert isinstance(schema, dict)
        return schema
    return {"type": "object", "properties": {}} if wanted.get("type") == "json_object" else None


def messages_of(payload: Mapping[str, Any]) -> list[dict[str, str]]:
    """The chat of a payload; of a bare prompt, one user message."""
    if "messages" in payload:
        return [
            {"role": str(part.get("role")), "content": str(part.get("content") or "")}
            for part in payload["messages"]
        ]
    return [{"role": "user", "content": str(payload.get("prompt", ""))}]


def error_reply(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A refusal, with the body that the OpenAI API has."""
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=dict(headers or {}))


def drop(request: web.BaseRequest) -> web.Response:
    """Reset the connection."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def broken(request: web.BaseRequest, fault: str, body: bytes) -> web.StreamResponse:
    """A body that is empty, no JSON, or shorter than its header says."""
    if fault == "empty":
        return web.Response(content_type="application/json")
    half = body[: len(body) // 2]
    if fault == "malformed":
        return web.Response(body=half, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(half)
    if request.transport is not None:
        request.transport.close()
    return response
