"""Compare systems (see systems.py) on all kinds of questions in one call, with what makes a comparison honest.

A system that cannot answer a kind has NaN there: to call it chance would credit it with an answer. Beside the systems
stand two rows that nobody has to ask for:

    chance           what a random order reaches, by formula
    shuffled pairs   the control: the rankings of one system (`against`, or else the first that can answer) judged by
                     the truth of *another* question of the same kind. If it is far above chance, the measure rewards
                     something else than the answer. (To *train* on shuffled pairs is no such control: a random
                     projection keeps most cosines.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.evaluation.evaluate import judge, warn_without_full_match
from mmr_toolkit.evaluation.measures import Measure, measures_named
from mmr_toolkit.evaluation.significance import bootstrap_interval, holm, paired_test
from mmr_toolkit.evaluation.systems import System
from mmr_toolkit.queries.qrels import FULL_MATCH
from mmr_toolkit.queries.questions import Questions

CHANCE = "chance"
SHUFFLED = "shuffled pairs"
#: The rows that come by themselves.
CONTROLS = (CHANCE, SHUFFLED)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What systems reached on all kinds of questions.

    Attributes:
        table: one row per system, kind, group and measure, with the columns

            system, kind, group, measure
            queries                          for how many questions the measure is defined
            value                            mean (for first rank the median) over these questions
            low, high                        95 % bootstrap interval of the value; NaN for chance, which is a formula
            difference                       value minus that of the system `against`
            difference_low, difference_high  its paired 95 % interval (means only)
            p, p_holm                        paired randomisation test, as it is and corrected (means only)

        per_query: one row per system and question: system, kind, query_id, one column per measure.
        against: the system that the others were tested against, or None.
        without_full_match: the questions for which no measure but nDCG is defined; they are left out of the values.
    """

    table: pd.DataFrame
    per_query: pd.DataFrame
    against: str | None = None
    without_full_match: list[str] = field(default_factory=list)

    def wide(self, measure: str | None = None, group: str = "all", column: str = "value") -> pd.DataFrame:
        """One column of the table as systems × kinds, both in the order in which they came.

        Args:
            measure: None takes the first one.
            group: "all", or one of the groups of the questions.
            column: "value", "low", "p_holm", …

        Raises:
            ValueError: no such measure, group or column.
        """
        measure = self.table["measure"].iloc[0] if measure is None else measure
        _require("measure", measure, self.table["measure"].unique())
        _require("group", group, self.table["group"].unique())
        _require("column", column, self.table.columns[4:])
        rows = self.table[(self.table["measure"] == measure) & (self.table["group"] == group)]
        wide = rows.pivot(index="system", columns="kind", values=column)
        return wide.loc[rows["system"].unique(), rows["kind"].unique()]

    def to_csv(self, path: str | Path) -> None:
        """Write the table, in full precision."""
        self.table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")

    def to_latex(
        self, measure: str | None = None, group: str = "all", *, decimals: int = 3, level: float = 0.01
    ) -> str:
        r"""The wide table for LaTeX; it needs \usepackage{booktabs}.

        The best system of each kind is bold. A star marks a corrected p below `level`. A system that cannot answer a
        kind has a dash.

        Raises:
            ValueError: as `wide`.
        """
        values, p = self.wide(measure, group), self.wide(measure, group, "p_holm")
        measure = self.table["measure"].iloc[0] if measure is None else measure
        rivals = values.drop(index=list(CONTROLS))
        best = values == (rivals.min() if measure == "first rank" else rivals.max())
        best.loc[list(CONTROLS)] = False
        text = values.map(lambda value: "--" if pd.isna(value) else f"{value:.{decimals}f}")
        text += (p < level).replace({True: "$^{*}$", False: ""})
        style = text.rename_axis(index=None, columns=measure).style
        style.apply(lambda _: best.replace({True: "textbf: --rwrap", False: ""}), axis=None)
        style.format_index(escape="latex", axis=0).format_index(escape="latex", axis=1)
        latex = style.to_latex(hrules=True, column_format="l" + "r" * values.shape[1])
        return latex.replace(f"\n{CHANCE} &", f"\n\\midrule\n{CHANCE} &")


def _require(what: str, value: str, legal: Iterable[str]) -> None:
    legal = list(legal)
    if value not in legal:
        raise ValueError(f"no {what} {quoted(value)} in this comparison: choose one of {', '.join(legal)}.")


def compare(
    systems: Mapping[str, System],
    questions: Mapping[str, Questions],
    item_ids: Sequence[str],
    *,
    against: str | None = None,
    measures: Sequence[str] = ("AP", "nDCG@10"),
    full_match: int = FULL_MATCH,
    n_resamples: int = 2000,
    n_patterns: int = 100_000,
    rng: np.random.Generator,
) -> Comparison:
    """Put every question to every system, and say how sure the differences are.

    Intervals and tests are computed by family (see `mmr_toolkit.evaluation.significance`). The p-values of one
    measure and one group, over all systems and kinds, are one set of tests and corrected together.

    Args:
        systems: name → system, in the order of the table.
        questions: kind → questions.
        item_ids: of the gallery, in the order of the scores' columns.
        against: the system that all others are tested against; None tests nothing.
        measures: names as in `mmr_toolkit.evaluation.measures`.
        full_match: the grade from which on an item counts as full match.
        n_resamples: draws for each interval of 95 %.
        n_patterns: sign patterns for each test. The smallest p is 1 / (1 + n_patterns), and the smallest corrected one
            m times that, for m tests of one measure and group: an upper bound, which more patterns would lower.
        rng: where draws, patterns and the shuffled pairs come from.

    Returns:
        Comparison.

    Warns:
        UserWarning: no question has a full match, as with judgements of yes (1) and no (0).

    Raises:
        ValueError: no systems or questions, a reserved or unknown name, unknown measures, scores of the wrong shape or
            with NaN (the system and the kind are named), qrels that do not fit the gallery.
    """
    _check(systems, questions, item_ids, against)
    chosen = measures_named(measures)
    values, rows = {}, []
    for kind, asked in questions.items():
        values[kind] = _measure(systems, asked, item_ids, chosen, full_match, against, kind, rng)
        names = list(values[kind])
        for group, member in asked.members().items():
            families = None if asked.families is None else np.asarray(asked.families)[member]
            for column, measure in enumerate(chosen):
                table = np.column_stack([found[member, column] for found in values[kind].values()])
                position = None if against is None else names.index(against)
                summary = _summary(table, measure, position, families, n_resamples, n_patterns, rng)
                place = {"system": names, "kind": kind, "group": group, "measure": measure.name}
                rows.append(pd.DataFrame(place | summary))
    highest = _highest_grades(questions)
    warn_without_full_match(max(grade for _, grade in highest), full_match, stacklevel=2)
    unanswered = [query for query, grade in highest if grade < full_match]
    return Comparison(_table(rows), _per_query(values, questions, chosen), against, unanswered)


def _highest_grades(questions: Mapping[str, Questions]) -> list[tuple[str, int]]:
    """Of each query, the grade of its best answer."""
    return [
        (query, max(asked.qrels.get(query, {}).values(), default=0))
        for asked in questions.values()
        for query in asked.ids
    ]


def _measure(
    systems: Mapping[str, System],
    asked: Questions,
    item_ids: Sequence[str],
    measures: Sequence[Measure],
    full_match: int,
    against: str | None,
    kind: str,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """System → (n, number of measures), chance and the shuffled control at the end."""
    truth = asked.truth(item_ids)
    nothing = np.full((len(asked), len(measures)), np.nan)
    names = [measure.name for measure in measures]
    found, control = {}, None
    for name, system in systems.items():
        scores = system(asked.vectors)
        if scores is None:
            found[name] = nothing
            continue
        try:
            found[name] = judge(asked, scores, truth, names, full_match)
        except ValueError as error:
            raise ValueError(f"system {name!r}, questions {kind!r}: {error}") from None
        if control is None or name == against:
            control = scores
    found |= {CHANCE: _chance(asked, truth, measures, full_match), SHUFFLED: nothing}
    if control is not None and len(asked) > 1:
        found[SHUFFLED] = judge(asked, control, truth[_partners(len(asked), rng)], names, full_match)
    return found


def _partners(n: int, rng: np.random.Generator) -> np.ndarray:
    """For each of n questions another one, nobody its own and nobody twice: a ring in random order."""
    ring = rng.permutation(n)
    partner = np.empty(n, dtype=np.int64)
    partner[ring] = np.roll(ring, 1)
    return partner


def _chance(asked: Questions, truth: np.ndarray, measures: Sequence[Measure], full_match: int) -> np.ndarray:
    """What a random order reaches, with the own product left out where there is one."""
    n_items, best = truth.shape[1], -np.sort(-truth, axis=1)
    left_out = np.array([position is not None for position in asked.own or [None] * len(asked)])
    both = [
        np.column_stack([measure.by_chance(best, n, full_match) for measure in measures])
        for n in (n_items, max(n_items - 1, 1))
    ]
    return np.where(left_out[:, None], both[1], both[0])


def _summary(
    table: np.ndarray,
    measure: Measure,
    against: int | None,
    families: np.ndarray | None,
    n_resamples: int,
    n_patterns: int,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """The columns of the result for one kind, group and measure, one entry per system.

    Args:
        table: (n, n_system), one row per question, one column per system, chance and the control at the end.
        against: column of the system that is tested against.
    """
    n_system = table.shape[1]
    columns = ("low", "high", "difference", "difference_low", "difference_high", "p")
    result = {name: np.full(n_system, np.nan) for name in columns}
    result = {"queries": (~np.isnan(table)).sum(axis=0), "value": _summed_up(table, measure), **result}
    drawn = np.arange(n_system) != n_system - len(CONTROLS)  # chance is a formula
    if len(table):
        result["low"][drawn], result["high"][drawn] = bootstrap_interval(
            table[:, drawn], groups=families, statistic=measure.summary, n_resamples=n_resamples, rng=rng
        )
    if against is None or not len(table):
        return result
    result["difference"] = result["value"] - result["value"][against]
    rivals = np.array([i for i in range(n_system - len(CONTROLS)) if i != against], dtype=int)
    if measure.summary == "mean" and len(rivals):  # the test is one of means
        ours, reference = table[:, rivals], np.repeat(table[:, [against]], len(rivals), axis=1)
        result["difference_low"][rivals], result["difference_high"][rivals] = bootstrap_interval(
            ours - reference, groups=families, n_resamples=n_resamples, rng=rng
        )
        result["p"][rivals] = paired_test(ours, reference, groups=families, n_resamples=n_patterns, rng=rng)
    return result


def _summed_up(table: np.ndarray, measure: Measure) -> np.ndarray:
    """Mean or median of each column, NaN left out; NaN where nothing is left."""
    return pd.DataFrame(table).agg(measure.summary).to_numpy(dtype=float)


def _table(rows: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts together and correct the p-values of each measure and group."""
    table = pd.concat(rows, ignore_index=True)
    table["p_holm"] = np.nan
    for _, part in table.groupby(["measure", "group"]):
        table.loc[part.index, "p_holm"] = holm(part["p"].to_numpy())
    return table


def _per_query(
    values: Mapping[str, Mapping[str, np.ndarray]], questions: Mapping[str, Questions], measures: Sequence[Measure]
) -> pd.DataFrame:
    """One row per system and question."""
    names = [measure.name for measure in measures]
    parts = [
        pd.DataFrame(found, columns=names).assign(system=system, kind=kind, query_id=list(questions[kind].ids))
        for kind, by_system in values.items()
        for system, found in by_system.items()
    ]
    return pd.concat(parts, ignore_index=True)[["system", "kind", "query_id", *names]]


def _check(
    systems: Mapping[str, System], questions: Mapping[str, Questions], item_ids: Sequence[str], against: str | None
) -> None:
    if not systems or not questions:
        raise ValueError(f"{len(systems)} systems and {len(questions)} kinds of questions: expected at least one each.")
    for name in (CHANCE, SHUFFLED):
        if name in systems:
            raise ValueError(f"{name!r} is a row that comes by itself: give your system another name.")
    if against is not None and against not in systems:
        raise ValueError(f"against is {quoted(against)}, expected one of the systems: {', '.join(systems)}.")
    if not item_ids or len(set(item_ids)) < len(item_ids):
        raise ValueError(f"{len(item_ids)} item ids: expected at least one, and every one once.")
