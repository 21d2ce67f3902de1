"""The losses: against slow loops and the library, known values, several right answers, gradients, the table."""

import math

import pytest
import torch
from torch.nn import functional as F

from mmr_toolkit.training.losses import LOSSES, MARGIN, info_nce, loss_function, triplet


def some_scores(b=7, seed=0, dtype=torch.float64):
    return 3 * torch.randn(b, b, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def some_positives(labels):
    """Equal labels are right answers to each other; with labels of their own only the diagonal is."""
    labels = torch.tensor(labels)
    return labels[:, None] == labels[None, :]


ONE_EACH = some_positives(range(7))
SEVERAL = some_positives([0, 0, 1, 2, 2, 2, 3])


def slow_info_nce(scores, positives):
    """The formula, one logarithm at a time."""
    b, total = len(scores), 0.0
    for table, right in ((scores.tolist(), positives.tolist()), (scores.T.tolist(), positives.T.tolist())):
        for i in range(b):
            normaliser = math.log(sum(math.exp(s) for s in table[i]))
            answers = [j for j in range(b) if right[i][j]]
            total += -sum(table[i][j] - normaliser for j in answers) / len(answers) / b / 2
    return total


def slow_triplet(scores, positives):
    b, total = len(scores), 0.0
    for table, right in ((scores.tolist(), positives.tolist()), (scores.T.tolist(), positives.T.tolist())):
        for i in range(b):
            farthest = min(table[i][j] for j in range(b) if right[i][j])
            wrong = [table[i][j] for j in range(b) if not right[i][j]]
            if wrong:
                total += max(0.0, MARGIN - farthest + max(wrong)) / b / 2
    return total


SLOW = {"info_nce": slow_info_nce, "triplet": slow_triplet}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("positives", [ONE_EACH, SEVERAL], ids=["one each", "several"])
@pytest.mark.parametrize("seed", range(3))
def test_a_slow_loop_gives_the_same(name, positives, seed):
    scores = some_scores(seed=seed)
    assert LOSSES[name](scores, positives).item() == pytest.approx(SLOW[name](scores, positives), rel=1e-12)


def test_with_one_right_answer_each_info_nce_is_the_cross_entropy_of_rows_and_columns():
    scores, own = some_scores(), torch.arange(7)
    expected = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
    torch.testing.assert_close(info_nce(scores, ONE_EACH), expected)


@pytest.mark.parametrize("b", [2, 3, 128])
def test_scores_that_are_all_alike_cost_the_logarithm_of_the_batch(b):
    loss = info_nce(torch.full((b, b), 5.0), torch.eye(b, dtype=torch.bool))
    assert loss.item() == pytest.approx(math.log(b), rel=1e-5)


def test_two_pairs_by_hand():
    """Each row: log(1 + e^-2) for scores 2 on the diagonal and 0 beside it."""
    scores = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    assert info_nce(scores, torch.eye(2, dtype=torch.bool)).item() == pytest.approx(math.log(1 + math.exp(-2)))
    assert triplet(scores, torch.eye(2, dtype=torch.bool)).item() == pytest.approx(MARGIN - 2)
    assert triplet(scores.flip(0), torch.eye(2, dtype=torch.bool)).item() == pytest.approx(MARGIN + 2)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_it_falls_when_right_answers_come_closer_and_rises_when_wrong_ones_do(loss):
    scores = some_scores()
    assert loss(scores + 0.5 * SEVERAL, SEVERAL) < loss(scores, SEVERAL) < loss(scores - 0.5 * SEVERAL, SEVERAL)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_both_sides_count_alike(loss):
    scores = some_scores()
    torch.testing.assert_close(loss(scores.T, SEVERAL.T), loss(scores, SEVERAL))


def test_an_equal_product_is_punished_unless_it_is_named_as_right():
    scores = torch.zeros(3, 3, dtype=torch.float64, requires_grad=True)
    info_nce(scores, some_positives([0, 1, 2])).backward()
    assert scores.grad[0, 1] > 0  # a step against the gradient pushes it away
    scores.grad = None
    info_nce(scores, some_positives([0, 0, 1])).backward()
    assert scores.grad[0, 1] < 0


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_where_all_answers_are_right_there_is_nothing_to_learn_from_order(loss):
    """Without a wrong answer the triplet is 0; the gradient of both is finite."""
    scores = some_scores().requires_grad_()
    everybody = torch.ones(7, 7, dtype=torch.bool)
    value = loss(scores, everybody)
    value.backward()
    assert value.isfinite()
    assert scores.grad.isfinite().all()
    if loss is triplet:
        assert value.item() == 0
        assert not scores.grad.any()


def test_a_row_without_a_wrong_answer_adds_nothing_to_the_triplet():
    scores = torch.tensor([[0.0, 0.0], [5.0, 0.0]])
    positives = torch.tensor([[True, True], [False, True]])
    row = max(0.0, MARGIN - 0 + 5)  # the second row; the first has no wrong answer
    column = max(0.0, MARGIN - 0 + 5)  # the first column; the second has none
    assert triplet(scores, positives).item() == pytest.approx((row / 2 + column / 2) / 2)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_slope_is_that_of_small_differences(loss):
    scores = some_scores(4).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: loss(s, some_positives([0, 1, 1, 2])), scores)


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_very_large_scores_do_not_overflow(loss, size):
    assert loss(size * some_scores(dtype=torch.float32), SEVERAL).isfinite()


def test_an_unknown_name_lists_the_table():
    assert loss_function("triplet") is triplet
    with pytest.raises(ValueError, match=r"unknown loss 'mse': choose one of info_nce, triplet\."):
        loss_function("mse")
