"""Two networks that write into one space: a text's vector lies beside the vector of what the text describes.

    text    ──► text tower    ──► projection ──► h_t ╲
                                                      cos(h_t, h_i): large for a pair, small for all others
    picture ──► picture tower ──► projection ──► h_i ╱

Trained on hundreds of millions of pairs from the web (Radford et al. 2021; for sounds Wu et al. 2023). The towers are
two encoders here, one for each modality, loaded from the same source. Only such vectors may be compared *across*
modalities; those of every other encoder of this toolkit live in spaces of their own.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mmr_toolkit.features.encoder import Device, UnencodableValue, batches, check_values
from mmr_toolkit.features.network import Precision, check_precision, inference
from mmr_toolkit.features.pretrained import rules_of
from mmr_toolkit.modalities import Modality

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class TwoTowerEncoder:
    """One tower. `ClipEncoder` and `ClapEncoder` say how they are loaded and how pictures and sounds are read.

    Attributes:
        tower: the network, with its projection into the common space.
        reader: the tokenizer, or what turns pictures or sounds into the network's input.
    """

    name: ClassVar[str]
    #: The modality of each of the two towers.
    modalities: ClassVar[tuple[Modality, Modality]]
    revision: ClassVar[int] = 1

    def __init__(
        self, tower: "PreTrainedModel", reader: Any, *, modality: Modality, precision: Precision = "float32"
    ) -> None:
        """Use `load`, or give a tower of the transformers library with what reads its input."""
        self.check_modality(modality)
        check_precision(precision)
        self.tower, self.reader, self.modality, self.precision = tower, reader, modality, precision

    @classmethod
    def check_modality(cls, modality: str) -> None:
        """Raise a ValueError unless one of the two towers is for this modality."""
        if modality not in cls.modalities:
            raise ValueError(f"modality is {modality!r}; {cls.__name__} has towers for {' and '.join(cls.modalities)}.")

    @property
    def dim(self) -> int:
        """Length of each vector, the same for both towers."""
        return self.tower.config.projection_dim

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the vectors beside the learned numbers."""
        architecture = {k: v for k, v in self.tower.config.to_dict().items() if k != "transformers_version"}
        return {"precision": self.precision, "architecture": architecture, "reader": rules_of(self.reader)}

    def tensors(self) -> "dict[str, torch.Tensor]":
        """All weights by name."""
        return self.tower.state_dict()

    def encode(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per value, (n, dim) float32; not normalised.

        Args:
            values: texts, pictures or sounds, by the modality of this tower.
            batch_size: how many run through the network together.
            device: where the network computes.

        Raises:
            TypeError, ValueError: not a list of such values.
            UnencodableValue: an empty text; a picture or a sound of which nothing can be said.
        """
        import torch

        usable = self.check(values)
        vectors = []
        with inference(self.tower, device, self.precision):
            for batch in batches(usable, batch_size):
                inputs = {name: tensor.to(device) for name, tensor in self.read(batch).items()}
                vectors.append(self.tower(**inputs)[f"{self.modality}_embeds"].float().cpu())
        return torch.cat(vectors).numpy()

    def check(self, values: Sequence[Any]) -> list[Any]:
        """The values as a list in which each has a vector; raises as `encode`."""
        texts = check_values(values, str, "texts (str)")
        if empty := {i: f"the text {text[:40]!r} is empty" for i, text in enumerate(texts) if not text.strip()}:
            raise UnencodableValue(empty)
        return texts

    def read(self, batch: list[Any]) -> "dict[str, torch.Tensor]":
        """What the tower reads: texts as numbers of tokens and a mask for the padding, long texts cut."""
        config = self.tower.config
        # CLAP's text tower is RoBERTa, which counts positions from behind the number of the padding token.
        reserved = config.pad_token_id + 1 if config.model_type == "clap_text_model" else 0
        length = config.max_position_embeddings - reserved
        tokens = self.reader(batch, padding=True, truncation=True, max_length=length, return_tensors="pt")
        return {name: tokens[name] for name in ("input_ids", "attention_mask")}
