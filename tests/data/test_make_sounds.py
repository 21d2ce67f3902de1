"""The sounds of the built-in shop: what must hold of each class, of a recording and of the files."""

import dataclasses
import io

import numpy as np
import pytest
import soundfile
from scipy.signal import hilbert

import recordings
from attributes import TYPES
from shop import build_shop
from sounds import CLIP_SAMPLES, RATE, SOUNDS, record, room
from sounds.filters import damped_modes, slow_noise
from sounds.liquids import MINNAERT, bubbles

pytestmark = pytest.mark.slow


def clean(sound, n_clips=6):
    """A few clean clips of a class, without room and noise: (n_clips, 16000)."""
    return np.stack([SOUNDS[sound](np.random.default_rng([7, i])) for i in range(n_clips)])


def power_spectrum(clips):
    """Frequencies and mean power per frequency of clips (n, 16000)."""
    return np.fft.rfftfreq(CLIP_SAMPLES, 1 / RATE), (np.abs(np.fft.rfft(clips)) ** 2).mean(axis=0)


def brightness(sound):
    """The spectral centroid of a class, Hz."""
    frequencies, power = power_spectrum(clean(sound))
    return (frequencies * power).sum() / power.sum()


def ringing(sound):
    """The share of 10 ms frames that are within 40 dB of the loudest: long for what rings."""
    frames = (clean(sound, 12).reshape(12, 100, 160) ** 2).mean(axis=2)
    return (frames > 1e-4 * frames.max(axis=1, keepdims=True)).mean()


def decode(content):
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return samples, rate


# --- one recording


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_recording_depends_on_its_seed_only(sound):
    first, again, other = (record(sound, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other, atol=0.01)


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_recording_is_one_second_of_finite_samples_below_full_scale(sound):
    for seed in range(3):
        recording = record(sound, np.random.default_rng(seed))
        assert recording.shape == (16_000,)
        assert recording.dtype == np.float32
        assert np.isfinite(recording).all()
        low, high = (10 ** (level / 20) for level in room.LEVEL)
        assert low - 1e-6 <= np.abs(recording).max() <= high + 1e-6 < 1


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_clean_sound_is_one_second(sound):
    clip = SOUNDS[sound](np.random.default_rng(0))
    assert clip.shape == (16_000,)
    assert clip.dtype == np.float64


def test_an_unknown_class_is_refused_with_the_list_of_classes():
    with pytest.raises(ValueError, match=r"'tap_gold'; expected one of tap_glass, .*foot_rubber"):
        record("tap_gold", np.random.default_rng(0))


def test_the_classes_are_those_of_the_shop():
    assert set(SOUNDS) == {sound for kind in TYPES.values() for sound in kind.sounds}


# --- the physics of the classes


def test_a_mode_falls_by_60_db_in_its_ring_time():
    tone = damped_modes(np.random.default_rng(0), 1000, (1,), 0.3, damping=0.2, dullness=1, contact=0.0002)
    envelope = 20 * np.log10(np.abs(hilbert(tone)))
    fall = envelope[800] - envelope[800 + int(0.15 * RATE)]  # half of the ring time
    assert fall == pytest.approx(30, abs=1)


def test_higher_modes_die_first():
    tone = damped_modes(np.random.default_rng(0), 500, (1, 6), 0.3, damping=1.0, dullness=0, contact=0.0002)
    early, late = (np.abs(np.fft.rfft(tone[start : start + 1600])) for start in (0, 1600))
    low, high = slice(40, 60), slice(280, 320)  # 400 to 600 and 2,800 to 3,200 Hz
    assert late[high].max() / late[low].max() < 0.1 * early[high].max() / early[low].max()


def test_a_bubble_sounds_at_its_minnaert_frequency():
    clip = bubbles(np.random.default_rng(0), 50, (0.002, 0.002), 15, 0, 1)
    frequencies, power = power_spectrum(clip[None])
    assert frequencies[power.argmax()] == pytest.approx(MINNAERT / 0.002, rel=0.03)


def test_slow_noise_has_unit_deviation():
    assert slow_noise(np.random.default_rng(0), 50 * RATE, 30).std() == pytest.approx(1, abs=0.1)


def test_glass_and_metal_ring_longest_then_ceramic_then_plastic():
    glass, metal, ceramic, plastic = map(ringing, ("tap_glass", "tap_metal", "tap_ceramic", "tap_plastic"))
    assert min(glass, metal) > 1.5 * ceramic
    assert ceramic > 1.2 * plastic


@pytest.mark.parametrize(
    ("brighter", "duller"),
    [
        ("tap_glass", "tap_wood"),
        ("tap_ceramic", "tap_plastic"),
        ("crunch", "squish"),
        ("cloth_silk", "cloth_denim"),
        ("cloth_denim", "cloth_wool"),
        ("foot_leather", "foot_rubber"),
    ],
)
def test_one_class_is_brighter_than_another(brighter, duller):
    assert brightness(brighter) > 1.3 * brightness(duller)


def test_sparkling_has_more_energy_above_3_khz_than_still():
    def share_above_3_khz(sound):
        frequencies, power = power_spectrum(clean(sound))
        return power[frequencies > 3000].sum() / power.sum()

    assert share_above_3_khz("pour_sparkling") > 3 * share_above_3_khz("pour_still")


def test_rubber_steps_are_low_pitched():
    frequencies, power = power_spectrum(clean("foot_rubber", 12))
    assert frequencies[power.argmax()] < 250


def test_the_background_noise_keeps_the_ratio_asked_for(monkeypatch):
    """With a sound that fills the whole clip, loud and noisy parts can be told apart: they are at different pitches."""
    monkeypatch.setattr(room, "SNR", (10.0, 10.0))
    monkeypatch.setattr(room, "_in_room", lambda sound, rng: sound)
    monkeypatch.setattr(room, "_through_microphone", lambda sound, rng: sound)
    tone = np.sin(2 * np.pi * 3000 * np.arange(CLIP_SAMPLES) / RATE)
    _, power = power_spectrum(room.capture(tone, np.random.default_rng(0))[None])
    # The loudest 30 % of a sine's squares have the mean 1/2 + sin(.3 pi) / (.6 pi) = .929, not 1/2.
    expected = 10 * np.log10(0.5 / 0.929) + 10
    assert 10 * np.log10(power[3000] / np.delete(power, 3000).sum()) == pytest.approx(expected, abs=0.2)


# --- the recordings of the products


@pytest.fixture(scope="module")
def products():
    return build_shop()


def test_a_recording_knows_only_sound_id_and_view(products):
    product = products[0]
    same = dataclasses.replace(product, type="tea", colour="green", pattern="dotted", note="mint", brand="Oko", price=1)
    np.testing.assert_array_equal(recordings.record_product(product, 0), recordings.record_product(same, 0))
    for other, view in [
        (product, 1),
        (dataclasses.replace(product, id="tshirt-01-9"), 0),
        (dataclasses.replace(product, sound="zip"), 0),
    ]:
        assert not np.allclose(recordings.record_product(product, 0), recordings.record_product(other, view), atol=0.01)


def test_a_file_holds_one_second_at_16_khz(products):
    recording = recordings.record_product(products[0], 0)
    content = recordings.encode(recording)
    samples, rate = decode(content)
    assert rate == 16_000
    assert samples.shape == (16_000, 1)
    assert len(content) < 4_000
    again, _ = decode(recordings.encode(recording))  # the bytes differ in the serial number of the stream
    np.testing.assert_array_equal(samples, again)


def test_a_run_makes_what_is_missing_and_keeps_the_rest(products, tmp_path):
    complete = next(p for p in products if p.missing == "")
    soundless = next(p for p in products if p.missing == "audio")
    for name in recordings.FOLDERS:
        (tmp_path / name).mkdir()
    assert recordings.make_recordings(complete, tmp_path) == 2
    assert recordings.make_recordings(soundless, tmp_path) == 1
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    made = [f"audio/{complete.id}.opus", f"query_audio/{complete.id}.opus", f"query_audio/{soundless.id}.opus"]
    assert files == sorted(made)

    kept, lost = tmp_path / made[0], tmp_path / made[1]
    kept.write_bytes(b"kept")
    lost.unlink()
    recordings.run([complete, soundless], tmp_path, workers=1)
    assert kept.read_bytes() == b"kept"
    assert lost.exists()


# --- the committed files


def spectrum_in_db(samples):
    """The long-term spectrum of a clip in 40 bands of 200 Hz, dB."""
    power = np.abs(np.fft.rfft(samples[:, 0])[:8000]) ** 2
    return 10 * np.log10(power.reshape(40, 200).sum(axis=1) + 1e-6)


@pytest.mark.parametrize("position", [1, 600, 1100])
@pytest.mark.parametrize("view", [0, 1])
def test_a_recording_made_again_is_the_committed_one(products, position, view):
    """On one machine the samples are equal; another processor may round, and code, a little differently."""
    product = products[position]
    committed, _ = decode((recordings.SHOP_FOLDER / recordings.FOLDERS[view] / f"{product.id}.opus").read_bytes())
    remade, _ = decode(recordings.encode(recordings.record_product(product, view)))
    assert np.abs(remade - committed).mean() < 0.02 * np.abs(committed).max()
    assert np.abs(spectrum_in_db(remade) - spectrum_in_db(committed)).mean() < 1


def test_the_committed_recordings_are_complete(products):
    for view, folder in enumerate(recordings.FOLDERS):
        expected = {f"{p.id}.opus" for p in products if view == 1 or p.missing != "audio"}
        assert {path.name for path in (recordings.SHOP_FOLDER / folder).iterdir()} == expected
    assert not any(recordings.wanted_views(p, recordings.SHOP_FOLDER) for p in products)


@pytest.mark.parametrize("folder", recordings.FOLDERS)
def test_committed_recordings_are_whole_audible_and_not_clipped(folder):
    for path in sorted((recordings.SHOP_FOLDER / folder).iterdir())[::8]:
        samples, rate = decode(path.read_bytes())
        assert (rate, samples.shape) == (16_000, (16_000, 1)), path.name
        assert 0.05 < np.abs(samples).max() < 1, path.name
