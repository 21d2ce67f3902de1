"""Training a network on labels: the loss against a loop, and what is learned, repeated and refused."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from mmr_toolkit.features.encoder import NothingToLearn
from mmr_toolkit.features.train_on_labels import (
    UNKNOWN,
    accuracies,
    draw_weights,
    label_loss,
    number_labels,
    shuffled_batches,
    train_on_labels,
)

pytestmark = pytest.mark.slow

KINDS = ["a", "b", "c", "d"]


def points(n: int = 200) -> tuple[torch.Tensor, dict[str, list[str | None]]]:
    """Points of the plane in four quarters; one label per coordinate, one for the quarter, which is half unknown."""
    places = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (n, 2)).astype(np.float32))
    right, up = places[:, 0] > 0, places[:, 1] > 0
    quarter = [KINDS[2 * int(a) + int(b)] if i % 2 else None for i, (a, b) in enumerate(zip(right, up, strict=True))]
    return places, {"right": ["yes" if positive else "no" for positive in right], "quarter": quarter}


def small_network(dim: int = 8) -> torch.nn.Module:
    return torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Linear(16, dim)
    )


def train(network: torch.nn.Module, **options) -> pd.DataFrame:
    inputs, labels = points()
    options = {"epochs": 20, "batch_size": 20, "learning_rate": 0.02, "progress": False} | options
    return train_on_labels(network, inputs, labels, **options)


# Labels as numbers


def test_labels_become_numbers_in_sorted_order():
    targets, classes = number_labels({"colour": ["red", "blue", None], "type": ["can", "can", "cup"]}, 3)
    assert classes == {"colour": ["blue", "red"], "type": ["can", "cup"]}
    assert targets.tolist() == [[1, 0], [0, 0], [UNKNOWN, 1]]


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ({"type": ["a", "b"]}, ValueError, "2 values of the label 'type' for 3 inputs"),
        ({}, NothingToLearn, "no label has two different values"),
        ({"type": ["a", "a", None]}, NothingToLearn, "Nothing can be told apart"),
        ({"type": [None, None, None]}, NothingToLearn, "Nothing can be told apart"),
    ],
)
def test_labels_that_teach_nothing(labels, error, message):
    with pytest.raises(error, match=message):
        number_labels(labels, 3)


# The loss


def test_loss_by_loops(rng):
    logits = [torch.from_numpy(rng.normal(size=(7, n))) for n in (2, 5)]
    truth = torch.tensor([[0, 4], [1, UNKNOWN], [1, 0], [UNKNOWN, 2], [0, 2], [1, 3], [0, UNKNOWN]])
    slow = 0.0
    for scores, right in zip(logits, truth.T, strict=True):
        known = [(z.tolist(), int(t)) for z, t in zip(scores, right, strict=True) if t != UNKNOWN]
        slow += sum(math.log(sum(map(math.exp, z))) - z[t] for z, t in known) / len(known) / len(logits)
    assert float(label_loss(logits, truth)) == pytest.approx(slow, rel=1e-6)


def test_a_batch_without_a_known_label_costs_nothing():
    logits = torch.randn(3, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    loss = label_loss([logits], torch.full((3, 1), UNKNOWN))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad.abs().sum() == 0


def test_accuracies_count_known_labels_only():
    logits = torch.tensor([[2.0, 1.0], [0.0, 1.0], [5.0, 0.0], [0.0, 3.0]])
    truth = torch.tensor([[0, UNKNOWN], [0, UNKNOWN], [UNKNOWN, UNKNOWN], [1, UNKNOWN]])
    known, unknown = accuracies([logits, logits], truth)
    assert float(known) == pytest.approx(2 / 3)
    assert math.isnan(float(unknown))


# Order and first weights


def test_batches_hold_every_row_once_but_the_remainder():
    rows = list(shuffled_batches(11, 4, torch.Generator().manual_seed(0)))
    assert [len(batch) for batch in rows] == [4, 4]
    assert len(set(torch.cat(rows).tolist())) == 8
    assert torch.cat(rows).tolist() != sorted(torch.cat(rows).tolist())


def test_weights_are_drawn_with_the_deviation_of_he():
    layer = torch.nn.Sequential(torch.nn.Conv2d(64, 128, 3), torch.nn.Linear(300, 400))
    draw_weights(layer, torch.Generator().manual_seed(0))
    for part, fan_in in ((layer[0], 64 * 9), (layer[1], 300)):
        assert part.weight.std().item() == pytest.approx(math.sqrt(2 / fan_in), rel=0.02)
        assert not part.bias.any()


# Training


def test_it_learns_what_the_labels_say():
    network = small_network()
    history = train(network)
    assert list(history.columns) == ["loss", "right", "quarter"]
    assert history.index.tolist() == list(range(1, 21))
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] / 3
    assert history["right"].iloc[-1] > 0.95
    assert history["quarter"].iloc[-1] > 0.9
    assert not network.training


def test_the_labels_can_be_read_off_the_vectors_of_new_points():
    from sklearn.linear_model import LogisticRegression

    network = small_network()
    train(network)
    inputs, labels = points(400)
    with torch.no_grad():
        vectors = network(inputs).numpy()
    probe = LogisticRegression().fit(vectors[:200], labels["right"][:200])
    assert probe.score(vectors[200:], labels["right"][200:]) > 0.95


def test_one_seed_one_result_and_the_programs_own_random_numbers_stay():
    first, again, other = small_network(), small_network(), small_network()
    before = torch.random.get_rng_state()
    histories = [train(first), train(again), train(other, seed=1)]
    assert torch.equal(torch.random.get_rng_state(), before)
    pd.testing.assert_frame_equal(histories[0], histories[1])
    assert not np.allclose(histories[0], histories[2])
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)


def test_it_starts_anew_whatever_the_weights_were():
    trained, fresh = small_network(), small_network()
    train(trained, seed=5)
    pd.testing.assert_frame_equal(train(trained), train(fresh))
    for a, b in zip(trained.state_dict().values(), fresh.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_it_learns_from_the_augmented_inputs_drawn_anew_in_every_step():
    drawn = []

    def blank(batch, generator):
        drawn.append(float(torch.rand(1, generator=generator)))
        return torch.zeros_like(batch)

    history = train(small_network(), augment=blank)
    assert len(drawn) == len(set(drawn)) == 20 * 10
    assert history["right"].max() < 0.65  # all inputs look alike; the larger half is 0.55


def test_fewer_inputs_than_a_batch_are_one_batch():
    history = train_on_labels(
        small_network(), torch.eye(2), {"right": ["yes", "no"]}, epochs=30, learning_rate=0.02, progress=False
    )
    assert history["right"].iloc[-1] == 1


@pytest.mark.parametrize("options", [{"epochs": 0}, {"batch_size": 1}])
def test_numbers_that_are_too_small(options):
    with pytest.raises(ValueError, match="expected at least 1 and 2"):
        train(small_network(), **options)


def test_the_progress_bar_is_shown_on_request(capsys):
    train(small_network(), epochs=2, progress=True)
    assert "2/2" in capsys.readouterr().err
    train(small_network(), epochs=2)
    assert not capsys.readouterr().err
