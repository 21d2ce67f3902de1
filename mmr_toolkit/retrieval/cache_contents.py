"""What lies in the cache, vectors and whole retrievers, and how to clear it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.features.cache.shards import FORMAT, SHARD_FILES, UNFINISHED_FILES
from mmr_toolkit.retrieval.saved.folder import FEATURES, MANIFEST, RETRIEVERS, remove_folder


@dataclass(frozen=True)
class CachedVectors:
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


def cached_vectors(cache: Path, name: str | None = None) -> list[CachedVectors]:
    """Everything that is kept in a cache, the newest first.

    Args:
        cache: its folder, which need not exist.
        name: of an encoder, "retriever", or of one of the folders; None: all.

    Raises:
        ValueError: nothing of this name.
    """
    vectors, retrievers = (cache / FORMAT).glob("*/encoder.json"), (cache / RETRIEVERS).glob(f"*/{MANIFEST}")
    everything = [_describe(path.parent) for path in vectors if path.is_file()]  # no pipe, which never ends
    everything += [_describe_retriever(path.parent) for path in retrievers if path.is_file()]
    chosen = [kept for kept in everything if name in (None, kept.name, kept.folder.name)]
    if name is not None and not chosen:
        names = sorted({kept.name for kept in everything})
        raise ValueError(
            f"nothing of an encoder {quoted(name)} is kept in {cache}; expected one of {', '.join(names) or 'none'}."
        )
    return sorted(chosen, key=lambda kept: kept.written, reverse=True)


def clear_cached(kept: CachedVectors) -> None:
    """Remove these vectors; files that the toolkit has not written stay."""
    if kept.folder.parent.name == RETRIEVERS:
        remove_folder(kept.folder)
        return
    for pattern in (SHARD_FILES, UNFINISHED_FILES, "encoder.json"):
        for path in kept.folder.glob(pattern):
            path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        kept.folder.rmdir()


def _describe(folder: Path) -> CachedVectors:
    """What is known without reading the vectors; what cannot be read counts nothing."""
    try:
        encoder = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        name, modality = str(encoder.get("name", folder.name)), str(encoder.get("modality", "?"))
    except (ValueError, AttributeError, RecursionError):
        name, modality = folder.name, "?"
    files = [*folder.glob(SHARD_FILES), folder / "encoder.json"]
    return CachedVectors(
        folder,
        name,
        modality,
        sum(_n_vectors(path) for path in folder.glob(SHARD_FILES)),
        sum(path.stat().st_size for path in files) / 1e6,
        max(path.stat().st_mtime for path in files),
    )


def _describe_retriever(folder: Path) -> CachedVectors:
    """As `_describe`."""
    try:
        modalities = [str(name) for name in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["encoders"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        modalities = []
    files = [path for path in folder.rglob("*") if path.is_file()]
    return CachedVectors(
        folder,
        "retriever",
        ", ".join(modalities) or "?",
        sum(_n_vectors(folder / FEATURES, f"vectors/{modality}") for modality in modalities),
        sum(path.stat().st_size for path in files) / 1e6,
        max(path.stat().st_mtime for path in files),
    )


def _n_vectors(path: Path, name: str = "vectors") -> int:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return 0
    try:
        with safe_open(path, framework="numpy") as file:
            return file.get_slice(name).get_shape()[0]
    except (OSError, SafetensorError, IndexError):
        return 0
