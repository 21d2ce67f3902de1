"""The first encoders of a catalogue, learned from the catalogue itself."""

import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mmr_toolkit.features.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.encoder import Device, Encoder, NothingToLearn
from mmr_toolkit.features.extract import read_parts
from mmr_toolkit.features.mfcc import MfccEncoder
from mmr_toolkit.features.word2vec import Word2VecEncoder
from mmr_toolkit.modalities import Modality

if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue


def default_encoders(
    catalogue: "Catalogue", *, modalities: Iterable[str] | None = None, seed: int = 0, device: Device = "cpu"
) -> dict[str, Encoder]:
    """One encoder for each modality of the catalogue, made from its own texts, pictures and sounds in a few seconds.

    The word vectors are trained on the texts of all items, whatever their split: who owns a catalogue has all its
    texts, and words that stand only in the test items would otherwise be unknown. Queries and labels are never used.
    Pictures and sounds only need means and deviations; these come from the items whose column `split` says "train", or
    from all where there is no such column.

    Args:
        catalogue: the items; damaged files are passed over.
        modalities: which of the catalogue's modalities; None: all. To search by text alone, only texts need be read.
        seed: starts the training of the word vectors.
        device: where sounds are transformed.

    Returns:
        Encoders by modality. A modality without a single usable value has none; a warning says so.

    Raises:
        ValueError: a modality that the catalogue does not have.
    """
    wanted = set(catalogue.modalities if modalities is None else modalities)
    if not wanted <= set(catalogue.modalities):
        lacking = ", ".join(sorted(wanted - set(catalogue.modalities)))
        raise ValueError(f"this catalogue has no {lacking}, only {', '.join(catalogue.modalities)}.")
    encoders: dict[str, Encoder] = {}
    for modality in (name for name in catalogue.modalities if name in wanted):
        try:
            if modality == "text":
                encoders[modality] = Word2VecEncoder.train(list(_values(catalogue, "text")), seed=seed)
            elif modality == "image":
                encoders[modality] = ColourTextureEncoder().fit(_values(_training_items(catalogue), "image"))
            else:
                encoders[modality] = MfccEncoder().fit(_values(_training_items(catalogue), "audio"), device=device)
        except NothingToLearn as error:
            warnings.warn(f"No {modality} encoder: {error} catalogue.doctor() says more.", stacklevel=2)
    return encoders


def _training_items(catalogue: "Catalogue") -> "Catalogue":
    if "split" not in catalogue.table:
        return catalogue
    chosen = (catalogue.table["split"] == "train").to_numpy()
    return catalogue.subset(chosen) if chosen.any() else catalogue


def _values(catalogue: "Catalogue", modality: Modality) -> Iterator[Any]:
    """The decoded values that are there and can be read; `extract` will say which cannot, and why."""
    present = [(i, value) for i, value in enumerate(catalogue.values(modality)) if value is not None]
    for _, value in read_parts(present, modality, failed=lambda position, reason: None):
        yield value
