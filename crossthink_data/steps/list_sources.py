"""`sources`: the datasets and benchmarks that `fetch` knows."""

from crossthink_data.ledger import Report, Table
from crossthink_data.sources import get_source, source_names

__all__ = ["run"]

_TITLE = "sources (rows: of the paper's Table 1 for training, as published for the others)"
_COLUMNS = ("name", "for", "rows", "domain", "type", "licence", "gated", "hub id")


def run() -> Report:
    """Every source with its published row count, domain, question type, licence and hub id."""
    sources = [get_source(name) for name in source_names()]
    sources.sort(key=lambda source: (source.benchmark, source.kind != "questions", source.name))
    result = {
        source.name: {
            "for": _purpose(source.benchmark, source.kind),
            "rows": source.rows,
            "domain": source.domain,
            "type": source.question_type,
            "licence": source.licence,
            "gated": source.gated,
            "hub id": source.hub_id,
        }
        for source in sources
    }
    rows = tuple(
        (name, *(_cell(facts[column]) for column in _COLUMNS[1:])) for name, facts in result.items()
    )
    return Report(verb="sources", result=result, tables=(Table(_TITLE, _COLUMNS, rows),))


def _purpose(benchmark: bool, kind: str) -> str:
    if kind == "personas":
        return "synthesis"
    return "evaluation" if benchmark else "training"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
