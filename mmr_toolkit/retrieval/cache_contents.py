"""What lies in the cache, vectors, learned encoders and whole retrievers, and how to clear it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmr_toolkit.common.files import UNFINISHED_FILES, sweep_unfinished
from mmr_toolkit.common.folders import sweep_hidden
from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.features.cache.learned import DESCRIPTION, FILES, FORMAT as LEARNED, remove_learned
from mmr_toolkit.features.cache.shards import FORMAT, SHARD_FILES
from mmr_toolkit.retrieval.saved.folder import FEATURES, MANIFEST, RETRIEVERS, remove_folder

Kind = Literal["vectors", "encoder", "retriever"]


@dataclass(frozen=True)
class CachedVectors:
    """The vectors of one encoder, an encoder that was learned, or a retriever with the vectors of all its items.

    Attributes:
        folder: where they lie.
        kind: which of the three.
        name, modality: of the encoder; "retriever" and its modalities.
        n_vectors: how many; 0 of a learned encoder.
        megabytes: what they take on disk (10⁶ bytes).
        written: when the newest of them were written, in seconds since 1970.
    """

    folder: Path
    kind: Kind
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
    everything: list[CachedVectors] = []
    kinds: dict[Kind, str] = {"vectors": FORMAT, "encoder": LEARNED}
    for kind, place in kinds.items():
        found = (cache / place).glob(f"*/{DESCRIPTION}")
        everything += [_describe(path.parent, kind) for path in found if path.is_file()]  # no pipe, which never ends
    retrievers = (cache / RETRIEVERS).glob(f"*/{MANIFEST}")
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
    if kept.kind == "retriever":
        remove_folder(kept.folder)
    elif kept.kind == "encoder":
        remove_learned(kept.folder)
    else:
        for pattern in (SHARD_FILES, UNFINISHED_FILES, DESCRIPTION):
            for path in kept.folder.glob(pattern):
                path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty
            kept.folder.rmdir()


def sweep_cache(cache: Path) -> None:
    """Remove what killed processes have left half written in a cache; what is being written is left alone."""
    for folder in (cache / FORMAT).glob("*"):
        sweep_unfinished(folder)
        with suppress(OSError):  # not empty, or no folder
            folder.rmdir()
    for place in cache.glob("*"):
        sweep_unfinished(place)
        sweep_hidden(place)


def _describe(folder: Path, kind: Kind) -> CachedVectors:
    """What is known without reading the vectors; what cannot be read counts nothing."""
    try:
        encoder = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        name, modality = str(encoder.get("name", folder.name)), str(encoder.get("modality", "?"))
    except (ValueError, AttributeError, RecursionError):
        name, modality = folder.name, "?"
    files = [*folder.glob(SHARD_FILES), *(folder / name for name in FILES if (folder / name).is_file())]
    return CachedVectors(
        folder,
        kind,
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
