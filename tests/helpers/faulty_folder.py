"""Small folders for the tests: one that is fine, and one way to spoil it for every fault there is.

`CASES` maps each code of `mmr_toolkit.catalogue.faults.FAULTS` to a function that spoils the fine folder.
"""

import csv
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

HEADER = ["id", "text", "image_file_name", "audio_file_name", "price", "split"]


def picture(path: Path, *, mode: str = "RGB", size: tuple[int, int] = (48, 32), seed: int = 0, **save: object) -> Path:
    """Write a picture of coloured noise; `save` goes to Pillow."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **save)
    return path


def sound(
    path: Path,
    *,
    rate: int = 16_000,
    channels: int = 1,
    seconds: float = 0.25,
    seed: int = 0,
    subtype: str | None = None,
) -> Path:
    """Write a sound of noise."""
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, (int(rate * seconds), channels))
    soundfile.write(path, noise, rate, subtype=subtype)
    return path


def write_table(folder: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8") -> None:
    with (folder / "metadata.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)


def item(name: str, seed: int, split: str = "train") -> dict[str, str]:
    files = {"image_file_name": f"images/{name}.jpg", "audio_file_name": f"audio/{name}.wav"}
    return {"id": name, "text": f"the text of {name} 红酒", **files, "price": f"{seed}.5", "split": split}


def good_folder(folder: Path) -> list[dict[str, str]]:
    """Items a and b (train) and c and d (test), on the lines 2 to 5, nothing wrong with them."""
    rows = [item(name, seed, "train" if seed < 2 else "test") for seed, name in enumerate("abcd")]
    for part in ("images", "audio"):
        (folder / part).mkdir(parents=True)
    for seed, row in enumerate(rows):
        picture(folder / row["image_file_name"], seed=seed)
        sound(folder / row["audio_file_name"], seed=seed)
    write_table(folder, rows)
    return rows


@dataclass(frozen=True)
class Case:
    """How to bring a fault about in item b (line 3), and what the report must say."""

    spoil: Callable[[Path, list[dict[str, str]]], None]
    column: str
    detail: str  # a piece of the report's detail, as a regular expression
    row: int = 3
    lost: str = ""  # the part that becomes a hole


def cell(column: str, value: str) -> Callable[[Path, list[dict[str, str]]], None]:
    """Spoil by writing a value into a cell of item b."""

    def spoil(folder: Path, rows: list[dict[str, str]]) -> None:
        rows[1][column] = value
        write_table(folder, rows)

    return spoil


def edited(old: str, new: str) -> Callable[[Path, list[dict[str, str]]], None]:
    """Spoil by a replacement in the bytes of the table."""

    def spoil(folder: Path, rows: list[dict[str, str]]) -> None:
        raw = (folder / "metadata.csv").read_bytes()
        (folder / "metadata.csv").write_bytes(raw.replace(old.encode(), new.encode("latin-1"), 1))

    return spoil


def other_picture(write: Callable[[Path], object], suffix: str) -> Callable[[Path, list[dict[str, str]]], None]:
    """Spoil by another file as the picture of item b."""

    def spoil(folder: Path, rows: list[dict[str, str]]) -> None:
        rows[1]["image_file_name"] = f"images/b{suffix}"
        write_table(folder, rows)
        write(folder / rows[1]["image_file_name"])

    return spoil


def other_sound(write: Callable[[Path], object]) -> Callable[[Path, list[dict[str, str]]], None]:
    return lambda folder, rows: write(folder / rows[1]["audio_file_name"]) and None


def cut(path: Path) -> None:
    """Keep the first half of a file."""
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def sixteen_bits(path: Path) -> None:
    Image.fromarray(np.linspace(0, 65535, 48 * 32).reshape(32, 48).astype(np.uint16)).save(path)


def animation(path: Path) -> None:
    frames = [Image.new("RGB", (48, 32), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


def turned(path: Path) -> None:
    """A picture of 48 x 32 stored lying on its side: red on its left edge when upright."""
    upright = Image.new("RGB", (48, 32), "white")
    upright.paste("red", (0, 0, 12, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to see it upright"
    upright.rotate(90, expand=True).save(path, exif=exif, quality=95)


def glass(path: Path) -> None:
    """Left half black, right half fully transparent."""
    image = Image.new("RGBA", (48, 32), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 24, 32))
    image.save(path)


def large_picture(path: Path) -> None:
    Image.new("1", (10_000, 5_001)).save(path)


def written(samples: np.ndarray, rate: int = 16_000, subtype: str | None = None) -> Callable[[Path], None]:
    return lambda path: soundfile.write(path, samples, rate, subtype=subtype)


def symbolic_link(folder: Path, rows: list[dict[str, str]]) -> None:
    outside = folder.parent / "outside.jpg"
    shutil.copy(folder / "images/a.jpg", outside)
    (folder / "images/b.jpg").unlink()
    (folder / "images/b.jpg").symlink_to(outside)


def no_parts(folder: Path, rows: list[dict[str, str]]) -> None:
    rows[1] |= {"text": " ", "image_file_name": "", "audio_file_name": "audio/gone.wav"}
    write_table(folder, rows)


def copied(source: str, target: str) -> Callable[[Path, list[dict[str, str]]], None]:
    return lambda folder, rows: shutil.copy(folder / source, folder / target) and None


def many_channels(path: Path) -> None:
    """A header of 1,000 channels in a file of a few bytes, which promises 16-bit samples up to its end."""
    channels, frames, rate = 1000, 130_000, 16_000
    samples = channels * frames * 2
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", samples + 36) + b"WAVEfmt " + struct.pack("<I", 16) + head)
        file.write(b"data" + struct.pack("<I", samples))
        file.truncate(44 + samples)  # a hole in the file, which takes no room on the disk


def not_finite() -> np.ndarray:
    samples = np.ones(1000, dtype=np.float32)
    samples[10] = np.nan
    return samples


CASES: dict[str, Case] = {
    "wrong_encoding": Case(edited("text of b", "text of caf\xe9"), "text", r"byte 0xE9 at character 16", lost="text"),
    "ragged_row": Case(edited("the text of b", "red, dry"), "", "7 cells in a table of 6 columns"),
    "open_quote": Case(edited("the text of d", '"the text of d'), "", "1 more lines", row=5),
    "missing_id": Case(cell("id", ""), "id", "no id: this row is now 'row-3'"),
    "duplicate_id": Case(cell("id", "a"), "id", "the id 'a' stands in row 2 already: this row is now 'a#2'"),
    "empty_text": Case(cell("text", " \u3000\t"), "text", "only white space", lost="text"),
    "path_leaves_folder": Case(cell("image_file_name", "../../x.jpg"), "image", r"a path with \.\.", lost="image"),
    "backslash_path": Case(cell("image_file_name", "images\\b.jpg"), "image", "read as images/b.jpg"),
    "missing_file": Case(
        cell("audio_file_name", "audio/gone.wav"), "audio", "no such file in the folder", lost="audio"
    ),
    "nothing_left": Case(no_parts, "", "the row is dropped"),
    "zero_bytes": Case(other_picture(lambda path: path.write_bytes(b""), ".jpg"), "image", "0 bytes", lost="image"),
    "not_an_image": Case(
        other_picture(lambda path: path.write_bytes(b"<html>404"), ".jpg"),
        "image",
        "starts with b'<html>404'",
        lost="image",
    ),
    "truncated_image": Case(
        lambda folder, rows: cut(folder / "images/b.jpg"), "image", "JPEG picture is cut off or damaged", lost="image"
    ),
    "too_many_pixels": Case(other_picture(large_picture, ".png"), "image", "10000 x 5001 pixels", lost="image"),
    "not_a_sound": Case(
        other_sound(lambda path: path.write_bytes(b"<html>404")), "audio", "not a sound .* b'<html>404'", lost="audio"
    ),
    "truncated_sound": Case(
        lambda folder, rows: cut(folder / "audio/b.wav"), "audio", "the sound breaks off: 4,022", lost="audio"
    ),
    "zero_length_sound": Case(other_sound(written(np.zeros(0))), "audio", "without samples", lost="audio"),
    "broken_samples": Case(
        other_sound(written(not_finite(), subtype="FLOAT")), "audio", "NaN or infinite", lost="audio"
    ),
    "too_long_sound": Case(
        other_sound(written(np.ones(601 * 100), 100)), "audio", "601 s long, at most 600", lost="audio"
    ),
    "too_many_samples": Case(
        other_sound(many_channels), "audio", "1,000 channels of 130,000 samples, at most 120,000,000", lost="audio"
    ),
    "silent_sound": Case(other_sound(written(np.zeros(4000))), "audio", "silent: the largest amplitude", lost="audio"),
    "cmyk_image": Case(other_picture(lambda path: picture(path, mode="CMYK"), ".jpg"), "image", "CMYK"),
    "sixteen_bit_image": Case(other_picture(sixteen_bits, ".png"), "image", "16 bits per channel"),
    "animated_image": Case(other_picture(animation, ".gif"), "image", "3 frames, the first is used"),
    "rotated_image": Case(other_picture(turned, ".jpg"), "image", "EXIF orientation 6"),
    "transparent_image": Case(other_picture(glass, ".png"), "image", "mode RGBA"),
    "stereo_sound": Case(other_sound(lambda path: sound(path, channels=2, seed=9)), "audio", "2 channels"),
    "other_rate_sound": Case(other_sound(lambda path: sound(path, rate=44_100, seed=9)), "audio", "44100 Hz"),
    "eight_bit_sound": Case(other_sound(lambda path: sound(path, subtype="PCM_U8", seed=9)), "audio", "PCM_U8"),
    "duplicate_content": Case(copied("images/a.jpg", "images/b.jpg"), "image", r"same bytes as images/a.jpg \(row 2\)"),
    "in_two_splits": Case(copied("audio/b.wav", "audio/c.wav"), "audio", "once in 'train', once in 'test'", row=4),
}
