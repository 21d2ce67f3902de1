"""A training that was stopped goes on as if nothing had been, and only that training does."""

from dataclasses import replace

import pytest
import torch

from mmr_toolkit.fusion import PLAIN, ResidualFusion
from mmr_toolkit.queries.pairs import Pairs
from small_pairs import (
    DIMS,
    N_ITEMS,
    SHORT,
    average_precision,
    same_weights,
    scripted,
    small_fusion,
    small_world,
    train,
)


@pytest.fixture
def pairs():
    return small_world()


@pytest.mark.parametrize("kind", PLAIN)
def test_what_is_resumed_ends_as_if_it_had_never_stopped(pairs, tmp_path, kind):
    measure = average_precision(pairs)
    unbroken, broken, resumed = (small_fusion(kind) for _ in range(3))
    whole = train(unbroken, pairs, validate=measure, check_every=3)
    checks = []

    def stops_at_the_third(fusion):
        checks.append(None)
        if len(checks) == 4:
            raise KeyboardInterrupt
        return measure(fusion)

    options = {"check_every": 3, "checkpoint": tmp_path / "folder" / "training.safetensors"}
    first = train(broken, pairs, validate=stops_at_the_third, **options)
    assert (first.ended, first.history.index.tolist()) == ("interrupted", [0, 3, 6])
    second = train(resumed, pairs, validate=measure, **options)
    assert second.history.equals(whole.history)
    assert (second.best_step, second.best_score, second.ended) == (whole.best_step, whole.best_score, whole.ended)
    assert same_weights(resumed, unbroken)
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["training.safetensors"]


@pytest.mark.parametrize("scores", [(0.1, 0.4, 0.2), (0.5, 0.4, 0.3)], ids=["all steps done", "no gain any more"])
def test_what_has_ended_is_not_gone_on_with(pairs, tmp_path, scores):
    options = {"checkpoint": tmp_path / "training.safetensors", "patience": 2}
    first, second = small_fusion(), small_fusion()
    whole = train(first, pairs, validate=scripted(*scores)[0], **options)
    again = train(second, pairs, validate=scripted()[0], **options)  # it would fail if it were asked
    assert again.history.equals(whole.history)
    assert again.ended == whole.ended
    assert same_weights(first, second)


@pytest.mark.parametrize("what", ["recipe", "fusion", "vectors", "labels", "own items"])
def test_the_checkpoint_of_another_training_is_refused(pairs, tmp_path, what):
    path = tmp_path / "training.safetensors"
    train(small_fusion(), pairs, replace(SHORT, steps=2), checkpoint=path)
    fusion, recipe, masks = small_fusion(), replace(SHORT, steps=2), (pairs.query_mask, pairs.item_mask)
    if what == "recipe":
        recipe = replace(recipe, steps=3)
    if what == "fusion":
        fusion = small_fusion(dropout=0.5)
    if what == "vectors":
        pairs = small_world(seed=1)
    if what == "labels":
        pairs = small_world(labels=False)
    if what == "own items":
        pairs = Pairs(pairs.queries, pairs.items, pairs.item_of.flip(0), *masks, small_labels())
    with pytest.raises(ValueError, match=r"training\.safetensors belongs to a training with another fusion, other"):
        train(fusion, pairs, recipe, checkpoint=path)
    assert same_weights(fusion, small_fusion(dropout=0.5) if what == "fusion" else small_fusion())


def small_labels():
    return {name: [[f"intent {i}" for i in range(N_ITEMS)]] for name in DIMS}


@pytest.mark.parametrize(
    "built", [{"joint": 0.4}, {"weights": {"text": 3, "image": 1}}, {"width": 9}, {"dropout": 0.5}]
)
def test_of_a_fusion_that_is_built_otherwise_too(pairs, tmp_path, built):
    path, recipe, options = tmp_path / "training.safetensors", replace(SHORT, steps=2), {"joint": 0.3, "width": 8}
    train(ResidualFusion(DIMS, "concat", **options), pairs, recipe, checkpoint=path)
    with pytest.raises(ValueError, match="another fusion"):
        train(ResidualFusion(DIMS, "concat", **options | built), pairs, recipe, checkpoint=path)


def test_the_fusion_that_was_interrupted_goes_on_itself(pairs, tmp_path):
    options = {"checkpoint": tmp_path / "training.safetensors"}
    broken, undisturbed = small_fusion(), small_fusion()
    train(broken, pairs, validate=scripted(0.1, 0.2, KeyboardInterrupt())[0], **options)
    assert not same_weights(broken, small_fusion())
    train(broken, pairs, validate=lambda fusion: 0.9, **options)
    train(undisturbed, pairs)
    assert same_weights(broken, undisturbed)


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "without numbers"])
def test_a_damaged_checkpoint_is_refused(pairs, tmp_path, damage):
    from safetensors.torch import save_file

    path = tmp_path / "training.safetensors"
    train(small_fusion(), pairs, replace(SHORT, steps=2), checkpoint=path)
    if damage == "without numbers":
        save_file({"a": torch.ones(1)}, path)
    else:
        path.write_bytes({"empty": b"", "cut": path.read_bytes()[:-20], "text": b"no tensors at all"}[damage])
    with pytest.raises(ValueError, match=r"training\.safetensors is no checkpoint or is damaged \(.*begin anew"):
        train(small_fusion(), pairs, replace(SHORT, steps=2), checkpoint=path)
