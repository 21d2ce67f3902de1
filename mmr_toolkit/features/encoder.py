"""What an encoder is: anything that turns the values of one modality into vectors.

Encoders are not derived from a common class. Whatever has the three attributes and the method below can be given to
`extract` and to the retriever, so plugging in a model of your own takes a few lines:

    class LengthEncoder:
        modality, name, dim = "text", "length", 2

        def encode(self, values, *, batch_size=64, device="cpu"):
            return np.array([[len(text), text.count(" ")] for text in values], dtype=np.float32)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
import torch

from mmr_toolkit.common.modalities import Modality

Device = str | torch.device


class Encoder(Protocol):
    """Turns values of one modality into vectors.

    Attributes:
        modality: "text", "image" or "audio".
        name: short and telling; features made by encoders of different names are never mixed.
        dim: length of each vector.
    """

    @property
    def modality(self) -> Modality: ...  # noqa: D102

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def dim(self) -> int: ...  # noqa: D102

    def encode(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per value, in order.

        Args:
            values: texts (str); pictures (PIL images or paths); sounds (float arrays (n_samples,) at 16 kHz or paths).
                Never None: leaving holes out is the work of `extract`.
            batch_size: how many values are computed together.
            device: where they are computed; encoders without a network stay on the CPU.

        Returns:
            Array (n, dim), float32. A value's vector does not depend on the values beside it.

        Raises:
            TypeError, ValueError: the values are not what the encoder takes.
            UnencodableValue: some values are well-formed but nothing can be said about them.
        """
        ...


class UnencodableValue(ValueError):
    """Some values have no vector, for example a text without a single known word.

    A vector of zeros would hide this from whoever uses it. `extract` makes these values holes and keeps the reasons.

    Attributes:
        reasons: why, by position in the list that was given to `encode`.
    """

    def __init__(self, reasons: Mapping[int, str]) -> None:
        self.reasons = dict(reasons)
        shown = [f"value {position}: {reason}" for position, reason in list(self.reasons.items())[:3]]
        more = f" (and {len(self.reasons) - 3} more)" if len(self.reasons) > 3 else ""
        super().__init__("; ".join(shown) + more)


class NothingToLearn(ValueError):
    """An encoder was to be trained or fitted, and there was not a single usable value."""


def check_values(values: Sequence[Any], kinds: type | tuple[type, ...], expected: str) -> list[Any]:
    """The values as a list, or an error that says what is wrong with them.

    Args:
        values: what a caller gave to `encode`.
        kinds: the types that one value may have.
        expected: the same in words, for the message: "texts (str)".

    Raises:
        TypeError: not a list or tuple, or a value of another type (its position is named).
        ValueError: no values, or one is None.
    """
    if not isinstance(values, list | tuple):
        mend = "Put a single value into a list: encode([value])" if isinstance(values, kinds) else "Use list(values)"
        raise TypeError(f"Expected a list of {expected}, got {_named_type(values)}. {mend}.")
    if len(values) == 0:
        raise ValueError(f"Expected a list of {expected}, got an empty list.")
    for position, value in enumerate(values):
        if value is None:
            raise ValueError(
                f"Value {position} is None, expected {expected}. Leave holes out before encoding; extract() does."
            )
        if not isinstance(value, kinds):
            raise TypeError(f"Value {position} is {_named_type(value)}, expected {expected}.")
    return list(values)


def without_unencodable(
    encode: Callable[..., np.ndarray], values: list[Any], **options: Any
) -> tuple[np.ndarray | None, dict[int, str]]:
    """Encode what can be encoded.

    Returns:
        The vectors of the remaining values in order (None when none remains), and why the others have none, by
        position.
    """
    try:
        return encode(values, **options), {}
    except UnencodableValue as error:
        reasons = error.reasons
    kept = [value for i, value in enumerate(values) if i not in reasons]
    return (encode(kept, **options) if kept else None), reasons


def batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of `size` values, the last one shorter."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch


def _named_type(value: object) -> str:
    """The type's name, with "a" or "an"."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
