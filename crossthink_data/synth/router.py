"""One of the 57 MMLU subjects for a text, or none: a small linear classifier, shipped as a file.

The weights (`subject_weights.bin`, under 1 MB) come from the dev and validation
questions of MMLU alone (MIT); `scripts/train_router.py` makes the file again, to the byte. A page
is read in windows about as long as a question, whose scores are averaged, so that a page is judged
as a question is. The scores are the same on every machine (see `subject_model`).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from crossthink_data.synth.subject_model import Weights
from crossthink_data.synth.subjects import group_of

__all__ = ["LEAST_SCORE", "Route", "rank", "route", "weights_digest"]

LEAST_SCORE = 0.6
"""The score under which a text is given no subject, found on passages and pages read by hand.

Rather low than high: what passes is confirmed or declined by the generator, at the cost of one
request, and what does not is lost to its subject. At 1.2 hardly a page without a subject passes,
and half of those with one do not.
"""

_FILE = "subject_weights.bin"


@dataclass(frozen=True, slots=True)
class Route:
    """The subject of a text with its group, or None for both.

    `score` is the nearest subject's, whether or not it was enough: how far the text as a whole,
    its few strongest words set aside, speaks for it, in standard deviations above what texts of
    other subjects reach.
    """

    subject: str | None
    score: float
    group: str | None


def route(text: str, *, least: float = LEAST_SCORE) -> Route:
    """The subject of a text, or None when its score is under `least` (-math.inf: never None).

    >>> route("Saturn is a planet with rings of ice. Its moons orbit the planet as it orbits the "
    ...     "Sun, and astronomers watch its atmosphere by telescope.").subject
    'astronomy'
    """
    weights = _shipped()[0]
    best, score = weights.judge(text)
    score = round(score, 4)
    if score < least:
        return Route(None, score, None)
    subject = weights.subjects[best]
    return Route(subject, score, group_of(subject))


def rank(text: str, most: int = 5) -> tuple[tuple[str, float], ...]:
    """The `most` nearest subjects of a text with their weights, nearest first; ties by name.

    For a text that is known to have a subject, such as a question: the first one is right for
    about two MMLU questions in three. The weights compare the subjects of one text only.
    """
    weights = _shipped()[0]
    scores = weights.scores(text).tolist()
    best = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:most]
    return tuple((weights.subjects[place], round(scores[place], 6)) for place in best)


def weights_digest() -> str:
    """32 hex digits that name the shipped weights: what routed the rows of a run."""
    return _shipped()[1]


@cache
def _shipped() -> tuple[Weights, str]:
    data = files("crossthink_data.synth").joinpath(_FILE).read_bytes()
    return Weights.from_bytes(data, _FILE), blake2b(data, digest_size=16).hexdigest()
