"""What to say of a file whose columns fit no form of its source."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from itertools import islice

from crossthink_data.errors import SourceError
from crossthink_data.sources import Shape

__all__ = ["closest_shape", "misfit", "missing_columns"]

_MOST = 20


def misfit(where: str, found: Collection[str], shapes: Sequence[Shape]) -> SourceError:
    """Names the columns found, those of each form, and the likely misspelling."""
    forms = "; ".join(f"{shape.name}: {', '.join(sorted(shape.columns))}" for shape in shapes)
    closest = closest_shape(found, shapes)
    return SourceError(
        f"columns {_shown(found)} fit no form of this source, in {where}; "
        f"wanted are those of one form ({forms}); {missing_columns(found, closest)}; "
        "check which source the file is of"
    )


def closest_shape(found: Collection[str], shapes: Sequence[Shape]) -> Shape:
    """The form that lacks the fewest columns."""
    return min(shapes, key=lambda shape: len(shape.columns - set(found)))


def missing_columns(found: Collection[str], shape: Shape) -> str:
    """Which columns of a form are missing, each with the found column that looks like it."""
    missing = sorted(shape.columns - set(found))
    parts = []
    for column in missing:
        close = get_close_matches(column.lower(), [name.lower() for name in found], n=1)
        like = [name for name in found if close and name.lower() == close[0]]
        parts.append(f"{column} (did you mean {_printable(like[0])}?)" if like else column)
    return f"form {shape.name} lacks {', '.join(parts)}"


def _shown(found: Collection[str]) -> str:
    names = [_printable(name) for name in islice(found, _MOST)]
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{', '.join(names)}{more}" or "(none)"


def _printable(name: str) -> str:
    """A column name for a message: short, and no control or broken characters of a binary file."""
    return repr(name[:40])[1:-1]
