"""The subject router's pieces of text and its weights: a linear model in integers, as one file.

A text is cut into windows about as long as a question. A window is the set of its words and pairs
of neighbouring words, and the runs of 2 to 4 characters of its distinct tokens; each of the two
kinds is weighted by rarity and divided by its length, so that a long window counts no more than a
short one. Sums are of integers, and what follows is only sums in a fixed order, divisions and
square roots, which every machine rounds alike: the same text gets the same scores everywhere.
"""

import bz2
import hashlib
import json
import math
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
    raise MissingExtra("numpy", "synth", "synth") from error

__all__ = ["Floats", "Weights", "character_keys", "tokens_of", "windows", "word_keys"]

Floats = NDArray[np.float64]
Sums = NDArray[np.int32]

_MAGIC = b"crossthink subject weights 1\n"
_TOKEN = re.compile(r"\w+|[^\w\s]+")
_WINDOW = 96
_MOST_LETTERS = 32
_MOST_CACHED = 1 << 15
_MOST_ASIDE = 4
_TOKENS_PER_ASIDE = 16
_WORD_START = 1  # so that a word and a run of the same letters have keys of their own


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
    return [crc32(run.encode("utf-8", "surrogatepass")) for run in runs]


def word_keys(tokens: Sequence[str]) -> list[int]:
    """32-bit keys of the distinct words and pairs of neighbouring words; signs are left out."""
    words = [token for token in tokens if token[0].isalnum() or token[0] == "_"]
    pairs = map(" ".join, pairwise(words))
    return [
        crc32(piece.encode("utf-8", "surrogatepass"), _WORD_START) for piece in {*words, *pairs}
    ]


@dataclass(slots=True)
class Weights:
    """A linear model over keyed pieces: `rows[i]` holds the weights of the piece `keys[i]`.

    `rarity[i]` is the piece's inverse document frequency, already multiplied into its row, wanted
    for the lengths. A subject's score is `scale` times the weights' sums plus its `bias`; `usual`
    and `spread` are the mean and the standard deviation of what texts of other subjects score.
    Not to be used by two threads at once: it remembers the sums of words that it has seen.
    """

    subjects: tuple[str, ...]
    keys: NDArray[np.uint32]
    rarity: NDArray[np.uint8]
    rows: NDArray[np.int8]
    bias: Floats
    usual: Floats
    spread: Floats
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
        return self._mean([self._read(window) for window in windows(tokens_of(text))])

    def judge(self, text: str) -> tuple[int, float]:
        """The best subject's place, and how far the text as a whole speaks for it.

        The second is the subject's score when each window's strongest tokens, and its strongest
        words and pairs, are set aside (four, fewer in a short window), in standard deviations above
        what texts of other subjects score. A page that only names a subject has little left.
        """
        cut = windows(tokens_of(text))
        read = [self._read(window) for window in cut]
        best = int(self._mean(read).argmax())
        left = 0.0
        for window, kinds in zip(cut, read, strict=True):
            aside = min(_MOST_ASIDE, max(1, len(window) // _TOKENS_PER_ASIDE))
            left += sum(_rest(kind[:, best], aside) / _length(kind) for kind in kinds)
        score = left / len(cut) * self.scale + float(self.bias[best])
        return best, (score - float(self.usual[best])) / float(self.spread[best])

    def _mean(self, read: Sequence[tuple[Sums, Sums]]) -> Floats:
        total: Floats = np.zeros(len(self.subjects))
        for kinds in read:
            for kind in kinds:
                total += kind[:, :-1].sum(0, np.int64) / _length(kind)
        return total / len(read) * self.scale + self.bias

    def _read(self, tokens: Sequence[str]) -> tuple[Sums, Sums]:
        """Per distinct token, and per word or pair: its weights, then its squared length."""
        return self._sums[self._slots(set(tokens))], self._wide[self._rows(word_keys(tokens))]

    def _slots(self, tokens: Iterable[str]) -> list[int]:
        known = self._slot_of
        if len(known) > _MOST_CACHED - 2 * _WINDOW:  # more than a window's tokens
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
            "usual": self.usual.tolist(),
            "spread": self.spread.tolist(),
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
            usual=np.array(head["usual"]),
            spread=np.array(head["spread"]),
            scale=head["scale"],
        )


def _length(kind: Sums) -> float:
    return math.sqrt(max(1, int(kind[:, -1].sum(dtype=np.int64))))


def _rest(weights: Sums, aside: int) -> int:
    """The sum of weights without the `aside` largest."""
    kept = max(0, len(weights) - aside)
    return int(np.partition(weights, kept - 1)[:kept].sum()) if kept else 0


def _pack(part: bytes) -> bytes:
    return bz2.compress(part, 9)


def _parts(packed: bytes) -> list[bytes]:
    parts = []
    while packed:
        end = 4 + int.from_bytes(packed[:4], "little")
        parts.append(packed[4:end])
        packed = packed[end:]
    return parts
