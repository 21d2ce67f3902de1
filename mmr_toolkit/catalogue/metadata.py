"""Reading `metadata.csv` into a table, row by row, so that one bad row does not cost the others.

`pandas.read_csv` stops at the first malformed line, reads the text "NA" as a hole, and does not say on which line of
the file a row stood. The `csv` module does none of that, so the table is read with it and typed afterwards.
"""

import codecs
import csv
import io
import re
from pathlib import Path

import pandas as pd

from mmr_toolkit.catalogue.faults import Fault

__all__ = ["PART_COLUMNS", "read_metadata", "rename_columns"]

# Column on disk -> column in Catalogue.table. The names on disk are the ImageFolder convention.
PART_COLUMNS = {"text": "text", "image_file_name": "image", "audio_file_name": "audio"}

_UNDECODED = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of a byte that is not UTF-8


def read_metadata(path: Path, *, id_column: str = "id") -> tuple[pd.DataFrame, list[Fault]]:
    """Read a metadata file.

    Args:
        path: a CSV file with a header line; UTF-8, UTF-8 with a byte-order mark, or UTF-16 with one.
        id_column: the column that names the items. Without such a column the line numbers are the ids.
    Returns:
        The table, indexed by the 1-based line in the file: the column id, those of text, image and audio that are there
        (all text; an empty cell is missing), and all others (numbers where every cell is one); and the faults found.
    Raises:
        FileNotFoundError: the folder or the file is not there.
        ValueError: no rows, not a text file, or no column to retrieve by.
    """
    text = _decode(path)
    lines, records = _read_records(text, path)
    if len(records) < 2:
        raise ValueError(f"{path}: no rows; expected a header line and one line per item.")
    columns = [_readable(name).strip() or f"unnamed_{i}" for i, name in enumerate(records[0])]
    rows: list[list[str | None]] = []
    faults = _open_quote(text, records[-1], lines[-1], path.name)
    id_at = columns.index(id_column) if id_column in columns else None
    for line, cells in zip(lines[1:], records[1:], strict=True):
        row, more = _read_row(line, cells, columns, id_at, path.name)
        rows.append(row)
        faults += more
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(lines[1:], name="row"), dtype="str")
    table = rename_columns(table, path.name, id_column=id_column)
    for column in table.columns.difference(["id", *PART_COLUMNS.values()]):
        table[column] = _typed(table[column])
    return table, faults


def rename_columns(table: pd.DataFrame, name: str, *, id_column: str = "id") -> pd.DataFrame:
    """Give a table the names of a catalogue: id, text, image and audio; `name` is for the messages."""
    columns = [str(column) for column in table.columns]
    wanted = ", ".join(f"`{column}`" for column in PART_COLUMNS)
    if not set(columns) & set(PART_COLUMNS):
        raise ValueError(
            f"{name}: no column to retrieve by; it has {columns}, expected at least one of {wanted}. "
            "Rename the columns, and separate the cells by commas."
        )
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f"{name}: the columns {twice} come twice. Rename or delete the second ones.")
    if id_column not in columns and id_column != "id":
        raise ValueError(f"{name}: no column {id_column!r} for the ids; it has {columns}.")
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


def _decode(path: Path) -> str:
    """The file as text; bytes that are not UTF-8 are kept as surrogates, so that their cells can be named."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent}: no such folder. Check the spelling, or where the notebook runs.")
    if not path.is_file():
        found = sorted(file.name for file in path.parent.glob("*.csv"))
        raise FileNotFoundError(
            f"{path}: no such file; the folder has the tables {found}. "
            "Write one with a line per item, or name yours: Catalogue.from_folder(folder, metadata=...)."
        )
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", errors="replace")
    else:
        text = raw.decode("utf-8-sig", errors="surrogateescape")
    if "\0" in text:
        raise ValueError(f"{path}: not a text table (it starts with {raw[:8]!r}). Save it as CSV, in UTF-8.")
    return text


def _read_records(text: str, path: Path) -> tuple[list[int], list[list[str]]]:
    """Every record that is not blank, and the 1-based line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""))
    lines, records, start = [], [], 1
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
    line: int, cells: list[str], columns: list[str], id_at: int | None, file: str
) -> tuple[list[str | None], list[Fault]]:
    """One cell per column, None where it is empty or (in a part) not UTF-8; and what was wrong."""
    faults = []
    name = str(line) if id_at is None or id_at >= len(cells) else _readable(cells[id_at])
    if len(cells) != len(columns):
        found = f"{len(cells)} cells in a table of {len(columns)} columns"
        faults.append(Fault(line, name, "", file, "ragged_row", found))
    row: list[str | None] = [None] * len(columns)
    for i, (column, cell) in enumerate(zip(columns, cells, strict=False)):
        undecoded = _UNDECODED.search(cell)
        if undecoded is not None:
            byte = ord(undecoded[0]) - 0xDC00
            found = f"byte 0x{byte:02X} at character {undecoded.start() + 1} is not UTF-8: {_readable(cell)[:60]!r}"
            faults.append(Fault(line, name, PART_COLUMNS.get(column, column), file, "wrong_encoding", found))
            cell = "" if column in PART_COLUMNS else _readable(cell)
        row[i] = cell or None
    return row, faults


def _readable(text: str) -> str:
    return _UNDECODED.sub("\ufffd", text)


def _typed(column: pd.Series) -> pd.Series:
    """Numbers if every cell is one; codes such as 007 stay text."""
    if column.str.match(r"[+-]?0\d", na=False).any():
        return column
    try:
        return pd.to_numeric(column)
    except ValueError:
        return column
