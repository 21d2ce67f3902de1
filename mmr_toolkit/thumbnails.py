"""Many small pictures in one large one, a sprite sheet: the smallest way to carry a thousand thumbnails in a page."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from mmr_toolkit.media import read_image

QUALITY = 40  # of WebP, 0 … 100: a thumbnail is looked at for a second
LARGEST_SHEET = 16_383  # pixels on a side, the most that WebP can hold


class SpriteSheet(NamedTuple):
    """Tiles in reading order, the next free place for each picture; item i has no tile if `shown[i]` is False."""

    webp: bytes
    tile: int  # pixels on a side
    columns: int
    shown: list[bool]


def sprite_sheet(paths: Sequence[Path | None], tile: int = 48) -> SpriteSheet:
    """Shrink pictures and lay them out in a square sheet, tile i in column i % columns and row i // columns.

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
        picture = _thumbnail(path, tile)
        shown.append(picture is not None)
        if picture is not None:
            left, top = i % columns * tile, i // columns * tile
            sheet.paste(picture, (left + (tile - picture.width) // 2, top + (tile - picture.height) // 2))
    buffer = io.BytesIO()
    sheet.save(buffer, format="WEBP", quality=QUALITY)
    return SpriteSheet(buffer.getvalue(), tile, columns, shown)


def _thumbnail(path: Path | None, tile: int) -> Image.Image | None:
    if path is None:
        return None
    try:
        picture = read_image(path)
    except (OSError, ValueError):  # gone or damaged since the catalogue was read: the others are still worth seeing
        return None
    picture.thumbnail((tile, tile), Image.Resampling.LANCZOS)
    return picture
