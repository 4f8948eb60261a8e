"""What a run needs to know of each kind of synthesis."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crossthink_data.exchange import Conversation, Request
from crossthink_data.steps.items import Item
from crossthink_data.steps.outputs import Progress
from crossthink_data.steps.synth.settings import SynthSettings

__all__ = ["Kind", "Prepared", "kind_of"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The items of a run, not written yet, and what they come from in JSON values.

    `account` is filled while `items` is read, and whole when it is at its end.
    """

    items: Iterator[Item]
    account: dict[str, object] = field(default_factory=dict)


class Kind(Protocol):
    """One kind of synthesis: how inputs become items, and items conversations."""

    source: str
    domain: str

    def digest(self) -> str:
        """Digest of all that the items depend on: contents and settings, no output path."""

    def prepare(self, folder: Path, progress: Progress) -> Prepared:
        """The items of the inputs; `folder` keeps what is costly to make twice."""

    def prompts(self) -> dict[str, str]:
        """Name and digest of each prompt that is asked."""

    def conversation(self, item: Item) -> Conversation:
        """The conversation that makes a question of the item."""

    def stand_in(self, item: Item, request: Request) -> str:
        """A made-up reply of the right form and usual length, to tell beforehand what follows."""

    def provenance(self, item: Item) -> str:
        """The JSON object of an item that was never asked about."""


def kind_of(settings: SynthSettings, prompts: Mapping[str, str]) -> Kind:
    """The kind that the settings name; `prompts` are texts that replace shipped ones, by name."""
    if settings.kind == "persona-math":
        from crossthink_data.steps.synth.persona_math import PersonaMath

        return PersonaMath(settings, prompts)
    from crossthink_data.steps.synth.syn_qa import SynQa

    return SynQa(settings, prompts)
