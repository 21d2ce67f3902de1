"""Trains the mini weights of the two encoders of pictures: data/weights/cnn/ and data/weights/resnet/.

    python data/make/train_pictures.py                 both, about four minutes
    python data/make/train_pictures.py --only cnn

Both learn to name type, colour and pattern of the products of the training split, from both photos of each. They never
see a product of the validation or test split, nor one of the five types that stand in the test split only.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from mmr_toolkit.features.image.cnn import CHANNELS, SIZE, CnnEncoder, augment_pictures, convolutional_network
from mmr_toolkit.features.image.pictures import as_tensors, preprocessing
from mmr_toolkit.features.image.resnet import ResNetEncoder, mini_resnet
from mmr_toolkit.features.train_on_labels import train_on_labels
from mmr_toolkit.features.weights.folder import save_weights
from model_card import CATALOGUE, WEIGHTS_FOLDER, write_card
from probes import read_products, values_of

LABELS = ("type", "colour", "pattern")
THREADS = 1  # more would change the last digits, and a busy machine is slower with more
SEED = 0
BLOCKS = (1, 1, 1, 1)
CNN = {"channels": list(CHANNELS), "size": SIZE, "epochs": 40, "learning_rate": 8e-3}
RESNET = {"blocks": list(BLOCKS), "dim": 512, "size": SIZE, "epochs": 20, "learning_rate": 2e-3}

DATA = (
    "The training split of the shop: all {photos:,} photos of its {products} products, two of each but for a few that "
    "lack one, with type ({types} of them), colour and pattern as labels. Products of the validation and test splits "
    "were not seen, nor any picture of the five types that stand in the test split only (the rows “unseen” below)."
)
LIMITS = (
    "The network has seen nothing but rendered things of one shop before quiet backdrops. On other pictures its "
    "vectors say little; `extract` says so when it meets another catalogue."
)


def training_rows() -> pd.DataFrame:
    """A row per photo: `value` is its path; with the product's labels."""
    products = read_products()
    return values_of(products[products["split"] == "train"], "image")


def train_mini(
    rows: pd.DataFrame, network: torch.nn.Module, folder: Path, config: dict[str, Any]
) -> tuple[float, pd.DataFrame]:
    """Train a network without a head and save it.

    Returns:
        Seconds of processor time, and the history.
    """
    inputs = as_tensors(list(rows["value"]), preprocessing(config["size"]))
    labels = {name: list(rows[name]) for name in LABELS}
    start = time.process_time()
    history = train_on_labels(
        network,
        inputs,
        labels,
        epochs=config["epochs"],
        learning_rate=config["learning_rate"],
        seed=SEED,
        augment=augment_pictures,
    )
    seconds = time.process_time() - start
    save_weights(folder, network, config | {"trained_on": CATALOGUE})
    return seconds, history


def make(
    name: str,
    title: str,
    about: str,
    network: torch.nn.Module,
    config: dict[str, Any],
    load: Callable[[Path], CnnEncoder | ResNetEncoder],
) -> None:
    """Train one set of mini weights and write its card."""
    rows, folder = training_rows(), WEIGHTS_FOLDER / name
    seconds, history = train_mini(rows, network, folder, config)
    last = ", ".join(f"{column} {history[column].iloc[-1]:.3f}" for column in LABELS)
    card = write_card(
        folder,
        load(folder),
        title=title,
        about=about,
        data=DATA.format(products=rows["id"].nunique(), photos=len(rows), types=rows["type"].nunique()),
        limits=LIMITS,
        script=f"python data/make/train_pictures.py --only {name}",
        seconds=seconds,
        settings=config | {"batch size": 64, "seed": SEED, "threads": THREADS, "right while training": last},
    )
    print(f"{name}: {seconds:.0f} s, mAP", {split: q["all"]["AP"] for split, q in card["quality"].items()})


def make_cnn() -> None:
    """The small convolutional network."""
    about = (
        "Four convolutions, averaged over all places: the network that lesson 04 builds and trains within a minute, "
        "trained longer. `CnnEncoder.load()` reads it."
    )
    make("cnn", "Mini CNN", about, convolutional_network(CHANNELS), CNN, CnnEncoder.load)


def make_resnet() -> None:
    """The small residual network."""
    about = (
        "A residual network with one block of two convolutions in each of its four stages (torchvision's `ResNet`; "
        "ResNet-18 has two), without its head. `ResNetEncoder.load()` reads it in the mini tier."
    )
    make("resnet", "Mini ResNet", about, mini_resnet(BLOCKS), RESNET, ResNetEncoder.load_mini)


MAKE = {"cnn": make_cnn, "resnet": make_resnet}


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MAKE, help="one of the two")
    only = parser.parse_args().only
    torch.set_num_threads(THREADS)
    for name in [only] if only else MAKE:
        MAKE[name]()


if __name__ == "__main__":
    main()
