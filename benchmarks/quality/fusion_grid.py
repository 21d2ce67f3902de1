"""The whole grid on the shop's test queries: every fusion and similarity, plain and residual, beside what needs none.

    python benchmarks/quality/fusion_grid.py                        nine residual heads and nine plain ones
    python benchmarks/quality/fusion_grid.py --encoders networks    with small trained networks as encoders
    python benchmarks/quality/fusion_grid.py --residual-only

mAP and nDCG@10 by kind of question, types seen in training and unseen ones apart. A plus marks what is better than the
tuned untrained fusion with a corrected p below 0.01, a minus what is worse. Then the full queries with intervals, and
the seconds from cached features to the finished table.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch

from mmr_toolkit.evaluation.comparison import Comparison, compare
from mmr_toolkit.evaluation.systems import UNTRAINED
from mmr_toolkit.training.heads import Head, grid_systems, train_grid
from shop_sets import ENCODERS, RECIPE, ShopSets, encoders_named


def marked(result: Comparison, measure: str, group: str) -> pd.DataFrame:
    """The wide table as text, with a plus or a minus where a difference is sure, and the mean over the kinds."""
    values, p = result.wide(measure, group), result.wide(measure, group, "p_holm")
    better = result.wide(measure, group, "difference") > 0
    signs = pd.DataFrame(np.where(p < 0.01, np.where(better, "+", "-"), " "), values.index, values.columns)
    text = values.map(lambda value: "    -" if np.isnan(value) else f"{value:.3f}") + signs
    return text.assign(mean=values.mean(axis=1, skipna=False).map(lambda v: "    -" if np.isnan(v) else f"{v:.3f}"))


def full_queries(result: Comparison, measure: str, group: str) -> pd.DataFrame:
    """Value, interval, difference to the tuned untrained fusion with interval, and corrected p of the full queries."""
    rows = result.table.query("kind == 'TIA' and measure == @measure and group == @group").set_index("system")
    span = "{:.3f} [{:.3f}, {:.3f}]".format
    return pd.DataFrame({
        measure: [span(*row) for row in rows[["value", "low", "high"]].to_numpy()],
        "difference": [span(*row) for row in rows[["difference", "difference_low", "difference_high"]].to_numpy()],
        "p": rows["p_holm"].map("{:.5f}".format).to_numpy(),
    }, index=rows.index)  # fmt: skip


def since(start: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds by the clock and of the processor since `start`, and both now."""
    now = (time.perf_counter(), time.process_time())
    return (now[0] - start[0], now[1] - start[1]), now


def main() -> None:
    """Train the grid, judge it and print the tables."""
    parser = argparse.ArgumentParser(description="Every fusion and similarity on the shop's test queries.")
    parser.add_argument("--encoders", default="default", choices=ENCODERS)
    parser.add_argument("--residual-only", action="store_true", help="leave the plain heads out")
    parser.add_argument("--shrink", type=float, default=1.0, help="share of what residual heads learned that is kept")
    arguments = parser.parse_args()
    shop = ShopSets(encoders_named(arguments.encoders))
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; tuned weights {shop.weights}; {RECIPE}")
    pairs, test = shop.pairs, shop.test  # features are ready before the clock starts

    heads: dict[str, Head] = {}
    seconds, start = {}, (time.perf_counter(), time.process_time())
    for residual in [True] if arguments.residual_only else [False, True]:
        heads |= train_grid(
            pairs, recipe=RECIPE, weights=shop.weights, residual=[residual], shrink=arguments.shrink, progress=False
        )
        seconds["nine residual heads" if residual else "nine plain heads"], start = since(start)
    systems = grid_systems(shop.items, heads, weights=shop.weights)
    result = compare(systems, test, shop.items.ids, against=UNTRAINED, rng=np.random.default_rng(0))
    seconds[f"questions to {len(systems)} systems"], start = since(start)

    for measure in ("AP", "nDCG@10"):
        for group in ("all", "seen", "unseen"):
            print(f"\n{measure}, {group} types\n\n{marked(result, measure, group).to_string()}")
            print(f"\n{measure}, {group} types, full queries\n\n{full_queries(result, measure, group).to_string()}")
    print(f"\n{pd.DataFrame(seconds, ['seconds', 'of processor time']).T.round(0).to_string()}")


if __name__ == "__main__":
    main()
