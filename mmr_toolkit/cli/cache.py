"""`mmr cache`: the vectors that were kept."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, print_json, print_table, printable
from mmr_toolkit.features.cache.shards import FORMAT, SHARD_FILES, UNFINISHED_FILES
from mmr_toolkit.retrieval.saved.folder import FEATURES, MANIFEST, RETRIEVERS, remove_folder


@app.command(epilog="Examples:\n\nmmr cache\n\nmmr cache --clear resnet\n\nmmr cache --json")
def cache(
    name: Annotated[
        str | None, typer.Argument(help="Only the vectors of this encoder; without it, all.", show_default=False)
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the vectors that were kept, so that they need not be computed again; or remove them."""
    with errors_in_one_sentence():
        from mmr_toolkit.features.cache import shards as place

        folder = place.cache_folder()
        kept = kept_vectors(folder, name)
        if as_json and clear and not yes:
            raise ValueError("--json asks no questions: give --yes too to remove the vectors.")
        if not as_json:
            typer.echo(f"{len(kept)} folders of vectors, {_megabytes(kept):.1f} MB, in {printable(str(folder))}")
        all_or_them = "all of them" if name is None else "them"
        removed = clear and bool(kept) and (yes or typer.confirm(f"Remove {all_or_them}?"))
        for part in kept if removed else ():
            clear_cached(part)
        if as_json:
            print_json(_as_json(folder, kept, removed))
        elif removed:
            typer.echo(f"removed {_megabytes(kept):.1f} MB")
        elif kept and not clear:
            columns = {"encoder": "left", "modality": "left", "vectors": "right", "MB": "right", "age": "right"}
            print_table(columns, [_row(part) for part in kept])


def _megabytes(kept: "list[KeptVectors]") -> float:
    return sum(part.megabytes for part in kept)


def _row(part: "KeptVectors") -> tuple[str, ...]:
    return part.name, part.modality, f"{part.n_vectors:,}", f"{part.megabytes:.1f}", _age(part.written)


def _as_json(folder: "Path", kept: "list[KeptVectors]", removed: bool) -> dict[str, object]:
    return {
        "folder": folder,
        "megabytes": _megabytes(kept),
        "removed": removed,
        "kept": [
            {
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


# What lies in the cache, vectors and whole retrievers, and how to clear it.


@dataclass(frozen=True)
class KeptVectors:
    """The vectors of one encoder, or a retriever with those of all its items.

    Attributes:
        folder: where they lie.
        name, modality: of the encoder; "retriever" and its modalities.
        n_vectors: how many.
        megabytes: what they take on disk (10⁶ bytes).
        written: when the newest of them were written, in seconds since 1970.
    """

    folder: Path
    name: str
    modality: str
    n_vectors: int
    megabytes: float
    written: float


def kept_vectors(cache: Path, name: str | None = None) -> list[KeptVectors]:
    """Everything that is kept in a cache, the newest first.

    Args:
        cache: its folder, which need not exist.
        name: of an encoder, "retriever", or of one of the folders; None: all.

    Raises:
        ValueError: nothing of this name.
    """
    everything = [_describe(path.parent) for path in (cache / FORMAT).glob("*/encoder.json")]
    everything += [_describe_retriever(path.parent) for path in (cache / RETRIEVERS).glob(f"*/{MANIFEST}")]
    chosen = [kept for kept in everything if name in (None, kept.name, kept.folder.name)]
    if name is not None and not chosen:
        names = sorted({kept.name for kept in everything})
        raise ValueError(
            f"nothing of an encoder {name!r} is kept in {cache}; there is {', '.join(names) or 'nothing'}."
        )
    return sorted(chosen, key=lambda kept: kept.written, reverse=True)


def clear_cached(kept: KeptVectors) -> None:
    """Remove these vectors; files that the toolkit has not written stay."""
    if kept.folder.parent.name == RETRIEVERS:
        remove_folder(kept.folder)
        return
    for pattern in (SHARD_FILES, UNFINISHED_FILES, "encoder.json"):
        for path in kept.folder.glob(pattern):
            path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        kept.folder.rmdir()


def _describe(folder: Path) -> KeptVectors:
    """What is known without reading the vectors; what cannot be read counts nothing."""
    try:
        encoder = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    except ValueError:
        encoder = {}
    files = [*folder.glob(SHARD_FILES), folder / "encoder.json"]
    return KeptVectors(
        folder,
        encoder.get("name", folder.name),
        encoder.get("modality", "?"),
        sum(_n_vectors(path) for path in folder.glob(SHARD_FILES)),
        sum(path.stat().st_size for path in files) / 1e6,
        max(path.stat().st_mtime for path in files),
    )


def _describe_retriever(folder: Path) -> KeptVectors:
    """As `_describe`."""
    try:
        modalities = list(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["encoders"])
    except (ValueError, KeyError, TypeError):
        modalities = []
    files = [path for path in folder.rglob("*") if path.is_file()]
    return KeptVectors(
        folder,
        "retriever",
        ", ".join(modalities) or "?",
        sum(_n_vectors(folder / FEATURES, f"vectors/{modality}") for modality in modalities),
        sum(path.stat().st_size for path in files) / 1e6,
        max(path.stat().st_mtime for path in files),
    )


def _n_vectors(path: Path, name: str = "vectors") -> int:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return file.get_slice(name).get_shape()[0]
    except (OSError, SafetensorError):
        return 0
