"""llama.cpp inside this process: for a machine with no GPU, no key and no server.

The `xllamacpp` wheel brings llama.cpp whole: the model's own chat template, schemas enforced as
the reply is written, token counts, several replies at once in slots that share one batch. It takes
and gives the same JSON as its HTTP server, so this is an endpoint whose transport is a function
call. The calls block; they run in as many threads as there are slots and let go of the
interpreter. Replies are streamed, so that one can be stopped at any token.
"""

import asyncio
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from crossthink_data.errors import BackendError, MissingExtra
from crossthink_data.generate.backends import BackendSettings
from crossthink_data.generate.endpoint import Endpoint
from crossthink_data.generate.gguf_files import DEFAULT_MODEL, find_model
from crossthink_data.generate.keys import Key
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.generate.transport import HttpReply

try:
    import xllamacpp
except ImportError as missing:
    raise MissingExtra("xllamacpp", "local", "the llama backend") from missing

__all__ = ["DEFAULT_MODEL", "InProcess", "Llama", "joined", "open_llama"]

_QUIET: Final = -1
_MOST_GRAMMARS: Final = 1000


def open_llama(settings: BackendSettings) -> "Llama":
    """The model of the settings, or the default one, not yet loaded."""
    return Llama(settings)


class Llama:
    """A backend that owns its model; loading happens in `start`."""

    def __init__(self, settings: BackendSettings) -> None:
        self._settings = settings
        self._endpoint: Endpoint | None = None

    async def start(self) -> Capabilities:
        settings = self._settings
        path = await _not_waited_for(find_model, settings.model or DEFAULT_MODEL)
        # A reply names the file alone: the same model in another folder is the same model.
        name = path.name
        engine = await asyncio.to_thread(_load, path, name, settings)
        transport = InProcess(engine, name, slots=_slots(settings), timeout=settings.timeout)
        # The transport keeps the time itself: a call that waits for a slot is not late.
        self._endpoint = Endpoint(
            transport, model=name, key=Key("", settings.key_variable), root=name, timeout=None
        )
        return await self._endpoint.start()

    async def complete(self, call: Call) -> Answer | Failure:
        if self._endpoint is None:
            raise RuntimeError("a backend is started before it is asked")
        return await self._endpoint.complete(call)

    async def close(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()


async def _not_waited_for(find: Callable[[str], Path], name: str) -> Path:
    """What `find(name)` returns. Who stops the run meanwhile need not wait: it may be a download.

    The event loop waits at its end for threads of its own, and the process for all but daemons.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Path] = loop.create_future()

    def tell(path: Path | None, error: Exception | None) -> None:
        if found.done():
            return
        if path is not None:
            found.set_result(path)
        elif error is not None:
            found.set_exception(error)

    def look() -> None:
        path, failed = None, None
        try:
            path = find(name)
        except Exception as error:  # told where it is waited for, as the same error
            failed = error
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            loop.call_soon_threadsafe(tell, path, failed)

    threading.Thread(target=look, name="find-model", daemon=True).start()
    return await found


def _slots(settings: BackendSettings) -> int:
    return max(1, min(settings.slots, settings.max_in_flight))


def _processors() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load(path: Path, name: str, settings: BackendSettings) -> "xllamacpp.Server":
    slots = _slots(settings)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {name}
    params.n_parallel = slots
    params.n_ctx = settings.context * slots
    params.n_gpu_layers = settings.gpu_layers
    params.verbosity = _QUIET
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = settings.threads or _processors()
        cpu.poll = 0  # threads that spin while they wait starve each other on a shared machine
    # It opens a port of its own, on this machine alone; the key keeps other users' programs out.
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [secrets.token_hex(16)]
    params.ui = False
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise BackendError(
            f"model {path}: llama.cpp cannot load it (is the file whole, is its architecture known "
            f"to xllamacpp {xllamacpp.__version__}, is there memory for a context of {slots} x "
            f"{settings.context} tokens?); try a smaller context, a smaller model or a newer wheel"
        ) from error


class InProcess:
    """The transport that is a function call; `slots` replies at once, the others wait."""

    def __init__(
        self, engine: "xllamacpp.Server", name: str, *, slots: int, timeout: float
    ) -> None:
        self._engine: xllamacpp.Server | None = engine
        self._name = name
        self._timeout = timeout
        self._free = asyncio.Semaphore(slots)
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="llama")
        self._closing = threading.Event()
        self._looking = threading.Lock()
        self._grammars: dict[str, str | None] = {}

    async def get(self, path: str) -> HttpReply | Failure:
        """The list of models, which is this one; nothing else is to be had."""
        if path != "/models":
            return HttpReply(404, b"")
        return HttpReply(200, json.dumps({"data": [{"id": self._name}]}).encode())

    async def post(self, path: str, body: bytes) -> HttpReply | Failure:
        await self._free.acquire()
        stop = threading.Event()
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._threads, self._answer, path, body, stop)
        # A slot is free when its thread has let go, which may be after the call was given up.
        answer.add_done_callback(lambda _: self._free.release())
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.shield(answer)
        except TimeoutError:
            detail = f"no whole reply within {self._timeout:g} s"
            return Failure(kind="retry", reason="timed_out", detail=detail)
        finally:
            stop.set()

    async def close(self) -> None:
        self._closing.set()
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        self._engine = None

    def _answer(self, path: str, body: bytes, stop: threading.Event) -> HttpReply:
        engine = self._engine
        if engine is None or self._closing.is_set():
            return _error(503, "the backend is closed")
        handle = engine.handle_completions
        if path == "/chat/completions":
            handle = engine.handle_chat_completions
        pieces: list[str] = []

        def take(piece: str) -> bool:
            pieces.append(piece)
            return stop.is_set() or self._closing.is_set()

        try:
            handle(self._streamed(engine, body), take)
        except ValueError as error:
            return _error(400, str(error))
        except RuntimeError as error:
            return _error(500, str(error))
        return joined(pieces)

    def _streamed(self, engine: "xllamacpp.Server", body: bytes) -> str:
        """The body with the fields that this engine wants: a stream, usage at its end, a grammar.

        Asked for a schema in the usual field, llama.cpp reads the reply a second time and fails
        where a model wrote half a character; as a grammar the same schema is held to, without
        blanks to lose itself in.
        """
        fields = json.loads(body) | {"stream": True, "stream_options": {"include_usage": True}}
        form = fields.get("response_format")
        if form is None:
            return json.dumps(fields)
        schema = form.get("json_schema", {}).get("schema", {"type": "object"})
        grammar = self._grammar_of(engine, schema)
        if grammar is not None:
            del fields["response_format"]
            fields["grammar"] = grammar
        elif "prompt" in fields:
            fields["json_schema"] = schema  # without a chat the field has another name
        return json.dumps(fields)

    def _grammar_of(self, engine: "xllamacpp.Server", schema: Mapping[str, object]) -> str | None:
        """The grammar of a schema, or None for one that the engine cannot hold to in this form."""
        text = json.dumps(schema)
        with self._looking:
            if text not in self._grammars:
                if len(self._grammars) >= _MOST_GRAMMARS:
                    self._grammars.clear()
                self._grammars[text] = _held_grammar(engine, schema)
            return self._grammars[text]


def _held_grammar(engine: "xllamacpp.Server", schema: Mapping[str, object]) -> str | None:
    """A grammar that was seen to hold: one that cannot be read is dropped without a word."""
    if schema.get("type") != "object":
        return None
    tight = {**schema, "x-guidance": {"whitespace_flexible": False}}
    asked = {"prompt": "Good morning, dear", "max_tokens": 1, "temperature": 0.0}
    grammar: str = xllamacpp.json_schema_to_grammar(tight)
    reply = engine.handle_completions({**asked, "grammar": grammar})
    choices = reply.get("choices") or [{}]
    return grammar if str(choices[0].get("text")).lstrip().startswith("{") else None


def joined(pieces: Iterable[str]) -> HttpReply:
    """The pieces of a stream as the one reply that the HTTP server would have sent."""
    body: dict[str, object] = {}
    choices: dict[int, dict[str, object]] = {}
    for text in pieces:
        piece = json.loads(text)
        if "error" in piece:
            status = piece["error"].get("code")
            return HttpReply(status if isinstance(status, int) else 500, text.encode())
        for part in piece.pop("choices", ()):
            _join(choices.setdefault(part["index"], {"index": part["index"]}), part)
        body |= piece
    body["choices"] = [choices[index] for index in sorted(choices)]
    return HttpReply(200, json.dumps(body).encode())


def _join(choice: dict[str, object], part: Mapping[str, object]) -> None:
    """Add one part of a stream to the choice it belongs to: texts grow, other values are kept."""
    for name, value in part.items():
        if name == "delta" and isinstance(value, dict):
            message = choice.setdefault("message", {})
            if isinstance(message, dict):
                _grow(message, value)
        elif name == "text":
            _grow(choice, {"text": value})
        elif value is not None:
            choice[name] = value


def _grow(fields: dict[str, object], more: Mapping[str, object]) -> None:
    for name, value in more.items():
        if isinstance(value, str) and name != "role":
            before = fields.get(name)
            fields[name] = (before if isinstance(before, str) else "") + value
        elif value is not None:
            fields[name] = value


def _error(status: int, message: str) -> HttpReply:
    return HttpReply(status, json.dumps({"error": {"message": message}}).encode())
