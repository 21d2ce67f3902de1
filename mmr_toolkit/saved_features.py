"""The vectors of a catalogue's items on disk, before fusion."""

from collections.abc import Mapping
from pathlib import Path

from mmr_toolkit.features.encoder import Encoder
from mmr_toolkit.features.extract import Features, LostPart
from mmr_toolkit.saved_folder import MEND
from mmr_toolkit.sealed_file import read_sealed, write_sealed


def save_features(path: Path, features: Features) -> None:
    """Write vectors, masks and faults into one file."""
    tensors = {f"vectors/{name}": matrix for name, matrix in features.vectors.items()}
    tensors |= {f"mask/{name}": there for name, there in features.mask.items()}
    write_sealed(path, "features", {"ids": features.ids, "faults": [list(fault) for fault in features.faults]}, tensors)


def load_features(path: Path, encoders: Mapping[str, Encoder], n_items: int) -> Features:
    """The features in a file that `save_features` wrote.

    Args:
        path: of the file.
        encoders: modality → encoder, of just the modalities that it must hold.
        n_items: how many items it must hold.

    Raises:
        FileNotFoundError: no such file.
        KeyError, TypeError, ValueError: it is damaged, or holds others.
    """
    plain, tensors = read_sealed(path, "features")
    features = Features(
        {name: tensors.pop(f"vectors/{name}").numpy() for name in encoders},
        {name: tensors.pop(f"mask/{name}").numpy() for name in encoders},
        [LostPart(*map(str, fault)) for fault in plain["faults"]],
        plain["ids"],
    )
    for name, encoder in encoders.items():
        vectors, mask = features.vectors[name], features.mask[name]
        right = vectors.shape == (n_items, encoder.dim) and vectors.dtype == "float32"
        if not (right and mask.shape == (n_items,) and mask.dtype == "bool"):
            raise ValueError(f"{path}: its {name} vectors are no ({n_items}, {encoder.dim}) numbers. {MEND}")
    if tensors:
        raise ValueError(f"{path} holds vectors without an encoder: {', '.join(tensors)}. {MEND}")
    return features
