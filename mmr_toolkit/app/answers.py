"""The answers of the search page as HTML: one card per hit, and the sentence above them.

Pictures and sounds are not inside the HTML: the browser fetches them from the server, so the answer stays small. All
that comes from a catalogue is escaped. Buttons are plain HTML buttons; `style.BUTTONS` sends what they are for,
`data-event`, and the item, `data-id`, to Python.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.show.cards import Source, card, item_name
from mmr_toolkit.show.embed import is_shown_as_it_is, thumbnail_uri
from mmr_toolkit.show.share_bar import share_bar, share_limits

__all__ = ["cards", "file_url", "headline", "message", "price_of"]

LARGEST_FILE = 150_000  # bytes; a picture above this goes into the page as a thumbnail
THUMBNAIL = 320  # pixels, the longer side


def cards(catalogue: Catalogue, hits: Sequence[Hit]) -> str:
    """A list of cards, best hit first; their bars have one scale. What no item of the catalogue has is not missed."""
    limits = share_limits(hit.shares for hit in hits)
    return f'<ol class="cards">{"".join(_framed(catalogue, hit, share_bar(hit.shares, limits)) for hit in hits)}</ol>'


def headline(label: str, n_hits: int, n_items: int, settings: str = "") -> str:
    """The sentence above the cards.

    Args:
        label: what was asked.
        n_hits: how many cards there are.
        n_items: how many items the catalogue has.
        settings: what else the answer depends on, in a few words.
    """
    asked = f'<h2 tabindex="-1">{escape(_capital(label))}</h2>'
    found = " · ".join(filter(None, [f"{n_hits} closest of {n_items:,} items", settings]))
    return f'<div class="asked">{asked}<p class="quiet">{escape(found)}</p></div>'


def message(sentence: str) -> str:
    """A sentence instead of an answer; a screen reader says it at once."""
    return f'<p class="message" role="alert">{escape(_capital(sentence))}</p>'


def price_of(item: pd.Series) -> float | None:
    """The price of an item, None where it has none that is a number."""
    try:
        price = float(item["price"])
    except (KeyError, TypeError, ValueError):  # no such column, a hole, or words
        return None
    return price if math.isfinite(price) else None


def file_url(path: Path) -> str:
    """Where Gradio serves a file, relative to the page: it also works behind a proxy and inside a notebook."""
    return f"gradio_api/file={quote(path.resolve().as_posix())}"


@lru_cache(maxsize=2048)
def _picture_address(path: Path) -> str:
    """Small files that browsers show are served as they are, all others go into the page as thumbnails."""
    return file_url(path) if is_shown_as_it_is(path, LARGEST_FILE) else thumbnail_uri(path, THUMBNAIL)


SERVER = Source(
    _picture_address,
    file_url,
    ' loading="lazy" decoding="async"',
    'preload="none" controlslist="nodownload noplaybackrate"',
)


def _framed(catalogue: Catalogue, hit: Hit, bar: str) -> str:
    """A card with rank, price, score and the buttons; `bar` is HTML for the shares."""
    item, has = catalogue.row(hit.id), catalogue.modalities
    picture, lines, player = card(item, catalogue, SERVER)
    name, id, price = escape(item_name(item)), escape(hit.id), price_of(item)
    priced = "" if price is None else f'<span class="price" title="price">{price:,.2f}</span>'
    return (
        f'<li class="card" data-id="{id}">'
        f'<div class="shot{"" if "image" in has else " bare"}">{picture if "image" in has else ""}'
        f'<span class="rank">{hit.rank}</span></div>'
        f'<div class="titles">{lines or f"""<div class="quiet">{id}</div>"""}</div>'
        f'<p class="facts">{priced}<span class="score" title="score">{hit.score:.3f}</span></p>'
        f"{bar}{player if 'audio' in has else ''}"
        f'<div class="actions">'
        f'<button type="button" data-event="more" data-id="{id}" aria-label="More like this: {name}">'
        "More like this</button>"
        f'<button type="button" data-event="why" data-id="{id}" aria-label="Why? {name}">Why?</button>'
        f"</div>"
        f'<details><summary aria-label="Like this, but …: {name}">Like this, but …</summary>'
        f'<form data-event="but" data-id="{id}">'
        f'<input name="words" required maxlength="200" placeholder="in blue" aria-label="What should be different">'
        f'<button type="submit">Go</button></form></details></li>'
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
