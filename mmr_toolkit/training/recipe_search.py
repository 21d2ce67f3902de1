"""Which recipe trains best? Optuna proposes settings, a short training tries them, validation questions judge.

    found = search_recipe(lambda: ResidualFusion(pairs.dims), pairs, validation_questions, items, n_trials=20)
    found.trials                       # all that was tried, with its mAP
    fit(fusion, pairs, found.recipe)   # and then the test questions, once

A setting that was chosen by the test questions is praised by them: what is reported afterwards is too high. So test
questions are refused here.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import pandas as pd
from tqdm import tqdm

from mmr_toolkit.evaluation.systems import mean_average_precision
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.training.loop import fit
from mmr_toolkit.training.recipe import Recipe


class Range(NamedTuple):
    """From where to where a setting is tried; whole numbers between whole numbers.

    Attributes:
        low, high: both may be tried.
        log: whether 0.001 to 0.01 is as wide as 0.01 to 0.1; low must be above 0 then.
    """

    low: float
    high: float
    log: bool = False


#: What is searched if nothing else is said: fields of `Recipe`.
SPACE = {
    "learning_rate": Range(3e-4, 2e-2, log=True),
    "sharpness": Range(1.0, 30.0, log=True),
    "noise": Range(0.0, 1.0),
    "weight_decay": Range(0.01, 1.0, log=True),
}


@dataclass(frozen=True)
class RecipeSearch:
    """What a search found.

    Attributes:
        recipe: the best one.
        trials: one row per trial in the order of trying: the settings, and "mAP", NaN where the numbers ran away.
    """

    recipe: Recipe
    trials: pd.DataFrame


def search_recipe(
    make_fusion: Callable[[], Fusion],
    pairs: Pairs,
    validation: Mapping[str, Questions],
    items: Features,
    *,
    recipe: Recipe | None = None,
    space: Mapping[str, Range] = SPACE,
    n_trials: int = 20,
    seed: int = 0,
    progress: bool = True,
) -> RecipeSearch:
    """Try recipes, and keep the one whose trained fusion answers the validation questions best.

    The first trial is the recipe as it is; the others are proposed by a tree-structured Parzen estimator (TPE, Bergstra
    et al. 2011), which draws ten at random before it looks at what was good. Ctrl-C ends the search and keeps what was
    tried.

    Args:
        make_fusion: makes a new, untrained fusion for each trial.
        pairs: to train on.
        validation: kind → questions of the validation split; judged by `mean_average_precision` after the last step.
        items: vectors and mask of the gallery.
        recipe: where it starts, and what all settings outside of space stay at; fewer steps make a search faster.
        space: field of `Recipe` → `Range`.
        n_trials: how many recipes are tried.
        seed: the same seed proposes the same recipes.
        progress: show a bar.

    Returns:
        The `RecipeSearch`.

    Raises:
        ValueError: test questions, unknown fields or ranges that are none, a recipe outside of them, no trials, or an
            error that every trial ended with.
        KeyboardInterrupt: Ctrl-C before the first trial was done.
    """
    recipe = Recipe() if recipe is None else recipe
    _check(recipe, space, n_trials)
    _refuse_test_questions(validation)

    def measure(settings: dict[str, Any]) -> float:
        return _tried(make_fusion(), pairs, validation, items, replace(recipe, **settings))

    first = {name: getattr(recipe, name) for name in space}
    trials = _try_settings(measure, first, space, n_trials, seed, progress)
    row = int(trials["mAP"].argmax())
    best: dict[str, Any] = {name: trials[name].tolist()[row] for name in space}
    return RecipeSearch(replace(recipe, **best), trials)


def _try_settings(
    measure: Callable[[dict[str, Any]], float],
    first: dict[str, Any],
    space: Mapping[str, Range],
    n_trials: int,
    seed: int,
    progress: bool,
) -> pd.DataFrame:
    """Measure the first settings, then what Optuna proposes: one row per trial."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its progress bar, which is not used here, warns in notebooks without widgets
        from optuna import create_study
        from optuna.samplers import TPESampler
        from optuna.trial import TrialState

    rows: list[dict[str, Any]] = []
    failure: ValueError | None = None
    with _silence():
        study = create_study(direction="maximize", sampler=TPESampler(seed=seed))
        study.enqueue_trial(first)
        try:
            for _ in tqdm(range(n_trials), desc="recipes", disable=not progress):
                trial = study.ask()
                settings = {name: _suggest(trial, name, limits) for name, limits in space.items()}
                try:
                    score = measure(settings)
                    study.tell(trial, score)
                except ValueError as error:
                    score, failure = float("nan"), error
                    study.tell(trial, state=TrialState.FAIL)
                rows.append({**settings, "mAP": score})
        except KeyboardInterrupt:
            if not rows:
                raise
    trials = pd.DataFrame(rows).rename_axis("trial")
    if trials["mAP"].isna().all():
        raise ValueError(f"none of {len(trials)} trainings came to an end. The last one: {failure}") from failure
    return trials


def _tried(fusion: Fusion, pairs: Pairs, validation: Mapping[str, Questions], items: Features, recipe: Recipe) -> float:
    """The validation mAP after training by this recipe."""
    if fit(fusion, pairs, recipe, check_every=recipe.steps, progress=False).ended == "interrupted":
        raise KeyboardInterrupt
    return mean_average_precision(fusion, validation, items, recipe.similarity)


def _suggest(trial: Any, name: str, limits: Range) -> float:
    low, high, log = limits
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(name, low, high, log=log)
    return trial.suggest_float(name, low, high, log=log)


@contextmanager
def _silence() -> Iterator[None]:
    """Let Optuna report nothing but warnings, and as before afterwards."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _check(recipe: Recipe, space: Mapping[str, Range], n_trials: int) -> None:
    known = [field.name for field in fields(Recipe) if field.type in (int, float) and field.name != "seed"]
    unknown = [name for name in space if name not in known]
    if unknown or not space:
        raise ValueError(f"space names {', '.join(unknown) or 'nothing'}; expected some of {', '.join(known)}.")
    for name, (low, high, log) in space.items():
        for end in (low, high):
            settings: dict[str, Any] = {name: end}
            replace(recipe, **settings)  # which says if it is out of range
        if not low < high or (log and low <= 0):
            raise ValueError(f"{name} is to go from {low} to {high}; expected low < high, and low above 0 if log.")
        if not low <= getattr(recipe, name) <= high:
            raise ValueError(
                f"the recipe has {name} {getattr(recipe, name)}, which is not from {low} to {high}: widen the range, "
                "or start elsewhere."
            )
    if n_trials < 1:
        raise ValueError(f"n_trials is {n_trials}; expected 1 or more.")


def _refuse_test_questions(validation: Mapping[str, Questions]) -> None:
    for kind, asked in validation.items():
        if asked.split == "test":
            raise ValueError(
                f"{len(asked)} questions of kind {kind} belong to the test split, first {asked.ids[0]!r}: choose "
                "settings on validation questions, and ask the test questions once, at the end."
            )
