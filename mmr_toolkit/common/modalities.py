"""The modalities by name, in the order in which they are joined, listed and drawn everywhere."""

from typing import Literal, get_args

Modality = Literal["text", "image", "audio"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
