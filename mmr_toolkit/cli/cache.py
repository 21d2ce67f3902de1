"""`mmr cache`: the vectors, learned encoders and retrievers that were kept."""

import time
from pathlib import Path
from typing import Annotated

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, print_json, print_table, printable


@app.command(epilog="Examples:\n\nmmr cache\n\nmmr cache --clear resnet\n\nmmr cache --json")
def cache(
    name: Annotated[
        str | None, typer.Argument(help="Only what is of this encoder; without it, all.", show_default=False)
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove it, and what killed processes left.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what was kept so that it need not be computed again: vectors, learned encoders, retrievers; or remove it."""
    with errors_in_one_sentence():
        folder = mmr.features.cache_folder()
        kept = mmr.retrieval.cached_vectors(folder, name)
        if as_json and clear and not yes:
            raise ValueError("--json asks no questions: give --yes too to remove them.")
        if not as_json:
            typer.echo(f"{len(kept)} folders kept, {_megabytes(kept):.1f} MB, in {printable(str(folder))}")
        all_or_them = "all of them" if name is None else "them"
        removed = clear and bool(kept) and (yes or typer.confirm(f"Remove {all_or_them}?"))
        for part in kept if removed else ():
            mmr.retrieval.clear_cached(part)
        if removed or (clear and not kept):
            mmr.retrieval.sweep_cache(folder)
        if as_json:
            print_json(_as_json(folder, kept, removed))
        elif removed:
            typer.echo(f"removed {_megabytes(kept):.1f} MB")
        elif kept and not clear:
            columns = {
                "encoder": "left",
                "kept": "left",
                "modality": "left",
                "vectors": "right",
                "MB": "right",
                "age": "right",
            }
            print_table(columns, [_row(part) for part in kept])


def _megabytes(kept: "list[mmr.retrieval.CachedVectors]") -> float:
    return sum(part.megabytes for part in kept)


def _row(part: "mmr.retrieval.CachedVectors") -> tuple[str, ...]:
    n_vectors = "" if part.kind == "encoder" else f"{part.n_vectors:,}"
    return part.name, part.kind, part.modality, n_vectors, f"{part.megabytes:.1f}", _age(part.written)


def _as_json(folder: "Path", kept: "list[mmr.retrieval.CachedVectors]", removed: bool) -> dict[str, object]:
    return {
        "folder": folder,
        "megabytes": _megabytes(kept),
        "removed": removed,
        "kept": [
            {
                "kind": part.kind,
                "encoder": part.name,
                "modality": part.modality,
                "vectors": part.n_vectors,
                "megabytes": part.megabytes,
                "written": part.written,
                "folder": part.folder,
            }
            for part in kept
        ],
    }


def _age(written: float) -> str:
    """Time since then, in the largest unit of which there is at least one."""
    seconds = max(0, time.time() - written)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "now"
