"""Train the mini sound network: which of the shop's sound classes is heard?

    OMP_NUM_THREADS=1 python data/make/train_sounds.py

writes data/weights/mel-cnn/.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.weights.folder import save_weights
from mmr_toolkit.shop.data import cornershop
from model_card import CATALOGUE, WEIGHTS_FOLDER, write_card
from shop import seed_of
from sounds import record

FOLDER = WEIGHTS_FOLDER / "mel-cnn"
SETTINGS = {"dim": 64, "epochs": 15, "fresh_recordings_of_a_class": 100, "seed": 0, "threads": 1}
ABOUT = """Four convolutions on a log-Mel spectrogram (64 bands, 10 ms a frame), mean and maximum over time, one linear
layer (0.13 million weights, 16-bit on disk). Its vectors tell which sounds are of the same class.
`MelCnnEncoder.load()` reads it."""
DATA = """Both recordings of each of the shop's 528 training products (14 have only one) and 100 fresh recordings of
each of the 16 sound classes, drawn by the shop's generators with seeds of their own and not passed through the Opus
codec. The labels are the sound classes, nothing else.

No recording of a validation or test product was used, nor of the five types that only the test split has (shorts,
beanie, pear, lemonade, milk). But several types share a sound class: what a beanie sounds like, the network has heard
on scarfs. "Unseen" below are new types with known classes of sounds."""
LIMITS = """It knows 16 classes of synthesised sounds of a second: taps on six materials, two pours, two bites, three
cloths, a zip, two soles. Another sound gets a vector as well, one that says which of these it resembles. The labels it
learned from are what the shop's queries ask for, so the figures above show what labels can do, not what to expect
elsewhere."""


def training_recordings() -> Iterator[tuple[Path, str]]:
    """Path and sound class of both recordings of each training product."""
    shop = cornershop()
    chosen = shop.table[shop.table["split"] == "train"]
    for product, sound, recording in zip(chosen["id"], chosen["sound"], chosen["audio"], strict=True):
        if isinstance(recording, str):  # else a hole
            yield shop.folder / recording, sound
        yield shop.folder / "query_audio" / f"{product}.opus", sound


def fresh_recordings(sounds: list[str], n: int) -> Iterator[tuple[np.ndarray, str]]:
    """Samples (16000,) and sound class of `n` recordings of each class that belong to no product."""
    for sound in sounds:
        for number in range(n):
            yield record(sound, seed_of("fresh recording", sound, number)), sound


def main() -> None:
    torch.set_num_threads(SETTINGS["threads"])
    start = time.process_time()
    recordings = list(training_recordings())
    classes = sorted({sound for _, sound in recordings})
    recordings += fresh_recordings(classes, SETTINGS["fresh_recordings_of_a_class"])
    encoder = MelCnnEncoder.train(
        [recording for recording, _ in recordings],
        {"sound": [sound for _, sound in recordings]},
        epochs=SETTINGS["epochs"],
        seed=SETTINGS["seed"],
        dim=SETTINGS["dim"],
    )
    seconds = time.process_time() - start
    print(encoder.history.round(3))

    save_weights(FOLDER, encoder.network, encoder.settings | {"trained_on": CATALOGUE})
    write_card(
        FOLDER,
        MelCnnEncoder.load(FOLDER),
        title="Mini sound network",
        about=ABOUT,
        data=DATA,
        limits=LIMITS,
        script="OMP_NUM_THREADS=1 python data/make/train_sounds.py",
        seconds=seconds,
        settings=SETTINGS,
    )


if __name__ == "__main__":
    main()
