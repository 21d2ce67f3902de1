"""Foreign words in a message: what stands in somebody's file, or was typed, may have a million characters."""

from collections.abc import Iterable

__all__ = ["cut", "listed", "path_shown", "quoted"]

LONGEST = 60  # characters of one word
LONGEST_PATH = 200
MOST_LISTED = 12  # words


def quoted(foreign: object, longest: int = LONGEST) -> str:
    """A value as Python writes it, on one line and cut: 'red wine', 'lorem ipsum …'."""
    if isinstance(foreign, str):
        return repr(cut(foreign, longest))
    try:
        return cut(repr(foreign), longest)
    except ValueError:  # Python does not write whole numbers of more than 4,300 digits
        return "a number of thousands of digits"


def cut(foreign: str, longest: int = LONGEST) -> str:
    """The text, or its beginning and an ellipsis."""
    return foreign if len(foreign) <= longest else foreign[: longest - 1] + "…"


def path_shown(path: object, longest: int = LONGEST_PATH) -> str:
    """A path, or an ellipsis and its end, which names the file."""
    whole = str(path)
    return whole if len(whole) <= longest else "…" + whole[1 - longest :]


def listed(names: Iterable[object], most: int = MOST_LISTED) -> str:
    """Names beside each other, each cut, and how many there are more: "id, text and 20,000 more"."""
    words = [cut(str(name)) for name in names]
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
