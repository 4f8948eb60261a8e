"""The paper's naive match: the answer is the gold, character by character, after trimming."""

from crossthink_data.rewards.verdict import RIGHT, Judge

__all__ = ["compile_exact"]


class _Exact:
    __slots__ = ("_gold",)

    def __init__(self, gold: str) -> None:
        self._gold = gold.strip()

    def judge(self, answer: str) -> str:
        return RIGHT if answer.strip() == self._gold else "acc:not_equal"


def compile_exact(gold: str) -> Judge:
    """A judge that accepts the gold's own characters only (paper section 2, naive match)."""
    return _Exact(gold)
