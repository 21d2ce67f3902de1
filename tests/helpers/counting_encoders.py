"""The encoders of `small_catalogue`, able to say what their vectors depend on, and counting what they encode."""

import numpy as np

from small_catalogue import ColourEncoder, PitchEncoder, WordEncoder


class _Counting:
    """Vectors are multiplied by `scale`, which stands for learned weights."""

    revision = 1

    def __init__(self, scale: float = 1.0, **settings) -> None:
        self.scale = np.float32(scale)
        self.settings = settings
        self.encoded = 0

    def tensors(self):
        return {"scale": np.array([self.scale])}

    def encode(self, values, *, batch_size=64, device="cpu"):
        vectors = super().encode(values, batch_size=batch_size, device=device)
        self.encoded += len(values)
        return vectors * self.scale


class CountingWords(_Counting, WordEncoder):
    pass


class CountingColours(_Counting, ColourEncoder):
    pass


class CountingPitches(_Counting, PitchEncoder):
    pass


def counting_encoders(scale: float = 1.0, **settings) -> dict:
    encoders = {"text": CountingWords, "image": CountingColours, "audio": CountingPitches}
    return {modality: encoder(scale, **settings) for modality, encoder in encoders.items()}


def encoded(encoders: dict) -> dict[str, int]:
    """How many values each encoder has encoded."""
    return {modality: encoder.encoded for modality, encoder in encoders.items()}
