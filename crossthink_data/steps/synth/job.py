"""The items of a run folder as conversations, rank by rank; another process can take them up."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crossthink_data.exchange import Conversation
from crossthink_data.steps.synth.folder import RunFolder

__all__ = ["SynthJob"]


@dataclass(frozen=True, slots=True)
class SynthJob:
    """All that the items of a folder want to have asked."""

    folder: Path

    @property
    def total(self) -> int:
        """Chosen items of all ranks."""
        return RunFolder.open(self.folder).items.chosen

    def share(self, rank: int, world: int) -> int:
        """Chosen items of one rank."""
        run = RunFolder.open(self.folder)
        if world == 1:
            return run.items.chosen
        return sum(1 for _ in run.items.of_rank(rank, world))

    def conversations(self, rank: int, world: int) -> Iterator[tuple[str, Conversation]]:
        """Item ids and conversations of one rank."""
        run = RunFolder.open(self.folder)
        for item in run.items.of_rank(rank, world):
            yield item.id, run.kind.conversation(item)
