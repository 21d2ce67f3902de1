"""Why an item is a hit.

Read explanation.py (shares, ranks, weights of one hit), then leave_out.py (which words, patches and moments counted).
"""

from mmr_toolkit.explanation.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
