"""Which saved retrievers were saved by this user: of these alone it is believed where their pictures and sounds are.

A saved folder says where they are, seen from itself. In a folder from a stranger that may be any place of this machine,
and files that were never meant to be shown would be read, and served. So each save leaves a mark of its own:

    <cache>/saved-here/<SHA-256 of the manifest>     an empty file

The folder may be moved together with its pictures, for the SHA-256 stays the same. Without the mark (another machine,
another user, an emptied cache), the place is said when the retriever is loaded.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mmr_toolkit.features.cache.shards import cache_folder
from mmr_toolkit.retrieval.saved.folder import checksum_of

MARKS = "saved-here"


def remember(manifest: Mapping[str, Any]) -> None:
    """Leave the mark of a retriever that has just been saved; where none can be left, there is none."""
    mark = cache_folder() / MARKS / checksum_of(manifest)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def is_own(manifest: Mapping[str, Any]) -> bool:
    """Whether a retriever with this very manifest was saved here."""
    return (cache_folder() / MARKS / checksum_of(manifest)).is_file()
