"""What lies in the cache of vectors, and how to clear it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mmr_toolkit.features.cache import FORMAT, SHARD_FILES, UNFINISHED_FILES


@dataclass(frozen=True)
class KeptVectors:
    """The vectors of one encoder.

    Attributes:
        folder: where they lie.
        name, modality: of the encoder.
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
        name: of an encoder, or of one of the folders; None: all.

    Raises:
        ValueError: nothing of this name.
    """
    everything = [_describe(path.parent) for path in (cache / FORMAT).glob("*/encoder.json")]
    chosen = [kept for kept in everything if name in (None, kept.name, kept.folder.name)]
    if name is not None and not chosen:
        names = sorted({kept.name for kept in everything})
        raise ValueError(
            f"nothing of an encoder {name!r} is kept in {cache}; there is {', '.join(names) or 'nothing'}."
        )
    return sorted(chosen, key=lambda kept: kept.written, reverse=True)


def clear(kept: KeptVectors) -> None:
    """Remove these vectors; files that the toolkit has not written stay."""
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


def _n_vectors(path: Path) -> int:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return file.get_slice("vectors").get_shape()[0]
    except (OSError, SafetensorError):
        return 0
