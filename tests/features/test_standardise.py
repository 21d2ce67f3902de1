"""Bringing columns to one scale."""

import numpy as np
import pytest

from mmr_toolkit.features.standardise import Standardiser


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_standardiser(rng, strength):
    matrix = np.column_stack([rng.normal(5, 3, 50), rng.normal(0, 0.1, 50), np.full(50, 7.0)])
    standardise = Standardiser.fit(matrix, strength=strength)
    by_hand = (matrix[:, :2] - matrix[:, :2].mean(axis=0)) / matrix[:, :2].std(axis=0) ** strength
    np.testing.assert_allclose(standardise(matrix)[:, :2], by_hand, atol=1e-6)
    np.testing.assert_array_equal(standardise(matrix)[:, 2], 0)  # a column that never varies tells nothing
    np.testing.assert_array_equal(Standardiser.fit(matrix[:1], strength=strength)(matrix[:1]), matrix[:1].astype("f4"))
