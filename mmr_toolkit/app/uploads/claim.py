"""A folder that is somebody's as long as their process lives; what a killed process left is swept by the next one.

Beside the folder lies a file, its name with ".lock" after it, that the owner holds locked. The system takes a lock
back when a process ends, however it ends; a file that nobody holds belongs to a folder that nobody uses. So a folder is
never there without its file: the file comes first and goes last.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path

from mmr_toolkit.common.locks import release, try_lock

__all__ = ["ClaimedFolder", "sweep_leftovers"]

LOCK = ".lock"


class ClaimedFolder:
    """A new temporary folder, for this user alone.

    Args:
        prefix: with which its name begins.

    Attributes:
        path: the folder.
    """

    def __init__(self, prefix: str) -> None:
        while True:
            number, name = tempfile.mkstemp(prefix=prefix, suffix=LOCK)
            if try_lock(number) and Path(name).exists():
                break
            os.close(number)  # another process swept it before it was locked
        self.path = Path(name.removesuffix(LOCK)).resolve()
        self.path.mkdir(mode=0o700)
        self._end = weakref.finalize(self, _remove, self.path, Path(name), number)  # when Python ends, at the latest

    def remove(self) -> None:
        """Remove the folder with all that is in it, as far as the system lets us. Twice is no error."""
        self._end()


def sweep_leftovers(prefix: str) -> list[Path]:
    """Remove the folders of processes that ended without removing them, and return which.

    Folders of running processes, of other users, and what is no folder of ours at all (a link) are left alone.

    Args:
        prefix: with which the names of the folders begin.
    """
    swept = []
    for lock in Path(tempfile.gettempdir()).glob(f"{prefix}*{LOCK}"):
        with contextlib.suppress(OSError):  # gone meanwhile, or it may not be opened
            if not _is_own_file(lock):
                continue
            number = os.open(lock, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            if not try_lock(number):
                os.close(number)
                continue
            folder = lock.with_name(lock.name.removesuffix(LOCK))
            if folder.is_dir() and not folder.is_symlink():
                swept.append(folder)
            _remove(folder, lock, number)
    return swept


def _is_own_file(path: Path) -> bool:
    state = path.lstat()
    return stat.S_ISREG(state.st_mode) and (not hasattr(os, "getuid") or state.st_uid == os.getuid())


def _remove(folder: Path, lock: Path, number: int) -> None:
    """Remove a folder (of a link nothing), then its file, which is open as `number`."""
    shutil.rmtree(folder, ignore_errors=True)
    release(lock, number)
