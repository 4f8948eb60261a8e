"""Being written: an exact match stands in for a few commits."""

from crossthink_data.rewards.exact import compile_exact
from crossthink_data.rewards.verdict import Judge

__all__ = ["compile_math"]


def compile_math(gold: str, options: tuple[str, ...] | None = None) -> Judge:
    return compile_exact(gold)
