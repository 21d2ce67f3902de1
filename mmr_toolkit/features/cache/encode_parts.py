"""Turning parts of a catalogue into vectors, shard by shard: those that the cache has, then the others."""

from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np

from mmr_toolkit.features.cache.read_ahead import Part, read_ahead
from mmr_toolkit.features.cache.shards import Shard, VectorCache
from mmr_toolkit.features.encoder import Device, Encoder, without_unencodable

SHARD = 512  # parts that are written together: a run that is killed loses no more


def encode_parts(
    parts: Mapping[str, Any],
    encoder: Encoder,
    cache: VectorCache | None,
    *,
    batch_size: int,
    device: Device,
    workers: int | None,
) -> Generator[Shard, None, None]:
    """Vectors of parts, in any order and as soon as they are there; each part in one shard at least.

    Texts are handed to the encoder a whole shard at a time and the longest first, so that it can put texts of similar
    length into one batch.

    Args:
        parts: content key → raw value (a text, a path).
        encoder: of their modality.
        cache: where vectors are looked up and kept; None: nowhere.
        batch_size, device, workers: as in `extract`.

    Yields:
        Shards, those of the cache with all that they hold.
    """
    found: set[str] = set()
    for shard in () if cache is None else cache.shards():
        found.update(shard.keys, shard.faults)
        yield shard
    missing = [key for key in parts if key not in found]
    if encoder.modality == "text":
        missing.sort(key=lambda key: len(parts[key]), reverse=True)
    at_once = SHARD if encoder.modality == "text" else batch_size
    read = read_ahead([parts[key] for key in missing], encoder.modality, batch_size=at_once, workers=workers)
    keys = iter(missing)
    unkept: list[Shard] = []
    try:
        with closing(read):
            for batch in read:
                shard = _encode(dict(zip(islice(keys, len(batch)), batch, strict=True)), encoder, batch_size, device)
                if cache is not None:
                    unkept.append(shard)
                    if sum(map(len, unkept)) >= SHARD:
                        cache.keep(unkept)
                        unkept = []
                yield shard
    finally:  # also when interrupted
        if cache is not None:
            cache.keep(unkept)


def _encode(parts: dict[str, Part], encoder: Encoder, batch_size: int, device: Device) -> Shard:
    """Encode what could be read; the rest has a reason."""
    faults = {key: part.reason for key, part in parts.items() if part.reason and part.lasting}
    passing_faults = {key: part.reason for key, part in parts.items() if part.reason and not part.lasting}
    keys = [key for key, part in parts.items() if not part.reason]
    values = [parts[key].value for key in keys]
    if values:
        vectors, reasons = without_unencodable(encoder.encode, values, batch_size=batch_size, device=device)
    else:
        vectors, reasons = None, {}
    faults |= {keys[i]: reason for i, reason in reasons.items()}
    keys = [key for i, key in enumerate(keys) if i not in reasons]
    rows = _checked(vectors if keys else np.zeros((0, encoder.dim)), (len(keys), encoder.dim), encoder.name)
    finite = np.isfinite(rows).all(axis=1)
    broken = [key for key, good in zip(keys, finite, strict=True) if not good]
    passing_faults |= dict.fromkeys(broken, f"{encoder.name} returned NaN or infinity")
    return Shard([key for key in keys if key not in passing_faults], rows[finite], faults, passing_faults)


def _checked(vectors: np.ndarray | None, shape: tuple[int, int], name: str) -> np.ndarray:
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.shape != shape:
        raise ValueError(f"{name}.encode returned shape {rows.shape} for {shape[0]} values, expected {shape} (n, dim).")
    return rows
