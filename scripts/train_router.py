"""Make the subject router's weights from MMLU's dev and validation questions.

    python scripts/train_router.py MMLU_FOLDER

MMLU_FOLDER is the published folder (https://people.eecs.berkeley.edu/~hendrycks/data.tar, MIT): one
CSV file per subject in `dev`, `val` and `test`, six fields without a header. Only `dev` and `val`
are learned from. The file written is the same to the byte on every run; with --check nothing is
written, and the accuracy is printed: over five folds of dev and val, and on `test`.

The model is a ridge regression on the 57 subjects, solved in the space of the questions (there are
fewer of them than pieces of text), each subject weighted towards having as many as the others.
"""

import argparse
import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import crossthink_data.synth
from crossthink_data.synth.subject_model import (
    Floats,
    Weights,
    character_keys,
    tokens_of,
    word_keys,
)
from crossthink_data.synth.subjects import SUBJECTS, group_of

LEAST_QUESTIONS = 2  # in which a piece occurs
RIDGE = 0.5
BALANCE = 0.75  # 0: every question counts alike; 1: every subject does
GROUP_CREDIT = 0.1  # what a question counts for the other subjects of its group
RARITY_UNIT = 16  # rarity is stored as a whole number of sixteenths
LEVELS = 24  # a weight is stored as a whole number from about -LEVELS to LEVELS
SHIPPED = Path(crossthink_data.synth.__path__[0]) / "subject_weights.bin"


@dataclass(frozen=True, slots=True)
class Example:
    """One question: its subject, its stem, and the stem with the options."""

    subject: str
    stem: str
    whole: str


def read_split(folder: Path, split: str) -> list[Example]:
    """The questions of one split, in order of file and row."""
    examples = []
    for path in sorted((folder / split).glob(f"*_{split}.csv")):
        subject = path.name.removesuffix(f"_{split}.csv")
        with path.open(encoding="utf-8", newline="") as lines:
            for stem, *rest in csv.reader(lines):
                examples.append(Example(subject, stem, "\n".join([stem, *rest[:4]])))
    return examples


def lessons(examples: Sequence[Example]) -> list[tuple[str, str | None]]:
    """What is learned of the questions: texts, each with its subject or None.

    A text is stem and options. The scenarios of a moral_scenarios question are everyday talk about
    anything at all, so of that subject only the fixed sentence before them is learned; or every
    page in the first person would be given it. The scenarios teach what belongs to no subject.
    """
    learned: list[tuple[str, str | None]] = []
    for example in examples:
        if example.subject != "moral_scenarios":
            learned.append((example.whole, example.subject))
            continue
        frame, mark, talk = example.stem.partition("Scenario 1 | ")
        learned.append((frame, example.subject))
        if mark:
            learned.append((talk.replace("Scenario 2 | ", ""), None))
    return learned


Pieces = tuple[Counter[int], Counter[int]]
Fold = tuple[Weights, list[Example]]


def pieces_of(text: str) -> Pieces:
    """Keys of the character pieces, counted over distinct tokens, and of the words and pairs."""
    tokens = tokens_of(text)
    characters = Counter(key for token in set(tokens) for key in character_keys(token))
    return characters, Counter(word_keys(tokens))


@dataclass(frozen=True, slots=True)
class Table:
    """The pieces that are learned: sorted keys and, as whole numbers, their rarities."""

    keys: NDArray[np.uint32]
    rarity: NDArray[np.uint8]

    def columns(self, pieces: Counter[int]) -> tuple[NDArray[np.int64], Floats]:
        """Places and weights of the known ones among a text's pieces, divided by their length."""
        keys = np.array(sorted(pieces), np.uint32)
        places = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        known = self.keys[places] == keys
        places = places[known]
        rarity = self.rarity[places].astype(np.float64)
        counts = np.array([pieces[key] for key in keys[known].tolist()], np.float64)
        length = math.sqrt(max(1.0, float((counts * rarity * rarity).sum())))
        return places, counts * rarity / length


def learn_table(texts: Sequence[Pieces]) -> Table:
    """The pieces that occur in LEAST_QUESTIONS texts at least."""
    seen: Counter[int] = Counter()
    for characters, words in texts:
        seen.update({*characters, *words})
    keys = sorted(key for key, count in seen.items() if count >= LEAST_QUESTIONS)
    rarity = [
        round(RARITY_UNIT * (1 + math.log((1 + len(texts)) / (1 + seen[key])))) for key in keys
    ]
    return Table(np.array(keys, np.uint32), np.array(rarity, np.uint8))


def blocks(table: Table, texts: Sequence[Pieces], width: int = 4096) -> Iterator[Floats]:
    """The matrix of texts by pieces, `width` columns at a time: whole it would not be small."""
    rows = [[table.columns(part) for part in text] for text in texts]
    for start in range(0, len(table.keys), width):
        block = np.zeros((len(texts), min(width, len(table.keys) - start)))
        for row, parts in enumerate(rows):
            for places, values in parts:
                here = (places >= start) & (places < start + width)
                block[row, places[here] - start] += values[here]
        yield block / math.sqrt(2)


def credit(subjects: Sequence[str]) -> Floats:
    """What a text of each class is to score for each subject; the last class is no subject."""
    groups = np.array([group_of(subject) for subject in subjects])
    table = np.where(groups[:, None] == groups, GROUP_CREDIT, 0.0) + np.eye(len(subjects))
    return np.concatenate([table, np.zeros((1, len(subjects)))])


def learn(examples: Sequence[Example], subjects: Sequence[str]) -> Weights:
    """The model learned from examples, its weights rounded to whole numbers, its noise unknown."""
    learned = lessons(examples)
    texts = [pieces_of(text) for text, _ in learned]
    table = learn_table(texts)
    classes = [*subjects, None]
    labels = np.array([classes.index(subject) for _, subject in learned])
    counts = np.bincount(labels, minlength=len(classes))
    weight = ((len(learned) / len(classes) / np.maximum(counts, 1)) ** BALANCE)[labels]
    targets = credit(subjects)[labels]
    bias = (weight[:, None] * targets).sum(0) / weight.sum()
    likeness = np.zeros((len(texts), len(texts)))
    for block in blocks(table, texts):
        likeness += block @ block.T
    dual = np.linalg.solve(likeness + np.diag(RIDGE / weight), targets - bias)
    rows = np.concatenate([block.T @ dual for block in blocks(table, texts)])
    rows *= table.rarity[:, None]
    # The few largest weights are cut, so that the many small ones are told apart.
    unit = float(f"{np.quantile(np.abs(rows), 0.9995) / LEVELS:.6g}")
    return Weights(
        subjects=tuple(subjects),
        keys=table.keys,
        rarity=table.rarity,
        rows=np.rint(rows / unit).clip(-LEVELS, LEVELS).astype(np.int8),
        bias=np.round(bias, 6),
        usual=np.zeros(len(subjects)),
        spread=np.ones(len(subjects)),
        scale=unit / math.sqrt(2),
    )


def with_noise(weights: Weights, folds: Sequence[Fold]) -> Weights:
    """The model with the mean and deviation of what unseen questions of other subjects score."""
    scored = [(one.subject, model.scores(one.whole)) for model, held in folds for one in held]
    table = np.array([scores for _, scores in scored])
    others = np.array([[subject != name for name in weights.subjects] for subject, _ in scored])
    columns = [table[others[:, place], place] for place in range(len(weights.subjects))]
    return replace(
        weights,
        usual=np.array([round(float(column.mean()), 4) for column in columns]),
        spread=np.array([round(float(column.std()), 4) for column in columns]),
    )


def make_folds(examples: Sequence[Example], subjects: Sequence[str]) -> list[Fold]:
    """Five models, each with the fifth of the examples that it has not seen."""
    return [
        (
            learn([one for place, one in enumerate(examples) if place % 5 != fold], subjects),
            [one for place, one in enumerate(examples) if place % 5 == fold],
        )
        for fold in range(5)
    ]


def accuracy(weights: Weights, texts: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """How many of (subject, text) pairs get their subject, and how many their group."""
    right = grouped = 0
    for subject, text in texts:
        found = weights.subjects[int(weights.scores(text).argmax())]
        right += found == subject
        grouped += group_of(found) == group_of(subject)
    return right, grouped


def report(name: str, parts: Sequence[Fold]) -> None:
    """Print the accuracy of models, each on its own examples, with options and without."""
    total = sum(len(examples) for _, examples in parts)
    for what in ("whole", "stem"):
        sums = [
            accuracy(weights, [(one.subject, getattr(one, what)) for one in examples])
            for weights, examples in parts
        ]
        right, grouped = (100 * sum(column) / total for column in zip(*sums, strict=True))
        form = "stem and options" if what == "whole" else "stem alone"
        print(f"{name}, {form}: subject {right:.1f} %, group {grouped:.1f} % of {total}")


def main() -> None:
    """Read the command line, then write the weights or print the check."""
    parser = argparse.ArgumentParser(description="Make the subject router's weights from MMLU.")
    parser.add_argument("folder", type=Path, help="MMLU as published: dev/, val/ and test/")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the file to write")
    parser.add_argument("--check", action="store_true", help="print accuracy, write nothing")
    arguments = parser.parse_args()
    examples = read_split(arguments.folder, "dev") + read_split(arguments.folder, "val")
    subjects = sorted(SUBJECTS)
    if found := set(subjects) - {example.subject for example in examples}:
        parser.error(
            f"{arguments.folder} has no dev or val questions of {', '.join(sorted(found))}"
        )
    folds = make_folds(examples, subjects)
    weights = with_noise(learn(examples, subjects), folds)
    if arguments.check:
        report("five folds of dev and val", folds)
        if test := read_split(arguments.folder, "test"):
            report("test", [(weights, test)])
        return
    data = weights.to_bytes()
    arguments.out.write_bytes(data)
    print(f"{arguments.out}: {len(data):,} bytes from {len(examples):,} questions")


if __name__ == "__main__":
    main()
