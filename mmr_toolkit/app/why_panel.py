"""The panel "Why this hit" of the search page: shares, ranks without each part, and what counted within each part."""

import io
from html import escape
from typing import Any

from matplotlib.figure import Figure

from mmr_toolkit.app.query import Query
from mmr_toolkit.app.settings import Settings
from mmr_toolkit.catalogue.media import read_audio, read_image
from mmr_toolkit.explanation.explanation import Explanation, explain
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.show.cards import item_name
from mmr_toolkit.show.embed import data_uri
from mmr_toolkit.show.why import explanation_html, show_occlusion, show_regions

__all__ = ["figure_uri", "why_html"]


def why_html(retriever: Retriever, query: Query, settings: Settings, id: str) -> str:
    """Why an item is a hit, as HTML.

    Args:
        retriever, query, settings: what was asked, of whom and how.
        id: of the hit.

    Raises:
        ValueError: a file of the query that is gone, or an item that is no hit any more.
    """
    parts = query.read()
    for name, read in (("image", read_image), ("audio", read_audio)):
        if isinstance(parts.get(name), str):  # of an item, whose files were not read yet
            parts = parts | {name: read(parts[name])}
    weights, where = settings.weights_for(retriever), settings.where or None
    left_out = query.left_out(retriever.catalogue)
    explanation = explain(retriever, id, **parts, weights=weights, where=where, exclude=left_out)
    name = escape(item_name(retriever.catalogue.row(id)))
    return (
        f'<div class="sheet"><h3>{name}</h3>{explanation_html(explanation)}'
        f'<div class="figures">{"".join(_figures(parts, explanation))}</div></div>'
    )


def figure_uri(figure: Figure) -> str:
    """A figure as a picture inside the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return data_uri("image/png", buffer.getvalue())


def _figures(parts: dict[str, Any], explanation: Explanation) -> list[str]:
    """The picture and the sound with what counted in them."""
    drawn = []
    if explanation.picture is not None:
        figure = show_occlusion(parts["image"], explanation.picture)
        drawn.append(("The picture that was asked, and which of its patches spoke for the hit.", figure))
    if explanation.sound is not None:
        figure = show_regions(parts["audio"], explanation.sound)
        drawn.append(("The spectrogram of the sound, and which of its regions spoke for the hit.", figure))
    return [f'<img alt="{words}" src="{figure_uri(figure)}">' for words, figure in drawn]
