"""Fusion by concatenation: the block identity, weights, holes and what they do to a ranking, names, errors."""

import doctest
import warnings

import pytest
import torch
from hypothesis import given, settings, strategies as st

from mmr_toolkit.fusion import ConcatFusion, in_order, join_blocks, restrict, share_weights
from mmr_toolkit.similarity import SIMILARITIES, cosine, inner_product, top_k
from mmr_toolkit.vectors import unit_rows

DIMS = {"text": 5, "image": 7, "audio": 3}
WEIGHTS = {"text": 1.0, "image": 2.5, "audio": 0.5}


def features(rng, n, dims=DIMS):
    """Parts of very different size: without normalising, the largest would decide alone."""
    return {
        name: torch.from_numpy(rng.standard_normal((n, d)) * 10.0**i).float()
        for i, (name, d) in enumerate(dims.items())
    }


def holes(rng, n, names=DIMS):
    return {name: torch.from_numpy(rng.random(n) < 0.6) for name in names}


def slow_score(q, q_has, x, x_has, weights):
    """The formula in the text of fusion.py: Σ_both w cos / √(W_q W_x)."""
    cos = {m: float(torch.nn.functional.cosine_similarity(q[m], x[m], dim=0)) for m in weights}
    top = sum(w * cos[m] for m, w in weights.items() if q_has[m] and x_has[m])
    w_q, w_x = (sum(w for m, w in weights.items() if has[m]) for has in (q_has, x_has))
    return top / (w_q * w_x) ** 0.5 if w_q > 0 and w_x > 0 else 0.0


# Values


def test_the_examples_in_the_docstrings():
    from mmr_toolkit import fusion

    assert doctest.testmod(fusion) == (0, 4)  # failed, attempted


def test_worked_by_hand():
    z, weights = ConcatFusion({"text": 1, "image": 3})(
        {"text": torch.tensor([[3.0, 4.0]]), "image": torch.tensor([[0.0, -7.0, 0.0]])}
    )
    torch.testing.assert_close(weights, torch.tensor([[0.25, 0.75]]))
    torch.testing.assert_close(z, torch.tensor([[0.5 * 0.6, 0.5 * 0.8, 0.0, -(0.75**0.5), 0.0]]))


def test_block_identity(rng):
    """⟨√w ⊙ x, √w ⊙ y⟩ is the weighted sum of the cosines of the parts."""
    queries, items = features(rng, 4), features(rng, 6)
    w = torch.tensor([0.2, 0.5, 0.3])
    joined = [
        join_blocks([unit_rows(part[m]) for m in DIMS], w.expand(len(part["text"]), 3)) for part in (queries, items)
    ]
    expected = sum(w[i] * cosine(queries[m], items[m]) for i, m in enumerate(DIMS))
    torch.testing.assert_close(inner_product(*joined), expected)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_fusion_has_the_block_identity_and_all_three_similarities_agree(rng, similarity):
    queries, items = features(rng, 4), features(rng, 60)
    fusion = ConcatFusion(WEIGHTS)
    (z_q, _), (z_x, _) = fusion(queries), fusion(items)
    expected = sum(w / 4.0 * cosine(queries[m], items[m]) for m, w in WEIGHTS.items())
    torch.testing.assert_close(inner_product(z_q, z_x), expected)
    assert top_k(z_q, z_x, 10, similarity)[1].tolist() == expected.argsort(dim=1, descending=True)[:, :10].tolist()


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


def test_scale_of_a_part_does_not_matter(rng):
    parts = features(rng, 4)
    scaled = {m: v * s for (m, v), s in zip(parts.items(), (1e-20, 3.0, 1e20), strict=True)}
    torch.testing.assert_close(ConcatFusion()(scaled)[0], ConcatFusion()(parts)[0])


def test_the_order_of_the_names_does_not_matter(rng):
    parts, mask = features(rng, 4), holes(rng, 4)
    z, weights = ConcatFusion(WEIGHTS)(parts, mask)
    z2, weights2 = ConcatFusion(dict(reversed(WEIGHTS.items())))(
        dict(reversed(parts.items())), dict(reversed(mask.items()))
    )
    assert torch.equal(z, z2)
    assert torch.equal(weights, weights2)


@given(
    st.lists(st.floats(0, 10), min_size=3, max_size=3).filter(any),
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=6),
)
@settings(deadline=None)
def test_shares_sum_to_one_over_what_is_present(weights, present):
    weights, present = torch.tensor(weights, dtype=torch.float64), torch.tensor(present)
    shares = share_weights(weights, present)
    any_weight = (present & (weights > 0)).any(dim=1)
    torch.testing.assert_close(shares.sum(dim=1), any_weight.double())
    assert (shares[~present] == 0).all()
    assert torch.isfinite(shares).all()


# Holes


def test_what_stands_in_a_hole_does_not_matter(rng):
    parts, mask = features(rng, 6), holes(rng, 6)
    mask["text"][2] = False
    z, weights = ConcatFusion()(parts, mask)
    parts["text"][2] = float("nan")
    z2, weights2 = ConcatFusion()(parts, mask)
    assert torch.equal(z, z2)
    assert torch.equal(weights, weights2)


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


def test_restrict_leaves_the_mask_as_it_was(rng):
    mask = {m: has.numpy() for m, has in holes(rng, 5).items()}
    before = {m: has.copy() for m, has in mask.items()}
    seen = restrict(mask, ("text",))
    assert seen["text"].tolist() == before["text"].tolist()
    assert not seen["image"].any()
    assert all((mask[m] == before[m]).all() for m in mask)


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


def test_a_fourth_modality_needs_only_a_weight(rng):
    dims = DIMS | {"depth": 4, "braille": 2}
    parts = features(rng, 3, dims)
    z, weights = ConcatFusion(dict.fromkeys(dims, 1))(parts)
    assert z.shape == (3, 21)
    assert weights.shape == (3, 5)
    assert in_order(dims) == ("text", "image", "audio", "braille", "depth")


def test_unknown_and_missing_names_are_listed(rng):
    parts = features(rng, 2)
    with pytest.raises(
        ValueError, match=r"vectors: unknown picture, video\. The modalities here are text, image, audio\."
    ):
        ConcatFusion()({"picture": parts["image"], "video": parts["image"]})
    with pytest.raises(ValueError, match=r"vectors: missing image, audio\."):
        ConcatFusion(WEIGHTS)({"text": parts["text"]})
    with pytest.raises(ValueError, match=r"mask: unknown sound; missing audio\."):
        ConcatFusion()(parts, {m: torch.ones(2, dtype=torch.bool) for m in ("text", "image", "sound")})
    with pytest.raises(ValueError, match=r"dims: unknown depth; missing image\."):
        ConcatFusion({"text": 1, "image": 1}, dims={"text": 2, "depth": 3})
    with pytest.raises(ValueError, match=r"no modality given: expected some of text, image, audio"):
        ConcatFusion()({})


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_weights_must_be_finite_and_not_negative(bad):
    with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
        ConcatFusion({"text": 1.0, "image": bad})


@pytest.mark.parametrize("weights", [{}, {"text": 0}, {"text": 0.0, "image": 0.0}])
def test_some_weight_must_be_left(weights):
    with pytest.raises(ValueError, match="not all zero"):
        ConcatFusion(weights)


def test_rows_that_do_not_fit(rng):
    parts = features(rng, 3)
    with pytest.raises(ValueError, match=r"one row per item, got \{'text': 3, 'image': 2, 'audio': 3\} rows"):
        ConcatFusion()(parts | {"image": parts["image"][:2]})
    everything = {m: torch.ones(3, dtype=torch.bool) for m in DIMS}
    with pytest.raises(ValueError, match=r"audio: the mask has shape \(2,\) for 3 rows"):
        ConcatFusion()(parts, everything | {"audio": torch.ones(2, dtype=torch.bool)})
    with pytest.raises(TypeError, match=r"text: the mask must be an array or tensor of bool, .* got torch.float32"):
        ConcatFusion()(parts, everything | {"text": torch.ones(3)})
    with pytest.raises(TypeError, match=r"text: the mask must be .* got list"):
        restrict({"text": [True, False]}, ["text"])
    parts["image"][1, 2] = float("nan")
    with pytest.raises(ValueError, match=r"image: row 1 holds nan or infinity"):
        ConcatFusion()(parts)
    with pytest.raises(ValueError, match=r"text: expected shape \(n, d\).*got \(5,\)"):
        ConcatFusion()({"text": torch.ones(5)})


# Inputs


def test_numpy_and_torch_give_the_same_and_inputs_stay_as_they_were(rng):
    parts, mask = features(rng, 6), holes(rng, 6)
    arrays = {m: v.numpy().copy() for m, v in parts.items()}
    masks = {m: v.numpy().copy() for m, v in mask.items()}
    for array in (*arrays.values(), *masks.values()):
        array.flags.writeable = False  # as read from a file; torch would warn about it
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        z, weights = ConcatFusion()(arrays, masks)
    z2, weights2 = ConcatFusion()(parts, mask)
    assert torch.equal(z, z2)
    assert torch.equal(weights, weights2)
    assert z.dtype == weights.dtype == torch.float32


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float16, 1e-3), (torch.bfloat16, 1e-2), (torch.float64, 1e-6)])
def test_dtypes(rng, dtype, tolerance):
    parts = features(rng, 6)
    z, _ = ConcatFusion()({m: v.to(dtype) for m, v in parts.items()})
    assert z.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(z.float(), ConcatFusion()(parts)[0], rtol=tolerance, atol=tolerance)


def test_gradients_flow_and_are_finite(rng):
    parts = {m: v.requires_grad_() for m, v in features(rng, 4).items()}
    z, _ = ConcatFusion({"text": 1, "image": 1, "audio": 0})(parts, holes(rng, 4))
    (z * torch.arange(z.shape[1])).sum().backward()
    assert all(torch.isfinite(v.grad).all() for v in parts.values())
    assert parts["text"].grad.abs().sum() > 0
    assert parts["audio"].grad.abs().sum() == 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_result_is_where_the_tensors_are(rng):
    parts, mask = features(rng, 6), holes(rng, 6)
    z, weights = ConcatFusion()({m: v.cuda() for m, v in parts.items()}, mask)
    assert z.is_cuda
    assert weights.is_cuda
    torch.testing.assert_close(z.cpu(), ConcatFusion()(parts, mask)[0])
