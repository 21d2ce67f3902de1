"""Where a command writes: looked at before it computes, so that nothing is lost to a name that cannot be written."""

import os
from collections.abc import Collection
from pathlib import Path

from mmr_toolkit.common.quoting import listed, path_shown

__all__ = ["check_file"]


def check_file(option: str, path: Path | None, endings: Collection[str] = ()) -> None:
    """Raise a ValueError unless a file can be written there, or none is to be written.

    Args:
        option: how the message calls it.
        path: of the file, which may be there and is then replaced; None: none is to be written.
        endings: those that its name may have, such as ".png"; empty: any.
    """
    if path is None:
        return
    said = f"{option} {path_shown(path)}"
    try:
        folder = path.parent
        if path.is_dir():
            raise ValueError(f"{said}: that is a folder; give the name of a file in it.")
        if path.exists() and not path.is_file():
            raise ValueError(f"{said}: that is a pipe or a device; give the name of a file.")
        if not folder.is_dir():
            raise ValueError(f"{said}: there is no folder {path_shown(folder)}; make it first, or choose another one.")
        if not os.access(path if path.exists() else folder, os.W_OK):
            raise ValueError(f"{said}: nothing may be written there; choose another place.")
    except OSError as error:
        raise ValueError(f"{said}: no file can have this name ({error.strerror}); choose another one.") from error
    if endings and path.suffix.lower() not in endings:
        raise ValueError(f"{said}: it must end in {listed(sorted(endings), most=20)}.")
