"""The sprite sheet: every picture in its own tile, nothing over the edge of it."""

import io

import numpy as np
import pytest
from PIL import Image

from mmr_toolkit.show.hover_map import LARGEST_SHEET, sprite_sheet

COLOURS = [(200, 20, 30), (20, 160, 40), (30, 40, 210), (240, 220, 20), (10, 10, 10)]


@pytest.fixture
def paths(tmp_path):
    for i, colour in enumerate(COLOURS):
        Image.new("RGB", (100, 50) if i == 1 else (64, 64), colour).save(tmp_path / f"{i}.png")
    return [tmp_path / f"{i}.png" for i in range(len(COLOURS))]


def opened(sheet):
    return np.asarray(Image.open(io.BytesIO(sheet.webp)).convert("RGB")).astype(int)


def test_tiles_lie_in_reading_order(paths):
    sheet = sprite_sheet(paths, 16)
    assert (sheet.tile, sheet.columns, sheet.shown) == (16, 3, [True] * 5)
    pixels = opened(sheet)
    assert pixels.shape == (32, 48, 3)
    for i, colour in enumerate(COLOURS):
        middle = pixels[i // 3 * 16 + 8, i % 3 * 16 + 8]
        np.testing.assert_allclose(middle, colour, atol=30)  # WebP loses some


def test_a_wide_picture_keeps_its_shape_on_white(paths):
    tile = opened(sprite_sheet([paths[1]], 32))
    np.testing.assert_allclose(tile[16, [1, 30]], [COLOURS[1]] * 2, atol=30)
    np.testing.assert_allclose(tile[[2, 29], 16], 255, atol=10)


def test_what_cannot_be_shown_leaves_its_tile_white(paths):
    paths[2].write_bytes(b"broken")
    paths[3].unlink()
    sheet = sprite_sheet([None, *paths], 16)
    assert sheet.shown == [False, True, True, False, False, True]
    np.testing.assert_allclose(opened(sheet)[2:14, 2:14], 255, atol=10)


def test_no_pictures_at_all():
    assert sprite_sheet([], 16).shown == []
    assert opened(sprite_sheet([None], 16)).min() > 245


def test_a_sheet_has_its_limits():
    with pytest.raises(ValueError, match="1 thumbnails of 7 pixels; expected at least 8"):
        sprite_sheet([None], 7)
    with pytest.raises(ValueError, match=f"a sheet of at most {LARGEST_SHEET} on a side"):
        sprite_sheet([None] * 100, 1_639)
