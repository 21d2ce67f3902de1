"""Files that no page should trust: damaged, cut off, empty, lying about their size, or something else altogether."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import soundfile
from PIL import Image

RATE = 16_000  # Hz


def _picture(rng: np.random.Generator, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(buffer, format=kind)
    return buffer.getvalue()


def _sound(rng: np.random.Generator, **settings: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, rng.uniform(-0.5, 0.5, RATE // 2), RATE, **settings)
    return buffer.getvalue()


def _damaged(content: bytes, rng: np.random.Generator, n: int = 20) -> bytes:
    damaged = bytearray(content)
    for position in rng.integers(0, len(damaged), n):
        damaged[position] = rng.integers(256)
    return bytes(damaged)


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(10, len(content) - 10)]


def _huge_png(rng: np.random.Generator) -> bytes:
    """A header of some bytes that promises gigabytes of pixels."""
    side = int(rng.integers(10_000, 1_000_000))
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header)) + b"\0\0\0\0IDAT"


def _bomb(rng: np.random.Generator) -> bytes:
    """A real picture of 6000 x 5000 pixels, all alike: some kilobytes that unpack to 30 million."""
    buffer = io.BytesIO()
    Image.new("L", (6000, 5000 + int(rng.integers(100)))).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def _huge_wav(rng: np.random.Generator) -> bytes:
    sizes = rng.integers(2**31, 2**32, 2)
    form = struct.pack("<HHIIHH", 1, int(rng.integers(1, 1000)), int(rng.integers(1, 2**32)), 1, 4, 16)
    return b"RIFF" + struct.pack("<I", sizes[0]) + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", sizes[1])


def _quiet_hour(rng: np.random.Generator) -> bytes:
    """A FLAC of ten minutes of silence, some kilobytes."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(600 * 8000 + int(rng.integers(100)), dtype=np.int16), 8000, format="FLAC")
    return buffer.getvalue()


#: What it is → the field it is sent to ("image" or "audio"), its file name, and how one is made.
MALFORMED: dict[str, tuple[str, str, Callable[[np.random.Generator], bytes]]] = {
    "damaged PNG": ("image", "a.png", lambda rng: _damaged(_picture(rng, "PNG"), rng)),
    "cut-off PNG": ("image", "a.png", lambda rng: _cut(_picture(rng, "PNG"), rng)),
    "damaged JPEG": ("image", "a.jpg", lambda rng: _damaged(_picture(rng, "JPEG"), rng)),
    "cut-off JPEG": ("image", "a.jpg", lambda rng: _cut(_picture(rng, "JPEG"), rng)),
    "damaged WebP": ("image", "a.webp", lambda rng: _damaged(_picture(rng, "WEBP"), rng)),
    "PNG that promises too much": ("image", "a.png", _huge_png),
    "PNG that unpacks to too much": ("image", "a.png", _bomb),
    "zip as a picture": ("image", "a.jpg", lambda rng: b"PK\x03\x04" + rng.bytes(500)),
    "noise as a picture": ("image", "a", lambda rng: rng.bytes(2000)),
    "script as a picture": ("image", "a.svg", lambda rng: b"<svg><script>alert(1)</script></svg>" + rng.bytes(9)),
    "empty picture": ("image", "a.png", lambda rng: b""),
    "damaged Opus": ("audio", "a.opus", lambda rng: _damaged(_sound(rng, format="OGG", subtype="OPUS"), rng)),
    "cut-off Opus": ("audio", "a.opus", lambda rng: _cut(_sound(rng, format="OGG", subtype="OPUS"), rng)),
    "damaged FLAC": ("audio", "a.flac", lambda rng: _damaged(_sound(rng, format="FLAC"), rng)),
    "damaged MP3": ("audio", "a.mp3", lambda rng: _damaged(_sound(rng, format="MP3"), rng, 100)),
    "WAV that promises too much": ("audio", "a.wav", _huge_wav),
    "FLAC of ten silent minutes": ("audio", "a.flac", _quiet_hour),
    "zip as a sound": ("audio", "a.wav", lambda rng: b"PK\x03\x04" + rng.bytes(500)),
    "noise as a sound": ("audio", "a", lambda rng: rng.bytes(2000)),
    "empty sound": ("audio", "a.wav", lambda rng: b""),
}
