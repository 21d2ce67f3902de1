"""The search for a recipe: the best of what was tried, the same again, off the test split, interrupted, silent."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from mmr_toolkit.evaluation.systems import mean_average_precision
from mmr_toolkit.training.loop import fit
from mmr_toolkit.training.recipe import Recipe
from mmr_toolkit.training.recipe_search import SPACE, Range, search_recipe
from small_pairs import QUICK, as_questions, small_fusion, small_world

pytestmark = pytest.mark.slow

START = replace(QUICK, steps=12, learning_rate=1e-3)
RATES = {"learning_rate": Range(3e-4, 0.1, log=True)}


def plain():
    return small_fusion(residual=False)


def search(make_fusion=plain, seed=0, world=0, **options):
    pairs = small_world(world)
    options = {"recipe": START, "space": RATES, "n_trials": 4, "progress": False} | options
    return search_recipe(make_fusion, pairs, *as_questions(pairs), seed=seed, **options)


def test_the_best_of_what_was_tried_is_kept_and_every_score_can_be_had_again():
    found, pairs = search(), small_world()
    assert list(found.trials) == ["learning_rate", "mAP"]
    assert found.trials.index.tolist() == [0, 1, 2, 3]
    assert found.trials.loc[0, "learning_rate"] == 1e-3  # it starts with the recipe as it is
    assert found.trials["learning_rate"].between(3e-4, 0.1).all()
    best = found.trials.loc[found.trials["mAP"].idxmax()]
    assert found.recipe == replace(START, learning_rate=best["learning_rate"])
    assert best["mAP"] > found.trials.loc[0, "mAP"]
    fusion = plain()
    fit(fusion, pairs, found.recipe, progress=False)
    assert mean_average_precision(fusion, *as_questions(pairs)) == best["mAP"]


def test_the_same_seed_tries_the_same_and_another_something_else():
    first, second, other = search(n_trials=3), search(n_trials=3), search(n_trials=3, seed=1)
    assert first.trials.equals(second.trials)
    assert first.trials.loc[1:, "learning_rate"].tolist() != other.trials.loc[1:, "learning_rate"].tolist()


def test_the_default_table_and_whole_numbers():
    recipe = replace(START, steps=2, noise=0.3)
    assert list(search(recipe=recipe, space=SPACE, n_trials=2).trials) == [*SPACE, "mAP"]
    trials = search(recipe=replace(recipe, batch_size=8), space={"batch_size": Range(4, 16)}).trials
    assert trials["batch_size"].dtype == np.int64
    assert trials["batch_size"].between(4, 16).all()
    assert trials["batch_size"].nunique() > 1
    assert all(limits.low <= getattr(Recipe(), name) <= limits.high for name, limits in SPACE.items())


def test_ctrl_c_keeps_what_was_tried():
    made = []

    def stops_at_the_third():
        made.append(None)
        if len(made) == 3:
            raise KeyboardInterrupt
        return plain()

    found = search(stops_at_the_third)
    assert found.trials.equals(search(n_trials=2).trials)
    with pytest.raises(KeyboardInterrupt):
        search(stops_at_the_third_at_once)


def stops_at_the_third_at_once():
    raise KeyboardInterrupt


def test_ctrl_c_within_a_training_ends_the_search(monkeypatch):
    steps = []

    def step(trainee, pairs):
        steps.append(None)
        if len(steps) > START.steps:
            raise KeyboardInterrupt
        return 1.0

    monkeypatch.setattr("mmr_toolkit.training.loop.training_step", counting(step))
    found = search()
    assert len(found.trials) == 1
    assert len(steps) == START.steps + 1


def counting(step):
    def counted(trainee, pairs):
        trainee.step += 1
        return step(trainee, pairs)

    return counted


def test_numbers_that_run_away_are_a_trial_without_a_score(monkeypatch):
    real, tries = fit, []

    def second_fails(*args, **options):
        tries.append(None)
        if len(tries) == 2:
            raise ValueError("the loss is not finite")
        return real(*args, **options)

    monkeypatch.setattr("mmr_toolkit.training.recipe_search.fit", second_fails)
    found = search(n_trials=3)
    assert found.trials["mAP"].isna().tolist() == [False, True, False]
    assert found.recipe.learning_rate != found.trials.loc[1, "learning_rate"]


def test_if_all_fail_the_reason_is_told():
    with pytest.raises(ValueError, match=r"none of 2 trainings came to an end\. The last one: the fusion expects .*5"):
        search(lambda: small_fusion_of({"text": 5, "image": 8}), n_trials=2)


def small_fusion_of(dims):
    from mmr_toolkit.fusion import ResidualFusion

    return ResidualFusion(dims)


def test_nothing_is_reported_and_no_setting_stays_changed(capfd):
    import optuna

    optuna.logging.set_verbosity(logging.INFO)
    search(n_trials=2)
    assert optuna.logging.get_verbosity() == logging.INFO
    assert capfd.readouterr() == ("", "")


def test_test_questions_are_refused():
    pairs = small_world()
    questions, items = as_questions(pairs)
    questions = {kind: replace(asked, split="test") for kind, asked in questions.items()}
    with pytest.raises(ValueError, match=r"questions of kind TI belong to the test split, first 'query0': choose"):
        search_recipe(plain, pairs, questions, items)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_trials": 0}, r"n_trials is 0; expected 1 or more\."),
        ({"space": {}}, r"space names nothing; expected some of steps, batch_size, learning_rate, weight_decay, sharp"),
        ({"space": {"depth": Range(0, 1), "seed": Range(0, 9)}}, r"space names depth, seed; expected some of steps"),
        ({"space": {"modality_dropout": Range(0, 1)}}, r"space names modality_dropout; expected"),
        ({"space": {"noise": Range(0.5, 0.5)}}, r"noise is to go from 0\.5 to 0\.5; expected low < high"),
        (
            {"space": {"noise": Range(0.0, 1.0, log=True)}},
            r"noise is to go from 0\.0 to 1\.0; expected low < high, and",
        ),
        ({"space": {"noise": Range(-1.0, 1.0)}}, r"noise is -1\.0; expected 0 or more"),
        ({"space": {"noise": Range(0.5, 1.0)}}, r"the recipe has noise 0, which is not from 0\.5 to 1\.0: widen the"),
    ],
)
def test_what_does_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        search(**options)
