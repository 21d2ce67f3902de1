"""Folders that are there whole or not at all: written under a hidden name beside their place, then renamed.

    .<name>.unfinished-<8 digits>    being written, or left by a process that was killed meanwhile
    .<name>.replaced-<8 digits>      an old one whose place is being taken, or was, by such a process
    .<name>.lock                     held by whoever writes, see `locks.py`

While a process writes it holds the place (`claimed`). So whatever lies beside a place that can be claimed is nobody's.
"""

import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from mmr_toolkit.common.locks import Busy, claimed

UNFINISHED, REPLACED = "unfinished", "replaced"
_HIDDEN = re.compile(rf"\.(.+)\.(?:lock|(?:{UNFINISHED}|{REPLACED})-[0-9a-f]{{8}})")


def hidden_name(place: Path, kind: str) -> Path:
    """A new hidden name of this kind beside a place."""
    return place.with_name(f".{place.name}.{kind}-{uuid.uuid4().hex[:8]}")


def hidden(place: Path, kind: str) -> list[Path]:
    """The hidden folders of this kind beside a place."""
    return [path for path in place.parent.glob(f".{escape(place.name)}.{kind}-*") if not path.is_symlink()]


@contextmanager
def written_beside(place: Path) -> Iterator[Path]:
    """A new hidden folder beside a place that the caller holds; what is not renamed in the end is removed.

    What killed processes have left there unfinished is swept first.
    """
    for left in hidden(place, UNFINISHED):
        shutil.rmtree(left, ignore_errors=True)
    unfinished = hidden_name(place, UNFINISHED)
    unfinished.mkdir()
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def sweep_hidden(parent: Path) -> None:
    """Remove what killed processes have left hidden in a folder that only the toolkit writes into."""
    for path in parent.glob(".*"):
        if found := _HIDDEN.fullmatch(path.name):
            with suppress(Busy, OSError), claimed(parent / found[1]):  # which removes the lock
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
