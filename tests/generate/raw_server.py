"""A server that sends exactly the bytes it is told to, however little they are HTTP.

    with RawServer(lambda asked: http_reply(200, b"{}")) as server: server.url, server.seen

The answer is bytes, or a list of bytes with pauses in seconds between them; the connection is
closed after it unless `http_reply` said how long the body is.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

__all__ = ["Asked", "RawServer", "chat_reply", "http_reply"]

Parts = bytes | Sequence[bytes | float]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def http_reply(status: int, body: bytes, **headers: str) -> bytes:
    """An HTTP reply, in full; header names have "_" for "-"."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chat_reply(text: str | None = "hello", **changed: object) -> bytes:
    """A usual chat completion as an HTTP reply; `changed` are fields of its body."""
    message = {"role": "assistant", "content": text}
    body: dict[str, object] = {
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    return http_reply(200, json.dumps(body | changed).encode())


class RawServer:
    """The server in a thread; a context manager."""

    def __init__(self, answer: Callable[[Asked], Parts]) -> None:
        self.answer = answer
        self.seen: list[Asked] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def bodies(self) -> list[dict[str, object]]:
        """The JSON bodies of all POST requests, in order."""
        return [json.loads(asked.body) for asked in self.seen if asked.method == "POST"]

    def __enter__(self) -> "RawServer":
        self._thread.start()
        opened = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(opened, self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, body)
        self.seen.append(asked)
        parts = self.answer(asked)
        for part in [parts] if isinstance(parts, bytes) else parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)
        return isinstance(parts, bytes) and b"Content-Length" in parts
