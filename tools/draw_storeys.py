"""Draw the storeys of the package, as the import contract in pyproject.toml has them: docs/storeys.svg.

python tools/draw_storeys.py          # write it anew
"""

import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "storeys.svg"
#: What each room is for, in the few words that fit into its box.
PURPOSE = {
    "cli": "the command mmr",
    "app": "the search page",
    "shop": "the built-in collection",
    "show": "figures and cards",
    "training": "fusion learns",
    "explanation": "why this hit",
    "evaluation": "how good, how sure",
    "retrieval": "encode, fuse, rank",
    "queries": "what is asked and right",
    "features": "one vector per part",
    "catalogue": "items with holes",
    "fusion": "vectors become one",
    "similarity": "how close; top-k",
    "maps": "vectors on a plane",
    "common": "names, vectors, seeds, files",
}
#: The data strand and the mathematics strand that meet in retrieval, and what everyone stands on (Okabe and Ito 2008).
FILL = dict.fromkeys(("catalogue", "features", "queries"), "#cfe8f7")
FILL |= dict.fromkeys(("fusion", "similarity", "maps"), "#fbe3c0")
WIDTH, HEIGHT, LEFT, GAP = 880, 58, 40, 12


def storeys() -> list[list[str]]:
    """The rooms of each storey, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [layer.split(" | ") for layer in layers]


def picture() -> str:
    """The drawing as SVG; dark text on light boxes, so that it reads on a dark page too."""
    rows = storeys()
    height = len(rows) * (HEIGHT + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" '
        'role="img" aria-label="The storeys of the package: a room uses rooms on lower storeys only">',
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    for number, rooms in enumerate(rows):
        y = GAP + number * (HEIGHT + GAP)
        parts.append(f'<text x="14" y="{y + 36}" font-size="17" fill="#555555">{len(rows) - number}</text>')
        width = (WIDTH - LEFT - GAP * len(rooms)) / len(rooms)
        for place, room in enumerate(rooms):
            x = LEFT + place * (width + GAP)
            middle = x + width / 2
            parts += [
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT}" rx="8" '
                f'fill="{FILL.get(room, "#eeeeee")}" stroke="#444444"/>',
                f'<text x="{middle:.1f}" y="{y + 25}" font-size="17" font-weight="600" text-anchor="middle" '
                f'fill="#111111">{escape(room)}</text>',
                f'<text x="{middle:.1f}" y="{y + 45}" font-size="13" text-anchor="middle" '
                f'fill="#444444">{escape(PURPOSE[room])}</text>',
            ]
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8", newline="\n")
