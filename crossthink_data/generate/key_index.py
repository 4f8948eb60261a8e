"""A table from request keys to places in journals, in 16 bytes a slot.

A dict of keys would hold 200 bytes for each; fifty million replies have to fit beside a run.
"""

from array import array

__all__ = ["KeyIndex"]

_EMPTY = 0
_FULLEST = 0.6


class KeyIndex:
    """Key (32 hex digits) -> a number below 2**64, by open addressing over two flat arrays.

    A key is known by its first 64 bits; the caller compares the whole key where it reads the
    record. With ten million keys two of them share those bits once in 370,000 runs, and then the
    second one is asked again.

    >>> index = KeyIndex()
    >>> index.put("00112233445566778899aabbccddeeff", 7)
    >>> index.get("00112233445566778899aabbccddeeff"), index.get("ff" * 16), len(index)
    (7, None, 1)
    """

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 * 1024))
        self._values = array("Q", bytes(8 * 1024))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def get(self, key: str) -> int | None:
        """The number of the key, or None."""
        short = _short(key)
        slot = self._slot(short)
        return self._values[slot] if self._keys[slot] == short else None

    def put(self, key: str, value: int) -> None:
        """Set the number of the key."""
        short = _short(key)
        slot = self._slot(short)
        if self._keys[slot] == _EMPTY:
            self._keys[slot] = short
            self._used += 1
        self._values[slot] = value
        if self._used > _FULLEST * len(self._keys):
            self._grow()

    def _slot(self, short: int) -> int:
        keys = self._keys
        last = len(keys) - 1
        slot = short & last
        while (found := keys[slot]) != _EMPTY and found != short:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._keys = array("Q", bytes(16 * len(keys)))
        self._values = array("Q", bytes(16 * len(keys)))
        for short, value in zip(keys, values, strict=True):
            if short != _EMPTY:
                slot = self._slot(short)
                self._keys[slot] = short
                self._values[slot] = value


def _short(key: str) -> int:
    """The first 64 bits of the key, never 0: that marks an empty slot."""
    return int(key[:16], 16) or 1
