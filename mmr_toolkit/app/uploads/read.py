"""What a visitor of the search page sends, checked before an encoder sees it; what is wrong is said in one sentence.

A text, a picture and a sound come out in the form that `Retriever.search` takes; no file is changed by reading it. The
sentences are for people who do not know the machine: no path, no format code, and what to do instead.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from mmr_toolkit.catalogue.media import (
    SAMPLE_RATE,
    UnreadableMedia,
    is_silent,
    open_picture,
    read_audio,
    read_image,
)

__all__ = ["CAPS", "BadUpload", "Caps", "check_text", "read_picture", "read_sound"]


@dataclass(frozen=True)
class Caps:
    """How much a visitor may send: less than a catalogue may hold (`media`), for many visitors share one machine."""

    characters: int = 1_000
    megabytes: int = 15  # of one file, 2^20 bytes each
    pixels: int = 25_000_000  # a phone's photo has 12 or 24 million; 75 MB when unpacked
    longest: float = 60.0  # seconds
    shortest: float = 0.1  # seconds
    samples: int = 25_000_000  # of all channels, before it is brought to 16 kHz; 100 MB when unpacked

    @property
    def bytes(self) -> int:
        """The largest file."""
        return self.megabytes * 2**20


CAPS = Caps()

SENTENCES = {
    "text_too_long": "The text has {found:,} characters; please shorten it to at most {caps.characters:,}.",
    "not_a_text": "The text holds characters that cannot be read; please type it again.",
    "missing_file": "The {part} is no longer here; please choose it again.",
    "zero_bytes": "The {part} is an empty file; please choose another one.",
    "too_large": "The {part} has {found:.1f} MB; please send one of at most {caps.megabytes} MB.",
    "not_an_image": "This is not a picture that can be read; please send a JPEG, PNG, WebP, GIF, BMP or TIFF file.",
    "truncated_image": "The picture is damaged or cut off; please send it again or choose another one.",
    "too_many_pixels": "The picture has too many pixels; please send one of at most {caps.pixels:,}.",
    "not_a_sound": "This is not a sound that can be read; please send a WAV, FLAC, Ogg or MP3 file.",
    "truncated_sound": "The sound is damaged or cut off; please send it again or choose another one.",
    "zero_length_sound": "The sound is empty; please record it again.",
    "broken_samples": "The sound is damaged; please record or save it again.",
    "too_many_samples": "The sound is too large when unpacked; please send it in stereo or mono at 48 kHz.",
    "too_long_sound": "The sound lasts {found:.0f} seconds; please cut it to at most {caps.longest:.0f}.",
    "too_short_sound": "The sound lasts only {found:.2f} seconds; please send at least {caps.shortest}.",
    "silent_sound": "The sound is silent; please check the microphone and record it again.",
}


class BadUpload(ValueError):
    """What was sent cannot be used; `str(error)` is the sentence for the visitor.

    Attributes:
        part: "text", "picture" or "sound".
        fault: a key of `SENTENCES`.
    """

    def __init__(self, part: str, fault: str, found: float = 0.0, caps: Caps = CAPS) -> None:
        super().__init__(SENTENCES[fault].format(part=part, found=found, caps=caps))
        self.part = part
        self.fault = fault


def check_text(text: str | None, caps: Caps = CAPS) -> str | None:
    """The text without white space around it; None if nothing is left.

    Raises:
        BadUpload: longer than `caps.characters`, or with half a character (a lone surrogate) or a NUL or the like.
    """
    stripped = "" if text is None else text.strip()
    if len(stripped) > caps.characters:
        raise BadUpload("text", "text_too_long", len(stripped), caps)
    if any("\ud800" <= character <= "\udfff" or character < "\t" for character in stripped):
        raise BadUpload("text", "not_a_text")
    return stripped or None


def read_picture(path: str | os.PathLike[str], caps: Caps = CAPS) -> Image.Image:
    """A picture as `media.read_image` returns it: upright, RGB, on white.

    Raises:
        BadUpload: not there, empty, too large, in a format not in `media.PICTURE_FORMATS`, damaged, or too many pixels.
    """
    _check_file("picture", path, caps)
    try:
        with open_picture(path) as header:  # reads the size, not the pixels
            width, height = header.size
        if width * height > caps.pixels:
            raise BadUpload("picture", "too_many_pixels", caps=caps)
        return read_image(path)
    except UnreadableMedia as error:
        raise BadUpload("picture", error.fault, caps=caps) from None


def read_sound(path: str | os.PathLike[str], caps: Caps = CAPS) -> np.ndarray:
    """A sound as `media.read_audio` returns it: float32 (n_samples,), mono, 16 kHz.

    Raises:
        BadUpload: not there, empty, too large, not a sound, damaged, silent, too short or too long.
    """
    _check_file("sound", path, caps)
    try:
        header = soundfile.info(path)
    except Exception:  # noqa: BLE001 - soundfile raises RuntimeError, TypeError and others on damaged files
        raise BadUpload("sound", "not_a_sound") from None
    if header.duration > caps.longest:
        raise BadUpload("sound", "too_long_sound", header.duration, caps)
    if header.frames * header.channels > caps.samples:
        raise BadUpload("sound", "too_many_samples", caps=caps)
    try:
        samples = read_audio(path)
    except UnreadableMedia as error:
        raise BadUpload("sound", error.fault, caps=caps) from None
    if len(samples) < caps.shortest * SAMPLE_RATE:
        raise BadUpload("sound", "too_short_sound", len(samples) / SAMPLE_RATE, caps)
    if is_silent(samples):
        raise BadUpload("sound", "silent_sound")
    return samples


def _check_file(part: str, path: str | os.PathLike[str], caps: Caps) -> None:
    """There, with at least one byte and at most the largest number of bytes."""
    try:
        size = Path(path).stat().st_size if Path(path).is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        size = None
    if size is None:
        raise BadUpload(part, "missing_file")
    if size == 0:
        raise BadUpload(part, "zero_bytes")
    if size > caps.bytes:
        raise BadUpload(part, "too_large", size / 2**20, caps)
