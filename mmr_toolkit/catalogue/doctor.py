"""The data doctor: what is wrong with a catalogue, row by row, before it costs an hour.

`check_table` looks at the table and at whether the files are there (cheap, done when a catalogue is read);
`check_files` opens every picture and sound. Both only report: a bad part is a hole, the rest goes on.
"""

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pandas as pd
import soundfile
from PIL import Image
from tqdm import tqdm

from mmr_toolkit.catalogue.faults import Fault
from mmr_toolkit.catalogue.media import (
    SAMPLE_RATE,
    UnreadableMedia,
    is_silent,
    open_picture,
    read_audio,
    read_image,
)
from mmr_toolkit.common.files import OutsideFolder, file_inside
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.common.quoting import cut, quoted

__all__ = ["check_files", "check_table"]

_EXIF_ORIENTATION = 0x0112
Finding = tuple[str, str]  # (code of the fault, what was found)


# --- the table ------------------------------------------------------------------------------------------------------


def check_table(table: pd.DataFrame, folder: Path, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Check ids, texts and paths.

    Args:
        table: a column id, any of text, image, audio, and others; indexed by the line in the metadata file.
        folder: where the relative paths start.
        file: name of the metadata file, for the report.
    Returns:
        The table with the columns id, text, image, audio and all others, with unique ids, bad parts as holes, and
        without the rows that have no part left; and the faults.
    """
    table = table.copy()
    faults = _mend_ids(table, file)
    for part in MODALITIES:
        if part not in table:
            table[part] = pd.Series(None, index=table.index, dtype="str")
        elif part == "text":
            faults += _empty_texts(table, file)
        else:
            faults += _check_paths(table, part, folder)
    empty = table[list(MODALITIES)].isna().all(axis="columns")
    for row, name, _ in _cells(table[empty], "id"):
        found = "no text, no picture and no sound is left: the row is dropped"
        faults.append(Fault(row, name, "", file, "nothing_left", found))
    first = ["id", *MODALITIES]
    return table.loc[~empty, first + [column for column in table.columns if column not in first]], faults


def _cells(table: pd.DataFrame, column: str) -> Iterator[tuple[int, str, str]]:
    """Row, id and cell of a text column; the cell is empty for a hole."""
    ids, cells = table["id"].fillna(""), table[column].fillna("")
    return zip(table.index.tolist(), ids.tolist(), cells.tolist(), strict=True)


def _mend_ids(table: pd.DataFrame, file: str) -> list[Fault]:
    """Number missing and repeated ids: the second "42" becomes "42#2", so that no row is lost."""
    faults = []
    first_row: dict[str, int] = {}
    taken = set(table["id"].dropna())
    for row, given, _ in _cells(table, "id"):
        if given.strip() == "":
            name, fault, found = _free_name(f"row-{row}", taken), "missing_id", "no id"
        elif given in first_row:
            name, fault = _free_name(f"{given}#2", taken), "duplicate_id"
            found = f"the id {quoted(given)} stands in row {first_row[given]} already"
        else:
            first_row[given] = row
            continue
        table.at[row, "id"] = name
        faults.append(Fault(row, name, "id", file, fault, f"{found}: this row is now {quoted(name)}"))
    return faults


def _free_name(name: str, taken: set[str]) -> str:
    """`name`, or the next of the form name#3, name#4 ... that no row has."""
    stem, number = name.removesuffix("#2"), 2
    while name in taken:
        number += 1
        name = f"{stem}#{number}"
    taken.add(name)
    return name


def _empty_texts(table: pd.DataFrame, file: str) -> list[Fault]:
    faults = []
    for row, name, text in _cells(table, "text"):
        if text.strip() == "":
            found = "no text" if text == "" else "only white space"
            faults.append(Fault(row, name, "text", file, "empty_text", found))
            table.at[row, "text"] = None
    return faults


def _check_paths(table: pd.DataFrame, column: str, folder: Path) -> list[Fault]:
    faults, kept = [], []
    root = os.path.realpath(folder)
    _names_in.cache_clear()  # files may have come since
    for row, name, path in _cells(table, column):
        finding, good = _check_path(path.strip(), root) if path.strip() else (None, None)
        kept.append(good)
        if finding is not None:
            faults.append(Fault(row, name, column, path, *finding))
    table[column] = pd.Series(kept, index=table.index, dtype="str")
    return faults


def plain_path(cell: str) -> str:
    """A cell of a path column as a checked table has it: with slashes, without spaces around it."""
    return str(PurePosixPath(cell.strip().replace("\\", "/")))


def _check_path(path: str, root: str) -> tuple[Finding | None, str | None]:
    """One cell of a path column: a finding (or None), and the path to keep (or None for a hole)."""
    kept = plain_path(path)
    if PureWindowsPath(path).drive or PureWindowsPath(path).root:
        return ("path_leaves_folder", "an absolute path, which holds on one machine only"), None
    try:
        file_inside(root, kept)
    except OutsideFolder:
        way = "a symbolic link" if ".." not in PurePosixPath(kept).parts else "a path with .."
        return ("path_leaves_folder", f"{way} that leads out of the folder"), None
    except FileNotFoundError as error:
        return ("missing_file", str(error) + _looks_alike(Path(root, kept))), None
    except (OSError, ValueError) as error:  # a name that no file can have
        return ("missing_file", f"not a usable path ({error.strerror if isinstance(error, OSError) else error})"), None
    if "\\" in path:
        return ("backslash_path", f"read as {cut(kept, 200)}"), kept
    return None, kept


def _looks_alike(path: Path) -> str:
    """Which file has nearly this name, as a half-sentence: IMG.JPG for IMG.jpg, or é as a Mac composes it."""
    near = _names_in(path.parent).get(_plain(path.name))
    return f"; there is {near!r}" if near else ""


@lru_cache(maxsize=64)
def _names_in(folder: Path) -> dict[str, str]:
    """The names in a folder by what they look like; none where there is no such folder, or it may not be read."""
    try:
        return {_plain(file.name): file.name for file in folder.iterdir()}
    except OSError:
        return {}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


# --- the files ------------------------------------------------------------------------------------------------------


AT_ONCE = 4  # files that are open at the same time: each picture may take some hundred megabytes


def check_files(table: pd.DataFrame, folder: Path, *, progress: bool = False) -> list[Fault]:
    """Open every picture and sound of a catalogue, in threads, and report what is wrong with them.

    Args:
        table: as `check_table` returns it. A column `split`, if there is one, is used to find leaks.
        folder: where the relative paths start.
        progress: show a progress bar.
    """
    faults: list[Fault] = []
    for column, check in (("image", _check_image), ("audio", _check_audio)):
        names = table[column].dropna().unique().tolist()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            checks = [pool.submit(_check_file, check, folder / name) for name in names]
            bar = tqdm(checks, desc=f"checking {column}", disable=not progress)
            results = dict(zip(names, [check.result() for check in bar], strict=True))
        for row, name, path in _cells(table, column):
            findings, _ = results.get(path, ([], ""))
            faults += [Fault(row, name, column, path, *finding) for finding in findings]
        faults += _same_content(table, column, {path: content for path, (_, content) in results.items()})
    return faults


def _check_file(check: Callable[[Path], Iterator[Finding]], path: Path) -> tuple[list[Finding], str]:
    """All findings on one file, and the SHA-256 of its content ("" if it cannot be used)."""
    try:
        return list(check(path)), hashlib.sha256(path.read_bytes()).hexdigest()
    except UnreadableMedia as error:
        return [(error.fault, error.found)], ""
    except OSError as error:  # gone since the table was read, or not permitted
        return [("missing_file", str(error))], ""
    except Exception as error:  # noqa: BLE001 - damaged files fail in many ways, and the others are still to be checked
        fault = "truncated_image" if check is _check_image else "not_a_sound"
        return [(fault, f"the file is damaged ({type(error).__name__}: {cut(str(error))})")], ""


def _check_image(path: Path) -> Iterator[Finding]:
    read_image(path)  # raises if it cannot be used at all
    with open_picture(path) as image:
        if image.mode == "CMYK":
            yield "cmyk_image", "a CMYK picture"
        if image.mode.startswith("I") or any(";16" in str(tile) for tile in image.tile):
            yield "sixteen_bit_image", "16 bits per channel"
        frames, orientation = _frames_and_orientation(image)
        if frames > 1:
            yield "animated_image", f"{frames} frames, the first is used"
        if orientation != 1:
            yield "rotated_image", f"EXIF orientation {orientation}"
        if image.has_transparency_data:
            yield "transparent_image", f"a picture with transparency (mode {image.mode})"


def _frames_and_orientation(image: Image.Image) -> tuple[int, int]:
    """How many frames, and the EXIF orientation (1 to 8); 1 where the tags are damaged, as `read_image` has it."""
    try:
        frames = getattr(image, "n_frames", 1)
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged tags fail in as many ways as there are formats
        return 1, 1
    return frames, orientation if orientation in range(1, 9) else 1


def _check_audio(path: Path) -> Iterator[Finding]:
    samples = read_audio(path)  # raises if it cannot be used at all
    if is_silent(samples):
        yield (
            "silent_sound",
            f"silent: the largest amplitude around its mean is {np.ptp(samples) / 2:.1e} of full scale",
        )
    with soundfile.SoundFile(path) as file:
        if file.channels != 1:
            yield "stereo_sound", f"{file.channels} channels"
        if file.samplerate != SAMPLE_RATE:
            yield "other_rate_sound", f"{file.samplerate} Hz"
        if file.subtype in ("PCM_U8", "PCM_S8", "ULAW", "ALAW"):
            yield "eight_bit_sound", f"8 bits per sample ({file.subtype})"


def _same_content(table: pd.DataFrame, column: str, contents: dict[str, str]) -> list[Fault]:
    """Files with the same bytes under two names, and the same bytes in two splits."""
    faults = []
    splits = table["split"].astype("str").to_dict() if "split" in table else {}
    first: dict[str, tuple[int, str]] = {}
    for row, name, path in _cells(table, column):
        content = contents.get(path, "")
        if content == "":
            continue
        first_row, first_path = first.setdefault(content, (row, path))
        same = f"the same bytes as {first_path} (row {first_row})"
        if path != first_path:
            faults.append(Fault(row, name, column, path, "duplicate_content", same))
        if splits.get(row) != splits.get(first_row):
            found = f"{same}, once in {splits[first_row]!r}, once in {splits[row]!r}"
            faults.append(Fault(row, name, column, path, "in_two_splits", found))
    return faults
