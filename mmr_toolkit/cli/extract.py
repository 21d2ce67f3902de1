"""`mmr extract`: make all vectors of a catalogue and keep them."""

import time
from collections import Counter
from typing import Any

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, on_a_terminal, print_json, print_table, say
from mmr_toolkit.cli.sources import EncoderNames, Encoding, Folder, choose_encoders, open_catalogue

LOST_SHOWN = 20


@app.command(
    epilog="Examples:\n\nmmr extract my_photos/\n\nmmr extract my_photos/ --encoder text=bert --encoder image=resnet"
)
def extract(
    folder: Folder = None, encoder: EncoderNames = None, encoding: Encoding = None, as_json: AsJson = False
) -> None:
    """Make the vectors of all texts, pictures and sounds, and keep them for every later command.

    It can be interrupted at any time: the same command goes on where it stopped.
    """
    kept = "the vectors that were made are kept; the same command goes on from there."
    with errors_in_one_sentence(when_interrupted=kept):
        start = time.perf_counter()
        catalogue = open_catalogue(folder, encoding)
        say(f"Learning from {len(catalogue)} items how to compare them …")
        encoders = choose_encoders(catalogue, encoder)
        found = mmr.features.extract(catalogue, encoders, progress=on_a_terminal())
        report = _report(found, encoders) | {"seconds": round(time.perf_counter() - start, 2)}
        if as_json:
            print_json(report)
        else:
            _print(report)


def _report(found: "mmr.Features", encoders: "dict[str, mmr.Encoder]") -> dict[str, Any]:
    lost = Counter(part.modality for part in found.faults)
    return {
        "items": len(found),
        "parts": {
            name: {
                "encoder": encoders[name].name,
                "dimensions": dim,
                "vectors": int(found.mask[name].sum()),
                "lost": lost[name],
                "folder": _folder(encoders[name]),
            }
            for name, dim in found.dims.items()
        },
        "lost": [part._asdict() for part in found.faults],
    }


def _folder(encoder: "mmr.Encoder") -> str | None:
    """Where its vectors are kept; None if it cannot say what they depend on."""
    return (
        str(mmr.features.VectorCache(mmr.features.cache_folder(), encoder).folder)
        if isinstance(encoder, mmr.features.Identified)
        else None
    )


def _print(report: dict[str, Any]) -> None:
    columns = dict.fromkeys(["modality", "encoder"], "left") | dict.fromkeys(["dimensions", "vectors", "lost"], "right")
    parts = report["parts"]
    rows = [
        (name, part["encoder"], *(f"{part[count]:,}" for count in ("dimensions", "vectors", "lost")))
        for name, part in parts.items()
    ]
    print_table(columns, rows)
    for part in report["lost"][:LOST_SHOWN]:
        say(f"lost: the {part['modality']} of {part['id']}: {part['reason']}")
    if len(report["lost"]) > LOST_SHOWN:
        say(f"lost: {len(report['lost']) - LOST_SHOWN:,} more; --json lists them all")
    for name, part in parts.items():
        typer.echo(f"{name}: {part['folder'] or 'not kept: this encoder does not say what its vectors depend on'}")
    typer.echo(f"{report['items']:,} items, {sum(part['vectors'] for part in parts.values()):,} vectors, "
               f"{len(report['lost'])} lost, {report['seconds']:.1f} s")  # fmt: skip
