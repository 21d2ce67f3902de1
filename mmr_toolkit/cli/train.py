"""`mmr train`: learn from labelled queries how to weigh and correct the parts, and save the retriever."""

import time
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import (
    INTERRUPTED,
    AsJson,
    errors_in_one_sentence,
    on_a_terminal,
    print_json,
    print_table,
    say,
)
from mmr_toolkit.cli.sources import LARGEST_SEED, EncoderNames, Encoding, Folder, Media, QueriesFile, open_labelled
from mmr_toolkit.common.locks import claimed

Joint = Annotated[
    float,
    typer.Option(
        help="Share of a joint part, such as 0.3: a text then finds items that have only a picture. A quarter of the "
        "batches ask across modalities, and so do the validation queries."
    ),
]


@app.command(
    epilog="Examples:\n\n"
    "mmr train --to my_shop_head/\n\n"
    "mmr train my_photos/ --same type,colour --fusion attention --to my_head/\n\n"
    "mmr train my_photos/ --queries asked.csv --plain --similarity euclidean --to my_head/\n\n"
    "mmr train photos_without_texts/ --queries asked_in_words.csv --joint 0.3 --to my_head/"
)
def train(
    to: Annotated[Path, typer.Option("--to", help="Folder that the trained retriever is saved to.")],
    folder: Folder = None,
    media: Media = None,
    queries: QueriesFile = None,
    fusion: Annotated[
        str, typer.Option(help="Where the weights come from: weighted, concat or attention.")
    ] = "weighted",
    plain: Annotated[bool, typer.Option("--plain", help="Begin at random, not as the untrained fusion.")] = False,
    joint: Joint = 0.0,
    similarity: Annotated[str, typer.Option(help="inner_product, cosine or euclidean.")] = "cosine",
    steps: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many batches at most.")] = 300,
    same: Annotated[
        str | None,
        typer.Option(help="Columns, such as type,colour: items that agree in all of them are right answers too."),
    ] = None,
    encoder: EncoderNames = None,
    encoding: Encoding = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="The same seed gives the same result.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train a fusion on labelled queries, and save the retriever.

    The queries stand in a queries.csv with the columns query_id, product_id (the id of the right item), split (train,
    validation, test), text, image_file_name, audio_file_name. Weights and the best step are chosen on the validation
    queries. Ctrl-C ends the training, and the best state so far is saved.
    """
    kept = "the vectors that were made are kept; the same command goes on."
    # The place is held from now on: another one that trains to it is refused before it has worked for nothing.
    with errors_in_one_sentence(when_interrupted=kept), claimed(to):
        start = time.perf_counter()
        _check_joint(joint, plain)
        mmr.retrieval.check_place(to)  # now, not after the training
        crossing = mmr.training.CROSS_MODAL if joint else 0.0
        recipe = mmr.Recipe(cast(mmr.similarity.Similarity, similarity), steps=steps, cross_modal=crossing, seed=seed)
        columns = [] if same is None else same.split(",")
        across = plain or joint > 0
        labelled, _ = open_labelled(folder, queries, encoder, columns, media=media, encoding=encoding, across=across)
        judged = _judged(labelled, across=joint > 0)
        before = _mean_average_precisions(mmr.ConcatFusion(labelled.weights, dims=labelled.pairs.dims), judged, recipe)
        say(f"Training on {len(labelled.pairs)} queries …")
        head = mmr.training.train_head(
            labelled.pairs,
            cast(mmr.fusion.FusionKind, fusion),
            recipe,
            residual=not plain,
            weights=labelled.weights,
            joint=joint,
            validate=_validation(judged, recipe),
            progress=on_a_terminal(),
        )
        mmr.Retriever(labelled.catalogue, labelled.encoders, labelled.items, head.fusion, recipe.similarity).save(to)
        after = _mean_average_precisions(head.fusion, judged, recipe)
        settings = {"saved": to, "fusion": fusion, "plain": plain, "similarity": similarity}
        report = settings | _outcome(labelled, head, before, after) | {"seconds": round(time.perf_counter() - start, 2)}
        print_json(report) if as_json else _print(report)
        if head.training.ended == "interrupted":
            raise typer.Exit(INTERRUPTED)


def _check_joint(joint: float, plain: bool) -> None:
    """Before the vectors are made, not after.

    Raises:
        ValueError: no share, or one beside --plain.
    """
    if plain and joint:
        raise ValueError("--plain is one common space and has no joint part: leave --plain or --joint out.")
    if not 0 <= joint < 1:
        raise ValueError(f"--joint is {joint}; expected a share from 0 to below 1.")


Judged = dict[str, "tuple[mmr.Questions, mmr.Features]"]  # kind of validation queries → they and the items


def _judged(labelled: "mmr.training.Labelled", *, across: bool) -> Judged:
    """What a fusion is judged by; empty where there are no validation queries."""
    usual = {kind: (asked, labelled.items) for kind, asked in labelled.validation.items()}
    return usual | (labelled.across if across else {})


def _mean_average_precisions(fusion: "mmr.Fusion", judged: Judged, recipe: "mmr.Recipe") -> dict[str, float | None]:
    """Kind of validation queries → mAP, None where the fusion cannot answer it."""
    measured = {
        kind: mmr.evaluation.mean_average_precision(fusion, {kind: asked}, items, recipe.similarity)
        for kind, (asked, items) in judged.items()
    }
    return {kind: None if np.isnan(value) else value for kind, value in measured.items()}


def _mean(values: dict[str, float | None]) -> float | None:
    """None where a kind cannot be answered, or there is none."""
    known = [value for value in values.values() if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def _validation(judged: Judged, recipe: "mmr.Recipe") -> "mmr.training.Validate | None":
    """What `fit` is to keep best."""
    if not judged:
        return None

    def validate(fusion: "mmr.Fusion") -> float:
        mean = _mean(_mean_average_precisions(fusion, judged, recipe))
        return float("nan") if mean is None else mean

    return validate


def _outcome(
    labelled: "mmr.training.Labelled",
    head: "mmr.training.Head",
    before: dict[str, float | None],
    after: dict[str, float | None],
) -> dict[str, Any]:
    return {
        "weights": labelled.weights,
        "training_queries": len(labelled.pairs),
        "steps": int(head.training.history.index[-1]),
        "best_step": head.training.best_step,
        "ended": head.training.ended,
        "validation": {kind: {"before": before[kind], "after": after[kind]} for kind in before},
        "mAP_before": _mean(before),
        "mAP_after": _mean(after),
    }


def _print(report: dict[str, Any]) -> None:
    if report["validation"]:
        rows = [(kind, _short(mAP["before"]), _short(mAP["after"])) for kind, mAP in report["validation"].items()]
        rows.append(("mean", _short(report["mAP_before"]), _short(report["mAP_after"])))
        before = "untrained, tuned" if report["weights"] else "untrained"
        print_table({"validation mAP": "left", before: "right", "trained": "right"}, rows)
        if report["weights"]:
            weights = ", ".join(f"{name} {weight:g}" for name, weight in report["weights"].items())
            typer.echo(f"weights tuned on validation: {weights}")
        if report["mAP_before"] is not None and report["mAP_after"] <= report["mAP_before"]:
            typer.echo("The training gained nothing on validation: prefer the untrained fusion.")
    else:
        typer.echo("No validation queries: all weights began alike, and the last step was kept without a check.")
    typer.echo(f"best step {report['best_step']} of {report['steps']} ({report['ended']}), {report['seconds']:.1f} s")
    typer.echo(f"saved: {report['saved']}")


def _short(value: float | None) -> str:
    """Three decimals; a dash where the fusion cannot answer."""
    return "-" if value is None else f"{value:.3f}"
