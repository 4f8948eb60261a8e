"""How hard a backend is asked, as one value."""

from dataclasses import dataclass, replace

from crossthink_data.errors import RecipeError
from crossthink_data.generate.resolution import DEFAULT_RESAMPLES

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How hard a backend is asked. Rates are per minute, times in seconds.

    `attempts` are calls for one request before it gets `no_reply`; `resamples` are draws in place
    of unusable replies. The run stops when `failures_in_a_row` calls failed with no answer between
    them (0: eight times `max_in_flight`) and for `patience` seconds nothing came; `stop_after` says
    it whole.
    RecipeError for a value that cannot be meant.
    """

    max_in_flight: int = 64
    adaptive: bool = True
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    attempts: int = 8
    resamples: int = DEFAULT_RESAMPLES
    timeout: float = 600.0
    failures_in_a_row: int = 0
    patience: float = 15.0
    first_backoff: float = 0.5
    longest_backoff: float = 30.0

    def __post_init__(self) -> None:
        for name in ("max_in_flight", "attempts", "timeout"):
            _at_least(name, getattr(self, name), 1 if name != "timeout" else 0.001)
        for name in ("requests_per_minute", "tokens_per_minute"):
            if getattr(self, name) is not None:
                _at_least(name, getattr(self, name), 0.001)
        for name in ("resamples", "failures_in_a_row", "patience"):
            _at_least(name, getattr(self, name), 0)

    def share(self, world: int) -> "Limits":
        """The part of one of `world` ranks: limits of an account are for all of them together."""
        return replace(
            self,
            max_in_flight=max(1, self.max_in_flight // world),
            requests_per_minute=_divided(self.requests_per_minute, world),
            tokens_per_minute=_divided(self.tokens_per_minute, world),
        )

    def stop_after(self, failures: int, seconds: float) -> bool:
        """Whether so many failed calls in a row, with no answer for so long, end the run."""
        if seconds < self.patience:
            return False
        fewest = max(20, self.max_in_flight)
        if failures >= (self.failures_in_a_row or 8 * fewest):
            return True
        # A server that takes calls and never answers fails once per timeout, not once per pause.
        return failures >= fewest and seconds >= 2 * self.timeout


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise RecipeError(f"{name} is {value}; it must be at least {least:g}")


def _divided(rate: float | None, world: int) -> float | None:
    return None if rate is None else rate / world
