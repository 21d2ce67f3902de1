"""The answers of the search page as HTML: one card per hit, and the sentence above them.

Pictures and sounds are not inside the HTML: the browser fetches them from the server, so the answer stays small. All
that comes from a catalogue is escaped. Buttons are plain HTML buttons; `app_style.BUTTONS` sends what they are for,
`data-event`, and the item, `data-id`, to Python.
"""

import base64
import io
import math
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from mmr_toolkit.catalogue.catalogue import titles
from mmr_toolkit.catalogue.media import read_image
from mmr_toolkit.show.cards import MIME_TYPES
from mmr_toolkit.show.share_bar import share_bar, share_limits

if TYPE_CHECKING:
    from mmr_toolkit.catalogue.catalogue import Catalogue
    from mmr_toolkit.retrieval.hits import Hit

__all__ = ["cards", "file_url", "folders_to_serve", "headline", "hit_name", "message", "price_of"]

LARGEST_FILE = 150_000  # bytes; a picture above this goes into the page as a thumbnail
THUMBNAIL = 320  # pixels, the longer side


def cards(catalogue: "Catalogue", hits: "Sequence[Hit]") -> str:
    """A list of cards, best hit first; their bars have one scale. What no item of the catalogue has is not missed."""
    limits, has = share_limits(hit.shares for hit in hits), catalogue.modalities
    shown = [_card(catalogue.row(hit.id), hit, limits, has) for hit in hits]
    return f'<ol class="cards">{"".join(shown)}</ol>'


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


def hit_name(row: pd.Series) -> str:
    """What to call an item in a list: its title in one language, or its id."""
    english, chinese = titles(row)
    return english or chinese or str(row["id"])


def price_of(row: pd.Series) -> float | None:
    """The price of an item, None where it has none that is a number."""
    try:
        price = float(row["price"])
    except (KeyError, TypeError, ValueError):  # no such column, a hole, or words
        return None
    return price if math.isfinite(price) else None


def file_url(path: Path) -> str:
    """Where Gradio serves a file, relative to the page: it also works behind a proxy and inside a notebook."""
    return f"gradio_api/file={quote(path.resolve().as_posix())}"


def folders_to_serve(paths: Sequence[Path | None]) -> list[str]:
    """The folders that hold these files, and nothing else of the disk."""
    folders = {(path.resolve() if path.is_symlink() else path).parent for path in paths if path is not None}
    return sorted({str(folder.resolve()) for folder in folders})


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _card(row: pd.Series, hit: "Hit", limits: tuple[float, float], has: Sequence[str]) -> str:
    name, id = escape(hit_name(row)), escape(hit.id)
    return (
        f'<li class="card" data-id="{id}">'
        f'<div class="shot{"" if "image" in has else " bare"}">{_picture(hit.image, name) if "image" in has else ""}'
        f'<span class="rank">{hit.rank}</span></div>'
        f'<div class="titles">{_titles(row)}</div>'
        f'<p class="facts">{_price(row)}<span class="score" title="score">{hit.score:.3f}</span></p>'
        f"{share_bar(hit.shares, limits)}"
        f"{_player(hit.audio, name) if 'audio' in has else ''}"
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


def _titles(row: pd.Series) -> str:
    lines = zip(("en", "zh"), titles(row), strict=True)
    shown = [f'<p lang="{lang}">{escape(title)}</p>' for lang, title in lines if title]
    return "".join(shown) or f'<p class="quiet">{escape(str(row["id"]))}</p>'


def _price(row: pd.Series) -> str:
    price = price_of(row)
    return "" if price is None else f'<span class="price" title="price">{price:,.2f}</span>'


def _picture(path: Path | None, name: str) -> str:
    if path is None:
        return '<div class="hole">no picture</div>'
    source = _picture_source(path)
    if source is None:
        return '<div class="hole">picture cannot be read</div>'
    return f'<img src="{escape(source)}" alt="{name}" loading="lazy" decoding="async">'


@lru_cache(maxsize=2048)
def _picture_source(path: Path) -> str | None:
    """Small files that browsers show are served as they are, all others as thumbnails; None for a damaged one."""
    try:
        if path.suffix.lower() in MIME_TYPES and path.stat().st_size <= LARGEST_FILE:
            return file_url(path)
        return _thumbnail(path)
    except (OSError, ValueError):  # gone or damaged since the catalogue was read; the other cards are worth seeing
        return None


def _player(path: Path | None, name: str) -> str:
    if path is None:
        return '<div class="hole low">no sound</div>'
    about = f'preload="none" controlslist="nodownload noplaybackrate" aria-label="Sound of {name}"'
    return f'<audio controls {about} src="{escape(file_url(path))}"></audio>'


def _thumbnail(path: Path) -> str:
    picture = read_image(path)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
