"""Any server that speaks the OpenAI protocol: vLLM, llama.cpp, SGLang, a hosted API.

The server is probed once at the start (`probing.py`); after that a call is one exchange, and what
comes of it, answer or failure, is data.
"""

import asyncio
from dataclasses import replace
from typing import Final

from crossthink_data.errors import RecipeError
from crossthink_data.generate.backends import BackendSettings, checked_address
from crossthink_data.generate.keys import Key, read_key
from crossthink_data.generate.probing import probe
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.generate.transport import HttpReply, Transport, root_of
from crossthink_data.generate.wire import Dialect, Structured, body_of, path_of, read_reply

__all__ = ["Endpoint", "open_endpoint", "open_transport"]

_LONGEST_PROBE: Final = 60.0
_NEXT_FORM: Final[dict[Structured, Structured]] = {"schema": "json_object", "json_object": "text"}
_SCHEMA_WORDS: Final = (b"response_format", b"json_schema", b"schema", b"grammar", b"guided")


def open_endpoint(settings: BackendSettings) -> "Endpoint":
    """The server at `base_url`. RecipeError without an address, MissingExtra without a client."""
    if not settings.base_url.strip():
        raise RecipeError(
            "base_url is empty: the endpoint backend needs the server's address; "
            "give one, such as --base-url http://localhost:8000/v1"
        )
    key = read_key(settings.key_variable)
    root = checked_address(root_of(settings.base_url))
    transport = open_transport(settings, key, root)
    return Endpoint(transport, model=settings.model, key=key, root=root, timeout=settings.timeout)


def open_transport(settings: BackendSettings, key: Key, root: str) -> Transport:
    """The transport that the settings name; its client is imported now."""
    connections = settings.max_in_flight + 8  # the probe and a retry never wait for a connection
    longest = settings.timeout + 1  # a last resort: the backend itself keeps the time of a call
    if settings.transport == "aiohttp":
        from crossthink_data.generate.aiohttp_transport import AiohttpTransport

        return AiohttpTransport(root, key, timeout=longest, connections=connections)
    from crossthink_data.generate.openai_transport import OpenAITransport

    return OpenAITransport(root, key, timeout=longest, connections=connections)


class Endpoint:
    """A backend over HTTP; `start` finds out how the server wants to be asked."""

    def __init__(
        self, transport: Transport, *, model: str, key: Key, root: str, timeout: float | None
    ) -> None:
        self._transport = transport
        self._model = model
        self._key = key
        self._root = root
        self._timeout = timeout
        self._dialect = Dialect()
        # Schemas that the server refused, with the form they are asked for in since then.
        self._refused: dict[str, Structured] = {}

    async def start(self) -> Capabilities:
        found = await probe(
            self._transport, self._model, self._key, self._root, _shorter(self._timeout)
        )
        self._dialect = found.dialect
        return found.capabilities

    async def complete(self, call: Call) -> Answer | Failure:
        dialect = self._dialect_for(call.request.schema)
        reply = await self._exchange(call, dialect)
        while self._steps_down(call, dialect, reply):
            dialect = self._dialect_for(call.request.schema)
            reply = await self._exchange(call, dialect)
        return self._read(reply, dialect)

    async def close(self) -> None:
        await self._transport.close()

    async def _exchange(self, call: Call, dialect: Dialect) -> HttpReply | Failure:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._transport.post(path_of(call), body_of(call, dialect))
        except TimeoutError:
            # The client's own limits restart with each byte: a reply that drips is caught here.
            detail = f"no whole reply within {self._timeout} s"
            return Failure(kind="retry", reason="timed_out", detail=detail)

    def _read(self, reply: HttpReply | Failure, dialect: Dialect) -> Answer | Failure:
        read = (
            reply
            if isinstance(reply, Failure)
            else read_reply(reply, self._key, dialect.structured)
        )
        if isinstance(read, Failure):
            return replace(read, detail=self._key.scrub(read.detail))
        return read

    def _dialect_for(self, schema: str | None) -> Dialect:
        if schema is None:
            return replace(self._dialect, structured="text")
        form = self._refused.get(schema)
        return self._dialect if form is None else replace(self._dialect, structured=form)

    def _steps_down(self, call: Call, dialect: Dialect, reply: HttpReply | Failure) -> bool:
        """True when the server refused this very schema, which is then asked for otherwise.

        A server that enforces a small schema may know not all of the words of a large one.
        """
        schema = call.request.schema
        if schema is None or dialect.structured == "text":
            return False
        if isinstance(reply, Failure) or reply.status not in (400, 422, 501):
            return False
        if not any(word in reply.body for word in _SCHEMA_WORDS):
            return False
        self._refused[schema] = _NEXT_FORM[dialect.structured]
        return True


def _shorter(timeout: float | None) -> float | None:
    """How long a call of the probe may take: a server that answers nothing is soon found out."""
    return None if timeout is None else min(timeout, _LONGEST_PROBE)
