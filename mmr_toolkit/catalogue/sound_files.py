"""Whether a copy of a sound file broke off: how many bytes its header announces, and how many are there.

A decoder reads what it finds of a WAV, AIFF or MP3 file and says nothing of the rest; half a sound would have a vector
as if it were whole. (FLAC fails by itself.) A recorder that writes into a pipe cannot go back to the header and leaves
the largest number there, or none: such a file announces nothing, and is whole.
"""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mmr_toolkit.common.files import PathLike

__all__ = ["missing_bytes"]

OPEN_ENDED = 0x7FFF_0000  # a length from here on says that the writer did not know it
SLACK = 64  # bytes; some writers count the header in, and so little cannot be heard
MOST_CHUNKS = 1000  # before the samples; real files have about five
MP3_SLACK = 256  # bytes; a tag at the end (128) may be counted, and have been taken away since
OGG_PAGE = 65_307  # bytes, the largest


def missing_bytes(path: PathLike) -> int:
    """How many bytes are missing at the end of a sound file, at least; 0 if it is whole or announces nothing.

    Knows WAV (also RIFX and RF64), AIFF, AU, MP3 with a Xing, Info or VBRI header, and Ogg, by what is in the file.

    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = _bytes_at(file, 0, 12)
        for magic, measure in _MEASURES.items():
            if start.startswith(magic):
                return measure(file, size)
        return _of_mp3(file, size)


def _of_wav(file: BinaryIO, size: int) -> int:
    return _of_chunks(file, size, "<I", b"data")


def _of_big_endian_wav(file: BinaryIO, size: int) -> int:
    return _of_chunks(file, size, ">I", b"data")


def _of_aiff(file: BinaryIO, size: int) -> int:
    return _of_chunks(file, size, ">I", b"SSND")


def _of_chunks(file: BinaryIO, size: int, number: str, samples: bytes) -> int:
    """Of a file of chunks, each with a name and a length: of the one with the samples."""
    position = 12
    for _ in range(MOST_CHUNKS):
        head = _bytes_at(file, position, 8)
        if len(head) < 8:
            break
        (length,) = struct.unpack(number, head[4:])
        position += 8
        if head[:4] == samples:
            return _lacking(position + length, size) if length < OPEN_ENDED else 0
        position += length + length % 2
    return 0


def _of_long_wav(file: BinaryIO, size: int) -> int:
    """RF64: the length of the samples, 64 bits, stands in the first chunk, and the samples after the last one."""
    head = _bytes_at(file, 12, 24)
    if len(head) < 24 or head[:4] != b"ds64":
        return 0
    (length,) = struct.unpack("<Q", head[16:24])
    return _lacking(length, size) if length < 1 << 62 else 0


def _of_au(file: BinaryIO, size: int) -> int:
    head = _bytes_at(file, 4, 8)
    if len(head) < 8:
        return 0
    begin, length = struct.unpack(">II", head)
    return _lacking(begin + length, size) if length < OPEN_ENDED else 0


def _of_ogg(file: BinaryIO, size: int) -> int:
    """Ogg does not say how long it is, but each of its pages does."""
    tail = _bytes_at(file, max(0, size - OGG_PAGE), OGG_PAGE)
    page = tail[max(0, tail.rfind(b"OggS")) :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    whole = 27 + len(segments) + sum(segments) if len(page) > 26 and len(segments) == page[26] else len(page) + 1
    return max(0, whole - len(page))


def _of_mp3(file: BinaryIO, size: int) -> int:
    """The first frame may hold the number of bytes from it to the end."""
    begin = 0
    tag = _bytes_at(file, 0, 10)
    if tag[:3] == b"ID3" and len(tag) == 10:  # its length has 7 bits in each of four bytes
        begin = 10 + sum(byte << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True))
    frame = _bytes_at(file, begin, 64)
    if len(frame) < 64 or frame[0] != 0xFF or frame[1] < 0xE0:
        return 0
    for name, offsets in ((b"Xing", (13, 21, 36)), (b"Info", (13, 21, 36)), (b"VBRI", (36,))):
        for at in offsets:
            if frame[at : at + 4] == name:
                announced = _announced(frame[at + 4 :], name)
                return 0 if announced == size else _lacking(begin + announced, size, MP3_SLACK)
    return 0


def _announced(header: bytes, name: bytes) -> int:
    """The bytes that such a header announces; 0 if it does not say."""
    if name == b"VBRI":
        return int.from_bytes(header[6:10])
    flags = int.from_bytes(header[:4])
    at = 8 if flags & 1 else 4  # behind the number of frames, if that is there
    return int.from_bytes(header[at : at + 4]) if flags & 2 else 0


def _lacking(end: int, size: int, slack: int = SLACK) -> int:
    return end - size if end - size > slack else 0


def _bytes_at(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)


#: What a file begins with → how its length is found.
_MEASURES: dict[bytes, Callable[[BinaryIO, int], int]] = {
    b"RIFF": _of_wav,
    b"RIFX": _of_big_endian_wav,
    b"RF64": _of_long_wav,
    b"FORM": _of_aiff,
    b".snd": _of_au,
    b"OggS": _of_ogg,
}
