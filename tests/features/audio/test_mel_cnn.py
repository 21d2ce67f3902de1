"""The sound network: what it reads, lengths that do not matter, learning from labels, saving and loading."""

import json

import numpy as np
import pytest
import torch

from clips import click_at_the_end, clip
from mmr_toolkit.features.audio.log_mel import LogMel
from mmr_toolkit.features.audio.mel_cnn import MOST_SHIFT, MelCnnEncoder, MelNetwork, levels, shift_in_time
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint
from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from mmr_toolkit.features.weights.folder import save_weights

N = 24


def hiss(seed: int, n_samples: int = 8_000) -> np.ndarray:
    """Noise in three bursts, another class than `clip`."""
    rng = np.random.default_rng(seed)
    bursts = np.sin(3 * np.pi * np.arange(n_samples) / n_samples) ** 8
    return (0.3 * bursts * rng.standard_normal(n_samples)).astype(np.float32)


SOUNDS = [clip(seed, 6_000 + 100 * seed) if seed % 2 else hiss(seed, 6_000 + 100 * seed) for seed in range(N)]
LABELS = {"what": ["tone" if seed % 2 else "noise" for seed in range(N)]}


@pytest.fixture(scope="module")
def encoder() -> MelCnnEncoder:
    return MelCnnEncoder.train(SOUNDS, LABELS, epochs=6, dim=16, progress=False)


# What the network reads


def test_levels_go_from_the_floor_0_to_the_loudest_point_1_and_end_with_the_sound():
    log_mel = LogMel()
    padded, n_samples = torch.zeros(2, 16_000), torch.tensor([16_000, 5_000])
    padded[0], padded[1, :5_000] = torch.from_numpy(clip(0)), torch.from_numpy(0.01 * clip(1, 5_000))
    read = levels(log_mel, padded, n_samples)
    assert read.shape == (2, 64, 101)
    n_frames = log_mel.n_frames(n_samples).tolist()
    for row, n in zip(read, n_frames, strict=True):
        assert row[:, :n].isfinite().all()
        assert row[:, n:].isnan().all()
        assert (float(row[:, :n].min()), float(row[:, :n].max())) == (pytest.approx(0, abs=1e-5), 1)
    decibels = log_mel(padded[1:, :5_000])[0]
    by_hand = (decibels - decibels.max() + 40) / 40
    torch.testing.assert_close(read[1, :, : n_frames[1]], by_hand, atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="top_db is None; expected a number of dB"):
        levels(LogMel(top_db=None), padded, n_samples)


def slow_network(network: MelNetwork, read: torch.Tensor) -> torch.Tensor:
    """The vector of one unpadded sound (n_mels, T): torch's own layers in a row, without any mask."""
    maps = read[None, None]
    for block in network.blocks:
        maps = block(maps)
    pooled = torch.cat([maps.mean(dim=-1), maps.amax(dim=-1)], dim=1).flatten(1)
    return network.centre(network.project(pooled))[0]


@pytest.mark.parametrize("n_frames", [1, 2, 7, 8, 9, 50, 101])
def test_the_network_alone_and_padded(n_frames):
    generator = torch.Generator().manual_seed(0)
    network = MelNetwork(40, 8)
    for weights in network.parameters():
        torch.nn.init.normal_(weights, std=0.3, generator=generator)
    network.train()(torch.rand((8, 40, 101), generator=generator))  # the norms learn means, not 0, and deviations
    network.eval()
    read = torch.rand((40, n_frames), generator=generator)
    padded = torch.full((2, 40, 120), torch.nan)
    padded[0, :, :n_frames] = read
    padded[1] = torch.rand((40, 120), generator=generator)
    with torch.inference_mode():
        expected = slow_network(network, read)
        torch.testing.assert_close(network(read[None])[0], expected, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(network(padded)[0], expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("n_mels", [1, 15, 16, 17, 33, 64, 65])
def test_bands_that_do_not_halve_evenly_are_all_heard(n_mels):
    """Each block leaves half of the bands, rounded up, as its convolution does; the linear layer takes them all."""
    network = MelNetwork(n_mels, 8).eval()
    read = torch.rand((n_mels, 20), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(network(read[None])[0], slow_network(network, read), atol=1e-5, rtol=1e-4)
    left = n_mels
    for _ in range(4):
        left = (left + 1) // 2
    assert network.project.in_features == 2 * 96 * left


def test_a_shift_moves_all_bands_alike_and_loses_nothing():
    batch = torch.arange(3 * 4 * 50, dtype=torch.float32).reshape(3, 4, 50)
    shifted = shift_in_time(batch, torch.Generator().manual_seed(1))
    found = []
    for row, moved in zip(batch, shifted, strict=True):
        shifts = [s for s in range(-MOST_SHIFT, MOST_SHIFT + 1) if torch.equal(row.roll(s, dims=1), moved)]
        assert len(shifts) == 1
        found += shifts
    assert len(set(found)) > 1
    assert not torch.equal(shift_in_time(batch, torch.Generator().manual_seed(2)), shifted)


# The encoder


def test_what_was_learned_tells_new_sounds_apart(encoder):
    assert list(encoder.history.columns) == ["loss", "what"]
    assert encoder.history["loss"].iloc[-1] < encoder.history["loss"].iloc[0] / 2
    asked, found = encoder.encode([clip(91), hiss(90)]), encoder.encode([clip(81), clip(83), hiss(82), hiss(84)])
    cosines = (
        asked @ found.T / np.linalg.norm(asked, axis=1, keepdims=True) / np.linalg.norm(found, axis=1, keepdims=True).T
    )
    assert cosines[0, :2].min() > 0.5 > 0 > cosines[0, 2:].max()
    assert cosines[1, 2:].min() > 0.5 > 0 > cosines[1, :2].max()


def test_a_sound_is_encoded_alike_alone_and_among_longer_and_louder_ones(encoder):
    sounds = [clip(1, 600), 20 * clip(2), clip(3, 40_000), 0.01 * clip(4, 5_000), clip(5, 512), click_at_the_end(5_100)]
    together = encoder.encode(sounds)
    assert together.shape == (6, encoder.dim) == (6, 16)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([sound]) for sound in sounds])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(sounds, batch_size=2), alone, atol=1e-4)


def test_loudness_and_channels_do_not_matter(encoder):
    stereo = np.stack([0.015 * clip(1), 0.005 * clip(1)])
    np.testing.assert_allclose(encoder.encode([clip(1)]), encoder.encode([(stereo, 16_000)]), atol=1e-4)


def test_training_can_be_repeated(encoder):
    again = MelCnnEncoder.train(SOUNDS, LABELS, epochs=6, dim=16, progress=False)
    np.testing.assert_array_equal(
        again.encode(SOUNDS), encoder.encode(SOUNDS)
    )  # exact: the same weights, saved and loaded
    other = MelCnnEncoder.train(SOUNDS, LABELS, epochs=6, dim=16, seed=1, progress=False)
    assert np.abs(other.encode(SOUNDS) - encoder.encode(SOUNDS)).max() > 0.1


def test_what_its_vectors_depend_on(encoder):
    assert isinstance(encoder, Identified)
    assert json.loads(json.dumps(encoder.settings)) == encoder.settings
    other = MelCnnEncoder.train(SOUNDS, LABELS, epochs=1, dim=16, progress=False)
    assert other.settings == encoder.settings
    assert fingerprint(other) != fingerprint(encoder)
    assert fingerprint(MelCnnEncoder(encoder.network, LogMel(top_db=60.0))) != fingerprint(encoder)


def test_saved_and_loaded(encoder, tmp_path):
    save_weights(tmp_path / "one", encoder.network, encoder.settings)
    loaded = MelCnnEncoder.load(tmp_path / "one")
    assert loaded.settings == encoder.settings
    assert loaded.history is None
    np.testing.assert_allclose(loaded.encode(SOUNDS), encoder.encode(SOUNDS), atol=0.02)  # 16 bits have three digits
    save_weights(tmp_path / "two", loaded.network, loaded.settings)
    assert fingerprint(MelCnnEncoder.load(tmp_path / "two")) == fingerprint(loaded)


# What is refused


def test_folders_that_hold_no_sound_network(encoder, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        MelCnnEncoder.load(tmp_path / "nowhere")
    save_weights(tmp_path, encoder.network, {"channels": [8, 16]})
    with pytest.raises(ValueError, match="has the settings channels; expected dim and log_mel"):
        MelCnnEncoder.load(tmp_path)
    save_weights(tmp_path, encoder.network, encoder.settings | {"dim": 17})
    with pytest.raises(ValueError, match=r"Of another shape: .*expected \[17\]"):
        MelCnnEncoder.load(tmp_path)
    save_weights(tmp_path, encoder.network.blocks, encoder.settings)
    with pytest.raises(ValueError, match="Missing: blocks"):
        MelCnnEncoder.load(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="model.safetensors"):
        MelCnnEncoder.load(tmp_path)


@pytest.mark.parametrize(
    ("sounds", "labels", "options", "error", "message"),
    [
        (SOUNDS[:4], {"what": ["a", "b"]}, {}, ValueError, "2 values of the label 'what' for 4 inputs"),
        (SOUNDS[:4], {"what": ["a"] * 4}, {}, NothingToLearn, "no label has two different values"),
        (SOUNDS[:4], LABELS, {"dim": 0}, ValueError, "dim is 0; expected at least 1"),
        ([], {"what": []}, {}, ValueError, "empty list"),
        ([clip(0), np.zeros(16_000, np.float32)], {"what": ["a", "b"]}, {}, UnencodableValue, "value 1: .* silent"),
    ],
)
def test_sounds_and_labels_that_teach_nothing(sounds, labels, options, error, message):
    with pytest.raises(error, match=message):
        MelCnnEncoder.train(sounds, labels, progress=False, **options)


def test_sounds_that_say_nothing(encoder):
    with pytest.raises(UnencodableValue, match="value 1: the sound is silent"):
        encoder.encode([clip(0), np.zeros(16_000, np.float32)])
    with pytest.raises(ValueError, match="Value 0 is None"):
        encoder.encode([None])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_the_gpu_agrees_with_the_processor(encoder):
    on_gpu = encoder.encode(SOUNDS, device="cuda")
    np.testing.assert_allclose(on_gpu, encoder.encode(SOUNDS, device="cpu"), atol=1e-2)
