"""Lesson 03: what it builds by hand is what the package and the libraries compute, and its self-checks see slips."""

import ast
import re

import numpy as np
import pytest
import torch

import mmr_toolkit as mmr
from lesson_code import NOTEBOOKS, function_of
from mmr_toolkit.exercises import text
from mmr_toolkit.exercises.text import check_idf_weights, check_mean_pool, check_window_pairs
from mmr_toolkit.features import Word2VecEncoder, tokens
from mmr_toolkit.features.text.bert import mean_of_tokens
from run_notebooks import read

LESSON = "03_text"

# --- the functions of the lesson -------------------------------------------------------------------------------------


def lesson_loss(rng, n_words=5, n_rows=40):
    """Some vectors and rows, and the lesson's loss and gradients for them.

    The lesson's functions call each other, so they are put into one namespace.
    """
    loss_and_gradients = function_of(LESSON, "loss_and_gradients")
    loss_and_gradients.__globals__["sigmoid"] = function_of(LESSON, "sigmoid")
    V, U = rng.normal(size=(2, n_words, 3))
    centre, other = rng.integers(n_words, size=(2, n_rows))
    return loss_and_gradients, V, U, (centre, other, rng.random(n_rows) < 0.3)


def test_the_sigmoid_of_the_lesson_is_torch_s(rng):
    x = rng.normal(size=20)
    np.testing.assert_allclose(function_of(LESSON, "sigmoid")(x), torch.sigmoid(torch.tensor(x)))


def test_the_loss_of_all_rows_is_the_sum_over_pairs(rng):
    """A loop over rows that are grouped as one real pair and one drawn one, with the lesson's own loss of a pair."""
    loss_and_gradients, V, U, (centre, other, _) = lesson_loss(rng)
    real = np.arange(len(centre)) % 2 == 0
    centre[1::2] = centre[::2]  # each drawn row belongs to the real one before it
    pair_loss = function_of(LESSON, "pair_loss")
    pair_loss.__globals__["sigmoid"] = function_of(LESSON, "sigmoid")
    by_pairs = sum(pair_loss(V[centre[i]], U[other[i]], U[other[i + 1]]) for i in range(0, len(centre), 2))
    assert loss_and_gradients(V, U, centre, other, real)[0] == pytest.approx(by_pairs)


def test_the_gradients_are_those_of_small_steps(rng):
    """(L(x + h) − L(x − h)) / 2h, number by number."""
    loss_and_gradients, V, U, rows = lesson_loss(rng)
    _, *gradients = loss_and_gradients(V, U, *rows)
    for matrix, gradient in zip((V, U), gradients, strict=True):
        slow = np.zeros_like(matrix)
        for place in np.ndindex(matrix.shape):
            kept, losses = matrix[place], []
            for step in (1e-5, -1e-5):
                matrix[place] = kept + step
                losses.append(loss_and_gradients(V, U, *rows)[0])
            matrix[place] = kept
            slow[place] = (losses[0] - losses[1]) / 2e-5
        np.testing.assert_allclose(gradient, slow, atol=1e-6)


def test_the_bag_of_words_counts_every_token():
    count_words = function_of(LESSON, "count_words")
    assert count_words("red wine, white wine 红酒", ["wine", "红酒", "tea", "red"]) == [2, 1, 0, 1]


def test_the_encoder_of_the_lesson_is_an_encoder():
    """It goes through extract, and a text's vector does not depend on the texts beside it."""
    encoder = class_of(LESSON, "TrigramEncoder")()
    shop = mmr.cornershop()
    few = shop.subset(shop.mask["text"] & (shop.table.index < 8))
    vectors = mmr.extract(few, {"text": encoder}, progress=False, cache=False).vectors["text"]
    assert vectors.shape == (len(few), encoder.dim) and vectors.any(axis=1).all()
    texts = few.values("text")
    np.testing.assert_allclose(vectors[3], encoder.encode([texts[3]])[0], atol=1e-6)


def class_of(lesson, name):
    """A class of a notebook, made as `function_of` makes functions."""
    cells = [ast.parse(cell.source) for cell in read(NOTEBOOKS / f"{lesson}.ipynb").cells if cell.cell_type == "code"]
    wanted = [
        statement
        for tree in cells
        for statement in tree.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        or (isinstance(statement, ast.ClassDef) and statement.name == name)
    ]
    names = {}
    exec(compile(ast.Module(wanted, []), lesson, "exec"), names)
    return names[name]


# --- typical wrong answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_window_pairs, lambda words, window: len(words), "yours is 3"),
        (check_window_pairs, lambda words, window: set(), "should be {.*wine.*yours is {}"),
        (check_window_pairs, lambda words, window: [words[i + window] for i in range(len(words))], "IndexError"),
        (check_idf_weights, lambda texts: {}, "should be {"),
        (check_idf_weights, lambda texts: {"red": 1.6}, "yours is {'red': 1.6}"),
        (check_idf_weights, lambda texts: [1.6], r"yours is \[1.6\]"),
        (check_mean_pool, lambda states, mask: states, "should be"),
        (check_mean_pool, lambda states, mask: (states * mask).sum(axis=1), "stops with ValueError"),
        (check_mean_pool, lambda states, mask: states[0][mask[0] == 1].mean(axis=0), "should be"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_window_pairs(lambda words, window: sorted(text._window_pairs(words, window)))
    assert check_idf_weights(lambda texts: {word: np.float64(w) for word, w in text._idf_weights(texts).items()})
    assert check_mean_pool(
        lambda states, mask: [row[real == 1].mean(axis=0) for row, real in zip(states, mask, strict=True)]
    )


# --- the trusted answers are right -----------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [1, 2, 7])
def test_the_trusted_pairs_are_those_of_a_loop_over_all_positions(window):
    words = tokens("a mug of tea for the road and a mug of 茶 for two")
    slow = set()
    for i, centre in enumerate(words):
        for j, neighbour in enumerate(words):
            if 0 < abs(i - j) <= window:
                slow.add((centre, neighbour))
    assert text._window_pairs(words, window) == slow


def test_the_trusted_weights_are_the_encoder_s():
    texts = ["red wine for two", "tea for two, for tea", "wool scarf 围巾", "wine for"]
    encoder = Word2VecEncoder.train(texts, dim=2, epochs=1)
    trusted = text._idf_weights([tokens(line) for line in texts])
    np.testing.assert_allclose([trusted[word] for word in encoder.words], encoder.idf, rtol=1e-6)
    assert set(trusted) == set(encoder.words)


def test_the_trusted_pooling_is_bert_s(rng):
    states = rng.normal(size=(3, 6, 4))
    mask = (np.arange(6) < np.array([6, 2, 4])[:, None]).astype(int)
    theirs = mean_of_tokens(torch.tensor(states), torch.tensor(mask))
    np.testing.assert_allclose(text._mean_pool(states, mask), theirs)
