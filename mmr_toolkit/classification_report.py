"""What was answered, class by class: precision, recall, F1 and support of the best hit of each question.

A search for cans that finds bottles is a different fault from a search that finds nothing right, and a mean over all
queries hides both. So the category of the best hit is taken as a guess of the query's category, and judged as one
judges a classifier.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = ("precision", "recall", "F1", "support")
AVERAGES = ("micro", "macro", "weighted")


def category_report(true: Sequence[str] | npt.ArrayLike, predicted: Sequence[str] | npt.ArrayLike) -> pd.DataFrame:
    """Precision, recall, F1 and support of each category, then three averages.

    For a category c: precision = right guesses of c / all guesses of c, recall = right guesses of c / all that are c,
    F1 = 2 · precision · recall / (precision + recall), support = how many are c. Where nothing is to divide by (never
    guessed, never there) the value is 0.

    micro average      over all guesses: precision, recall and F1 are all the share of right guesses
    macro average      mean of the categories, small ones count as much as large ones
    weighted average   mean of the categories, weighted by support

    Args:
        true: (n,) category of each query.
        predicted: (n,) category of its best hit.

    Returns:
        One row per category that occurs in either, by name, then "micro average", "macro average" and "weighted
        average". Computed by scikit-learn.

    Raises:
        ValueError: nothing given, different lengths, missing values.
    """
    from sklearn.metrics import precision_recall_fscore_support

    truth, guesses = np.asarray(true, dtype=object), np.asarray(predicted, dtype=object)
    if truth.ndim != 1 or truth.shape != guesses.shape or not len(truth):
        raise ValueError(f"true has shape {truth.shape} and predicted {guesses.shape}: expected (n,), one each.")
    for name, values in (("true", truth), ("predicted", guesses)):
        if pd.isna(values).any():
            raise ValueError(f"{name} has {pd.isna(values).sum()} missing values: leave these queries out before.")
    truth, guesses = truth.astype(str), guesses.astype(str)
    categories = np.unique(np.concatenate([truth, guesses]))
    options = {"labels": categories, "zero_division": 0.0}
    rows = pd.DataFrame(dict(zip(COLUMNS, precision_recall_fscore_support(truth, guesses, **options), strict=True)))
    rows.index = pd.Index(categories, name="category")
    for average in AVERAGES:
        *values, _ = precision_recall_fscore_support(truth, guesses, average=average, **options)
        rows.loc[f"{average} average"] = [*values, len(truth)]
    return rows.astype({"support": int})
