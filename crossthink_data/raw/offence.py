"""How the offending text of an unreadable row is kept."""

from crossthink_data.sources import DETAIL_LIMIT, Unreadable

__all__ = ["unreadable"]


def unreadable(file: str, number: int, reason: str, offence: bytes | str) -> Unreadable:
    """An Unreadable whose detail is valid UTF-8 and short, whatever the offence was."""
    if isinstance(offence, str):
        offence = offence[:DETAIL_LIMIT].encode("utf-8", "backslashreplace")
    detail = offence[: 4 * DETAIL_LIMIT].decode("utf-8", "backslashreplace")
    return Unreadable(file, number, reason, detail.rstrip("\r\n")[:DETAIL_LIMIT])
