"""The same rows give the same bytes, whatever their order, their files, batches or threads."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import crossthink_data.tables.ordering as ordering
import crossthink_data.tables.reading as reading
from crossthink_data.steps import blend, template
from crossthink_data.steps import filter as filtering

Bytes = dict[str, bytes]


def road(inputs: list[Path], folder: Path, **blending: Any) -> list[Path]:
    """Template, filter and blend, one after the other; every output of all three."""
    folder.mkdir()
    made = [folder / f"{name}.parquet" for name in ("t", "f", "b")]
    reports = [
        template.run(template.TemplateSettings(inputs=tuple(inputs), out=made[0], question="open")),
        filtering.run(filtering.FilterSettings(inputs=(made[0],), out=made[1])),
        blend.run(
            blend.BlendSettings(
                inputs=(made[1],), out=made[2], ratio="gpr:mr=2:1", val=9, **blending
            )
        ),
    ]
    return [path for report in reports for path in report.outputs]


@pytest.mark.parametrize(("seed", "files"), [(2, 1), (3, 4), (4, 17)])
def test_shuffled_renamed_and_split_files_give_the_same_bytes(
    corpus: list[dict[str, Any]],
    shuffled_files: Callable[..., list[Path]],
    parquet_bytes: Callable[..., Bytes],
    tmp_path: Path,
    seed: int,
    files: int,
) -> None:
    first = parquet_bytes(road(shuffled_files(corpus, 1, 1), tmp_path / "a"))
    second = parquet_bytes(road(shuffled_files(corpus, seed, files), tmp_path / "b"))
    assert sorted(first) == [
        *("b.parquet", "b.rejects.parquet", "b.val.parquet"),
        *("f.parquet", "f.rejects.parquet", "t.parquet", "t.rejects.parquet"),
    ]
    assert first == second


def test_small_batches_and_spilled_runs_give_the_same_bytes(
    corpus: list[dict[str, Any]],
    shuffled_files: Callable[..., list[Path]],
    parquet_bytes: Callable[..., Bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = shuffled_files(corpus, 5, 3)
    repeated = {"on_short": "repeat", "size": 700}
    whole = parquet_bytes(road(inputs, tmp_path / "a", **repeated))
    monkeypatch.setattr(ordering, "RUN_BYTES", 4_000)
    monkeypatch.setattr(ordering, "SPILL_ROWS", 3)
    monkeypatch.setattr(reading, "_BATCH_ROWS", 7)
    monkeypatch.setattr(reading, "_ROWS_IN_FLIGHT", 21)
    assert parquet_bytes(road(inputs, tmp_path / "b", **repeated)) == whole


_ROAD = """
import sys
from pathlib import Path
from crossthink_data.steps import blend, template
from crossthink_data.steps import filter as filtering
out = Path(sys.argv[1])
inputs = tuple(map(Path, sys.argv[2:]))
template.run(template.TemplateSettings(inputs=inputs, out=out / "t.parquet"))
filtering.run(filtering.FilterSettings(inputs=(out / "t.parquet",), out=out / "f.parquet"))
blend.run(blend.BlendSettings(inputs=(out / "f.parquet",), out=out / "b.parquet", ratio="nd"))
"""


def test_one_and_eight_threads_give_the_same_bytes(
    corpus: list[dict[str, Any]],
    shuffled_files: Callable[..., list[Path]],
    parquet_bytes: Callable[..., Bytes],
    tmp_path: Path,
) -> None:
    inputs = [str(path) for path in shuffled_files(corpus * 3, 6, 2)]
    outputs = []
    for threads in ("1", "8"):
        out = tmp_path / threads
        out.mkdir()
        limits = {"POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", _ROAD, str(out), *inputs]
        subprocess.run(command, check=True, env=os.environ | limits)
        outputs.append(parquet_bytes(sorted(out.iterdir())))
    assert outputs[0] == outputs[1]


def test_another_seed_gives_another_order_of_the_same_rows(
    corpus: list[dict[str, Any]], shuffled_files: Callable[..., list[Path]], tmp_path: Path
) -> None:
    import polars as pl

    inputs = shuffled_files(corpus, 7, 1)
    for seed in (0, 1):
        out = tmp_path / f"{seed}.parquet"
        settings = {"inputs": tuple(inputs), "ratio": "nd", "unfiltered": True}
        blend.run(blend.BlendSettings(**settings, out=out, seed=seed))
    ids = [
        pl.read_parquet(tmp_path / f"{seed}.parquet")["extra_info"].struct.field("id").to_list()
        for seed in (0, 1)
    ]
    assert ids[0] != ids[1]
    assert sorted(ids[0]) == sorted(ids[1])
