"""Why a hit was found, as HTML: the bar of shares, the words that counted, and sentences. Styles as in `share_bar`."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from mmr_toolkit.share_bar import QUIET, number, part_name, share_bar, share_limits, shares_in_words

if TYPE_CHECKING:
    from mmr_toolkit.explanation import Explanation
    from mmr_toolkit.leave_out import OcclusionMap, RegionMap, WordImportance

__all__ = ["explanation_html", "marked_text", "share_bar", "share_limits", "shares_in_words"]

STRONGEST = 55  # percent of colour behind the word that counted most; more would make it hard to read
NOTICED = 5  # percent; a word that speaks against the hit by less has no line
WORDS_NAMED = 3  # in a sentence, those that counted most
LINE = "margin: 6px 0"
ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")
#: How the shares came about, for each `Explanation.method`.
HOW = {
    "exact": "Shares are exact: the score is a sum over the parts.",
    "Shapley": "Shares are Shapley values: what a part adds, averaged over all orders in which the parts can join.",
}


def marked_text(text: str, words: "Sequence[WordImportance]") -> str:
    """A text whose words are shaded by how much they counted.

    Words that spoke for the hit have a blue ground, the strongest the deepest; words that spoke against it have a red
    ground and, unless it is hardly to be noticed, a dashed line below. Each has its number as a title.

    Args:
        text: as it was asked.
        words: as from `word_importance`, of this text.

    Returns:
        HTML with everything of the text in it.
    """
    strongest = max((abs(word.importance) for word in words), default=0.0)
    pieces, after = [], 0
    for word, start, end, importance in words:
        if start < after:
            continue  # two words made of one character (½): marked once
        pieces += [escape(text[after:start]), _marked(text[start:end], word, importance, strongest)]
        after = end
    return "".join([*pieces, escape(text[after:])])


def explanation_html(explanation: "Explanation") -> str:
    """All of an explanation that can be said in words: the bar, the ranks without each part, weights, and words.

    Args:
        explanation: as from `explain`.

    Returns:
        HTML.
    """
    lines = [f"<b>Rank {explanation.rank}</b> with the score {number(explanation.score)}."]
    if len(explanation.ranks_without) > 1:  # without its only part there is no query
        ranks = explanation.ranks_without.items()
        lines += [_rank_sentence(name, rank, explanation.rank) for name, rank in ranks]
    marked = ""
    if explanation.text is not None and explanation.words:
        marked = f'<p style="{LINE}; font-size: 15px">{marked_text(explanation.text, explanation.words)}</p>'
        lines.append(_words_sentence(explanation.words))
    lines += [_picture_sentence(explanation.picture), _sound_sentence(explanation.sound)]
    weights = f"Weights: query {_weights(explanation.query_weights)}; item {_weights(explanation.item_weights)}."
    return (
        f'<div class="mmr-why" style="font: 13px/1.5 system-ui, sans-serif">{share_bar(explanation.shares)}{marked}'
        f'<p style="{LINE}">{" ".join(filter(None, lines))}</p>'
        f'<p style="{LINE}; color: {QUIET}">{escape(weights)} {HOW[explanation.method]}</p></div>'
    )


def _marked(shown: str, word: str, importance: float, strongest: float) -> str:
    from mmr_toolkit.plots import PALETTE

    percent = round(STRONGEST * abs(importance) / strongest) if strongest > 0 else 0
    colour, line = PALETTE["blue" if importance >= 0 else "vermilion"], ""
    if importance < 0 and percent >= NOTICED:
        line = "; border-bottom: 2px dashed"
    ground = f"background: color-mix(in srgb, {colour} {percent}%, transparent)"
    about = escape(f"{word}: {number(importance)}")
    return f'<mark title="{about}" style="color: inherit; border-radius: 3px; {ground}{line}">{escape(shown)}</mark>'


def _rank_sentence(modality: str, rank: int | None, now: int) -> str:
    without = f"Without the {escape(part_name(modality))}"
    if rank is None:
        return f"{without} it could not be found."
    if rank == now:
        return f"{without} it would stay at rank {rank}."
    return f"{without} it would stand at rank {rank}."


def _words_sentence(words: "Sequence[WordImportance]") -> str:
    """The words that counted most, those first whose absence costs most; none if no word was of any use."""
    best = sorted((word for word in words if round(word.importance, 3) > 0), key=lambda word: -word.importance)[
        :WORDS_NAMED
    ]
    named = ", ".join(f"<b>{escape(word.word)}</b> {number(word.importance)}" for word in best)
    return f"What the score loses without a word: {named}." if named else ""


def _picture_sentence(found: "OcclusionMap | None") -> str:
    if found is None or round(found.importance.max(), 3) <= 0:
        return ""
    left, top, right, bottom = found.boxes.reshape(-1, 4)[found.importance.argmax()]
    height, width = found.boxes[..., 3].max(), found.boxes[..., 2].max()
    place = f"{_third(top + bottom, 2 * height, ROWS)} {_third(left + right, 2 * width, COLUMNS)}"
    return f"In the picture, a patch at the {place} counted most: {number(found.importance.max())}."


def _sound_sentence(found: "RegionMap | None") -> str:
    if found is None or round(found.importance.max(), 3) <= 0:
        return ""
    band, window = divmod(int(found.importance.argmax()), found.importance.shape[1])
    when = f"{found.seconds[window]:.2f}–{found.seconds[window + 1]:.2f} s"
    pitch = f"{found.hertz[band] / 1000:.1f}–{found.hertz[band + 1] / 1000:.1f} kHz"
    return f"In the sound, {when} at {pitch} counted most: {number(found.importance.max())}."


def _third(place: float, whole: float, names: tuple[str, str, str]) -> str:
    return names[min(2, int(3 * place / whole))]


def _weights(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{part_name(name)} {weight:.2f}" for name, weight in weights.items())
