"""A table drawn in colours: dark is low, bright is high, and the number stands in every cell.

The colours are matplotlib's "cividis", made so that people with and without colour blindness see much the same
(Nuñez, Anderton & Renslow 2018). Nothing is lost in grey: the brightness rises with the value.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

_NO_VALUE = "0.92"  # the grey of a cell without a value


def show_heat_map(table: pd.DataFrame, *, title: str, decimals: int = 2, falling: bool = False) -> Figure:
    """Draw numbers as coloured cells.

    Args:
        table: numbers, with names of rows and columns. NaN is drawn grey with a dash, ∞ as such.
        title: what the reader should see in it.
        decimals: of the numbers in the cells.
        falling: low is bright, for ranks.

    Returns:
        Figure; it is closed for pyplot, so that it appears once.

    Raises:
        ValueError: an empty table.
    """
    if table.empty:
        raise ValueError(f"the table has shape {table.shape}: there is nothing to draw.")
    values = table.to_numpy(dtype=float)
    finite = values[np.isfinite(values)]
    limits = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    colours = mpl.colormaps["cividis_r" if falling else "cividis"].with_extremes(bad=_NO_VALUE)
    figure, ax = plt.subplots(figsize=(2.8 + 0.75 * table.shape[1], 1.0 + 0.3 * table.shape[0]), layout="constrained")
    image = ax.imshow(np.ma.masked_invalid(values), cmap=colours, aspect="auto", vmin=limits[0], vmax=limits[1])
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(image.norm(value)) if np.isfinite(value) else (1, 1, 1, 1)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        text = "–" if np.isnan(value) else "∞" if np.isinf(value) else f"{value:.{decimals}f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
    ax.set_xticks(range(table.shape[1]), [str(name) for name in table.columns])
    ax.set_yticks(range(table.shape[0]), [str(name) for name in table.index])
    ax.tick_params(length=0, labelsize=8)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=10, loc="left")
    plt.close(figure)
    return figure
