"""Texts and pictures in one space: CLIP, a yardstick of the full tier."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from mmr_toolkit.features.network import Precision
from mmr_toolkit.features.pictures import as_tensors, check_pictures
from mmr_toolkit.features.pretrained import PathLike, load_preprocessor, load_tokenizer, load_transformer
from mmr_toolkit.features.two_towers import TwoTowerEncoder
from mmr_toolkit.modalities import Modality

if TYPE_CHECKING:
    import torch
    from PIL import Image

PUBLISHED = "openai/clip-vit-base-patch32"


class ClipEncoder(TwoTowerEncoder):
    """One tower of CLIP (Radford et al. 2021): texts and pictures that belong together get similar vectors.

    It has seen 400 million pictures with their captions from the web, almost all in English: Chinese words mean little
    to it. There is no small one in the mini tier; it shows what published weights of today reach.
    """

    name = "clip"
    modalities = ("text", "image")

    @classmethod
    def load(
        cls,
        source: PathLike = PUBLISHED,
        *,
        modality: Modality,
        precision: Precision = "float32",
        revision: str | None = None,
    ) -> Self:
        """One tower of a trained CLIP.

        Args:
            source: a name on the Hugging Face hub, downloaded when first used (0.6 GB), or a local folder in the same
                form.
            modality: "text" or "image".
            precision: what the network computes in; the 16-bit types are made for GPUs.
            revision: of a model on the hub: a branch, tag or commit.

        Raises:
            FileNotFoundError, ValueError, ConnectionError: see `load_transformer`.
        """
        from transformers import CLIPImageProcessor, CLIPTextModelWithProjection, CLIPVisionModelWithProjection

        cls.check_modality(modality)
        tower_class = CLIPTextModelWithProjection if modality == "text" else CLIPVisionModelWithProjection
        tower = load_transformer(tower_class, source, model_type="clip", revision=revision)
        if modality == "text":
            reader = load_tokenizer(source, revision=revision)
        else:
            reader = load_preprocessor(CLIPImageProcessor, source, revision=revision)
        return cls(tower, reader, modality=modality, precision=precision)

    def check(self, values: Sequence[Any]) -> list[Any]:  # noqa: D102 - see TwoTowerEncoder
        return super().check(values) if self.modality == "text" else check_pictures(values)

    def read(self, batch: list[Any]) -> "dict[str, torch.Tensor]":
        """Texts as tokens; pictures scaled and cropped to one size, with the colours that the weights expect."""
        return super().read(batch) if self.modality == "text" else {"pixel_values": as_tensors(batch, self._pixels)}

    def _pixels(self, picture: "Image.Image") -> "torch.Tensor":
        return self.reader(picture, return_tensors="pt")["pixel_values"][0]
