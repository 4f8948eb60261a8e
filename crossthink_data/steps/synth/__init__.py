"""`synth`: documents or personas to verified questions, by asking a model."""

from contextlib import closing
from pathlib import Path

from crossthink_data.exchange import digest_of
from crossthink_data.generate.journal import JournalReader
from crossthink_data.generate.metrics import Snapshot
from crossthink_data.generate.resolution import MissingReply
from crossthink_data.ledger import Report
from crossthink_data.steps.asking import Live, ask_all
from crossthink_data.steps.outputs import Progress, check_place, silent
from crossthink_data.steps.synth.dry_run import dry_run
from crossthink_data.steps.synth.folder import RunFolder, locked, read_prompts
from crossthink_data.steps.synth.job import SynthJob
from crossthink_data.steps.synth.kinds import kind_of
from crossthink_data.steps.synth.rows import write_rows
from crossthink_data.steps.synth.settings import SynthSettings
from crossthink_data.tables import sha256_of

__all__ = ["SynthSettings", "dry_run", "inputs_digest", "run", "run_stage"]


def run(
    settings: SynthSettings, live: Live, reading: Progress = silent, writing: Progress = silent
) -> Report:
    """Write question rows, rejects and ledger of the items that the inputs give.

    What the journal of the run's folder has is not asked again. RunStopped when a person stopped
    it; BackendError when the model could not be asked on: what was paid for is in the journal.
    """
    check_place(settings.out, [Path(name) for name in settings.inputs])
    settings.check_model()
    with locked(settings.folder):
        prepared = RunFolder.prepare(settings, reading)
        for passes_left in reversed(range(_MOST_PASSES)):
            ask_all(SynthJob(settings.folder), settings, settings.folder, live)
            try:
                return _rows(prepared, writing)
            except MissingReply:
                # Two ranks asked the same at the same time, and the reply that counts is the one
                # that came second: what follows from it is still to be asked.
                if not passes_left:
                    raise
    raise AssertionError("the last pass returns or raises")


_MOST_PASSES = 3


def _rows(prepared: RunFolder, progress: Progress) -> Report:
    with closing(JournalReader(prepared.path)) as journal:
        return write_rows(prepared, journal, progress)


def run_stage(settings: SynthSettings, progress: Progress = silent) -> Report:
    """`run` as a stage of a recipe: its items are the rows of the progress."""

    def live(snapshot: Snapshot) -> None:
        progress(snapshot.items_done, snapshot.items_total or 0)

    return run(settings, live, progress, progress)


def inputs_digest(settings: SynthSettings) -> str:
    """Digest of the bytes that the rows come from: inputs, skills, prompts, recorded replies."""
    kind = kind_of(settings, read_prompts(settings.prompts))
    recorded = [] if settings.recorded is None else sorted(settings.recorded.glob("rank=*.jsonl"))
    replies = [sha256_of(file) for file in recorded]
    return digest_of([kind.digest(), kind.prompts(), replies])
