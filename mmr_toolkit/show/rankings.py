"""Rankings of the same catalogue one below the other: pictures at their places, framed by what they are worth."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.queries.qrels import FULL_MATCH
from mmr_toolkit.show.palette import PALETTE
from mmr_toolkit.show.plots import draw_picture, font_properties


def show_rankings(
    catalogue: Catalogue,
    rankings: Mapping[str, Sequence[str]],
    grades: Mapping[str, int],
    *,
    title: str,
    cutoff: int | None = None,
    full_match: int = FULL_MATCH,
) -> Figure:
    """Draw each ranking as a row of pictures, best place on the left.

    A full match has a thick green frame, every other item a thin grey one, and below each picture stands its grade, so
    that nothing depends on the colour alone.

    Args:
        catalogue: the items.
        rankings: name of a system → item ids, best first.
        grades: item id → grade; what is not listed has grade 0.
        title: what the reader should see.
        cutoff: k; a dashed line stands behind place k. None: no line.
        full_match: the grade from which on an item counts as full match.

    Returns:
        Figure, one row per system.

    Raises:
        ValueError: no ranking, an empty one, an id that the catalogue does not have, or a cutoff below 1.
    """
    if not rankings or not all(rankings.values()):
        raise ValueError(f"got {len(rankings)} rankings, expected at least one, each with an item: {dict(rankings)}.")
    if cutoff is not None and cutoff < 1:
        raise ValueError(f"cutoff is {cutoff}, expected a place of at least 1, or None for no line.")
    paths = catalogue.values("image")
    n_places = max(map(len, rankings.values()))
    figure, axes = plt.subplots(
        len(rankings), n_places, figsize=(1.25 * n_places, 1.6 * len(rankings) + 0.3), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for row, (name, ranking) in zip(axes, rankings.items(), strict=True):
        for ax in row:
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        for place, (ax, item) in enumerate(zip(row, ranking, strict=False), start=1):
            draw_picture(ax, paths[catalogue.position(item)])
            grade = grades.get(item, 0)
            ax.set_xlabel(f"{place}: grade {grade}", fontproperties=font_properties(9))
            _frame(ax, full=grade >= full_match)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=13, fontweight="bold", labelpad=8)
        if cutoff is not None and cutoff < n_places:
            edge = row[cutoff - 1]
            edge.plot([1.07, 1.07], [-0.2, 1], "--", color=PALETTE["black"], transform=edge.transAxes, clip_on=False)
    figure.suptitle(title, fontsize=11)
    plt.close(figure)  # else the notebook would show it a second time by itself
    return figure


def _frame(ax: Axes, *, full: bool) -> None:
    ax.spines[:].set_visible(True)
    ax.spines[:].set(color=PALETTE["green"] if full else "0.7", linewidth=4 if full else 1)
