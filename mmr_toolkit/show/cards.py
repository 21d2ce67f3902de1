"""A page of results for the notebook: a row of cards with picture, titles, score and sound.

The page is one piece of HTML with everything inside it: pictures and sounds are data URIs, so it still works when the
notebook is sent to someone else. Two rules keep it small and the same on every machine: a small file goes in as it is,
byte for byte, and only a large one is made smaller. Colours are mixtures of the text's own colour, so that the page is
readable in light and in dark themes.
"""

import base64
import io
import os
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image
from mmr_toolkit.show.share_bar import share_bar, share_limits

if TYPE_CHECKING:
    from mmr_toolkit.retrieval.hits import Hit


PathLike = str | os.PathLike[str]

THUMBNAIL = 160  # pixels, the longer side
SMALL_FILE = 32_000  # bytes; up to this size a file is embedded as it is
SOUND_SECONDS = 4  # of a larger sound the page has only the beginning

# What browsers play and show. (Ogg with Opus: Chromium and Firefox for long, Safari since 18.4.)
MIME_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
}

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
    hits: "Sequence[Hit]",
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
    heads = [f'<b>{hit.rank}</b> <span class="quiet">{hit.score:.3f}</span>' for hit in hits]
    limits = share_limits(hit.shares for hit in hits) if shares else None
    bars = [share_bar(hit.shares, limits) if shares else "" for hit in hits]
    cards = [_card(catalogue, hit.position, *parts) for hit, *parts in zip(hits, heads, bars, strict=True)]
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
    words = [""] * len(positions) if captions is None else list(captions)
    if len(words) != len(positions):
        raise ValueError(f"got {len(words)} captions for {len(positions)} items.")
    cards = [
        _card(catalogue, position, f"<b>{escape(caption)}</b>" if caption else "")
        for position, caption in zip(positions, words, strict=True)
    ]
    rows = [(catalogue.ids[position], _title(catalogue, position)) for position in positions]
    width = max((len(id) for id, _ in rows), default=0)
    lines = [
        f"{id:<{width}}  {title}{f'  [{caption}]' if caption else ''}"
        for (id, title), caption in zip(rows, words, strict=True)
    ]
    return HitsPage(_page("", cards, columns), "\n".join(lines) or "nothing to show")


def _plain_text(
    catalogue: Catalogue,
    hits: "Sequence[Hit]",
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
        *([_picture(image, "the picture of the query")] if image is not None else []),
        *([_player(audio, "the sound of the query")] if audio is not None else []),
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


def _card(catalogue: Catalogue, position: int, heading: str, bar: str = "") -> str:
    """One item; `heading` is HTML for the line above its picture, `bar` for the one below its titles."""
    row = catalogue.table.iloc[position]
    english, chinese = titles(row)
    name = english or chinese or row["id"]
    lines = [f'<div lang="{lang}">{escape(title)}</div>' for lang, title in (("en", english), ("zh", chinese)) if title]
    image, audio = (None if pd.isna(row[part]) else catalogue.folder / row[part] for part in ("image", "audio"))
    return (
        f'<div class="card" style="{PLAIN_CARD}" role="listitem" title="{escape(row["id"])}">'
        f'<div class="rank">{heading}</div>'
        f"{_picture(image, name)}"
        f'<div class="titles">{"".join(lines) or _hole("no text")}</div>{bar}'
        f"{_player(audio, f'sound of {name}')}"
        "</div>"
    )


def _hole(words: str, kind: str = "") -> str:
    return f'<div class="hole {kind}">{words}</div>'


def _picture(source: PathLike | Image.Image | None, alt: str) -> str:
    if source is None:
        return _hole("no picture", "picture")
    try:
        return f'<img class="picture" alt="{escape(alt)}" src="{_picture_uri(source)}">'
    except (
        OSError,
        ValueError,
    ):  # gone or damaged since the catalogue was read: the other cards are still worth seeing
        return _hole("picture cannot be read", "picture")


def _player(source: PathLike | np.ndarray | None, label: str) -> str:
    if source is None:
        return _hole("no sound")
    try:
        about = f'style="{PLAIN_PLAYER}" aria-label="{escape(label)}"'
        return f'<audio controls preload="metadata" {about} src="{_sound_uri(source)}"></audio>'
    except (OSError, ValueError):
        return _hole("sound cannot be read")


def _picture_uri(source: PathLike | Image.Image) -> str:
    image = source.convert("RGB") if isinstance(source, Image.Image) else read_image(source)
    if not isinstance(source, Image.Image) and max(image.size) <= THUMBNAIL and _is_small(source):
        return _file_uri(source)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=85)
    return _data_uri("image/jpeg", buffer.getvalue())


def _sound_uri(source: PathLike | np.ndarray) -> str:
    samples = source if isinstance(source, np.ndarray) else read_audio(source)
    if not isinstance(source, np.ndarray) and _is_small(source):
        return _file_uri(source)
    samples = np.asarray(samples, dtype=np.float32)[: SOUND_SECONDS * SAMPLE_RATE]
    # WAV plays everywhere, and 8 bits are enough for a preview: half the size. Their range is used in full.
    loudest = max(float(np.abs(samples).max(initial=0)), 1e-6)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(samples / loudest * 127 + 128).astype(np.uint8).tobytes())
    return _data_uri("audio/wav", buffer.getvalue())


def _is_small(path: PathLike) -> bool:
    return Path(path).suffix.lower() in MIME_TYPES and Path(path).stat().st_size <= SMALL_FILE


def _file_uri(path: PathLike) -> str:
    return _data_uri(MIME_TYPES[Path(path).suffix.lower()], Path(path).read_bytes())


def _data_uri(mime_type: str, data: bytes) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode('ascii')}"


# A page of hits as a document of its own.
#
# It opens with a double click, follows the light or dark theme of the system, and asks no other host.


# Data URIs and styles only: nothing that stands in a catalogue can load or run anything.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
DOCUMENT_STYLE = """
:root { color-scheme: light dark; }
body { background: Canvas; color: CanvasText; margin: 0 auto; padding: 16px; max-width: 1200px; }
h1 { font: 600 18px/1.3 system-ui, sans-serif; margin: 0 0 12px; overflow-wrap: anywhere; }
"""


def document(body: str, title: str) -> str:
    """A whole HTML document.

    Args:
        body: HTML, such as that of `show_hits`.
        title: of the window and the headline, in plain text.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{DOCUMENT_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
