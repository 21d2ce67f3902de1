"""A catalogue of six items that a test can follow by hand, and encoders of a few lines for it.

Pictures are of one colour, sounds are one tone, texts are a few words. Items with holes are among them.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image
from mmr_toolkit.features import extract
from mmr_toolkit.features.encoder import UnencodableValue

# id, title_en, title_zh, colour of the picture, tone in Hz
ITEMS = [
    ("wine-red", "red wine", "红酒", (200, 20, 30), 400),
    ("wine-white", "white wine", "白葡萄酒", (230, 220, 150), 400),
    ("can-red", "cherry soda", "樱桃汽水", (200, 20, 30), 3000),
    ("wine-silent", "red wine", "红酒", (200, 20, 30), None),
    ("can-unseen", "cherry soda", "樱桃汽水", None, 3000),
    ("can-unread", None, None, (20, 40, 200), 3000),
]
WORDS = ["red", "white", "wine", "cherry", "soda", "红酒", "白葡萄酒", "樱桃汽水"]


def colour_file(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (48, 32)) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def tone(frequency: float, seconds: float = 0.25) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def small_catalogue(folder: Path) -> Catalogue:
    rows = []
    for id, english, chinese, colour, frequency in ITEMS:
        text = None if english is None else f"{english} {chinese}"
        image = None if colour is None else colour_file(folder / f"{id}.png", colour).name
        audio = None if frequency is None else f"{id}.wav"
        if audio is not None:
            soundfile.write(folder / audio, tone(frequency), SAMPLE_RATE)
        rows.append((id, text, image, audio, english, chinese))
    table = pd.DataFrame(rows, columns=["id", "text", "image_file_name", "audio_file_name", "title_en", "title_zh"])
    table.to_csv(folder / "metadata.csv", index=False, encoding="utf-8")
    return Catalogue.from_folder(folder)


class WordEncoder:
    """Which of the known words stand in the text."""

    modality, name, dim = "text", "words", len(WORDS)

    def encode(self, values, *, batch_size=64, device="cpu"):
        vectors = np.array([[word in text.split() for word in WORDS] for text in values], dtype=np.float32)
        if not vectors.any(axis=1).all():
            unknown = np.flatnonzero(~vectors.any(axis=1)).tolist()
            raise UnencodableValue({i: f"none of its words is known ({values[i]})" for i in unknown})
        return vectors


class ColourEncoder:
    """The mean colour."""

    modality, name, dim = "image", "colour", 3

    def encode(self, values, *, batch_size=64, device="cpu"):
        images = [value if isinstance(value, Image.Image) else read_image(value) for value in values]
        return np.stack([np.asarray(image).mean(axis=(0, 1)) / 255 - 0.5 for image in images]).astype(np.float32)


class PitchEncoder:
    """The energy in four bands of frequency."""

    modality, name, dim = "audio", "pitch", 4

    def encode(self, values, *, batch_size=64, device="cpu"):
        sounds = [value if isinstance(value, np.ndarray) else read_audio(value) for value in values]
        spectra = [np.abs(np.fft.rfft(sound[:4000])) for sound in sounds]
        return np.stack([[band.mean() for band in np.array_split(s, 4)] for s in spectra]).astype(np.float32)


def small_encoders() -> dict:
    return {"text": WordEncoder(), "image": ColourEncoder(), "audio": PitchEncoder()}


def features_of(catalogue, encoders):
    return extract(catalogue, encoders, progress=False)
