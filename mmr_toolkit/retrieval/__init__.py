"""Retrieval: encode a query, fuse, compare, rank.

Read retriever.py (the whole road behind `search()`), hits.py (what comes back), shares.py (what each part brought);
cached.py learns a catalogue's retriever once, saved/ writes it into a folder.
"""

from mmr_toolkit.retrieval.cache_contents import CachedVectors, cached_vectors, clear_cached, sweep_cache
from mmr_toolkit.retrieval.cached import cached_retriever
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import check_place, is_saved_retriever
from mmr_toolkit.retrieval.shares import exact_shares, score_shares, shapley_shares

__all__ = [
    "Hit",
    "CachedVectors",
    "Retriever",
    "check_place",
    "clear_cached",
    "exact_shares",
    "is_saved_retriever",
    "cached_retriever",
    "cached_vectors",
    "score_shares",
    "shapley_shares",
    "sweep_cache",
]
