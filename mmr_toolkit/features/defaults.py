"""The first encoders of a catalogue: learned from the catalogue itself, or published ones."""

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.cache.learned import kept_or_learned
from mmr_toolkit.features.cache.read_ahead import read_part
from mmr_toolkit.features.cache.shards import cache_folder, content_key
from mmr_toolkit.features.encoder import Device, Encoder, NothingToLearn
from mmr_toolkit.features.image.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.features.weights.tier import choose_tier

#: The full tier's encoders, loaded by the door only when asked for; sounds have the same in both tiers.
PUBLISHED: dict[str, Callable[[], Encoder]] = {
    "text": lambda: features.BertEncoder.load(tier="full"),
    "image": lambda: features.ResNetEncoder.load(tier="full"),
}

#: What learns from the catalogue itself: the class, its method that learns, and the libraries that compute.
LEARNED: dict[Modality, tuple[Any, Callable[..., Any], tuple[str, ...]]] = {
    "text": (Word2VecEncoder, Word2VecEncoder.train, ("gensim", "numpy", "rjieba")),
    "image": (ColourTextureEncoder, ColourTextureEncoder.fit, ("numpy", "pillow", "scikit-image", "scipy")),
    "audio": (MfccEncoder, MfccEncoder.fit, ("numpy", "soundfile", "torch", "torchaudio")),
}


def default_encoders(
    catalogue: Catalogue,
    *,
    modalities: Iterable[str] | None = None,
    seed: int = 0,
    device: Device = "cpu",
    tier: str | None = None,
    progress: bool = False,
    cache: PathLike | bool = True,
) -> dict[str, Encoder]:
    """One encoder for each modality of the catalogue.

    In the mini tier they are made from its own texts, pictures and sounds in a few seconds: word vectors, colours and
    textures, MFCC. In the full tier texts and pictures go through a published BERT and ResNet-50.

    The word vectors are trained on the texts of all items, whatever their split: who owns a catalogue has all its
    texts, and words that stand only in the test items would otherwise be unknown. Queries and labels are never used.
    Pictures and sounds only need means and deviations; these come from the items whose column `split` says "train", or
    from all where there is no such column.

    What was learned is kept on disk, and found again when the same is to be learned from the same values
    (`mmr_toolkit.features.cache.learned`).

    Args:
        catalogue: the items; damaged files are passed over.
        modalities: which of the catalogue's modalities; None: all. To search by text alone, only texts need be read.
        seed: starts the training of the word vectors.
        device: where sounds are transformed.
        tier: "mini" or "full"; None: the environment variable MMR_TIER, else "mini".
        progress: show a bar for each modality that is learned.
        cache: the folder where learned encoders are kept. True: `cache_folder()`. False: none.

    Returns:
        Encoders by modality. A modality without a single usable value has none; a warning says so.

    Raises:
        ValueError: a modality that the catalogue does not have, or an unknown tier.
        OSError: the full tier's weights cannot be had; the message says what to do.
    """
    full = choose_tier(tier) == "full"
    folder = cache_folder() if cache is True else None if cache is False else Path(cache)
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
                encoders[modality] = _learned(catalogue, modality, seed, device, folder, progress)
        except NothingToLearn as error:
            warnings.warn(f"No {modality} encoder: {error} catalogue.doctor() says more.", stacklevel=2)
    return encoders


def _learned(
    catalogue: Catalogue, modality: Modality, seed: int, device: Device, cache: Path | None, progress: bool
) -> Encoder:
    """The encoder of one modality that learns from the catalogue, or was learned from the same before."""
    chosen = catalogue if modality == "text" else _training_items(catalogue)
    values = [value for value in chosen.values(modality) if value is not None]
    kind, learned_by, libraries = LEARNED[modality]
    return kept_or_learned(
        kind,
        lambda: _learn(modality, values, seed, device, progress),
        parameters=_by_default(kind) | _by_default(learned_by) | {"seed": seed, "device": str(device)},
        values=_keys(values, modality),
        libraries=libraries,
        cache=cache,
    )


def _learn(modality: Modality, values: list[Any], seed: int, device: Device, progress: bool) -> Any:
    if modality == "text":
        return Word2VecEncoder.train(list(_read(values, "text")), seed=seed, progress=progress)
    with tqdm(values, desc=f"{modality}: learning", unit="part", disable=not progress) as bar:
        if modality == "image":
            return ColourTextureEncoder().fit(_read(bar, "image"), batch_size=1)  # photos are large
        return MfccEncoder().fit(_read(bar, "audio"), device=device)


def _by_default(function: Callable[..., Any]) -> dict[str, Any]:
    """The parameters of a function that have a default value, with it."""
    found = inspect.signature(function).parameters.values()
    return {parameter.name: parameter.default for parameter in found if parameter.default is not parameter.empty}


def _keys(values: list[Any], modality: Modality) -> Iterator[str]:
    """The content keys of values, of a file that cannot be opened an empty one."""
    for value in values:
        try:
            yield content_key(value, modality)
        except OSError:
            yield ""


def _training_items(catalogue: Catalogue) -> Catalogue:
    if "split" not in catalogue.table:
        return catalogue
    chosen = (catalogue.table["split"] == "train").to_numpy()
    return catalogue.subset(chosen) if chosen.any() else catalogue


def _read(values: Iterable[Any], modality: Modality) -> Iterator[Any]:
    """The decoded values that can be read; `extract` will say which cannot, and why."""
    parts = (read_part(value, modality) for value in values)
    return (part.value for part in parts if not part.reason)
