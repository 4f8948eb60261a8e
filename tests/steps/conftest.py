"""What the step tests share: a corpus of made-up rows, and the bytes that a run leaves."""

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]
Outputs = dict[str, bytes]


@pytest.fixture(scope="session")
def corpus(question_rows: Any) -> list[Row]:
    """About 400 rows of six sources: every domain and type, some defects, some equal ids."""
    rows: list[Row] = []
    for number in range(120):
        options = [f"option {number} {letter}" for letter in "abcd"]
        right = number % 4
        rows.append(
            question_rows.mcq(
                source="mmlu_train" if number % 3 else "syn_qa",
                question=f"What does mcq {number} ask?",
                options=options,
                answer=options[right] if number % 11 else f"none of them {number}",
                answer_label="ABCD"[right] if number % 11 else None,
                provenance=f'{{"row": {number}}}',
            )
        )
        rows.append(
            question_rows.short_open(
                source="natural_reasoning",
                question=f"What does open {number} ask?",
                answer=" ".join(["word"] * (number % 12 + 1)),
                provenance=f'{{"row": {number}}}',
            )
        )
        rows.append(
            question_rows.math(
                source=("numina_math", "persona_math", "math")[number % 3],
                question=f"Find {number} + {number}.",
                answer=str(2 * number) if number % 13 else ("", None, "  ")[number % 3],
                provenance=f'{{"row": {number}}}',
            )
        )
    # Equal ids: the same question from two places, and the very same row twice.
    rows += [row | {"provenance": '{"row": 1000}'} for row in rows[:9]]
    rows += rows[30:33]
    return rows


@pytest.fixture
def shuffled_files(question_rows: Any, tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes rows in a seeded order, split into so many files of odd names."""

    def write(rows: Sequence[Row], seed: int, files: int) -> list[Path]:
        order = random.Random(seed)
        mixed = list(rows)
        order.shuffle(mixed)
        folder = tmp_path / f"in_{seed}_{files}"
        folder.mkdir()
        names = [f"{order.randrange(10**6):06d}_{at}.parquet" for at in range(files)]
        parts = [mixed[at::files] for at in range(files)]
        return [
            question_rows.file(folder / name, part) for name, part in zip(names, parts, strict=True)
        ]

    return write


@pytest.fixture
def parquet_bytes() -> Callable[[Iterable[Path]], Outputs]:
    """Name and bytes of each parquet file among the outputs: ledgers hold times and paths."""

    def read(paths: Iterable[Path]) -> Outputs:
        return {path.name: path.read_bytes() for path in paths if path.suffix == ".parquet"}

    return read
