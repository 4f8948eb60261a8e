"""Rows of a dataset on the hub, through the `datasets` library, which keeps its own cache."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from crossthink_data.errors import MissingExtra, SourceError
from crossthink_data.sources import RawRow, Source

__all__ = ["HubRef", "hub_ref", "hub_rows", "parse_hub_id"]

_HUB_ID = re.compile(r"([\w.-]+/[\w.-]+)(?::([\w.-]+))?(?:@([\w./-]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRef:
    """A dataset repository on the hub; `hub_id` may hold `{config}`, see `Source`."""

    hub_id: str
    revision: str
    configs: tuple[str | None, ...]
    split: str
    files: tuple[str, ...] = ()
    gated: bool = False


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
        yield RawRow(row, file, number, hub_id, ref.revision)


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
        dataset = load_dataset(hub_id, config, split=split, revision=ref.revision, **options)
        yield from cast("Iterator[Mapping[str, object]]", iter(dataset))
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        raise SourceError(_explain(ref, hub_id, config, split, error)) from error


def _explain(ref: HubRef, hub_id: str, config: str | None, split: str, error: Exception) -> str:
    first_line = str(error).strip().split("\n")[0] or type(error).__name__
    where = f"{hub_id}, config {config or 'default'}, split {split}, revision {ref.revision}"
    return f"{first_line}: {where} could not be read from the hub; {_remedy(ref, hub_id, error)}"


def _remedy(ref: HubRef, hub_id: str, error: Exception) -> str:
    by_hand = "or download it by hand and use --from PATH"
    if isinstance(error, ConnectionError):
        return f"wanted is a network that reaches the hub; try again where there is one, {by_hand}"
    if ref.gated or "gated" in str(error):
        return (
            f"wanted is access: accept the terms at https://huggingface.co/datasets/{hub_id} "
            f"and set HF_TOKEN, {by_hand}"
        )
    return (
        "wanted is an existing OWNER/NAME[:CONFIG][@REVISION]; "
        f"check it at https://huggingface.co/datasets/{hub_id}, {by_hand}"
    )
