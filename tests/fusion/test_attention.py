"""Fusion by attention: against a slow loop for one head and torch's formula for more, order, one part, extremes."""

import math

import pytest
import torch

from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion import AttentionFusion
from mmr_toolkit.fusion.attention import attention_shares
from some_parts import DIMS, features, holes, shaken


def slow_norm(values, weight):
    """(v − mean) / √(variance + 1e-5), times what was learned."""
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return weight * (values - mean) / math.sqrt(variance + 1e-5)


def slow_attention(fusion, parts):
    """One head, one item, in loops: every part that is there looks at all that are there, then they are pooled."""
    look, names = fusion.parts.look, list(fusion.dims)
    w_query, w_key, w_value = look.in_proj_weight.chunk(3)
    b_query, b_key, b_value = look.in_proj_bias.chunk(3)
    tokens = []
    for m, h in parts.items():
        place = names.index(m)
        tokens.append(fusion.parts.maps[place].weight @ (h / h.norm()) + fusion.parts.names[place])
    states = []
    for token in tokens:
        query = w_query @ token + b_query
        scores = [float(query @ (w_key @ other + b_key)) / math.sqrt(len(token)) for other in tokens]
        total = sum(math.exp(score) for score in scores)
        seen = sum(
            math.exp(score) / total * (w_value @ other + b_value) for score, other in zip(scores, tokens, strict=True)
        )
        states.append(slow_norm(token + look.out_proj.weight @ seen + look.out_proj.bias, fusion.parts.norm.weight))
    logits = [float(fusion.pool.weight[0] @ state) for state in states]
    shares = [math.exp(logit) / sum(math.exp(other) for other in logits) for logit in logits]
    return sum(share * state for share, state in zip(shares, states, strict=True)), shares


@torch.no_grad()
def test_a_loop_over_the_parts_of_each_item_gives_the_same(rng):
    parts, mask = features(rng, 15), holes(rng, 15)
    fusion = shaken(AttentionFusion(DIMS, dim=6, heads=1))
    z, weights = fusion(parts, mask)
    for i in range(14):  # the last item has no part
        there = [m for m in DIMS if mask[m][i]]
        if there:
            expected, shares = slow_attention(fusion, {m: parts[m][i] for m in there})
            torch.testing.assert_close(z[i], expected, rtol=1e-4, atol=1e-5)
            columns = [list(DIMS).index(m) for m in there]
            assert weights[i, columns].tolist() == pytest.approx(shares, abs=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_torch_s_formula_for_several_heads_gives_the_same(rng, heads):
    parts, mask = features(rng, 15), holes(rng, 15)
    for has in mask.values():
        has[-1] = True
    mask["text"][:] = True  # no item without any part: the formula has no answer for it
    fusion = shaken(AttentionFusion(DIMS, dim=8, heads=heads))
    tokens = torch.stack([m(unit_rows(parts[n])) for m, n in zip(fusion.parts.maps, DIMS, strict=True)], dim=1)
    tokens = tokens + fusion.parts.names
    present = torch.stack([mask[m] for m in DIMS], dim=1)
    look = fusion.parts.look
    projected = tokens @ look.in_proj_weight.T + look.in_proj_bias
    query, key, value = (p.reshape(15, 3, heads, -1).transpose(1, 2) for p in projected.chunk(3, dim=2))
    seen = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=present[:, None, None, :])
    states = fusion.parts.norm(tokens + look.out_proj(seen.transpose(1, 2).reshape(15, 3, 8)))
    logits = (states @ fusion.pool.weight[0]).masked_fill(~present, -torch.inf)
    z, weights = fusion(parts, mask)
    torch.testing.assert_close(weights, logits.softmax(dim=1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(z, (logits.softmax(dim=1)[:, :, None] * states).sum(dim=1), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_an_item_with_one_part_is_the_state_of_that_part(rng):
    """Alone, a part can only look at itself: attention is one, and so is its weight."""
    parts = features(rng, 5)
    fusion = shaken(AttentionFusion(DIMS, dim=8, heads=2))
    look = fusion.parts.look
    for i, name in enumerate(DIMS):
        z, weights = fusion({name: parts[name]})
        token = fusion.parts.maps[i](unit_rows(parts[name])) + fusion.parts.names[i]
        value = token @ look.in_proj_weight[16:].T + look.in_proj_bias[16:]
        torch.testing.assert_close(z, fusion.parts.norm(token + look.out_proj(value)), rtol=1e-4, atol=1e-5)
        assert weights.tolist() == [[float(m == name) for m in DIMS]] * 5


def test_the_order_of_the_modalities_changes_nothing(rng):
    """The same parts under names that stand in another order, with the same matrices."""
    parts, mask = features(rng, 9), holes(rng, 9)
    fusion = shaken(AttentionFusion(DIMS, dim=8))
    new_name = {"text": "c", "image": "a", "audio": "b"}
    renamed = AttentionFusion({new_name[m]: d for m, d in DIMS.items()}, dim=8).eval()
    order = [list(DIMS).index(m) for m in sorted(new_name, key=new_name.get)]
    assert order == [1, 2, 0]
    state = fusion.state_dict()
    for mine, theirs in enumerate(order):
        state[f"parts.maps.{mine}.weight"] = fusion.parts.maps[theirs].weight
    state["parts.names"] = fusion.parts.names[order]
    renamed.load_state_dict(state)
    z, weights = fusion(parts, mask)
    z2, weights2 = renamed({new_name[m]: v for m, v in parts.items()}, {new_name[m]: v for m, v in mask.items()})
    torch.testing.assert_close(z2, z, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(weights2, weights[:, order], rtol=1e-4, atol=1e-5)


def test_each_item_decides_by_itself(rng):
    _, weights = shaken(AttentionFusion(DIMS, dim=8))(features(rng, 40))
    assert (weights.std(dim=0) > 0.01).all()


def test_dropout_only_while_training(rng):
    parts = features(rng, 5)
    fusion = AttentionFusion(DIMS, dim=8, dropout=0.5)
    first, second = fusion.train()(parts)[0], fusion(parts)[0]
    assert not torch.equal(first, second)
    assert torch.equal(fusion.eval()(parts)[0], fusion(parts)[0])  # exact: the same computation twice


def test_shares_by_hand():
    logits = torch.tensor([[0.0, math.log(3), 5.0], [1.0, 1.0, 1.0], [2.0, 0.0, 0.0]])
    present = torch.tensor([[True, True, False], [False, False, False], [False, True, True]])
    expected = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    torch.testing.assert_close(attention_shares(logits, present), expected)


def test_shares_of_logits_as_large_as_numbers_go():
    logits = torch.tensor([[3e38, -3e38, 3e38], [-3e38, -3e38, 0.0]], requires_grad=True)
    present = torch.tensor([[True, True, True], [True, True, False]])
    shares = attention_shares(logits, present)
    torch.testing.assert_close(shares, torch.tensor([[0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]))
    shares[:, 0].sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_all_parts_live_in_one_space_so_items_keep_them_all(rng):
    mask = {m: has.numpy() for m, has in holes(rng, 9).items()}
    seen = AttentionFusion(DIMS, dim=4).as_seen(mask, ["text"])
    assert all(seen[m].tolist() == mask[m].tolist() for m in DIMS)


@pytest.mark.parametrize(("dim", "heads"), [(6, 4), (8, 3), (8, 0), (8, -2)])
def test_dim_must_be_a_multiple_of_heads(dim, heads):
    with pytest.raises(ValueError, match=rf"{dim} dimensions cannot be shared among {heads} heads: dim must be a"):
        AttentionFusion(DIMS, dim=dim, heads=heads)
