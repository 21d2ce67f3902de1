"""The figures that the READMEs quote: measured here, kept in docs/figures.json, compared by a test.

    make notebooks && python tools/figures.py      measure anew and write; then the test says which words to change

The seconds of a lesson are those of the last `make notebooks`, one lesson after another on a machine that is quiet.
"""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import mmr_toolkit as mmr
from run_notebooks import SECONDS

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures.json"
NUMBER, MINUTES = 0, 2  # columns of the tables of lessons, in all READMEs
FULL = "TIA"  # questions with text, photo and sound
TRAINED = "weighted, trained"  # of the ready-made retrievers of the shop


def lesson_seconds(noted: dict[str, float]) -> dict[str, int]:
    """Seconds of each lesson, without the solutions: "03" → 80."""
    places = {place: place.split("/") for place in noted}
    return {name[:2]: round(noted[place]) for place, (folder, name) in sorted(places.items()) if folder == "notebooks"}


def mean_average_precisions() -> dict[str, float]:
    """What the shop's full test questions reach: one part of them, all three untrained and trained, and chance."""
    retrievers = mmr.shop.shop_retrievers(progress=True)
    base = next(iter(retrievers.values()))
    labelled = mmr.training.Labelled(base.catalogue, base.encoders, base.features, mmr.shop.shop_query_table())
    items, asked = base.features, labelled.questions("test")[FULL]
    untrained = mmr.ConcatFusion(dims=items.dims)

    def reached(fusion: mmr.Fusion, questions: mmr.Questions) -> float:
        return mmr.evaluation.mean_average_precision(fusion, {FULL: questions}, items)

    parts = {name: replace(asked, vectors={name: matrix}) for name, matrix in asked.vectors.items()}
    values = {name: reached(untrained, part) for name, part in parts.items()}
    values["untrained, equal weights"] = reached(untrained, asked)
    values["untrained, tuned weights"] = reached(mmr.ConcatFusion(labelled.weights, dims=items.dims), asked)
    values["trained"] = reached(retrievers[TRAINED].fusion, asked)
    judged = {query: asked.qrels[query] for query in asked.ids}
    values["chance"] = mmr.evaluation.chance(judged, len(items.ids) - 1).mean["AP"]
    return {name: round(value, 4) for name, value in values.items()}


def measured() -> dict[str, Any]:
    """All figures, measured now."""
    weights = sum(path.stat().st_size for path in (ROOT / "data" / "weights").rglob("*") if path.is_file())
    return {
        "lesson seconds": lesson_seconds(json.loads(SECONDS.read_text(encoding="utf-8"))),
        "products": len(mmr.cornershop()),
        "megabytes of mini weights": round(weights / 1e6, 1),
        "mean average precision": mean_average_precisions(),
    }


def minutes(seconds: float) -> str:
    """As a table of lessons says it: the next half minute, at least one."""
    return f"{max(1, math.ceil(seconds / 30) / 2):g}"


def phrases(figures: dict[str, Any]) -> dict[str, list[str]]:
    """File → what must stand in it, spaces and line ends counting alike."""
    reached = {name: f"{value:.2f}" for name, value in figures["mean average precision"].items()}
    products, megabytes = f"{figures['products']:,}", f"{figures['megabytes of mini weights']:.0f} MB"
    return {
        "README.md": [
            f"text alone reaches a mean average precision of {reached['text']}, the photo {reached['image']}, "
            f"the sound {reached['audio']}; the three together, untrained, {reached['untrained, equal weights']} with "
            f"equal and {reached['untrained, tuned weights']} with tuned weights, and trained {reached['trained']} "
            f"(chance: {reached['chance']})",
            f"{products} made-up products",
            f"{megabytes}, each with a model card",
        ],
        "README.zh-CN.md": [f"{products} 件虚构的商品"],
        "notebooks/README.md": [],
    }


def minutes_in(table: str) -> dict[str, str]:
    """The minutes that a README's table of lessons has: "03" → "1.5"."""
    lines = [line for line in table.splitlines() if line.startswith("|") and "ipynb" in line]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    return {row[NUMBER].lstrip("[")[:2]: row[MINUTES] for row in rows}


if __name__ == "__main__":
    FIGURES.write_text(json.dumps(measured(), indent=2) + "\n", encoding="utf-8")
    print(FIGURES.read_text(encoding="utf-8"))
