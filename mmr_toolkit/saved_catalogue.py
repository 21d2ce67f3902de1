"""A catalogue as plain JSON values, its fingerprint, and what has changed since.

    columns    the table, column by column: name, dtype and cells; null is a hole
    sizes      for pictures and sounds, the bytes of each item's file; null where there is none

**What the fingerprint cannot notice.** Only the table and the sizes of the files count, so that it takes milliseconds.
A picture that was overwritten by another one of exactly the same size has the same fingerprint; that is likely for
sounds without compression (WAV), whose size tells only how long they are.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.doctor import check_table
from mmr_toolkit.modalities import MODALITIES

#: Columns of these dtypes hold texts, numbers and truth values only, which JSON has too.
DTYPES = (
    *("str", "string", "object", "bool", "boolean", "float32", "float64", "Float32", "Float64"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
)
MEDIA = ("image", "audio")
#: What the check of a table may find in one that was checked before it was saved: holes, and files that have gone.
HOLES = ("missing_file", "empty_text", "nothing_left")


def catalogue_to_plain(catalogue: Catalogue) -> dict[str, Any]:
    """The table and the sizes of the files; see the text at the top. Faults that the doctor has found are not in it.

    Raises:
        ValueError: a column that holds something else than texts, numbers and truth values.
    """
    columns = [_column(catalogue.table[name]) for name in catalogue.table]
    sizes = {part: [size for size, _ in file_stats(catalogue, part)] for part in MEDIA}
    return {"columns": columns, "sizes": sizes}


def catalogue_fingerprint(plain: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of what `catalogue_to_plain` gives; the text at the top says what it cannot notice."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def catalogue_from_plain(plain: Mapping[str, Any], folder: Path) -> Catalogue:
    """The reverse of `catalogue_to_plain`.

    Args:
        plain: perhaps from a stranger: every path is checked as if the table had just been read.
        folder: where pictures and sounds are. Files that are not there are no error: the paths stay.

    Raises:
        KeyError, TypeError, ValueError: it is not of the right form, a path leads out of the folder, or the table is
            none that a catalogue has, for example with an id that comes twice.
    """
    columns = {column["name"]: pd.Series(column["cells"], dtype=_known(column["dtype"])) for column in plain["columns"]}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or not {"id", *MODALITIES} <= columns.keys():
        raise ValueError(f"it has columns of {sorted(lengths)} cells, and the names {', '.join(map(str, columns))}")
    table = pd.DataFrame(columns)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    for part in ("id", *MODALITIES):
        if table[part].dtype != "str":
            raise ValueError(f"its column {part} is no text")
    for fault in check_table(table, folder, "table")[1]:
        if fault.fault not in HOLES:
            raise ValueError(f"row {fault.row} of its table: {fault.column} {fault.file!r}: {fault.detail}")
    return Catalogue(table, folder)


def changed_files(plain: Mapping[str, Any], catalogue: Catalogue) -> tuple[list[str], int]:
    """The files of a catalogue that are missing or have another size than in `plain`, and how many files there are."""
    changed, total = [], 0
    for part in MEDIA:
        now = file_stats(catalogue, part)
        for cell, then, (size, _) in zip(catalogue.table[part], plain["sizes"][part], now, strict=True):
            if not pd.isna(cell):
                total += 1
                changed += [cell] if size is None or size != then else []
    return changed, total


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What is different between two catalogues, both as `catalogue_to_plain` gives them, in words."""
    then, now = _by_id(old), _by_id(new)
    changed = sum(then[id] != now[id] for id in then.keys() & now.keys())
    counts = {"added": len(now.keys() - then.keys()), "removed": len(then.keys() - now.keys()), "changed": changed}
    if not any(counts.values()):
        return "the items or the columns stand in another order"
    return "of its items, " + ", ".join(f"{count} were {what}" for what, count in counts.items())


def file_stats(catalogue: Catalogue, part: str) -> list[tuple[int | None, int | None]]:
    """Size in bytes and time of the last change in nanoseconds of each item's file; None, None where there is none."""
    folder = str(catalogue.folder)
    return [(None, None) if pd.isna(cell) else _stat(os.path.join(folder, cell)) for cell in catalogue.table[part]]  # noqa: PTH118 - many


def _stat(path: str) -> tuple[int | None, int | None]:
    try:
        found = os.stat(path)  # noqa: PTH116 - making a Path takes as long again
    except (OSError, ValueError):  # gone, or a name that no file can have
        return None, None
    return found.st_size, found.st_mtime_ns


def _known(dtype: str) -> str:
    if dtype not in DTYPES:
        raise ValueError(f"a column has the dtype {dtype!r}")
    return dtype


def _column(column: pd.Series) -> dict[str, Any]:
    name, dtype = column.name, str(column.dtype)
    cells = column.astype(object).where(column.notna(), None).tolist()
    if (
        dtype not in DTYPES
        or not isinstance(name, str)
        or not all(isinstance(c, str | int | float | None) for c in cells)
    ):
        raise ValueError(
            f"the column {name!r} of the catalogue ({dtype}) holds more than texts, numbers and truth values, which is "
            f"all that is saved: write it as text, catalogue.table[{name!r}] = catalogue.table[{name!r}].astype('str')."
        )
    return {"name": name, "dtype": dtype, "cells": cells}


def _by_id(plain: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    cells = {column["name"]: column["cells"] for column in plain["columns"]}
    cells |= {f"size of {part}": sizes for part, sizes in plain["sizes"].items()}
    rows = zip(*cells.values(), strict=True)
    return {id: dict(zip(cells, row, strict=True)) for id, row in zip(cells["id"], rows, strict=True)}
