"""One file with tensors and plain JSON values, sealed with its own checksum: read as it was written, or not at all.

    <name>.safetensors    header: what it holds, the plain values, the toolkit that wrote it, and a SHA-256
                          body: tensors by name

safetensors has no code in it, whoever wrote the file. The checksum is of the values and of every number: it finds
damage. It is no signature, and says nothing about who wrote the file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmr_toolkit import __version__
from mmr_toolkit.features.fingerprint import checksum
from mmr_toolkit.whole_file import write_whole

if TYPE_CHECKING:
    import torch

#: What goes wrong while something is built from a file that is damaged or that someone made up.
#: Code that builds turns these into one ValueError.
UNFIT = (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, ArithmeticError)


def write_sealed(
    path: Path, what: str, plain: Mapping[str, Any], tensors: "Mapping[str, np.ndarray | torch.Tensor]"
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
    import torch
    from safetensors.torch import save

    # As copies: tensors that share their memory, or lie in it in another order, are refused by safetensors.
    laid_out = {
        name: torch.as_tensor(value).detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in tensors.items()
    }
    head = {"what": what, "plain": plain}
    header = {
        "mmr_toolkit": __version__,
        "head": json.dumps(head, ensure_ascii=False),
        "checksum": checksum(head, laid_out),
    }
    write_whole(path, save(laid_out, metadata=header))


def read_sealed(path: Path, what: str) -> "tuple[dict[str, Any], dict[str, torch.Tensor]]":
    """The plain values and the tensors of a file that `write_sealed` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is damaged, or holds something else.
    """
    from safetensors import SafetensorError, safe_open

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
