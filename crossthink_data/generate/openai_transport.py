"""The default way to a server: the `openai` client on its aiohttp transport.

Asked for the bare reply, the client builds no models of it, which is most of its processor time;
its own retries are off, or attempts would multiply uncounted.
"""

from typing import Final

from crossthink_data.errors import MissingExtra
from crossthink_data.generate.keys import Key
from crossthink_data.generate.protocol import Failure
from crossthink_data.generate.transport import LARGEST_REPLY, HttpReply, broken, too_long

try:
    import aiohttp
    import httpx2
    import openai
except ImportError as missing:
    raise MissingExtra("openai[aiohttp] 3 or later", "synth", "the endpoint backend") from missing

__all__ = ["OpenAITransport"]

_NO_KEY: Final = "no-key"
# Not every error of a lower layer is translated by the one above it.
_TROUBLE: Final = (openai.OpenAIError, httpx2.HTTPError, aiohttp.ClientError, OSError, ValueError)


class OpenAITransport:
    """One client with a pool of `connections`; the client's default keeps only 100 alive."""

    def __init__(self, root: str, key: Key, *, timeout: float, connections: int) -> None:
        limits = httpx2.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30
        )
        self._client = openai.AsyncOpenAI(
            api_key=key.secret() or _NO_KEY,
            base_url=root,
            timeout=timeout,
            max_retries=0,
            http_client=openai.DefaultAioHttpClient(
                limits=limits, timeout=timeout, follow_redirects=False
            ),
        )
        headers: dict[str, str | openai.Omit] = {"Content-Type": "application/json"}
        if not key:
            headers["Authorization"] = openai.Omit()
        self._options: openai.RequestOptions = {"headers": headers}

    async def get(self, path: str) -> HttpReply | Failure:
        try:
            reply = await self._client.get(path, cast_to=httpx2.Response, options=self._options)
        except _TROUBLE as error:
            return _told(error)
        return HttpReply(reply.status_code, reply.content, reply.headers.get("retry-after"))

    async def post(self, path: str, body: bytes) -> HttpReply | Failure:
        try:
            reply: object = await self._client.post(
                path,
                cast_to=httpx2.Response,
                content=body,
                options=self._options,
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
        except _TROUBLE as error:
            return _told(error)
        if not isinstance(reply, httpx2.Response):
            raise TypeError(f"the openai client gave a {type(reply).__name__}, not the bare reply")
        return await _whole(reply)

    async def close(self) -> None:
        await self._client.close()


async def _whole(reply: httpx2.Response) -> HttpReply | Failure:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in reply.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_REPLY:
                return too_long()
    except _TROUBLE as error:
        return _told(error)
    finally:
        await reply.aclose()
    return HttpReply(reply.status_code, b"".join(parts), reply.headers.get("retry-after"))


def _told(error: Exception) -> HttpReply | Failure:
    """What an error of the client says of the exchange."""
    if isinstance(error, openai.APIStatusError):
        reply = error.response
        return HttpReply(reply.status_code, reply.content, reply.headers.get("retry-after"))
    # The client counts a dropped connection among the timeouts; the error below tells them apart.
    return broken(_lowest_of_client(error))


def _lowest_of_client(error: Exception) -> Exception:
    """The aiohttp error that began a chain of errors, or the first that has no cause."""
    while isinstance(error.__cause__, Exception) and not isinstance(error, aiohttp.ClientError):
        error = error.__cause__
    return error
