"""Records every product of the built-in shop twice: once for the catalogue, once as a query.

    python data/make/recordings.py --workers 2

A recording depends on the sound class and id of its product and on the view, on nothing else: what is seen or
read cannot be heard. Recordings that exist are kept, so a run that was stopped goes on where it ended.

Made twice, a recording holds the same sound but not the same bytes: libsndfile gives every Ogg stream a serial
number that it draws from the clock, and the page checksums (CRC) follow from it. So compare decoded samples,
never files.
"""

import argparse
import io
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray
from tqdm import tqdm

from shop import Product, build_shop, seed_of
from sounds import RATE, record

FOLDERS = ("audio", "query_audio")  # of view 0 and view 1
SHOP_FOLDER = Path(__file__).resolve().parents[1] / "cornershop"
#: libsndfile's scale from 0 (large) to 1 (small). .95 is 3.0 KB a second, the default 4.2 KB, both equally easy to
#: classify; from .99 on only a low-passed ruin is left.
OPUS_COMPRESSION = 0.95
View = Literal[0, 1]


def record_product(product: Product, view: View) -> NDArray[np.float32]:
    """A recording (16000,) of the product at 16 kHz; everything but its sound class is drawn from (id, view)."""
    return record(product.sound, seed_of("recording", product.id, view))


def encode(recording: NDArray[np.float32]) -> bytes:
    """The recording as an Ogg Opus file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, recording, RATE, format="OGG", subtype="OPUS", compression_level=OPUS_COMPRESSION)
    return buffer.getvalue()


def save_atomically(content: bytes, path: Path) -> None:
    """Write a file so that it is either whole or absent, whenever the run is stopped."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def wanted_views(product: Product, folder: Path) -> list[View]:
    """The views still to be recorded; a product that lacks its sound needs none for the catalogue."""
    views: tuple[View, ...] = (1,) if product.missing == "audio" else (0, 1)
    return [view for view in views if not (folder / FOLDERS[view] / f"{product.id}.opus").exists()]


def make_recordings(product: Product, folder: Path) -> int:
    """Make and save the recordings of one product that are still missing; returns how many."""
    views = wanted_views(product, folder)
    for view in views:
        save_atomically(encode(record_product(product, view)), folder / FOLDERS[view] / f"{product.id}.opus")
    return len(views)


def run(products: Sequence[Product], folder: Path, workers: int) -> None:
    """Make all missing recordings of the products, several at a time, with a progress bar."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    todo = [product for product in products if wanted_views(product, folder)]
    total = sum(len(wanted_views(product, folder)) for product in todo)
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        jobs = [pool.submit(make_recordings, product, folder) for product in todo]
        with tqdm(total=total, unit="recording") as bar:
            for job in as_completed(jobs):
                bar.update(job.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def main() -> None:
    """Read the command line and make the recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that work side by side")
    parser.add_argument("--folder", type=Path, default=SHOP_FOLDER, help="the shop's folder")
    options = parser.parse_args()
    try:
        run(build_shop(), options.folder, options.workers)
    except KeyboardInterrupt:
        sys.exit("stopped: run the same command again to go on")


if __name__ == "__main__":
    main()
