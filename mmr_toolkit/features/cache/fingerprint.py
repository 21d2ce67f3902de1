"""What a vector depends on besides the value that it describes: which encoder, with which settings and weights.

Two encoders with the same fingerprint give the same vectors, so vectors can be kept and found again. For this an
encoder says what it was set to and what it has learned:

    revision   a number in the class, raised when the same settings and weights would give other vectors than before,
               or when the same values would be learned otherwise
    settings   a dict of plain values (numbers, texts, None, lists of them)
    tensors()  everything learned or loaded, by name

An encoder without them works everywhere; only its vectors are not kept.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from mmr_toolkit.common.modalities import Modality


@runtime_checkable
class Identified(Protocol):
    """An encoder whose vectors can be kept."""

    @property
    def modality(self) -> Modality: ...  # noqa: D102

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def dim(self) -> int: ...  # noqa: D102

    @property
    def revision(self) -> int: ...  # noqa: D102

    @property
    def settings(self) -> Mapping[str, Any]: ...  # noqa: D102

    def tensors(self) -> Mapping[str, np.ndarray | torch.Tensor]: ...  # noqa: D102


def fingerprint(encoder: Identified) -> str:
    """SHA-256, in hexadecimal, of an encoder's modality, name, revision, settings and every number it has learned.

    Raises:
        TypeError: a setting is no plain value, or something learned is neither numbers nor texts.
    """
    head = [encoder.modality, encoder.name, encoder.revision, dict(encoder.settings)]
    try:
        json.dumps(head)
    except TypeError as error:
        raise TypeError(
            f"{encoder.name}.settings must be plain values (numbers, texts, None, lists of them): {error}."
        ) from error
    return checksum(head, encoder.tensors())


def checksum(head: Any, tensors: Mapping[str, np.ndarray | torch.Tensor]) -> str:
    """SHA-256, in hexadecimal, of plain values and of tensors with their names, dtypes and shapes.

    Raises:
        TypeError: the head is no plain value, or one of the tensors holds neither numbers nor texts.
    """
    digest = hashlib.sha256(json.dumps(head, sort_keys=True, ensure_ascii=False).encode())
    for name, tensor in sorted(tensors.items()):
        array, dtype = _plain(tensor)
        digest.update(json.dumps([name, dtype, list(array.shape)]).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def megabytes(encoder: Identified) -> float:
    """Size of what an encoder has learned or loaded, in megabytes (10⁶ bytes)."""
    return sum(_plain(tensor)[0].nbytes for tensor in encoder.tensors().values()) / 1e6


def _plain(tensor: np.ndarray | torch.Tensor) -> tuple[np.ndarray, str]:
    """The numbers as an array, and their dtype by name; bfloat16, which NumPy lacks, as 16-bit whole numbers."""
    if not hasattr(tensor, "detach"):
        array = np.asarray(tensor)
        if array.dtype.hasobject:
            raise TypeError(f"tensors() must give numbers or texts, not {array.dtype} arrays.")
        return array, str(array.dtype)
    tensor = tensor.detach().cpu()
    bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    return bits.numpy(), str(tensor.dtype)
