"""CornerShop, the built-in collection; nothing below this room knows it.

Read data.py (products, queries, truth), encoders.py (what describes them), heads.py (its ready-made retrievers),
quality.py (one encoder alone).
"""

from mmr_toolkit.shop.data import (
    cornershop,
    cornershop_qrels,
    cornershop_queries,
    shop_features,
    shop_pairs,
    shop_query_table,
    shop_questions,
)
from mmr_toolkit.shop.encoders import shop_encoders
from mmr_toolkit.shop.heads import shop_retrievers
from mmr_toolkit.shop.quality import encoder_quality

__all__ = [
    "cornershop",
    "cornershop_qrels",
    "cornershop_queries",
    "encoder_quality",
    "shop_encoders",
    "shop_features",
    "shop_pairs",
    "shop_query_table",
    "shop_questions",
    "shop_retrievers",
]
