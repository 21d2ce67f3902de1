"""Retrieval: encode a query, fuse, compare, rank.

Read retriever.py (the whole road behind `search()`), hits.py (what comes back), shares.py (what each part brought);
cached.py learns a catalogue's retriever once, saved/ writes it into a folder.
"""

from mmr_toolkit.retrieval.cached import kept_retriever
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.shares import exact_shares, score_shares, shapley_shares

__all__ = ["Hit", "Retriever", "exact_shares", "kept_retriever", "score_shares", "shapley_shares"]
