"""Data engineering for RL with verifiable rewards beyond mathematics.

The names below are imported when first used, so that `import crossthink_data` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossthink_data.blends import plan_blend as plan_blend
    from crossthink_data.filters import apply_filters as apply_filters
    from crossthink_data.steps.blend import write_blend as write_blend
    from crossthink_data.tables import read_questions as read_questions
    from crossthink_data.templates import apply_template as apply_template

__version__ = "0.1.0"

_HOMES = {
    "apply_filters": "crossthink_data.filters",
    "apply_template": "crossthink_data.templates",
    "plan_blend": "crossthink_data.blends",
    "read_questions": "crossthink_data.tables",
    "write_blend": "crossthink_data.steps.blend",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
