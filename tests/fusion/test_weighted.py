"""Fusion by weights: against a slow loop, one modality alone, order, given and learned weights."""

import pytest
import torch

from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion import WeightedFusion
from mmr_toolkit.fusion.weighted import ModalityWeights
from mmr_toolkit.similarity.measures import cosine
from some_parts import DIMS, features, holes, shaken

WEIGHTS = {"text": 1.0, "image": 2.5, "audio": 0.5}


def slow_mean(fusion, parts, mask, weights):
    """z = Σ_m w_m t_m / Σ_present w_m for one item after the other, t_m = unit(W_m unit(h_m))."""
    z = torch.zeros(len(mask["text"]), fusion.maps[0].out_features)
    for i in range(len(z)):
        there = [m for m in DIMS if mask[m][i]]
        for m in there:
            h = parts[m][i].double()
            t = fusion.maps[list(DIMS).index(m)].weight.detach().double() @ (h / h.norm())
            z[i] += weights[m] / sum(weights[other] for other in there) * t / t.norm()
    return z


def test_worked_by_hand():
    fusion = WeightedFusion({"text": 2, "image": 1}, dim=2, weights={"text": 3, "image": 1}, learn_weights=False)
    with torch.no_grad():
        fusion.maps[0].weight.copy_(torch.tensor([[0.0, 2.0], [2.0, 0.0]]))  # turns x and y round
        fusion.maps[1].weight.copy_(torch.tensor([[1.0], [1.0]]))
    z, weights = fusion({"text": torch.tensor([[3.0, 4.0]]), "image": torch.tensor([[-7.0]])})
    torch.testing.assert_close(weights, torch.tensor([[0.75, 0.25]]))
    root = 0.5**0.5
    torch.testing.assert_close(z, torch.tensor([[0.75 * 0.8 - 0.25 * root, 0.75 * 0.6 - 0.25 * root]]))


@pytest.mark.parametrize("learn_weights", [True, False])
def test_a_loop_over_items_and_parts_gives_the_same(rng, learn_weights):
    parts, mask = features(rng, 20), holes(rng, 20)
    fusion = WeightedFusion(DIMS, dim=6, weights=WEIGHTS, learn_weights=learn_weights)
    torch.testing.assert_close(fusion(parts, mask)[0], slow_mean(fusion, parts, mask, WEIGHTS))


def test_an_item_with_one_part_is_that_part_in_the_common_space(rng):
    parts = features(rng, 5)
    fusion = shaken(WeightedFusion(DIMS, dim=6, weights=WEIGHTS))
    for i, name in enumerate(DIMS):
        z, weights = fusion({name: parts[name]})
        torch.testing.assert_close(z, unit_rows(unit_rows(parts[name]) @ fusion.maps[i].weight.T))
        assert weights.tolist() == [[float(m == name) for m in DIMS]] * 5


@pytest.mark.parametrize("name", DIMS)
def test_all_weight_on_one_modality_is_that_modality_alone(rng, name):
    parts = features(rng, 12)
    fusion = WeightedFusion(DIMS, dim=6, weights={m: float(m == name) for m in DIMS}, learn_weights=False)
    z, weights = fusion(parts)
    torch.testing.assert_close(z, fusion({name: parts[name]})[0])
    assert weights.tolist() == [[float(m == name) for m in DIMS]] * 12
    with torch.no_grad():  # and where its map keeps angles, the cosines are those of the single modality
        keeps_angles = torch.linalg.qr(torch.randn(8, DIMS[name], generator=torch.Generator().manual_seed(1)))[0]
        fusion.maps[list(DIMS).index(name)].weight = torch.nn.Parameter(keeps_angles)
        for other in set(range(3)) - {list(DIMS).index(name)}:
            fusion.maps[other].weight = torch.nn.Parameter(torch.zeros(8, list(DIMS.values())[other]))
    z, _ = fusion(parts)
    torch.testing.assert_close(cosine(z, z), cosine(parts[name], parts[name]), rtol=1e-4, atol=1e-5)


def test_the_length_of_the_mean_is_at_most_one_and_one_where_there_is_one_part(rng):
    parts, mask = features(rng, 60), holes(rng, 60)
    z, _ = shaken(WeightedFusion(DIMS, dim=6))(parts, mask)
    count = sum(has.int() for has in mask.values())
    torch.testing.assert_close(z[count == 1].norm(dim=1), torch.ones(int((count == 1).sum())))
    assert (z[count > 1].norm(dim=1) < 1).all()


def test_the_order_of_the_modalities_changes_nothing(rng):
    """The same parts under names that stand in another order, with the same matrices and weights."""
    parts, mask = features(rng, 9), holes(rng, 9)
    fusion = shaken(WeightedFusion(DIMS, dim=6, weights=WEIGHTS))
    new_name = {"text": "c", "image": "a", "audio": "b"}
    renamed = WeightedFusion({new_name[m]: d for m, d in DIMS.items()}, dim=6)
    order = [list(DIMS).index(m) for m in sorted(new_name, key=new_name.get)]
    assert order == [1, 2, 0]
    with torch.no_grad():
        for mine, theirs in enumerate(order):
            renamed.maps[mine].weight.copy_(fusion.maps[theirs].weight)
        for name in ("start", "change"):
            getattr(renamed.modality_weights, name).copy_(getattr(fusion.modality_weights, name)[order])
    z, weights = fusion(parts, mask)
    z2, weights2 = renamed({new_name[m]: v for m, v in parts.items()}, {new_name[m]: v for m, v in mask.items()})
    torch.testing.assert_close(z2, z)
    torch.testing.assert_close(weights2, weights[:, order])


@pytest.mark.parametrize("learn", [True, False])
def test_weights_begin_as_given_with_the_sum_one(learn):
    weights = ModalityWeights(DIMS, {"audio": 0.5, "text": 1.0, "image": 2.5}, learn=learn)
    torch.testing.assert_close(weights(), torch.tensor([0.25, 0.625, 0.125]))
    torch.testing.assert_close(ModalityWeights(DIMS, None, learn=learn)(), torch.full((3,), 1 / 3))
    assert len(list(weights.parameters())) == int(learn)


def test_weights_by_hand_are_kept_in_the_state_and_do_not_learn():
    fusion = WeightedFusion(DIMS, dim=4, weights=WEIGHTS, learn_weights=False)
    other = WeightedFusion(DIMS, dim=4, learn_weights=False, seed=1)
    other.load_state_dict(fusion.state_dict())
    parts = {m: torch.ones(1, d) for m, d in DIMS.items()}
    assert torch.equal(other(parts)[0], fusion(parts)[0])
    assert not any("modality_weights" in name for name, _ in fusion.named_parameters())


def test_learned_weights_find_the_modality_that_matters(rng):
    """The target is the text alone, in a space that all maps share already: the weights must find that out."""
    fusion = WeightedFusion(dict.fromkeys(DIMS, 4), dim=4)
    for to_space in fusion.maps:
        to_space.weight = torch.nn.Parameter(torch.eye(4), requires_grad=False)
    parts = features(rng, 40, dict.fromkeys(DIMS, 4))
    optimizer = torch.optim.Adam([fusion.modality_weights.change], lr=0.2)
    for _ in range(60):
        optimizer.zero_grad()
        loss = (fusion(parts)[0] - unit_rows(parts["text"])).square().sum(dim=1).mean()
        loss.backward()
        optimizer.step()
    text, image, audio = fusion.modality_weights().tolist()
    assert text > 0.95
    assert text + image + audio == pytest.approx(1)


def test_all_parts_live_in_one_space_so_items_keep_them_all(rng):
    mask = holes(rng, 9)
    seen = WeightedFusion(DIMS, dim=4).as_seen(mask, ["text"])
    assert all(torch.equal(seen[m], mask[m]) for m in DIMS)


def test_weights_that_are_none():
    with pytest.raises(ValueError, match=r"weights must be finite, not negative and not all zero, got \{'text': -1"):
        WeightedFusion(DIMS, weights=WEIGHTS | {"text": -1}, learn_weights=False)
    with pytest.raises(ValueError, match="not all zero"):
        WeightedFusion(DIMS, weights=dict.fromkeys(DIMS, 0), learn_weights=False)
    with pytest.raises(ValueError, match=r"weights that are learned start above zero.*leave the modality out instead"):
        WeightedFusion(DIMS, weights=WEIGHTS | {"audio": 0})
    with pytest.raises(ValueError, match=r"weights: unknown depth; missing audio\. The modalities here are text"):
        WeightedFusion(DIMS, weights={"text": 1, "image": 1, "depth": 1})
