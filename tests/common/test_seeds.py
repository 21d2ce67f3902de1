"""Random numbers from a seed leave the generator alone that everything else draws from."""

import pytest
import torch

from mmr_toolkit.common.seeds import seeded


def test_inside_the_seed_decides_and_outside_nothing_was_drawn():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with seeded(1):
        first = torch.nn.Linear(4, 4).weight
    with seeded(1):
        again = torch.nn.Linear(4, 4).weight
    with seeded(2):
        other = torch.nn.Linear(4, 4).weight
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.rand(3), expected)


def test_dropout_is_drawn_from_the_seed_too():
    masks = []
    for _ in range(2):
        with seeded(3):
            masks.append(torch.nn.functional.dropout(torch.ones(50), 0.5))
    assert torch.equal(*masks)
    assert set(masks[0].tolist()) == {0.0, 2.0}


def test_an_error_inside_leaves_the_generator_alone_as_well():
    state = torch.random.get_rng_state()
    with pytest.raises(RuntimeError, match="stop"), seeded(1):
        torch.rand(1)
        raise RuntimeError("stop")
    assert torch.equal(torch.random.get_rng_state(), state)


def test_seeds_may_stand_inside_each_other():
    with seeded(1):
        torch.rand(1)
        expected = torch.rand(1)
    with seeded(1):
        torch.rand(1)
        with seeded(2):
            torch.rand(9)
        assert torch.equal(torch.rand(1), expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_generator_of_the_gpu_is_left_alone():
    state = torch.cuda.get_rng_state()
    with seeded(1):
        torch.rand(3, device="cuda")
    assert torch.equal(torch.cuda.get_rng_state(), state)
