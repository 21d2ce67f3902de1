"""Which pictures look unlike those of the training, and that it is said once."""

import json
import warnings

import numpy as np
import pytest
import torch

from mmr_toolkit.features.image.familiar import Familiar, Watch, rim_statistics


def quiet(n: int = 200, size: int = 32, seed: int = 0) -> torch.Tensor:
    """Pictures of anything before a nearly even backdrop of any grey."""
    rng = np.random.default_rng(seed)
    pictures = rng.uniform(0.2, 0.6, (n, 1, 1, 1)) + rng.normal(
        0, rng.uniform(0.01, 0.05, (n, 1, 1, 1)), (n, 3, size, size)
    )
    pictures[:, :, 6:-6, 6:-6] = rng.uniform(-1, 1, (n, 3, size - 12, size - 12))
    return torch.from_numpy(pictures.astype(np.float32))


def busy(n: int = 50, size: int = 32) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (n, 3, size, size)).astype(np.float32))


@pytest.fixture(scope="module")
def familiar() -> Familiar:
    return Familiar.fit(quiet())


def test_rim_statistics_by_loops(rng):
    picture = rng.uniform(-1, 1, (3, 20, 34))
    top, left = 1, 2  # 1/16 of the sides
    rim = [(y, x) for y in range(20) for x in range(34) if not (top <= y < 20 - top and left <= x < 34 - left)]
    colours = np.array([picture[:, y, x] for y, x in rim])
    slopes = []
    for y, x in rim:
        if y < 19 and x < 33:
            down, right = picture[:, y + 1, x] - picture[:, y, x], picture[:, y, x + 1] - picture[:, y, x]
            slopes.append(np.sqrt((down**2 + right**2).sum()))
    expected = [*colours.mean(axis=0), *colours.std(axis=0, ddof=1), np.mean(slopes)]
    np.testing.assert_allclose(rim_statistics(torch.from_numpy(picture)[None])[0], expected, rtol=1e-6)


def test_the_middle_does_not_count():
    pictures = quiet(5)
    changed = pictures.clone()
    changed[:, :, 6:-6, 6:-6] = 0
    torch.testing.assert_close(rim_statistics(changed), rim_statistics(pictures))


def test_distance_is_that_of_mahalanobis(familiar):
    from scipy.spatial.distance import mahalanobis

    known, new = rim_statistics(quiet()).numpy(), quiet(9, seed=1)
    inverse = np.linalg.inv(np.cov(known.T))
    slow = [mahalanobis(rim, known.mean(axis=0), inverse) for rim in rim_statistics(new).numpy()]
    np.testing.assert_allclose(familiar.distance(new), slow, rtol=1e-6)
    assert float((familiar.distance(quiet()) ** 2).mean()) == pytest.approx(7 * 199 / 200)


def test_no_training_picture_is_strange_and_busy_or_blank_ones_are(familiar):
    assert not familiar.is_strange(quiet()).any()
    assert familiar.is_strange(quiet(400, seed=2)).float().mean() < 0.05
    assert familiar.is_strange(busy()).all()
    assert familiar.is_strange(torch.full((1, 3, 32, 32), -1.0)).all()


def test_through_json(familiar):
    again = Familiar.from_plain(json.loads(json.dumps(familiar.to_plain())))
    torch.testing.assert_close(again.distance(busy()), familiar.distance(busy()))
    assert again.farthest == familiar.farthest


def said(watch: Watch, *batches: torch.Tensor) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        handed_on = list(watch(iter(batches)))
    assert all(a is b for a, b in zip(handed_on, batches, strict=True))
    assert all(warning.category is UserWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_it_is_said_once(familiar):
    watch = Watch(familiar)
    assert said(watch, quiet(20)) == []
    [message] = said(watch, busy(20), quiet(10))
    assert "20 of 30 pictures do not look like the built-in shop's" in message
    assert said(watch, busy(20)) == []
    assert len(said(Watch(familiar), busy(1))) == 1


def test_half_of_the_pictures_are_not_most(familiar):
    assert said(Watch(familiar), busy(20), quiet(20)) == []
    assert len(said(Watch(familiar), busy(20), quiet(19))) == 1


def test_who_knows_nothing_is_silent():
    assert said(Watch(None), busy()) == []
