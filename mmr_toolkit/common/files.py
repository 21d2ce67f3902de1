"""Files that are there whole or not at all, paths that stay in their folder, and where the data lies."""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mmr_toolkit.common.locks import Busy, hold, try_lock

PathLike = str | os.PathLike[str]
UNFINISHED_FILES = "unfinished-*"  # the names of files that are being written


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the process is killed or the power fails.

    A killed process leaves a file unfinished-<number> beside it, which nobody holds: see `sweep_unfinished`.
    """
    unfinished, file = _begin(path)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if os.name != "nt":  # which renames no file that is open
                unfinished.replace(path)
        if os.name == "nt":
            unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def sweep_unfinished(folder: Path) -> None:
    """Remove what killed processes have left in a folder; files that are being written are left alone."""
    for path in folder.glob(UNFINISHED_FILES):
        with suppress(OSError):  # gone meanwhile, or it may not be opened
            if path.is_file() and not path.is_symlink():
                with path.open("rb+") as file:
                    free = try_lock(file.fileno())
                    if free and os.name != "nt":  # which removes no file that is open
                        path.unlink()
                if free and os.name == "nt":
                    path.unlink()


def _begin(path: Path) -> tuple[Path, BinaryIO]:
    """A new file beside `path`, open, and held so that no sweep takes it for one that was left."""
    while True:
        unfinished = path.with_name(UNFINISHED_FILES.replace("*", uuid.uuid4().hex))
        file = unfinished.open("xb")
        with suppress(Busy):  # a sweep was faster, and removes it
            if hold(file.fileno(), unfinished):
                return unfinished, file
        file.close()


def absolute(path: PathLike) -> Path:
    """The path from the root on, so that it stays the same when the program goes to another folder; ~ is the home.

    Raises:
        FileNotFoundError: a relative path, and the folder in which the program runs has been removed.
        RuntimeError: a home that nobody knows.
    """
    try:
        return Path(path).expanduser().absolute()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is seen from the folder in which the program runs, and that has been removed: go to another "
            "folder, or give the whole path."
        ) from None


class OutsideFolder(ValueError):
    """A path that leads out of the folder that it must stay in."""


def resolved_inside(root: str, path: str) -> str:
    """Where a path leads, which must be in a folder: symbolic links and .. are followed, also those on the way.

    Args:
        root: the folder as `os.path.realpath` gives it; it is asked about thousands of files.
        path: relative to it; an absolute one is looked at as it is.

    Raises:
        OutsideFolder: it leads out of the folder, if only to one beside it whose name begins alike.
        OSError, ValueError: a name that no file can have.
    """
    real = os.path.realpath(os.path.join(root, path))  # noqa: PTH118 - making a Path takes as long again
    try:
        inside = os.path.commonpath([root, real]) == root
    except ValueError:  # another drive
        inside = False
    if not inside:
        raise OutsideFolder(f"{path} leads out of the folder {root}")
    return real


def file_inside(root: str, path: str) -> str:
    """As `resolved_inside`, of a file: a folder, a pipe or a device has no content to be read, or one without end.

    Raises:
        FileNotFoundError: no such file, or one that is none.
        OutsideFolder, OSError, ValueError: as `resolved_inside`.
    """
    real = resolved_inside(root, path)
    if not os.path.isfile(real):  # noqa: PTH113 - as above
        other = "that is a folder" if os.path.isdir(real) else "that is a pipe or a device"  # noqa: PTH112
        raise FileNotFoundError(other if os.path.exists(real) else "no such file in the folder")  # noqa: PTH110
    return real


def data_folder() -> Path:
    """The folder `data/` of the repository, or the one that the environment variable MMR_DATA names.

    Raises:
        FileNotFoundError: it is not there.
    """
    given = os.environ.get("MMR_DATA")
    folder = Path(given).expanduser() if given else Path(__file__).resolve().parents[2] / "data"
    if not (folder / "cornershop").is_dir():
        raise FileNotFoundError(
            f"{folder}: expected the data folder of the repository, with cornershop/ in it. "
            "Clone the repository, or let the environment variable MMR_DATA name its data folder."
        )
    return folder
