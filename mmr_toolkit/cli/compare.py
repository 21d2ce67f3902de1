"""`mmr compare`: untrained and trained systems on all kinds of questions, with intervals and tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, print_json, print_table, say
from mmr_toolkit.cli.places import check_file
from mmr_toolkit.cli.sources import LARGEST_SEED, EncoderNames, Encoding, Folder, Media, QueriesFile, open_labelled
from mmr_toolkit.common.modalities import in_order

#: How the names of pictures may end that are drawn.
DRAWN = (".jpeg", ".jpg", ".pdf", ".png", ".svg", ".webp")


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
    media: Media = None,
    queries: QueriesFile = None,
    split: Annotated[str, typer.Option(help="Whose queries: test, validation or train.")] = "test",
    measures: Annotated[str, typer.Option(help="Such as AP,nDCG@10,RR,recall@5.")] = "AP,nDCG@10",
    encoder: EncoderNames = None,
    encoding: Encoding = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Of intervals, tests and shuffling.")] = 0,
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
        for option, path in (("--csv", csv), ("--latex", latex)):
            check_file(option, path)
        check_file("--heat-map", heat_map, DRAWN)
        names = [name.strip() for name in measures.split(",")]
        mmr.evaluation.measures_named(names)  # now, not after the work
        labelled, saved = open_labelled(
            folder, queries, encoder, retrievers=retriever or [], media=media, encoding=encoding
        )
        questions = labelled.questions(split)
        systems, against = systems_of(labelled, saved, split)
        say(f"Putting {sum(map(len, questions.values()))} questions to {len(systems)} systems …")
        if split != "test":
            say(f"Note: what was learned or tuned on the {split} queries looks better on them than it is.")
        rng = np.random.default_rng(seed)
        result = mmr.compare(systems, questions, labelled.items.ids, against=against, measures=names, rng=rng)
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


def _write(result: "mmr.Comparison", csv: Path | None, latex: Path | None, heat_map: Path | None, split: str) -> None:
    if csv is not None:
        result.to_csv(csv)
    if latex is not None:
        latex.write_text(result.to_latex(), encoding="utf-8")
    if heat_map is not None:
        measure = result.table["measure"].iloc[0]
        title = f"{measure} on {split} queries, by kind"
        mmr.show.show_heat_map(result.wide(measure), title=title, falling=measure == "first rank").savefig(
            heat_map, dpi=150
        )


def _print(result: "mmr.Comparison", measure: str, counts: Mapping[str, int]) -> None:
    """One row per system; below each value its interval."""
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


def systems_of(
    labelled: "mmr.training.Labelled", saved: "Mapping[str, mmr.Retriever]", split: str
) -> "tuple[dict[str, mmr.evaluation.System], str]":
    """Single modalities, late fusion, the untrained fusion, and saved retrievers.

    Args:
        labelled: items and queries.
        saved: name → retriever of the same items, which may have other encoders.
        split: whose questions will be asked.

    Returns:
        name → system for `compare`, and the name of the one that the others are to be tested against: the untrained
        fusion, with weights tuned on validation if there are validation queries; or the first retriever, where the
        untrained fusion cannot answer some of the questions.

    Raises:
        ValueError: a retriever of other items, or one that has the name of another system.
    """
    items, weights = labelled.items, labelled.weights
    systems = mmr.evaluation.untrained_systems(items, weights=weights)
    against = mmr.evaluation.UNTRAINED_EQUAL if weights is None else mmr.evaluation.UNTRAINED
    for name, retriever in saved.items():
        if name in systems:
            raise ValueError(f"two systems are called {name!r}: rename the folder of the saved retriever.")
        if retriever.features.ids != items.ids:
            raise ValueError(
                f"{name} was saved for {len(retriever.features)} other items than these {len(items)}: train it on them."
            )
        systems[name] = _system(retriever, labelled, split)
    kinds = labelled.questions(split).values()
    if saved and any(systems[against](asked.vectors) is None for asked in kinds):
        against = next(iter(saved))
    return systems, against


def _system(retriever: "mmr.Retriever", labelled: "mmr.training.Labelled", split: str) -> "mmr.evaluation.System":
    """It answers with its own vectors of the questions, where its encoders are other ones."""
    ask = mmr.evaluation.fused_system(retriever.fusion, retriever.features, retriever.similarity)
    if same_encoders(retriever.encoders, labelled.encoders):
        return ask
    if not set(labelled.table.queries.modalities) & set(retriever.encoders):
        return lambda _: None
    own = mmr.training.Labelled(
        retriever.catalogue, retriever.encoders, retriever.features, labelled.table, progress=labelled.progress
    )
    described = own.query_features(split)
    row = {query: i for i, query in enumerate(described.ids)}
    rows = {
        in_order(asked.vectors): [row[query] for query in asked.ids] for asked in labelled.questions(split).values()
    }

    def system(queries: Mapping[str, Any]) -> np.ndarray | None:
        parts = in_order(queries)
        if not set(parts) <= set(described.dims):
            return None
        chosen = rows[parts]
        vectors = {name: described.vectors[name][chosen] for name in parts}
        has = np.any([matrix.any(axis=1) for matrix in vectors.values()], axis=0)
        scores = np.full((len(chosen), len(retriever.features)), -np.inf, np.float32)
        if has.any():
            answered = ask({name: matrix[has] for name, matrix in vectors.items()})
            if answered is None:
                return None
            scores[has] = answered
        return scores

    return system


def same_encoders(one: "Mapping[str, mmr.Encoder]", other: "Mapping[str, mmr.Encoder]") -> bool:
    """Whether they make the same vectors: equal fingerprints, or the very same objects."""
    return set(one) == set(other) and all(_same(one[name], other[name]) for name in one)


def _same(one: "mmr.Encoder", other: "mmr.Encoder") -> bool:
    if isinstance(one, mmr.features.Identified) and isinstance(other, mmr.features.Identified):
        return mmr.features.fingerprint(one) == mmr.features.fingerprint(other)
    return one is other


#: A corrected p below this is called sure.
LEVEL = 0.01
#: How the systems that use a single modality end, see `baseline_systems`.
ALONE = " alone"


@dataclass(frozen=True)
class Verdict:
    """The result of a comparison by one measure, all questions together.

    Attributes:
        measure: its name.
        best: the system with the highest mean over all kinds, each kind counting the same.
        value: that mean.
        against: the reference that all were tested against.
        reference: its mean.
        better, worse: the kinds on which `best` surely differs from the reference (corrected p below `LEVEL`).
        no_gain: kind → (best single modality, its value, best fusion, its value), for the kinds with several parts on
            which no fusion is ahead of the best single modality.
        groups: group of questions, such as "seen" and "unseen" → the same two means over its kinds.
    """

    measure: str
    best: str
    value: float
    against: str
    reference: float
    better: list[str]
    worse: list[str]
    no_gain: dict[str, tuple[str, float, str, float]]
    groups: dict[str, tuple[float, float]]

    def sentences(self) -> list[str]:
        """The same in words."""
        lines = [f"Best over all kinds by {self.measure}: {self.best}, {self.value:.3f}."]
        if self.best == self.against:
            lines.append("No other system is ahead of it.")
        else:
            sure = [f"better on {_listed(self.better)}"] if self.better else []
            sure += [f"worse on {_listed(self.worse)}"] if self.worse else []
            lines.append(
                f"{self.against} reaches {self.reference:.3f}. Sure differences (corrected p < {LEVEL}): "
                f"{'; '.join(sure) or 'none, so this may be luck'}."
            )
            for group, (ours, theirs) in self.groups.items():
                lines.append(f"On {group} questions {self.best} {ours:.3f}, {self.against} {theirs:.3f}.")
        for kind, (single, value, fused, other) in self.no_gain.items():
            lines.append(
                f"Fusion does not help on {kind}: {single} reaches {value:.3f}, the best fusion {fused} {other:.3f}."
            )
        return lines


def verdict(comparison: "mmr.Comparison", measure: str | None = None) -> Verdict:
    """Read a comparison.

    Args:
        comparison: with a reference that was tested against.
        measure: None for the first; not "first rank", of which lower is better.

    Raises:
        ValueError: no reference, no system that answers all kinds, "first rank".
    """
    if comparison.against is None:
        raise ValueError("nothing was tested: give compare(..., against=...).")
    values = comparison.wide(measure).drop(index=list(mmr.evaluation.CONTROLS))
    name = str(comparison.table["measure"].iloc[0]) if measure is None else measure
    if name == "first rank":
        raise ValueError("first rank is better when it is lower; take RR instead.")
    p, difference = comparison.wide(measure, column="p_holm"), comparison.wide(measure, column="difference")
    means = values.dropna().mean(axis=1)
    if means.empty or comparison.against not in means:
        raise ValueError("no system answers all kinds of questions: compare at least one fusion.")
    best = str(means.idxmax())
    sure, gain = (p < LEVEL).loc[best].to_numpy(), difference.loc[best].to_numpy(dtype=float)
    alone = [system for system in values.index if str(system).endswith(ALONE)]
    fused = values.drop(index=alone)
    no_gain = {}
    for kind in values.columns:
        singles = values.loc[alone, kind].dropna()
        if len(singles) > 1 and singles.max() >= fused[kind].max():
            no_gain[str(kind)] = (
                str(singles.idxmax()), float(singles.max()), str(fused[kind].idxmax()), float(fused[kind].max())
            )  # fmt: skip
    return Verdict(
        name,
        best,
        float(means[best]),
        comparison.against,
        float(means[comparison.against]),
        [str(kind) for kind in values.columns[sure & (gain > 0)]],
        [str(kind) for kind in values.columns[sure & (gain < 0)]],
        no_gain,
        {
            str(group): _means(comparison, name, str(group), [best, comparison.against])
            for group in comparison.table["group"].unique()
            if group != "all"
        },
    )


def _means(comparison: "mmr.Comparison", measure: str, group: str, systems: list[str]) -> tuple[float, float]:
    ours, theirs = comparison.wide(measure, group).loc[systems].mean(axis=1)
    return float(ours), float(theirs)


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(kinds)
