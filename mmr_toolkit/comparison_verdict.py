"""What a comparison says, in plain words: which system is best, how sure that is, and where fusion does not help."""

from collections.abc import Iterable
from dataclasses import dataclass

from mmr_toolkit.comparison import CONTROLS, Comparison

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


def verdict(comparison: Comparison, measure: str | None = None) -> Verdict:
    """Read a comparison.

    Args:
        comparison: with a reference that was tested against.
        measure: None for the first; not "first rank", of which lower is better.

    Raises:
        ValueError: no reference, no system that answers all kinds, "first rank".
    """
    if comparison.against is None:
        raise ValueError("nothing was tested: give compare(..., against=...).")
    values = comparison.wide(measure).drop(index=list(CONTROLS))
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


def _means(comparison: Comparison, measure: str, group: str, systems: list[str]) -> tuple[float, float]:
    ours, theirs = comparison.wide(measure, group).loc[systems].mean(axis=1)
    return float(ours), float(theirs)


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(kinds)
