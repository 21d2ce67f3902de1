"""The pictures of three products, made again from their scripts, are the ones that are committed.

The grain of a rendered picture differs between processors, so pictures are compared by the means of 4 x 4 pixels. These
may differ by GREY_LEVELS of 256 on average; another product differs by more than five times that. (For recordings see
test_make_sounds.py.)
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "data" / "cornershop"
sys.path.insert(0, str(ROOT / "data" / "make"))

THREE = ("red_wine-03-2", "tshirt-06-2", "pear-02-3")
GREY_LEVELS = 3.0


@pytest.fixture(scope="module")
def products():
    from shop import build_shop

    return {product.id: product for product in build_shop()}


def block_means(picture):
    """(128, 128, 3) grey levels to the means (32, 32, 3) of 4 x 4 pixels."""
    return picture.reshape(32, 4, 32, 4, 3).mean(axis=(1, 3))


@pytest.mark.parametrize("name", THREE)
@pytest.mark.parametrize("view", [0, 1])
def test_picture(products, name, view):
    from pictures import FOLDERS, photograph_product

    committed = block_means(np.asarray(Image.open(SHOP / FOLDERS[view] / f"{name}.jpg")))
    again = block_means(photograph_product(products[name], view))
    assert np.abs(again - committed).mean() < GREY_LEVELS
    other = block_means(np.asarray(Image.open(SHOP / FOLDERS[view] / "tea-01-1.jpg")))
    assert np.abs(again - other).mean() > 5 * GREY_LEVELS
