"""Finding the GGUF file of a model: a path, or a hub id, `owner/name[:file or quantisation]`."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from crossthink_data.errors import BackendError, MissingExtra, did_you_mean

__all__ = ["DEFAULT_MODEL", "check_gguf", "choose_files", "find_model", "name_of"]

DEFAULT_MODEL: Final = (
    "Qwen/Qwen2.5-1.5B-Instruct-GGUF:qwen2.5-1.5b-instruct-q4_k_m.gguf"  # Apache-2.0, 1.1 GB
)

_HUB_ID: Final = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?::(?P<part>[\w./-]+))?")
_PART_OF_SEVERAL: Final = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_USUAL: Final = ("q4_k_m", "q4_k_s", "q4_0", "q5_k_m", "q8_0", "f16")


def find_model(name: str) -> Path:
    """The GGUF file that a name stands for, downloaded where the name is a hub id.

    BackendError for a file that is absent or none, for a hub id that has no such file, and where
    the hub cannot be reached and the file was not downloaded before.
    """
    path = Path(name).expanduser()
    if path.exists():
        return check_gguf(path)
    hub = _HUB_ID.fullmatch(name)
    if hub is None or (hub["part"] is None and name.lower().endswith(".gguf")):
        raise BackendError(
            f"model {name}: there is no such file; give a GGUF file, or a hub id of the form "
            f"owner/name:file, such as {DEFAULT_MODEL}"
        )
    return check_gguf(_download(hub["repo"], hub["part"] or ""))


def name_of(model: str) -> str:
    """The name of a model wherever it lies: of a GGUF file the file's, a hub id as it is.

    By its form, not by whether there is such a file: a run may be looked at where there is none.

    >>> name_of("/data/a:b/m.gguf"), name_of("owner/name:m.gguf")
    ('m.gguf', 'owner/name:m.gguf')
    """
    hub = _HUB_ID.fullmatch(model)
    is_file = model.lower().endswith(".gguf") and (hub is None or hub["part"] is None)
    return Path(model).name if is_file else model or DEFAULT_MODEL


def check_gguf(path: Path) -> Path:
    """The path, if a GGUF file begins there. BackendError that says what it is instead."""
    if path.is_dir():
        raise BackendError(
            f"model {path} is a folder; llama.cpp reads one GGUF file: name the file in it, "
            "or convert the model first"
        )
    with path.open("rb") as file:
        start = file.read(64)
    if start[:4] == b"GGUF" and len(start) > 24:
        return path
    what = "a Git LFS pointer, not the file itself" if start[:7] == b"version" else "no GGUF file"
    raise BackendError(
        f"model {path} is {what} (it begins with {start[:8]!r}, and not with b'GGUF'); "
        f"give a GGUF file, or leave the model out for {DEFAULT_MODEL}"
    )


def choose_files(names: Sequence[str], wanted: str) -> list[str]:
    """The files of a repository that hold the wanted file or quantisation, in order; maybe none.

    >>> choose_files(["m-q8_0.gguf", "m-q4_k_m.gguf", "README.md"], "Q8_0")
    ['m-q8_0.gguf']
    """
    models = sorted(name for name in names if name.lower().endswith(".gguf"))
    if wanted in models:
        return [wanted]
    for quant in (wanted.lower(),) if wanted else _USUAL:
        # The words of a name are set apart by "-", "." or "_": q4_0 is not a part of q4_0_8.
        word = re.compile(rf"(?<![a-z0-9]){re.escape(quant)}(?![a-z0-9_])")
        fitting = [name for name in models if word.search(name.lower())]
        if fitting:
            several = [name for name in fitting if _PART_OF_SEVERAL.search(name)]
            return several if fitting[0] in several else fitting[:1]
    return [] if wanted else models[:1]


def _download(repo: str, part: str) -> Path:
    try:
        from huggingface_hub import HfApi, hf_hub_download
        from huggingface_hub.errors import (
            EntryNotFoundError,
            HfHubHTTPError,
            LocalEntryNotFoundError,
        )
    except ImportError as missing:
        raise MissingExtra("huggingface_hub", "local", "a model from the hub") from missing
    # The base of the hub's own error is that of its HTTP client, whichever client it has.
    unreachable: tuple[type[BaseException], ...] = (HfHubHTTPError.__bases__[0], OSError)
    try:
        files = [part]
        if not part.lower().endswith(".gguf"):
            names = HfApi().list_repo_files(repo)
            files = choose_files(names, part)
            if not files:
                raise _no_such_file(repo, part, names)
        # llama.cpp finds the later parts of a model in several files beside the first.
        paths = [_cached_or_fetched(hf_hub_download, repo, file) for file in files]
        return Path(paths[0])
    except LocalEntryNotFoundError as error:
        raise _unreachable(repo, part) from error
    except EntryNotFoundError as error:
        raise _no_such_file(repo, part, ()) from error
    except HfHubHTTPError as error:
        raise BackendError(
            f"model {repo} cannot be had from the hub: {str(error).splitlines()[0]}; "
            "check the name, or log in with `hf auth login` where the model is gated"
        ) from error
    except unreachable as error:
        raise _unreachable(repo, part) from error


def _cached_or_fetched(fetch: Callable[..., str], repo: str, file: str) -> str:
    """The path of a hub file; one that was downloaded before is taken without asking the hub."""
    try:
        return fetch(repo, file, local_files_only=True)
    except FileNotFoundError:
        return fetch(repo, file)


def _no_such_file(repo: str, part: str, names: Sequence[str]) -> BackendError:
    models = sorted(name for name in names if name.endswith(".gguf"))
    hint = did_you_mean(part, models) if models else "look at its files on the hub"
    return BackendError(f"hub model {repo} has no GGUF file {part!r}; {hint}")


def _unreachable(repo: str, part: str) -> BackendError:
    return BackendError(
        f"model {repo}{':' + part if part else ''} was not downloaded before, and the hub cannot "
        "be reached; download it where there is a network, with `hf download "
        f"{repo} {part or 'FILE.gguf'}`, and give the file with --model FILE.gguf"
    )
