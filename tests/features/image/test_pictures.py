"""How pictures reach a network: what is refused, strips, augmentation, and the batches that `encode` makes."""

import numpy as np
import pytest
import torch
from PIL import Image

from mmr_toolkit.catalogue import media
from mmr_toolkit.catalogue.media import UnreadableMedia
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.image import pictures
from mmr_toolkit.features.image.cnn import SMALLEST_CROP, augment_pictures
from mmr_toolkit.features.image.pictures import as_tensors, encode_pictures, preprocessing
from mmr_toolkit.features.image.values import check_pictures

RED = Image.new("RGB", (90, 60), "red")


class Means(torch.nn.Module):
    """The mean of each colour; it remembers how it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, bool, bool]] = []

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        self.seen.append((len(batch), self.training, torch.is_grad_enabled()))
        return batch.mean(dim=(2, 3))


# Preprocessing


def test_the_middle_square_scaled_to_the_size_by_pillow():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8))
    small = noise.resize((48, 32), Image.Resampling.BILINEAR).crop((8, 0, 40, 32))
    expected = np.asarray(small).transpose(2, 0, 1) / 255 * 2 - 1
    np.testing.assert_allclose(as_tensors([noise], preprocessing(32))[0], expected, atol=1e-6)
    assert "crop_size=[32]" in str(preprocessing(32))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "LA"])
def test_any_mode(mode):
    assert as_tensors([RED.convert(mode)], preprocessing(8)).shape == (1, 3, 8, 8)


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1), (5000, 3)])
def test_a_strip_is_not_scaled_up_to_gigabytes(size):
    strip = Image.new("RGB", size, "blue")
    strip.paste("red", (size[0] // 2 - 5, size[1] // 2 - 5, size[0] // 2 + 5, size[1] // 2 + 5))
    middle = as_tensors([strip], preprocessing(64))[0]
    assert middle.shape == (3, 64, 64)
    assert middle[0].min() > 0.9  # the red middle


def test_cutting_a_strip_does_not_change_what_is_seen():
    noise = np.random.default_rng(0).integers(0, 256, (40, 400, 3), dtype=np.uint8)
    whole, cut = (preprocessing(20)(Image.fromarray(noise[:, a:b])) for a, b in ((0, 400), (140, 260)))
    torch.testing.assert_close(whole, cut)
    torch.testing.assert_close(as_tensors([Image.fromarray(noise)], preprocessing(20))[0], whole)


# What is refused


def test_pictures_without_a_vector_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(media, "MAX_PIXELS", 10_000)
    RED.save(tmp_path / "red.png", compress_level=0)
    cut = tmp_path / "cut.png"
    cut.write_bytes((tmp_path / "red.png").read_bytes()[:5000])
    values = [RED, Image.new("RGB", (101, 100)), Image.new("RGB", (0, 5)), Image.open(cut), RED]
    with pytest.raises(UnencodableValue) as caught:
        check_pictures(values)
    assert caught.value.reasons[1] == "101 x 100 pixels, at most 10,000 are read"
    assert caught.value.reasons[2] == "0 x 5 pixels, expected at least one"
    assert "the PNG picture is cut off or damaged" in caught.value.reasons[3]
    assert set(caught.value.reasons) == {1, 2, 3}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (RED, TypeError, r"got an Image. Put a single value into a list"),
        ([], ValueError, "empty list"),
        ([RED, None], ValueError, "Value 1 is None"),
        ([np.zeros((8, 8, 3))], TypeError, r"Value 0 is a ndarray, expected pictures \(PIL images or paths\)"),
    ],
)
def test_values_that_are_no_list_of_pictures(values, error, message):
    with pytest.raises(error, match=message):
        check_pictures(values)


def test_files_that_are_no_pictures(tmp_path):
    (tmp_path / "note.png").write_text("not a picture", encoding="utf-8")
    with pytest.raises(UnreadableMedia, match="not a picture"):
        encode_pictures(Means(), preprocessing(8), [tmp_path / "note.png"], batch_size=4, device="cpu")
    with pytest.raises(FileNotFoundError, match=r"nothing\.png"):
        encode_pictures(Means(), preprocessing(8), [tmp_path / "nothing.png"], batch_size=4, device="cpu")


# Through the network


def test_vectors_in_order_in_batches_without_gradients(tmp_path):
    RED.save(tmp_path / "red.png")
    values = [
        RED,
        Image.new("RGB", (8, 8), "blue"),
        tmp_path / "red.png",
        Image.new("L", (9, 9)),
        str(tmp_path / "red.png"),
    ]
    network = Means().train()
    vectors = encode_pictures(network, preprocessing(8), values, batch_size=2, device="cpu")
    np.testing.assert_allclose(vectors, [[1, -1, -1], [-1, -1, 1], [1, -1, -1], [-1, -1, -1], [1, -1, -1]], atol=1e-6)
    assert vectors.dtype == np.float32
    assert network.seen == [(2, False, False), (2, False, False), (1, False, False)]


def test_a_cpu_takes_a_batch_of_large_pictures_in_pieces(monkeypatch):
    values = [Image.new("RGB", (8, 8), (i, 2 * i, 255 - i)) for i in range(7)]
    whole, pieces, single = Means(), Means(), Means()
    expected = encode_pictures(whole, preprocessing(8), values, batch_size=5, device="cpu")
    assert [n for n, *_ in whole.seen] == [5, 2]
    monkeypatch.setattr(pictures, "CPU_PIXELS", 3 * 8 * 8)
    np.testing.assert_allclose(
        encode_pictures(pieces, preprocessing(8), values, batch_size=5, device="cpu"), expected, atol=1e-6
    )
    assert [n for n, *_ in pieces.seen] == [3, 2, 2]
    monkeypatch.setattr(pictures, "CPU_PIXELS", 5)  # less than one picture
    np.testing.assert_allclose(
        encode_pictures(single, preprocessing(8), values, batch_size=5, device="cpu"), expected, atol=1e-6
    )
    assert [n for n, *_ in single.seen] == [1] * 7


def test_half_precision_comes_back_as_float32():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 5))
    full, half = (
        encode_pictures(network, preprocessing(8), [RED], batch_size=1, device="cpu", precision=precision)
        for precision in ("float32", "bfloat16")
    )
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, full, atol=0.02)
    assert not np.array_equal(half, full)


# Augmentation


def gradient(n: int = 400, size: int = 32) -> torch.Tensor:
    """Pictures whose first colour is the place from left to right, the second from top to bottom, the third grey."""
    place = torch.linspace(-1, 1, 2 * size + 1)[1::2]
    across, down = place.expand(size, size), place[:, None].expand(size, size)
    return torch.stack([across, down, torch.zeros(size, size)]).expand(n, 3, size, size)


@pytest.fixture(scope="module")
def augmented() -> torch.Tensor:
    """Crops of the gradients, with the brightness taken out again: black is -1, and grey was 0."""
    changed = augment_pictures(gradient(), torch.Generator().manual_seed(0))
    return (changed + 1) / (changed[:, 2:] + 1).mean(dim=(2, 3), keepdim=True) - 1


def test_crops_lie_anywhere_inside_and_are_squares(augmented):
    inner = augmented[:, :, 2:-2, 2:-2]
    step = (inner[:, 0, :, 1:] - inner[:, 0, :, :-1]).mean(dim=(1, 2)) / (2 / 32)
    side = (inner[:, 1, 1:] - inner[:, 1, :-1]).mean(dim=(1, 2)) / (2 / 32)
    unclipped = augmented.amax(dim=(1, 2, 3)) < 0.6  # brightness cuts the lightest pixels off
    torch.testing.assert_close(step.abs()[unclipped], side[unclipped], atol=0.02, rtol=0)
    assert SMALLEST_CROP - 0.02 < side[unclipped].min() < SMALLEST_CROP + 0.1
    assert (step < 0).float().mean().item() == pytest.approx(0.5, abs=0.08)  # mirrored
    assert (side > 0).all()  # never upside down
    middle = inner[:, :2].mean(dim=(2, 3))
    assert middle.abs().max() < 1 - SMALLEST_CROP + 0.05
    assert middle.std(dim=0).min() > 0.03


def test_brightness_keeps_the_hue():
    colour = torch.tensor([0.2, -0.4, -0.8])[None, :, None, None].expand(300, 3, 16, 16)
    changed = augment_pictures(colour, torch.Generator().manual_seed(0))[:, :, 8, 8] + 1
    ratio = changed / (colour[:, :, 8, 8] + 1)
    torch.testing.assert_close(ratio[:, 0], ratio[:, 2], atol=1e-4, rtol=0)
    assert ratio.min() > 0.799
    assert ratio.max() < 1.201
    assert ratio[:, 0].std() > 0.1


def test_one_generator_one_result_and_the_input_stays():
    batch = gradient(8).clone()
    first, again = (augment_pictures(batch, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(batch, gradient(8))
    assert not torch.equal(first, augment_pictures(batch, torch.Generator().manual_seed(4)))
