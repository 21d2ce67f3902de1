"""Model cards: the same figures for people and for tests, as measured on what was saved."""

import json

import pandas as pd
import pytest

import model_card
from mmr_toolkit.shop.quality import EncoderQuality
from small_catalogue import WordEncoder

TEXTS = {
    "title": "Mini words",
    "about": "It counts words. " * 10 + "\n\nA second paragraph.",
    "data": "Nothing was learned.",
    "limits": "Few words.",
    "script": "python data/make/train_words.py",
}


def table(**rows: float) -> pd.DataFrame:
    return pd.DataFrame({name: {"AP": x, "nDCG@10": x + 0.1, "recall@10": x / 3} for name, x in rows.items()}).T


@pytest.fixture
def card(tmp_path, monkeypatch):
    found = {
        "validation": EncoderQuality(table(all=0.5, seen=0.5), table(all=0.02, seen=0.02), 1.0, 10),
        "test": EncoderQuality(table(all=0.4, seen=0.6, unseen=0.2), table(all=0.01, seen=0.01, unseen=0.01), 1.0, 10),
    }
    monkeypatch.setattr(model_card, "encoder_quality", lambda encoder, split: found[split])
    written = model_card.write_card(
        tmp_path, WordEncoder(), **TEXTS, seconds=12.34, settings={"epochs": 3, "words": ["红", "a"]}
    )
    return tmp_path, written


def test_the_json_holds_what_was_measured_and_set(card):
    folder, written = card
    stored = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert stored == written
    assert stored["quality"]["test"]["unseen"] == {"AP": 0.2, "nDCG@10": 0.3, "recall@10": 0.0667}
    assert stored["chance"]["validation"]["all"]["AP"] == 0.02
    assert set(stored["quality"]["validation"]) == {"all", "seen"}
    assert (stored["seconds"], stored["settings"]["epochs"]) == (12.3, 3)
    assert (stored["name"], stored["modality"], stored["dim"]) == ("words", "text", WordEncoder.dim)
    assert "megabytes" not in stored  # this encoder has nothing to weigh


def test_the_page_says_the_same(card):
    text = (card[0] / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Mini words\n\nIt counts words.")
    for head in ("Trained on", "Settings", "Quality", "Limits", "Licence"):
        assert f"\n\n## {head}\n\n" in text
    assert "| test | unseen | **0.200** | 0.010 | **0.300** | 0.110 | **0.067** | 0.003 |" in text
    assert "- words: ['红', 'a']" in text
    assert "12 s of processor time" in text
    assert "`python data/make/train_words.py`" in text
    assert max(map(len, text.splitlines())) <= 120
    assert "\n\nA second paragraph.\n" in text


def test_learned_numbers_are_weighed(card, tmp_path, monkeypatch):
    import numpy as np

    class Learned(WordEncoder):
        revision = 1
        settings: dict = {}

        def tensors(self):
            return {"weights": np.zeros((500, 1000), np.float32)}

    written = model_card.write_card(tmp_path, Learned(), **TEXTS, seconds=1, settings={})
    assert written["megabytes"] == 2.0
