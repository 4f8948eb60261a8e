"""A table from request keys to places in journals, in 24 bytes a slot.

A dict of keys would hold 200 bytes for each, and tens of millions of replies have to fit beside a
run.
"""

from array import array

__all__ = ["KeyIndex"]

_FULLEST = 0.6
_SLOTS = 1024


class KeyIndex:
    """Key (32 hex digits) -> a number from 0 to 2**64 - 2, by open addressing over flat arrays.

    >>> index = KeyIndex()
    >>> index.put("00112233445566778899aabbccddeeff", 7)
    >>> index.get("00112233445566778899aabbccddeeff"), index.get("ff" * 16), len(index)
    (7, None, 1)
    """

    def __init__(self) -> None:
        self._make_slots(_SLOTS)

    def __len__(self) -> int:
        return self._used

    def get(self, key: str) -> int | None:
        """The number of the key, or None."""
        value = self._values[self._slot(int(key[:16], 16), int(key[16:], 16))]
        return value - 1 if value else None

    def put(self, key: str, value: int) -> None:
        """Set the number of the key."""
        self._set(int(key[:16], 16), int(key[16:], 16), value + 1)
        if self._used > _FULLEST * len(self._values):
            self._grow()

    def _make_slots(self, count: int) -> None:
        self._high, self._low = array("Q", bytes(8 * count)), array("Q", bytes(8 * count))
        # One more than the number of a key; 0 is a slot without a key.
        self._values = array("Q", bytes(8 * count))
        self._used = 0

    def _slot(self, high: int, low: int) -> int:
        """Where the key is, or where it would go."""
        highs, values = self._high, self._values
        last = len(values) - 1
        slot = low & last
        while values[slot] and (highs[slot] != high or self._low[slot] != low):
            slot = (slot + 1) & last
        return slot

    def _set(self, high: int, low: int, value: int) -> None:
        slot = self._slot(high, low)
        self._used += not self._values[slot]
        self._high[slot], self._low[slot], self._values[slot] = high, low, value

    def _grow(self) -> None:
        slots = zip(self._high, self._low, self._values, strict=True)
        self._make_slots(2 * len(self._values))
        for high, low, value in slots:
            if value:
                self._set(high, low, value)
