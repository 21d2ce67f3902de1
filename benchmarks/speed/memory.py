"""How much memory does extraction of a large catalogue take? The most that all its processes hold at one time.

    python benchmarks/speed/memory.py                50,000 items, each with a text, a picture and a sound of its own
    python benchmarks/speed/memory.py -n 5000        fewer: the number of items should hardly matter
    python benchmarks/speed/memory.py --workers 2    two processes read the files, however short reading takes

The pictures are real JPEG files of 128 x 128 pixels and the sounds real WAV files of one second, written into a
temporary folder (37 kB per item) and decoded like any others. Decoded and held all together they would take
113 kB per item, 5.7 GB for 50,000.

Memory is the resident set size, summed over this process and those that it starts, looked at twenty times a second.
Libraries that processes share are counted once for each, so the sum is rather too large than too small.
"""

import argparse
import io
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import soundfile
from PIL import Image

from mmr_toolkit import Catalogue, Encoder, extract
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder

TARGET = 2 * 2**30  # bytes
INTERVAL = 0.05  # s
SIDE = 128  # pixels
WORDS = np.array([f"word{i}" for i in range(2000)])


def generate(folder: Path, n: int, rng: np.random.Generator) -> Catalogue:
    """A catalogue of n items, no two of which have the same text, picture or sound."""
    rows = []
    seconds = np.arange(SAMPLE_RATE, dtype=np.float32) / SAMPLE_RATE
    for i in range(n):
        below = f"{i // 1000:03d}"  # a thousand items to a folder
        if i % 1000 == 0:
            (folder / below).mkdir()
        colours = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        colours.resize((SIDE, SIDE), Image.Resampling.BILINEAR).save(folder / below / f"{i}.jpg")
        tone = 0.5 * np.sin(2 * np.pi * rng.uniform(100, 4000) * seconds)
        tone += 0.1 * rng.standard_normal(SAMPLE_RATE, dtype=np.float32)
        wav = io.BytesIO()  # soundfile waits for the disk after each file that it writes itself
        soundfile.write(wav, tone, SAMPLE_RATE, subtype="PCM_16", format="WAV")
        (folder / below / f"{i}.wav").write_bytes(wav.getvalue())
        text = f"item{i} {' '.join(WORDS[rng.integers(0, len(WORDS), rng.integers(5, 40))])}"
        rows.append((f"item-{i}", text, f"{below}/{i}.jpg", f"{below}/{i}.wav"))
    table = pd.DataFrame(rows, columns=["id", "text", "image_file_name", "audio_file_name"])
    return Catalogue.from_table(table, folder)


def encoders(catalogue: Catalogue) -> dict[str, Encoder]:
    """Quick ones: word vectors and MFCC that learn from the first items, and a small network for pictures."""
    return {
        "text": Word2VecEncoder.train(catalogue.values("text")[:500], epochs=5),
        "image": CnnEncoder(CnnEncoder.load().network),  # without the warning that these are no pictures of the shop
        "audio": MfccEncoder().fit(map(read_audio, catalogue.values("audio")[:200])),
    }


def resident() -> int:
    """Bytes that this process and all those that it has started hold now."""
    held = 0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            held += process.memory_info().rss
    return held


@contextmanager
def watch() -> Iterator[list[int]]:
    """A list of one number: the most that `resident` has been while inside."""
    most = [resident()]
    over = threading.Event()

    def look() -> None:
        while not over.wait(INTERVAL):
            most[0] = max(most[0], resident())

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def main() -> None:
    """Extract, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=50_000, help="items")
    parser.add_argument(
        "--workers", type=int, help="processes that read pictures and sounds; if left out, as many as pay"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        start = time.perf_counter()
        catalogue = generate(Path(temporary), arguments.n, np.random.default_rng(0))
        chosen = encoders(catalogue)
        print(f"{arguments.n:,} items, {time.perf_counter() - start:.0f} s to make them and the encoders", flush=True)
        before, start = resident(), time.perf_counter()
        with watch() as most:
            features = extract(
                catalogue, chosen, progress=False, cache=Path(temporary, "cache"), workers=arguments.workers
            )
        print(f"{features}\n{time.perf_counter() - start:.0f} s to extract")
    kept = sum(matrix.nbytes for matrix in features.vectors.values())
    for title, n_bytes in (
        ("before extraction", before),
        ("most during extraction", most[0]),
        ("of these: the vectors themselves", kept),
        ("target: less than", TARGET),
    ):
        print(f"{title:34}{n_bytes / 2**20:7,.0f} MiB")


if __name__ == "__main__":
    main()
