"""What clicks teach, drawn several times: is the correction for position worth it, and for whom?

    python benchmarks/quality/query_history.py

For every seed a new history of the built-in shop (who is popular, who asks, who clicks) with bestsellers shown first,
and for every share of mistakes a residual head trained on its clicks: not corrected, corrected, corrected with a cut at
5. mAP on validation questions, which no visitor asked: of full questions, and the mean over all kinds.
"""

import numpy as np
import pandas as pd
import torch

import mmr_toolkit as mmr
from mmr_toolkit.evaluation.systems import fused_system, mean_average_precision
from mmr_toolkit.shop.data import shop_features, shop_pairs, shop_questions
from mmr_toolkit.training.clicks import asked_questions, click_pairs, simulate_clicks, zipf_popularity

SEEDS = (0, 1, 2)
MISTAKES = (0.05, 0.01)  # clicks on something wrong, per look
STEPS = 200
WEIGHTS = {"text": 1.0, "image": 0.7, "audio": 0.25}  # tuned on validation
CORRECTIONS = {"clicks": {}, "corrected": {"steepness": 1.0}, "cut at 5": {"steepness": 1.0, "at_most": 5.0}}


def main() -> None:
    """Print one row per seed, share of mistakes and correction."""
    shop = mmr.cornershop()
    encoders = mmr.shop.shop_encoders()
    items, queries = shop_features(encoders), shop_features(encoders, "train")
    held_out = shop_questions(shop_features(encoders, "validation"), "validation")
    pairs = shop_pairs(items, queries)
    asked = asked_questions(pairs, queries.ids, shop.ids)
    right = asked.truth(shop.ids) > 0

    def judge(fusion: mmr.ResidualFusion) -> dict[str, float]:
        full = mean_average_precision(fusion, {"TIA": held_out["TIA"]}, items)
        return {"full": full, "all kinds": mean_average_precision(fusion, held_out, items)}

    untrained = mmr.ResidualFusion(items.dims, "weighted", weights=WEIGHTS)
    scores = fused_system(untrained, items)(asked.vectors)
    rows = [{"taught by": "nobody", **judge(untrained)}]
    for seed in SEEDS:
        for mistakes in MISTAKES:
            rng = np.random.default_rng(seed)
            popularity = torch.tensor(zipf_popularity(len(shop), rng))
            order = asked.order(scores + 0.03 * popularity.log(), len(shop))
            history = simulate_clicks(order, right, rng, click_wrong=mistakes)
            for name, correction in CORRECTIONS.items():
                fusion = mmr.ResidualFusion(items.dims, "weighted", weights=WEIGHTS)
                taught = click_pairs(history, pairs, rng=rng, **correction)
                mmr.fit(fusion, taught, mmr.Recipe(steps=STEPS), progress=False)
                rows.append({"taught by": name, "mistakes": mistakes, "seed": seed, **judge(fusion)})
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format="{:.3f}".format))
    print(table.groupby(["mistakes", "taught by"])[["full", "all kinds"]].mean().round(4))


if __name__ == "__main__":
    main()
