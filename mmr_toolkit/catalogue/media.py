"""Reading one picture or one sound, whatever form it comes in, or saying clearly why not.

Every picture becomes 8-bit RGB, upright, on white; every sound becomes mono float32 at one sample rate.
"""

import re
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from PIL import ExifTags, Image, ImageFile
from scipy.signal import resample_poly

from mmr_toolkit.catalogue.faults import FAULTS
from mmr_toolkit.catalogue.sound_files import missing_bytes
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.quoting import path_shown

__all__ = [
    "MAX_PIXELS",
    "MAX_RATE",
    "MAX_SAMPLES",
    "MAX_SECONDS",
    "PICTURE_FORMATS",
    "SAMPLE_RATE",
    "SILENCE",
    "UnreadableMedia",
    "check_rate",
    "is_silent",
    "open_picture",
    "read_audio",
    "read_image",
    "to_mono",
]

#: What is read: raster formats that Pillow decodes by itself. Of the others that it knows, EPS starts Ghostscript, WMF
#: and EMF call Windows, and some hand the file on to whatever has been installed; a picture would be a program.
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
SEVERAL_JPEGS = "MPO"  # what Pillow calls a JPEG with several pictures, once it is open
MAX_PIXELS = 50_000_000  # a small file can unpack to gigabytes (a "decompression bomb")
MAX_PASSES = 100  # of a JPEG over all its pixels; a progressive one has about ten, and each costs the same time
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # of a JPEG: begins a part of it; none is among the pixels
PASS, END = 0xDA, 0xD9
#: A header of PPM as programs write it. Numbers in words (P1 to P3) and remarks without end are read sign by sign.
PPM_HEADER = re.compile(rb"P[4-6](\s+(#[^\n]{0,200}\n)?)+[0-9]{1,5}\s")
#: Orientation → how to turn a picture that was stored so; 1 is upright (Exif 2.32, CIPA 2019, tag 0x0112).
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MAX_SECONDS = 600.0
MAX_SAMPLES = 120_000_000  # of all channels: ten minutes of stereo at 96 kHz, 480 MB when unpacked
MAX_RATE = 768_000  # Hz; a damaged header can announce 4 GHz, and resampling that takes all memory
SAMPLE_RATE = 16_000  # Hz, of every sound in the toolkit
SILENCE = 1e-4  # a sound that moves by less is silent: -80 dB of full scale, 3 steps of 16 bits, as dither has them


class UnreadableMedia(ValueError):
    """A file that is there but cannot be used. `.fault` is its code in `mmr_toolkit.catalogue.faults.FAULTS`."""

    def __init__(self, path: PathLike, fault: str, found: str) -> None:
        super().__init__(f"{path}: {found}. {FAULTS[fault].mend_file}")
        self.fault = fault
        self.found = found


def open_picture(path: PathLike) -> ImageFile.ImageFile:
    """A picture file of which only the header is read: size, format and tags are known, the pixels are not.

    Every other reader of pictures in the package goes through here, so that what is in a file, never its name, decides,
    and nothing but `PICTURE_FORMATS` is decoded. Close it, or use it in a `with` statement.

    Raises:
        FileNotFoundError: no such file.
        UnreadableMedia: empty, in none of the formats, or more than `MAX_PIXELS` pixels (a ValueError).
    """
    _require_file(path)
    try:
        image = Image.open(path, formats=PICTURE_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableMedia(path, "too_many_pixels", f"{error} (at most {MAX_PIXELS:,} are read)") from error
    except Exception as error:  # a damaged header fails in as many ways as there are formats
        found = f"not a picture: it starts with {_first_bytes(path)}"
        raise UnreadableMedia(path, "not_an_image", found) from error
    try:
        _check_pixels(image, path)
        _check_work(image, path)
    except UnreadableMedia:
        image.close()
        raise
    return image


def read_image(picture: PathLike | Image.Image) -> Image.Image:
    """Read a picture as 8-bit RGB.

    Turned upright by its EXIF tag; CMYK, palette and 16-bit pictures are converted (16 bits are scaled, not
    clipped); of an animation the first frame; transparent parts become white.

    Args:
        picture: a file, or a PIL image: opened from a file, it becomes what the file becomes, unless you chose another
            frame. It stays as it is.

    Raises:
        FileNotFoundError: no such file.
        UnreadableMedia: empty, in none of `PICTURE_FORMATS`, cut off, or more than `MAX_PIXELS` pixels (a ValueError).
    """
    if isinstance(picture, Image.Image):
        return _loaded(picture, str(getattr(picture, "filename", "")) or "the picture")
    with open_picture(picture) as image:
        return _loaded(image, picture)


def read_audio(path: PathLike, rate: int = SAMPLE_RATE) -> np.ndarray:
    """Read a sound as mono float32 samples, shape (n_samples,), nominally in [-1, 1].

    Channels are averaged (of channels that cancel each other the loudest is taken), then the sound is resampled from
    its own rate to `rate` (Hz) by a polyphase filter.
    A silent sound is returned as it is: the doctor reports it.

    Raises:
        FileNotFoundError: no such file.
        ValueError: `rate` is not a positive whole number.
        UnreadableMedia: empty, not a sound, cut off, no samples, NaN or infinite samples, longer than `MAX_SECONDS`, or
            more than `MAX_SAMPLES` of all channels.
    """
    check_rate(rate)
    with _open_sound(path) as file:
        own_rate, frames = file.samplerate, file.frames
        try:
            samples = file.read(dtype="float32", always_2d=True)
        except Exception as error:
            found = f"the {file.format} sound is cut off or damaged ({error})"
            raise UnreadableMedia(path, "truncated_sound", found) from error
        if file.format == "FLAC" and len(samples) < frames:  # other headers only estimate
            raise UnreadableMedia(path, "truncated_sound", f"the sound breaks off after {len(samples):,} of {frames:,}")
    if len(samples) == 0:
        raise UnreadableMedia(path, "zero_length_sound", "a sound without samples (0 s)")
    if not np.isfinite(samples).all():
        raise UnreadableMedia(path, "broken_samples", "some samples are NaN or infinite")
    return _resample(_mixed(samples.T), own_rate, int(rate))


def to_mono(samples: np.ndarray, own_rate: int, rate: int = SAMPLE_RATE) -> np.ndarray:
    """Bring samples to the form in which `read_audio` returns them: channels averaged, then resampled.

    Args:
        samples: (n_samples,) or (channels, n_samples), floats, nominally in [-1, 1].
        own_rate: their rate, Hz, at most `MAX_RATE`.
        rate: the rate of the result, Hz.

    Returns:
        float32, (n_samples * rate / own_rate,), rounded up.

    Raises:
        ValueError: a rate is not a positive whole number or too high; another number of axes.
    """
    check_rate(own_rate)
    check_rate(rate)
    if samples.ndim not in (1, 2):
        raise ValueError(f"samples have shape {samples.shape}; expected (n_samples,) or (channels, n_samples).")
    return _resample(samples if samples.ndim == 1 else _mixed(samples), int(own_rate), int(rate))


def is_silent(samples: np.ndarray) -> bool:
    """Whether nothing is to be heard in float samples (n_samples,): zeros, dither, or a steady voltage."""
    return not len(samples) or float(samples.max()) - float(samples.min()) < 2 * SILENCE


def _mixed(channels: np.ndarray) -> np.ndarray:
    """One channel out of (channels, n_samples): their mean, or the loudest where the mean of loud ones is silent."""
    mean = channels.mean(axis=0)
    loudest = channels[np.argmax(np.ptp(channels, axis=1))] if len(channels) > 1 and channels.shape[1] else mean
    return loudest if is_silent(mean) and not is_silent(loudest) else mean


def check_rate(rate: object) -> None:
    """Raise a ValueError unless this is a whole number of Hz from 1 to `MAX_RATE`."""
    if not isinstance(rate, int | np.integer) or not 0 < rate <= MAX_RATE:
        raise ValueError(
            f"rate is {rate!r}; expected a positive whole number of Hz, for example {SAMPLE_RATE}, up to {MAX_RATE}."
        )


def _require_file(path: PathLike) -> None:
    if not Path(path).is_file():
        found = "that is a folder" if Path(path).is_dir() else "no such file"
        raise FileNotFoundError(f"{path_shown(path)}: {found}. {FAULTS['missing_file'].mend_file}")
    if Path(path).stat().st_size == 0:
        raise UnreadableMedia(path, "zero_bytes", "the file is empty (0 bytes)")


def _open_sound(path: PathLike) -> soundfile.SoundFile:
    """A whole sound of a size that can be read; nothing but its header has been read. Raises as `read_audio`."""
    _require_file(path)
    if missing := missing_bytes(path):
        found = f"the sound breaks off: {missing:,} of the bytes that it announces are missing"
        raise UnreadableMedia(path, "truncated_sound", found)
    try:
        file = soundfile.SoundFile(path)
    except Exception as error:  # soundfile raises RuntimeError, TypeError and others on damaged files
        found = f"not a sound that can be read: it starts with {_first_bytes(path)}"
        raise UnreadableMedia(path, "not_a_sound", found) from error
    try:
        _check_samples(file, path)
    except UnreadableMedia:
        file.close()
        raise
    return file


def _check_samples(file: soundfile.SoundFile, path: PathLike) -> None:
    """A header can promise anything, so the caps come before the memory is taken."""
    rate, frames, channels = file.samplerate, file.frames, file.channels
    if not 0 < rate <= MAX_RATE:
        raise UnreadableMedia(path, "not_a_sound", f"a sample rate of {rate:,} Hz, at most {MAX_RATE:,} are read")
    if frames > MAX_SECONDS * rate:
        found = f"{frames / rate:,.0f} s long, at most {MAX_SECONDS:.0f} s are read"
        raise UnreadableMedia(path, "too_long_sound", found)
    if frames * channels > MAX_SAMPLES:
        found = f"{channels:,} channels of {frames:,} samples, at most {MAX_SAMPLES:,} are read together"
        raise UnreadableMedia(path, "too_many_samples", found)


def _first_bytes(path: PathLike) -> str:
    with Path(path).open("rb") as file:
        return repr(file.read(12))


def _loaded(image: Image.Image, path: PathLike) -> Image.Image:
    """The pixels of an image as a new one in RGB; what a stranger's format would start is refused before it starts."""
    opened = image.format is not None or isinstance(image, ImageFile.ImageFile)
    if opened and image.format not in (*PICTURE_FORMATS, SEVERAL_JPEGS):
        found = f"a picture in the format {image.format}, which is not read: known are {', '.join(PICTURE_FORMATS)}"
        raise UnreadableMedia(path, "not_an_image", found)
    _check_pixels(image, path)
    try:
        image.load()
    except Exception as error:
        found = f"the {image.format} picture is cut off or damaged ({error})"
        raise UnreadableMedia(path, "truncated_image", found) from error
    if opened and image.mode == "P" and (image.palette is None or not image.palette.palette):
        raise UnreadableMedia(path, "truncated_image", f"the {image.format} picture has no palette for its colours")
    read = _to_rgb(_upright(image), path)
    read.info = {}  # else its tags would turn it again when it is read again
    return read


def _check_pixels(image: Image.Image, path: PathLike) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        found = f"{width} x {height} pixels, at most {MAX_PIXELS:,} are read"
        raise UnreadableMedia(path, "too_many_pixels", found)
    if width * height == 0:
        raise UnreadableMedia(path, "not_an_image", f"{width} x {height} pixels, expected at least one")


def _check_work(image: Image.Image, path: PathLike) -> None:
    """A small file can keep a processor busy for hours, so what is to be done is counted before it is done."""
    if image.format in ("JPEG", SEVERAL_JPEGS) and _passes(Path(path).read_bytes()) > MAX_PASSES:
        found = f"a JPEG that goes over its pixels more than {MAX_PASSES} times"
        raise UnreadableMedia(path, "not_an_image", found)
    if image.format == "PPM":
        with Path(path).open("rb") as file:
            if not PPM_HEADER.match(file.read(1_000)):
                found = "a PPM picture that is written as text or has long remarks; its binary form is read"
                raise UnreadableMedia(path, "not_an_image", found)


def _passes(jpeg: bytes) -> int:
    """How often the first picture of a JPEG goes over its pixels; no further than one more than is read."""
    passes, place = 0, 2
    while passes <= MAX_PASSES and (marker := MARKER.search(jpeg, place)) and jpeg[marker.end() - 1] != END:
        passes += jpeg[marker.end() - 1] == PASS
        place = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2], "big")  # the part says its length
    return passes


def _upright(image: Image.Image) -> Image.Image:
    """Turn the picture as its orientation says (EXIF or XMP); a damaged tag is no reason to lose the picture."""
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - damaged tags fail in as many ways as there are formats
        turn = None
    return image.copy() if turn is None else image.transpose(turn)


def _to_rgb(image: Image.Image, path: PathLike) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow's own conversion clips everything above 255
        image = _eight_bits(image, path)
    elif image.mode == "F":
        raise UnreadableMedia(path, "not_an_image", "a floating-point picture: its white and black are unknown")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image, path: PathLike) -> Image.Image:
    """A grey picture of 16 bits with 8, and with its transparent grey, if it has one."""
    grey = np.asarray(image)
    if grey.min() < 0 or grey.max() > 65535:
        raise UnreadableMedia(path, "not_an_image", "a grey picture with more than 16 bits per pixel")
    scaled = Image.fromarray(((grey.astype(np.int32) + 128) // 257).astype(np.uint8))
    if not isinstance(clear := image.info.get("transparency"), int):
        return scaled
    return Image.merge("LA", (scaled, Image.fromarray(np.where(grey == clear, 0, 255).astype(np.uint8))))


def _resample(samples: np.ndarray, own_rate: int, rate: int) -> np.ndarray:
    if own_rate == rate:
        return np.ascontiguousarray(samples, dtype=np.float32)
    common = gcd(own_rate, rate)
    return resample_poly(samples, rate // common, own_rate // common).astype(np.float32)
