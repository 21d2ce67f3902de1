"""Statistics over the frames of sounds of different lengths, against a loop over each sound."""

import numpy as np
import pytest
import torch

from mmr_toolkit.features.audio.frame_statistics import STATISTICS, frame_statistics
from slow_sounds import slow_statistics


@pytest.mark.parametrize("padding", [0.0, 1e6, np.nan])
def test_statistics_by_loops_and_padding_does_not_count(rng, padding):
    lengths = [1, 4, 9, 12]
    rows = [rng.standard_normal((3, length)) for length in lengths]
    padded = torch.full((4, 3, 12), padding, dtype=torch.float64)
    for i, row in enumerate(rows):
        padded[i, :, : row.shape[1]] = torch.from_numpy(row)
    fast = frame_statistics(padded, torch.tensor(lengths)).numpy()
    assert fast.shape == (4, len(STATISTICS) * 3)
    np.testing.assert_allclose(fast, [slow_statistics(row) for row in rows], atol=1e-12)


def test_a_straight_line_by_hand():
    mean, deviation, slope_deviation, largest, smallest = frame_statistics(
        torch.tensor([[[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]]]), torch.tensor([6])
    )[0]
    assert (mean, largest, smallest) == (5, 10, 0)
    assert float(deviation) == pytest.approx(np.std([0, 2, 4, 6, 8, 10]))
    # Slope 2 in the middle; flatter where the ends are repeated: (1 * 2 + 2 * 4) / 10 = 1 and (1 * 4 + 2 * 6) / 10.
    assert float(slope_deviation) == pytest.approx(np.std([1, 1.6, 2, 2, 1.6, 1]))
