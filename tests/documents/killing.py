"""A run of two ranks, one of which is killed in the middle of its second file."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from crossthink_data.documents import DocumentSettings, clean_documents, steps
from crossthink_data.documents.inputs import InputFile
from crossthink_data.documents.records_read import Drop, Page
from crossthink_data.executors import Executor


class DeadlySettings(DocumentSettings):
    """Settings that carry the kill to the rank's own process."""

    def __setstate__(self, state: dict[object, object]) -> None:
        super().__setstate__(state)
        plain = steps._records

        def killed(file: InputFile, settings: DocumentSettings) -> Iterator[Page | Drop]:
            if file.name == "3.warc.gz":
                os.kill(os.getpid(), signal.SIGKILL)
            yield from plain(file, settings)

        steps._records = killed


def clean_with_a_killer(folder: str) -> None:
    """Clean the archives of a folder with settings that kill one of two ranks."""
    clean_documents([folder], DeadlySettings(), Path(folder) / ".out", executor=Executor(tasks=2))
