"""Sound through a small convolutional network on the log-Mel spectrogram, trained to name what is heard."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import torch
from torch import nn

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.audio.log_mel import LogMel
from mmr_toolkit.features.audio.waveform import describe_padded, padded_batches, read_waveforms
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.train_on_labels import train_on_labels
from mmr_toolkit.features.weights.folder import WEIGHTS, load_state, read_config, write_folder
from mmr_toolkit.features.weights.network import inference
from mmr_toolkit.features.weights.tier import OFFLINE_WAY, mini_weights

#: In training a sound begins up to so many frames (10 ms each) earlier or later; what leaves at one end comes in at the
#: other. Noise and tilted spectra besides made the vectors worse: the recordings differ enough in these.
MOST_SHIFT = 15


class MelCnnEncoder:
    """A sound's vector is what a convolutional network makes of its log-Mel spectrogram, pooled over time.

    `MfccEncoder` and `MelSpectrogramEncoder` forget in which order things happen. A convolution hears it: the grains of
    a bite, the ring that follows a tap, the rising pitch of a glass that fills. What is worth hearing it learns from
    labels, and knows little of other sounds.

    Sounds are scaled to peak 1 and their decibels to the loudest point, so loudness does not matter.

    Attributes:
        network: levels (b, n_mels, T), as `levels` makes them -> (b, dim).
        log_mel: the settings of the spectrogram.
        history: what `train` returned, a row per epoch; None for loaded weights.
    """

    modality: ClassVar[Modality] = "audio"
    name = "mel-cnn"
    revision: ClassVar[int] = 1

    def __init__(
        self,
        network: "MelNetwork",
        log_mel: LogMel,
        *,
        history: pd.DataFrame | None = None,
        trained_on: str | None = None,
    ) -> None:
        """Use `train` or `load`, or give a network that was trained elsewhere.

        Args:
            network: as `train` makes it.
            log_mel: the spectrograms that it reads.
            history: of its training.
            trained_on: the name of the only catalogue that it knows, for which `extract` looks.
        """
        self.network, self.log_mel, self.history = network.eval(), log_mel, history
        self.trained_on = trained_on

    @classmethod
    def train(
        cls,
        sounds: Sequence[Any],
        labels: Mapping[str, Sequence[str | None]],
        *,
        epochs: int = 15,
        seed: int = 0,
        dim: int = 64,
        device: Device = "cpu",
        progress: bool = True,
    ) -> Self:
        """Learn from sounds whose class is known; see `train_on_labels`.

        The same sounds, labels and seed give the same vectors on one machine with one number of threads. 1,000
        recordings of a second take about a second per epoch on one core.

        Args:
            sounds: as for `encode`. All spectrograms are held in memory, padded to the longest: 26 kB for a second.
            labels: for each name one value per sound, None where it is not known.
            epochs: how often every sound is heard, each time shifted in time by up to `MOST_SHIFT` frames.
            seed: of all random numbers.
            dim: length of the vectors.
            device: where the network computes.
            progress: show a progress bar.

        Raises:
            TypeError, ValueError: sounds as for `encode`; labels and numbers as `train_on_labels`.
            UnencodableValue: as `encode`.
        """
        if dim < 1:
            raise ValueError(f"dim is {dim}; expected at least 1.")
        log_mel = LogMel()
        inputs = _all_levels(read_waveforms(sounds, shortest=log_mel.n_fft), log_mel)
        network = _network(log_mel, dim)
        history = train_on_labels(
            network, inputs, labels, epochs=epochs, seed=seed, augment=shift_in_time, device=device, progress=progress
        )
        return cls(network, log_mel, history=history)

    @classmethod
    def load(cls, folder: PathLike | None = None) -> Self:
        """The mini weights of this repository, which know only the shop; or a folder that `save` wrote.

        Raises:
            FileNotFoundError, ValueError: no such folder or files, or weights of another network.
        """
        folder = mini_weights(cls.name) if folder is None else Path(folder)
        config = read_config(folder)
        if not {"dim", "log_mel"} <= config.keys():
            found = ", ".join(config)
            raise ValueError(f"{folder} has the settings {found}; expected dim and log_mel. {OFFLINE_WAY}")
        log_mel = LogMel(**config["log_mel"])
        with torch.device("meta"):
            network = _network(log_mel, config["dim"])
        load_state(network, folder / WEIGHTS)
        return cls(network, log_mel, trained_on=config.get("trained_on"))

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self.network.dim

    @property
    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return {"dim": self.dim, "log_mel": dataclasses.asdict(self.log_mel)}

    def tensors(self) -> dict[str, torch.Tensor]:
        """The weights."""
        return dict(self.network.state_dict())

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder; the history is left out."""
        write_folder(folder, self.tensors(), {**self.settings, "trained_on": self.trained_on})

    def encode(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per sound, (n, dim) float32.

        Args:
            values: float arrays (n_samples,) at 16 kHz, mono; pairs (samples, rate) at any rate and with any number of
                channels, (channels, n_samples); or paths of sound files. See `read_waveforms`.
            batch_size: how many sounds are computed together, similar lengths beside each other.
            device: where they are computed.

        Raises:
            TypeError, ValueError: not a list of such values.
            UnencodableValue: a sound is silent, shorter than a window, too long, or has NaN or infinite samples.
        """
        waveforms = read_waveforms(values, shortest=self.log_mel.n_fft)
        with inference(self.network, device):
            return describe_padded(
                waveforms,
                lambda padded, n_samples: self.network(levels(self.log_mel, padded, n_samples)),
                batch_size=batch_size,
                device=device,
            )


def levels(log_mel: LogMel, waveforms: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
    """What the network reads: decibels on a scale from the floor, 0, to the loudest point of the sound, 1.

    Args:
        log_mel: with a floor, `top_db`.
        waveforms: (n, T) at 16 kHz, padded at their ends.
        n_samples: (n,), how many samples of each are real.

    Returns:
        (n, n_mels, 1 + T // hop_length), NaN in the frames after the end of a sound.
    """
    if log_mel.top_db is None:
        raise ValueError("log_mel.top_db is None; expected a number of dB: the network reads levels over a floor.")
    decibels = log_mel(waveforms, n_samples)
    relative = 1 + (decibels - decibels.amax(dim=(1, 2), keepdim=True)) / log_mel.top_db
    frames = torch.arange(decibels.shape[-1], device=decibels.device)
    return relative.where((frames < log_mel.n_frames(n_samples)[:, None])[:, None], torch.nan)


def shift_in_time(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Move each sound earlier or later by up to `MOST_SHIFT` frames, as an endless loop; (b, n_mels, T) as given."""
    shift = torch.randint(-MOST_SHIFT, MOST_SHIFT + 1, (len(batch), 1, 1), generator=generator)
    source = (torch.arange(batch.shape[-1]) + shift) % batch.shape[-1]
    return batch.gather(-1, source.expand_as(batch))


def _network(log_mel: LogMel, dim: int) -> "MelNetwork":
    return MelNetwork(log_mel.n_mels, dim)


def _all_levels(waveforms: list[np.ndarray], log_mel: LogMel) -> torch.Tensor:
    """The levels of all sounds in order, (n, n_mels, frames of the longest)."""
    n_frames = int(log_mel.n_frames(torch.tensor(max(map(len, waveforms)))))
    inputs = torch.full((len(waveforms), log_mel.n_mels, n_frames), torch.nan)
    for positions, padded, n_samples in padded_batches(waveforms, batch_size=64):
        batch = levels(log_mel, padded, n_samples)
        inputs[positions, :, : batch.shape[-1]] = batch
    return inputs


CHANNELS = (16, 32, 64, 96)  # of the four blocks
STRIDES = ((2, 2), (2, 2), (2, 2), (2, 1))  # bands, frames; in the end frames are 80 ms apart and hear 310 ms each


class MelNetwork(nn.Module):
    """Four convolutions over bands and frames, mean and maximum over the frames, one linear layer.

    A spectrogram is not a picture: moved to the right it is the same sound a little later, moved up it is another
    sound. So what is pooled away in the end is time alone, and the bands stay apart.

    The frames after the end of a sound are put to silence before every convolution and left out of the pooling, so
    that a sound has the same vector alone and among longer ones.
    """

    def __init__(self, n_mels: int, dim: int) -> None:
        """A network with random weights.

        Args:
            n_mels: bands of the spectrograms.
            dim: length of the vectors.
        """
        super().__init__()
        self.n_mels, self.dim = n_mels, dim
        pairs = zip((1, *CHANNELS), CHANNELS, STRIDES, strict=False)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)
            )
            for n_in, n_out, stride in pairs
        )
        n_bands = n_mels
        for stride, _ in STRIDES:
            n_bands = -(-n_bands // stride)
        self.project = nn.Linear(2 * CHANNELS[-1] * n_bands, dim)
        self.centre = nn.BatchNorm1d(dim, affine=False)  # cosines need vectors around the origin

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        """One vector per sound.

        Args:
            levels: (b, n_mels, T), 0 for the floor to 1 for the loudest point; NaN in the frames after a sound's end.

        Returns:
            (b, dim).
        """
        real = levels[:, None, :1].isfinite()  # (b, 1, 1, T)
        maps = levels[:, None].where(real, 0)
        for block, (_, stride) in zip(self.blocks, STRIDES, strict=True):
            real = real[..., ::stride]  # a frame of the result is centred on every stride-th one before
            maps = block(maps).where(real, 0)
        mean = maps.sum(dim=-1) / real.sum(dim=-1)
        largest = maps.amax(dim=-1)  # of numbers that are not negative, so the zeros never win
        return self.centre(self.project(torch.cat([mean, largest], dim=1).flatten(1)))
