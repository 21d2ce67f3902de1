"""A thin bar that shows how much each part of a query brought into the score of a hit.

Everything is in the style attributes, so that it looks the same in a notebook, in the search page and in a mail. No
script, no request to another host. Grounds are mixtures of the text's own colour and fit light and dark themes; what a
colour says, words and numbers say too.
"""

from collections.abc import Iterable, Mapping
from html import escape

from mmr_toolkit.show.palette import MODALITY_COLOURS, PALETTE

#: What the parts are called on a page; other modalities keep their name.
PART_NAMES = {"text": "text", "image": "picture", "audio": "sound"}
TRACK = "color-mix(in srgb, currentColor 10%, transparent)"
QUIET = "color-mix(in srgb, currentColor 75%, transparent)"
EDGE = "color-mix(in srgb, currentColor 45%, transparent)"
BOX = "font: 12px/1.4 system-ui, sans-serif; font-variant-numeric: tabular-nums"
BAR = f"position: relative; height: 8px; margin: 3px 0; border-radius: 2px; background: {TRACK}"
PIECE = f"top: 0; bottom: 0; box-sizing: border-box; border: 1px solid {EDGE}; border-radius: 1px"
ZERO = "width: 0; top: -2px; bottom: -2px; border-left: 2px solid currentColor; margin-left: -1px"
DOT = f"display: inline-block; width: 8px; height: 8px; margin-right: 4px; border: 1px solid {EDGE}; border-radius: 2px"
LEGEND = f"display: flex; flex-wrap: wrap; gap: 0 10px; color: {QUIET}"


def share_bar(shares: Mapping[str, float], limits: tuple[float, float] | None = None) -> str:
    """A thin bar with one coloured piece per modality, as long as its share of the score, and a legend with numbers.

    Pieces that speak against the hit lie to the left of zero, which is then marked by a line; so do all pieces of
    Euclidean scores, which are distances with a minus sign.

    Args:
        shares: modality → share, as in `Hit.shares`.
        limits: the score at the left and at the right end, so that several bars can be compared; see `share_limits`.
            None: one unit, more if this bar needs it.

    Returns:
        HTML, or "" where there are no shares. Screen readers read one sentence instead of the pieces.

    Raises:
        ValueError: limits that do not hold zero and the bar.
    """
    if not shares:
        return ""
    low, high = share_limits([shares]) if limits is None else limits
    needed_low, needed_high = _ends(shares)
    if not low <= needed_low <= 0 <= needed_high <= high or low == high:
        raise ValueError(
            f"limits are ({low:.3f}, {high:.3f}), but this bar goes from {needed_low:.3f} to {needed_high:.3f}: "
            "give share_limits(of all bars)."
        )
    zero = f'<span style="{_place(-low, 0, high - low)}; {ZERO}"></span>'
    pieces = [
        f'<span style="{_place(begin - low, length, high - low)}; background: {_colour(name)}; {PIECE}"></span>'
        for name, begin, length in _pieces(shares)
    ]
    legend = [
        f'<span style="white-space: nowrap"><span style="background: {_colour(name)}; {DOT}"></span>'
        f"{escape(part_name(name))} {number(share)}</span>"
        for name, share in shares.items()
    ]
    return (
        f'<div class="mmr-shares" role="img" aria-label="{escape(shares_in_words(shares))}" style="{BOX}">'
        f'<div style="{BAR}">{"".join(pieces)}{zero if low < 0 else ""}</div>'
        f'<div style="{LEGEND}">{" ".join(legend)}</div></div>'
    )


def share_limits(several: Iterable[Mapping[str, float]]) -> tuple[float, float]:
    """The left and the right end of a scale that all bars fit on, at least one unit long.

    Args:
        several: the shares of each hit.

    Returns:
        (low, high) with low ≤ 0 ≤ high.
    """
    ends = [_ends(shares) for shares in several]
    low = min((end for end, _ in ends), default=0.0)
    high = max((end for _, end in ends), default=0.0)
    lacking = max(0.0, 1 - (high - low))
    return (low, high + lacking) if high > 0 or low == 0 else (low - lacking, high)


def shares_in_words(shares: Mapping[str, float]) -> str:
    """The shares as a sentence: "score 0.700: text 0.500, picture 0.200"."""
    parts = ", ".join(f"{part_name(name)} {number(share)}" for name, share in shares.items())
    return f"score {number(sum(shares.values()))}: {parts}"


def part_name(modality: str) -> str:
    """What a part is called on a page."""
    return PART_NAMES.get(modality, modality)


def number(value: float) -> str:
    """Three decimals, a true minus sign, and no minus before zero."""
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")


def _ends(shares: Mapping[str, float]) -> tuple[float, float]:
    return sum(min(share, 0.0) for share in shares.values()), sum(max(share, 0.0) for share in shares.values())


def _pieces(shares: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Name, where the piece begins, and how long it is; stacked away from zero on both sides, in order."""
    pieces, left, right = [], 0.0, 0.0
    for name, share in shares.items():
        if share > 0:
            pieces.append((name, right, share))
            right += share
        elif share < 0:
            left += share
            pieces.append((name, left, -share))
    return pieces


def _place(begin: float, length: float, whole: float) -> str:
    return f"position: absolute; left: {100 * begin / whole:.2f}%; width: {100 * length / whole:.2f}%"


def _colour(modality: str) -> str:
    return MODALITY_COLOURS.get(modality, PALETTE["purple"])
