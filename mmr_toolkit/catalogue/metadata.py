"""Reading `metadata.csv` into a table, row by row, so that one bad row does not cost the others.

`pandas.read_csv` stops at the first malformed line, reads the text "NA" as a hole, and does not say on which line of
the file a row stood. The `csv` module does none of that, so the table is read with it and typed afterwards.

What is read stays what it is: spaces around a cell go, a whole number beside a hole stays whole, a code stays text, and
a column whose name nearly fits is taken with a word about it.
"""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from mmr_toolkit.catalogue.encodings import likely_encoding, read_text, readable, undecoded
from mmr_toolkit.catalogue.faults import Fault
from mmr_toolkit.common.quoting import listed, quoted

__all__ = ["PART_COLUMNS", "read_metadata", "rename_columns"]

# Column on disk -> column in Catalogue.table. The names on disk are the ImageFolder convention.
PART_COLUMNS = {"text": "text", "image_file_name": "image", "audio_file_name": "audio"}

#: Names that are taken for these columns where there is none of that very name, whatever their case.
NEARLY = {
    "id": ("id",),
    "text": ("text",),
    "image_file_name": ("image_file_name", "file_name", "filename", "image_path", "image_file", "image_name"),
    "audio_file_name": ("audio_file_name", "file_name", "filename", "audio_path", "audio_file", "audio_name"),
}
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".au", ".caf", ".w64")

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
CODE = re.compile(r"[+-]?0[0-9]")
MOST_DIGITS = 15  # that a float keeps; a cell with more is a code
LONGEST_CELL = 2**31 - 1


def read_metadata(
    path: Path, *, id_column: str = "id", encoding: str | None = None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a metadata file.

    Args:
        path: a CSV file with a header line; UTF-8, UTF-8 with a byte-order mark, or UTF-16 with one.
        id_column: the column that names the items. Without such a column the line numbers are the ids.
        encoding: in which the file was saved, such as "gb18030", where it is none of these.
    Returns:
        The table, indexed by the 1-based line in the file: the column id, those of text, image and audio that are there
        (all text; an empty cell is missing), and all others (numbers where every cell is one); and the faults found.
    Raises:
        FileNotFoundError: the folder or the file is not there.
        ValueError: no rows, not a text file, another encoding than the one given, or no column to retrieve by.
    """
    _check_file(path)
    text = read_text(path, encoding)
    likely = likely_encoding(text)
    lines, records = _read_records(text, path)
    if len(records) < 2:
        raise ValueError(f"{path}: no rows; expected a header line and one line per item.")
    columns = [readable(name).strip() or f"unnamed_{i}" for i, name in enumerate(records[0])]
    rows: list[list[str | None]] = []
    faults = _open_quote(text, records[-1], lines[-1], path.name)
    for column, name in zip(columns, records[0], strict=True):
        if (found := _not_utf8(name, likely)) is not None:
            found = f"the name of a column: {found}"
            faults.append(Fault(lines[0], "", column, path.name, "wrong_encoding", found))
    id_at = columns.index(id_column) if id_column in columns else None
    for line, cells in zip(lines[1:], records[1:], strict=True):
        row, more = _read_row(line, cells, columns, id_at, path.name, likely)
        rows.append(row)
        faults += more
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(lines[1:], name="row"), dtype="str")
    try:
        table = rename_columns(table, path.name, id_column=id_column)
    except ValueError as error:
        if likely is None:
            raise
        raise ValueError(f"{error} It is not UTF-8 but, as it seems, {likely}: try --encoding {likely}.") from None
    typed = {
        column: table[column] if column in ("id", *PART_COLUMNS.values()) else _typed(cells)
        for column, cells in zip(table.columns, zip(*rows, strict=True), strict=False)  # the last may be a new id
    }
    table = pd.DataFrame(typed | {"id": table["id"]}, index=table.index)
    return table, faults


def rename_columns(table: pd.DataFrame, name: str, *, id_column: str = "id") -> pd.DataFrame:
    """Give a table the names of a catalogue: id, text, image and audio; `name` is for the messages."""
    columns = [str(column) for column in table.columns]
    near = _nearly(table.set_axis(columns, axis="columns"), id_column)
    for column, meant in near.items():
        warnings.warn(f"{name}: its column {quoted(column)} is taken as `{meant}`; rename it to be sure.", stacklevel=2)
    columns = [near.get(column, column) for column in columns]
    wanted = ", ".join(f"`{column}`" for column in PART_COLUMNS)
    if not set(columns) & set(PART_COLUMNS):
        raise ValueError(
            f"{name}: no column to retrieve by; it has {listed(columns)}; expected at least one of {wanted}. "
            "Rename the columns, and separate the cells by commas."
        )
    twice = sorted(column for column, count in Counter(columns).items() if count > 1)
    if twice:
        raise ValueError(f"{name}: these columns come twice: {listed(twice)}. Rename or delete the second ones.")
    if id_column not in columns and id_column != "id":
        raise ValueError(f"{name}: no column {quoted(id_column)} for the ids; it has {listed(columns)}.")
    taken = sorted(({"id", "image", "audio"} - {id_column}) & set(columns))
    if taken:
        raise ValueError(
            f"{name}: the columns {taken} have names that the catalogue gives itself. Rename them; "
            f"the parts belong into {wanted}, the ids into {id_column!r}."
        )
    table = table.set_axis(columns, axis="columns").rename(columns={id_column: "id", **PART_COLUMNS})
    if "id" not in table:
        table["id"] = table.index.astype(str)
    for column in table.columns.intersection(["id", *PART_COLUMNS.values()]):
        table[column] = table[column].map(str, na_action="ignore").astype("str")
    return table


def _nearly(table: pd.DataFrame, id_column: str) -> dict[str, str]:
    """Columns whose names nearly fit → the names that they are taken for; only where one alone does."""
    columns, near = list(table.columns), {}
    for meant, names in NEARLY.items():
        if meant in columns or (meant == "id" and id_column != "id"):
            continue
        fits = [c for c in columns if re.sub(r"[\s-]+", "_", c.strip()).casefold() in names and c not in near]
        if meant.endswith("_file_name"):
            fits = [c for c in fits if "image" in c.casefold() or _holds_sounds(table[c]) == meant.startswith("audio")]
        if len(fits) == 1:
            near[fits[0]] = meant
    return near


def _holds_sounds(cells: pd.Series) -> bool:
    """Whether most of these file names are those of sounds."""
    names = [str(cell).strip() for cell in cells.dropna()]
    return 2 * sum(PurePath(name).suffix.lower() in SOUNDS for name in names) > len(names)


def _check_file(path: Path) -> None:
    """Raise a FileNotFoundError unless this is a file in a folder."""
    if path.parent.is_file():
        raise NotADirectoryError(
            f"{path.parent} is a file; expected a folder with {path.name} in it. It stands in {path.parent.parent}: "
            "give that folder."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path.parent}: no such folder. Check the spelling, or in which folder the program runs."
        )
    if not path.is_file():
        found = sorted(file.name for file in path.parent.glob("*.csv"))
        raise FileNotFoundError(
            f"{path}: no such file; the folder has the tables {listed(found) or '(none)'}. "
            "Write one with a line per item, or name yours: Catalogue.from_folder(folder, metadata=...)."
        )


def _read_records(text: str, path: Path) -> tuple[list[int], list[list[str]]]:
    """Every record that is not blank, and the 1-based line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""))
    lines, records, start = [], [], 1
    before = csv.field_size_limit(LONGEST_CELL)  # a chapter is longer than the 131,072 characters of the csv module
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(start)
                records.append(cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"{path}, line {start}: {error}. A quotation mark that is never closed does this; close it."
        ) from error
    finally:
        csv.field_size_limit(before)
    return lines, records


def _open_quote(text: str, last: list[str], line: int, file: str) -> list[Fault]:
    """A quotation mark that is never closed swallows the rest of the file: the last record then has many lines."""
    swallowed = max(cell.count("\n") for cell in last)
    if swallowed == 0:
        return []
    try:
        list(csv.reader(list(io.StringIO(text, newline=""))[line - 1 :], strict=True))
    except csv.Error:
        return [Fault(line, "", "", file, "open_quote", f"{swallowed} more lines were read as part of this row")]
    return []


def _read_row(
    line: int, cells: list[str], columns: list[str], id_at: int | None, file: str, likely: str | None
) -> tuple[list[str | None], list[Fault]]:
    """One cell per column, None where it is empty or (in a part) not UTF-8; and what was wrong."""
    faults = []
    name = str(line) if id_at is None or id_at >= len(cells) else readable(cells[id_at])
    if len(cells) != len(columns):
        ragged = f"{len(cells)} cells in a table of {len(columns)} columns"
        faults.append(Fault(line, name, "", file, "ragged_row", ragged))
    row: list[str | None] = [None] * len(columns)
    for i, (column, cell) in enumerate(zip(columns, cells, strict=False)):
        if (found := _not_utf8(cell, likely)) is not None:
            faults.append(Fault(line, name, PART_COLUMNS.get(column, column), file, "wrong_encoding", found))
            cell = "" if column in PART_COLUMNS else readable(cell)
        row[i] = cell.strip() or (cell if column == "text" and cell else None)
    return row, faults


def _not_utf8(cell: str, likely: str | None) -> str | None:
    """The first byte of a cell that is not UTF-8, and how the cell reads in the likely encoding of the table."""
    first = undecoded(cell)
    if first is None:
        return None
    found = f"byte 0x{ord(first[0]) - 0xDC00:02X} at character {first.start() + 1} is not UTF-8"
    found += f": {quoted(readable(cell))}"
    if likely is not None:
        reads = cell.encode("utf-8", errors="surrogateescape").decode(likely, errors="replace")
        found += f"; in the encoding {likely} it reads {quoted(reads)} (--encoding {likely})"
    return found


def _typed(cells: Sequence[str | None]) -> np.ndarray | pd.api.extensions.ExtensionArray:
    """Numbers if every cell is one; whole numbers stay whole beside a hole. Codes, 007 or of many digits, stay text.

    In plain Python, since a table may have thousands of columns: pandas takes milliseconds for each.
    """
    given = [cell for cell in cells if cell is not None]
    if not given or not all(map(NUMBER.fullmatch, given)) or any(map(CODE.match, given)):
        return pd.array(cells, dtype="str")
    if all(map(WHOLE.fullmatch, given)):
        if len(given) == len(cells):
            return np.array([int(cell) for cell in given], dtype=np.int64)
        return pd.array([None if cell is None else int(cell) for cell in cells], dtype="Int64")
    digits = (sum(map(str.isdigit, re.split("[eE]", cell)[0])) for cell in given)
    numbers = np.array([np.nan if cell is None else float(cell) for cell in cells])
    if max(digits) > MOST_DIGITS or np.isinf(numbers).any():
        return pd.array(cells, dtype="str")
    return numbers
