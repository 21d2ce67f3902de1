"""The made-up visitors: where they look, what they click, who gets their attention."""

import numpy as np
import pytest

from mmr_toolkit.training.clicks import COLUMNS, attention_share, examination, simulate_clicks, zipf_popularity

ORDER = np.array([[2, 0, 1, 3], [3, 1, 0, 2]])
RIGHT = np.array([[True, False, True, False], [False, True, False, False]])


def shares_of(history, column):
    """How often a click followed, by the values of a column."""
    return history.groupby(column)["clicked"].mean()


# --- how popular, where looked at ------------------------------------------------------------------------------------


def test_popularity_falls_as_zipf_says_in_a_random_order(rng):
    weights = zipf_popularity(4, rng)
    assert sorted(weights, reverse=True) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert sorted(zipf_popularity(4, rng, 2), reverse=True) == pytest.approx([1, 1 / 4, 1 / 9, 1 / 16])
    assert zipf_popularity(5, rng, 0).tolist() == [1] * 5
    firsts = [zipf_popularity(4, rng).argmax() for _ in range(200)]
    assert set(firsts) == {0, 1, 2, 3}


def test_who_looks_where():
    assert examination([1, 2, 4]).tolist() == [1, 0.5, 0.25]
    assert examination([1, 2, 4], 2).tolist() == [1, 0.25, 0.0625]
    assert examination([[1, 9]], 0).tolist() == [[1, 1]]
    assert examination([]).shape == (0,)


# --- visitors --------------------------------------------------------------------------------------------------------


def test_a_search_shows_the_top_of_its_ranking_rank_by_rank(rng):
    history = simulate_clicks(ORDER, RIGHT, rng, n_searches=50, shown=3)
    assert list(history) == list(COLUMNS)
    assert len(history) == 150 and history["clicked"].dtype == bool
    for _, search in history.groupby(np.arange(150) // 3):
        (query,) = search["query"].unique()
        assert search["item"].tolist() == ORDER[query, :3].tolist()
        assert search["rank"].tolist() == [1, 2, 3]
    assert set(history["query"]) == {0, 1}


def test_a_page_longer_than_the_shop_shows_the_whole_shop(rng):
    assert len(simulate_clicks(ORDER, RIGHT, rng, n_searches=5, shown=99)) == 5 * 4


def test_who_reads_all_and_never_errs_clicks_what_is_right(rng):
    certain = {"steepness": 0, "click_right": 1, "click_wrong": 0}
    history = simulate_clicks(ORDER, RIGHT, rng, n_searches=40, **certain)
    assert (history["clicked"] == RIGHT[history["query"], history["item"]]).all()


def test_clicks_are_as_frequent_as_the_model_says(rng):
    """P = 1 / rank · (0.8 if right, else 0.05) · appeal, within four standard deviations."""
    appeal = np.array([1, 0.5, 1, 0.25])
    n = 40_000
    history = simulate_clicks(ORDER, RIGHT, rng, n_searches=n, appeal=appeal)
    for query in range(2):
        seen = shares_of(history[history["query"] == query], "item")
        for rank, item in enumerate(ORDER[query], 1):
            expected = (0.8 if RIGHT[query, item] else 0.05) * appeal[item] / rank
            assert seen[item] == pytest.approx(expected, abs=4 * (expected / (n / 2)) ** 0.5), (query, item)


def test_the_same_generator_gives_the_same_history():
    first, second = (simulate_clicks(ORDER, RIGHT, np.random.default_rng(3), n_searches=30) for _ in range(2))
    assert first.equals(second)
    assert not first.equals(simulate_clicks(ORDER, RIGHT, np.random.default_rng(4), n_searches=30))


# --- attention -------------------------------------------------------------------------------------------------------


def test_attention_by_hand():
    """Right are item 2 at rank 1 and item 0 at rank 2 of the first query, item 1 at rank 2 of the second."""
    assert attention_share(ORDER, RIGHT, [True, False, False, False]) == pytest.approx(0.5 / 2)
    assert attention_share(ORDER, RIGHT, [False, True, True, False]) == pytest.approx(1.5 / 2)
    assert attention_share(ORDER, RIGHT, [False, False, True, False], shown=1) == 1
    assert attention_share(ORDER, RIGHT, [True, False, False, False], steepness=2) == pytest.approx(0.25 / 1.5)


def test_attention_is_that_of_a_loop_and_adds_up(rng):
    order = np.array([rng.permutation(30) for _ in range(12)])
    right = rng.random((12, 30)) < 0.2
    groups = rng.integers(0, 3, 30)
    looks = np.zeros(3)
    for query in range(12):
        for place in range(7):
            item = order[query, place]
            if right[query, item]:
                looks[groups[item]] += 1 / (place + 1)
    shares = [attention_share(order, right, groups == group, shown=7) for group in range(3)]
    assert shares == pytest.approx(looks / looks.sum())
    assert sum(shares) == pytest.approx(1)


def test_without_a_right_item_in_view_there_is_no_share():
    assert np.isnan(attention_share(ORDER[1:], RIGHT[1:], [True] * 4, shown=1))


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: zipf_popularity(0, rng), r"n_items is 0; expected 1 or more\."),
        (lambda rng: examination([2, 0]), r"a rank is 0; expected 1 for the best, 2 for the next\."),
        (lambda rng: simulate_clicks(ORDER, RIGHT[:1], rng), r"order has shape \(2, 4\) and right \(1, 4\) of bool"),
        (lambda rng: simulate_clicks(ORDER, RIGHT * 1, rng), r"right \(2, 4\) of int64; expected .* True or False"),
        (lambda rng: attention_share(ORDER[0], RIGHT[0], [True] * 4), r"order has shape \(4,\)"),
        (lambda rng: attention_share(ORDER, RIGHT, [True] * 3), r"members has shape \(3,\), expected .* for 4 items"),
        (lambda rng: simulate_clicks(ORDER, RIGHT, rng, appeal=[1.0]), r"appeal has shape \(1,\), expected .* 4 items"),
        (lambda rng: simulate_clicks(ORDER, RIGHT, rng, n_searches=0), r"n_searches is 0 and shown 20; expected 1"),
        (lambda rng: simulate_clicks(ORDER, RIGHT, rng, click_wrong=-0.1), r"probabilities: expected numbers from 0"),
        (lambda rng: simulate_clicks(ORDER, RIGHT, rng, appeal=[2.0] * 4), r"probabilities: expected numbers from 0"),
    ],
)
def test_what_does_not_fit_is_named(rng, call, message):
    with pytest.raises(ValueError, match=message):
        call(rng)
