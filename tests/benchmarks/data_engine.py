#!/usr/bin/env python3
"""CPU and memory of template, filter and blend beside plain decoding and encoding of the same rows.

    python tests/benchmarks/data_engine.py CORPUS [--work DIR] [--without-datasets]

CORPUS is a folder of question files (parquet), one or more. Each job runs as a process of its own;
seconds are user plus system time of that process, memory is its peak resident set. Prints one
table; `ratio` is to the first row, measured in the same run.

    decode and encode      pyarrow reads each file and writes it again, zstd level 3
    template, filter, blend   the three verbs, one after the other, blend gpr:mr=2:1
    datasets               the same job in the `datasets` library: filter, 2:1, shuffle, render
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

DECODE_AND_ENCODE = """
import sys
import pyarrow.parquet as pq
for path in sys.argv[2:]:
    pq.write_table(pq.read_table(path), sys.argv[1], compression="zstd", compression_level=3)
"""

WITH_DATASETS = r"""
import sys
from datasets import Dataset, concatenate_datasets, disable_progress_bars, load_dataset
disable_progress_bars()
LABELS = "ABCDEFGHIJ"

def keep(row):
    answer = (row["answer"] or "").strip()
    if not answer or not (row["question"] or "").strip():
        return False
    if row["question_type"] == "mcq":
        return answer in [option.strip() for option in row["options"]]
    return row["answer_kind"] != "short_open" or len(answer.split()) <= 10

def render(row):
    lines = [row["question"]]
    truth = row["answer"]
    if row["options"]:
        lines.append("")
        lines += [f"({label}) {text}" for label, text in zip(LABELS, row["options"])]
        label = row["answer_label"] or LABELS[row["options"].index(row["answer"])]
        truth = f"({label}) {row['answer']}"
    lines += ["", "Think step by step inside <think> </think>, then give the final answer "
              "inside \\boxed{}."]
    return {
        "data_source": "crossthink/" + row["source"],
        "prompt": [{"role": "user", "content": "\n".join(lines)}],
        "ability": row["domain"],
        "reward_model": {"style": "rule", "ground_truth": truth},
    }

cache = sys.argv[1] + ".cache"
rows = load_dataset("parquet", data_files=sys.argv[2:], split="train", cache_dir=cache)
rows = rows.filter(keep)
domains = rows["domain"]
gpr = [at for at, domain in enumerate(domains) if domain == "gpr"]
mr = [at for at, domain in enumerate(domains) if domain == "mr"]
size = min(len(gpr) // 2, len(mr))
picked = [
    rows.select(gpr).shuffle(seed=0).select(range(2 * size)),
    rows.select(mr).shuffle(seed=0).select(range(size)),
]
blend = concatenate_datasets(picked).shuffle(seed=0)
blend.map(render, remove_columns=blend.column_names).to_parquet(sys.argv[1])
"""


def measure(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one process, its children included."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"failed: {' '.join(command)[:200]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--work", type=Path, help="folder for outputs (default: a temporary one)")
    parser.add_argument("--without-datasets", action="store_true")
    args = parser.parse_args()
    files = sorted(str(path) for path in args.corpus.glob("*.parquet"))
    if not files:
        sys.exit(f"{args.corpus}: no parquet files; name a folder of question files")
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        run(files, Path(folder), with_datasets=not args.without_datasets)


def run(files: list[str], folder: Path, *, with_datasets: bool) -> None:
    verb = [sys.executable, "-m", "crossthink_data"]
    ours = {
        "template": ["template", *files, "--out", f"{folder}/template.parquet"],
        "filter": ["filter", f"{folder}/template.parquet", "--out", f"{folder}/filter.parquet"],
        "blend": [
            *("blend", f"{folder}/filter.parquet", "--ratio", "gpr:mr=2:1"),
            *("--out", f"{folder}/blend.parquet"),
        ],
    }
    jobs = {"decode and encode": [sys.executable, "-c", DECODE_AND_ENCODE, f"{folder}/x.parquet"]}
    jobs["decode and encode"] += files
    jobs |= {name: [*verb, *arguments, "--quiet"] for name, arguments in ours.items()}
    if with_datasets:
        jobs["datasets"] = [
            sys.executable,
            "-c",
            WITH_DATASETS,
            f"{folder}/datasets.parquet",
            *files,
        ]
    used = {name: measure(command) for name, command in jobs.items()}
    base = used["decode and encode"][0]
    total = sum(used[name][0] for name in ours)
    peak = max(used[name][1] for name in ours)
    print(f"{'job':<20}{'cpu s':>10}{'ratio':>8}{'peak MB':>10}")
    lines = {**used, "template+filter+blend": (total, peak)}
    for name, (seconds, memory) in lines.items():
        print(f"{name:<22}{seconds:>8.2f}{seconds / base:>8.2f}{memory:>10.0f}")


if __name__ == "__main__":
    main()
