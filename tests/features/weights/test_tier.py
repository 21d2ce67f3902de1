"""Choosing a tier, and where mini weights lie."""

import pytest

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


def test_the_way_offline_names_the_setting():
    assert "mini tier" in OFFLINE_WAY
    assert SETTING in OFFLINE_WAY
