"""How much do fusions lose when the photo of a query is noise in part? And do they notice?

    python benchmarks/quality/fusion_noise.py

Every pixel of the query's photo gets normal noise with σ = 0.5, where pixels run from -1 to 1, and is clipped. Heads
are trained without such photos, and with a noisy copy of every training query. Full queries are asked with the clean
photo, with the noisy one, with that of another query ("wrong"), and without any. What tells nothing of the product
should be left out: if the mask works, no photo is better than a wrong one. The last table has the mean weight of each
part in the queries: an attention that gates would turn away from the noisy photo.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from PIL import Image

from mmr_toolkit.catalogue.media import read_image
from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.systems import fused_system
from mmr_toolkit.features import Encoder
from mmr_toolkit.fusion import ConcatFusion, Fusion, ResidualFusion, plain_fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.shop.data import TOLD_BY, cornershop, cornershop_queries
from mmr_toolkit.training.heads import KINDS
from mmr_toolkit.training.loop import fit
from shop_sets import ENCODERS, RECIPE, ShopSets, encoders_named

SIGMA = 0.5  # pixels run from -1 to 1


def with_noise(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture with normal noise on every number."""
    pixels = np.asarray(picture, dtype=np.float32) / 127.5 - 1
    noisy = (pixels + SIGMA * rng.standard_normal(pixels.shape)).clip(-1, 1)
    return Image.fromarray(np.round((noisy + 1) * 127.5).astype(np.uint8))


def noisy_vectors(encoder: Encoder, split: str, ids: Sequence[str], seed: int) -> np.ndarray:
    """The vectors of the queries' noisy photos, (n, d); queries made of the same product share the photo."""
    rng, folder = np.random.default_rng(seed), cornershop().folder
    files = cornershop_queries(split).set_index("query_id").loc[list(ids), "image_file_name"].tolist()
    names = sorted(set(files))
    vectors = encoder.encode([with_noise(read_image(folder / name), rng) for name in names])
    row = dict(zip(names, vectors, strict=True))
    return np.stack([row[name] for name in files])


def both_ways(shop: ShopSets) -> Pairs:
    """The training pairs, and all of them once more with noisy photos."""
    pairs, ids = shop.pairs, cornershop_queries("train")["query_id"].tolist()
    photos = torch.from_numpy(noisy_vectors(shop.encoders["image"], "train", ids, seed=1))
    other, products = pairs.queries | {"image": photos}, cornershop().table
    return Pairs(
        {name: torch.cat([pairs.queries[name], other[name]]) for name in pairs.queries},
        pairs.items,
        torch.cat([pairs.item_of, pairs.item_of]),
        {name: torch.cat([has, has]) for name, has in pairs.query_mask.items()},
        pairs.item_mask,
        {name: [products[column].fillna("").tolist() for column in TOLD_BY[name]] for name in pairs.items},
    )


def asked_four_ways(shop: ShopSets) -> dict[str, Questions]:
    """The full test queries: with the clean photo, the noisy one, that of another query, and none."""
    full = shop.test["TIA"]
    photos = noisy_vectors(shop.encoders["image"], "test", full.ids, seed=2)
    return {
        "clean": full,
        "noisy": replace(full, vectors={**full.vectors, "image": photos}),
        "wrong": replace(full, vectors={**full.vectors, "image": np.roll(full.vectors["image"], 50, axis=0)}),
        "none": replace(full, vectors={name: full.vectors[name] for name in ("text", "audio")}),
    }


def heads_of(shop: ShopSets) -> dict[str, Fusion]:
    """The untrained fusion, and residual and plain heads trained without and with noisy photos."""
    heads: dict[str, Fusion] = {"untrained, tuned": ConcatFusion(shop.weights, dims=shop.pairs.dims)}
    for title, pairs in (("", shop.pairs), (", noisy photos too", both_ways(shop))):
        made: dict[str, Fusion] = {
            f"residual {kind}": ResidualFusion(pairs.dims, kind, weights=shop.weights) for kind in KINDS
        }
        made["plain attention"] = plain_fusion("attention", pairs.dims)
        for name, head in made.items():
            fit(head, pairs, RECIPE, progress=False)
            heads[name + title] = head
    return heads


def kept_table(heads: Mapping[str, Fusion], shop: ShopSets, asked: Mapping[str, Questions]) -> pd.DataFrame:
    """mAP of the four ways by group, and which share of the clean mAP the noisy photo leaves."""
    systems = {name: fused_system(head, shop.items) for name, head in heads.items()}
    found = compare(systems, asked, shop.items.ids, measures=["AP"], rng=np.random.default_rng(0))
    tables = [found.wide("AP", group).add_prefix(f"{group}, ") for group in ("all", "seen", "unseen")]
    table = pd.concat(tables, axis=1).drop(index=["chance", "shuffled pairs"])
    return table.assign(kept=table["all, noisy"] / table["all, clean"])


def weights_table(heads: Mapping[str, Fusion], asked: Mapping[str, Questions]) -> pd.DataFrame:
    """Mean weight of each part in the queries, with the clean and with the noisy photo."""
    rows = {}
    for name, head in heads.items():
        with torch.no_grad():
            shares = {way: head(asked[way].vectors)[1].mean(dim=0).tolist() for way in ("clean", "noisy")}
        rows[name] = {
            f"{part}, {way}": share
            for way, found in shares.items()
            for part, share in zip(head.modalities, found, strict=True)
        }
    return pd.DataFrame(rows).T


def main() -> None:
    """Train the heads and print the tables."""
    parser = argparse.ArgumentParser(description="Full queries with a noisy photo.")
    parser.add_argument("--encoders", default="default", choices=ENCODERS)
    shop = ShopSets(encoders_named(parser.parse_args().encoders))
    heads, asked = heads_of(shop), asked_four_ways(shop)
    show = "{:.3f}".format
    print("Full test queries, mAP\n")
    print(kept_table(heads, shop, asked).to_string(float_format=show))
    print("\nMean weights of the queries\n")
    print(weights_table(heads, asked).to_string(float_format=show))


if __name__ == "__main__":
    main()
