"""The grid: equal to one evaluation at a time, its control and chance, tests by family, what cannot answer, errors."""

import numpy as np
import pytest
import torch

from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.evaluation.significance import bootstrap_interval, holm, paired_test
from mmr_toolkit.queries.questions import Questions

ITEMS = [f"item{i:02}" for i in range(30)]
MEASURES = ("AP", "nDCG@5", "first rank")
N = 24


def make_questions(rng, kind, n=N):
    """The vector of each question is its row of scores, so that a system can be any function of it."""
    parts = {"T": ("text",), "TI": ("text", "image")}[kind]
    grades = rng.choice([0, 0, 0, 1, 2], (n, len(ITEMS)))
    own = [int(rng.integers(30)) if q % 3 else None for q in range(n)]
    for q in range(n):
        grades[q, rng.choice(30, 3, replace=False)] = 3
        if own[q] is not None:
            grades[q, own[q]] = 0
    ids = [f"{kind}{q}" for q in range(n)]
    qrels = {
        query: {i: int(g) for i, g in zip(ITEMS, row, strict=True) if g} for query, row in zip(ids, grades, strict=True)
    }
    return Questions(
        ids=ids,
        vectors={part: grades + rng.normal(scale=3, size=grades.shape) for part in parts},
        qrels=qrels,
        own=own,
        families=[f"family{q // 3}" for q in range(n)],
        groups={"even": np.arange(n) % 2 == 0},
    )


SYSTEMS = {
    "text": lambda queries: queries["text"],
    "sum": lambda queries: torch.as_tensor(sum(queries.values())),
    "image": lambda queries: queries.get("image"),
}


@pytest.fixture
def questions(rng):
    return {kind: make_questions(rng, kind) for kind in ("T", "TI")}


def run_compare(questions, systems=SYSTEMS, seed=0, **changes):
    options = {"against": "text", "measures": MEASURES, "n_resamples": 300, "n_patterns": 500}
    return compare(systems, questions, ITEMS, rng=np.random.default_rng(seed), **(options | changes))


@pytest.fixture
def comparison(questions):
    return run_compare(questions)


# Values


def test_every_value_is_that_of_one_evaluation_at_a_time(questions, comparison):
    for kind, asked in questions.items():
        for name in ("text", "sum"):
            run = ranked_run(asked.ids, ITEMS, SYSTEMS[name](asked.vectors), asked.own)
            alone = evaluate_run(run, asked.qrels, item_ids=ITEMS, measures=MEASURES)
            rows = comparison.per_query.query("system == @name and kind == @kind").set_index("query_id")
            np.testing.assert_allclose(rows.loc[asked.ids, list(MEASURES)], alone.per_query)
            for measure in MEASURES:
                assert comparison.wide(measure).loc[name, kind] == pytest.approx(alone.summary[measure])
                even = alone.per_query.loc[asked.groups["even"], measure]
                expected = even.median() if measure == "first rank" else even.mean()
                assert comparison.wide(measure, "even").loc[name, kind] == pytest.approx(expected)


def test_chance_leaves_the_own_product_out(questions, comparison):
    for kind, asked in questions.items():
        expected = [
            chance({query: asked.qrels[query]}, 30 if own is None else 29, measures=MEASURES).mean
            for query, own in zip(asked.ids, asked.own, strict=True)
        ]
        table = comparison.per_query
        rows = table[(table["system"] == "chance") & (table["kind"] == kind)]
        np.testing.assert_allclose(rows[list(MEASURES)], np.array(expected))


def test_shuffled_pairs_are_near_chance_and_far_below_the_truth(rng):
    asked = {"T": make_questions(rng, "T", n=300)}
    wide = run_compare(asked, measures=("AP",)).wide()["T"]
    assert wide["shuffled pairs"] == pytest.approx(wide["chance"], abs=0.03)
    assert wide["text"] > 1.5 * wide["shuffled pairs"]


def test_nobody_is_shuffled_to_the_own_truth():
    """With two questions the partner is the other one, so perfect answers become perfectly wrong."""
    asked = Questions(["p", "q"], {"text": np.eye(2, 30)}, {"p": {ITEMS[0]: 3}, "q": {ITEMS[1]: 3}})
    for seed in range(10):
        wide = run_compare({"T": asked}, {"text": SYSTEMS["text"]}, seed, measures=("recall@1",)).wide()["T"]
        assert wide[["text", "shuffled pairs"]].tolist() == [1, 0]


def test_intervals_and_tests_are_those_of_the_families(questions, comparison):
    asked = questions["TI"]
    rows = comparison.per_query.query("kind == 'TI'").pivot(index="query_id", columns="system", values="AP")
    rows = rows.loc[list(asked.ids)]
    low, high = bootstrap_interval(rows["sum"], groups=asked.families, n_resamples=20_000, rng=np.random.default_rng(1))
    row = comparison.table.query("system == 'sum' and kind == 'TI' and group == 'all' and measure == 'AP'").iloc[0]
    assert row[["low", "high"]].tolist() == pytest.approx([low, high], abs=0.02)
    difference = rows["sum"] - rows["text"]
    low, high = bootstrap_interval(difference, groups=asked.families, n_resamples=20_000, rng=np.random.default_rng(1))
    assert row[["difference_low", "difference_high"]].tolist() == pytest.approx([low, high], abs=0.02)
    assert row["difference"] == pytest.approx(difference.mean())
    exact = paired_test(rows["sum"], rows["text"], groups=asked.families, rng=np.random.default_rng(1))
    assert row["p"] == exact  # 8 families: all 256 patterns are looked at
    assert row["queries"] == N


def test_p_is_corrected_over_all_systems_and_kinds_of_one_measure_and_group(comparison):
    for _, part in comparison.table.groupby(["measure", "group"]):
        np.testing.assert_array_equal(part["p_holm"], holm(part["p"]))
    tested = comparison.table[comparison.table["p"].notna()]
    assert set(tested["system"]) == {"sum", "image"}
    assert set(tested["measure"]) == {"AP", "nDCG@5"}  # no test of medians


def test_two_calls_with_the_same_seed_are_equal(questions, comparison):
    assert run_compare(questions).table.equals(comparison.table)
    assert not run_compare(questions, seed=1).table.equals(comparison.table)


def test_the_columns_and_the_order_of_the_table(comparison):
    assert comparison.table.columns.tolist() == [
        "system", "kind", "group", "measure", "queries", "value", "low", "high", "difference", "difference_low",
        "difference_high", "p", "p_holm",
    ]  # fmt: skip
    assert comparison.wide().index.tolist() == ["text", "sum", "image", "chance", "shuffled pairs"]
    assert comparison.wide().columns.tolist() == ["T", "TI"]
    assert len(comparison.table) == 5 * 2 * 2 * 3


def test_without_a_rival_nothing_is_tested(questions):
    table = run_compare(questions, against=None).table
    assert table[["difference", "p", "p_holm"]].isna().all(axis=None)
    assert table.query("system != 'chance' and value == value")[["low", "high"]].notna().all(axis=None)


# What has no answer


def test_a_system_that_cannot_answer_has_no_value(comparison):
    rows = comparison.table.query("system == 'image' and kind == 'T'")
    assert (rows["queries"] == 0).all()
    assert rows[["value", "low", "high", "difference", "p", "p_holm"]].isna().all(axis=None)
    assert comparison.wide().loc["image", "TI"] > comparison.wide().loc["chance", "TI"]


def test_the_control_is_taken_of_a_system_that_answers(questions):
    assert run_compare(questions, against="image").wide().loc["shuffled pairs"].notna().all()
    only = run_compare(questions, {"image": SYSTEMS["image"]}, against="image").wide().loc["shuffled pairs"]
    assert only.isna().tolist() == [True, False]


def test_a_question_without_a_full_match_is_left_out_and_named():
    qrels = {"p": {ITEMS[0]: 3}, "q": {ITEMS[1]: 2}}
    asked = Questions(["p", "q", "r"], {"text": np.eye(3, 30)}, qrels)
    comparison = run_compare({"T": asked}, measures=("AP",))
    assert comparison.without_full_match == ["q", "r"]
    assert comparison.table.query("system == 'text'")[["queries", "value"]].to_numpy().tolist() == [[1, 1]]
    assert run_compare({"T": asked}, measures=("nDCG@5",)).without_full_match == ["q", "r"]


def test_a_group_without_questions_has_no_values(questions):
    asked = questions["T"]
    empty = Questions(asked.ids, asked.vectors, asked.qrels, groups={"none": np.zeros(N, bool)})
    rows = run_compare({"T": empty}).table.query("group == 'none'")
    assert (rows["queries"] == 0).all()
    assert rows[["value", "low", "p"]].isna().all(axis=None)


def test_a_single_question_has_no_partner():
    asked = Questions(["p"], {"text": np.eye(1, 30)}, {"p": {ITEMS[0]: 3}})
    assert np.isnan(run_compare({"T": asked}).wide().loc["shuffled pairs", "T"])


# Errors


def test_systems_that_do_not_fit(questions):
    with pytest.raises(ValueError, match="0 systems and 2 kinds of questions: expected at least one each"):
        run_compare(questions, {})
    with pytest.raises(ValueError, match="3 systems and 0 kinds"):
        run_compare({})
    for name in ("chance", "shuffled pairs"):
        with pytest.raises(ValueError, match=f"'{name}' is a row that comes by itself"):
            run_compare(questions, {name: SYSTEMS["text"]})
    with pytest.raises(ValueError, match="against is 'best', expected one of the systems: text, sum, image"):
        run_compare(questions, against="best")


def test_scores_that_do_not_fit_name_the_system_and_the_kind(questions):
    with pytest.raises(
        ValueError, match=r"system 'text', questions 'T': scores have shape \(24, 3\), expected \(24, 30\)"
    ):
        run_compare(questions, {"text": lambda queries: np.zeros((N, 3))})
    with pytest.raises(ValueError, match="system 'text', questions 'T': scores of query 'T0' hold NaN"):
        run_compare(questions, {"text": lambda queries: np.full((N, 30), np.nan)})


def test_galleries_and_measures_that_do_not_fit(questions):
    for ids in ([], ["a", "a"]):
        with pytest.raises(ValueError, match="expected at least one, and every one once"):
            compare(SYSTEMS, questions, ids, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="name 'item.*' and .* more that are not in the gallery"):
        compare(SYSTEMS, questions, ["a", "b"], rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="unknown measure 'mAP': choose one of AP"):
        run_compare(questions, measures=("mAP",))
