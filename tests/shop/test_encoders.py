"""What describes the shop: BERT for texts, the default encoders for pictures and sounds."""

import subprocess
import sys

import pytest

from mmr_toolkit import cornershop
from mmr_toolkit.cli.sources import choose_encoders, is_shop
from mmr_toolkit.shop import shop_encoders


def test_texts_are_read_by_bert_and_the_rest_by_the_default_encoders():
    encoders = shop_encoders()
    assert {name: encoder.name for name, encoder in encoders.items()} == {
        "text": "bert",
        "image": "colour-texture",
        "audio": "mfcc",
    }
    assert list(shop_encoders(modalities=["text"])) == ["text"]
    assert list(shop_encoders(modalities=["audio"])) == ["audio"]


def test_what_the_shop_does_not_have_is_refused():
    with pytest.raises(ValueError, match="has no video, only text, image, audio"):
        shop_encoders(modalities=["video"])
    with pytest.raises(ValueError, match="tier is 'best'"):
        shop_encoders(modalities=["text"], tier="best")


def test_the_command_line_takes_the_shops_encoders_for_the_shop_only():
    shop = cornershop()
    part = shop.subset(range(30))
    assert is_shop(shop) and not is_shop(part)
    assert choose_encoders(shop)["text"].name == "bert"
    assert choose_encoders(part)["text"].name == "word2vec"


def test_who_asks_for_products_only_loads_no_network_library():
    code = "import sys; from mmr_toolkit.shop import cornershop, shop_encoders; cornershop(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert "transformers" not in loaded.split()
