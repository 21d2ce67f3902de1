"""Fusions on disk: the same vectors bit for bit, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion, WeightedFusion
from mmr_toolkit.retrieval.saved.parts import PLENTY, SAVED_FUSIONS, load_fusion, read_sealed, save_fusion, write_sealed
from some_fusions import DIMS, FUSIONS, ITEMS, MASK, QUERY


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fusion.safetensors"


@pytest.fixture
def saved(path):
    """A trained fusion with a few of everything in it."""
    save_fusion(FUSIONS["residual attention with a joint part"](), path)
    return path


def assert_same(fusion, other):
    """The same kind, settings, and answers bit for bit, with holes and other weights too."""
    assert type(other) is type(fusion)
    assert other.settings == fusion.settings
    assert other.modalities == fusion.modalities
    for arguments in ((ITEMS, MASK), (QUERY,), ({"text": ITEMS["text"]},), (ITEMS, MASK, {"text": 2.5, "audio": 0})):
        for found, expected in zip(other(*arguments), fusion(*arguments), strict=True):
            assert torch.equal(found, expected)
    for part in DIMS:
        seen, expected = other.as_seen(MASK, [part]), fusion.as_seen(MASK, [part])
        assert all(torch.equal(seen[name], expected[name]) for name in expected)


def test_every_entry_of_the_table_is_tried_here():
    assert {type(make()) for make in FUSIONS.values()} == set(SAVED_FUSIONS.values())


@pytest.mark.parametrize("name", FUSIONS)
def test_a_loaded_fusion_is_the_same_bit_for_bit(name, path):
    fusion, state = FUSIONS[name](), torch.get_rng_state()
    save_fusion(fusion, path)
    assert_same(fusion, load_fusion(path))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("weights", [None, {"text": 3, "image": 0, "audio": 1}])
def test_dimensions_that_a_first_call_taught_are_kept(path, weights):
    fusion = ConcatFusion(weights)
    fusion(ITEMS, MASK)
    save_fusion(fusion, path)
    assert load_fusion(path).dims == DIMS
    assert_same(fusion, load_fusion(path))


def test_a_fusion_that_was_never_called_still_learns_its_dimensions(path):
    save_fusion(ConcatFusion(), path)
    loaded = load_fusion(path)
    assert loaded.dims is None
    loaded(ITEMS)
    assert loaded.dims == DIMS


def test_weights_given_by_hand_stay_and_modalities_may_have_other_names(path):
    fusion = WeightedFusion({"depth": 2, "text": 4}, 3, weights={"depth": 3, "text": 1}, learn_weights=False)
    save_fusion(fusion, path)
    loaded = load_fusion(path)
    assert loaded.modalities == in_order(["depth", "text"])
    assert [name for name, _ in loaded.named_parameters()] == [name for name, _ in fusion.named_parameters()]
    parts = {"text": ITEMS["text"], "depth": ITEMS["image"][:, :2]}
    assert torch.equal(loaded(parts)[0], fusion(parts)[0])
    assert loaded(parts)[1][0].tolist() == [0.25, 0.75]


def test_a_fusion_that_computes_in_double_precision_stays_so(path):
    fusion = FUSIONS["plain weighted"]().double()
    save_fusion(fusion, path)
    assert_same(fusion, load_fusion(path))
    assert load_fusion(path)(ITEMS)[0].dtype == torch.float64


def test_it_can_be_trained_on_and_begins_in_evaluation_mode(saved):
    loaded = load_fusion(saved)
    assert not loaded.training
    assert all(parameter.requires_grad for parameter in loaded.parameters())
    loaded.train()(ITEMS, MASK)[0].sum().backward()
    assert all(parameter.grad is not None for parameter in loaded.corrections.parameters())


def test_a_fusion_of_your_own_is_refused_with_the_table(path):
    class Mine(ConcatFusion):
        pass

    with pytest.raises(ValueError, match="a Mine cannot be saved; expected one of concat, weighted, attention, resid"):
        save_fusion(Mine(), path)
    assert not path.exists()


# What is not loaded


def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError, match=r"fusion\.safetensors: no such file"):
        load_fusion(path)


def test_a_file_of_weights_is_no_fusion(path):
    save_file(FUSIONS["plain weighted"]().state_dict(), path)
    with pytest.raises(ValueError, match="is damaged, or is no file of this toolkit"):
        load_fusion(path)


def test_any_damaged_byte_is_found(saved):
    whole, expected = saved.read_bytes(), load_fusion(saved)
    rng = np.random.default_rng(1)
    refused = 0
    for position in rng.integers(0, len(whole), 300):
        damaged = bytearray(whole)
        damaged[position] = rng.integers(0, 256)
        saved.write_bytes(damaged)
        try:
            assert_same(expected, load_fusion(saved))
        except ValueError:
            refused += 1
    assert refused > 280


def changed(path, tensors=None, **changes):
    """Another file, sealed by someone who knows how."""
    plain, old = read_sealed(path, "fusion")
    write_sealed(path, "fusion", plain | changes, old if tensors is None else old | tensors)


@pytest.mark.parametrize("kind", ["os.system", ["concat"], None])
def test_an_entry_that_is_not_in_the_table_is_refused(saved, kind):
    changed(saved, fusion=kind)
    with pytest.raises(ValueError, match="no fusion can be built from this file"):
        load_fusion(saved)


@pytest.mark.parametrize(
    "settings",
    [
        None,
        {},
        {"dims": {}},
        {"dims": {"text": 4}},
        {"dims": {"text": "4"}},
        {"dims": DIMS, "kind": "sum"},
        {"dims": DIMS, "kind": "attention", "joint": 0.3, "width": 5, "dim": 10**12},
        {"dims": DIMS, "unknown": 1},
        {"dims": {"text": 10**30}},
    ],
)
def test_settings_that_do_not_fit_are_refused_without_taking_memory(saved, settings):
    changed(saved, settings=settings)
    with pytest.raises(ValueError, match="no fusion can be built from this file"):
        load_fusion(saved)


@pytest.mark.parametrize("dim", [PLENTY + 1, 2**20 + 1, 10**12])
def test_a_common_space_larger_than_all_that_was_saved_is_refused_before_it_is_drawn(saved, dim, monkeypatch):
    changed(saved, settings=read_sealed(saved, "fusion")[0]["settings"] | {"dim": dim})
    drawn = []
    monkeypatch.setitem(SAVED_FUSIONS, "residual", lambda **settings: drawn.append(settings))
    with pytest.raises(ValueError, match=rf"its settings say {dim:,} dimensions, and no tensor of it has so many"):
        load_fusion(saved)
    assert drawn == []


def test_as_many_dimensions_as_were_saved_are_fine(path):
    fusion = WeightedFusion({"text": 1}, PLENTY + 1)
    save_fusion(fusion, path)
    assert load_fusion(path).settings == fusion.settings


def test_numbers_of_another_shape_or_name_are_refused(saved):
    for tensors in ({"lean.weight": torch.ones(3)}, {"more": torch.ones(1)}):
        whole = saved.read_bytes()
        changed(saved, tensors)
        with pytest.raises(ValueError, match="these are no weights of a ResidualFusion"):
            load_fusion(saved)
        saved.write_bytes(whole)


def test_numbers_that_are_none_are_refused(path):
    fusion = ResidualFusion(DIMS, "concat")
    with torch.no_grad():
        fusion.corrections[0].layers[0].bias[2] = torch.nan
    save_fusion(fusion, path)
    with pytest.raises(ValueError, match=r"corrections.0.layers.0.bias: nan or infinity among what was learned"):
        load_fusion(path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PLAIN)
def test_loading_does_not_wait_for_the_compiler_of_torch(kind, tmp_path):
    """Arithmetic on tensors without numbers once made every start of the search page four seconds slower."""
    save_fusion(ResidualFusion(DIMS, kind, joint=0.2), tmp_path / "fusion.safetensors")
    program = (
        "import sys\nfrom mmr_toolkit.retrieval.saved.parts import load_fusion\n"
        "load_fusion(sys.argv[1])\nprint('torch._dynamo' in sys.modules)"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "fusion.safetensors")]
    assert subprocess.run(run, capture_output=True, encoding="utf-8", check=True).stdout.strip() == "False"
