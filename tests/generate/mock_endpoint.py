#!/usr/bin/env python3
"""A model server that is none: OpenAI-compatible, with the latency, limits and faults asked for.

    python tests/generate/mock_endpoint.py --port 0 --latency 0.2 --fault 500=0.01 --capacity 64

prints its port as its first line. In a test, in a thread of the same process:

    with MockEndpoint(latency=0.01, faults={"500": 0.1}) as mock:
        ... mock.url, mock.stats(), mock.seen() ...

and as a process of its own: `with MockProcess("--latency", "0.2") as mock: mock.url`.

The reply is decided by a hash of the payload (model, messages, sampling, seed, schema), so equal
payloads have equal replies. Which attempt has which fault is decided by the seed, the payload and
the number of the attempt at it, never by the order of arrival.

Faults, each with its share of the attempts: `429` and `429_date` (Retry-After in seconds or as a
date), `500`, `503`, `400`, `hang`, `drop`, `malformed`, `truncated`, `empty` (no body), `blank`
(a reply without text), `length`, `content_filter`, `schema_ignored`.

GET /stats: counters. GET /seen: payload digest -> [times asked, times answered in full].
POST /reset: all counters at zero.
"""

import argparse
import asyncio
import email.utils
import hashlib
import importlib.util
import inspect
import json
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
from mock_replies import (
    FAULTS,
    REFUSALS,
    broken,
    choice_of,
    drop,
    error_reply,
    fitting,
    messages_of,
    payload_digest,
    plain_text,
    schema_of,
    tokens_of,
)

Responder = Callable[..., str]
"""(messages, schema) -> the reply's text; a third parameter is given the payload's seed."""


@dataclass
class MockSettings:
    """What the server does; a test may change the values while it runs."""

    latency: float = 0.0
    capacity: int | None = None
    """Requests at once; above it 429 with Retry-After."""
    faults: dict[str, float] = field(default_factory=dict)
    fault_seed: int = 0
    faults_on_attempts: int | None = None
    """Only the first so many attempts at a payload can have a fault."""
    retry_after: float = 1.0
    key: str | None = None
    """The only API key that is let in; anything else is 401."""
    models: tuple[str, ...] = ()
    """Other models are 404; empty: any name is served, `mock-model` is listed."""
    schema: str = "enforced"
    """`enforced`, `ignored` (a server that lies) or `refused` (400 where a schema is sent)."""
    n: str = "enforced"
    """`enforced` or `ignored`: whether `n` draws come back."""
    reply_words: int = 12
    responder: Responder | None = None


@dataclass
class _Counters:
    requests: int = 0
    served: int = 0
    refused: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0
    area: float = 0.0
    first: float = 0.0
    last: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    by_key: Counter[str] = field(default_factory=Counter)
    by_fault: Counter[str] = field(default_factory=Counter)
    by_path: Counter[str] = field(default_factory=Counter)

    def step(self, change: int) -> None:
        now = time.monotonic()
        if not self.first:
            self.first = self.last = now
        self.area += self.in_flight * (now - self.last)
        self.last = now
        self.in_flight += change
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)

    def as_json(self) -> dict[str, Any]:
        elapsed = self.last - self.first
        return {
            "requests": self.requests,
            "served": self.served,
            "refused": self.refused,
            "in_flight": self.in_flight,
            "peak_in_flight": self.peak_in_flight,
            "mean_in_flight": self.area / elapsed if elapsed else 0.0,
            "seconds": elapsed,
            "payloads": len(self.asked),
            "repeated": sum(1 for count in self.asked.values() if count > 1),
            "answered_twice": sum(1 for count in self.answered.values() if count > 1),
            "by_key": dict(self.by_key),
            "by_fault": dict(self.by_fault),
            "by_path": dict(self.by_path),
        }


class _Server:
    """The handler and its counters; one loop only."""

    def __init__(self, settings: MockSettings) -> None:
        self.settings = settings
        self.counters = _Counters()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.rstrip("/")
        if path == "/stats":
            return web.json_response(self.counters.as_json())
        if path == "/seen":
            counters = self.counters
            return web.json_response(
                {key: [count, counters.answered[key]] for key, count in counters.asked.items()}
            )
        if path == "/reset":
            self.counters = _Counters(in_flight=self.counters.in_flight)
            return web.json_response({})
        self.counters.by_path[path] += 1
        refused = self._refused_key(request)
        if refused is not None:
            return refused
        if path == "/v1/models":
            return self._models()
        if path in ("/v1/chat/completions", "/v1/completions") and request.method == "POST":
            return await self._counted(request, chat=path.endswith("/chat/completions"))
        return web.json_response({"detail": "Not Found"}, status=404)

    def _refused_key(self, request: web.BaseRequest) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.counters.by_key[given] += 1
        if self.settings.key is None or given == self.settings.key:
            return None
        # Some servers send the key back in the message; a client must not let it into its log.
        return error_reply(401, "invalid_api_key", f"Incorrect API key provided: {given}.")

    def _models(self) -> web.Response:
        names = self.settings.models or ("mock-model",)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "mock"} for name in names]
        return web.json_response({"object": "list", "data": data})

    async def _counted(self, request: web.BaseRequest, *, chat: bool) -> web.StreamResponse:
        counters = self.counters
        counters.requests += 1
        counters.step(1)
        try:
            body = await request.read()
            try:
                payload = json.loads(body)
            except ValueError:
                return error_reply(400, "invalid_request_error", "the body is not JSON")
            return await self._complete(request, payload, chat=chat)
        finally:
            counters.step(-1)

    async def _complete(
        self, request: web.BaseRequest, payload: dict[str, Any], *, chat: bool
    ) -> web.StreamResponse:
        counters, settings = self.counters, self.settings
        digest = payload_digest(payload)
        counters.asked[digest] += 1
        refused = self._refused(payload)
        if refused is not None:
            counters.refused += 1
            return refused
        fault = self._fault(digest, counters.asked[digest])
        counters.by_fault[fault] += bool(fault)
        if fault in REFUSALS:
            counters.refused += 1
            return self._refusal(fault)
        if fault == "hang":
            await asyncio.sleep(3600)
        if settings.latency:
            await asyncio.sleep(settings.latency)
        if fault == "drop":
            return drop(request)
        reply = self._reply(payload, digest, fault, chat=chat)
        if fault in ("malformed", "truncated", "empty"):
            return await broken(request, fault, json.dumps(reply).encode())
        response = web.json_response(reply)
        await response.prepare(request)
        await response.write_eof()
        if request.transport is not None and not request.transport.is_closing():
            counters.served += 1
            counters.answered[digest] += 1
        return response

    def _refused(self, payload: Mapping[str, Any]) -> web.Response | None:
        settings = self.settings
        model = payload.get("model")
        if settings.models and model not in settings.models:
            return error_reply(404, "model_not_found", f"The model `{model}` does not exist.")
        if settings.capacity is not None and self.counters.in_flight > settings.capacity:
            return self._refusal("429")
        if settings.schema == "refused" and schema_of(payload) is not None:
            return error_reply(400, "invalid_request_error", "response_format is not supported")
        return None

    def _refusal(self, fault: str) -> web.Response:
        status, code, message = REFUSALS[fault]
        headers = {}
        if fault == "429":
            headers["Retry-After"] = f"{self.settings.retry_after:g}"
        if fault == "429_date":
            # A date has whole seconds: rounded up, so that it is never already past.
            when = time.time() + self.settings.retry_after + 1
            headers["Retry-After"] = email.utils.formatdate(when, usegmt=True)
        return error_reply(status, code, message, headers)

    def _fault(self, digest: str, attempt: int) -> str:
        settings = self.settings
        if not settings.faults:
            return ""
        if settings.faults_on_attempts is not None and attempt > settings.faults_on_attempts:
            return ""
        mark = f"{settings.fault_seed}/{digest}/{attempt}".encode()
        drawn = int.from_bytes(hashlib.blake2b(mark, digest_size=8).digest()) / 2**64
        for fault, share in settings.faults.items():
            drawn -= share
            if drawn < 0:
                return fault
        return ""

    def _reply(
        self, payload: Mapping[str, Any], digest: str, fault: str, *, chat: bool
    ) -> dict[str, Any]:
        messages = messages_of(payload)
        prompt_tokens = sum(tokens_of(message["content"]) for message in messages)
        draws = int(payload.get("n") or 1) if self.settings.n == "enforced" else 1
        most = payload.get("max_tokens") or payload.get("max_completion_tokens")
        choices, completion_tokens = [], 0
        for index in range(draws):
            text, finish = self._text(payload, messages, f"{digest}{index or ''}", fault), "stop"
            if fault == "content_filter":
                finish = fault
            if fault == "length":
                text, finish = text[: len(text) // 2], "length"
            if isinstance(most, int) and tokens_of(text) > most:
                text, finish = text[: 4 * most], "length"
            completion_tokens += tokens_of(text)
            choices.append(choice_of(index, text, finish, payload.get("logprobs"), chat=chat))
        return {
            "id": f"mock-{digest}",
            "object": "chat.completion" if chat else "text_completion",
            "created": 0,
            "model": str(payload.get("model")),
            "choices": choices,
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }

    def _text(
        self, payload: Mapping[str, Any], messages: list[dict[str, str]], digest: str, fault: str
    ) -> str:
        settings = self.settings
        if fault == "blank":
            return ""
        lies = settings.schema == "ignored" or fault == "schema_ignored"
        schema = schema_of(payload)
        if settings.responder is not None and not lies:
            if len(inspect.signature(settings.responder).parameters) > 2:
                return settings.responder(messages, schema, payload.get("seed"))
            return settings.responder(messages, schema)
        if schema is not None and not lies:
            return json.dumps(fitting(schema, random.Random(digest), schema))
        return plain_text(digest, settings.reply_words)


async def _serve(server: _Server, port: int) -> tuple[web.ServerRunner, int]:
    runner = web.ServerRunner(
        web.Server(server.handle, handler_cancellation=True, access_log=None),
        shutdown_timeout=0.05,
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=2048)
    await site.start()
    return runner, int(runner.addresses[0][1])


class _Client:
    """What a test asks of a running server, in a thread or in a process."""

    port: int

    @property
    def url(self) -> str:
        """The base URL, as a client of the OpenAI API wants it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        """The counters."""
        found = self._fetch("/stats")
        assert isinstance(found, dict)
        return found

    def seen(self) -> dict[str, list[int]]:
        """Payload digest -> [times asked, times answered in full]."""
        found = self._fetch("/seen")
        assert isinstance(found, dict)
        return found

    def reset(self) -> None:
        """All counters at zero."""
        self._fetch("/reset", b"{}")

    def _fetch(self, path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body, 30) as reply:
            return json.load(reply)


class MockEndpoint(_Client):
    """The server in a thread of this process; a context manager. Arguments as `MockSettings`."""

    def __init__(self, **settings: Any) -> None:
        self.settings = MockSettings(**settings)
        self._loop = asyncio.new_event_loop()
        self._runner: web.ServerRunner | None = None
        self._thread = threading.Thread(target=self._run, name="mock-endpoint", daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> "MockEndpoint":
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(_serve(_Server(self.settings), 0), self._loop)
        self._runner, self.port = started.result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class MockProcess(_Client):
    """The server as a process of its own, started with the given flags; a context manager."""

    def __init__(self, *flags: str) -> None:
        self._flags = flags
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "MockProcess":
        command = [sys.executable, str(Path(__file__).resolve()), "--port", "0", *self._flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.__exit__(None, None, None)
            raise RuntimeError(f"the mock endpoint did not start: {' '.join(command)}")
        self.port = int(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def _load_responder(spec: str) -> Responder:
    path, _, name = spec.rpartition(":")
    module_spec = importlib.util.spec_from_file_location("mock_responder", path)
    assert module_spec is not None, path
    assert module_spec.loader is not None, path
    module = importlib.util.module_from_spec(module_spec)
    sys.modules["mock_responder"] = module
    module_spec.loader.exec_module(module)
    found: Responder = getattr(module, name)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="A mock OpenAI-compatible server.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--capacity", type=int, help="requests at once; above it 429")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME=SHARE", help=", ".join(FAULTS)
    )
    parser.add_argument("--fault-seed", type=int, default=0)
    parser.add_argument("--faults-on-attempts", type=int)
    parser.add_argument("--retry-after", type=float, default=1.0, help="seconds")
    parser.add_argument("--key", help="the only API key let in")
    parser.add_argument("--model", action="append", default=[], help="models; others are 404")
    parser.add_argument("--schema", choices=("enforced", "ignored", "refused"), default="enforced")
    parser.add_argument("--n", choices=("enforced", "ignored"), default="enforced")
    parser.add_argument("--reply-words", type=int, default=12)
    parser.add_argument("--responder", metavar="FILE.py:function")
    return parser


def _settings(flags: argparse.Namespace) -> MockSettings:
    faults = {}
    for item in flags.fault:
        name, _, share = item.partition("=")
        if name not in FAULTS:
            raise SystemExit(f"--fault {item}: no such fault; known are {', '.join(FAULTS)}")
        faults[name] = float(share)
    return MockSettings(
        latency=flags.latency,
        capacity=flags.capacity,
        faults=faults,
        fault_seed=flags.fault_seed,
        faults_on_attempts=flags.faults_on_attempts,
        retry_after=flags.retry_after,
        key=flags.key,
        models=tuple(flags.model),
        schema=flags.schema,
        n=flags.n,
        reply_words=flags.reply_words,
        responder=_load_responder(flags.responder) if flags.responder else None,
    )


async def _run_until_killed(settings: MockSettings, port: int) -> None:
    _, bound = await _serve(_Server(settings), port)
    print(bound, flush=True)
    await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed."""
    flags = _parser().parse_args(arguments)
    try:
        asyncio.run(_run_until_killed(_settings(flags), flags.port))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
