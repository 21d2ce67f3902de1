"""`mmr compare`: untrained and trained systems on all kinds of questions, with intervals and tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, print_json, print_table, say
from mmr_toolkit.cli.sources import EncoderNames, Folder, QueriesFile, open_labelled

if TYPE_CHECKING:
    from mmr_toolkit.comparison import Comparison


@app.command(
    epilog="Examples:\n\n"
    "mmr compare --measures AP,RR\n\n"
    "mmr compare my_photos/ --retriever my_head/ --retriever other_head/\n\n"
    "mmr compare --retriever my_shop_head/ --csv table.csv --latex table.tex --heat-map table.png"
)
def compare(
    folder: Folder = None,
    retriever: Annotated[
        list[Path] | None, typer.Option(help="Folder of a saved retriever; give it once for each.", show_default=False)
    ] = None,
    queries: QueriesFile = None,
    split: Annotated[str, typer.Option(help="Whose queries: test, validation or train.")] = "test",
    measures: Annotated[str, typer.Option(help="Such as AP,nDCG@10,RR,recall@5.")] = "AP,nDCG@10",
    encoder: EncoderNames = None,
    seed: Annotated[int, typer.Option(help="Of intervals, tests and the shuffled control.")] = 0,
    csv: Annotated[Path | None, typer.Option(help="Write the whole table here.", show_default=False)] = None,
    latex: Annotated[Path | None, typer.Option(help="Write the table for a paper here.", show_default=False)] = None,
    heat_map: Annotated[Path | None, typer.Option(help="Draw the table here (.png).", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Compare single modalities, late fusion, the untrained fusion and saved retrievers on labelled queries.

    Values come with 95 % intervals; a star marks a sure difference to the reference (p < 0.01 after Holm's
    correction). Chance and the control with shuffled pairs stand below.
    """
    with errors_in_one_sentence():
        import numpy as np

        from mmr_toolkit.compare import compare as compare_systems
        from mmr_toolkit.compared_systems import systems_of
        from mmr_toolkit.comparison_verdict import verdict

        labelled, saved = open_labelled(folder, queries, encoder, retrievers=retriever or [])
        questions = labelled.questions(split)
        systems, against = systems_of(labelled, saved, split)
        say(f"Putting {sum(map(len, questions.values()))} questions to {len(systems)} systems …")
        if split != "test":
            say(f"Note: what was learned or tuned on the {split} queries looks better on them than it is.")
        names = [name.strip() for name in measures.split(",")]
        rng = np.random.default_rng(seed)
        result = compare_systems(systems, questions, labelled.items.ids, against=against, measures=names, rng=rng)
        _write(result, csv, latex, heat_map, split)
        judged = verdict(result)
        if as_json:
            print_json({
                "split": split,
                "against": against,
                "questions": {kind: len(asked) for kind, asked in questions.items()},
                "verdict": vars(judged),
                "sentences": judged.sentences(),
                "table": result.table.to_dict("records"),
            })  # fmt: skip
        else:
            for measure in names:
                _print(result, measure, {kind: len(asked) for kind, asked in questions.items()})
            for sentence in judged.sentences():
                typer.echo(sentence)


def _write(result: "Comparison", csv: Path | None, latex: Path | None, heat_map: Path | None, split: str) -> None:
    if csv is not None:
        result.to_csv(csv)
    if latex is not None:
        latex.write_text(result.to_latex(), encoding="utf-8")
    if heat_map is not None:
        measure = result.table["measure"].iloc[0]
        result.heat_map(title=f"{measure} on {split} queries, by kind").savefig(heat_map, dpi=150)


def _print(result: "Comparison", measure: str, counts: Mapping[str, int]) -> None:
    """One row per system; below each value its interval."""
    from mmr_toolkit.comparison_verdict import LEVEL

    columns = {measure: "left"} | {f"{kind}\nn={count}": "right" for kind, count in counts.items()}
    wide = {name: result.wide(measure, column=name) for name in ("value", "low", "high", "p_holm")}
    rows = []
    for system in wide["value"].index:
        cells = []
        for kind in counts:
            value, low, high, p = (wide[name].loc[system, kind] for name in wide)
            star = "*" if p < LEVEL else " "
            cells.append(f"{_short(value)}{star}" + (f"\n{_short(low)}-{_short(high)}" if low == low else ""))
        rows.append((str(system), *cells))
    print_table(columns, rows, dense=True)


def _short(value: Any) -> str:
    """.512 for 0.512, so that seven kinds fit beside each other; ranks have one decimal."""
    if value != value:
        return "-"
    return f"{value:.2f}".removeprefix("0") if abs(value) <= 1 else f"{value:.1f}"
