"""Encoders on disk: what they were set to and have learned, as plain values and tensors, and back.

What is rebuilt is the same encoder: its `fingerprint`, over every setting and every number, is compared with the one
in the file. The file names an entry of a table here, never a class to import.
"""

from pathlib import Path
from typing import Any

from mmr_toolkit.features.bert import BertEncoder
from mmr_toolkit.features.cnn import CnnEncoder
from mmr_toolkit.features.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.encoder import Encoder
from mmr_toolkit.features.fingerprint import fingerprint
from mmr_toolkit.features.mel import MelSpectrogramEncoder
from mmr_toolkit.features.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.mfcc import MfccEncoder
from mmr_toolkit.features.resnet import ResNetEncoder
from mmr_toolkit.features.word2vec import Word2VecEncoder
from mmr_toolkit.sealed_file import read_sealed, write_sealed

#: The encoders that can be saved. Each has `to_plain()` and `from_plain(plain, tensors)`.
SAVED_ENCODERS: dict[str, Any] = {
    "word2vec": Word2VecEncoder,
    "bert": BertEncoder,
    "colour-texture": ColourTextureEncoder,
    "cnn": CnnEncoder,
    "resnet": ResNetEncoder,  # all networks of torchvision
    "mfcc": MfccEncoder,
    "mel": MelSpectrogramEncoder,
    "mel-cnn": MelCnnEncoder,
}
WHAT = "encoder"


def can_be_saved(encoder: Encoder) -> bool:
    """Whether this is one of the table; a class that is derived from one of them may do anything, and is not."""
    return type(encoder) in SAVED_ENCODERS.values()


def way_out(modality: str, name: str) -> str:
    """What to do with an encoder that no file holds."""
    return (
        f"The encoders that are saved are {', '.join(SAVED_ENCODERS)}; any other is given when the retriever is "
        f'loaded: load(folder, encoders={{"{modality}": mine}}), with the {name} that made the features.'
    )


def save_encoder(encoder: Encoder, path: Path) -> None:
    """Write an encoder into one file, and read it back to be sure that it can be built anew.

    Args:
        encoder: one of those in `SAVED_ENCODERS`; on whatever device its network is, it is read back on the CPU.
        path: of a .safetensors file.

    Raises:
        ValueError: an encoder that is not in the table, or a network of your own under a known name.
        OSError: the file cannot be written.
    """
    if not can_be_saved(encoder):
        kind = type(encoder).__name__
        raise ValueError(f"a {kind} ({encoder.name}) cannot be saved. {way_out(encoder.modality, encoder.name)}")
    kind = next(kind for kind, known in SAVED_ENCODERS.items() if type(encoder) is known)
    named: Any = encoder
    plain = {
        "encoder": kind,
        "revision": named.revision,
        "fingerprint": fingerprint(named),
        "settings": named.to_plain(),
    }
    write_sealed(path, WHAT, plain, named.tensors())
    try:
        load_encoder(path)
    except ValueError as error:
        path.unlink(missing_ok=True)
        raise ValueError(
            f"this {encoder.name} cannot be saved, for it is not what its name and settings say ({error}). "
            f"{way_out(encoder.modality, encoder.name)}"
        ) from error


def load_encoder(path: Path) -> Encoder:
    """The encoder in a file that `save_encoder` wrote, on the CPU; the history of a training is not kept.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is damaged, holds an encoder that is not in the table, or one that gives other vectors in this
            version of the toolkit or of the libraries below it.
    """
    plain, tensors = read_sealed(path, WHAT)
    try:
        kind, expected = plain["encoder"], plain["fingerprint"]
        if kind not in SAVED_ENCODERS:
            raise ValueError(f"it holds the encoder {kind!r}; known are {', '.join(SAVED_ENCODERS)}")
        if plain["revision"] != SAVED_ENCODERS[kind].revision:
            raise ValueError(
                f"it holds revision {plain['revision']} of {kind}, and this toolkit has revision "
                f"{SAVED_ENCODERS[kind].revision}, which gives other vectors: make it anew"
            )
        encoder: Encoder = SAVED_ENCODERS[kind].from_plain(plain["settings"], tensors)
        found = fingerprint(encoder)  # type: ignore[arg-type]
    except Exception as error:  # the libraries below fail in as many ways as there are settings
        raise ValueError(f"{path}: no encoder can be built from this file: {error}.") from error
    if found != expected:
        raise ValueError(
            f"{path}: the encoder that is built from this file differs from the one that was saved. Another version of "
            "torch, torchvision or transformers can be the reason; then make it anew."
        )
    return encoder
