"""What the encoders by statistics of frames have in common: all but what they measure in a frame."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.audio.frame_statistics import frame_statistics
from mmr_toolkit.features.audio.log_mel import LogMel
from mmr_toolkit.features.audio.waveform import describe_padded, read_waveforms
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.standardise import Standardiser, describe_all
from mmr_toolkit.features.weights.folder import WEIGHTS, read_config, read_tensors, write_folder


class StatisticsEncoder:
    """Statistics over time of numbers that `frames` gives for each moment, standardised as `fit` has learned."""

    modality: ClassVar[Modality] = "audio"
    name: ClassVar[str]
    revision: ClassVar[int] = 1

    def __init__(self, **spectrogram: Any) -> None:
        """Settings of the spectrogram, for sounds at 16 kHz: n_fft, hop_length, n_mels, ..., those of `LogMel`."""
        self.log_mel = LogMel(**spectrogram)
        self.standardise: Standardiser | None = None

    @property
    def dim(self) -> int:
        """Length of each vector; at most as many as `frame_statistics` gives."""
        raise NotImplementedError

    def frames(self, waveforms: torch.Tensor, n_samples: torch.Tensor | None = None) -> torch.Tensor:
        """The numbers of each moment, (n, d, 1 + T // hop_length); arguments as for `LogMel`."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return dataclasses.asdict(self.log_mel)

    def tensors(self) -> dict[str, np.ndarray]:
        """What `fit` has learned."""
        return {} if self.standardise is None else dataclasses.asdict(self.standardise)

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder."""
        write_folder(folder, self.tensors(), self.settings)

    @classmethod
    def load(cls, folder: PathLike) -> Self:
        """The encoder that `save` wrote.

        Raises:
            FileNotFoundError, TypeError, ValueError: no such folder or files, or they hold something else.
        """
        encoder = cls(**read_config(folder))
        if tensors := read_tensors(Path(folder, WEIGHTS)):
            encoder.standardise = Standardiser.from_tensors(tensors, encoder.dim)
        return encoder

    def fit(self, values: Iterable[Any], *, batch_size: int = 64, device: Device = "cpu") -> Self:
        """Learn mean and deviation of each number from sounds; those that `encode` would refuse are passed over.

        Args:
            values: as for `encode`, or an iterator that yields them: only `batch_size` are held at a time.

        Raises:
            NothingToLearn: no usable sounds (a ValueError).
        """
        described = describe_all(self.describe, values, batch_size=batch_size, device=device)
        self.standardise = Standardiser.fit(described, strength=0.5)
        return self

    def encode(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per sound, (n, dim) float32.

        Args:
            values: float arrays (n_samples,) at 16 kHz, mono; pairs (samples, rate) at any rate and with any number of
                channels, (channels, n_samples); or paths of sound files. See `read_waveforms`.
            batch_size: how many sounds are transformed together, similar lengths beside each other.
            device: where they are transformed.

        Raises:
            TypeError, ValueError: not a list of such values, or not fitted yet.
            UnencodableValue: a sound is silent, shorter than a window, too long, or has NaN or infinite samples.
        """
        if self.standardise is None:
            raise ValueError(
                f"This {type(self).__name__} has not learned mean and deviation yet: call .fit(sounds) first."
            )
        return self.standardise(self.describe(values, batch_size=batch_size, device=device))

    def describe(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """As `encode`, before standardising: all means, then all deviations, and so on as in `frame_statistics`."""

        def statistics(waveforms: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
            measured = frame_statistics(self.frames(waveforms, n_samples), self.log_mel.n_frames(n_samples))
            return measured[:, : self.dim]

        waveforms = read_waveforms(values, shortest=self.log_mel.n_fft)
        return describe_padded(waveforms, statistics, batch_size=batch_size, device=device)
