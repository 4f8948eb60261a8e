"""The folder of a run: what it was told, and its items, so that any machine can take them up."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crossthink_data import __version__
from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.generate.lock import RankLock
from crossthink_data.recipe import check
from crossthink_data.steps.asking import UNWRITTEN
from crossthink_data.steps.items import ItemFile, write_items
from crossthink_data.steps.outputs import Progress
from crossthink_data.steps.synth.kinds import Kind, kind_of
from crossthink_data.steps.synth.settings import SynthSettings

__all__ = ["LOCK", "RunFolder", "locked", "read_prompts"]

_RUN = "run.json"
LOCK = "run.lock"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run that has its items: the settings, the kind they name and the items on disk."""

    path: Path
    settings: SynthSettings
    kind: Kind
    items: ItemFile

    @classmethod
    def prepare(
        cls, settings: SynthSettings, progress: Progress, *, record: bool = True
    ) -> "RunFolder":
        """The folder with its items, made unless an earlier run left the same ones.

        With `record` the folder is that of this run from now on, for `status`, `show` and ranks.
        """
        prompts = read_prompts(settings.prompts)
        kind = kind_of(settings, prompts)
        path = settings.folder
        file = path / f"items-{kind.digest()[:16]}.parquet"
        if file.is_file():
            items = ItemFile.open(file)
        else:
            prepared = kind.prepare(path, progress)
            items = write_items(file, prepared.items, prepared.account)
        if record:
            _write_run(path, settings, prompts, file.name)
        return cls(path, settings, kind, items)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """The run of a folder. SourceError when there is none."""
        if not path.is_dir():
            raise SourceError(
                f"{path}: no such folder; name that of a synth run, x.journal beside x.parquet"
            )
        file = path / _RUN
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            settings, prompts, items = known["settings"], known["prompts"], known["items"]
        except FileNotFoundError as error:
            raise SourceError(
                f"{path}: holds no {_RUN}, so it is not the folder of a synth run, or the run has "
                "not come to its first request; name x.journal beside x.parquet"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SourceError(
                f"{file}: cannot be read as the record of a run ({error}); "
                "run the same command again, which writes it anew"
            ) from error
        told = check(SynthSettings, settings, str(file)).model_copy(update={"journal": path})
        return cls(path, told, kind_of(told, prompts), ItemFile.open(path / Path(items).name))


def read_prompts(folder: Path | None) -> dict[str, str]:
    """Prompt files of a folder, by name without version and ending. RecipeError for no file."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise RecipeError(
            f"prompts {folder}: there is no such folder; name a folder of NAME.j2 files, copied "
            "and changed: crossthink-data recipe cp prompts/syn_qa_mcq FOLDER"
        )
    texts = {}
    for file in sorted(folder.glob("*.j2")):
        name = file.name.partition(".")[0]
        if name in texts:
            raise RecipeError(
                f"prompts {folder}: holds {name} twice, the second time as {file.name}; leave the "
                "one that is meant"
            )
        try:
            texts[name] = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    if not texts:
        raise RecipeError(f"prompts {folder}: holds no file NAME.j2; leave prompts out, or add one")
    return texts


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """The folder, made if need be, for this run alone. SourceError says who else has it.

    A folder that was made here and in which nothing came to be is gone afterwards.
    """
    if not path.parent.is_dir():
        raise SourceError(f"{path}: there is no folder {path.parent}; make it first")
    if path.exists() and not path.is_dir():
        raise SourceError(f"{path}: is a file; name a folder for the journals of the run")
    lock, made = _made_and_locked(path)
    try:
        yield
    finally:
        # An error of tidying up must not stand in the way of one of the run.
        with suppress(OSError):
            made = made and os.listdir(path) == [LOCK]
            if made:
                (path / LOCK).unlink()
        with suppress(OSError):
            lock.release()
            if made:
                path.rmdir()


def _made_and_locked(path: Path) -> tuple[RankLock, bool]:
    """The lock of the folder, and whether the folder was made for it."""
    while True:
        try:
            path.mkdir()
        except FileExistsError:
            made = False
        else:
            made = True
        try:
            return RankLock(path / LOCK), made
        except SourceError:
            if path.is_dir():
                raise
            # The run that had it removed it in this very moment: it is free.


def _write_run(path: Path, settings: SynthSettings, prompts: Mapping[str, str], items: str) -> None:
    told = settings.model_dump(mode="json", exclude_unset=True, exclude=UNWRITTEN)
    told["out"] = str(settings.out.absolute())  # `status` may be asked from another folder
    known = {"tool": __version__, "settings": told, "prompts": dict(prompts), "items": items}
    made = path / f"{_RUN}.tmp"
    made.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    made.replace(path / _RUN)
