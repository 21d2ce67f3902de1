"""A folder with a network's weights and what else is needed to use them: model.safetensors and config.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

#: Formats that can run code when they are opened.
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
CONVERT = (
    "Such files are pickles, which run any code in them when they are opened. Convert them where you trust them: "
    "load the weights with the program that wrote them and save them with safetensors.torch.save_file."
)

WEIGHTS = "model.safetensors"
DAMAGED = "the weights are damaged, cut off or no safetensors; fetch them anew"

CONFIG = "config.json"


def save_weights(folder: PathLike, network: "torch.nn.Module", config: dict[str, Any]) -> None:
    """Write a network's weights, in 16 bits, and a config of plain JSON values; the folder is made if need be."""
    state = network.state_dict()
    write_folder(folder, {k: v.half() if v.dtype == torch.float32 else v for k, v in state.items()}, config)


def write_folder(
    folder: PathLike, tensors: "Mapping[str, np.ndarray | torch.Tensor]", config: Mapping[str, Any]
) -> None:
    """As `save_weights`, of whatever an encoder has learned, with every number as it is."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(laid_out(tensors), folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def laid_out(tensors: "Mapping[str, np.ndarray | torch.Tensor]") -> dict[str, torch.Tensor]:
    """As copies: tensors that share their memory, or lie in it in another order, are refused by safetensors."""
    return {
        name: torch.as_tensor(values).detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, values in tensors.items()
    }


def read_config(folder: PathLike) -> dict[str, Any]:
    """The config of such a folder; `load_state` and `read_tensors` read the weights.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no JSON object.
    """
    path = Path(folder) / CONFIG
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file, so {folder} holds no weights. {OFFLINE_WAY}")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}. {OFFLINE_WAY}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} holds {type(config).__name__}, expected an object with settings. {OFFLINE_WAY}")
    return config


def load_state(network: torch.nn.Module, path: PathLike) -> None:
    """Put weights from a safetensors file into a network, all of them and no others; 16-bit weights become float32.

    The network may be on torch's "meta" device: built without numbers, so that none are drawn.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a pickle, a damaged file, or weights of another network: names and shapes must fit exactly.
    """
    held, expected = read_tensors(path), network.state_dict()
    missing = sorted(expected.keys() - held.keys())
    shapes = [
        f"{name}: {list(held[name].shape)}, expected {list(expected[name].shape)}"
        for name in sorted(expected.keys() & held.keys())
        if held[name].shape != expected[name].shape
    ]
    check_complete(path, missing, shapes, type(network).__name__)
    if surplus := sorted(held.keys() - expected.keys()):
        raise ValueError(
            f"{path} holds weights that a {type(network).__name__} does not have: {listed(surplus)}. It belongs to "
            f"another network. {OFFLINE_WAY}"
        )
    wide = {k: v.to(expected[k].dtype) if v.itemsize < expected[k].itemsize else v for k, v in held.items()}
    network.load_state_dict(wide, assign=True)


def read_tensors(path: PathLike) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file by name; errors as `load_state`."""
    path = Path(path)
    if path.suffix in PICKLES:
        raise ValueError(f"{path} is not read. {CONVERT} {OFFLINE_WAY}")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file of weights. {OFFLINE_WAY}")
    try:  # as copies: the file may be replaced while they are in use
        return {name: tensor.clone() for name, tensor in load_file(path).items()}
    except SafetensorError as error:
        raise ValueError(f"{path}: {DAMAGED} ({error}). {OFFLINE_WAY}") from error


def check_complete(source: PathLike, missing: list[str], shapes: list[str], network: str) -> None:
    """Raise a ValueError if weights are missing or have other shapes: those would have been random numbers."""
    faults = [f"Missing: {listed(missing)}."] if missing else []
    faults += [f"Of another shape: {listed(shapes)}."] if shapes else []
    if faults:
        raise ValueError(f"{source} does not hold the weights of this {network}. {' '.join(faults)} {OFFLINE_WAY}")


def listed(names: list[str]) -> str:
    """The first three names, and how many more."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
