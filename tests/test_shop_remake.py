"""Three products, made again from their scripts, are the ones that are committed.

A renderer and a codec are not the same to the last bit everywhere, so the tolerances are stated. A picture's grain
differs between processors, so pictures are compared by the means of 4 x 4 pixels, which may differ by GREY_LEVELS of
256 on average; another product differs by more than five times that. A recording is encoded and decoded again, and the
difference lies DECIBELS below the sound; for another product's recording it is as loud as the sound.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "data" / "cornershop"
sys.path.insert(0, str(ROOT / "data" / "make"))

THREE = ("red_wine-03-2", "tshirt-06-2", "pear-02-3")
GREY_LEVELS = 3.0
DECIBELS = 20.0


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


@pytest.mark.parametrize("name", THREE)
@pytest.mark.parametrize("view", [0, 1])
def test_recording(products, name, view):
    from recordings import FOLDERS, encode, record_product

    committed, rate = soundfile.read(SHOP / FOLDERS[view] / f"{name}.opus")
    again, _ = soundfile.read(io.BytesIO(encode(record_product(products[name], view))))
    assert rate == 16_000 and committed.shape == again.shape == (16_000,)
    assert decibels_below(again, again - committed) > DECIBELS
    other, _ = soundfile.read(SHOP / FOLDERS[view] / "tea-01-1.opus")
    assert decibels_below(again, again - other) < 3


def decibels_below(sound, error):
    """How far the power of the error lies below the power of the sound, in dB."""
    return 10 * np.log10((sound**2).sum() / max((error**2).sum(), 1e-12))
