"""The temporary folder in which Gradio puts what visitors send: one of our own, emptied while the server runs.

Gradio asks the variable GRADIO_TEMP_DIR for the place of uploads, when components are made and at every request. So it
is set while a server of this process runs; several servers in one process share one folder. The first one sweeps what
killed servers left (`claim`).
"""

import contextlib
import os
import threading
import time
from pathlib import Path

from mmr_toolkit.app.uploads.claim import ClaimedFolder, sweep_leftovers

PREFIX = "mmr-uploads-"
VARIABLE = "GRADIO_TEMP_DIR"


class UploadFolder:
    """A folder that exists while somebody uses it.

    Attributes:
        path: the folder, or None while nobody uses it.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self._users = 0
        self._lock = threading.Lock()
        self._before: str | None = None
        self._claimed: ClaimedFolder | None = None

    def open(self) -> Path:
        """The folder; the first to ask makes it. Each `open` needs a `close`."""
        with self._lock:
            self._users += 1
            if self.path is None:
                sweep_leftovers(PREFIX)
                self._claimed = ClaimedFolder(PREFIX)
                self.path = self._claimed.path
                self._before = os.environ.get(VARIABLE)
                os.environ[VARIABLE] = str(self.path)
            return self.path

    def close(self) -> None:
        """The last to close removes the folder with all that is in it, and gives the variable its old value."""
        with self._lock:
            self._users -= 1
            if self._users > 0 or self._claimed is None:
                return
            self._claimed.remove()
            self.path = self._claimed = None
            if self._before is None:
                os.environ.pop(VARIABLE, None)
            else:
                os.environ[VARIABLE] = self._before

    def stay(self, *paths: str | None) -> None:
        """Let the age of uploads begin anew, for somebody works with them; any other file is left alone."""
        for path in paths:
            with contextlib.suppress(OSError, ValueError):
                if path is not None and self._holds(path):
                    os.utime(path)

    def discard(self, path: str | None) -> None:
        """Remove an upload; any other file is left alone."""
        with contextlib.suppress(OSError, ValueError):
            if path is not None and self._holds(path):
                Path(path).unlink(missing_ok=True)

    def sweep(self, age: float) -> None:
        """Remove the files that came, or were told to stay, longer ago than this, and the folders left empty.

        Gradio's own `delete_cache` does not know the uploads that broke off, which stay for good, and ends for good
        with the first file that it cannot remove, or when a file comes while it looks.

        Args:
            age: seconds.
        """
        if (folder := self.path) is None:
            return
        for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
            with contextlib.suppress(OSError):  # gone meanwhile, or a folder that is not empty
                state = path.lstat()
                # A copy keeps the time of its original in mtime; ctime says when it came here.
                if time.time() - max(state.st_mtime, state.st_ctime) < age:
                    continue
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()

    def size(self) -> int:
        """The bytes of all files in the folder."""
        total = 0
        for path in [] if self.path is None else self.path.rglob("*"):
            with contextlib.suppress(OSError):  # gone meanwhile
                total += path.lstat().st_size
        return total

    def _holds(self, path: str) -> bool:
        return self.path is not None and self.path in Path(path).resolve().parents


UPLOADS = UploadFolder()
