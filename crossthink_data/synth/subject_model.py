"""The subject router's pieces of text and its weights: a linear model in integers, as one file.

A text is cut into windows about as long as a question. A window is the set of its words, of its
pairs of neighbouring words, and of its tokens' runs of 2 to 4 characters; each kind is weighted by
rarity and divided by its length, so that a long window counts no more than a short one. All sums
are of integers, and what follows is only the division and square root that every machine rounds
alike, so the same text gets the same scores everywhere.
"""

import bz2
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zlib import crc32

from crossthink_data.errors import MissingExtra, SourceError

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as error:
    raise MissingExtra("numpy", "synth", "the subject router") from error

__all__ = ["Floats", "Weights", "character_keys", "tokens_of", "windows", "word_keys"]

Floats = NDArray[np.float64]

_MAGIC = b"crossthink subject weights 1\n"
_TOKEN = re.compile(r"\w+|[^\w\s]+")
_WINDOW = 96
_MOST_LETTERS = 32
_MOST_CACHED = 1 << 15


def tokens_of(text: str) -> list[str]:
    """The runs of letters and digits, and the runs of signs, of a text in lower case."""
    return _TOKEN.findall(text.lower())


def windows(tokens: Sequence[str]) -> list[Sequence[str]]:
    """Tokens in order, cut evenly into windows of about 96; one window at least."""
    count = max(1, round(len(tokens) / _WINDOW))
    cuts = [len(tokens) * index // count for index in range(count + 1)]
    return [tokens[start:end] for start, end in pairwise(cuts)]


def character_keys(token: str) -> list[int]:
    """32-bit keys of the distinct runs of 2 to 4 characters of a token between blanks.

    Of a token of over 32 characters only the first 32 are read.
    """
    padded = f" {token[:_MOST_LETTERS]} "
    runs = {
        padded[start : start + size]
        for size in (2, 3, 4)
        for start in range(max(1, len(padded) - size + 1))
    }
    return sorted(_key(f"c{run}") for run in runs)


def word_keys(tokens: Sequence[str]) -> list[int]:
    """32-bit keys of the distinct words and pairs of neighbouring words; signs are left out."""
    words = [token for token in tokens if token[0].isalnum() or token[0] == "_"]
    pairs = map(" ".join, pairwise(words))
    return [_key(f"w{piece}") for piece in {*words, *pairs}]


def _key(piece: str) -> int:
    return crc32(piece.encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class Weights:
    """A linear model over keyed pieces: `rows[i]` holds the weights of the piece `keys[i]`.

    `rarity[i]` is the piece's inverse document frequency, already multiplied into its row, wanted
    for the lengths. A subject's score is `scale` times the weights' sums plus its `bias`. Not to be
    used by two threads at once: it remembers the sums of words that it has seen.
    """

    subjects: tuple[str, ...]
    keys: NDArray[np.uint32]
    rarity: NDArray[np.uint8]
    rows: NDArray[np.int8]
    bias: Floats
    scale: float
    _row_of: dict[int, int] = field(init=False, repr=False)
    _slot_of: dict[str, int] = field(init=False, repr=False, default_factory=dict)
    _sums: NDArray[np.int32] = field(init=False, repr=False)
    _wide: NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._row_of = {key: row for row, key in enumerate(self.keys.tolist())}
        squares = self.rarity.astype(np.int32) ** 2
        self._wide = np.concatenate([self.rows.astype(np.int32), squares[:, None]], axis=1)
        self._sums = np.zeros((_MOST_CACHED, len(self.subjects) + 1), np.int32)

    def scores(self, text: str) -> Floats:
        """The subjects' scores of a text: the mean over its windows."""
        of_windows = [self._window(window) for window in windows(tokens_of(text))]
        mean: Floats = np.add.reduce(of_windows) / len(of_windows)
        return mean

    def _window(self, tokens: Sequence[str]) -> Floats:
        characters = self._sums[self._slots(set(tokens))].sum(0, np.int32)
        words = self._wide[self._rows(word_keys(tokens))].sum(0, np.int32)
        return (_over_length(characters) + _over_length(words)) * self.scale + self.bias

    def _slots(self, tokens: Iterable[str]) -> list[int]:
        known = self._slot_of
        if len(known) > _MOST_CACHED - 4 * _WINDOW:
            known.clear()
        slots = []
        for token in tokens:
            slot = known.get(token)
            if slot is None:
                slot = known[token] = len(known)
                self._sums[slot] = self._wide[self._rows(character_keys(token))].sum(0, np.int32)
            slots.append(slot)
        return slots

    def _rows(self, keys: Iterable[int]) -> list[int]:
        row_of = self._row_of
        return [row_of[key] for key in keys if key in row_of]

    def to_bytes(self) -> bytes:
        """The model as a file: a first line, a digest of what follows, the numbers packed."""
        head = {
            "subjects": list(self.subjects),
            "pieces": len(self.keys),
            "bias": self.bias.tolist(),
            "scale": self.scale,
        }
        steps = np.diff(self.keys.astype(np.int64), prepend=0).astype("<u4")
        parts = (
            json.dumps(head, sort_keys=True).encode() + b"\n",
            steps.view(np.uint8).reshape(-1, 4).T.tobytes(),
            self.rarity.tobytes(),
            self.rows.T.tobytes(),
        )
        # bz2, since its one implementation gives the same bytes everywhere.
        packed = b"".join(len(part).to_bytes(4, "little") + part for part in map(_pack, parts))
        return _MAGIC + hashlib.blake2b(packed, digest_size=16).digest() + packed

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> "Weights":
        """The model of a file's bytes; raises SourceError where they are not what was written."""
        digest, packed = data[len(_MAGIC) :][:16], data[len(_MAGIC) + 16 :]
        if not data.startswith(_MAGIC):
            raise SourceError(
                f"{name} does not begin as subject weights do; "
                "install the package again, or make the file with scripts/train_router.py"
            )
        if hashlib.blake2b(packed, digest_size=16).digest() != digest:
            raise SourceError(
                f"{name} is damaged: its digest is not the one it states; "
                "install the package again, or make the file with scripts/train_router.py"
            )
        head_bytes, steps, rarity, rows = map(bz2.decompress, _parts(packed))
        head = json.loads(head_bytes)
        pieces, subjects = head["pieces"], tuple(head["subjects"])
        deltas = np.ascontiguousarray(np.frombuffer(steps, np.uint8).reshape(4, pieces).T)
        return cls(
            subjects=subjects,
            keys=np.cumsum(deltas.view("<u4").ravel(), dtype=np.uint32),
            rarity=np.frombuffer(rarity, np.uint8),
            rows=np.frombuffer(rows, np.int8).reshape(len(subjects), pieces).T,
            bias=np.array(head["bias"]),
            scale=head["scale"],
        )


def _over_length(sums: NDArray[np.int32]) -> Floats:
    """The sums of the subjects divided by the length whose square stands behind them."""
    scaled: Floats = sums[:-1] / np.sqrt(max(1, int(sums[-1])))
    return scaled


def _pack(part: bytes) -> bytes:
    return bz2.compress(part, 9)


def _parts(packed: bytes) -> list[bytes]:
    parts = []
    while packed:
        end = 4 + int.from_bytes(packed[:4], "little")
        parts.append(packed[4:end])
        packed = packed[end:]
    return parts
