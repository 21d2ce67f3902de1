"""Cards with picture, titles and sound of an item, and the row of them that a notebook shows.

`card` is the one renderer, for the notebook and for the search page; its `Source` says where a page has pictures and
sounds from. In the notebook everything is inside one piece of HTML, as data URIs (see embed.py). Colours are mixtures
of the text's own colour, so that the page is readable in light and in dark themes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.show.embed import picture_uri, sound_uri
from mmr_toolkit.show.share_bar import share_bar, share_limits

STYLE = """
.mmr-hits { font: 13px/1.4 system-ui, sans-serif; margin: 4px 0 12px; }
.mmr-hits * { box-sizing: border-box; }
.mmr-hits .query { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; margin-bottom: 12px; }
.mmr-hits .query b { font-size: 15px; }
.mmr-hits .query .picture { width: 72px; }
.mmr-hits .query audio { width: 220px; }
.mmr-hits .cards { --card: calc((100% - 12px * (var(--columns) - 1)) / var(--columns));
  display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(max(132px, var(--card)), 1fr)); }
.mmr-hits .card { display: flex !important; width: auto !important; margin: 0 !important; min-width: 0;
  flex-direction: column; gap: 6px; padding: 8px; border-radius: 10px;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  background: color-mix(in srgb, currentColor 4%, transparent); }
.mmr-hits .picture { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 6px; margin: 0; }
.mmr-hits .hole { display: flex; align-items: center; justify-content: center; border-radius: 6px; min-height: 32px;
  border: 1px dashed color-mix(in srgb, currentColor 30%, transparent); }
.mmr-hits .hole, .mmr-hits .quiet { color: color-mix(in srgb, currentColor 72%, transparent); }
.mmr-hits .rank { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
.mmr-hits .titles { flex: 1; overflow-wrap: anywhere; }
.mmr-hits .titles [lang] { display: -webkit-box; overflow: hidden;
  -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
.mmr-hits audio { display: block; width: 100%; height: 32px; }
[data-jp-theme-light="false"] .mmr-hits audio { color-scheme: dark; }
"""
# A notebook that was not run here yet, fresh from a clone, is not trusted: JupyterLab drops its <style> but keeps most
# style attributes. With these the cards stand side by side there too; STYLE overrules them.
PLAIN_CARD = "display: inline-block; width: 150px; margin: 4px; vertical-align: top"
PLAIN_PLAYER = "max-width: 100%; height: 32px"


class Source(NamedTuple):
    """Where a page has its pictures and sounds from.

    Attributes:
        picture, sound: turn a path into an address that a browser can open, such as a data URI. An OSError or a
            ValueError says that the file cannot be read.
        about_picture, about_sound: more attributes of the tags, as HTML.
    """

    picture: Callable[[Any], str]
    sound: Callable[[Any], str]
    about_picture: str
    about_sound: str


NOTEBOOK = Source(picture_uri, sound_uri, "", f'preload="metadata" style="{PLAIN_PLAYER}"')


class Card(NamedTuple):
    """The parts of a card as HTML; `titles` is "" where an item has none. How they stand together is the page's."""

    picture: str
    titles: str
    player: str


def card(item: pd.Series, catalogue: Catalogue, source: Source) -> Card:
    """Picture, titles and sound of an item; what it lacks, and a file that cannot be read, is shown as a hole.

    Args:
        item: a row of the catalogue's table.
        catalogue: where the item comes from.
        source: as `NOTEBOOK`.
    """
    name = item_name(item)
    lines = [
        f'<div lang="{lang}">{escape(title)}</div>'
        for lang, title in zip(("en", "zh"), titles(item), strict=True)
        if title
    ]
    image, audio = (None if pd.isna(item[part]) else catalogue.folder / item[part] for part in ("image", "audio"))
    return Card(_picture(image, name, source), "".join(lines), _player(audio, f"sound of {name}", source))


def item_name(item: pd.Series) -> str:
    """What to call an item in a list: its title in one language, or its id."""
    english, chinese = titles(item)
    return english or chinese or str(item["id"])


@dataclass(frozen=True, repr=False)
class HitsPage:
    """What `show_hits` returns: cards in the notebook, plain lines in a terminal.

    The plain text has ranks, ids and titles but no scores: their last digits differ between machines.
    """

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show_hits(
    catalogue: Catalogue,
    hits: Sequence[Hit],
    *,
    query_text: str | None = None,
    query_image: PathLike | Image.Image | None = None,
    query_audio: PathLike | np.ndarray | None = None,
    columns: int = 5,
    shares: bool = False,
) -> HitsPage:
    """Show hits as a row of cards, below the query.

    Args:
        catalogue: where the hits come from.
        hits: as from `Retriever.search`.
        query_text: the query's text, if it had one.
        query_image: its picture (path or PIL image).
        query_audio: its sound (path, or float samples (n_samples,) at 16 kHz).
        columns: how many cards in a row; fewer where the window is narrow.
        shares: whether each card has a bar of its `Hit.shares`, all on one scale.

    Returns:
        HitsPage, which the notebook shows.

    Raises:
        ValueError: columns below 1.
    """
    query = _query_html(query_text, query_image, query_audio)
    limits = share_limits(hit.shares for hit in hits) if shares else None
    cards = [
        _framed(
            catalogue,
            hit.position,
            f'<b>{hit.rank}</b> <span class="quiet">{hit.score:.3f}</span>',
            share_bar(hit.shares, limits) if shares else "",
        )
        for hit in hits
    ]
    text = _plain_text(catalogue, hits, query_text, query_image, query_audio)
    return HitsPage(_page(query, cards, columns), text)


def show_items(
    catalogue: Catalogue, positions: Sequence[int], *, captions: Sequence[str] | None = None, columns: int = 5
) -> HitsPage:
    """Show items as cards, without a search: picture, titles and sound of each.

    Args:
        catalogue: the items.
        positions: which rows of it, in the order wanted.
        captions: a few words above each card.
        columns: how many cards in a row; fewer where the window is narrow.

    Returns:
        HitsPage, which the notebook shows; its plain text has ids, titles and captions.

    Raises:
        ValueError: columns below 1, or not one caption per item.
    """
    captions = [""] * len(positions) if captions is None else captions
    if len(captions) != len(positions):
        raise ValueError(f"got {len(captions)} captions for {len(positions)} items.")
    captioned = list(zip(positions, captions, strict=True))
    cards = [_framed(catalogue, place, f"<b>{escape(words)}</b>" if words else "") for place, words in captioned]
    width = max((len(catalogue.ids[place]) for place in positions), default=0)
    lines = [
        f"{catalogue.ids[place]:<{width}}  {_title(catalogue, place)}{f'  [{words}]' if words else ''}"
        for place, words in captioned
    ]
    return HitsPage(_page("", cards, columns), "\n".join(lines) or "nothing to show")


def _plain_text(
    catalogue: Catalogue,
    hits: Sequence[Hit],
    text: str | None,
    image: PathLike | Image.Image | None,
    audio: PathLike | np.ndarray | None,
) -> str:
    parts = [
        *([f'"{text}"'] if text is not None else []),
        *(["a picture"] if image is not None else []),
        *(["a sound"] if audio is not None else []),
    ]
    lines = [f"query: {' + '.join(parts)}"] if parts else []
    width = max((len(hit.id) for hit in hits), default=0)
    for hit in hits:
        lines.append(f"{hit.rank:>2}  {hit.id:<{width}}  {_title(catalogue, hit.position)}")
    return "\n".join(lines if hits else [*lines, "nothing found"])


def _query_html(text: str | None, image: PathLike | Image.Image | None, audio: PathLike | np.ndarray | None) -> str:
    parts = [
        *([f"<b>{escape(text)}</b>"] if text is not None else []),
        *([_picture(image, "the picture of the query", NOTEBOOK)] if image is not None else []),
        *([_player(audio, "the sound of the query", NOTEBOOK)] if audio is not None else []),
    ]
    return f'<div class="query"><span class="quiet">query</span>{"".join(parts)}</div>\n' if parts else ""


def _title(catalogue: Catalogue, position: int) -> str:
    return "  ".join(filter(None, titles(catalogue.table.iloc[position]))) or "(no text)"


def _page(query: str, cards: Sequence[str], columns: int) -> str:
    if columns < 1:
        raise ValueError(f"columns is {columns}, expected at least 1.")
    shown = "\n".join(cards) or '<div class="hole">nothing found</div>'
    return (
        f'<div class="mmr-hits" style="--columns: {columns}">\n<style>{STYLE}</style>\n{query}'
        f'<div class="cards" role="list">\n{shown}\n</div>\n</div>'
    )


def _framed(catalogue: Catalogue, position: int, heading: str, bar: str = "") -> str:
    """The card of a notebook; `heading` is HTML for the line above its picture, `bar` for the one below its titles."""
    item = catalogue.table.iloc[position]
    picture, lines, player = card(item, catalogue, NOTEBOOK)
    return (
        f'<div class="card" style="{PLAIN_CARD}" role="listitem" title="{escape(item["id"])}">'
        f'<div class="rank">{heading}</div>{picture}'
        f'<div class="titles">{lines or _hole("no text")}</div>{bar}{player}</div>'
    )


def _picture(image: PathLike | Image.Image | None, alt: str, source: Source) -> str:
    if image is None:
        return _hole("no picture", "picture")
    try:
        address = escape(source.picture(image))
    except (OSError, ValueError):  # gone or damaged since the catalogue was read: the others are still worth seeing
        return _hole("picture cannot be read", "picture")
    return f'<img class="picture" alt="{escape(alt)}" src="{address}"{source.about_picture}>'


def _player(audio: PathLike | np.ndarray | None, label: str, source: Source) -> str:
    if audio is None:
        return _hole("no sound")
    try:
        address = escape(source.sound(audio))
    except (OSError, ValueError):
        return _hole("sound cannot be read")
    return f'<audio controls {source.about_sound} aria-label="{escape(label)}" src="{address}"></audio>'


def _hole(words: str, kind: str = "") -> str:
    return f'<div class="hole {kind}">{words}</div>'
