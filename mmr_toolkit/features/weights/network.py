"""Running a network to get vectors: no gradients, and on request in half precision. Building one from its numbers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeVar, get_args

import torch

from mmr_toolkit.features.encoder import Device

Network = TypeVar("Network", bound=torch.nn.Module)

#: What matrix products and convolutions are computed in; weights and results stay float32. The 16-bit types are made
#: for GPUs: bfloat16 has the range of float32 with 3 digits, float16 a small range with 4.
Precision = Literal["float32", "bfloat16", "float16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


def check_precision(precision: str) -> None:
    """Raise a ValueError unless this is one of `PRECISIONS`."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(PRECISIONS)}.")


@contextmanager
def inference(network: torch.nn.Module, device: Device, precision: Precision = "float32") -> Iterator[None]:
    """Inside, the network is on the device, in evaluation mode, and computes without gradients in this precision."""
    network.to(device).eval()
    half = precision != "float32"
    with torch.inference_mode(), torch.autocast(torch.device(device).type, getattr(torch, precision), enabled=half):
        yield


def rebuilt(build: Callable[[], Network], tensors: Mapping[str, torch.Tensor]) -> Network:
    """The network that `build` makes, with these numbers instead of random ones.

    It is built without numbers first, so that nothing is drawn and no memory is taken for weights of other shapes.

    Raises:
        ValueError: a tensor is missing, too many or of another shape.
    """
    with torch.device("meta"):
        network = build()
    try:
        network.load_state_dict(dict(tensors), assign=True)
    except RuntimeError as error:
        raise ValueError(f"these are no weights of a {type(network).__name__}: {error}") from error
    return network.eval()
