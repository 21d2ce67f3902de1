"""Choosing a tier, and where mini weights lie."""

import shutil
from pathlib import Path

import pytest

from mmr_toolkit.features import CnnEncoder
from mmr_toolkit.features.weights import tier
from mmr_toolkit.features.weights.tier import OFFLINE_WAY, SETTING, TIERS, choose_tier, mini_weights


@pytest.mark.parametrize("known", TIERS)
def test_a_tier_by_argument_or_by_the_environment(monkeypatch, known):
    other = next(name for name in TIERS if name != known)
    monkeypatch.setenv(SETTING, other)
    assert choose_tier(known) == known
    assert choose_tier() == other


def test_without_a_choice_it_is_mini(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    assert choose_tier() == "mini"


@pytest.mark.parametrize("wrong", ["", "Mini", "large"])
def test_unknown_tiers_name_the_known_ones_and_where_it_was_asked_for(monkeypatch, wrong):
    with pytest.raises(ValueError, match=f"^tier is '{wrong}'; expected one of mini, full"):
        choose_tier(wrong)
    monkeypatch.setenv(SETTING, wrong)
    with pytest.raises(
        ValueError, match=f"^the environment variable MMR_TIER is '{wrong}'; expected one of mini, full"
    ):
        choose_tier()


def test_mini_weights_lie_in_the_data_folder(monkeypatch, tmp_path):
    (tmp_path / "weights" / "bert").mkdir(parents=True)
    monkeypatch.setattr(tier, "data_folder", lambda: tmp_path)
    assert mini_weights("bert") == tmp_path / "weights" / "bert"
    (tmp_path / "weights" / "note").write_text("not a folder", encoding="utf-8")
    for name in ("resnet", "note"):
        with pytest.raises(FileNotFoundError, match=f"{name}: no such mini weights.*make weights"):
            mini_weights(name)


@pytest.fixture
def own_data(monkeypatch, tmp_path) -> Path:
    """A data folder elsewhere, with one network and the list of checksums."""
    data = tmp_path / "data"
    (data / "cornershop").mkdir(parents=True)
    shutil.copytree(tier.data_folder() / "weights/cnn", data / "weights/cnn")
    shutil.copy(tier.data_folder() / "SHA256SUMS", data)
    monkeypatch.setenv("MMR_DATA", str(data))
    return data


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_damaged_mini_weights_are_noticed_and_named(own_data, name):
    CnnEncoder.load()
    path = own_data / "weights/cnn" / name
    raw = bytearray(path.read_bytes())
    raw[-20] ^= 1  # one bit of one number: nothing else would notice
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=rf"{name} is damaged: its checksum is .*SHA256SUMS.*git checkout"):
        CnnEncoder.load()
    path.unlink()
    with pytest.raises(ValueError, match=rf"{name} is missing, but listed in"):
        CnnEncoder.load()


def test_weights_of_your_own_need_no_list(own_data, tmp_path):
    CnnEncoder.load().save(tmp_path / "mine")
    CnnEncoder.load(tmp_path / "mine")
    shutil.copytree(tmp_path / "mine", own_data / "weights/cnn", dirs_exist_ok=True)
    CnnEncoder.load(own_data / "weights/cnn")  # by its folder: it is yours
    (own_data / "SHA256SUMS").unlink()
    CnnEncoder.load()  # a data folder without a list


@pytest.mark.parametrize("name", ["bert", "cnn", "mel-cnn", "resnet"])
def test_the_weights_of_the_repository_are_whole(name):
    assert (mini_weights(name) / "model.safetensors").is_file()


def test_the_way_offline_names_the_setting():
    assert "mini tier" in OFFLINE_WAY
    assert SETTING in OFFLINE_WAY
