"""How close two vectors are, and which items are the closest.

Read measures.py (inner product, cosine, euclidean), exact_search.py (`top_k`), hubs.py (items that stand in too many
answers).
"""

from mmr_toolkit.similarity.exact_search import top_k
from mmr_toolkit.similarity.hubs import hubness, k_occurrence
from mmr_toolkit.similarity.measures import SIMILARITIES, Similarity, cosine, euclidean, inner_product

__all__ = ["SIMILARITIES", "Similarity", "cosine", "euclidean", "hubness", "inner_product", "k_occurrence", "top_k"]
