"""An interactive map in one piece of HTML: picture and titles of the item below the pointer, colours by any column.

Everything is inside: the page asks no other host, and forbids itself to (a content security policy). In a notebook it
sits in a frame of its own, so that its style touches nothing else. The arrow keys walk from point to point as the
pointer does. A notebook that was not run here yet is not trusted, and shows the note in place of the frame.
"""

import io
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.maps.quality import check_numbers
from mmr_toolkit.show.cards import item_name
from mmr_toolkit.show.embed import data_uri, make_thumbnail
from mmr_toolkit.show.maps import MARKERS, NUMBER_COLOURS, TURNS, looks_of

MOST_POINTS = 5_000  # the page grows by half a kilobyte a point
SIZE, MARGIN = 640, 16  # of the drawing, in units of its own
N_STEPS = 6  # of colour for a column of numbers, with the same number of items each
NONE = "none"  # the kind of an item without a value
QUALITY = 40  # of WebP, 0 … 100: a thumbnail is looked at for a second
LARGEST_SHEET = 16_383  # pixels on a side, the most that WebP can hold
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
# The markers of maps.py, around 0, 0.
SHAPES = {
    "o": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "^": "M0-4.6L4.4 3.6H-4.4z",
    "s": "M-3.7-3.7H3.7V3.7H-3.7z",
    "D": "M0-5L5 0L0 5L-5 0z",
    "v": "M0 4.6L4.4-3.6H-4.4z",
}


class SpriteSheet(NamedTuple):
    """Tiles in reading order, the next free place for each picture; item i has no tile if `shown[i]` is False."""

    webp: bytes
    tile: int  # pixels on a side
    columns: int
    shown: list[bool]


@dataclass(frozen=True)
class _Column:
    """One way to colour the map: the kinds of the legend with their looks (shape, colour), and each point's."""

    name: str
    kinds: list[str]
    looks: list[tuple[int, str]]
    codes: list[int]
    values: list[str]


@dataclass(frozen=True, repr=False)
class HoverMap:
    """What `hover_map` returns: the map in a notebook, a line in a terminal, a page of its own by `save`."""

    html: str
    text: str
    height: int

    def _repr_html_(self) -> str:
        frame = self.html.replace("&", "&amp;").replace('"', "&quot;")
        return (
            f"<div><small>{escape(self.text)}. No map below? Trust this notebook, or run the cell.</small>\n"
            f'<iframe title="{escape(self.text)}" sandbox="allow-scripts" srcdoc="{frame}" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe></div>'
        )

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the map as a page that any browser opens, without a network; returns the path."""
        Path(path).write_text(self.html, encoding="utf-8")
        return Path(path)


def hover_map(
    points: npt.ArrayLike,
    catalogue: Catalogue,
    columns: Sequence[str],
    *,
    positions: Sequence[int] | np.ndarray | None = None,
    title: str = "A map of the catalogue",
    thumbnail: int = 48,
    height: int = 720,
) -> HoverMap:
    """A map with the item's picture and titles below the pointer, and a box that chooses the column of the colours.

    Args:
        points: (N, 2).
        catalogue: where the points' items are.
        columns: of the catalogue's table, the first one shown at the beginning. A column of numbers is cut into
            six steps of equally many items; any other may have up to 40 kinds, "none" among them.
        positions: (N,) rows of the catalogue; None: its N items in order. For a map without holes
            `np.flatnonzero(mask)`.
        title: what the map shows.
        thumbnail: pixels on a side. 1,200 of 48 pixels make about half a megabyte of the page.
        height: of the frame in a notebook, pixels.

    Returns:
        HoverMap.

    Raises:
        ValueError: not N points and positions, more than 5,000, no columns, unknown ones, or one of too many kinds.
    """
    plane = check_numbers("points", points, "(N, 2)")
    rows = np.arange(len(catalogue)) if positions is None else np.asarray(positions)
    _check(plane, rows, catalogue, columns)
    order = np.concatenate([np.arange(turn, len(rows), TURNS) for turn in range(TURNS)])  # no kind covers all others
    table = catalogue.table.iloc[rows[order]]
    coloured = [_column(name, table[name]) for name in columns]
    pictures = catalogue.values("image")
    sheet = sprite_sheet([pictures[i] for i in rows[order]], thumbnail)
    words = [(item_name(row), titles(row)[1]) for _, row in table.iterrows()]
    html = _page(title, _on_paper(plane)[order], words, coloured, sheet)
    return HoverMap(html, f"{title}: {len(rows)} points", height)


def _check(plane: np.ndarray, rows: np.ndarray, catalogue: Catalogue, columns: Sequence[str]) -> None:
    if rows.shape != (len(plane),):
        raise ValueError(
            f"{len(plane)} points and {len(rows)} items; expected one point per item. "
            "For a part of the catalogue say which: positions=np.flatnonzero(mask)."
        )
    if not np.issubdtype(rows.dtype, np.integer) or rows.min() < 0 or rows.max() >= len(catalogue):
        raise ValueError(f"positions are not rows of the catalogue; expected whole numbers 0 … {len(catalogue) - 1}.")
    if len(plane) > MOST_POINTS:
        raise ValueError(f"{len(plane)} points; expected at most {MOST_POINTS}, more make the page too large.")
    unknown = [name for name in columns if name not in catalogue.table]
    if isinstance(columns, str) or len(columns) == 0 or unknown:
        raise ValueError(
            f"columns are {columns!r}; expected a list of one or more of {', '.join(catalogue.table.columns)}."
        )


def _column(name: str, values: pd.Series) -> _Column:
    """Kinds, looks and codes of a column; numbers become steps of equally many items."""
    shown = [NONE if pd.isna(value) else str(value) for value in values]
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values) and values.nunique() > N_STEPS:
        steps = pd.qcut(values, N_STEPS, duplicates="drop")
        edges = [values.min(), *(step.right for step in steps.cat.categories)]
        kinds = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
        codes = steps.cat.codes.to_numpy()
        looks = [(0, colour) for colour in _number_colours(len(kinds))]
    else:
        kinds = sorted(set(shown) - {NONE} if values.isna().any() else set(shown))
        try:
            # Black would be lost on a dark page: the ink of the page takes its place.
            looks = [(MARKERS.index(m), "currentColor" if c == "#000000" else c) for m, c in looks_of(kinds)]
        except ValueError as error:
            raise ValueError(f"column {name!r}: {error}") from None
        codes = np.array([-1 if missing else kinds.index(s) for s, missing in zip(shown, values.isna(), strict=True)])
    if (codes < 0).any():
        kinds, looks = [*kinds, NONE], [*looks, (0, "#888888")]
        codes = np.where(codes < 0, len(kinds) - 1, codes)
    return _Column(name, kinds, looks, codes.tolist(), shown)


def _number_colours(count: int) -> list[str]:
    return [to_hex(colour) for colour in colormaps[NUMBER_COLOURS](np.linspace(0.1, 1, count))]


def _on_paper(plane: np.ndarray) -> np.ndarray:
    """The points in units of the drawing, y downwards, neither axis stretched against the other."""
    low, high = plane.min(axis=0), plane.max(axis=0)
    scale = (SIZE - 2 * MARGIN) / max((high - low).max(), 1e-12)
    placed = (plane - (low + high) / 2) * scale * [1, -1] + SIZE / 2
    return placed.round(1)


def _page(
    title: str, places: np.ndarray, words: Sequence[tuple[str, str]], columns: Sequence[_Column], sheet: SpriteSheet
) -> str:
    first = columns[0]
    marks = "\n".join(
        f"<use href='#m{first.looks[code][0]}' x='{x:g}' y='{y:g}' fill='{first.looks[code][1]}'>"
        f"<title>{escape(english)}\n{escape(chinese)}</title></use>"
        for (x, y), (english, chinese), code in zip(places, words, first.codes, strict=True)
    )
    shapes = "".join(f"<path id='m{i}' d='{SHAPES[marker]}'/>" for i, marker in enumerate(MARKERS))
    options = "".join(f"<option>{escape(column.name)}</option>" for column in columns)
    legends = "".join(_legend(column, hidden=i > 0) for i, column in enumerate(columns))
    numbers = {
        "size": SIZE,
        "across": sheet.columns,
        "tiles": [i if there else -1 for i, there in enumerate(sheet.shown)],
        "columns": [column.name for column in columns],
        "looks": [column.looks for column in columns],
        "kinds": [column.codes for column in columns],
        "values": [column.values for column in columns],
    }
    # In a script block the only dangerous character is <, and JSON can write it in another way.
    data = json.dumps(numbers, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    label = f"{title}: {len(places)} points. Arrow keys walk from point to point."
    return f"""<!DOCTYPE html>
<html lang='en'><head><meta charset='utf-8'><meta http-equiv='Content-Security-Policy' content="{POLICY}">
<meta name='viewport' content='width=device-width'><title>{escape(title)}</title><style>{STYLE}
#picture {{ background: url({data_uri("image/webp", sheet.webp)}) 0 0 / {sheet.columns * 96}px auto; }}</style></head>
<body><header><h1>{escape(title)}</h1><label>colour by <select id='column' disabled>{options}</select></label>
<button id='theme' disabled>light / dark</button></header>
<main><div id='plot'><svg id='map' viewBox='0 0 {SIZE} {SIZE}' tabindex='0' role='application'
aria-label='{escape(label)}' aria-describedby='card'><defs>{shapes}</defs><g id='points'>
{marks}
</g><circle id='ring' r='8' hidden=''></circle></svg>
<div id='card' role='status' hidden><div id='picture' role='img'></div><b id='english'></b>
<div id='chinese' lang='zh'></div><div id='kind'></div><div id='more'></div></div></div>
{legends}</main>
<script type='application/json' id='numbers'>{data}</script><script>{SCRIPT}</script></body></html>"""


def _legend(column: _Column, *, hidden: bool) -> str:
    items = "".join(
        f"<li><svg viewBox='-6 -6 12 12' aria-hidden='true'><use href='#m{shape}' fill='{colour}'/></svg>"
        f"{escape(kind)}</li>"
        for kind, (shape, colour) in zip(column.kinds, column.looks, strict=True)
    )
    return f"<ul class='legend' aria-label='{escape(column.name)}'{' hidden' if hidden else ''}>{items}</ul>"


def sprite_sheet(paths: Sequence[Path | None], tile: int = 48) -> SpriteSheet:
    """Many small pictures in one large one, the smallest way to carry a thousand of them in a page.

    The sheet is about square; tile i is in column i % columns and row i // columns.

    Args:
        paths: N of them; None for an item without a picture. One that cannot be read is left out too.
        tile: pixels on a side of a thumbnail. Pictures keep their shape; what is left of a tile is white.

    Raises:
        ValueError: a tile below 8 pixels, or more pictures than a sheet can hold.
    """
    columns = max(math.ceil(math.sqrt(len(paths))), 1)
    if tile < 8 or columns * tile > LARGEST_SHEET:
        raise ValueError(
            f"{len(paths)} thumbnails of {tile} pixels; expected at least 8 pixels and a sheet of at most "
            f"{LARGEST_SHEET} on a side. Draw fewer or smaller ones."
        )
    sheet = Image.new("RGB", (columns * tile, max(math.ceil(len(paths) / columns), 1) * tile), "white")
    shown = []
    for i, path in enumerate(paths):
        picture = _tile(path, tile)
        shown.append(picture is not None)
        if picture is not None:
            left, top = i % columns * tile, i // columns * tile
            sheet.paste(picture, (left + (tile - picture.width) // 2, top + (tile - picture.height) // 2))
    buffer = io.BytesIO()
    sheet.save(buffer, format="WEBP", quality=QUALITY)
    return SpriteSheet(buffer.getvalue(), tile, columns, shown)


def _tile(path: Path | None, pixels: int) -> Image.Image | None:
    try:
        return None if path is None else make_thumbnail(path, pixels)
    except (OSError, ValueError):  # gone or damaged since the catalogue was read: the others are still worth seeing
        return None


# Style and script of the page. Without the script the points, the first legend and the browser's own tooltips remain.
STYLE = """
:root { color-scheme: light dark; --ground: light-dark(#fff, #151515); --ink: light-dark(#1a1a1a, #eee);
  --faint: color-mix(in srgb, var(--ink) 40%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; padding: 8px; font: 13px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { margin: 0; font-size: 15px; }
header, main { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; }
main { align-items: flex-start; margin-top: 6px; }
#plot { position: relative; flex: 1 1 380px; max-width: 640px; }
#map { display: block; width: 100%; border: 1px solid var(--faint); border-radius: 8px; }
#map:focus { outline: none; }
#map:focus-visible { outline: 3px solid #56b4e9; }
#map use { stroke: var(--ink); stroke-width: .5; stroke-opacity: .55; }
#ring { fill: none; stroke: var(--ink); stroke-width: 2.5; }
.legend { flex: 0 1 200px; columns: 2 90px; margin: 0; padding: 0; list-style: none; font-size: 12px; }
.legend li { break-inside: avoid; overflow-wrap: anywhere; }
.legend svg { width: 12px; height: 12px; margin-right: 4px; vertical-align: -2px; }
.legend use { stroke: var(--ink); stroke-width: .5; }
#card { position: absolute; z-index: 1; width: 172px; padding: 8px; border-radius: 8px; pointer-events: none;
  background: var(--ground); border: 1px solid var(--faint);
  box-shadow: 0 2px 10px rgb(0 0 0 / .3); overflow-wrap: anywhere; }
#picture { width: 96px; height: 96px; margin-bottom: 4px; border-radius: 4px; }
#picture.hole { display: flex; align-items: center; justify-content: center; background: none !important;
  border: 1px dashed var(--faint); }
#kind, #more { color: color-mix(in srgb, var(--ink) 75%, transparent); }
[hidden] { display: none !important; }
"""

# Points are found by their place, not by the element below the pointer: they are small, and one may cover another.
# A click shows the next of those that lie there. A frame cannot see the theme of the notebook around it, only that of
# the system, hence the button.
SCRIPT = """
const page = JSON.parse(document.getElementById('numbers').textContent);
const at = id => document.getElementById(id);
const svg = at('map'), card = at('card'), ring = at('ring'), choice = at('column');
const marks = [...svg.querySelectorAll('#points use')];
const legends = [...document.querySelectorAll('.legend')];
const points = marks.map(mark => {
  const title = mark.querySelector('title'), words = title.textContent.split('\\n');
  title.remove();  // else the browser's own tooltip would cover the card
  return {x: +mark.getAttribute('x'), y: +mark.getAttribute('y'), words};
});
let column = 0, current = -1, held = null;

function colour() {
  column = choice.selectedIndex;
  legends.forEach((legend, i) => { legend.hidden = i !== column; });
  marks.forEach((mark, i) => {
    const [shape, fill] = page.looks[column][page.kinds[column][i]];
    mark.setAttribute('href', '#m' + shape);
    mark.setAttribute('fill', fill);
  });
  if (current >= 0) show(current);
}

function show(i) {
  current = i;
  const {x, y, words} = points[i], box = svg.getBoundingClientRect(), scale = box.width / page.size;
  const name = page.columns[column] + ': ' + page.values[column][i];
  ring.setAttribute('cx', x); ring.setAttribute('cy', y); ring.removeAttribute('hidden');
  at('english').textContent = words[0]; at('chinese').textContent = words[1] || ''; at('kind').textContent = name;
  at('more').textContent = '';
  const picture = at('picture'), tile = page.tiles[i], size = 96;
  picture.className = tile < 0 ? 'hole' : '';
  picture.textContent = tile < 0 ? 'no picture' : '';
  picture.setAttribute('aria-label', tile < 0 ? 'no picture' : 'picture of ' + words[0]);
  picture.style.backgroundPosition = tile < 0 ? '' :
    -(tile % page.across) * size + 'px ' + -Math.floor(tile / page.across) * size + 'px';
  card.hidden = false;
  const left = x * scale + 14, top = y * scale + 14;
  card.style.left = (left + card.offsetWidth > box.width ? Math.max(left - card.offsetWidth - 28, 0) : left) + 'px';
  card.style.top = (top + card.offsetHeight > box.height ? Math.max(top - card.offsetHeight - 28, 0) : top) + 'px';
}

function hide() { current = -1; held = null; card.hidden = true; ring.setAttribute('hidden', ''); }

function nearest(x, y, wanted = () => true) {  // the points that are wanted, the nearest first
  const far = points.map(point => Math.hypot(point.x - x, point.y - y));
  return [...far.keys()].filter(i => wanted(points[i], far[i])).sort((i, j) => far[i] - far[j]);
}

function below(event) {
  const box = svg.getBoundingClientRect(), scale = page.size / box.width;
  return nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale, (_, far) => far < 12);
}

function hover(event) {
  if (isHeld(event)) return;
  held = null;
  const here = below(event);
  if (!here.length) return hide();
  show(here[0]);
  if (here.length > 1) at('more').textContent = here.length + ' points here; a click shows the next';
}

function isHeld(event) {  // clicked here, and the pointer has hardly moved since
  return held && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 5;
}

function click(event) {
  if (!isHeld(event)) held = {x: event.clientX, y: event.clientY, here: below(event), turn: current < 0 ? -1 : 0};
  const {here} = held;
  if (!here.length) return hide();
  held.turn = (held.turn + 1) % here.length;
  show(here[held.turn]);
  if (here.length > 1) at('more').textContent = held.turn + 1 + ' of ' + here.length + ' points here';
}

const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
function step(event) {
  if (event.key === 'Escape') return hide();
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  const [right, down] = STEPS[event.key], {x, y} = points[Math.max(current, 0)];
  const ahead = p => { const a = (p.x - x) * right + (p.y - y) * down, b = (p.x - x) * down - (p.y - y) * right;
    return a > 0 && Math.abs(b) <= a; };
  const [i] = nearest(x, y, ahead);
  if (i !== undefined) show(i);
}

choice.disabled = at('theme').disabled = false;
at('theme').addEventListener('click', () => {
  const style = document.documentElement.style;
  const dark = style.colorScheme ? style.colorScheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  style.colorScheme = dark ? 'light' : 'dark';
});
choice.addEventListener('change', colour);
svg.addEventListener('pointermove', hover);
svg.addEventListener('pointerdown', click);
svg.addEventListener('pointerleave', hide);
svg.addEventListener('focus', () => { if (current < 0) show(nearest(page.size / 2, page.size / 2)[0]); });
svg.addEventListener('blur', hide);
svg.addEventListener('keydown', step);
"""
