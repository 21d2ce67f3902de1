"""Figures: pictures of a catalogue, waveforms, spectrograms; Chinese only in fonts that have it.

Nothing here changes matplotlib's settings: fonts are given text by text. Figures are returned, not shown: as the last
line of a notebook cell they appear once.
"""

import re
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from scipy.signal import spectrogram

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_image
from mmr_toolkit.common.environment import cjk_font
from mmr_toolkit.show.palette import MODALITY_COLOURS, PALETTE
from mmr_toolkit.similarity.hubs import hubness

_LINES = ("-", "--", ":", "-.")

NO_CJK_FONT = "Chinese left out: no font has its characters. Installing Noto Sans CJK mends it."

_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]+")


def caption(text: str) -> str:
    """The text as a figure can show it: as it is, or without its Chinese where no font has the characters.

    In the second case one warning says so. Draw it in the font of `font_properties()`.
    """
    shown = _without_chinese(text)
    if shown != text:
        warnings.warn(NO_CJK_FONT, stacklevel=1)  # one place, so Python shows it once
    return shown


def font_properties(size: float = 9) -> FontProperties:
    """The font for text that may hold Chinese: matplotlib's own for Latin letters, `cjk_font()` for the rest."""
    families = ["DejaVu Sans"] + ([] if cjk_font() is None else [str(cjk_font())])
    return FontProperties(family=families, size=size)


def show_pictures(
    catalogue: Catalogue,
    positions: Sequence[int],
    captions: Sequence[str] | None = None,
    columns: int = 6,
) -> Figure:
    """Pictures of some items side by side, each above its titles.

    Args:
        catalogue: the items.
        positions: which rows of it, in the order wanted.
        captions: one text per picture; None takes the English and the Chinese title.
        columns: pictures per row.

    Returns:
        Figure; items without a picture have a grey tile. Where no font has Chinese, a line below says so.

    Raises:
        ValueError: no positions, columns below 1, or not one caption per picture.
    """
    if len(positions) == 0 or columns < 1:
        raise ValueError(f"got {len(positions)} positions and {columns} columns, expected at least one of each.")
    if captions is None:
        captions = ["\n".join(filter(None, titles(catalogue.table.iloc[i]))) or "no text" for i in positions]
    if len(captions) != len(positions):
        raise ValueError(f"got {len(captions)} captions for {len(positions)} pictures.")
    paths = catalogue.values("image")
    n_rows = -(-len(positions) // columns)
    figure, axes = plt.subplots(
        n_rows, columns, figsize=(1.7 * columns, 2.2 * n_rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for ax, position, words in zip(axes.flat, positions, captions, strict=False):
        draw_picture(ax, paths[position])
        ax.set_xlabel(_wrapped(_without_chinese(words)), fontproperties=font_properties(8))
    if any(_without_chinese(words) != words for words in captions):
        figure.supxlabel(NO_CJK_FONT, fontsize=8)
    plt.close(figure)  # else the notebook would show it a second time by itself
    return figure


def show_waveform(waveform: np.ndarray, rate: int = SAMPLE_RATE, *, ax: Axes) -> None:
    """Draw a sound as amplitude over time.

    Args:
        waveform: (n_samples,), from −1 to 1.
        rate: samples per second, Hz.
        ax: where to draw.
    """
    ax.plot(np.arange(len(waveform)) / rate, waveform, color=MODALITY_COLOURS["audio"], linewidth=0.5)
    ax.set(xlabel="time (s)", ylabel="amplitude", ylim=(-1.05, 1.05), xlim=(0, max(len(waveform), 1) / rate))


def show_spectrogram(waveform: np.ndarray, rate: int = SAMPLE_RATE, *, ax: Axes) -> None:
    """Draw a sound as energy over time and frequency, in decibels below its loudest moment, down to −80 dB.

    Args:
        waveform: (n_samples,), at least 512.
        rate: samples per second, Hz.
        ax: where to draw.

    Raises:
        ValueError: fewer than 512 samples, one window.
    """
    if len(waveform) < 512:
        raise ValueError(f"got {len(waveform)} samples, expected at least 512, one window of the spectrogram.")
    frequencies, times, energy = spectrogram(np.asarray(waveform), fs=rate, nperseg=512, noverlap=384)
    decibels = 10 * np.log10(np.maximum(energy / max(energy.max(), 1e-20), 1e-8))
    ax.pcolormesh(times, frequencies / 1000, decibels, cmap="magma", vmin=-80, vmax=0, shading="nearest")
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)")


def _without_chinese(text: str) -> str:
    if cjk_font() is not None or not _CJK.search(text):
        return text
    lines = [" ".join(word for word in line.split() if not _CJK.search(word)) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def _wrapped(text: str) -> str:
    """At most four lines; Chinese characters are twice as wide as Latin letters."""
    lines = []
    for line in text.splitlines():
        width = 11 if _CJK.search(line) else 22
        lines += textwrap.wrap(line, width, max_lines=2, placeholder="…")
    return "\n".join(lines[:4])


def draw_picture(ax: Axes, path: Path | None) -> None:
    """Draw the picture of an item; where it has none, or a broken one, a grey tile says so."""
    try:
        if path is not None:
            ax.imshow(read_image(path))
            return
        words = "no picture"
    except (OSError, ValueError):
        words = "picture cannot\nbe read"
    ax.imshow(np.full((1, 1, 3), 0.92))
    ax.text(0, 0, words, ha="center", va="center", fontsize=8, color="0.35")


def show_norms(vectors: Mapping[str, npt.ArrayLike], *, title: str, ax: Axes, bins: int = 40) -> None:
    """Draw how long vectors are: one outlined histogram of ‖x‖ per name.

    Args:
        vectors: name → (n, D).
        title: what the reader should see.
        ax: where to draw.
        bins: how many bars, the same for all names.
    """
    norms = {name: np.linalg.norm(np.asarray(matrix, dtype=float), axis=1) for name, matrix in vectors.items()}
    _outlines(norms, np.histogram_bin_edges(np.concatenate(list(norms.values())), bins), ax)
    ax.set(title=title, xlabel="length of the vector ‖x‖", ylabel="items")


def show_k_occurrence(occurrences: Mapping[str, npt.ArrayLike], *, title: str, ax: Axes) -> None:
    """Draw how many items stand in how many answers, one outlined histogram per name (a similarity, for example).

    The items are counted on a logarithmic axis, for hubs are few. The legend gives the `hubness` of each.

    Args:
        occurrences: name → (n_items,), as from `k_occurrence`.
        title: what the reader should see.
        ax: where to draw.
    """
    counts = {f"{name}, skewness {hubness(n):.1f}": np.asarray(n) for name, n in occurrences.items()}
    highest = max(int(n.max()) for n in counts.values())
    _outlines(counts, np.arange(-0.5, highest + 1), ax)
    ax.set(title=title, xlabel="answers in which the item stands", ylabel="items", yscale="log")


def _outlines(values: Mapping[str, np.ndarray], edges: np.ndarray, ax: Axes) -> None:
    colours = [PALETTE[name] for name in ("blue", "vermilion", "green", "purple", "orange", "black")]
    for i, (name, numbers) in enumerate(values.items()):
        ax.hist(numbers, bins=list(edges), histtype="step", label=name, linewidth=1.6,
                color=colours[i % len(colours)], linestyle=_LINES[i % len(_LINES)])  # fmt: skip
    ax.legend(frameon=False, fontsize=8)
