"""Files that are there whole or not at all, and where the data lies."""

import os
import uuid
from contextlib import suppress
from pathlib import Path

PathLike = str | os.PathLike[str]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the process is killed or the power fails."""
    unfinished = path.with_name(f"unfinished-{uuid.uuid4().hex}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def data_folder() -> Path:
    """The folder `data/` of the repository, or the one that the environment variable MMR_DATA names.

    Raises:
        FileNotFoundError: it is not there.
    """
    given = os.environ.get("MMR_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "data"
    if not (folder / "cornershop").is_dir():
        raise FileNotFoundError(
            f"{folder}: expected the data folder of the repository, with cornershop/ in it. "
            "Clone the repository, or let the environment variable MMR_DATA name its data folder."
        )
    return folder
