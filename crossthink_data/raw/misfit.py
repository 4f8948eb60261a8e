"""What to say of a file whose columns fit no form of its source."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from crossthink_data.errors import SourceError
from crossthink_data.sources import Shape

__all__ = ["misfit", "missing_columns"]


def misfit(where: str, found: Collection[str], shapes: Sequence[Shape]) -> SourceError:
    """Names the columns found, those of each form, and the likely misspelling."""
    forms = "; ".join(f"{shape.name}: {', '.join(sorted(shape.columns))}" for shape in shapes)
    closest = closest_shape(found, shapes)
    return SourceError(
        f"columns {', '.join(_short(name) for name in found) or '(none)'} fit no form of this "
        f"source, in {where}; wanted are those of one form ({forms}); "
        f"{missing_columns(found, closest)}"
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
        parts.append(f"{column} (did you mean {like[0]}?)" if like else column)
    return f"form {shape.name} lacks {', '.join(parts)}"


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:37]}..."
