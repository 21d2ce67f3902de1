"""What in a query spoke for a hit? Leave it out, word by word or patch by patch, and see what the score loses.

    importance(a) = score(everything) − score(everything without a)

Positive: this spoke for the hit. Negative: without it the hit would stand better. Nothing need be known about the
encoder, the fusion or the similarity; whatever turns a value into a score can be asked (Zeiler & Fergus 2014 did so
with grey squares on pictures, Li, Monroe & Jurafsky 2016 with words). Two things are good to keep in mind. The
importances do not add up to the score: of two words that say the same, each alone can be left out without loss. And
what is left out is replaced by something: a space, the colour of the backdrop, silence. That is a value too.

**Where nothing is left.** Without its only known word a text has no vector, and the encoder says so
(`UnencodableValue`). Then the part is not in the query at all, and the score is what the caller says it is without
this part: `nothing`, by default 0.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from librosa import mel_frequencies
from PIL import Image

from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_image
from mmr_toolkit.features.encoder import UnencodableValue, batches
from mmr_toolkit.features.text.tokenise import word_places

#: A batch of variants of one part → the score that the hit has with each, (n,).
Score = Callable[[Sequence[Any]], np.ndarray]

LONGEST = 512  # pixels, the longer side of the pictures that are scored; larger ones are made smaller first
AT_ONCE = 64  # variants that are scored together, at most
SAMPLES_AT_ONCE = 4_000_000  # and of long sounds only so many samples: 16 MB
FRAME, HOP = 512, 128  # samples of the Fourier transform's frames (32 ms), and from one to the next (8 ms)
SILENT = 1e-6  # a sound of which only this share of its energy is left is silent (−60 dB)


class WordImportance(NamedTuple):
    """One word of a text, its place text[start:end], and what the score loses without it."""

    word: str
    start: int
    end: int
    importance: float


@dataclass(frozen=True, eq=False)
class OcclusionMap:
    """What the score loses without each patch of a picture.

    Attributes:
        importance: (rows, columns), float64.
        boxes: (rows, columns, 4), int64: left, top, right, bottom of each patch in pixels of the picture.
        score: with the whole picture.
    """

    importance: np.ndarray
    boxes: np.ndarray
    score: float


@dataclass(frozen=True, eq=False)
class RegionMap:
    """What the score loses without each region of a sound.

    Attributes:
        importance: (bands, windows), float64, the lowest band first.
        seconds: (windows + 1,), the edges of the windows.
        hertz: (bands + 1,), the edges of the bands.
        score: with the whole sound.
    """

    importance: np.ndarray
    seconds: np.ndarray
    hertz: np.ndarray
    score: float


def word_importance(text: str, score: Score, *, nothing: float = 0.0) -> list[WordImportance]:
    """Leave out every word in turn.

    A word that stands twice is left out at one place at a time. A space takes its place, so that its neighbours do not
    grow together to a new word.

    Args:
        text: English or Chinese or both; its words are those of `features.tokens`.
        score: texts → the score of the hit with each.
        nothing: the score where no known word is left.

    Returns:
        One per word, in the order of the text.

    Raises:
        TypeError: the text is not a str.
        ValueError: score does not return one finite number per text.

    Example:
        >>> word_importance("red Wine", lambda texts: np.array([3.0 * ("Wine" in text) for text in texts]))[1]
        WordImportance(word='wine', start=4, end=8, importance=3.0)
    """
    places = word_places(text)
    variants = (f"{text[:start]} {text[end:]}" for _, start, end in places)
    _, importance = _importance(text, variants, score, AT_ONCE, nothing)
    return [WordImportance(*place, loss) for place, loss in zip(places, importance.tolist(), strict=True)]


def occlusion_map(
    image: Image.Image, score: Score, *, patch: int | None = None, stride: int | None = None, nothing: float = 0.0
) -> OcclusionMap:
    """Cover every patch of a picture in turn (Zeiler & Fergus 2014).

    A patch is covered with the mean colour of the picture's rim, one pixel wide. On a product photo this is the
    backdrop, so that a covered thing is as if it were not there. Black would be a thing of its own: a dark square
    with four sharp edges.

    Args:
        image: any size and mode; the boxes are in pixels of what `read_image` makes of it, upright. If its longer side
            is above `LONGEST`, a smaller copy is scored, for there are many variants.
        score: pictures → the score of the hit with each.
        patch: side of a patch in pixels; None: a quarter of the longer side.
        stride: pixels from one patch to the next; None: half a patch. The last ones end at the picture's edge.
        nothing: the score where nothing is left that could be encoded.

    Raises:
        TypeError: not a PIL image.
        ValueError: patch or stride below 1, a picture that `read_image` refuses, or score does not return one finite
            number per picture.
    """
    if not isinstance(image, Image.Image):
        raise TypeError(f"occlusion_map takes a PIL image, got {type(image).__name__}: open it with read_image(path).")
    image = read_image(image)
    patch = -(-max(image.size) // 4) if patch is None else patch
    stride = max(1, patch // 2) if stride is None else stride
    _check_at_least_one(patch=patch, stride=stride)
    lefts = _starts(image.width, patch, stride)
    boxes = np.array(
        [
            [(x, y, min(x + patch, image.width), min(y + patch, image.height)) for x in lefts]
            for y in _starts(image.height, patch, stride)
        ]
    )
    whole = _small_enough(image)
    pixels = np.asarray(whole)
    rim = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]]).mean(axis=0)
    ratio = np.tile(np.divide(whole.size, image.size), 2)

    def without(box: np.ndarray) -> Image.Image:
        variant = whole.copy()
        variant.paste(tuple(np.rint(rim).astype(int).tolist()), tuple(np.rint(box * ratio).astype(int).tolist()))
        return variant

    total, importance = _importance(whole, map(without, boxes.reshape(-1, 4)), score, AT_ONCE, nothing)
    return OcclusionMap(importance.reshape(boxes.shape[:2]), boxes, total)


def region_importance(
    samples: np.ndarray, score: Score, *, windows: int = 8, bands: int = 6, nothing: float = 0.0
) -> RegionMap:
    """Silence every region of a sound in turn: a window of time and a band of frequencies.

    The short-time Fourier transform of the sound is set to zero in the region and transformed back. The bands are
    evenly spaced on the Mel scale, on which steps sound alike (HTK's formula, 2595 log₁₀(1 + f / 700)).

    Encoders bring what is left to full loudness. Where all of a sound lies in one region, the rest is rounding error,
    and they would listen to that; a sound with less than a millionth of its energy left is made silent altogether.

    Args:
        samples: (n_samples,) float, at 16 kHz.
        score: sounds like it → the score of the hit with each.
        windows: how many windows of time.
        bands: how many bands of frequency.
        nothing: the score of silence, where the encoder refuses it.

    Raises:
        ValueError: not one-dimensional, no samples, or samples that are not finite; fewer than one window or band; or
            score does not return one finite number per sound.
    """
    samples = np.asarray(samples, dtype=np.float32)
    if samples.ndim != 1 or not samples.size or not np.isfinite(samples).all():
        raise ValueError(f"expected finite samples (n_samples,) at 16 kHz, got an array of shape {samples.shape}.")
    _check_at_least_one(windows=windows, bands=bands)
    seconds = np.linspace(0, len(samples) / SAMPLE_RATE, windows + 1)
    hertz = mel_frequencies(n_mels=bands + 1, fmin=0, fmax=SAMPLE_RATE / 2, htk=True)
    variants = _with_silent_regions(samples, seconds, hertz)
    at_once = min(AT_ONCE, max(1, SAMPLES_AT_ONCE // len(samples)))
    total, importance = _importance(samples, variants, score, at_once, nothing)
    return RegionMap(importance.reshape(bands, windows), seconds, hertz, total)


def _with_silent_regions(samples: np.ndarray, seconds: np.ndarray, hertz: np.ndarray) -> Iterator[np.ndarray]:
    """The sound without each region, the lowest band first, and in it the first window."""
    window = torch.hann_window(FRAME)
    transform = torch.stft(
        torch.from_numpy(samples), FRAME, HOP, window=window, pad_mode="constant", return_complex=True
    )
    frequencies = np.arange(transform.shape[0]) * SAMPLE_RATE / FRAME
    times = np.arange(transform.shape[1]) * HOP / SAMPLE_RATE
    band_of = np.digitize(frequencies, hertz[1:-1])  # a bin on an edge belongs to the upper band
    window_of = np.digitize(times, seconds[1:-1])
    enough = SILENT * float(np.square(samples, dtype=np.float64).sum())
    for band in range(len(hertz) - 1):
        for moment in range(len(seconds) - 1):
            region = torch.from_numpy((band_of == band)[:, None] & (window_of == moment))
            rest = torch.istft(transform.masked_fill(region, 0), FRAME, HOP, window=window, length=len(samples)).numpy()
            yield rest if np.square(rest, dtype=np.float64).sum() > enough else np.zeros_like(rest)


def _importance(
    whole: Any, variants: Iterable[Any], score: Score, at_once: int, nothing: float
) -> tuple[float, np.ndarray]:
    """The score with everything, and what it loses with each variant, float64 (n,)."""
    total = float(_checked(score([whole]), 1)[0])
    scores = [_scores(batch, score, nothing) for batch in batches(variants, at_once)]
    return total, total - np.concatenate(scores or [np.empty(0)])


def _scores(variants: list[Any], score: Score, nothing: float) -> np.ndarray:
    try:
        return _checked(score(variants), len(variants))
    except UnencodableValue as error:
        empty = np.isin(np.arange(len(variants)), list(error.reasons))
    scores = np.full(len(variants), float(nothing))
    if not empty.all():
        kept = [variant for variant, is_empty in zip(variants, empty, strict=True) if not is_empty]
        scores[~empty] = _checked(score(kept), len(kept))
    return scores


def _checked(scores: np.ndarray, n: int) -> np.ndarray:
    scores = np.asarray(scores, dtype=np.float64)
    if scores.shape != (n,) or not np.isfinite(scores).all():
        raise ValueError(f"score returned {scores.tolist()!r:.60}; expected {n} finite numbers, one per variant.")
    return scores


def _small_enough(image: Image.Image) -> Image.Image:
    ratio = LONGEST / max(image.size)
    return image if ratio >= 1 else image.resize((_scaled(image.width, ratio), _scaled(image.height, ratio)))


def _scaled(side: int, ratio: float) -> int:
    return max(1, round(side * ratio))


def _starts(length: int, patch: int, stride: int) -> list[int]:
    """Where patches begin along a side; the last one ends with it."""
    last = max(0, length - patch)
    return [*range(0, last, stride), last]


def _check_at_least_one(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} is {number}; expected at least 1.")
