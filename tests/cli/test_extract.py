"""`mmr extract`: what it reports, and going on after an interruption."""

import pytest

from cli_runner import json_of, one_sentence, run, small_shop_in
from counting_encoders import counting_encoders, encoded
from mmr_toolkit import features
from mmr_toolkit.features import BertEncoder
from mmr_toolkit.retrieval.cache_contents import cached_vectors
from small_catalogue import small_catalogue


def test_extract_says_what_was_made_and_where_it_lies(tmp_path, monkeypatch, cache):
    small_catalogue(tmp_path)
    monkeypatch.setattr(features, "default_encoders", lambda catalogue, modalities, progress: counting_encoders())
    result = run("extract", tmp_path)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines() if "text" in line and "words" in line]
    assert rows[0] == ["text", "words", "8", "5", "0"]
    assert "6 items, 15 vectors, 0 lost" in result.stdout
    folders = {part.modality: part.folder for part in cached_vectors(cache)}
    assert f"image: {folders['image']}" in result.stdout


def test_extract_as_json_is_what_the_library_finds(tmp_path, monkeypatch, cache):
    catalogue = small_catalogue(tmp_path)
    (tmp_path / "wine-white.png").write_bytes(b"no picture")
    monkeypatch.setattr(features, "default_encoders", lambda catalogue, modalities, progress: counting_encoders())
    answer = json_of("extract", tmp_path)
    with pytest.warns(UserWarning, match="1 part could not be used"):
        found = features.extract(catalogue, counting_encoders(), progress=False)
    assert answer["lost"] == [part._asdict() for part in found.faults]
    assert answer["lost"][0]["id"] == "wine-white"
    assert {name: part["vectors"] for name, part in answer["parts"].items()} == {
        name: int(mask.sum()) for name, mask in found.mask.items()
    }
    assert answer["parts"]["image"]["lost"] == 1
    assert answer["seconds"] > 0


def test_after_an_interruption_only_the_rest_is_made(tmp_path, monkeypatch):
    small_catalogue(tmp_path)
    encoders = counting_encoders()
    monkeypatch.setattr(features, "default_encoders", lambda catalogue, modalities, progress: encoders)
    encode = encoders["image"].encode
    monkeypatch.setattr(encoders["image"], "encode", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    result = run("extract", tmp_path)
    assert result.exit_code == 130
    assert "Interrupted: the vectors that were made are kept; the same command goes on from there." in result.stderr
    before = encoded(encoders)
    assert before["audio"] == 0
    monkeypatch.setattr(encoders["image"], "encode", encode)
    assert run("extract", tmp_path).exit_code == 0
    assert encoded(encoders) == {"text": before["text"], "image": 3, "audio": 2}


def test_encoders_are_chosen_by_name(tmp_path, monkeypatch):
    small_catalogue(tmp_path)
    asked = []

    def others(catalogue, modalities, progress):
        asked.extend(modalities)
        return {name: encoder for name, encoder in counting_encoders().items() if name in modalities}

    monkeypatch.setattr(features, "default_encoders", others)
    monkeypatch.setattr(BertEncoder, "load", lambda: counting_encoders(scale=2)["text"])
    answer = json_of("extract", tmp_path, "--encoder", "text=bert")
    assert asked == ["image", "audio"]
    assert answer["parts"]["text"]["vectors"] == 5


def test_a_modality_twice_or_of_no_item(tmp_path):
    small_catalogue(tmp_path)
    twice = one_sentence(run("extract", tmp_path, "--encoder", "image=cnn", "--encoder", "image=resnet"))
    assert "--encoder image=resnet: image has an encoder already" in twice
    (tmp_path / "metadata.csv").write_text("id,text\na,red wine\n", encoding="utf-8")
    none = one_sentence(run("extract", tmp_path, "--encoder", "image=cnn"))
    assert "--encoder image=cnn: this catalogue has no image, only text." in none


def test_named_and_default_encoders_work_side_by_side(tmp_path, monkeypatch):
    small_shop = small_shop_in(tmp_path, monkeypatch)
    answer = json_of("extract", small_shop, "--encoder", "image=cnn")
    assert answer["parts"]["image"]["encoder"] == "cnn"
    assert answer["parts"]["text"]["encoder"] == "words"
