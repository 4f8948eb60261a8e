"""A training file as the dataset that TRL's trainers take."""

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from crossthink_data.errors import MissingExtra, SourceError
from crossthink_data.tables.training import open_training

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["load_training"]


def load_training(path: str | Path) -> "Dataset":
    """The rows of a training file, for `GRPOTrainer(train_dataset=...)`.

    Rows are as stored and in the file's order. `prompt` is a list of messages; the reward gets the
    other columns by name: `data_source`, `ability`, `reward_model` and `extra_info`, the last two
    as dicts. Rows lie in the cache of `datasets`, not in memory.

    MissingExtra without `datasets`; SourceError when `path` is no training file.
    """
    open_training(path).close()
    try:
        from datasets import Dataset
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise MissingExtra("datasets", "trl", f"loading {path} for TRL") from error
    try:
        # Unescaped, a name with brackets is a pattern: it may find another file, or none.
        return Dataset.from_parquet(glob.escape(str(path)))
    except (OSError, DatasetsError) as error:
        cause = str(error.__cause__ or error).splitlines()[0]
        raise SourceError(
            f"{path}: rows cannot be read ({cause}); a training file is one that blend wrote; "
            "write or copy it again, and see that the cache of datasets has room"
        ) from error
