"""From what a user has of a sound to samples that an encoder can read: mono, 16 kHz, peak 1, in padded batches."""

import os
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmr_toolkit.catalogue.media import (
    MAX_SECONDS,
    SAMPLE_RATE,
    UnreadableMedia,
    check_rate,
    is_silent,
    read_audio,
    to_mono,
)
from mmr_toolkit.features.encoder import Device, UnencodableValue, check_values

KINDS = (np.ndarray, tuple, str, os.PathLike)
EXPECTED = "sounds (float arrays of samples at 16 kHz, pairs (samples, rate), or paths)"
#: What is described together on a CPU, whatever the batch size: 16 seconds. Memory for the spectra of a minute comes
#: new from the system each time, and each sound takes a quarter longer.
CPU_SAMPLES = 16 * SAMPLE_RATE


def read_waveforms(values: Sequence[Any], shortest: int) -> list[np.ndarray]:
    """Sounds of any of these forms, one by one:

        samples           float array (n_samples,) at 16 kHz, mono
        (samples, rate)   float array (n_samples,) or (channels, n_samples) at any rate in Hz, as torchaudio and librosa
                          read files; channels are averaged, then the sound is resampled to 16 kHz
        path              of a sound file, read likewise

    Args:
        values: the sounds.
        shortest: how many samples at 16 kHz a sound must have.

    Returns:
        float32 (n_samples,) each, scaled to peak 1, so that the same recording twice as loud is the same.

    Raises:
        TypeError, ValueError: not a list of such values; a wrong shape, dtype or rate.
        FileNotFoundError: no such file.
        UnencodableValue: a sound is silent, too short, longer than `MAX_SECONDS`, has NaN or infinite samples, or
            stands in a file that cannot be read.
    """
    waveforms: list[np.ndarray] = []
    refused: dict[int, str] = {}
    for position, value in enumerate(check_values(values, KINDS, EXPECTED)):
        try:
            samples, rate = _samples_and_rate(value, position)
        except UnreadableMedia as error:
            refused[position] = str(error)
            continue
        if reason := _why_not_this_long(samples.shape[-1], rate, shortest):
            refused[position] = reason
            continue
        with np.errstate(over="ignore", invalid="ignore"):  # infinities, and 64-bit samples too large for 32 bits
            waveform = to_mono(samples, rate)
        if not np.isfinite(waveform).all():
            refused[position] = "some samples are NaN or infinite"
        elif is_silent(waveform):
            refused[position] = "the sound is silent"
        waveforms.append(waveform)
    if refused:
        raise UnencodableValue(refused)
    return [waveform / np.abs(waveform).max() for waveform in waveforms]


def describe_padded(
    waveforms: Sequence[np.ndarray],
    describe: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    *,
    batch_size: int,
    device: Device,
) -> np.ndarray:
    """Describe sounds of any lengths in batches.

    Args:
        waveforms: float32 (n_samples,) each.
        describe: (samples (b, T), zeros after the end of each; their real numbers (b,)) -> vectors (b, d).
        batch_size: sounds per batch; on a CPU in pieces, see `CPU_SAMPLES`.
        device: where they are described.

    Returns:
        (n, d) float32, in the order of the waveforms.
    """
    described: dict[int, np.ndarray] = {}
    with torch.inference_mode():
        for positions, padded, n_samples in padded_batches(waveforms, batch_size):
            on_cpu = torch.device(device).type == "cpu"
            at_once = max(1, CPU_SAMPLES // padded.shape[1]) if on_cpu else len(padded)
            pieces = zip(padded.split(at_once), n_samples.split(at_once), strict=True)
            vectors = [describe(some.to(device), lengths.to(device)).float().cpu() for some, lengths in pieces]
            described |= zip(positions, torch.cat(vectors).numpy(), strict=True)
    return np.stack([described[i] for i in range(len(waveforms))])


def padded_batches(
    waveforms: Sequence[np.ndarray], batch_size: int
) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Batches of sounds of similar lengths, so that little is padded, the shortest first.

    Yields:
        Positions of b sounds in `waveforms`; their samples (b, T), zeros after the end of each; how many are real (b,).
    """
    by_length = sorted(range(len(waveforms)), key=lambda i: len(waveforms[i]))
    for start in range(0, len(by_length), batch_size):
        positions = by_length[start : start + batch_size]
        batch = [torch.from_numpy(waveforms[i]) for i in positions]
        padded = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True)
        yield positions, padded, torch.tensor([len(waveform) for waveform in batch])


def _samples_and_rate(value: Any, position: int) -> tuple[np.ndarray, int]:
    """One sound as float samples (n_samples,) or (channels, n_samples), and their rate in Hz."""
    if isinstance(value, str | os.PathLike):
        return read_audio(Path(value)), SAMPLE_RATE
    if isinstance(value, np.ndarray):
        _check_samples(value, position, max_axes=1)
        return value, SAMPLE_RATE
    if len(value) != 2 or not isinstance(value[0], np.ndarray):
        raise TypeError(f"Value {position} is a tuple, but not a pair (samples, rate) of a float array and Hz.")
    _check_samples(value[0], position, max_axes=2)
    check_rate(value[1])
    return value[0], value[1]


def _check_samples(samples: np.ndarray, position: int, max_axes: int) -> None:
    """Raise a TypeError or ValueError unless these are floats of a shape that a sound can have."""
    if samples.dtype.kind != "f":
        raise TypeError(
            f"Value {position} has dtype {samples.dtype}, expected floats from -1 to 1: divide 16-bit samples by 32768."
        )
    if not 1 <= samples.ndim <= max_axes:
        expected = "(n_samples,)" + (" or (channels, n_samples)" if max_axes == 2 else "")
        mend = "a stereo sound is given as a pair (samples, rate)" if max_axes == 1 else "give one pair for each sound"
        raise ValueError(f"Value {position} has shape {samples.shape}, expected {expected}; {mend}.")
    if samples.ndim == 2 and samples.shape[0] > samples.shape[1] > 0:
        raise ValueError(
            f"Value {position} has shape {samples.shape}: more channels than samples. Expected (channels, n_samples); "
            "transpose (n_samples, channels) with samples.T."
        )


def _why_not_this_long(n_samples: int, rate: int, shortest: int) -> str:
    """Why so many samples at this rate are too many or too few; "" when they are neither."""
    if n_samples > MAX_SECONDS * rate:
        return f"{n_samples / rate:,.0f} s long, at most {MAX_SECONDS:.0f} s are encoded"
    n_resampled = ceil(n_samples * SAMPLE_RATE / rate)
    if n_resampled < shortest:
        milliseconds = 1000 * shortest / SAMPLE_RATE
        return f"{n_resampled} samples are too short, one window has {shortest} ({milliseconds:.0f} ms)"
    return ""
