"""A server's key: read from the environment, sent in one header, and never seen anywhere else."""

import os
from typing import Final

from crossthink_data.errors import BackendError

__all__ = ["Key", "read_key"]

_HIDDEN: Final = "[key]"
_SHORTEST_OF_ITS_OWN: Final = 8
"""A shorter key, or one that is a plain word (`EMPTY`), may stand in honest text by chance."""


class Key:
    """A key and the name of the environment variable it came from; it prints as the name alone.

    >>> key = Key("sk-0123456789", "OPENAI_API_KEY")
    >>> key, key.scrub("refused: sk-0123456789")
    (Key(OPENAI_API_KEY), 'refused: [key]')
    """

    __slots__ = ("_secret", "variable")

    def __init__(self, secret: str, variable: str) -> None:
        self._secret = secret
        self.variable = variable

    def __repr__(self) -> str:
        return f"Key({self.variable})"

    def __bool__(self) -> bool:
        return bool(self._secret)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key is not written down: read it from the environment again")

    def headers(self) -> dict[str, str]:
        """The header that carries the key; none without a key."""
        return {"Authorization": f"Bearer {self._secret}"} if self._secret else {}

    def secret(self) -> str:
        """The key itself, for the one client that takes it as an argument."""
        return self._secret

    def scrub(self, text: str) -> str:
        """The text without the key, for messages and details."""
        return text.replace(self._secret, _HIDDEN) if self._secret else text

    def scrub_body(self, body: bytes) -> bytes:
        """A reply without the key; a word that is no secret (`EMPTY`) stays what it is."""
        secret = self._secret
        if len(secret) < _SHORTEST_OF_ITS_OWN or secret.isalpha():
            return body
        return body.replace(secret.encode(), _HIDDEN.encode())


def read_key(variable: str) -> Key:
    """The key of an environment variable; an empty one when it is not set.

    BackendError for a key that no HTTP header can carry; its message does not show it.
    """
    secret = os.environ.get(variable, "").strip()
    if not (secret.isascii() and secret.isprintable()):
        raise BackendError(
            f"environment variable {variable}: its value cannot be a key, it has letters that no "
            "HTTP header carries; set it to the key alone, without quotes or line breaks"
        )
    return Key(secret, variable)
