"""Vectors as points on a plane, and how far such a map can be believed.

Read fit.py (UMAP and PCA), then quality.py (how many neighbours a map keeps).
"""

from mmr_toolkit.maps.fit import FittedMap, fit_pca, fit_umap, pca_points, umap_points
from mmr_toolkit.maps.quality import (
    MapQuality,
    Purity,
    measure_map,
    neighbour_overlap,
    neighbour_purity,
    trustworthiness,
)

__all__ = [
    "FittedMap",
    "MapQuality",
    "Purity",
    "fit_pca",
    "fit_umap",
    "measure_map",
    "neighbour_overlap",
    "neighbour_purity",
    "pca_points",
    "trustworthiness",
    "umap_points",
]
