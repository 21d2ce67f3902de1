"""What can be wrong with a catalogue: one table of faults, each with its severity and how to mend it.

`metadata`, `media` and `doctor` name their findings from this table; nothing else invents a code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

__all__ = ["FAULTS", "Fault", "FaultKind", "fault_report"]

REPORT_COLUMNS = ["row", "id", "column", "file", "fault", "severity", "detail", "mend"]


@dataclass(frozen=True)
class FaultKind:
    """How bad a fault is, what the catalogue does about it, and what you can do.

    severity: "fault" should be mended; "note" was read anyway (converted), or is only worth knowing.
    hole: True when the catalogue treats the part as missing.
    mend: what to do, where a cell of a table names the file.
    """

    severity: Literal["fault", "note"]
    hole: bool
    mend: str

    @property
    def mend_file(self) -> str:
        """What to do about a file that no table names, such as the picture of a query."""
        return self.mend.replace(", or empty the cell", "")


FAULTS: dict[str, FaultKind] = {
    # The table: found when the catalogue is read.
    "wrong_encoding": FaultKind(
        "fault", True, "Save the table as UTF-8 (in a spreadsheet: 'CSV UTF-8'), or name its encoding with --encoding."
    ),
    "ragged_row": FaultKind("fault", False, 'Give the row one cell per column; put "..." around a cell with a comma.'),
    "open_quote": FaultKind("fault", False, "Close the quotation mark; the lines after it were read as one cell."),
    "missing_id": FaultKind("fault", False, "Give the row an id of its own."),
    "duplicate_id": FaultKind("fault", False, "Give every row an id of its own, or delete the second row."),
    "empty_text": FaultKind("note", True, "Nothing to do if the item has no text; else write one."),
    "path_leaves_folder": FaultKind("fault", True, "Copy the file into the folder and write its relative path."),
    "backslash_path": FaultKind("note", False, "Write the path with / so that it works on every system."),
    "missing_file": FaultKind("fault", True, "Put the file there or correct the path, or empty the cell."),
    "nothing_left": FaultKind("fault", False, "Give the row a text, a picture or a sound, or delete it."),
    # Pictures and sounds: found when the doctor opens every file.
    "zero_bytes": FaultKind("fault", True, "Copy the file again from its source, or empty the cell."),
    "not_an_image": FaultKind("fault", True, "Save it as JPEG, PNG or WebP, or empty the cell."),
    "truncated_image": FaultKind("fault", True, "Copy the file again from its source, or empty the cell."),
    "too_many_pixels": FaultKind("fault", True, "Save a smaller version of the picture."),
    "not_a_sound": FaultKind("fault", True, "Save it as WAV, FLAC, Ogg or MP3, or empty the cell."),
    "truncated_sound": FaultKind("fault", True, "Copy the file again from its source, or empty the cell."),
    "zero_length_sound": FaultKind("fault", True, "Record or copy it again, or empty the cell."),
    "broken_samples": FaultKind("fault", True, "Save the sound again with finite samples (16-bit WAV always is)."),
    "too_long_sound": FaultKind("fault", True, "Cut the sound to the part that matters."),
    "too_many_samples": FaultKind("fault", True, "Save the sound with one or two channels, at 48 kHz or less."),
    "silent_sound": FaultKind("fault", True, "Record it again, or empty the cell: silence says nothing."),
    "cmyk_image": FaultKind("note", False, "Nothing to do; save it as RGB to be sure of the colours."),
    "sixteen_bit_image": FaultKind("note", False, "Nothing to do; it is scaled to 8 bits per channel."),
    "animated_image": FaultKind("note", False, "Nothing to do; save the frame you want if it is not the first."),
    "rotated_image": FaultKind("note", False, "Nothing to do; it is turned upright as its EXIF tag says."),
    "transparent_image": FaultKind("note", False, "Nothing to do; it is laid on white."),
    "stereo_sound": FaultKind("note", False, "Nothing to do; the channels are averaged."),
    "other_rate_sound": FaultKind("note", False, "Nothing to do; it is resampled to 16 kHz."),
    "eight_bit_sound": FaultKind("note", False, "Nothing to do; 8 bits are noisy, use 16 if you have them."),
    # The same content twice.
    "duplicate_content": FaultKind("note", False, "Delete one of the two files, or keep both if they are meant."),
    "in_two_splits": FaultKind("fault", False, "Keep the same content in one split, or the test is not a test."),
}


@dataclass(frozen=True)
class Fault:
    """One finding.

    row: 1-based line in the metadata file. column: "id", "text", "image", "audio" or another column's name.
    file: the picture or sound, or the metadata file itself. fault: a key of `FAULTS`. detail: what was found.
    """

    row: int
    id: str
    column: str
    file: str
    fault: str
    detail: str


def _place(fault: Fault) -> tuple[int, bool, str, str]:
    """From top to bottom, and in a row what is wrong with its cells before what follows: that nothing is left."""
    return fault.row, fault.fault == "nothing_left", fault.column, fault.fault


def fault_report(faults: Iterable[Fault]) -> pd.DataFrame:
    """The faults as a table, one row each, in the order of the metadata file, with severity and mend."""
    rows = [
        {**vars(fault), "severity": FAULTS[fault.fault].severity, "mend": FAULTS[fault.fault].mend}
        for fault in sorted(faults, key=_place)
    ]
    return pd.DataFrame(rows, columns=REPORT_COLUMNS)
