"""Why a hit was found, as HTML: the bar of shares, the words that counted, and sentences. Styles as in `share_bar`."""

from collections.abc import Mapping, Sequence
from html import escape
from threading import current_thread, main_thread

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_image
from mmr_toolkit.explanation.explanation import Explanation
from mmr_toolkit.explanation.leave_out import OcclusionMap, RegionMap, WordImportance
from mmr_toolkit.show.palette import PALETTE
from mmr_toolkit.show.plots import show_spectrogram
from mmr_toolkit.show.share_bar import QUIET, number, part_name, share_bar

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


def marked_text(text: str, words: Sequence[WordImportance]) -> str:
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


def explanation_html(explanation: Explanation) -> str:
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


def _words_sentence(words: Sequence[WordImportance]) -> str:
    """The words that counted most, those first whose absence costs most; none if no word was of any use."""
    best = sorted((word for word in words if round(word.importance, 3) > 0), key=lambda word: -word.importance)[
        :WORDS_NAMED
    ]
    named = ", ".join(f"<b>{escape(word.word)}</b> {number(word.importance)}" for word in best)
    return f"What the score loses without a word: {named}." if named else ""


def _picture_sentence(found: OcclusionMap | None) -> str:
    if found is None or round(found.importance.max(), 3) <= 0:
        return ""
    left, top, right, bottom = found.boxes.reshape(-1, 4)[found.importance.argmax()]
    height, width = found.boxes[..., 3].max(), found.boxes[..., 2].max()
    place = f"{_third(top + bottom, 2 * height, ROWS)} {_third(left + right, 2 * width, COLUMNS)}"
    return f"In the picture, a patch at the {place} counted most: {number(found.importance.max())}."


def _sound_sentence(found: RegionMap | None) -> str:
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


# Figures of what counted in a picture and in a sound: the map over the thing itself, and a title that says it.
#
# Blue spoke for the hit, red against it, as everywhere in explanations; no colour is no difference. Both maps are
# symmetric about zero, so that a faint one is faint. The number in the title can be read without seeing colours.


COLOURS = "RdBu"  # red below zero, blue above, white between; safe with colour blindness (Harrower & Brewer 2003)
COVER = 0.75  # how much of the picture the strongest colour hides
LOSS = "what the score loses without it"
MEAN_LOSS = f"{LOSS},\nmean of the patches over a pixel"


def pixel_importance(found: OcclusionMap) -> np.ndarray:
    """The map in pixels of the picture: the mean importance of all patches that cover a pixel.

    Returns:
        Array (height, width), float64.
    """
    right, bottom = found.boxes[..., 2].max(), found.boxes[..., 3].max()
    total, covers = np.zeros((bottom, right)), np.zeros((bottom, right))
    for (x0, y0, x1, y1), importance in zip(found.boxes.reshape(-1, 4), found.importance.flat, strict=True):
        total[y0:y1, x0:x1] += importance
        covers[y0:y1, x0:x1] += 1
    return total / np.maximum(covers, 1)


def show_occlusion(image: Image.Image, found: OcclusionMap) -> Figure:
    """The picture, and beside it the picture in grey under its occlusion map.

    Args:
        image: the one that was explained.
        found: as from `occlusion_map`.

    Returns:
        matplotlib Figure; as the last line of a cell it appears once.

    Raises:
        ValueError: a map of a picture of another size.
    """
    image, pixels = read_image(image), pixel_importance(found)
    if pixels.shape != image.size[::-1]:
        raise ValueError(
            f"the map is of a picture of {pixels.shape[1]} x {pixels.shape[0]} pixels, this one has "
            f"{image.width} x {image.height}."
        )
    figure = _new_figure(7.2, 3.4)
    left, right = figure.subplots(1, 2)
    left.imshow(image)
    left.set(xlabel="pixels", ylabel="pixels")
    left.set_title("the picture that asked", fontsize=10)
    limit = _limit(found.importance)
    right.imshow(image.convert("L"), cmap="gray", vmin=-255, vmax=255)  # light, so that the colours are seen
    right.imshow(pixels, cmap=COLOURS, vmin=-limit, vmax=limit, alpha=COVER * np.abs(pixels) / limit)
    best = found.boxes.reshape(-1, 4)[found.importance.argmax()]
    _frame(right, best[:2] - 0.5, best[2:] - best[:2])
    right.set(xlabel="pixels", yticks=[])
    right.set_title(_claim(found.importance, "the framed patch"), fontsize=10)
    _colour_bar(figure, right, limit, MEAN_LOSS)
    return figure


def show_regions(samples: np.ndarray, found: RegionMap) -> Figure:
    """The spectrogram of a sound, and below it the importance of its regions, both on the Mel scale.

    Args:
        samples: (n_samples,) float at 16 kHz, those that were explained; at least 512.
        found: as from `region_importance`.

    Returns:
        matplotlib Figure; as the last line of a cell it appears once.

    Raises:
        ValueError: a map of a sound of another length, or fewer samples than one window of a spectrogram.
    """
    if not np.isclose(found.seconds[-1], len(samples) / SAMPLE_RATE):
        raise ValueError(
            f"the map is of a sound of {found.seconds[-1]:.3f} s, this one has {len(samples) / SAMPLE_RATE:.3f} s."
        )
    figure = _new_figure(6.4, 5.0)
    above, below = figure.subplots(2, 1, sharex=True)
    show_spectrogram(samples, ax=above)
    above.set(title="the sound that asked", xlabel="")
    limit, kilohertz = _limit(found.importance), found.hertz / 1000
    below.pcolormesh(found.seconds, kilohertz, found.importance, cmap=COLOURS, vmin=-limit, vmax=limit)
    band, window = np.unravel_index(found.importance.argmax(), found.importance.shape)
    corner = found.seconds[window], kilohertz[band]
    size = found.seconds[window + 1] - corner[0], kilohertz[band + 1] - corner[1]
    _frame(below, corner, size)
    where = f"{corner[0]:.2f}–{corner[0] + size[0]:.2f} s, {corner[1]:.1f}–{corner[1] + size[1]:.1f} kHz"
    below.set(title=_claim(found.importance, where), xlabel="time (s)", ylabel="frequency (kHz)")
    for ax in (above, below):
        ax.set_yscale("function", functions=(_mel, _kilohertz))
        ax.set_yticks(kilohertz, [f"{edge:.1f}" for edge in kilohertz])
        ax.set_ylim(0, kilohertz[-1])
    _colour_bar(figure, below, limit, LOSS)
    return figure


def _new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches. Notebooks show those of pyplot, which is not made for a server's threads."""
    if current_thread() is not main_thread():
        return Figure((width, height), layout="constrained")
    figure = plt.figure(figsize=(width, height), layout="constrained")
    plt.close(figure)  # else the notebook would show it a second time by itself
    return figure


def _frame(ax: Axes, corner: Sequence[float] | np.ndarray, size: Sequence[float] | np.ndarray) -> None:
    ax.add_patch(Rectangle(tuple(corner), *size, fill=False, color="black", linewidth=1))


def _mel(kilohertz: np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + np.maximum(kilohertz, 0) / 0.7)


def _kilohertz(mel: np.ndarray) -> np.ndarray:
    return 0.7 * (10 ** (mel / 2595) - 1)


def _limit(importance: np.ndarray) -> float:
    """The largest size of a number, so that zero is white; 1 where all are zero."""
    return float(np.abs(importance).max()) or 1.0


def _claim(importance: np.ndarray, where: str) -> str:
    if importance.max() <= 0:
        return "nothing here spoke for the hit"
    return f"{where} counted most: {importance.max():.3f}"


def _colour_bar(figure: Figure, ax: Axes, limit: float, label: str) -> None:
    figure.colorbar(ScalarMappable(Normalize(-limit, limit), COLOURS), ax=ax, label=label)
