"""`synth`: documents or personas to verified questions, by asking a model."""

from crossthink_data.generate.journal import JournalReader
from crossthink_data.ledger import Report
from crossthink_data.steps.asking import Live, ask_all
from crossthink_data.steps.outputs import Progress, silent
from crossthink_data.steps.synth.dry_run import dry_run
from crossthink_data.steps.synth.folder import RunFolder, locked
from crossthink_data.steps.synth.job import SynthJob
from crossthink_data.steps.synth.rows import write_rows
from crossthink_data.steps.synth.settings import SynthSettings

__all__ = ["SynthSettings", "dry_run", "run"]


def run(settings: SynthSettings, live: Live, progress: Progress = silent) -> Report:
    """Write question rows, rejects and ledger of the items that the inputs give.

    What the journal of the run's folder has is not asked again. RunStopped when a person stopped
    it; BackendError when the model could not be asked on: what was paid for is in the journal.
    """
    with locked(settings.folder):
        prepared = RunFolder.prepare(settings, progress)
        ask_all(SynthJob(settings.folder), settings, settings.folder, live)
        journal = JournalReader(settings.folder)
        try:
            return write_rows(prepared, journal, progress)
        finally:
            journal.close()
