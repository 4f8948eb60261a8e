"""A recorded journal as a backend: it answers by key, offline, and has nothing else to say.

The same inputs, settings, model name and seed have the same keys; whatever changes what the model
would see has no recorded reply, and stops the run with the name of what was asked.
"""

import asyncio
from itertools import islice
from pathlib import Path
from typing import Final

from crossthink_data.errors import BackendError, RecipeError
from crossthink_data.generate.backends import BackendSettings
from crossthink_data.generate.journal import Entry, JournalReader
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure

__all__ = ["Replay", "open_replay"]

_LOOKED_AT: Final = 200


def open_replay(settings: BackendSettings) -> "Replay":
    """The recorded replies in the folder `recorded`. RecipeError when none is named."""
    if settings.recorded is None:
        raise RecipeError(
            "recorded is not set: the replay backend answers from a journal folder; "
            "name one, such as the x.journal beside an earlier run's x.parquet"
        )
    return Replay(settings.recorded)


class Replay:
    """A backend without a model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journal: JournalReader | None = None

    async def start(self) -> Capabilities:
        self._journal = journal = await asyncio.to_thread(_opened, self._folder)
        seen = list(islice(journal.entries(), _LOOKED_AT))
        return Capabilities(
            server=f"recorded replies in {self._folder}",
            models=tuple(sorted({entry.model for entry in seen if entry.model})),
            schema=any(entry.structured == "schema" for entry in seen),
            seed=True,
            notes=(f"replies are recorded, no model is asked: {journal.answers} answers",),
        )

    async def complete(self, call: Call) -> Answer | Failure:
        if self._journal is None:
            raise RuntimeError("a backend is started before it is asked")
        entry = self._journal.get(call.key)
        if entry is None:
            return self._not_recorded(call)
        answer = entry.answer()
        return _refused(entry) if answer is None else answer

    async def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _not_recorded(self, call: Call) -> Failure:
        request = call.request
        draw = f"sample {request.sample}, resample {request.resample}"
        return Failure(
            kind="stop",
            reason="not_recorded",
            detail=(
                f"task {request.task}, row {request.row_id}, {draw}, model {call.model!r}, seed "
                f"{call.seed}: {self._folder} has no reply to it; run with the inputs, prompts, "
                "model name and seed of the recording, or with a backend that can be asked"
            ),
        )


def _opened(folder: Path) -> JournalReader:
    if not folder.is_dir():
        what = "a file, not a folder" if folder.exists() else "not there"
        raise BackendError(
            f"recorded journal {folder} is {what}; name the folder of a run, with its rank=*.jsonl"
        )
    journal = JournalReader(folder)
    if not len(journal):
        journal.close()
        raise BackendError(
            f"recorded journal {folder} holds no replies; name the folder of a run that has some"
        )
    return journal


def _refused(entry: Entry) -> Failure:
    """A request that had no reply when it was recorded has none now, and for the same reason.

    Where a later run of the recording would have asked again, one of this journal asks too.
    """
    return Failure(
        kind="reject",
        reason=entry.reason or "not_recorded",
        detail=entry.detail,
        final=entry.final,
    )
