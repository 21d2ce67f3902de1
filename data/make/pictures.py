"""Photographs every product of the built-in shop twice: once for the catalogue, once as a query.

    python data/make/pictures.py --workers 2

A picture depends on the type, colour, pattern and id of its product and on the view, on nothing else: what is heard or
read cannot be seen. Pictures that exist are kept, so a run that was stopped goes on where it ended.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from render.clothing import CLOTHING
from render.drinks import DRINKS
from render.food import FOOD
from render.geometry import Mesh
from render.look import Look
from render.studio import denoise, photograph, tone_map
from render.variant import choose_variant
from shop import Product, build_shop

BUILDERS = CLOTHING | FOOD | DRINKS
FOLDERS = ("images", "query_images")  # of view 0 and view 1
SHOP_FOLDER = Path(__file__).resolve().parents[1] / "cornershop"
JPEG_QUALITY = 85
View = Literal[0, 1]


def generator(name: str, *numbers: int) -> np.random.Generator:
    """Random numbers that depend on a name and numbers only, so that every picture can be made again by itself."""
    return np.random.default_rng([zlib.crc32(name.encode()), *numbers])


def build_product(product: Product) -> list[Mesh]:
    """The product itself, the same in both views: its incidental details (folds, cut, trims) are drawn from its id."""
    builder, _ = BUILDERS[product.type]
    return builder(Look.of(product.colour, product.pattern), generator(product.id))


def photograph_product(
    product: Product, view: View, size: int = 128, samples: int = 96, parts: Sequence[Mesh] | None = None
) -> NDArray[np.uint8]:
    """A picture (size, size, 3) of the product; camera, light and backdrop are drawn from (id, view).

    parts: the product as `build_product` returns it, to save building it again for its second view.
    """
    if parts is None:
        parts = build_product(product)
    _, staging = BUILDERS[product.type]
    rng = generator(product.id, 1 + view)
    image = photograph(parts, staging, rng, size, samples, seed=int(rng.integers(2**20)))
    return denoise(tone_map(image, rng))


def save_atomically(picture: NDArray[np.uint8], path: Path) -> None:
    """Write a JPEG so that the file is either whole or absent, whenever the run is stopped."""
    unfinished = path.with_suffix(".unfinished")
    Image.fromarray(picture).save(unfinished, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    unfinished.replace(path)


def wanted_views(product: Product, folder: Path) -> list[View]:
    """The views of a product that still have to be taken; one that lacks its picture needs none for the catalogue."""
    views: tuple[View, ...] = (1,) if product.missing == "image" else (0, 1)
    return [view for view in views if not (folder / FOLDERS[view] / f"{product.id}.jpg").exists()]


def take_pictures(product: Product, folder: Path, size: int, samples: int) -> int:
    """Take and save the pictures of one product that are still missing; returns how many."""
    views = wanted_views(product, folder)
    try:
        parts = build_product(product)
        for view in views:
            picture = photograph_product(product, view, size, samples, parts)
            save_atomically(picture, folder / FOLDERS[view] / f"{product.id}.jpg")
    except Exception as error:
        raise RuntimeError(f"could not photograph {product.id}: {error!r}") from error
    return len(views)


def interleave(products: Sequence[Product]) -> Iterator[Product]:
    """The products in turns of one per type, so that an early look at the folder shows every type."""
    by_type: dict[str, list[Product]] = {}
    for product in products:
        by_type.setdefault(product.type, []).append(product)
    for turn in range(max(map(len, by_type.values()), default=0)):
        yield from (group[turn] for group in by_type.values() if turn < len(group))


def _start_worker() -> None:
    """Leave Ctrl-C to the parent process, and keep every worker on one thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def run(products: Sequence[Product], folder: Path, workers: int, size: int, samples: int) -> None:
    """Take all missing pictures of the products, several at a time, with a progress bar."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    total = sum(len(wanted_views(product, folder)) for product in products)
    todo = [product for product in products if wanted_views(product, folder)]
    choose_variant()  # once, before the workers inherit the choice
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    try:
        jobs = [pool.submit(take_pictures, product, folder, size, samples) for product in todo]
        with tqdm(total=total, unit="picture", smoothing=0.05) as bar:
            for job in as_completed(jobs):
                bar.update(job.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that render side by side")
    parser.add_argument("--size", type=int, default=128, help="side of a picture in pixels")
    parser.add_argument("--samples", type=int, default=96, help="samples per pixel: more is slower and less grainy")
    parser.add_argument("--only", nargs="+", metavar="TYPE", choices=sorted(BUILDERS), help="take only these types")
    parser.add_argument("--limit", type=int, help="take only the first N products, in turns of one per type")
    parser.add_argument("--folder", type=Path, default=SHOP_FOLDER, help="the shop's folder")
    options = parser.parse_args()
    products = [p for p in build_shop() if options.only is None or p.type in options.only]
    products = list(interleave(products))[: options.limit]
    try:
        run(products, options.folder, options.workers, options.size, options.samples)
    except KeyboardInterrupt:
        sys.exit("stopped: run the same command again to go on")


if __name__ == "__main__":
    main()
