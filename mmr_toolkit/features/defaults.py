"""The first encoders of a catalogue: learned from the catalogue itself, or published ones."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.cache.read_ahead import read_part
from mmr_toolkit.features.encoder import Device, Encoder, NothingToLearn
from mmr_toolkit.features.image.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.features.weights.tier import choose_tier

#: The full tier's encoders, loaded by the door only when asked for; sounds have the same in both tiers.
PUBLISHED: dict[str, Callable[[], Encoder]] = {
    "text": lambda: features.BertEncoder.load(tier="full"),
    "image": lambda: features.ResNetEncoder.load(tier="full"),
}


def default_encoders(
    catalogue: Catalogue,
    *,
    modalities: Iterable[str] | None = None,
    seed: int = 0,
    device: Device = "cpu",
    tier: str | None = None,
) -> dict[str, Encoder]:
    """One encoder for each modality of the catalogue.

    In the mini tier they are made from its own texts, pictures and sounds in a few seconds: word vectors, colours and
    textures, MFCC. In the full tier texts and pictures go through a published BERT and ResNet-50.

    The word vectors are trained on the texts of all items, whatever their split: who owns a catalogue has all its
    texts, and words that stand only in the test items would otherwise be unknown. Queries and labels are never used.
    Pictures and sounds only need means and deviations; these come from the items whose column `split` says "train", or
    from all where there is no such column.

    Args:
        catalogue: the items; damaged files are passed over.
        modalities: which of the catalogue's modalities; None: all. To search by text alone, only texts need be read.
        seed: starts the training of the word vectors.
        device: where sounds are transformed.
        tier: "mini" or "full"; None: the environment variable MMR_TIER, else "mini".

    Returns:
        Encoders by modality. A modality without a single usable value has none; a warning says so.

    Raises:
        ValueError: a modality that the catalogue does not have, or an unknown tier.
        OSError: the full tier's weights cannot be had; the message says what to do.
    """
    full = choose_tier(tier) == "full"
    wanted = set(catalogue.modalities if modalities is None else modalities)
    if not wanted <= set(catalogue.modalities):
        lacking = ", ".join(sorted(wanted - set(catalogue.modalities)))
        raise ValueError(f"this catalogue has no {lacking}, only {', '.join(catalogue.modalities)}.")
    encoders: dict[str, Encoder] = {}
    for modality in (name for name in catalogue.modalities if name in wanted):
        try:
            if full and modality in PUBLISHED:
                encoders[modality] = PUBLISHED[modality]()
            else:
                encoders[modality] = _learned(catalogue, modality, seed, device)
        except NothingToLearn as error:
            warnings.warn(f"No {modality} encoder: {error} catalogue.doctor() says more.", stacklevel=2)
    return encoders


def _learned(catalogue: Catalogue, modality: Modality, seed: int, device: Device) -> Encoder:
    """The encoder of one modality that learns from the catalogue."""
    if modality == "text":
        return Word2VecEncoder.train(list(_values(catalogue, "text")), seed=seed)
    values = _values(_training_items(catalogue), modality)
    if modality == "image":
        return ColourTextureEncoder().fit(values, batch_size=1)  # it needs no batches, and photos are large
    return MfccEncoder().fit(values, device=device)


def _training_items(catalogue: Catalogue) -> Catalogue:
    if "split" not in catalogue.table:
        return catalogue
    chosen = (catalogue.table["split"] == "train").to_numpy()
    return catalogue.subset(chosen) if chosen.any() else catalogue


def _values(catalogue: Catalogue, modality: Modality) -> Iterator[Any]:
    """The decoded values that are there and can be read; `extract` will say which cannot, and why."""
    parts = (read_part(value, modality) for value in catalogue.values(modality) if value is not None)
    return (part.value for part in parts if not part.reason)
