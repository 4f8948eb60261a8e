"""One 64-bit hash made of another, for whole arrays: what seeds, draws and MinHash are built on."""

from crossthink_data.errors import MissingExtra

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as error:
    raise MissingExtra("numpy", "synth", "synth") from error

__all__ = ["Hashes", "mixed"]

Hashes = NDArray[np.uint64]


def mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014), of each value.

    It is one to one, and every bit of the outcome depends on every bit of the value.
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
