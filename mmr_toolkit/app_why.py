"""The panel "Why this hit" of the search page: shares, ranks without each part, and what counted within each part."""

from html import escape
from typing import TYPE_CHECKING, Any

from mmr_toolkit.app_cards import hit_name
from mmr_toolkit.explanation import explain
from mmr_toolkit.why_page import explanation_html

if TYPE_CHECKING:
    from mmr_toolkit.app_query import Query, Settings
    from mmr_toolkit.retriever import Retriever

__all__ = ["why_html"]


def why_html(retriever: "Retriever", query: "Query", settings: "Settings", id: str) -> str:
    """Why an item is a hit, as HTML.

    Args:
        retriever, query, settings: what was asked, of whom and how.
        id: of the hit.

    Raises:
        ValueError: a file of the query that is gone, or an item that is no hit any more.
    """
    under: dict[str, Any] = {
        "weights": settings.weights_for(retriever),
        "where": settings.where or None,
        "exclude": query.like,
    }
    explanation = explain(retriever, id, **query.read(), **under)
    name = escape(hit_name(retriever.catalogue.row(id)))
    return f'<div class="sheet"><h3>{name}</h3>{explanation_html(explanation)}</div>'
