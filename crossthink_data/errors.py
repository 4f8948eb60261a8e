"""What can go wrong, as one tree.

    CrossthinkError            anything this project refuses; printed without a traceback, exit 1
    ├── RecipeError            a recipe, flag or argument that cannot be meant; exit 2
    ├── SourceError            a file, folder or hub dataset that cannot be read as a whole
    ├── RecordError            one row that cannot be read; a step makes it a reject
    ├── BackendError           a model that cannot be asked, or a run that must stop asking it
    ├── RunStopped             a person stopped a run, which can be taken up again; exit 130
    ├── LedgerError            counts that do not reconcile: a bug, and the run fails
    └── MissingExtra           an optional dependency is not installed; also an ImportError

Every message says what was wrong with its value, where, what would be right, and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "BackendError",
    "CrossthinkError",
    "LedgerError",
    "MissingExtra",
    "RecipeError",
    "RecordError",
    "RunStopped",
    "SourceError",
    "did_you_mean",
]


class CrossthinkError(Exception):
    """Base of every error raised on purpose by this project."""


class RecipeError(CrossthinkError):
    """A recipe, flag or argument that cannot be meant."""


class SourceError(CrossthinkError):
    """A file, folder or hub dataset that cannot be read as a whole."""


class RecordError(CrossthinkError):
    """One row that cannot be read; `reason` is the snake_case reject reason."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BackendError(CrossthinkError):
    """A model that cannot be asked, or a run that must stop asking; what was paid for is kept."""


class RunStopped(CrossthinkError):
    """A person stopped a run: what was under way is finished and kept, the rest can be taken up."""


class LedgerError(CrossthinkError):
    """Counts that do not reconcile."""


class MissingExtra(CrossthinkError, ImportError):
    """An optional dependency is not installed; the message ends with the install command."""

    def __init__(self, package: str, extra: str, wanted_for: str) -> None:
        super().__init__(
            f"{package} is not installed, and {wanted_for} needs it; "
            f"install it, in a checkout with pip install '.[{extra}]', elsewhere with: "
            f"pip install 'crossthink-data[{extra}]'"
        )


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A sentence part that names the closest choice, or all of them when none is close."""
    known = sorted(choices)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known are: {', '.join(known)}"
