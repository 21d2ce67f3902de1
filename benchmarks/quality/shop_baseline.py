"""How far does the untrained road get on the built-in shop? mAP, nDCG@10 and recall@10 per kind of query.

    python benchmarks/quality/shop_baseline.py            the test split
    python benchmarks/quality/shop_baseline.py validation

BERT, colour and texture statistics and MFCC, joined with equal weights, cosine; the gallery is the whole shop, and
a query's own product is left out. The last column judges *every* kind by what the full query (text, photo and sound)
means: it says how much of the whole intent one or two parts can carry.
"""

import sys

import numpy as np
import pandas as pd

from mmr_toolkit import Retriever, cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.queries.qrels import QUERY_KINDS, Qrels
from mmr_toolkit.shop import shop_encoders

COLUMN = {"text": "text", "image": "image_file_name", "audio": "audio_file_name"}


def rank_all(retriever: Retriever, queries: pd.DataFrame) -> dict[str, list[str]]:
    """The ranking of the whole shop for every query, the query's own product left out."""
    run: dict[str, list[str]] = {}
    for kind, group in queries.groupby("kind"):
        values = {modality: group[COLUMN[modality]].tolist() for modality in QUERY_KINDS[str(kind)]}
        for modality in values.keys() - {"text"}:
            values[modality] = [retriever.catalogue.folder / name for name in values[modality]]
        own = [retriever.catalogue.position(product) for product in group["product_id"]]
        run |= ranked_run(group["query_id"].tolist(), retriever.catalogue.ids, retriever.score_all(values), own)
    return run


def full_intent(queries: pd.DataFrame, qrels: Qrels) -> dict[str, dict[str, int]]:
    """For every query the judgements of the full query (TIA) of the same product."""
    full = queries[queries["kind"] == "TIA"].set_index("product_id")["query_id"]
    return {
        query: dict(qrels[full[product]])
        for query, product in zip(queries["query_id"], queries["product_id"], strict=True)
    }


def table(run: dict[str, list[str]], queries: pd.DataFrame, qrels: Qrels, n_items: int) -> pd.DataFrame:
    """One row per kind of query: the three measures, what chance gives, and the mAP against the full intent.

    Args:
        run: query id → item ids, best first.
        queries: as from `cornershop_queries`.
        qrels: as from `cornershop_qrels`.
        n_items: how many items are ranked for a query.
    """
    intent = full_intent(queries, qrels)
    rows = {}
    for kind in QUERY_KINDS:
        ids = queries.loc[queries["kind"] == kind, "query_id"]
        judged = {query: qrels[query] for query in ids}
        ranked = {query: run[query] for query in ids}
        reached, random = evaluate_run(ranked, judged).mean, chance(judged, n_items).mean
        row = {"queries": len(ids)}
        for name, short in (("AP", "mAP"), ("nDCG@10", "nDCG@10"), ("recall@10", "recall@10")):
            row |= {short: reached[name], f"{short} chance": random[name]}
        rows[kind] = row | {
            "mAP, full intent": evaluate_run(ranked, {query: intent[query] for query in ids}).mean["AP"]
        }
    return pd.DataFrame(rows).T


def shuffled(run: dict[str, list[str]], queries: pd.DataFrame, qrels: Qrels, rng: np.random.Generator) -> float:
    """The control: mAP of the full queries when their rankings are judged by another query's truth."""
    ids = queries.loc[queries["kind"] == "TIA", "query_id"].to_numpy()
    return float(evaluate_run({a: run[b] for a, b in zip(ids, rng.permutation(ids), strict=True)}, qrels).mean["AP"])


def main() -> None:
    """Print the tables for all, seen and test-only types."""
    split = sys.argv[1] if len(sys.argv) > 1 else "test"
    shop = cornershop()
    retriever = Retriever.build(shop, shop_encoders(), progress=True)
    queries, qrels = cornershop_queries(split), cornershop_qrels(split)
    run = rank_all(retriever, queries)
    trained = set(shop.table.loc[shop.table["split"] == "train", "type"])
    seen = queries["product_id"].str.rsplit("-", n=2).str[0].isin(trained)
    for name, chosen in (("all types", seen | True), ("types also in training", seen), ("test-only types", ~seen)):
        if chosen.any():
            print(f"\n{split}, {name}\n")
            print(table(run, queries[chosen], qrels, len(shop) - 1).to_string(float_format="{:.3f}".format))
    control = shuffled(run, queries, qrels, np.random.default_rng(0))
    print(f"\nShuffled control, full queries: mAP {control:.3f}")


if __name__ == "__main__":
    main()
