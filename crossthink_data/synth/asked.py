"""What was asked for an item so far, as its provenance tells it: the same for every kind."""

from collections import Counter
from dataclasses import dataclass, field

from crossthink_data.exchange import Refusal, Reply, Sampling
from crossthink_data.synth.prompting import Prompt

__all__ = ["Asked"]


@dataclass(slots=True)
class Asked:
    """Prompts by what they are for, keys of requests by round, models and reasons of no reply."""

    prompts: dict[str, object] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=dict)
    models: Counter[str] = field(default_factory=Counter)
    unused: Counter[str] = field(default_factory=Counter)

    def note(
        self,
        purpose: str,
        prompt: Prompt,
        sampling: Sampling,
        name: str,
        replies: tuple[Reply, ...],
    ) -> None:
        """Note the prompt of that purpose, and what came back in the round of that name."""
        self.prompts[purpose] = {
            "name": prompt.name,
            "version": prompt.version,
            "digest": prompt.digest,
            "sampling": sampling.as_json(),
        }
        self.requests[name] = [reply.key for reply in replies]
        for reply in replies:
            if isinstance(reply, Refusal):
                self.unused[reply.reason] += 1
            else:
                self.models[reply.model] += 1

    def as_json(self) -> dict[str, object]:
        """The entries of a provenance: `prompts`, `models`, `requests`, and `unusable` if any."""
        told: dict[str, object] = {
            "prompts": self.prompts,
            "models": sorted(self.models),
            "requests": self.requests,
        }
        return told | ({"unusable": dict(sorted(self.unused.items()))} if self.unused else {})
