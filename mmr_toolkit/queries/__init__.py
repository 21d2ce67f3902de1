"""Queries: what is asked, and which items are right.

Read qrels.py (graded judgements), questions.py (queries of one kind, ready to be put to any system), pairs.py (queries
with their items, to train on), table.py (queries.csv and qrels.txt of any folder).
"""

from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import FULL_MATCH, QUERY_KINDS, SPLITS, Qrels
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.queries.table import QUERIES, QueryTable

__all__ = ["FULL_MATCH", "Pairs", "QUERIES", "QUERY_KINDS", "Qrels", "QueryTable", "Questions", "SPLITS"]
