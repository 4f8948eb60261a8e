"""Blends: from the shares of the paper's Tables 2 and 8 to whole counts, exactly.

    B_nd           p_s = n_s / N                                 rows as they are
    ratio blends   p_s = w_g(s) / sum(w) * n_s / N_g(s)          size-proportional inside a group
    B_score        p_s = a_s / sum(a)                            per source, whatever its size

Shares are fractions of integers and counts are their largest remainders, so nothing is rounded on
the way. "2:1" in the paper's text is 0.66 : 0.34 in its Table 8; `BLENDS` holds the text's ratios,
the recipes `paper/NAME` the printed ones.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from crossthink_data.errors import CrossthinkError, RecipeError, did_you_mean
from crossthink_data.records import DOMAINS, QUESTION_TYPES

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "BLENDS",
    "GroupKey",
    "OnShort",
    "Plan",
    "PlanLine",
    "Ratio",
    "Stock",
    "apportion",
    "parse_ratio",
    "plan_blend",
    "plan_from_stock",
    "rows_by_unit",
    "shares_of",
]

GroupKey = Literal["all", "domain", "question_type", "source"]
OnShort = Literal["shrink", "repeat", "fail"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Weights of groups, which are values of the column `key`; `all` keeps rows as they are."""

    key: GroupKey
    weights: Mapping[str, Fraction]

    def __str__(self) -> str:
        if self.key == "all":
            return "natural distribution"
        numbers = ":".join(str(weight) for weight in self.weights.values())
        return f"{':'.join(self.weights)}={numbers}"


@dataclass(frozen=True, slots=True)
class Stock:
    """Rows available of one source, one domain and one question type."""

    source: str
    domain: str
    question_type: str
    rows: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What a blend takes of one source in one group; `passes` goes over its rows."""

    group: str
    source: str
    available: int
    share: Fraction
    quota: int

    @property
    def passes(self) -> float:
        return self.quota / self.available if self.available else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A blend in counts: `size` rows, of which `limit` was the most under the chosen policy.

    `limiting` is the (group, source) that runs out first. `notes` say where the plan departs from
    the wish.
    """

    ratio: Ratio
    lines: tuple[PlanLine, ...]
    size: int
    limit: int
    limiting: tuple[str, str]
    notes: tuple[str, ...]

    def quotas(self) -> dict[tuple[str, str], int]:
        """Rows to take of each (group, source)."""
        return {(line.group, line.source): line.quota for line in self.lines}


def _by(key: GroupKey, **weights: int | str) -> Ratio:
    return Ratio(key, {name: Fraction(weight) for name, weight in weights.items()})


BLENDS: Mapping[str, Ratio] = {
    "nd": Ratio("all", {}),
    "mr_up": _by("domain", gpr=1, mr=2),
    "gpr_up": _by("domain", gpr=2, mr=1),
    "mcq_up": _by("question_type", mcq=2, open=1),
    "open_up": _by("question_type", mcq=1, open=2),
    # Table 3, averages over seven benchmarks. Table 8 prints other shares: other evaluation runs.
    "score": _by(
        "source",
        mmlu_train="34.78",
        syn_qa="45.65",
        natural_reasoning="44.82",
        numina_math="53.06",
        persona_math="41.51",
        math="45.04",
    ),
    "only_mr": _by("domain", mr=1),
    "only_gpr": _by("domain", gpr=1),
}
"""The blends of Table 2 by name, as the text states them."""


def parse_ratio(text: str) -> Ratio:
    """The ratio that a flag or recipe states: a name of `BLENDS`, or `gpr:mr=2:1`.

    Groups are domains, question types or sources. RecipeError for anything else.

    >>> parse_ratio("gpr:mr=2:1").weights["gpr"]
    Fraction(2, 1)
    >>> parse_ratio("gpr_up") == parse_ratio("gpr:mr=2:1")
    True
    """
    if "=" not in text:
        if text not in BLENDS:
            raise RecipeError(
                f"ratio {text!r} is no named blend and has no weights, as gpr:mr=2:1 has; "
                f"{did_you_mean(text, BLENDS)}"
            )
        return BLENDS[text]
    names, _, numbers = text.partition("=")
    groups = [name.strip() for name in names.split(":")]
    weights = [number.strip() for number in numbers.split(":")]
    if len(groups) != len(weights):
        raise RecipeError(
            f"ratio {text!r} has {len(groups)} groups and {len(weights)} weights; "
            "give each group one weight, such as gpr:mr=2:1"
        )
    if len(set(groups)) != len(groups):
        raise RecipeError(f"ratio {text!r} names a group twice; name each group once")
    return ratio_of(dict(zip(groups, weights, strict=True)))


def ratio_of(weights: Mapping[str, str | int | float]) -> Ratio:
    """The ratio of group names to weights; decimals count as written (0.66 is 33/50).

    RecipeError for a weight that is no number, negative, or zero in all groups.
    """
    exact = {name: _weight(name, value) for name, value in weights.items()}
    if not sum(exact.values()):
        raise RecipeError(
            f"ratio {dict(weights)} gives no group any weight; give at least one group more than 0"
        )
    for key, words in (("domain", DOMAINS), ("question_type", QUESTION_TYPES)):
        if set(exact) <= set(words):
            return Ratio("domain" if key == "domain" else "question_type", exact)
    mixed = sorted(set(exact) & {*DOMAINS, *QUESTION_TYPES})
    if mixed:
        raise RecipeError(
            f"ratio over {', '.join(exact)} mixes kinds of groups ({', '.join(mixed)} and others); "
            "use domains (gpr, mr), question types (mcq, open) or sources, one kind at a time; "
            f"check the spelling{_closest(set(exact) - set(mixed))}"
        )
    return Ratio("source", exact)


def _closest(names: Collection[str]) -> str:
    """A question for each name that is close to a domain or question type."""
    known = [*DOMAINS, *QUESTION_TYPES]
    near = ((name, word) for name in names for word in get_close_matches(name, known, n=1))
    return "".join(f"; for {name}, did you mean {word}?" for name, word in sorted(near))


# Bounded, because an exact fraction of 1e999999999 would fill the memory.
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE]-?\d{1,2})?|\d{1,18}/\d{1,18}")


def _weight(name: str, value: str | int | float) -> Fraction:
    text = str(value).strip()
    try:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        weight = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise RecipeError(
            f"ratio: weight {text[:40]!r} of {name} is not a number; write it like 2 or 0.66"
        ) from error
    if weight < 0:
        raise RecipeError(f"ratio: weight {value} of {name} is below 0; write 0 or more")
    return weight


def shares_of(ratio: Ratio, stock: Sequence[Stock]) -> dict[tuple[str, str], Fraction]:
    """Share of each (group, source), summing to 1; sources outside the ratio's groups are left out.

    RecipeError when a group with a weight has no rows.
    """
    sizes: dict[tuple[str, str], int] = {}
    for line in stock:
        group = _group(ratio.key, line)
        if line.rows and (ratio.key == "all" or ratio.weights.get(group)):
            sizes[group, line.source] = sizes.get((group, line.source), 0) + line.rows
    totals: dict[str, int] = {}
    for (group, _), rows in sizes.items():
        totals[group] = totals.get(group, 0) + rows
    weights = {"all": Fraction(1)} if ratio.key == "all" else ratio.weights
    _check_groups(ratio, weights, totals, stock)
    whole = sum(weights.values(), Fraction(0))
    return {
        (group, source): weights[group] / whole * Fraction(rows, totals[group])
        for (group, source), rows in sizes.items()
    }


def _group(key: GroupKey, line: Stock) -> str:
    match key:
        case "all":
            return "all"
        case "domain":
            return line.domain
        case "question_type":
            return line.question_type
        case "source":
            return line.source


def _check_groups(
    ratio: Ratio,
    weights: Mapping[str, Fraction],
    totals: Mapping[str, int],
    stock: Sequence[Stock],
) -> None:
    present: dict[str, int] = {}
    for line in stock:
        group = _group(ratio.key, line)
        present[group] = present.get(group, 0) + line.rows
    for group, weight in weights.items():
        if weight and group not in totals:
            has = ", ".join(f"{name} ({rows:,} rows)" for name, rows in sorted(present.items()))
            raise RecipeError(
                f"ratio {ratio}: group {group!r} has no rows in the input; "
                f"the input has {has or 'no rows at all'}; "
                f"name a group that is there ({did_you_mean(group, present)}), "
                "or add a file that has it"
            )


def apportion(shares: Mapping[tuple[str, str], Fraction], total: int) -> dict[tuple[str, str], int]:
    """Whole counts by largest remainder (Hamilton), ties to the smaller source name.

    They sum to `total` exactly, each within one of its share. Keys are (group, source).

    >>> apportion({("gpr", "b"): Fraction(1, 2), ("gpr", "a"): Fraction(1, 2)}, 3)
    {('gpr', 'b'): 1, ('gpr', 'a'): 2}
    """
    exact = {unit: share * total for unit, share in shares.items()}
    counts = {unit: int(value) for unit, value in exact.items()}
    order = sorted(exact, key=lambda unit: (counts[unit] - exact[unit], unit[1], unit[0]))
    for unit in order[: total - sum(counts.values())]:
        counts[unit] += 1
    return counts


def plan_from_stock(
    stock: Sequence[Stock],
    ratio: Ratio,
    *,
    size: int | None = None,
    on_short: OnShort = "shrink",
    max_epochs: float | None = None,
) -> Plan:
    """The blend in counts. Without `size` it is as large as the policy lets it be.

    shrink: no row twice, a larger `size` becomes that limit. fail: no row twice, a larger `size` is
    a CrossthinkError. repeat: rows are used again, at most `max_epochs` times over a source; needs
    `size` or `max_epochs`. RecipeError for settings that cannot be meant.
    """
    _check_policy(size, on_short, max_epochs)
    shares = shares_of(ratio, stock)
    available = rows_by_unit(ratio, stock)
    epochs = Fraction(str(max_epochs)) if max_epochs is not None else Fraction(1)
    limit, limiting = min(
        # Whole rows first: a quota may be rounded up, and must not go past the passes even then.
        (int(int(epochs * available[unit]) / share), unit)
        for unit, share in shares.items()
    )
    runs_out = f"{limiting[1]} of {limiting[0]}" if limiting[0] != "all" else limiting[1]
    notes = _left_out(ratio, shares, available)
    if size is None:
        size = limit
    elif size > limit and on_short == "fail":
        raise CrossthinkError(
            f"blend of {size:,} rows: {runs_out} runs out at {limit:,} rows; "
            f"use --size {limit}, or --on-short shrink or repeat"
        )
    elif size > limit and (on_short == "shrink" or max_epochs is not None):
        notes.append(f"size {size:,} shrunk to {limit:,}: {runs_out} runs out first")
        size = limit
    quotas = apportion(shares, size)
    lines = tuple(
        PlanLine(group, source, available[group, source], share, quotas[group, source])
        for (group, source), share in sorted(shares.items())
    )
    return Plan(ratio, lines, size, limit, limiting, tuple(notes))


def _left_out(
    ratio: Ratio,
    shares: Mapping[tuple[str, str], Fraction],
    available: Mapping[tuple[str, str], int],
) -> list[str]:
    rest = sorted(
        f"{unit[1]} ({rows:,} rows)" for unit, rows in available.items() if unit not in shares
    )
    return [f"ratio {ratio} has no place for {', '.join(rest)}"] if rest else []


def _check_policy(size: int | None, on_short: OnShort, max_epochs: float | None) -> None:
    if on_short not in get_args(OnShort):
        raise RecipeError(
            f"on_short {on_short!r} is no policy; {did_you_mean(on_short, get_args(OnShort))}"
        )
    if size is not None and size < 1:
        raise RecipeError(f"size {size} is no number of rows; give 1 or more")
    if max_epochs is not None and on_short != "repeat":
        raise RecipeError(
            f"max_epochs {max_epochs} means nothing with on_short {on_short!r}; "
            "use it with --on-short repeat"
        )
    if max_epochs is not None and not 1 <= max_epochs < float("inf"):
        raise RecipeError(f"max_epochs {max_epochs} is no number of passes; give 1 or more")
    if on_short == "repeat" and size is None and max_epochs is None:
        raise RecipeError(
            "on_short repeat needs an end: give --size N rows, or --max-epochs X passes"
        )


def rows_by_unit(ratio: Ratio, stock: Sequence[Stock]) -> dict[tuple[str, str], int]:
    """Rows of each (group, source) under the ratio's key, groups without a weight included."""
    rows: dict[tuple[str, str], int] = {}
    for line in stock:
        unit = (_group(ratio.key, line), line.source)
        rows[unit] = rows.get(unit, 0) + line.rows
    return rows


def plan_blend(
    rows: "pl.LazyFrame",
    ratio: Ratio | str,
    *,
    size: int | None = None,
    on_short: OnShort = "shrink",
    max_epochs: float | None = None,
) -> Plan:
    """The plan of a blend over question rows: reads source, domain, question_type.

    >>> import polars as pl
    >>> rows = pl.LazyFrame({"source": ["a"] * 6 + ["b"] * 5, "domain": ["gpr"] * 6 + ["mr"] * 5,
    ...                      "question_type": ["mcq"] * 6 + ["open"] * 5})
    >>> plan = plan_blend(rows, "gpr:mr=2:1")
    >>> plan.size, [(line.source, line.quota) for line in plan.lines]
    (9, [('a', 6), ('b', 3)])
    """
    import polars as pl

    columns = ["source", "domain", "question_type"]
    counts = rows.group_by(columns).agg(pl.len().alias("rows")).sort(columns).collect()
    stock = [Stock(**row) for row in counts.to_dicts()]
    wanted = parse_ratio(ratio) if isinstance(ratio, str) else ratio
    return plan_from_stock(stock, wanted, size=size, on_short=on_short, max_epochs=max_epochs)
