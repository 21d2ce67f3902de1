"""Training: a fusion learns from labelled pairs.

Read losses.py and recipe.py, then loop.py (`fit`), weights.py (weights of the modalities without training), heads.py
(one head, or all of them), recipe_search.py (hyper-parameters), labelled.py (a catalogue with its queries), clicks.py.
"""

from mmr_toolkit.evaluation.systems import UNTRAINED, UNTRAINED_EQUAL
from mmr_toolkit.training.clicks import (
    asked_questions,
    attention_share,
    click_counts,
    click_pairs,
    click_weights,
    examination,
    simulate_clicks,
    zipf_popularity,
)
from mmr_toolkit.training.heads import Head, grid_systems, train_grid, train_head
from mmr_toolkit.training.labelled import Labelled, asked_encoders
from mmr_toolkit.training.loop import Training, Validate, fit
from mmr_toolkit.training.losses import MARGIN, info_nce, triplet
from mmr_toolkit.training.recipe import CROSS_MODAL, Recipe
from mmr_toolkit.training.recipe_search import Range, search_recipe
from mmr_toolkit.training.weights import tune_weights

__all__ = [
    "CROSS_MODAL",
    "Head",
    "Labelled",
    "MARGIN",
    "Range",
    "Recipe",
    "Training",
    "UNTRAINED",
    "UNTRAINED_EQUAL",
    "Validate",
    "asked_encoders",
    "asked_questions",
    "attention_share",
    "click_counts",
    "click_pairs",
    "click_weights",
    "examination",
    "fit",
    "grid_systems",
    "info_nce",
    "search_recipe",
    "simulate_clicks",
    "train_grid",
    "train_head",
    "triplet",
    "tune_weights",
    "zipf_popularity",
]
