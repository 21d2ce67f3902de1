"""The state of a training on disk: safetensors with the numbers as JSON in its header; never pickle."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from mmr_toolkit.fusion import Fusion
from mmr_toolkit.pairs import Pairs
from mmr_toolkit.recipe import Recipe
from mmr_toolkit.whole_file import write_whole

GROUPS = ("fusion", "best", "optimiser", "other")


def write_checkpoint(path: str | Path, state: Mapping[str, Any], key: str) -> None:
    """Write the state; a run that is killed meanwhile leaves the file as it was before.

    Args:
        path: of the file.
        state: "numbers" (for JSON), and for each of `GROUPS` tensors by name.
        key: of the training that it belongs to, from `training_key`.
    """
    from safetensors.torch import save

    tensors = {f"{group}/{name}": value.contiguous() for group in GROUPS for name, value in state[group].items()}
    header = {"numbers": json.dumps(state["numbers"]), "training": key}
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, save({name: value.clone().cpu() for name, value in tensors.items()}, metadata=header))


def read_checkpoint(path: str | Path, key: str) -> dict[str, Any]:
    """Read a state that `write_checkpoint` wrote.

    Raises:
        ValueError: the file is damaged, or belongs to another training: its key is not this one.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        numbers = json.loads(header["numbers"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is no checkpoint or is damaged ({error}): remove it to begin anew.") from error
    if header.get("training") != key:
        raise ValueError(
            f"{path} belongs to a training with another fusion, other pairs or another recipe: remove it to begin anew."
        )
    state: dict[str, Any] = {group: {} for group in GROUPS}
    for name, value in tensors.items():
        group, rest = name.split("/", 1)
        state[group][rest] = value
    return {"numbers": numbers, **state}


def training_key(fusion: Fusion, pairs: Pairs, recipe: Recipe) -> str:
    """A fingerprint of what a training is begun with: how the fusion is built, the pairs and the recipe.

    What is learned does not count: the fusion may be new, or be the one that was interrupted.
    """
    built = {name: value for name, value in vars(fusion).items() if not name.startswith("_") and name != "training"}
    digest = hashlib.sha256(f"{fusion} {built} {json.dumps(asdict(recipe), sort_keys=True)}".encode())
    for name, fixed in fusion.named_buffers():
        digest.update(f"{name} {fixed.tolist()} ".encode())
    for name in pairs.modalities:
        for matrix in (pairs.queries[name], pairs.items[name]):
            digest.update(f"{name} {tuple(matrix.shape)} ".encode())
            digest.update(matrix.contiguous().to(torch.float32).numpy().tobytes())
    for name, numbers in {"own": pairs.item_of, **(pairs.codes or {})}.items():
        digest.update(f"{name} {tuple(numbers.shape)} ".encode())
        digest.update(numbers.numpy().tobytes())
    return digest.hexdigest()
