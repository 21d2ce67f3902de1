"""A folder with a network's weights and what else is needed to use them: model.safetensors and config.json."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmr_toolkit.features.weights.load_errors import WEIGHTS, PathLike
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

if TYPE_CHECKING:
    import torch

CONFIG = "config.json"


def save_weights(folder: PathLike, network: "torch.nn.Module", config: dict[str, Any]) -> None:
    """Write a network's weights, in 16 bits, and a config of plain JSON values; the folder is made if need be."""
    import torch
    from safetensors.torch import save_file

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: values.detach().cpu() for name, values in network.state_dict().items()}
    save_file({k: v.half() if v.dtype == torch.float32 else v for k, v in state.items()}, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def read_config(folder: PathLike) -> dict[str, Any]:
    """The config of a folder that `save_weights` wrote; `load_state` reads the weights.

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
