"""Texts and sounds in one space: CLAP, a yardstick of the full tier."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from mmr_toolkit.features.network import Precision
from mmr_toolkit.features.pretrained import PathLike, load_preprocessor, load_tokenizer, load_transformer
from mmr_toolkit.features.two_towers import TwoTowerEncoder
from mmr_toolkit.features.waveform import read_waveforms
from mmr_toolkit.media import SAMPLE_RATE, to_mono
from mmr_toolkit.modalities import Modality

if TYPE_CHECKING:
    import torch

PUBLISHED = "laion/clap-htsat-unfused"
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

    @classmethod
    def load(
        cls,
        source: PathLike = PUBLISHED,
        *,
        modality: Modality,
        precision: Precision = "float32",
        revision: str | None = None,
    ) -> Self:
        """One tower of a trained CLAP.

        Args:
            source: a name on the Hugging Face hub, downloaded when first used (0.6 GB), or a local folder in the same
                form.
            modality: "text" or "audio".
            precision: what the network computes in; the 16-bit types are made for GPUs.
            revision: of a model on the hub: a branch, tag or commit.

        Raises:
            FileNotFoundError, ValueError, ConnectionError: see `load_transformer`.
        """
        from transformers import ClapAudioModelWithProjection, ClapFeatureExtractor, ClapTextModelWithProjection

        cls.check_modality(modality)
        tower_class = ClapTextModelWithProjection if modality == "text" else ClapAudioModelWithProjection
        tower = load_transformer(tower_class, source, model_type="clap", revision=revision)
        if modality == "text":
            reader = load_tokenizer(source, revision=revision)
        else:
            reader = load_preprocessor(ClapFeatureExtractor, source, revision=revision)
        return cls(tower, reader, modality=modality, precision=precision)

    def check(self, values: Sequence[Any]) -> list[Any]:
        """As in `TwoTowerEncoder`; of sounds the waveforms at 16 kHz, scaled to peak 1."""
        if self.modality == "text":
            return super().check(values)
        return read_waveforms(values, shortest=int(SHORTEST * SAMPLE_RATE))

    def read(self, batch: list[Any]) -> "dict[str, torch.Tensor]":
        """Texts as tokens; sounds as log-Mel spectrograms of 48 kHz, (n, 1 or 4, frames, n_mels)."""
        if self.modality == "text":
            return super().read(batch)
        rate, longest = self.reader.sampling_rate, self.reader.nb_max_samples
        sounds = [to_mono(samples, SAMPLE_RATE, rate)[:longest] for samples in batch]
        features = self.reader(sounds, sampling_rate=rate, return_tensors="pt")
        # No sound is longer than the window, as they were cut; the library would name one of them at random.
        features["is_longer"].fill_(False)
        return dict(features)
