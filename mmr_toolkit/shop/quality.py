"""How good is one encoder alone? Every single-part query of the shop, ranked by the cosine of its vectors.

The gallery is the whole shop. A query's own product is left out, and so are items that lack the part, which come last.
Types that stand only in the test split are measured apart: no encoder has seen a picture, sound or label of them.
"""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.features.encoder import Device, Encoder
from mmr_toolkit.features.extraction import extract
from mmr_toolkit.shop.data import cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.similarity.measures import cosine

#: Which kind of query asks by this part alone.
ALONE = {"text": "T", "image": "I", "audio": "A"}


@dataclass(frozen=True)
class EncoderQuality:
    """What an encoder reaches on the shop.

    Attributes:
        reached: mean of AP, nDCG@10 and recall@10 (columns); rows "all", "seen" and "unseen" types. Rows without a
            query are left out (validation has seen types only).
        chance: the same for a random order.
        seconds: for encoding the catalogue, reading of files included, on this machine.
        n_items: how many items were encoded in this time.
    """

    reached: pd.DataFrame
    chance: pd.DataFrame
    seconds: float
    n_items: int


def encoder_quality(encoder: Encoder, split: str = "test", *, device: Device = "cpu") -> EncoderQuality:
    """Rank the shop for every query that consists of the encoder's modality alone.

    A query that the encoder cannot read (a text of unknown words) finds nothing: its measures are 0.

    Args:
        encoder: of any modality, learned or loaded.
        split: whose queries, "validation" or "test".
        device: where networks compute.
    """
    shop, modality = cornershop(), encoder.modality
    table = cornershop_queries(split, kind=ALONE[modality])
    queries = Catalogue.from_table(table.rename(columns={"query_id": "id"}), shop.folder)

    def encode(catalogue: Catalogue) -> tuple[np.ndarray, np.ndarray]:
        features = extract(catalogue, {modality: encoder}, device=device, progress=False, cache=False)
        return features.vectors[modality], features.mask[modality]

    start = time.perf_counter()
    items, present = encode(shop)
    seconds = time.perf_counter() - start
    asked, readable = encode(queries)
    scores = cosine(asked, items).where(torch.from_numpy(present), -torch.inf)
    own = [shop.position(product) for product in table["product_id"]]
    run = ranked_run(queries.ids, shop.ids, scores, own)
    run |= {query: [] for query, ok in zip(queries.ids, readable, strict=True) if not ok}

    judged = cornershop_qrels(split)
    qrels = {query: judged[query] for query in run}
    trained = shop.table.loc[shop.table["split"] == "train", "type"]
    seen = shop.table["type"].isin(trained).to_numpy()[own]
    groups = {"all": seen | True, "seen": seen, "unseen": ~seen}
    reached, by_chance = evaluate_run(run, qrels).per_query, chance(qrels, len(shop) - 1).per_query
    return EncoderQuality(
        pd.DataFrame({name: reached[rows].mean() for name, rows in groups.items() if rows.any()}).T,
        pd.DataFrame({name: by_chance[rows].mean() for name, rows in groups.items() if rows.any()}).T,
        seconds,
        int(present.sum()),
    )
