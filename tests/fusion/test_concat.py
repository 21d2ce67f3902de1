"""Fusion by concatenation: worked by hand, holes and what they do to a ranking, names, the linear map behind."""

import pytest
import torch

from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion import ConcatFusion, restrict
from mmr_toolkit.similarity.exact_search import top_k
from mmr_toolkit.similarity.measures import SIMILARITIES, cosine, inner_product
from some_parts import DIMS, features, holes

WEIGHTS = {"text": 1.0, "image": 2.5, "audio": 0.5}


def slow_score(q, q_has, x, x_has, weights):
    """The formula in the text of concat.py: Σ_both w cos / √(W_q W_x)."""
    cos = {m: float(torch.nn.functional.cosine_similarity(q[m], x[m], dim=0)) for m in weights}
    top = sum(w * cos[m] for m, w in weights.items() if q_has[m] and x_has[m])
    w_q, w_x = (sum(w for m, w in weights.items() if has[m]) for has in (q_has, x_has))
    return top / (w_q * w_x) ** 0.5 if w_q > 0 and w_x > 0 else 0.0


# Values


def test_worked_by_hand():
    z, weights = ConcatFusion({"text": 1, "image": 3})(
        {"text": torch.tensor([[3.0, 4.0]]), "image": torch.tensor([[0.0, -7.0, 0.0]])}
    )
    torch.testing.assert_close(weights, torch.tensor([[0.25, 0.75]]))
    torch.testing.assert_close(z, torch.tensor([[0.5 * 0.6, 0.5 * 0.8, 0.0, -(0.75**0.5), 0.0]]))


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_fusion_has_the_block_identity_and_all_three_similarities_agree(rng, similarity):
    queries, items = features(rng, 4), features(rng, 60)
    fusion = ConcatFusion(WEIGHTS)
    (z_q, _), (z_x, _) = fusion(queries), fusion(items)
    expected = sum(w / 4.0 * cosine(queries[m], items[m]) for m, w in WEIGHTS.items())
    torch.testing.assert_close(inner_product(z_q, z_x), expected)
    places = top_k(z_q, z_x, 10, similarity)[1]
    torch.testing.assert_close(expected.gather(1, places), expected.topk(10).values)


def test_holes_follow_the_formula(rng):
    queries, items, q_mask, x_mask = features(rng, 20), features(rng, 20), holes(rng, 20), holes(rng, 20)
    fusion = ConcatFusion(WEIGHTS)
    (z_q, w_q), (z_x, _) = fusion(queries, q_mask), fusion(items, x_mask)
    scores = inner_product(z_q, z_x)
    for i in range(20):
        for j in range(20):
            q, q_has = ({m: v[i] for m, v in part.items()} for part in (queries, q_mask))
            x, x_has = ({m: v[j] for m, v in part.items()} for part in (items, x_mask))
            assert float(scores[i, j]) == pytest.approx(slow_score(q, q_has, x, x_has, WEIGHTS), abs=1e-6)
    some = torch.stack(list(q_mask.values())).any(dim=0)
    torch.testing.assert_close(w_q.sum(dim=1), some.float())
    torch.testing.assert_close(z_q.norm(dim=1), some.float())


def test_an_item_with_one_part_is_the_block_of_that_part(rng):
    parts = features(rng, 3)
    fusion = ConcatFusion(WEIGHTS, DIMS)
    start = 0
    for name, d in DIMS.items():
        z, weights = fusion({name: parts[name]})
        torch.testing.assert_close(z[:, start : start + d], unit_rows(parts[name]))
        assert z[:, :start].abs().sum() == z[:, start + d :].abs().sum() == 0
        assert weights.tolist() == [[float(m == name) for m in DIMS]] * 3
        start += d


@pytest.mark.parametrize("name", DIMS)
def test_all_weight_on_one_modality_is_that_modality(rng, name):
    """Weights (1, 0, 0): also with holes, and without a nan from 0 / 0."""
    queries, items = features(rng, 5), features(rng, 30)
    fusion = ConcatFusion({m: float(m == name) for m in DIMS})
    (z_q, _), (z_x, w_x) = fusion(queries), fusion(items)
    torch.testing.assert_close(inner_product(z_q, z_x), cosine(queries[name], items[name]))
    assert w_x.tolist() == [[float(m == name) for m in DIMS]] * 30
    mask = {m: torch.full((30,), m != name) for m in DIMS}
    z, weights = fusion(items, mask)
    assert z.abs().sum() == weights.abs().sum() == 0


def test_only_the_ratios_of_the_weights_count(rng):
    parts, mask = features(rng, 9), holes(rng, 9)
    torch.testing.assert_close(
        ConcatFusion(WEIGHTS)(parts, mask)[0], ConcatFusion({m: 100 * w for m, w in WEIGHTS.items()})(parts, mask)[0]
    )
    torch.testing.assert_close(ConcatFusion()(parts, mask)[0], ConcatFusion(dict.fromkeys(DIMS, 7))(parts, mask)[0])


# Holes


def test_a_row_of_zeros_is_a_hole(rng):
    parts = features(rng, 2)
    parts["audio"][1] = 0
    z, weights = ConcatFusion()(parts)
    assert weights[1].tolist() == [0.5, 0.5, 0.0]
    assert float(z[1].norm()) == pytest.approx(1)


def test_an_item_without_any_part_is_zero(rng):
    z, weights = ConcatFusion()(features(rng, 3), {m: torch.tensor([True, False, True]) for m in DIMS})
    assert z[1].abs().sum() == weights[1].abs().sum() == 0


@pytest.fixture
def shelf(rng):
    """Four items and a query: complete twin, text-only twin, twin without sound, near miss whose sound is unlike."""
    part = {m: unit_rows(v) for m, v in features(rng, 1).items()}
    unlike = unit_rows(
        part["audio"].roll(1, dims=1) - (part["audio"].roll(1, dims=1) @ part["audio"].T) * part["audio"]
    )
    items = {m: v.repeat(5, 1) for m, v in part.items()}
    items["audio"][3] = unlike  # cosine 0
    mask = {
        "text": torch.tensor([True, True, True, True, False]),
        "image": torch.tensor([True, False, True, True, True]),
        "audio": torch.tensor([True, False, False, True, False]),
    }
    return part, items, mask


def ask(part, items, mask, names, *, as_the_query_sees_them):
    fusion = ConcatFusion(dims=DIMS)
    z_q, _ = fusion({name: part[name] for name in names})
    z_x, _ = fusion(items, restrict(mask, names) if as_the_query_sees_them else mask)
    return inner_product(z_q, z_x)[0].tolist()


def test_joined_with_all_their_parts_poorer_items_score_higher(shelf):
    """Why `restrict` is needed: the same text, and the item that has nothing else is first."""
    scores = ask(*shelf, ["text"], as_the_query_sees_them=False)
    assert scores == pytest.approx([3**-0.5, 1, 2**-0.5, 3**-0.5, 0], abs=1e-6)


def test_seen_as_the_query_sees_them_holes_beside_the_question_do_not_matter(shelf):
    scores = ask(*shelf, ["text"], as_the_query_sees_them=True)
    assert scores == pytest.approx([1, 1, 1, 1, 0], abs=1e-6)  # the last lacks the text: 0


def test_a_hole_that_is_asked_for_costs_less_than_a_part_that_is_unlike(shelf):
    complete, text_only, no_sound, unlike_sound, picture_only = ask(*shelf, list(DIMS), as_the_query_sees_them=True)
    assert complete == pytest.approx(1)
    assert no_sound == pytest.approx((2 / 3) ** 0.5)  # mean of the two cosines, times √(W_S / W_q)
    assert unlike_sound == pytest.approx(2 / 3)
    assert [text_only, picture_only] == pytest.approx([(1 / 3) ** 0.5] * 2)


def test_the_score_after_restrict_is_the_mean_cosine_times_the_root_of_the_coverage(rng):
    query, items, mask = features(rng, 1), features(rng, 200), holes(rng, 200)
    names = ["image", "audio"]
    fusion = ConcatFusion(WEIGHTS, DIMS)
    z_q, _ = fusion({m: query[m] for m in names})
    z_x, _ = fusion(items, restrict(mask, names))
    w = torch.tensor([WEIGHTS[m] for m in names])
    both = torch.stack([mask[m] for m in names], dim=1)
    cos = torch.cat([cosine(items[m], query[m]) for m in names], dim=1)
    covered = (both * w).sum(dim=1)
    mean = (both * w * cos).sum(dim=1) / covered.clamp(min=1e-9)
    torch.testing.assert_close(inner_product(z_q, z_x)[0], mean * (covered / w.sum()).sqrt(), rtol=1e-5, atol=1e-6)


def test_items_with_holes_are_not_favoured_on_the_whole(rng):
    """Half of the items have a hole, at random: about half of the first places should go to them, not more."""
    n = 2000
    query, items = features(rng, 50), features(rng, n)
    mask = {m: torch.ones(n, dtype=torch.bool) for m in DIMS}
    for i, j in enumerate(rng.integers(0, 2, n // 2)):
        mask[("image", "audio")[j]][i] = False
    fusion = ConcatFusion(dims=DIMS)
    for names in (["text"], ["text", "image"], list(DIMS)):
        z_q, _ = fusion({m: query[m] for m in names})
        fair = top_k(z_q, fusion(items, restrict(mask, names))[0], 10)[1]
        assert float((fair < n // 2).float().mean()) < 0.56
        if names == ["text"]:
            naive = top_k(z_q, fusion(items, mask)[0], 10)[1]
            assert float((naive < n // 2).float().mean()) > 0.8


# Names and dimensions


def test_dimensions_are_learned_from_the_first_call(rng):
    fusion = ConcatFusion()
    assert fusion.dims is None
    parts = features(rng, 2, {"text": 5, "image": 7})  # a catalogue without sound
    assert fusion(parts)[0].shape == (2, 12)
    assert fusion.dims == {"text": 5, "image": 7}
    assert fusion.modalities == ("text", "image")
    assert fusion({"image": parts["image"]})[0].shape == (2, 12)
    with pytest.raises(ValueError, match=r"vectors: unknown audio\. The modalities here are text, image\."):
        fusion({"audio": torch.ones(2, 3)})
    with pytest.raises(ValueError, match=r"text has 4 dimensions, this fusion expects 5"):
        fusion({"text": torch.ones(2, 4)})


def test_a_modality_of_any_name_needs_only_a_weight(rng):
    dims = DIMS | {"depth": 4, "braille": 2}
    z, weights = ConcatFusion(dict.fromkeys(dims, 1))(features(rng, 3, dims))
    assert z.shape == (3, 21)
    torch.testing.assert_close(weights, torch.full((3, 5), 0.2))


def test_names_that_do_not_fit_the_weights_are_listed(rng):
    parts = features(rng, 2)
    with pytest.raises(ValueError, match=r"vectors: missing image, audio\."):
        ConcatFusion(WEIGHTS)({"text": parts["text"]})
    with pytest.raises(ValueError, match=r"dims: unknown depth; missing image\."):
        ConcatFusion({"text": 1, "image": 1}, dims={"text": 2, "depth": 3})


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_weights_must_be_finite_and_not_negative(bad):
    with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
        ConcatFusion({"text": 1.0, "image": bad})


@pytest.mark.parametrize("weights", [{}, {"text": 0}, {"text": 0.0, "image": 0.0}])
def test_some_weight_must_be_left(weights):
    with pytest.raises(ValueError, match="not all zero"):
        ConcatFusion(weights)


def test_gradients_reach_what_has_a_weight_and_are_finite(rng):
    parts = {m: v.requires_grad_() for m, v in features(rng, 4).items()}
    z, _ = ConcatFusion({"text": 1, "image": 1, "audio": 0})(parts, holes(rng, 4))
    (z * torch.arange(z.shape[1])).sum().backward()
    assert all(torch.isfinite(v.grad).all() for v in parts.values())
    assert parts["text"].grad.abs().sum() > 0
    assert parts["audio"].grad.abs().sum() == 0


# The linear map behind


def test_with_a_linear_map_the_joined_blocks_are_mapped(rng):
    parts, mask = features(rng, 8), holes(rng, 8)
    fusion = ConcatFusion(WEIGHTS, DIMS, dim=4)
    z, weights = fusion(parts, mask)
    joined, expected_weights = ConcatFusion(WEIGHTS, DIMS)(parts, mask)
    torch.testing.assert_close(z, joined @ fusion.linear.weight.T)
    torch.testing.assert_close(weights, expected_weights)
    assert fusion.linear.weight.shape == (4, 15)
    assert fusion.linear.bias is None  # an item without any part stays at zero


def test_with_a_linear_map_items_keep_all_their_parts(rng):
    mask = {m: v.numpy() for m, v in holes(rng, 9).items()}
    blocks, mapped = (ConcatFusion(dims=DIMS, dim=dim).as_seen(mask, ["text"]) for dim in (None, 4))
    assert all(mapped[m].tolist() == mask[m].tolist() for m in DIMS)
    assert blocks["text"].tolist() == mask["text"].tolist()
    assert not blocks["image"].any()
    assert not blocks["audio"].any()


def test_a_linear_map_needs_to_know_the_dimensions():
    with pytest.raises(ValueError, match="a linear map to 4 dimensions needs dims: how many each modality brings"):
        ConcatFusion(dim=4)
