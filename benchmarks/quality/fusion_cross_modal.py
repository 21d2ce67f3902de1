"""Questions across modalities: a text asks, and the items have nothing but a picture; two languages; and the price.

    python benchmarks/quality/fusion_cross_modal.py                      test queries
    python benchmarks/quality/fusion_cross_modal.py --split validation   where the share of the joint part was chosen

Where blocks stay apart there is nothing to compare; a joint part, trained with items that show other parts than the
query has, fills the gap. The first table judges by the type of the product, the only thing that all three tell. The
second one is the mAP of the usual questions, means over the seven kinds: what the joint part costs there.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.systems import fused_scores, fused_system
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import ConcatFusion, Fusion, ResidualFusion, plain_fusion
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.training.loop import fit
from mmr_toolkit.training.recipe import CROSS_MODAL, Recipe
from shop_sets import ENCODERS, RECIPE, ShopSets, encoders_named

SAME_TYPE = 1  # the grade that says so
ASKED = {"T": "text", "I": "image", "A": "audio"}
CROSSING = replace(RECIPE, cross_modal=CROSS_MODAL)


def heads_of(shop: ShopSets) -> dict[str, Fusion]:
    """Trained fusions that can, and some that cannot, compare a text with a picture."""
    dims, weights = shop.pairs.dims, shop.weights
    made: dict[str, tuple[Fusion, Recipe]] = {
        "residual weighted": (ResidualFusion(dims, "weighted", weights=weights), RECIPE),
        **{
            f"residual weighted, joint {share}": (
                ResidualFusion(dims, "weighted", weights=weights, joint=share),
                CROSSING,
            )
            for share in (0.1, 0.2, 0.3)
        },
        "plain weighted": (plain_fusion("weighted", dims), RECIPE),
        "plain weighted, crossing": (plain_fusion("weighted", dims), CROSSING),
    }
    for fusion, recipe in made.values():
        fit(fusion, shop.pairs, recipe, progress=False)
    return {name: fusion for name, (fusion, _) in made.items()}


def crossing_table(heads: Mapping[str, Fusion], items: Features, questions: Mapping[str, Questions]) -> pd.DataFrame:
    """AP by type: asked by one part, the items have only another one; chance in the last row."""
    columns = {}
    for kind, asked in ASKED.items():
        for there in ASKED.values():
            if there == asked:
                continue
            systems = {name: fused_system(head, items.only(there)) for name, head in heads.items()}
            found = compare(systems, {kind: questions[kind]}, items.ids, measures=["AP"], full_match=SAME_TYPE,
                            rng=np.random.default_rng(0))  # fmt: skip
            for group in ("all", "unseen"):
                if group in found.table["group"].unique():
                    columns[f"{asked} → {there}, {group}"] = found.wide("AP", group)[kind]
    return pd.DataFrame(columns).drop(index="shuffled pairs")


def usual_table(heads: Mapping[str, Fusion], items: Features, questions: Mapping[str, Questions]) -> pd.DataFrame:
    """mAP of the usual questions: mean over the kinds, seen and unseen types apart, and the full queries alone."""
    systems = {name: fused_system(head, items) for name, head in heads.items()}
    found = compare(systems, questions, items.ids, measures=["AP"], rng=np.random.default_rng(0))
    columns = {}
    for group in found.table["group"].unique():
        columns[f"{group}, mean"] = found.wide("AP", group).mean(axis=1)
        columns[f"{group}, full queries"] = found.wide("AP", group)["TIA"]
    return pd.DataFrame(columns).drop(index=["chance", "shuffled pairs"])


def shared_answers(heads: Mapping[str, Fusion], shop: ShopSets, texts: tuple[str, str]) -> dict[str, int]:
    """How many of the first ten answers two texts share, by head."""
    asked = {"text": shop.encoders["text"].encode(list(texts))}
    found = {}
    for name, head in heads.items():
        scores = fused_scores(head, asked, shop.items.vectors, item_mask=shop.items.mask)
        first, second = scores.argsort(dim=1, descending=True, stable=True)[:, :10].tolist()
        found[name] = len(set(first) & set(second))
    return found


def main() -> None:
    """Train the heads and print the tables."""
    parser = argparse.ArgumentParser(description="Questions across modalities, and across languages.")
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--encoders", default="default", choices=ENCODERS)
    arguments = parser.parse_args()
    shop = ShopSets(encoders_named(arguments.encoders))
    questions = shop.test if arguments.split == "test" else shop.validation
    heads = heads_of(shop)
    show = "{:.3f}".format
    print(f"{arguments.split}, AP by type\n")
    print(crossing_table(heads, shop.items, questions).T.to_string(float_format=show))
    both = {"untrained, tuned": ConcatFusion(shop.weights, dims=shop.pairs.dims), **heads}
    print(f"\n{arguments.split}, mAP of the usual questions\n")
    print(usual_table(both, shop.items, questions).to_string(float_format=show))
    print("\nThe first ten answers to 红酒 and to red wine share")
    print(pd.Series(shared_answers(both, shop, ("红酒", "red wine"))).to_string())


if __name__ == "__main__":
    main()
