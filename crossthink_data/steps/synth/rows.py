"""The rows of a run, made from its items and journals alone: the same in, the same bytes out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa

from crossthink_data.exchange import Made, Outcome, Rejected
from crossthink_data.generate.journal import JournalReader
from crossthink_data.generate.resolution import rebuild
from crossthink_data.ledger import Ledger, Report, Table
from crossthink_data.records import Question
from crossthink_data.steps.asking import UNWRITTEN, server_seen
from crossthink_data.steps.items import Item
from crossthink_data.steps.outputs import Outputs, Progress, as_frame
from crossthink_data.steps.synth.folder import RunFolder
from crossthink_data.synth.broken_text import writable
from crossthink_data.synth.near import near_duplicates
from crossthink_data.synth.subjects import SUBJECTS, breadth
from crossthink_data.tables import QUESTION_SCHEMA, REJECT_SCHEMA, Sorter, question_table, to_arrow

__all__ = ["outcome_of", "write_rows"]

_HELD = 1_024
_NO_REPLY = frozenset(
    {
        *("no_reply", "request_refused", "content_filter", "too_long", "truncated", "empty_reply"),
        *("no_json", "bad_json", "bad_schema", "reply_too_deep", "reply_too_long"),
    }
)
"""Reasons that mean the model gave nothing to judge, which `max_failed` is about."""

_TOO_MANY_FAILED = 3
_MOST_NAMED = 5


def outcome_of(run: RunFolder, item: Item, journal: JournalReader) -> Outcome:
    """What became of a chosen item. MissingReply when the run has not got that far."""
    settings = run.settings
    return rebuild(
        run.kind.conversation(item),
        journal,
        model=settings.model_name,
        seed=settings.seed,
        epoch=settings.epoch,
        resamples=settings.resamples,
    )


def write_rows(run: RunFolder, journal: JournalReader, progress: Progress) -> Report:
    """Write kept questions, rejects and ledger, all at once; near duplicates go with a reason.

    The report's exit code is 3 when more items than `max_failed` had no usable reply.
    """
    settings = run.settings
    ledger = Ledger("synth", settings.model_dump(mode="json", exclude=UNWRITTEN))
    inputs = run.items.account["inputs"]
    assert isinstance(inputs, list)
    ledger.inputs = inputs
    with Outputs(settings.out, ledger) as outputs:
        rows = _Rows(run, outputs, outputs.sorter("made", QUESTION_SCHEMA, "id"))
        for done, item in enumerate(run.items, 1):
            rows.add(item, journal)
            progress(done, sum(run.items.counts.values()))
        rows.flush()
        tally = _write_kept(run, rows, outputs)
        failed = _failed_share(ledger, run)
        ledger.extra |= _account(run, journal, tally, failed)
        ledger.notes += _notes(ledger.extra, journal)
        failure = ""
        if failed > settings.max_failed:
            unanswered = ledger.of(run.kind.source).rejected["no_reply"]
            failure = _too_many_failed(failed, settings.max_failed, unanswered)
            ledger.extra["failure"] = failure
        outputs.finish()
        return _report(outputs.report(), tally, failure)


@dataclass(slots=True)
class _Rows:
    """Items as they become rows: made ones to a sorter, the rest counted and rejected."""

    run: RunFolder
    outputs: Outputs
    made: Sorter
    texts: dict[str, str] = field(default_factory=dict)
    """Id of each question made -> the words by which near duplicates are known."""
    _questions: list[Question] = field(default_factory=list)
    _rejects: list[dict[str, object]] = field(default_factory=list)

    def add(self, item: Item, journal: JournalReader) -> None:
        counts = self.outputs.ledger.of(self.run.kind.source)
        counts.rows_in += 1
        if item.state == "not_sampled":
            counts.not_sampled += 1
        elif item.state == "chosen":
            self._judged(item, outcome_of(self.run, item, journal))
        else:
            detail = str(item.content.get("detail", ""))
            unasked = Rejected(item.state, detail, self.run.kind.provenance(item))
            self._rejects.append(_reject_row(self.run, item, unasked))
        if len(self._questions) + len(self._rejects) >= _HELD:
            self.flush()

    def flush(self) -> None:
        """Hand on what is held."""
        if self._questions:
            self.made.add(question_table(self._questions))
        if self._rejects:
            table = pa.Table.from_pylist(self._rejects, schema=REJECT_SCHEMA)
            self.outputs.reject(as_frame(table))
        self._questions, self._rejects = [], []

    def _judged(self, item: Item, outcome: Outcome) -> None:
        if isinstance(outcome, Made):
            question = outcome.question
            self._questions.append(question)
            words = (question.question, *sorted(question.options or ()))
            self.texts[question.id] = "\n".join(words)
        else:
            self._rejects.append(_reject_row(self.run, item, outcome))


def _reject_row(run: RunFolder, item: Item, outcome: Rejected) -> dict[str, object]:
    """A reject: as the question that it nearly was, or with the item's id and no question."""
    row: dict[str, object] = {
        "id": item.id[:16],
        "source": run.kind.source,
        "domain": run.kind.domain,
        "subject": outcome.subject,
        "provenance": outcome.provenance,
        "step": "synth",
        "reason": outcome.reason,
        "detail": outcome.detail,
    }
    if outcome.question is not None:
        (asked,) = question_table([outcome.question]).to_pylist()
        row = asked | {name: row[name] for name in ("provenance", "step", "reason", "detail")}
    return row


@dataclass(slots=True)
class _Tally:
    """What the kept questions are, counted."""

    subjects: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)

    def count(self, table: pa.Table) -> None:
        self.subjects.update(name for name in table["subject"].to_pylist() if name)
        self.letters.update(label for label in table["answer_label"].to_pylist() if label)


def _write_kept(run: RunFolder, rows: _Rows, outputs: Outputs) -> _Tally:
    """The questions in order of id, without repeats and near duplicates, which are rejects."""
    near = run.settings.near
    repeats = {} if near is None else near_duplicates(rows.texts.items(), near)
    writer = outputs.table(run.settings.out, QUESTION_SCHEMA, b"questions", {})
    tally = _Tally()
    last = ""
    for table in rows.made:
        frame = as_frame(table)
        ids = table["id"].to_pylist()
        reasons = [
            "duplicate" if row_id == before else "near_duplicate" if row_id in repeats else None
            for row_id, before in zip(ids, [last, *ids[:-1]], strict=True)
        ]
        last = ids[-1]
        marked = frame.with_columns(
            pl.lit("synth").alias("step"),
            pl.Series("reason", reasons, dtype=pl.String),
            pl.Series("detail", [repeats.get(row_id, row_id) for row_id in ids], dtype=pl.String),
        )
        kept = to_arrow(marked.filter(pl.col("reason").is_null()), QUESTION_SCHEMA)
        outputs.ledger.count("kept", as_frame(kept)["source"])
        outputs.reject(marked.filter(pl.col("reason").is_not_null()))
        tally.count(kept)
        writer.write(kept)
    return tally


def _failed_share(ledger: Ledger, run: RunFolder) -> float:
    rejected = ledger.of(run.kind.source).rejected
    failed = sum(rejected[reason] for reason in _NO_REPLY)
    return failed / run.items.chosen if run.items.chosen else 0.0


def _too_many_failed(share: float, most: float, unanswered: int) -> str:
    return (
        f"{share:.1%} of the items had no usable reply, more than max_failed {most:.1%}: exit code "
        f"3. The same command asks again for the {unanswered:,} without any reply; the others had "
        "replies that could not be used: look at them with `show`, change the prompt, the model or "
        "its max_tokens, or set a new epoch"
    )


def _account(
    run: RunFolder, journal: JournalReader, tally: _Tally, failed: float
) -> dict[str, object]:
    """What the ledger says beyond counts: where the items come from and what was asked for them."""
    account = {name: told for name, told in run.items.account.items() if name != "inputs"}
    made: dict[str, object] = {"items": dict(run.items.counts), **account}
    if run.settings.kind == "syn-qa":
        known = {name: rows for name, rows in tally.subjects.items() if name in SUBJECTS}
        made["breadth"] = asdict(breadth(known)) | {"subjects": dict(sorted(known.items()))}
        made["letters"] = dict(sorted(tally.letters.items()))
    server = server_seen(run.path, run.settings.model_name)
    if server is not None:
        made["server"] = server
    made["generation"] = _generation(journal) | {"failed_share": round(failed, 6)}
    return made


def _notes(account: Mapping[str, Any], journal: JournalReader) -> list[str]:
    """What a person should know beyond the counts: files that failed, a server without schemas."""
    failed = [
        f"{name}: {told['failed']['reason']} ({told['failed']['detail']})"
        for name, told in account.get("documents", {}).items()
        if told["failed"]
    ]
    notes = [f"could not be read, or not to its end: {text}" for text in failed[:_MOST_NAMED]]
    if len(failed) > _MOST_NAMED:
        notes.append(f"{len(failed) - _MOST_NAMED:,} more such files are named in the ledger")
    server = account.get("server")
    if server and not server["schema"]:
        notes.append("the server does not hold replies to a schema: they were read as they came")
    if journal.corrupt:
        notes.append(
            f"{len(journal.corrupt):,} lines of the journal cannot be read (first: "
            f"{journal.corrupt[0]}): their replies were asked for again"
        )
    return notes


def _generation(journal: JournalReader) -> dict[str, object]:
    """All that the folder's journals hold, whatever run asked it: what was paid for."""
    models: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    prompt = completion = 0
    for entry in journal.entries():
        kinds[entry.kind] += 1
        if entry.kind == "answer":
            models[writable(entry.model)] += 1
            prompt += entry.prompt_tokens
            completion += entry.completion_tokens
    return {
        "models": dict(sorted(models.items())),
        "replies": kinds["answer"],
        "refusals": kinds["refusal"],
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "corrupt_lines": len(journal.corrupt),
    }


def _report(report: Report, tally: _Tally, failure: str) -> Report:
    documents = report.result.get("documents")
    tables = [_documents_table(documents)] if isinstance(documents, dict) else []
    tables += report.tables
    if tally.letters:
        tables.append(_letters_table(tally.letters))
    if tally.subjects:
        tables.append(_subjects_table(tally.subjects))
    return Report(
        verb=report.verb,
        result=report.result,
        tables=tuple(tables),
        outputs=report.outputs,
        notes=report.notes,
        exit_code=_TOO_MANY_FAILED if failure else 0,
        failure=failure,
    )


def _documents_table(files: Mapping[str, Mapping[str, Any]]) -> Table:
    """What became of the records of all files together; the ledger has it for each file."""
    dropped: Counter[str] = Counter()
    for account in files.values():
        dropped.update(account["dropped"])
    failed = [account["failed"]["reason"] for account in files.values() if account["failed"]]
    rows = [
        ("files", f"{len(files):,}"),
        ("records in", f"{sum(account['in'] for account in files.values()):,}"),
        ("documents kept", f"{sum(account['kept'] for account in files.values()):,}"),
        *((f"dropped: {reason}", f"{count:,}") for reason, count in sorted(dropped.items())),
        *((f"file failed: {why}", f"{n:,}") for why, n in sorted(Counter(failed).items())),
    ]
    return Table("documents", ("what", ""), tuple(rows))


def _letters_table(letters: Mapping[str, int]) -> Table:
    total = sum(letters.values())
    rows = tuple(
        (letter, f"{count:,}", f"{count / total:.3f}") for letter, count in sorted(letters.items())
    )
    return Table("synth: right letters", ("letter", "rows", "share"), rows)


def _subjects_table(subjects: Counter[str]) -> Table:
    rows = tuple((subject, f"{count:,}") for subject, count in sorted(subjects.items()))
    return Table(f"synth: {len(subjects)} subjects", ("subject", "rows"), rows)
