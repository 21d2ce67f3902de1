"""What a saved retriever consists of: catalogue, encoders, features and fusion, each written and read as data.

**The catalogue** is plain JSON values:

    columns    the table, column by column: name, dtype and cells; null is a hole
    sizes      for pictures and sounds, the bytes of each item's file; null where there is none

Its fingerprint counts only the table and the sizes of the files, so that it takes milliseconds. A picture that was
overwritten by another one of exactly the same size has the same fingerprint; that is likely for sounds without
compression (WAV), whose size tells only how long they are.

**An encoder** is a folder of its own, as its `save` writes it. What is rebuilt is the same encoder: its `fingerprint`,
over every setting and every number, is compared with the one in the manifest.

**Features and fusion** are one sealed file each, <name>.safetensors:

    header    what it holds, the plain values, the toolkit that wrote it, and a SHA-256
    body      tensors by name

The checksum is of the values and of every number: it finds damage. It is no signature, and says nothing about who
wrote the file. Nothing here has code in it: encoders and fusions are named by an entry of a table in this file, never
by a class to import.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.doctor import check_table, plain_path
from mmr_toolkit.common.files import write_whole
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.common.quoting import cut, quoted
from mmr_toolkit.features.cache.fingerprint import Identified, checksum, fingerprint
from mmr_toolkit.features.encoder import Encoder
from mmr_toolkit.features.extraction import Features, LostPart
from mmr_toolkit.features.weights.folder import laid_out
from mmr_toolkit.features.weights.network import rebuilt
from mmr_toolkit.fusion import AttentionFusion, ConcatFusion, Fusion, ResidualFusion, WeightedFusion
from mmr_toolkit.retrieval.saved.folder import MEND

#: Columns of these dtypes hold texts, numbers and truth values only, which JSON has too.
DTYPES = (
    *("str", "string", "object", "bool", "boolean", "float32", "float64", "Float32", "Float64"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
)
MEDIA = ("image", "audio")
MAX_WHOLE = 2**64  # of a cell: what a column of whole numbers can hold
#: What the check of a table may find in one that was checked before it was saved: holes, and files that have gone.
HOLES = ("missing_file", "empty_text", "nothing_left")


def catalogue_to_plain(catalogue: Catalogue) -> dict[str, Any]:
    """The table and the sizes of the files; see the text at the top. Faults that the doctor has found are not in it.

    Raises:
        ValueError: a column that holds something else than texts, numbers and truth values.
    """
    columns = [_column(catalogue.table[name]) for name in catalogue.table]
    sizes = {part: [size for size, _ in file_stats(catalogue, part)] for part in MEDIA}
    return {"columns": columns, "sizes": sizes}


def catalogue_fingerprint(plain: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of what `catalogue_to_plain` gives; the text at the top says what it cannot notice."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def catalogue_from_plain(plain: Mapping[str, Any], folder: Path) -> Catalogue:
    """The reverse of `catalogue_to_plain`.

    Args:
        plain: perhaps from a stranger: every path is checked as if the table had just been read.
        folder: where pictures and sounds are. Files that are not there are no error: the paths stay.

    Raises:
        KeyError, TypeError, ValueError: it is not of the right form, a path leads out of the folder, or the table is
            none that a catalogue has, for example with an id that comes twice.
    """
    if any(isinstance(c, int) and abs(c) > MAX_WHOLE for column in plain["columns"] for c in column["cells"]):
        raise ValueError(f"a cell holds a whole number of more than {MAX_WHOLE}")
    columns = {column["name"]: pd.Series(column["cells"], dtype=_known(column["dtype"])) for column in plain["columns"]}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or not {"id", *MODALITIES} <= columns.keys():
        raise ValueError(f"it has columns of {sorted(lengths)} cells, and the names {', '.join(map(str, columns))}")
    table = pd.DataFrame(columns)
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    for part in ("id", *MODALITIES):
        if table[part].dtype != "str":
            raise ValueError(f"its column {part} is no text")
    for fault in check_table(table, folder, "table")[1]:
        if fault.fault not in HOLES:
            raise ValueError(f"row {fault.row} of its table: {fault.column} {quoted(fault.file)}: {cut(fault.detail)}")
    for part in MEDIA:  # what was checked must be what is opened later
        for row, cell in table[part].dropna().items():
            if cell != plain_path(cell):
                raise ValueError(f"row {row} of its table: {part} {quoted(cell)} is not as a saved table writes a path")
    return Catalogue(table, folder)


def changed_files(plain: Mapping[str, Any], catalogue: Catalogue) -> tuple[list[str], int]:
    """The files of a catalogue that are missing or have another size than in `plain`, and how many files there are."""
    changed, total = [], 0
    for part in MEDIA:
        now = file_stats(catalogue, part)
        for cell, then, (size, _) in zip(catalogue.table[part], plain["sizes"][part], now, strict=True):
            if not pd.isna(cell):
                total += 1
                changed += [cell] if size is None or size != then else []
    return changed, total


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What is different between two catalogues, both as `catalogue_to_plain` gives them, in words."""
    then, now = _by_id(old), _by_id(new)
    changed = sum(then[id] != now[id] for id in then.keys() & now.keys())
    counts = {"added": len(now.keys() - then.keys()), "removed": len(then.keys() - now.keys()), "changed": changed}
    if not any(counts.values()):
        return "the items or the columns stand in another order"
    return "of its items, " + ", ".join(f"{count} were {what}" for what, count in counts.items())


def file_stats(catalogue: Catalogue, part: str) -> list[tuple[int | None, int | None]]:
    """Size in bytes and time of the last change in nanoseconds of each item's file; None, None where there is none."""
    folder = str(catalogue.folder)
    return [(None, None) if pd.isna(cell) else _stat(os.path.join(folder, cell)) for cell in catalogue.table[part]]  # noqa: PTH118 - many


def _stat(path: str) -> tuple[int | None, int | None]:
    try:
        found = os.stat(path)  # noqa: PTH116 - making a Path takes as long again
    except (OSError, ValueError):  # gone, or a name that no file can have
        return None, None
    return found.st_size, found.st_mtime_ns


def _known(dtype: str) -> str:
    if dtype not in DTYPES:
        raise ValueError(f"a column has the dtype {dtype!r}")
    return dtype


def _column(column: pd.Series) -> dict[str, Any]:
    name, dtype = column.name, str(column.dtype)
    cells = column.astype(object).where(column.notna(), None).tolist()
    if (
        dtype not in DTYPES
        or not isinstance(name, str)
        or not all(isinstance(c, str | int | float | None) for c in cells)
    ):
        raise ValueError(
            f"the column {name!r} of the catalogue ({dtype}) holds more than texts, numbers and truth values, which is "
            f"all that is saved: write it as text, catalogue.table[{name!r}] = catalogue.table[{name!r}].astype('str')."
        )
    return {"name": name, "dtype": dtype, "cells": cells}


def _by_id(plain: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    cells = {column["name"]: column["cells"] for column in plain["columns"]}
    cells |= {f"size of {part}": sizes for part, sizes in plain["sizes"].items()}
    rows = zip(*cells.values(), strict=True)
    return {id: dict(zip(cells, row, strict=True)) for id, row in zip(cells["id"], rows, strict=True)}


#: What goes wrong while something is built from a file that is damaged or that someone made up.
#: Code that builds turns these into one ValueError.
UNFIT = (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, ArithmeticError)


def write_sealed(
    path: Path, what: str, plain: Mapping[str, Any], tensors: Mapping[str, np.ndarray | torch.Tensor]
) -> None:
    """Write a file; a process that is killed meanwhile leaves the old one or none.

    Args:
        path: of the file.
        what: it holds, for example "fusion"; `read_sealed` is told the same.
        plain: values for JSON.
        tensors: by name; NumPy arrays and torch tensors, also of 16 bits.

    Raises:
        TypeError: plain values that JSON does not have.
        OSError: the file cannot be written.
    """
    copies = laid_out(tensors)
    head = {"what": what, "plain": plain}
    header = {
        "mmr_toolkit": installed_version("mmr-toolkit"),
        "head": json.dumps(head, ensure_ascii=False),
        "checksum": checksum(head, copies),
    }
    write_whole(path, save(copies, metadata=header))


def read_sealed(path: Path, what: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The plain values and the tensors of a file that `write_sealed` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is damaged, or holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file.")
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata()
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
        head = json.loads(header["head"])
        whole = checksum(head, tensors) == header["checksum"]
        plain = head["plain"]
    except (SafetensorError, *UNFIT) as error:
        raise ValueError(f"{path} is damaged, or is no file of this toolkit: {error!r}.") from error
    if not whole:
        raise ValueError(f"{path} is damaged: its checksum is another.")
    if head["what"] != what:
        raise ValueError(f"{path} holds {head['what']!r}; expected {what!r}.")
    return plain, tensors


#: The encoders that can be saved, by their names at the door of `features`, which loads only the one that is asked for.
#: Each has `save(folder)` and `load(folder)`.
SAVED_ENCODERS = {
    "word2vec": "Word2VecEncoder",
    "bert": "BertEncoder",
    "colour-texture": "ColourTextureEncoder",
    "cnn": "CnnEncoder",
    "resnet": "ResNetEncoder",  # all networks of torchvision
    "mfcc": "MfccEncoder",
    "mel": "MelSpectrogramEncoder",
    "mel-cnn": "MelCnnEncoder",
}


def kind_of(encoder: Encoder) -> str | None:
    """The entry of the table; None for a class that is derived from one of them, which may do anything."""
    kind = next((kind for kind, name in SAVED_ENCODERS.items() if name == type(encoder).__name__), None)
    return kind if kind is not None and type(encoder) is getattr(features, SAVED_ENCODERS[kind]) else None


def fingerprint_of(encoder: Encoder) -> str | None:
    """Its fingerprint, if it has one."""
    return fingerprint(encoder) if isinstance(encoder, Identified) else None


def way_out(modality: str, name: str) -> str:
    """What to do with an encoder that no folder holds."""
    return (
        f"The encoders that are saved are {', '.join(SAVED_ENCODERS)}; any other is given when the retriever is "
        f'loaded: load(folder, encoders={{"{modality}": mine}}), with the {name} that made the features.'
    )


def save_encoder(encoder: Any, folder: Path) -> None:
    """Write one of the encoders in the table, and read it back to be sure that it can be built anew.

    Raises:
        ValueError: a network of your own under a known name.
        OSError: the folder cannot be written.
    """
    try:
        encoder.save(folder)
        if fingerprint_of(load_encoder(folder, kind_of(encoder))) != fingerprint(encoder):
            raise ValueError("what is loaded differs from it")
    except ValueError as error:
        raise ValueError(
            f"this {encoder.name} cannot be saved, for it is not what its name and settings say ({error}). "
            f"{way_out(encoder.modality, encoder.name)}"
        ) from error


def load_encoder(folder: Path, kind: str | None) -> Encoder:
    """The encoder of this kind in a folder that `save_encoder` wrote, on the CPU; the history of a training is lost.

    Raises:
        ValueError: it is damaged, or of a kind that is not in the table.
    """
    try:
        if kind not in SAVED_ENCODERS:
            raise ValueError(f"it holds the encoder {kind!r}; known are {', '.join(SAVED_ENCODERS)}")
        return getattr(features, SAVED_ENCODERS[kind]).load(folder)
    except Exception as error:  # the libraries below fail in as many ways as there are settings
        raise ValueError(f"{folder}: no encoder can be built from this folder: {error}.") from error


def save_features(path: Path, features: Features) -> None:
    """Write vectors, masks and faults into one file."""
    tensors = {f"vectors/{name}": matrix for name, matrix in features.vectors.items()}
    tensors |= {f"mask/{name}": there for name, there in features.mask.items()}
    write_sealed(path, "features", {"ids": features.ids, "faults": [list(fault) for fault in features.faults]}, tensors)


def load_features(path: Path, encoders: Mapping[str, Encoder], ids: list[str]) -> Features:
    """The features in a file that `save_features` wrote.

    Args:
        path: of the file.
        encoders: modality → encoder, of just the modalities that it must hold.
        ids: of the items that it must hold.

    Raises:
        FileNotFoundError: no such file.
        KeyError, TypeError, ValueError: it is damaged, or holds others.
    """
    plain, tensors = read_sealed(path, "features")
    n_items = len(ids)
    vectors: dict[str, np.ndarray] = {}
    mask: dict[str, np.ndarray] = {}
    for name, encoder in encoders.items():
        vectors[name], mask[name] = tensors.pop(f"vectors/{name}").numpy(), tensors.pop(f"mask/{name}").numpy()
        right = vectors[name].shape == (n_items, encoder.dim) and vectors[name].dtype == "float32"
        if not (right and mask[name].shape == (n_items,) and mask[name].dtype == "bool"):
            raise ValueError(f"{path}: its {name} vectors are no ({n_items}, {encoder.dim}) numbers. {MEND}")
    if tensors:
        raise ValueError(f"{path} holds vectors without an encoder: {', '.join(tensors)}. {MEND}")
    if plain["ids"] != ids:
        raise ValueError(
            f"{path}: its vectors belong to {len(plain['ids'])} other items than those of the catalogue. {MEND}"
        )
    return Features(vectors, mask, [LostPart(*map(str, fault)) for fault in plain["faults"]], ids)


#: The fusions that can be saved; `type(fusion)(**fusion.settings)` builds each of them anew.
SAVED_FUSIONS: dict[str, type[Fusion]] = {
    "concat": ConcatFusion,
    "weighted": WeightedFusion,
    "attention": AttentionFusion,
    "residual": ResidualFusion,
}
SAVED_FUSION_WHAT = "fusion"
PLENTY = 65_536  # dimensions that cost nothing to draw


def save_fusion(fusion: Fusion, path: str | Path) -> None:
    """Write a fusion into one .safetensors file; a process that is killed meanwhile leaves the old one or none.

    Args:
        fusion: one of those in `SAVED_FUSIONS`, trained or not, on any device.
        path: of the file.

    Raises:
        ValueError: a fusion that is not in the table.
        OSError: the file cannot be written.
    """
    kinds = {known: kind for kind, known in SAVED_FUSIONS.items()}
    if type(fusion) not in kinds:  # a class that is derived from one of them may do anything
        raise ValueError(
            f"a {type(fusion).__name__} cannot be saved; expected one of {', '.join(SAVED_FUSIONS)}. Save its "
            "state_dict() with safetensors.torch.save_file, and build it with your own code."
        )
    plain = {"fusion": kinds[type(fusion)], "settings": fusion.settings}
    write_sealed(Path(path), SAVED_FUSION_WHAT, plain, fusion.state_dict())


def load_fusion(path: str | Path) -> Fusion:
    """The fusion in a file that `save_fusion` wrote, on the CPU and in evaluation mode.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is damaged, of something else, or its numbers do not fit its settings.
    """
    plain, tensors = read_sealed(Path(path), SAVED_FUSION_WHAT)
    try:
        kind = plain["fusion"]
        if kind not in SAVED_FUSIONS:
            raise ValueError(f"it holds the fusion {kind!r}; known are {', '.join(SAVED_FUSIONS)}")
        if unusable := [name for name, numbers in tensors.items() if not numbers.isfinite().all()]:
            raise ValueError(f"{', '.join(unusable)}: nan or infinity among what was learned")
        _check_size(plain["settings"], tensors)
        return rebuilt(lambda: SAVED_FUSIONS[kind](**plain["settings"]), tensors)
    except UNFIT as error:
        raise ValueError(f"{path}: no fusion can be built from this file: {error}.") from error


def _check_size(settings: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    """Raise a ValueError if the common space is larger than anything in the file: a little of it is drawn first."""
    held = max([PLENTY, *(numbers.numel() for numbers in tensors.values())])
    if isinstance(dim := settings.get("dim"), int) and dim > held:
        raise ValueError(f"its settings say {dim:,} dimensions, and no tensor of it has so many numbers")
