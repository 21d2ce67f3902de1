"""The result of `compare`: a tidy table, and what one makes of it for a paper or a slide."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mmr_toolkit.heat_map import draw_heat_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHANCE = "chance"
SHUFFLED = "shuffled pairs"
#: The rows that come by themselves.
CONTROLS = (CHANCE, SHUFFLED)

_LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
})  # fmt: skip


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
        best = rivals.min() if measure == "first rank" else rivals.max()
        lines = [
            rf"\begin{{tabular}}{{l{'r' * values.shape[1]}}}",
            r"\toprule",
            " & ".join([_escaped(measure), *map(_escaped, values.columns)]) + r" \\",
            r"\midrule",
        ]
        for system in values.index:
            if system == CONTROLS[0]:
                lines.append(r"\midrule")
            cells = [_escaped(system)]
            for kind in values.columns:
                value = values.loc[system, kind]
                text = "--" if pd.isna(value) else f"{value:.{decimals}f}"
                bold = system not in CONTROLS and value == best[kind]
                cells.append(rf"\textbf{{{text}}}" if bold else text)
                if p.loc[system, kind] < level:
                    cells[-1] += "$^{*}$"
            lines.append(" & ".join(cells) + r" \\")
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])

    def heat_map(self, measure: str | None = None, group: str = "all", *, title: str) -> "Figure":
        """Draw the wide table as a heat map.

        Args:
            measure, group: as for `wide`.
            title: what the reader should see in it: a claim, not a heading.

        Raises:
            ValueError: as `wide`.
        """
        measure = self.table["measure"].iloc[0] if measure is None else measure
        return draw_heat_map(self.wide(measure, group), title=title, falling=measure == "first rank")


def _require(what: str, value: str, legal: Iterable[str]) -> None:
    legal = list(legal)
    if value not in legal:
        raise ValueError(f"no {what} {value!r} in this comparison: choose one of {', '.join(legal)}.")


def _escaped(text: object) -> str:
    return str(text).translate(_LATEX)
