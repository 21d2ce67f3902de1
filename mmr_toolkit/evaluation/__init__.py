"""Evaluation: how good, and how sure.

Read measures.py (AP, nDCG and the others), evaluate.py (one run), significance.py (intervals and tests), systems.py
(anything that scores), comparison.py (every system on all questions, one table).
"""

from mmr_toolkit.evaluation.comparison import CONTROLS, Comparison, compare
from mmr_toolkit.evaluation.evaluate import category_report, ceiling, chance, evaluate_run, judge, ranked_run
from mmr_toolkit.evaluation.measures import measures_named
from mmr_toolkit.evaluation.significance import bootstrap_interval, holm, paired_test
from mmr_toolkit.evaluation.systems import (
    UNTRAINED,
    UNTRAINED_EQUAL,
    System,
    baseline_systems,
    fused_scores,
    fused_system,
    mean_average_precision,
    untrained_systems,
)

__all__ = [
    "CONTROLS",
    "Comparison",
    "System",
    "UNTRAINED",
    "UNTRAINED_EQUAL",
    "baseline_systems",
    "bootstrap_interval",
    "category_report",
    "ceiling",
    "chance",
    "compare",
    "evaluate_run",
    "fused_scores",
    "fused_system",
    "holm",
    "judge",
    "mean_average_precision",
    "measures_named",
    "paired_test",
    "ranked_run",
    "untrained_systems",
]
