"""What every fusion takes and refuses: NumPy and torch, any precision, a GPU; errors that list what is known."""

import warnings

import pytest
import torch

from mmr_toolkit.fusion import ConcatFusion, ResidualFusion, restrict
from some_parts import DIMS, FUSIONS, features, holes, shaken

each_fusion = pytest.mark.parametrize("make", FUSIONS.values(), ids=FUSIONS)
LEARNED = {name: make for name, make in FUSIONS.items() if name != "blocks"}
each_that_learns = pytest.mark.parametrize("make", LEARNED.values(), ids=LEARNED)


# Inputs


@each_fusion
def test_numpy_and_torch_give_the_same_and_inputs_stay_as_they_were(rng, make):
    parts, mask = features(rng, 6), holes(rng, 6)
    arrays = {m: v.numpy().copy() for m, v in parts.items()}
    masks = {m: v.numpy().copy() for m, v in mask.items()}
    for array in (*arrays.values(), *masks.values()):
        array.flags.writeable = False  # as read from a file; torch would warn about it
    fusion = shaken(make(DIMS))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        z, weights = fusion(arrays, masks)
    z2, weights2 = fusion(parts, mask)
    torch.testing.assert_close((z2, weights2), (z, weights))
    assert z.dtype == weights.dtype == torch.float32


@each_fusion
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float16, 5e-3), (torch.bfloat16, 5e-2), (torch.float32, 1e-6), (torch.float64, 1e-5)],
    ids=str,
)
def test_parts_of_any_precision_give_the_same_within_it(rng, make, dtype, tolerance):
    parts, mask = features(rng, 6), holes(rng, 6)
    fusion = shaken(make(DIMS))
    z, weights = fusion({m: v.to(dtype) for m, v in parts.items()}, mask)
    learned = next(fusion.parameters(), None)
    assert z.dtype == (torch.float64 if dtype == torch.float64 and learned is None else torch.float32)
    z2, weights2 = fusion(parts, mask)
    torch.testing.assert_close(z.float(), z2, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(weights.float(), weights2, rtol=tolerance, atol=tolerance)


@each_that_learns
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.bfloat16, 0.1), (torch.float64, 1e-5)], ids=str)
def test_the_precision_of_what_is_learned_decides(rng, make, dtype, tolerance):
    parts, mask = features(rng, 6), holes(rng, 6)
    fusion = shaken(make(DIMS))
    expected = fusion(parts, mask)[0]
    z, weights = fusion.to(dtype)(parts, mask)
    assert z.dtype == weights.dtype == dtype
    torch.testing.assert_close(z.float(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@each_fusion
def test_on_a_gpu_the_result_is_the_same_and_stays_there(rng, make):
    parts, mask = features(rng, 6), holes(rng, 6)
    fusion = shaken(make(DIMS))
    expected = fusion(parts, mask)
    answer = fusion.cuda()({m: v.cuda() for m, v in parts.items()}, mask)
    for on_gpu, on_cpu in zip(answer, expected, strict=True):
        assert on_gpu.is_cuda
        torch.testing.assert_close(on_gpu.cpu(), on_cpu, rtol=1e-3, atol=1e-4)


# Errors


@each_fusion
def test_unknown_and_missing_names_are_listed(rng, make):
    parts = features(rng, 2)
    with pytest.raises(
        ValueError, match=r"vectors: unknown picture, video\. The modalities here are text, image, audio\."
    ):
        make(DIMS)({"picture": parts["image"], "video": parts["image"]})
    with pytest.raises(ValueError, match=r"mask: unknown sound; missing audio\."):
        make(DIMS)(parts, {m: torch.ones(2, dtype=torch.bool) for m in ("text", "image", "sound")})
    with pytest.raises(ValueError, match=r"no modality given: expected some of text, image, audio"):
        make(DIMS)({})


@each_fusion
def test_rows_dimensions_and_numbers_that_do_not_fit(rng, make):
    parts = features(rng, 3)
    fusion = make(DIMS)
    with pytest.raises(ValueError, match=r"one row per item, got \{'text': 3, 'image': 2, 'audio': 3\} rows"):
        fusion(parts | {"image": parts["image"][:2]})
    with pytest.raises(ValueError, match=r"text has 4 dimensions, this fusion expects 5"):
        fusion({"text": torch.ones(2, 4)})
    everything = {m: torch.ones(3, dtype=torch.bool) for m in DIMS}
    with pytest.raises(ValueError, match=r"audio: the mask has shape \(2,\) for 3 rows"):
        fusion(parts, everything | {"audio": torch.ones(2, dtype=torch.bool)})
    with pytest.raises(TypeError, match=r"text: the mask must be an array or tensor of bool, .* got torch.float32"):
        fusion(parts, everything | {"text": torch.ones(3)})
    with pytest.raises(TypeError, match=r"text: expected a NumPy array or a torch tensor .* got list"):
        fusion({"text": [1.0, 2.0]})
    with pytest.raises(ValueError, match=r"text: expected shape \(n, d\).*got \(5,\)"):
        fusion({"text": torch.ones(5)})
    parts["image"][1, 2] = float("nan")
    with pytest.raises(ValueError, match=r"image: row 1 holds nan or infinity"):
        fusion(parts)


def test_a_mask_must_be_an_array_of_bool():
    with pytest.raises(TypeError, match=r"text: the mask must be .* got list"):
        restrict({"text": [True, False]}, ["text"])
    with pytest.raises(TypeError, match=r"text: the mask must be .* got torch.int64"):
        ResidualFusion(DIMS).as_seen({"text": torch.ones(2, dtype=torch.int64)}, ["text"])


@pytest.mark.parametrize("dims", [{}, {"text": 0}, {"text": 3, "image": -1}])
def test_dims_must_name_something(dims):
    with pytest.raises(ValueError, match="dims must name at least one modality, each with 1 dimension or more"):
        ConcatFusion(dims=dims)
