"""What a retriever answers, written so that every bit shows."""

from PIL import Image

from mmr_toolkit.retrieval.retriever import Retriever
from small_catalogue import tone

QUERIES = [
    {"text": "red wine"},
    {"image": Image.new("RGB", (40, 30), (190, 30, 40))},
    {"audio": tone(2900)},
    {"text": "樱桃汽水", "image": Image.new("RGB", (40, 30), (20, 40, 200)), "audio": tone(500)},
]


def answers(retriever: Retriever) -> list:
    """All that can be seen of the hits; floats written so that every bit shows."""
    hits = [
        hit for query in QUERIES for hit in retriever.search(**query, weights={"text": 1.5} if len(query) > 1 else None)
    ]
    return [
        (hit.id, hit.rank, hit.position, hit.score.hex(), {name: share.hex() for name, share in hit.shares.items()})
        for hit in hits
    ]
