"""How bytes reach a server: one contract, two clients behind it."""

from dataclasses import dataclass
from typing import Final, Protocol

from crossthink_data.generate.failures import failure_of_error, malformed_body
from crossthink_data.generate.protocol import Failure

__all__ = ["LARGEST_REPLY", "HttpReply", "Transport", "broken", "root_of", "too_long"]

LARGEST_REPLY: Final = 32 * 2**20
"""Bytes of a reply that are read; a longer one is no reply to a prompt."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply of any status. `retry_after` is the header of that name, as it came."""

    status: int
    body: bytes
    retry_after: str | None = None


class Transport(Protocol):
    """A pool of connections to one server; sends once, retries nothing, raises nothing.

    It follows no redirect: a prompt and a key go to the address that was given, or nowhere.
    """

    async def get(self, path: str) -> HttpReply | Failure:
        """Ask for a path under the base URL."""

    async def post(self, path: str, body: bytes) -> HttpReply | Failure:
        """Send a JSON body to a path under the base URL."""

    async def close(self) -> None:
        """Close every connection; may be called twice."""


def broken(error: Exception) -> Failure:
    """The failure that an exception of a client stands for."""
    known = failure_of_error(error)
    if known is not None:
        return known
    detail = f"{type(error).__name__}: {error}"
    return Failure(kind="retry", reason="connection_failed", detail=detail)


def too_long() -> Failure:
    """The failure of a reply that is longer than `LARGEST_REPLY`."""
    return malformed_body(f"the reply is longer than {LARGEST_REPLY} bytes")


def root_of(base_url: str) -> str:
    """The base URL with `/v1` and without a slash at the end, whichever way it was written.

    >>> root_of("localhost:8000"), root_of("https://api.example.org/openai/v1/")
    ('http://localhost:8000/v1', 'https://api.example.org/openai/v1')
    """
    written = base_url.strip()
    scheme, _, rest = written.rpartition("://")
    rest = rest.rstrip("/")
    for path in ("/chat/completions", "/completions", "/models"):
        rest = rest.removesuffix(path)
    named = any(part[:1] == "v" and part[1:2].isdigit() for part in rest.split("/")[1:])
    return f"{scheme or 'http'}://{rest}" + ("" if named else "/v1")
