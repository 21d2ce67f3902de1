"""A folder with a network's weights and what else is needed to use them: model.safetensors and config.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from mmr_toolkit.features.weights.load_errors import WEIGHTS, PathLike
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

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
    # As copies: tensors that share their memory, or lie in it in another order, are refused by safetensors.
    laid_out = {
        name: torch.as_tensor(values).detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, values in tensors.items()
    }
    save_file(laid_out, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


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
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}. {OFFLINE_WAY}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} holds {type(config).__name__}, expected an object with settings. {OFFLINE_WAY}")
    return config
