"""The settings of a training: each number has its range, and each name its table."""

from dataclasses import FrozenInstanceError

import pytest

from mmr_toolkit.similarity.measures import SIMILARITIES
from mmr_toolkit.training.losses import LOSSES
from mmr_toolkit.training.recipe import Recipe


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("similarity", "dot", r"unknown similarity 'dot': choose one of inner_product, cosine, euclidean\."),
        ("loss", "mse", r"unknown loss 'mse': choose one of info_nce, triplet\."),
        ("steps", 0, r"steps is 0; expected 1 or more\."),
        ("batch_size", 1, r"batch_size is 1; expected 2 or more\."),
        ("learning_rate", 0.0, r"learning_rate is 0\.0; expected a number above 0\."),
        ("learning_rate", float("inf"), r"learning_rate is inf; expected a number above 0\."),
        ("sharpness", -1.0, r"sharpness is -1\.0; expected a number above 0\."),
        ("sharpness", float("nan"), r"sharpness is nan; expected a number above 0\."),
        ("weight_decay", -0.1, r"weight_decay is -0\.1; expected 0 or more\."),
        ("scale_rate", float("nan"), r"scale_rate is nan; expected 0 or more\."),
        ("noise", -1.0, r"noise is -1\.0; expected 0 or more\."),
        ("cross_modal", 1.5, r"cross_modal is 1\.5; expected a share from 0 to 1\."),
        ("cross_modal", float("nan"), r"cross_modal is nan; expected a share from 0 to 1\."),
    ],
)
def test_what_is_out_of_range_is_named(name, value, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**{name: value})


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_ends_of_the_ranges_are_allowed(similarity, loss):
    recipe = Recipe(similarity, loss, steps=1, batch_size=2, weight_decay=0, scale_rate=0, noise=0, cross_modal=1)
    assert (recipe.similarity, recipe.loss) == (similarity, loss)


def test_a_recipe_stays_as_it_is():
    with pytest.raises(FrozenInstanceError):
        Recipe().steps = 3
