"""`status DIR`: how far a run is, told from its folder alone."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from crossthink_data.errors import SourceError
from crossthink_data.exchange import Made
from crossthink_data.generate.journal import JournalReader
from crossthink_data.generate.lock import holder_of
from crossthink_data.generate.resolution import MissingReply
from crossthink_data.ledger import Report, Table
from crossthink_data.steps.synth.folder import LOCK, RunFolder
from crossthink_data.steps.synth.rows import outcome_of

__all__ = ["run"]

_MOST_NAMED = 5


def run(folder: Path) -> Report:
    """Items done and not yet, what became of the done ones, and what the journals hold.

    Takes no lock and changes nothing, so it may be asked while the run goes on. SourceError when
    the folder is not that of a run.
    """
    told = RunFolder.open(folder)
    journal = JournalReader(folder)
    try:
        made, unanswered, reasons = _outcomes(told, journal)
        paid = _paid(journal)
    finally:
        journal.close()
    chosen = told.items.chosen
    done = made + sum(reasons.values())
    holder = holder_of(folder / LOCK)
    result: dict[str, object] = {
        "kind": told.settings.kind,
        "model": told.settings.model_name,
        "out": str(told.settings.out),
        "items": dict(told.items.counts),
        "done": done,
        "unanswered": unanswered,
        "complete": done == chosen,
        "written": told.settings.out.is_file(),
        "made": made,
        "rejected": dict(sorted(reasons.items())),
        "journals": paid,
        "corrupt_lines": journal.corrupt,
        "running": None if holder is None else f"process {holder.pid} on {holder.host}",
    }
    return Report(
        verb="status",
        result=result,
        tables=(_items_table(result), *_reasons_table(reasons), _journals_table(paid)),
        notes=(*_corrupt(journal), _what_now(result, chosen)),
    )


def _outcomes(told: RunFolder, journal: JournalReader) -> tuple[int, int, Counter[str]]:
    """Questions made, items that lack a reply, and rejects by reason."""
    made = unanswered = 0
    reasons: Counter[str] = Counter()
    for item in told.items.of_rank(0, 1):
        try:
            outcome = outcome_of(told, item, journal)
        except MissingReply:
            unanswered += 1
            continue
        if isinstance(outcome, Made):
            made += 1
        else:
            reasons[outcome.reason] += 1
    return made, unanswered, reasons


def _corrupt(journal: JournalReader) -> list[str]:
    if not journal.corrupt:
        return []
    return [
        f"{len(journal.corrupt):,} lines of the journal cannot be read: "
        f"{', '.join(journal.corrupt[:_MOST_NAMED])}; their replies are asked for again"
    ]


def _paid(journal: JournalReader) -> dict[str, dict[str, int]]:
    """Replies and tokens of each journal file; a rank has one."""
    files: dict[str, dict[str, int]] = {}
    for name, entry in journal.named_entries():
        counts = files.setdefault(
            name, {"replies": 0, "refusals": 0, "prompt_tokens": 0, "completion_tokens": 0}
        )
        counts["replies" if entry.kind == "answer" else "refusals"] += 1
        counts["prompt_tokens"] += entry.prompt_tokens
        counts["completion_tokens"] += entry.completion_tokens
    return files


def _items_table(result: Mapping[str, object]) -> Table:
    items = result["items"]
    if not isinstance(items, dict):
        raise SourceError(f"items {items!r}: not counts by state; run the same command again")
    rows = [(f"items {state}", f"{count:,}") for state, count in sorted(items.items())]
    names = ("done", "unanswered", "made")
    rows += [(name, f"{result[name]:,}") for name in names]
    rows.append(("running", str(result["running"] or "no")))
    rows.append(("written", "yes" if result["written"] else "not yet"))
    return Table(f"status: {result['kind']} by {result['model']}", ("what", ""), tuple(rows))


def _reasons_table(reasons: Counter[str]) -> list[Table]:
    rows = tuple((reason, f"{count:,}") for reason, count in sorted(reasons.items()))
    return [Table("status: rejected so far", ("reason", "items"), rows)] if rows else []


def _journals_table(paid: Mapping[str, Mapping[str, int]]) -> Table:
    columns = ("journal", "replies", "refusals", "prompt tokens", "completion tokens")
    rows = tuple(
        (name, *(f"{count:,}" for count in counts.values()))
        for name, counts in sorted(paid.items())
    )
    return Table("status: journals", columns, rows)


def _what_now(result: Mapping[str, object], chosen: int) -> str:
    if result["running"]:
        return f"{result['running']} is at work on it"
    if not result["complete"]:
        return (
            f"{result['unanswered']:,} of {chosen:,} items lack a reply; "
            "run the same command again: only what is missing is asked"
        )
    if not result["written"]:
        return f"every item is done; run the same command again to write {result['out']}"
    return f"complete; the rows are in {result['out']}"
