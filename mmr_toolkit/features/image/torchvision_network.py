"""Classification networks of torchvision by name: with published, local or random weights, and without their heads."""

import difflib
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal

import torch
from torch import nn
from torchvision import models
from torchvision.models import get_model, get_model_weights

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.features.image.pictures import Transform
from mmr_toolkit.features.weights.folder import load_state
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

Weights = Literal["imagenet", "random"]
#: Where a network's numbers come from, besides a file of one's own.
WEIGHTS: dict[Weights, str] = {
    "imagenet": "trained on 1.3 million photographs of 1,000 kinds of things; downloaded when first used",
    "random": "not trained at all: as fast as trained ones, and good for nothing else",
}
#: The published weights of these expect colours from -1 to 1, and convert what the preset of all others gives if told.
INPUT_OPTIONS: dict[str, dict[str, Any]] = {
    name: {"transform_input": True, "init_weights": False} for name in ("googlenet", "inception_v3")
}


def classification_network(architecture: str, weights: Weights | PathLike) -> torch.nn.Module:
    """A network with its head.

    Args:
        architecture: what torchvision calls it: "resnet18", "mobilenet_v2", ...
        weights: a key of `WEIGHTS`, or the path of a .safetensors file with all weights, head included.

    Raises:
        ValueError: an unknown architecture or key; a pickle; a damaged file or weights of another network.
        FileNotFoundError: no such file.
        ConnectionError: published weights cannot be downloaded.
    """
    check_architecture(architecture)
    if weights == "imagenet":
        return _published(architecture)
    if weights != "random" and not Path(weights).suffix:
        raise ValueError(f"weights is {str(weights)!r}; expected {', '.join(WEIGHTS)} or a .safetensors file.")
    with torch.random.fork_rng(devices=[]):  # the program's own random numbers go on as if nothing had been drawn
        torch.default_generator.manual_seed(0)
        network = get_model(architecture, weights=None, **INPUT_OPTIONS.get(architecture, {}))
    if weights != "random":
        load_state(network, weights)
    return network


def _published(architecture: str) -> torch.nn.Module:
    """A network with torchvision's default weights, downloaded if need be.

    The file is a pickle. It is opened as plain tensors first, which fails if anything else is in it; only then
    torchvision reads the same file in its own way, which knows what older versions called their weights.
    """

    weights = get_model_weights(architecture).DEFAULT
    try:
        weights.get_state_dict(progress=False, check_hash=True, weights_only=True, map_location="cpu")
    except OSError as error:
        raise ConnectionError(
            f"The ImageNet weights of {architecture} are not on this machine, and they cannot be downloaded: {error}. "
            f"{OFFLINE_WAY}"
        ) from error
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise ValueError(
            f"The file of the ImageNet weights of {architecture} ({Path(weights.url).name}) is damaged or holds more "
            f"than tensors; remove it. {OFFLINE_WAY}"
        ) from error
    return get_model(architecture, weights=weights, progress=False)


def default_transform(architecture: str) -> Transform:
    """The preprocessing that belongs to torchvision's default ImageNet weights of an architecture."""
    check_architecture(architecture)
    return get_model_weights(architecture).DEFAULT.transforms()


def check_architecture(name: str) -> None:
    """Raise a ValueError unless torchvision has a classification network of this name."""
    known = models.list_models(module=models)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"There are: {', '.join(known)}."
        raise ValueError(f"torchvision has no classification network {name!r}. {hint} {OFFLINE_WAY}")


def without_head(network: torch.nn.Module) -> tuple[torch.nn.Module, int]:
    """Replace the last layer with weights, in place, by one that does nothing.

    It is a linear layer in all classification networks of torchvision but SqueezeNet, where it is a convolution of
    one pixel, before the mean over all places.

    Returns:
        The network, and the length of the vectors that it returns now.
    """
    layers = [pair for pair in network.named_modules() if isinstance(pair[1], nn.Linear | nn.Conv2d)]
    name, head = layers[-1]
    network.set_submodule(name, nn.Identity())
    return network, head.in_features if isinstance(head, nn.Linear) else head.in_channels
