"""The log-Mel spectrogram: how loud a sound is at each moment in each band of pitch. What every sound encoder reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal

import torch
from torchaudio import transforms

from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.common.quoting import quoted

Window = Literal["hann", "hamming", "blackman", "bartlett"]
#: The function of torch that makes each window. Hann, the usual one, lets neighbouring frequencies blur a little and
#: distant ones not at all; Blackman blurs more and hides more; Hamming blurs less and hides less.
WINDOWS: dict[Window, str] = {
    "hann": "hann_window",
    "hamming": "hamming_window",
    "blackman": "blackman_window",
    "bartlett": "bartlett_window",
}
FilterNorm = Literal["height", "area"]
#: What the triangular filters have in common, and its name in torchaudio and librosa.
FILTER_NORMS: dict[FilterNorm, str | None] = {"height": None, "area": "slaney"}
MelScale = Literal["htk", "slaney"]
#: The two mel scales in use, each with the filters that its authors used: HTK's are all 1 high, Slaney's have equal
#: areas, so that wide filters do not hear more noise than narrow ones.
MEL_SCALES: dict[MelScale, FilterNorm] = {"htk": "height", "slaney": "area"}
#: What lies further below the loudest point of a clip is background noise and is raised to this level. Measured on the
#: recordings of the shop: 80 dB, the usual choice, costs the MFCC 0.03 of mean average precision.
TOP_DB = 40.0
MAX_TOP_DB = 1_000.0  # dB; float32 spans 770
MAX_COUNT = 65_536  # samples of a frame, and bands: a frame of four seconds


@dataclass(frozen=True, kw_only=True)
class LogMel:
    """From samples to decibels per Mel band and frame, on the device where the samples are.

        E[b, t] = Σ_f filter[b, f] |STFT[f, t]|²,    log-Mel = max(10 log₁₀ E, its largest value - top_db)

    The short-time Fourier transform (STFT) is the spectrum of windows that follow one another; the filters are
    triangles evenly spaced on the mel scale (Stevens, Volkmann & Newman 1937), on which steps sound alike.

    This is computed by torchaudio; librosa gives the same numbers, to 0.002 dB, when it is set alike. Their defaults
    differ: librosa has Slaney's scale and areas and silence beyond the ends of a sound, torchaudio HTK's filters, 1
    high, and a mirror image. 0 dB is a power of 1, not the loudest point: in librosa `power_to_db(..., ref=1.0)`.

    Attributes:
        n_fft: samples per frame; 512 are 32 ms.
        hop_length: samples from one frame to the next; 160 are 10 ms.
        win_length: samples under the window, in the middle of the frame; None: all `n_fft`.
        window: one of `WINDOWS`, periodic.
        n_mels: number of bands.
        f_min: lowest frequency of the lowest band, Hz.
        f_max: highest frequency of the highest band, Hz; at most half the sample rate.
        mel_scale: one of `MEL_SCALES`.
        filter_norm: one of `FILTER_NORMS`; None: the one that goes with the scale.
        top_db: how far below the loudest point of the sound the floor is, dB; None: no floor but 10⁻¹⁰ (-100 dB).
    """

    n_fft: int = 512
    hop_length: int = 160
    win_length: int | None = None
    window: Window = "hann"
    n_mels: int = 64
    f_min: float = 0.0
    f_max: float = SAMPLE_RATE / 2
    mel_scale: MelScale = "slaney"
    filter_norm: FilterNorm | None = None
    top_db: float | None = TOP_DB

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        check_option("window", self.window, WINDOWS)
        check_option("mel_scale", self.mel_scale, MEL_SCALES)
        if self.filter_norm is not None:
            check_option("filter_norm", self.filter_norm, FILTER_NORMS)
        for name in ("n_fft", "hop_length", "n_mels"):
            _check_count(name, getattr(self, name))
        if self.win_length is not None:
            _check_count("win_length", self.win_length)
        if self.hop_length > self.n_fft:
            raise ValueError(
                f"hop_length is {self.hop_length}; expected 1 … n_fft = {self.n_fft}, else samples go unheard."
            )
        if self.win_length is not None and self.win_length > self.n_fft:
            raise ValueError(f"win_length is {self.win_length}; expected 1 … n_fft = {self.n_fft}, or None for n_fft.")
        if not 0 <= self.f_min < self.f_max <= SAMPLE_RATE / 2:
            raise ValueError(
                f"f_min is {self.f_min} and f_max {self.f_max}; expected 0 <= f_min < f_max <= {SAMPLE_RATE / 2:.0f} "
                "Hz, half the sample rate."
            )
        is_number = isinstance(self.top_db, Real) and not isinstance(self.top_db, bool)
        if self.top_db is not None and not (is_number and 0 < self.top_db <= MAX_TOP_DB):
            raise ValueError(
                f"top_db is {quoted(self.top_db)}; expected a number of dB above 0, up to {MAX_TOP_DB:,.0f}, or None "
                "for no floor."
            )

    def n_frames(self, n_samples: torch.Tensor) -> torch.Tensor:
        """How many frames sounds of these lengths have: one at sample 0 and one after each full hop."""
        return 1 + n_samples // self.hop_length

    def __call__(self, waveforms: torch.Tensor, n_samples: torch.Tensor | None = None) -> torch.Tensor:
        """Decibels per band and frame.

        Args:
            waveforms: (n, T) float, at 16 kHz; shorter sounds are padded at their ends with zeros.
            n_samples: (n,), how many samples of each sound are real; None: all.

        Returns:
            (n, n_mels, 1 + T // hop_length) dB. Frame t is centred at sample t * hop_length; beyond the ends of the
            sound there is silence. Frames of padding hold the floor.
        """
        norm = MEL_SCALES[self.mel_scale] if self.filter_norm is None else self.filter_norm
        spectrum = transforms.Spectrogram(
            n_fft=self.n_fft,
            win_length=self.win_length,
            hop_length=self.hop_length,
            window_fn=getattr(torch, WINDOWS[self.window]),
            power=None,  # complex numbers: their squares are two products, their absolute values a root besides
            center=True,
            pad_mode="constant",
        ).to(waveforms.device)(waveforms)
        power = transforms.MelScale(
            sample_rate=SAMPLE_RATE,
            n_stft=1 + self.n_fft // 2,
            n_mels=self.n_mels,
            f_min=self.f_min,
            f_max=self.f_max,
            mel_scale=self.mel_scale,
            norm=FILTER_NORMS[norm],
        ).to(waveforms.device)(spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag))
        if n_samples is not None:  # the first frame of the padding still hears the end of the sound
            frames = torch.arange(power.shape[-1], device=power.device)
            power = power.where((frames < self.n_frames(n_samples)[:, None])[:, None], 0)
        # The dimension of size 1 is the channel: without it, torchaudio takes the batch for the channels of one sound
        # and measures top_db from the loudest sound of the batch.
        return transforms.AmplitudeToDB("power", self.top_db)(power[:, None])[:, 0]


def _check_count(name: str, value: object) -> None:
    """Raise a ValueError unless the value is a whole number from 1 to `MAX_COUNT`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or not 1 <= int(value) <= MAX_COUNT:
        raise ValueError(f"{name} is {quoted(value)}; expected a whole number from 1 to {MAX_COUNT:,}.")


def check_option(name: str, value: object, table: Mapping[Any, Any]) -> None:
    """Raise a ValueError unless the value is one of the table's keys."""
    if value not in table:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(table)}.")
