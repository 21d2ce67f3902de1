"""From a catalogue to one matrix of features per modality."""

import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.features.cache.encode_parts import encode_parts
from mmr_toolkit.features.cache.fingerprint import Identified
from mmr_toolkit.features.cache.read_ahead import why_unreachable
from mmr_toolkit.features.cache.shards import VectorCache, cache_folder, content_key
from mmr_toolkit.features.encoder import Device, Encoder

#: What to take where mini weights know nothing.
BETTER = (
    "The full tier's weights know the things of the world; Word2VecEncoder, ColourTextureEncoder and MfccEncoder learn "
    "from the catalogue itself."
)


class LostPart(NamedTuple):
    """A part that is in the catalogue but got no vector: which item's, which modality, and why."""

    id: str
    modality: str
    reason: str


@dataclass(frozen=True, eq=False)
class Features:
    """One matrix per modality, row i belonging to item i of the catalogue.

    Attributes:
        vectors: (N, d_m) float32 by modality. The row of a hole is zeros, and means nothing.
        mask: (N,) bool by modality, False for a hole: always look here first.
        faults: parts that turned out to be unusable and became holes.
        ids: of the items, in order.
    """

    vectors: dict[str, np.ndarray]
    mask: dict[str, np.ndarray]
    faults: list[LostPart]
    ids: list[str]

    def __post_init__(self) -> None:
        """Raise a ValueError unless there is a row and a mask for each id, in every modality."""
        if self.vectors.keys() != self.mask.keys():
            raise ValueError(
                f"vectors are of {', '.join(self.vectors)}, masks of {', '.join(self.mask)}: expected both."
            )
        for name, matrix in self.vectors.items():
            if matrix.ndim != 2 or len(matrix) != len(self.ids) or self.mask[name].shape != (len(self.ids),):
                raise ValueError(
                    f"{name}: vectors of shape {matrix.shape} and a mask of shape {self.mask[name].shape} for "
                    f"{len(self.ids)} ids; expected ({len(self.ids)}, d) and ({len(self.ids)},)."
                )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dims(self) -> dict[str, int]:
        """Length of the vectors by modality."""
        return {modality: matrix.shape[1] for modality, matrix in self.vectors.items()}

    def subset(self, which: np.ndarray) -> "Features":
        """Those of some items: a boolean mask (N,), or positions."""
        ids = np.array(self.ids, dtype=object)[which].tolist()
        kept = set(ids)
        return Features(
            {name: matrix[which] for name, matrix in self.vectors.items()},
            {name: there[which] for name, there in self.mask.items()},
            [fault for fault in self.faults if fault.id in kept],
            ids,
        )

    def only(self, modality: str) -> "Features":
        """The same items as if they had nothing but this modality."""
        return replace(
            self, mask={name: has if name == modality else np.zeros_like(has) for name, has in self.mask.items()}
        )

    def updated(self, other: "Features") -> "Features":
        """These with others, by the same encoders: those with a known id in the old one's place, others at the end."""
        new, known = set(other.ids), set(self.ids)
        ids = [*self.ids, *(id for id in other.ids if id not in known)]
        # Where each row stands in both put one behind the other; the later one counts.
        place = {id: i for i, id in enumerate([*self.ids, *other.ids])}
        rows = [place[id] for id in ids]
        return Features(
            {name: np.concatenate([matrix, other.vectors[name]])[rows] for name, matrix in self.vectors.items()},
            {name: np.concatenate([there, other.mask[name]])[rows] for name, there in self.mask.items()},
            [fault for fault in self.faults if fault.id not in new] + other.faults,
            ids,
        )

    def __repr__(self) -> str:
        parts = ", ".join(f"{self.mask[name].sum()} {name} vectors of {dim}" for name, dim in self.dims.items())
        return f"Features({len(self)} items: {parts}; {len(self.faults)} parts lost)"


def extract(
    catalogue: Catalogue,
    encoders: Mapping[str, Encoder],
    *,
    batch_size: int = 64,
    device: Device = "cpu",
    progress: bool = True,
    cache: PathLike | bool = True,
    workers: int | None = None,
) -> Features:
    """Encode every part of every item that there is an encoder for.

    A part that cannot be read or encoded (a damaged picture, a silent sound, a text without a known word) becomes a
    hole: its mask is False, and its reason stands in `faults`. Equal parts are encoded once. Only a few batches of
    decoded pictures or sounds are held in memory, see `read_ahead`.

    Vectors are kept on disk as they are made, and found again when the same encoder meets the same content: an
    interrupted run goes on where it stopped. An encoder that does not say what its vectors depend on (see
    `mmr_toolkit.features.cache.fingerprint`) works as well, but its vectors are not kept.

    Args:
        catalogue: the items.
        encoders: by the modality that they encode; a modality without an encoder is left out.
        batch_size: how many values are encoded together.
        device: where encoders with a network compute.
        progress: show a progress bar.
        cache: the folder where vectors are kept. True: `cache_folder()`. False: none.
        workers: processes that read pictures and sounds. 0: this one reads. None: as many as pay.

    Returns:
        Features of the N items; one warning says how many parts were lost, if any, and one which encoders have mini
        weights and so know another catalogue only.

    Raises:
        TypeError, ValueError: no encoders, an unknown modality, an encoder under another modality's name, something
            that is no encoder, or one that returns vectors of the wrong shape.
        RuntimeError: a worker died.
    """
    check_encoders(encoders)
    _check_numbers(batch_size, workers)
    folder = cache_folder() if cache is True else None if cache is False else Path(cache)
    chosen = [modality for modality in MODALITIES if modality in encoders]
    features = Features(
        vectors={name: np.zeros((len(catalogue), encoders[name].dim), np.float32) for name in chosen},
        mask={name: np.zeros(len(catalogue), bool) for name in chosen},
        faults=[],
        ids=catalogue.ids,
    )
    n_parts = int(catalogue.mask[chosen].to_numpy().sum())
    with tqdm(total=n_parts, unit="part", disable=not progress) as bar:
        for modality in chosen:
            bar.set_description(f"{modality}: {encoders[modality].name}")
            options = {"batch_size": batch_size, "device": device, "workers": workers}
            _fill(features, catalogue.values(modality), encoders[modality], folder, bar, options)
    if features.faults:
        _warn_of(features.faults)
    _warn_of_strangers(catalogue, encoders)
    return features


def check_encoders(encoders: Mapping[str, Encoder]) -> None:
    """Raise a TypeError or ValueError unless this maps modalities to encoders of just these modalities."""
    if not encoders:
        raise ValueError(f"No encoders given; expected at least one of {', '.join(MODALITIES)}, by modality.")
    unknown = [name for name in encoders if name not in MODALITIES]
    if unknown:
        raise ValueError(f"Unknown modalities: {', '.join(map(repr, unknown))}; expected {', '.join(MODALITIES)}.")
    for modality, encoder in encoders.items():
        lacking = [name for name in ("modality", "name", "dim", "encode") if not hasattr(encoder, name)]
        if lacking:
            raise TypeError(
                f"The {modality} encoder is {encoder!r}, which has no {', '.join(lacking)}; "
                "see mmr_toolkit.features.Encoder for what an encoder needs."
            )
        if encoder.modality != modality:
            raise ValueError(f"{encoder.name} encodes {encoder.modality}, but was given as the {modality} encoder.")


def _check_numbers(batch_size: int, workers: int | None) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; expected at least 1.")
    if workers is not None and workers < 0:
        raise ValueError(f"workers is {workers}; expected 0 or more, or None for as many as pay.")


def _fill(
    features: Features,
    values: list[Any],
    encoder: Encoder,
    folder: Path | None,
    bar: "tqdm[Any]",
    options: dict[str, Any],
) -> None:
    """Fill the matrix and the mask of one modality, and add to the faults."""
    where, reasons = _by_content(values, encoder.modality)
    bar.update(len(reasons))
    parts = {key: values[positions[0]] for key, positions in where.items()}
    cache = VectorCache(folder, encoder) if folder is not None and isinstance(encoder, Identified) else None
    with closing(encode_parts(parts, encoder, cache, **options)) as shards:
        for shard in shards:
            for key, vector in zip(shard.keys, shard.vectors, strict=True):
                positions = where.pop(key, [])
                features.vectors[encoder.modality][positions] = vector
                features.mask[encoder.modality][positions] = True
                bar.update(len(positions))
            for key, reason in (shard.faults | shard.passing_faults).items():
                positions = where.pop(key, [])
                reasons |= dict.fromkeys(positions, reason)
                bar.update(len(positions))
    for position, reason in sorted(reasons.items()):
        features.faults.append(LostPart(features.ids[position], encoder.modality, reason))


def _by_content(values: list[Any], modality: str) -> tuple[dict[str, list[int]], dict[int, str]]:
    """The positions of each content by its key, and why some values have none; equal values share a key."""
    where: dict[str, list[int]] = {}
    reasons = {}
    for position, value in enumerate(values):
        if value is not None:
            try:
                where.setdefault(content_key(value, modality), []).append(position)
            except OSError as error:
                reasons[position] = why_unreachable(value, error)
    return where, reasons


def _warn_of(faults: list[LostPart]) -> None:
    lost, first = len(faults), faults[0]
    warnings.warn(
        f"{lost} part{'s' if lost > 1 else ''} could not be used and became a hole, first the {first.modality} of "
        f"{first.id}: {first.reason}. features.faults lists all.",
        stacklevel=3,
    )


def _warn_of_strangers(catalogue: Catalogue, encoders: Mapping[str, Encoder]) -> None:
    """A network gives a vector for everything, also for what it has never met, and nothing in the vector says so."""
    known = {encoder.name: getattr(encoder, "trained_on", None) for encoder in encoders.values()}
    strangers = [name for name, only in known.items() if only not in (None, catalogue.folder.resolve().name)]
    if strangers:
        warnings.warn(
            f"The mini weights of {' and '.join(strangers)} know only the catalogue {known[strangers[0]]}: of "
            f"{catalogue.folder.resolve().name} their vectors say little. {BETTER}",
            stacklevel=3,
        )
