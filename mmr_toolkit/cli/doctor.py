"""`mmr doctor`: what is wrong in a catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import FAULTS_FOUND, AsJson, errors_in_one_sentence, on_a_terminal, print_json, printable
from mmr_toolkit.cli.sources import Encoding
from mmr_toolkit.common.quoting import cut

if TYPE_CHECKING:
    import pandas as pd

PATH_SHOWN = 200  # characters


@app.command(epilog="Examples:\n\nmmr doctor my_photos/\n\nmmr doctor my_photos/ --json > report.json")
def doctor(
    folder: Annotated[Path, typer.Argument(help="Folder with a metadata.csv.")],
    notes: Annotated[bool, typer.Option("--notes", help="List every note, not one of each kind.")] = False,
    encoding: Encoding = None,
    as_json: AsJson = False,
) -> None:
    """List what is wrong in a catalogue: the row, the file, what was found and how to mend it.

    Faults come first, each by itself. Notes are harmless; they are counted by kind, with the first one as an example.
    """
    with errors_in_one_sentence(notes=False):  # the report says it all
        catalogue = mmr.Catalogue.from_folder(folder, encoding=encoding)
        report = catalogue.doctor(progress=on_a_terminal())
    is_fault = report["severity"] == "fault"
    faults = int(is_fault.sum())
    if as_json:
        print_json({
            "folder": folder,
            "items": len(catalogue),
            "with": catalogue.mask.sum().to_dict(),
            "faults": faults,
            "notes": len(report) - faults,
            "found": report.to_dict("records"),
        })  # fmt: skip
    else:
        lines = [*_each(report[is_fault]), *(_each if notes else _by_kind)(report[~is_fault])]
        for line in lines:
            typer.echo(printable(line))
        more = "" if notes or len(lines) == len(report) else "; --notes lists them all"
        typer.echo(f"{catalogue!r}\nfaults: {faults}, notes: {len(report) - faults}{more}")
    if faults > 0:
        raise typer.Exit(FAULTS_FOUND)


def _each(report: "pd.DataFrame") -> list[str]:
    """One line per finding."""
    return [
        f"{found.severity}: row {found.row}, {cut(str(found.id))}, {cut(str(found.column))}, "
        f"{cut(str(found.file), PATH_SHOWN)}: {found.detail}. {found.mend}"
        for found in report.itertuples()
    ]


def _by_kind(report: "pd.DataFrame") -> list[str]:
    """One line per kind of finding, the first of its kind; in front of several their number."""
    lines = []
    for _, alike in report.groupby("fault", sort=False):
        (line,) = _each(alike.head(1))
        lines.append(line if len(alike) == 1 else f"{len(alike):,} alike, the first is {line}")
    return lines
