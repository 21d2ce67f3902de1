"""Two networks that write into one space: a text's vector lies beside the vector of what the text describes.

    text    ──► text tower    ──► projection ──► h_t ╲
                                                      cos(h_t, h_i): large for a pair, small for all others
    picture ──► picture tower ──► projection ──► h_i ╱

Trained on hundreds of millions of pairs from the web (Radford et al. 2021; for sounds Wu et al. 2023). The towers are
two encoders here, one for each modality, loaded from the same source. Only such vectors may be compared *across*
modalities; those of every other encoder of this toolkit live in spaces of their own.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from PIL import Image
from transformers import (
    ClapAudioModelWithProjection,
    ClapFeatureExtractor,
    ClapTextModelWithProjection,
    CLIPImageProcessor,
    CLIPTextModelWithProjection,
    CLIPVisionModelWithProjection,
    PreTrainedModel,
)

from mmr_toolkit.catalogue.media import SAMPLE_RATE, to_mono
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.audio.waveform import read_waveforms
from mmr_toolkit.features.encoder import Device, UnencodableValue, batches, check_values
from mmr_toolkit.features.image.pictures import as_tensors
from mmr_toolkit.features.image.values import check_pictures
from mmr_toolkit.features.weights.network import Precision, check_precision, inference
from mmr_toolkit.features.weights.pretrained import load_preprocessor, load_tokenizer, load_transformer, rules_of


class TwoTowerEncoder:
    """One tower. `ClipEncoder` and `ClapEncoder` say how they are loaded and how pictures and sounds are read.

    Attributes:
        tower: the network, with its projection into the common space.
        reader: the tokenizer, or what turns pictures or sounds into the network's input.
    """

    name: ClassVar[str]
    #: The modality of each of the two towers.
    modalities: ClassVar[tuple[Modality, Modality]]
    #: Its name on the Hugging Face hub.
    published: ClassVar[str]
    revision: ClassVar[int] = 1

    def __init__(
        self, tower: PreTrainedModel, reader: Any, *, modality: Modality, precision: Precision = "float32"
    ) -> None:
        """Use `load`, or give a tower of the transformers library with what reads its input."""
        self.check_modality(modality)
        check_precision(precision)
        self.tower, self.reader, self.modality, self.precision = tower, reader, modality, precision

    @classmethod
    def load(
        cls,
        source: PathLike | None = None,
        *,
        modality: Modality,
        precision: Precision = "float32",
        revision: str | None = None,
    ) -> Self:
        """One tower of a trained network.

        Args:
            source: a name on the Hugging Face hub, downloaded when first used (0.6 GB), or a local folder in the same
                form. None: the one in `published`.
            modality: one of `modalities`.
            precision: what the network computes in; the 16-bit types are made for GPUs.
            revision: of a model on the hub: a branch, tag or commit.

        Raises:
            FileNotFoundError, ValueError, ConnectionError: see `load_transformer`.
        """
        cls.check_modality(modality)
        source = cls.published if source is None else source
        text_tower, other_tower, preprocessor = cls.classes()
        tower_class = text_tower if modality == "text" else other_tower
        tower = load_transformer(tower_class, source, model_type=cls.name, revision=revision)
        if modality == "text":
            reader: Any = load_tokenizer(source, revision=revision)
        else:
            reader = load_preprocessor(preprocessor, source, revision=revision)
        return cls(tower, reader, modality=modality, precision=precision)

    @classmethod
    def classes(cls) -> tuple[Any, Any, Any]:
        """Of the transformers library: the tower of texts, the other one, and what reads the other one's input."""
        raise NotImplementedError

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

    def tensors(self) -> dict[str, torch.Tensor]:
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

    def read(self, batch: list[Any]) -> dict[str, torch.Tensor]:
        """What the tower reads: texts as numbers of tokens and a mask for the padding, long texts cut."""
        config = self.tower.config
        # CLAP's text tower is RoBERTa, which counts positions from behind the number of the padding token.
        reserved = config.pad_token_id + 1 if config.model_type == "clap_text_model" else 0
        length = config.max_position_embeddings - reserved
        tokens = self.reader(batch, padding=True, truncation=True, max_length=length, return_tensors="pt")
        return {name: tokens[name] for name in ("input_ids", "attention_mask")}


SHORTEST = 0.03  # s, as the other sound encoders: less than one window of the spectrogram says nothing


class ClapEncoder(TwoTowerEncoder):
    """One tower of CLAP (Wu et al. 2023): texts and sounds that belong together get similar vectors.

    It has heard 630,000 sounds with English descriptions, at 48 kHz. The sounds of this toolkit have 16 kHz: they are
    resampled to 48 kHz before the network reads them, and what a recording had above 8 kHz stays lost. A sound
    that is shorter than the window of the network (10 s) is repeated until the window is full; of a longer one only the
    beginning is read.
    """

    name = "clap"
    modalities = ("text", "audio")
    published = "laion/clap-htsat-unfused"

    @classmethod
    def classes(cls) -> tuple[Any, Any, Any]:
        """RoBERTa for texts, HTSAT for sounds, and what makes their spectrograms."""
        return ClapTextModelWithProjection, ClapAudioModelWithProjection, ClapFeatureExtractor

    def check(self, values: Sequence[Any]) -> list[Any]:
        """As in `TwoTowerEncoder`; of sounds the waveforms at 16 kHz, scaled to peak 1."""
        if self.modality == "text":
            return super().check(values)
        return read_waveforms(values, shortest=int(SHORTEST * SAMPLE_RATE))

    def read(self, batch: list[Any]) -> dict[str, torch.Tensor]:
        """Texts as tokens; sounds as log-Mel spectrograms of 48 kHz, (n, 1 or 4, frames, n_mels)."""
        if self.modality == "text":
            return super().read(batch)
        rate, longest = self.reader.sampling_rate, self.reader.nb_max_samples
        sounds = [to_mono(samples, SAMPLE_RATE, rate)[:longest] for samples in batch]
        features = self.reader(sounds, sampling_rate=rate, return_tensors="pt")
        # No sound is longer than the window, as they were cut; the library would name one of them at random.
        features["is_longer"].fill_(False)
        return dict(features)


class ClipEncoder(TwoTowerEncoder):
    """One tower of CLIP (Radford et al. 2021): texts and pictures that belong together get similar vectors.

    It has seen 400 million pictures with their captions from the web, almost all in English: Chinese words mean little
    to it. There is no small one in the mini tier; it shows what published weights of today reach.
    """

    name = "clip"
    modalities = ("text", "image")
    published = "openai/clip-vit-base-patch32"

    @classmethod
    def classes(cls) -> tuple[Any, Any, Any]:
        """A transformer for texts, a vision transformer for pictures, and what scales them."""
        return CLIPTextModelWithProjection, CLIPVisionModelWithProjection, CLIPImageProcessor

    def check(self, values: Sequence[Any]) -> list[Any]:
        """As in `TwoTowerEncoder`; of pictures those that `check_pictures` lets through."""
        return super().check(values) if self.modality == "text" else check_pictures(values)

    def read(self, batch: list[Any]) -> dict[str, torch.Tensor]:
        """Texts as tokens; pictures scaled and cropped to one size, with the colours that the weights expect."""
        return super().read(batch) if self.modality == "text" else {"pixel_values": as_tensors(batch, self._pixels)}

    def _pixels(self, picture: Image.Image) -> torch.Tensor:
        return self.reader(picture, return_tensors="pt")["pixel_values"][0]
