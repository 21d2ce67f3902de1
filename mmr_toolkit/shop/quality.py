"""How good is one encoder alone? Every single-part query of the shop, ranked by the cosine of its vectors.

The gallery is the whole shop. A query's own product is left out, and so are items that lack the part, which come last.
Types that stand only in the test split are measured apart: no encoder has seen a picture, sound or label of them.
"""

import time
from dataclasses import dataclass, replace

import pandas as pd
import torch

from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.features.encoder import Device, Encoder
from mmr_toolkit.features.extraction import extract
from mmr_toolkit.shop.data import shop_query_table
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
    table, modality = shop_query_table(), encoder.modality
    kind, shop, queries = ALONE[modality], table.catalogue, table.queries
    alone = replace(table, queries=queries.subset(queries.table["kind"] == kind))

    start = time.perf_counter()
    items = extract(shop, {modality: encoder}, device=device, progress=False, cache=False)
    seconds = time.perf_counter() - start
    features = alone.features({modality: encoder}, split, device=device, cache=False)
    asked, present = alone.questions(features)[kind], items.mask[modality]
    scores = cosine(asked.vectors[modality], items.vectors[modality]).where(torch.from_numpy(present), -torch.inf)
    run = ranked_run(asked.ids, shop.ids, scores, asked.own)
    run |= {query: [] for query, ok in zip(features.ids, features.mask[modality], strict=True) if not ok}

    reached, by_chance = evaluate_run(run, asked.qrels).per_query, chance(asked.qrels, len(shop) - 1).per_query
    groups = asked.members()
    return EncoderQuality(
        pd.DataFrame({name: reached[rows].mean() for name, rows in groups.items()}).T,
        pd.DataFrame({name: by_chance[rows].mean() for name, rows in groups.items()}).T,
        seconds,
        int(present.sum()),
    )
