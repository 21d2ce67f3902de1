"""A catalogue: items with a text, a picture and a sound, any of which may be missing."""

import difflib
import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmr_toolkit.catalogue.doctor import check_files, check_table
from mmr_toolkit.catalogue.faults import FAULTS, Fault, fault_report
from mmr_toolkit.catalogue.metadata import read_metadata, rename_columns
from mmr_toolkit.common.files import absolute
from mmr_toolkit.common.modalities import MODALITIES, Modality
from mmr_toolkit.common.quoting import cut, quoted

__all__ = ["Catalogue"]


class Catalogue:
    """Items in a fixed order: item i has an id and up to three parts; a missing part is a *hole*.

    Made by `from_folder` or `from_table`. Reading never stops at a bad row or file: what cannot be used becomes a
    hole, and `doctor()` says where and why.

    Attributes:
        folder: where the relative paths of pictures and sounds start.
        table: one row per item, indexed 0 … N-1: `id`, `text`, `image`, `audio` and every other column of the metadata
            file. `image` and `audio` are paths relative to `folder`, written with /. Holes are missing values.
    """

    def __init__(self, table: pd.DataFrame, folder: Path, faults: Sequence[Fault] = ()) -> None:
        """Use `from_folder` or `from_table`; `table` is checked already and indexed by its line in the file."""
        self.folder = folder
        self.table = table.reset_index(drop=True)
        self._rows = table.index.to_numpy()
        self._faults = list(faults)
        self._position = {name: i for i, name in enumerate(self.ids)}

    @classmethod
    def from_folder(
        cls,
        folder: str | os.PathLike[str],
        *,
        metadata: str = "metadata.csv",
        id_column: str = "id",
        encoding: str | None = None,
    ) -> Self:
        """Read a folder with a metadata file, pictures and sounds.

        The metadata file has one line per item and at least one of the columns `text`, `image_file_name` and
        `audio_file_name` (paths relative to the folder); an empty cell is a hole. This is the ImageFolder convention
        of the `datasets` library. Faults give one warning here and are listed by `doctor()`.

        Args:
            folder: the folder.
            metadata: name of the CSV file in it (UTF-8 with or without byte-order mark, or UTF-16 with one).
            id_column: the column with the ids. Repeated ids are numbered ("42", "42#2"); if the table has no column
                `id`, the line numbers are the ids.
            encoding: in which the CSV file was saved, such as "gb18030", if it is none of these; the doctor names one.
        Raises:
            FileNotFoundError: the folder or the metadata file is not there.
            ValueError: the metadata file is empty, not a text table, or has none of the three columns.
        """
        folder = absolute(folder)
        table, faults = read_metadata(folder / metadata, id_column=id_column, encoding=encoding)
        return cls._checked(table, folder, metadata, faults)

    @classmethod
    def from_table(cls, table: pd.DataFrame, folder: str | os.PathLike[str], *, id_column: str = "id") -> Self:
        """As `from_folder`, with the columns of the metadata file in a table; faults name the row 1 … N."""
        rows = pd.RangeIndex(1, len(table) + 1, name="row")
        renamed = rename_columns(table.set_axis(rows, axis="index"), "table", id_column=id_column)
        return cls._checked(renamed, absolute(folder), "table", [])

    @classmethod
    def _checked(cls, table: pd.DataFrame, folder: Path, name: str, faults: list[Fault]) -> Self:
        known = {fault.row for fault in faults if fault.column == "text"}  # such a text is empty now, for that reason
        table, more = check_table(table, folder, name)
        faults = faults + [fault for fault in more if fault.fault != "empty_text" or fault.row not in known]
        catalogue = cls(table, folder, faults)
        bad = sum(FAULTS[fault.fault].severity == "fault" for fault in catalogue._faults)
        if bad:
            said = f"{folder.resolve().name}/{name}: {bad} faults; catalogue.doctor() lists them."
            unread = [fault for fault in faults if fault.fault == "wrong_encoding"]
            if unread:
                said += f" Row {unread[0].row}: {unread[0].detail}."
            warnings.warn(said, stacklevel=3)
        return catalogue

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, id: object) -> bool:
        """Whether there is an item with this id."""
        return id in self._position

    def __repr__(self) -> str:
        parts = ", ".join(f"{count} with {name}" for name, count in self.mask.sum().items())
        return f"Catalogue({len(self)} items: {parts})"

    @property
    def ids(self) -> list[str]:
        """The ids in order."""
        return self.table["id"].tolist()

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities that at least one item has, in the order text, image, audio."""
        return tuple(name for name in MODALITIES if self.table[name].notna().any())

    @property
    def mask(self) -> pd.DataFrame:
        """What is present: a boolean table (N, 3) with the columns text, image, audio."""
        return self.table[list(MODALITIES)].notna()

    def values(self, modality: str) -> list[Any]:
        """The raw parts of all items in order: texts (str), or paths (Path) of pictures or sounds; None for a hole."""
        if modality not in MODALITIES:
            raise ValueError(f"modality is {modality!r}; expected one of {', '.join(MODALITIES)}.")
        cells = [None if pd.isna(cell) else cell for cell in self.table[modality]]
        if modality == "text":
            return cells
        return [None if cell is None else self.folder / cell for cell in cells]

    def position(self, id: str) -> int:
        """Where the item with this id stands: 0 … N-1."""
        if id not in self._position:
            near = difflib.get_close_matches(cut(str(id), 1000), self.ids, n=3)
            hint = f"Did you mean {' or '.join(map(quoted, near))}?" if near else "Expected one of catalogue.ids."
            raise ValueError(f"no item has the id {quoted(id)} (of {len(self)}). {hint}")
        return self._position[id]

    def row(self, id: str) -> pd.Series:
        """The row of the table with this id."""
        return self.table.iloc[self.position(id)]

    def subset(self, which: npt.ArrayLike) -> Self:
        """Some of the items as a catalogue of its own.

        Args:
            which: a boolean mask (N,), as in `catalogue.table["split"] == "test"`, or positions (n,) in the order
                wanted, each once.
        """
        chosen = np.asarray(which)
        if chosen.dtype == bool:
            if chosen.shape != (len(self),):
                raise ValueError(f"the mask has shape {chosen.shape}; expected ({len(self)},), one value per item.")
            chosen = np.flatnonzero(chosen)
        elif chosen.size == 0:
            chosen = chosen.astype(int)
        elif not np.issubdtype(chosen.dtype, np.integer) or chosen.ndim != 1:
            raise TypeError(f"got {chosen.dtype} of shape {chosen.shape}; expected a boolean mask or positions (n,).")
        if ((chosen < 0) | (chosen >= len(self))).any() or len(set(chosen.tolist())) < len(chosen):
            raise ValueError(f"positions must lie in 0 … {len(self) - 1} and come once each.")
        rows = self._rows[chosen]
        kept = set(rows.tolist())
        return type(self)(
            self.table.iloc[chosen].set_axis(rows, axis="index"),
            self.folder,
            [fault for fault in self._faults if fault.row in kept],
        )

    def updated(self, items: "Catalogue") -> Self:
        """This catalogue with other items in it: those with a known id in the old one's place, the others at the end.

        Args:
            items: whose files lie in the same folder. Columns that only one of the two has get holes.

        Raises:
            ValueError: another folder.
        """
        if items.folder.resolve() != self.folder.resolve():
            raise ValueError(
                f"the items lie in {items.folder}, this catalogue in {self.folder}: put their files there, and read "
                "them from there."
            )
        new = dict(zip(items.ids, range(len(items)), strict=True))
        first_row = int(self._rows.max(initial=0)) + 1  # lines in the metadata file, as if they had been added to it
        row_of = {row: first_row + i for i, row in enumerate(items._rows)}
        there = [id not in new for id in self.ids]
        kept_rows = set(self._rows[there].tolist())
        table = pd.concat(
            [
                self.table[there].set_axis(self._rows[there], axis="index"),
                items.table.set_axis(list(row_of.values()), axis="index"),
            ]
        )
        order = [*self.ids, *(id for id in items.ids if id not in self._position)]
        place = dict(zip(table["id"], range(len(table)), strict=True))
        faults = [fault for fault in self._faults if fault.row in kept_rows]
        faults += [replace(fault, row=row_of[fault.row]) for fault in items._faults]
        return type(self)(table.iloc[[place[id] for id in order]], self.folder, faults)

    def doctor(self, *, progress: bool = False) -> pd.DataFrame:
        """Open every picture and sound, make the bad ones holes, and list every fault.

        Args:
            progress: show a progress bar.
        Returns:
            One row per fault, in the order of the metadata file, with the columns
            row (line in the metadata file, from 1), id, column, file, fault (a key of
            `mmr_toolkit.catalogue.faults.FAULTS`), severity ("fault": to be mended; "note": read anyway),
            detail (what was found) and mend (what to do).
        """
        found = check_files(self.table.set_axis(self._rows, axis="index"), self.folder, progress=progress)
        where = {row: position for position, row in enumerate(self._rows)}
        for fault in found:
            if FAULTS[fault.fault].hole:
                self.table.loc[where[fault.row], fault.column] = None
        self._faults = list(dict.fromkeys([*self._faults, *found]))  # each once, however often the doctor is asked
        return fault_report(self._faults)


def titles(row: pd.Series) -> tuple[str, str]:
    """The English and the Chinese title of a row of a catalogue; its text where it has no titles; else "", ""."""
    english, chinese = (_cell(row, name) for name in ("title_en", "title_zh"))
    if english or chinese:
        return english, chinese
    return _cell(row, "text"), ""


def _cell(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else " ".join(str(value).split())
