"""`mmr doctor`: what is wrong in a catalogue."""

from pathlib import Path
from typing import Annotated

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import FAULTS_FOUND, AsJson, errors_in_one_sentence, on_a_terminal, print_json, printable


@app.command(epilog="Examples:\n\nmmr doctor my_photos/\n\nmmr doctor my_photos/ --json > report.json")
def doctor(
    folder: Annotated[Path, typer.Argument(help="Folder with a metadata.csv.")],
    as_json: AsJson = False,
) -> None:
    """List what is wrong in a catalogue: the row, the file, what was found and how to mend it."""
    with errors_in_one_sentence(notes=False):  # the report says it all
        catalogue = mmr.Catalogue.from_folder(folder)
        report = catalogue.doctor(progress=on_a_terminal())
    faults = int((report["severity"] == "fault").sum())
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
        for found in report.itertuples():
            where = f"row {found.row}, {found.id}, {found.column}, {found.file}"
            typer.echo(printable(f"{found.severity}: {where}: {found.detail}. {found.mend}"))
        typer.echo(f"{catalogue!r}\nfaults: {faults}, notes: {len(report) - faults}")
    if faults > 0:
        raise typer.Exit(FAULTS_FOUND)
