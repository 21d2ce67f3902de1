"""A page with everything inside it: pictures and sounds are data URIs, so it still works when it is sent to someone.

Two rules keep it small and the same on every machine: a small file goes in as it is, byte for byte, and only a large
one is made smaller.
"""

import base64
import io
import wave
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image
from mmr_toolkit.common.files import PathLike

THUMBNAIL = 160  # pixels, the longer side
SMALL_FILE = 32_000  # bytes; up to this size a file is embedded as it is
SOUND_SECONDS = 4  # of a larger sound the page has only the beginning

# What browsers play and show. (Ogg with Opus: Chromium and Firefox for long, Safari since 18.4.)
MIME_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
}

# Data URIs and styles only: nothing that stands in a catalogue can load or run anything.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
DOCUMENT_STYLE = """
:root { color-scheme: light dark; }
body { background: Canvas; color: CanvasText; margin: 0 auto; padding: 16px; max-width: 1200px; }
h1 { font: 600 18px/1.3 system-ui, sans-serif; margin: 0 0 12px; overflow-wrap: anywhere; }
"""


def data_uri(mime_type: str, data: bytes) -> str:
    """The address of a file that is the file itself."""
    return f"data:{mime_type};base64,{base64.b64encode(data).decode('ascii')}"


def make_thumbnail(picture: PathLike | Image.Image, pixels: int) -> Image.Image:
    """A copy in RGB whose longer side has at most so many pixels; raises as `read_image`."""
    small = read_image(picture)
    small.thumbnail((pixels, pixels))
    return small


def thumbnail_uri(picture: PathLike | Image.Image, pixels: int = THUMBNAIL) -> str:
    """A picture made small, as a data URI; raises as `read_image`."""
    buffer = io.BytesIO()
    make_thumbnail(picture, pixels).save(buffer, format="JPEG", quality=85)
    return data_uri("image/jpeg", buffer.getvalue())


def is_shown_as_it_is(path: PathLike, limit: int = SMALL_FILE) -> bool:
    """Whether browsers know such files, and this one has at most `limit` bytes."""
    return Path(path).suffix.lower() in MIME_TYPES and Path(path).stat().st_size <= limit


def picture_uri(picture: PathLike | Image.Image) -> str:
    """A picture as a data URI; raises as `read_image`."""
    if not isinstance(picture, Image.Image):
        path, picture = picture, read_image(picture)
        if max(picture.size) <= THUMBNAIL and is_shown_as_it_is(path):
            return _file_uri(path)
    return thumbnail_uri(picture)


def sound_uri(sound: PathLike | np.ndarray) -> str:
    """A sound, or the beginning of a larger one, as a data URI; raises as `read_audio`.

    Args:
        sound: a file, or float samples (n_samples,) at 16 kHz.
    """
    if not isinstance(sound, np.ndarray):
        path, sound = sound, read_audio(sound)
        if is_shown_as_it_is(path):
            return _file_uri(path)
    samples = np.asarray(sound, dtype=np.float32)[: SOUND_SECONDS * SAMPLE_RATE]
    # WAV plays everywhere, and 8 bits are enough for a preview: half the size. Their range is used in full.
    loudest = max(float(np.abs(samples).max(initial=0)), 1e-6)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(samples / loudest * 127 + 128).astype(np.uint8).tobytes())
    return data_uri("audio/wav", buffer.getvalue())


def document(body: str, title: str) -> str:
    """A whole HTML document: it opens with a double click, follows the system's theme, and asks no other host.

    Args:
        body: HTML, such as that of `show_hits`.
        title: of the window and the headline, in plain text.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{DOCUMENT_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _file_uri(path: PathLike) -> str:
    return data_uri(MIME_TYPES[Path(path).suffix.lower()], Path(path).read_bytes())
