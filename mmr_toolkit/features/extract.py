"""From a catalogue to one matrix of features per modality."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tqdm import tqdm

from mmr_toolkit.features.encoder import Device, Encoder, batches, without_unencodable
from mmr_toolkit.media import UnreadableMedia, read_audio, read_image
from mmr_toolkit.modalities import MODALITIES

if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue

#: How a raw value of the catalogue (a text, a path) becomes what encoders take.
READERS: dict[str, Callable[[Any], Any]] = {"text": str, "image": read_image, "audio": read_audio}


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

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dims(self) -> dict[str, int]:
        """Length of the vectors by modality."""
        return {modality: matrix.shape[1] for modality, matrix in self.vectors.items()}

    def __repr__(self) -> str:
        parts = ", ".join(f"{self.mask[name].sum()} {name} vectors of {dim}" for name, dim in self.dims.items())
        return f"Features({len(self)} items: {parts}; {len(self.faults)} parts lost)"


def extract(
    catalogue: "Catalogue",
    encoders: Mapping[str, Encoder],
    *,
    batch_size: int = 64,
    device: Device = "cpu",
    progress: bool = True,
    cache: bool = True,
) -> Features:
    """Encode every part of every item that there is an encoder for.

    A part that cannot be read or encoded (a damaged picture, a silent sound, a text without a known word) becomes a
    hole: its mask is False, and its reason stands in `faults`. At most `batch_size` decoded pictures or sounds are
    held in memory.

    Args:
        catalogue: the items.
        encoders: by the modality that they encode; a modality without an encoder is left out.
        batch_size: how many values are read and encoded together.
        device: where encoders with a network compute.
        progress: show a progress bar.

    Returns:
        Features of the N items; one warning says how many parts were lost, if any.

    Raises:
        TypeError, ValueError: no encoders, an unknown modality, an encoder under another modality's name, something
            that is no encoder, or one that returns vectors of the wrong shape.
    """
    check_encoders(encoders)
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; expected at least 1.")
    chosen = [modality for modality in MODALITIES if modality in encoders]
    features = Features(
        vectors={name: np.zeros((len(catalogue), encoders[name].dim), np.float32) for name in chosen},
        mask={name: np.zeros(len(catalogue), bool) for name in chosen},
        faults=[],
        ids=catalogue.ids,
    )
    values = {name: catalogue.values(name) for name in chosen}
    n_parts = sum(value is not None for column in values.values() for value in column)
    with tqdm(total=n_parts, unit="part", disable=not progress) as bar:
        for modality in chosen:
            bar.set_description(f"{modality}: {encoders[modality].name}")
            present = [(i, value) for i, value in enumerate(values[modality]) if value is not None]
            for batch in batches(present, batch_size):
                _fill(features, modality, batch, encoders[modality], device)
                bar.update(len(batch))
    if features.faults:
        lost, first = len(features.faults), features.faults[0]
        warnings.warn(
            f"{lost} part{'s' if lost > 1 else ''} could not be used and became a hole, first the {first.modality} of "
            f"{first.id}: {first.reason}. features.faults lists all.",
            stacklevel=2,
        )
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


def read_parts(
    values: list[tuple[int, Any]], modality: str, failed: Callable[[int, str], None]
) -> Iterator[tuple[int, Any]]:
    """Read the values of one modality one by one; those that cannot be read are reported and left out.

    Args:
        values: position and raw value (a text, a path).
        failed: called with position and reason.
    """
    for position, value in values:
        try:
            yield position, READERS[modality](value)
        except UnreadableMedia as error:
            failed(position, error.found)
        except FileNotFoundError:
            failed(position, f"there is no file {Path(value).name}")
        except (OSError, ValueError) as error:
            failed(position, str(error))


def _fill(features: Features, modality: str, batch: list[tuple[int, Any]], encoder: Encoder, device: Device) -> None:
    """Encode one batch of (position, raw value) into its rows."""

    def failed(position: int, reason: str) -> None:
        features.faults.append(LostPart(features.ids[position], modality, reason))

    readable = list(read_parts(batch, modality, failed))
    if not readable:
        return
    positions, values = np.array([position for position, _ in readable]), [value for _, value in readable]
    vectors, reasons = without_unencodable(encoder.encode, values, batch_size=len(batch), device=device)
    for i, reason in reasons.items():
        failed(int(positions[i]), reason)
    if vectors is None:
        return
    kept = np.delete(positions, list(reasons))
    rows = _checked(vectors, (len(kept), encoder.dim), encoder.name)
    finite = np.isfinite(rows).all(axis=1)
    for position in kept[~finite]:
        failed(int(position), f"{encoder.name} returned NaN or infinity")
    features.vectors[modality][kept[finite]] = rows[finite]
    features.mask[modality][kept[finite]] = True


def _checked(vectors: np.ndarray, shape: tuple[int, int], name: str) -> np.ndarray:
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.shape != shape:
        raise ValueError(f"{name}.encode returned shape {rows.shape} for {shape[0]} values, expected {shape} (n, dim).")
    return rows
