"""Rows of a dataset on the hub, through the `datasets` library, which keeps its own cache."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from crossthink_data.errors import MissingExtra, SourceError
from crossthink_data.sources import RawRow, Source

__all__ = ["HubRef", "at_commits", "hub_ref", "hub_rows", "parse_hub_id"]

_HUB_ID = re.compile(r"([\w.-]+/[\w.-]+)(?::([\w.-]+))?(?:@([\w./-]+))?")
_UNKNOWN_SPLIT = re.compile(r"Unknown split .*?[\[{](.*?)[\]}]")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_HTTP_LIBRARIES = ("httpx", "httpx2", "requests", "urllib3")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRef:
    """A dataset repository on the hub; `hub_id` may hold `{config}`, see `Source`.

    `commits` says what `revision` stands for in each repository, where that has been asked.
    """

    hub_id: str
    revision: str
    configs: tuple[str | None, ...]
    split: str
    files: tuple[str, ...] = ()
    gated: bool = False
    commits: Mapping[str, str] = field(default_factory=dict)

    @property
    def repositories(self) -> tuple[str, ...]:
        """The ids of the repositories it reads, `{config}` filled in."""
        return tuple(dict.fromkeys(self.hub_id.format(config=config) for config in self.configs))

    def revision_of(self, repository: str) -> str:
        """The commit to read of a repository, or else the revision as it was named."""
        return self.commits.get(repository, self.revision)


def hub_ref(source: Source) -> HubRef:
    """Where the source itself lives."""
    return HubRef(
        hub_id=source.hub_id,
        revision=source.revision,
        configs=source.configs,
        split=source.split,
        files=source.files,
        gated=source.gated,
    )


def parse_hub_id(text: str, source: Source) -> HubRef | None:
    """`owner/name[:config][@revision]` as a place of the source's rows, None for other text.

    The source's own id keeps what the source knows of it; another one is read at `main` and in its
    default config unless the text says otherwise.
    """
    match = _HUB_ID.fullmatch(text)
    if match is None:
        return None
    hub_id, config, revision = match.groups()
    if hub_id == source.hub_id:
        own = hub_ref(source)
        if config:
            own = replace(own, configs=(config,), files=())
        return replace(own, revision=revision or own.revision)
    return HubRef(hub_id=hub_id, revision=revision or "main", configs=(config,), split=source.split)


def at_commits(ref: HubRef) -> HubRef:
    """The same place, with the commit that its revision stands for in each repository just now.

    A branch moves; provenance and ledger are to say what was read. A revision that is a commit is
    not asked for. MissingExtra without `huggingface_hub`; SourceError when the hub does not say.
    """
    if _COMMIT.fullmatch(ref.revision):
        return ref
    return replace(ref, commits={name: _commit(ref, name) for name in ref.repositories})


def _commit(ref: HubRef, hub_id: str) -> str:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtra("huggingface_hub", "hub", f"reading {hub_id} from the hub") from error
    try:
        commit = HfApi().dataset_info(hub_id, revision=ref.revision).sha
    except (OSError, ValueError) as error:
        raise _refusal(ref, hub_id, f"{hub_id}, revision {ref.revision}", error) from error
    except Exception as error:
        # Without a network the error is that of the HTTP library, which differs between releases.
        if type(error).__module__.partition(".")[0] not in _HTTP_LIBRARIES:
            raise
        no_network = ConnectionError(str(error))
        raise _refusal(ref, hub_id, f"{hub_id}, revision {ref.revision}", no_network) from error
    return commit or ref.revision


def hub_rows(ref: HubRef) -> Iterator[RawRow]:
    """The rows of all configs, one after the other; `file` is `<config>/<split>` or the file read.

    MissingExtra without `datasets`; SourceError when the hub, the repository, the config or the
    split cannot be had.
    """
    if ref.files:
        for path in ref.files:
            yield from _rows(ref, ref.hub_id, None, path)
        return
    for config in ref.configs:
        if "{config}" in ref.hub_id:
            yield from _rows(ref, ref.hub_id.format(config=config), None, f"{config}/{ref.split}")
        else:
            yield from _rows(ref, ref.hub_id, config, f"{config or 'default'}/{ref.split}")


def _rows(ref: HubRef, hub_id: str, config: str | None, file: str) -> Iterator[RawRow]:
    for number, row in enumerate(_load(ref, hub_id, config), 1):
        yield RawRow(row, file, number, hub_id, ref.revision_of(hub_id))


def _load(ref: HubRef, hub_id: str, config: str | None) -> Iterator[Mapping[str, object]]:
    try:
        from datasets import load_dataset
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise MissingExtra("datasets", "hub", f"reading {hub_id} from the hub") from error
    options: dict[str, object] = {}
    split = ref.split
    if ref.files:
        # Named files are one split, whatever the repository calls its own.
        split = "train"
        options["data_files"] = {split: list(ref.files)}
        if all(path.endswith(".csv") for path in ref.files):
            options["keep_default_na"] = False  # an option may read "None" or "NA"
    try:
        revision = ref.revision_of(hub_id)
        dataset = load_dataset(hub_id, config, split=split, revision=revision, **options)
        yield from cast("Iterator[Mapping[str, object]]", iter(dataset))
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        where = f"{hub_id}, config {config or 'default'}, split {split}, revision {revision}"
        raise _refusal(ref, hub_id, where, error) from error


def _refusal(ref: HubRef, hub_id: str, where: str, error: Exception) -> SourceError:
    first_line = str(error).strip().split("\n")[0] or type(error).__name__
    remedy = _remedy(ref, hub_id, error)
    return SourceError(f"{first_line}: {where} could not be read from the hub; {remedy}")


def _remedy(ref: HubRef, hub_id: str, error: Exception) -> str:
    by_hand = "or download it by hand and use --from PATH"
    if isinstance(error, ConnectionError):
        return f"wanted is a network that reaches the hub; try again where there is one, {by_hand}"
    if split := _UNKNOWN_SPLIT.search(str(error)):
        known = re.findall(r"[\w.-]+", split[1])
        add = f"add --split {known[0]}" if len(known) == 1 else "add --split with one of them"
        return f"wanted is a split that it has ({', '.join(known)}); {add}, {by_hand}"
    if ref.gated or "gated" in str(error):
        return (
            f"wanted is access: accept the terms at https://huggingface.co/datasets/{hub_id} "
            f"and set HF_TOKEN, {by_hand}"
        )
    return (
        "wanted is an existing OWNER/NAME[:CONFIG][@REVISION]; "
        f"check it at https://huggingface.co/datasets/{hub_id}, {by_hand}"
    )
