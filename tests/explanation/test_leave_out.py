"""Importance by leaving out, with scorers whose answer is known: sums of words, numbers of red pixels, energy."""

import librosa
import numpy as np
import pytest
from PIL import Image

from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.explanation.leave_out import LONGEST, occlusion_map, region_importance, word_importance
from mmr_toolkit.features.encoder import UnencodableValue
from small_catalogue import tone

WORTH = {"red": 2.0, "wine": 5.0, "红酒": 7.0, "not": -4.0}
RED, WHITE = (255, 0, 0), (255, 255, 255)


def worth(texts):
    """The sum of what its words are worth; a text without any of them cannot be encoded."""
    sums = [[value * text.lower().split().count(word) for word, value in WORTH.items()] for text in texts]
    if empty := {i: "nothing known" for i, values in enumerate(sums) if not any(values)}:
        raise UnencodableValue(empty)
    return np.sum(sums, axis=1)


def red_pixels(images):
    return np.array([(np.asarray(image) == RED).all(axis=2).sum() for image in images])


def with_square(size=(40, 40), box=(20, 0, 30, 10), backdrop=WHITE):
    image = Image.new("RGB", size, backdrop)
    image.paste(RED, box)
    return image


def energy_at(frequency):
    """How much energy lies within 200 Hz of it."""

    def score(sounds):
        near = np.abs(np.fft.rfftfreq(len(sounds[0]), 1 / SAMPLE_RATE) - frequency) < 200
        return np.square(np.abs(np.fft.rfft(np.stack(sounds)))[:, near]).sum(axis=1)

    return score


# Words


def test_a_word_is_worth_what_the_score_loses_without_it():
    found = word_importance("Not a RED wine, 红酒 !", worth)
    assert [(word, value) for word, _, _, value in found] == [
        ("not", -4),
        ("a", 0),
        ("red", 2),
        ("wine", 0),  # for this scorer "wine," is another word than "wine"
        ("红酒", 7),
    ]
    assert [(start, end) for _, start, end, _ in found] == [(0, 3), (4, 5), (6, 9), (10, 14), (16, 18)]


def test_a_word_that_stands_twice_is_left_out_at_one_place_at_a_time():
    seen = []

    def score(texts):
        seen.extend(texts)
        return worth(texts)

    assert [value for *_, value in word_importance("wine wine", score)] == [5, 5]
    assert seen == ["wine wine", "  wine", "wine  "]


def test_neighbours_do_not_grow_together():
    texts = []
    word_importance("葡萄红酒汁", lambda variants: texts.extend(variants) or np.zeros(len(variants)))
    assert texts[1:] == [" 红酒汁", "葡萄 汁", "葡萄红酒 "]


def test_without_its_only_known_word_a_text_counts_as_not_given():
    assert [value for *_, value in word_importance("some wine", worth)] == [0, 5]
    assert [value for *_, value in word_importance("some wine", worth, nothing=-1.0)] == [0, 6]
    assert [value for *_, value in word_importance("wine", worth, nothing=0.5)] == [4.5]


def test_a_text_of_which_nothing_is_known_is_no_query_to_explain():
    with pytest.raises(UnencodableValue, match="nothing known"):
        word_importance("xyzzy", worth)
    assert word_importance("...", lambda texts: np.ones(len(texts))) == []


# Pictures


def test_the_patches_that_hold_the_red_square_lose_its_pixels():
    found = occlusion_map(with_square(), red_pixels, patch=10, stride=10)
    expected = np.zeros((4, 4))
    expected[0, 2] = 100
    assert found.importance.tolist() == expected.tolist()
    assert found.boxes[0, 2].tolist() == [20, 0, 30, 10]
    assert found.score == 100


@pytest.mark.parametrize(("patch", "stride"), [(8, 8), (8, 4), (7, 5), (1, 13), (64, 1), (None, None)])
@pytest.mark.parametrize("size", [(40, 40), (45, 23), (3, 50)])
def test_overlapping_patches_agree_with_counting_pixel_by_pixel(patch, stride, size):
    image = with_square(size, (1, 2, min(size[0], 19), 15))
    found = occlusion_map(image, red_pixels, patch=patch, stride=stride)
    pixels = np.asarray(image)
    for row in range(found.importance.shape[0]):
        for column in range(found.importance.shape[1]):
            left, top, right, bottom = found.boxes[row, column]
            red = sum(tuple(pixels[y, x]) == RED for y in range(top, bottom) for x in range(left, right))
            assert found.importance[row, column] == red


def test_every_pixel_is_covered_by_a_patch():
    for size in [(128, 128), (37, 101), (1, 1), (200, 3)]:
        boxes = occlusion_map(Image.new("RGB", size), red_pixels).boxes.reshape(-1, 4)
        covered = np.zeros(size[::-1], dtype=bool)
        for left, top, right, bottom in boxes:
            covered[top:bottom, left:right] = True
        assert covered.all()
    assert len(boxes) <= 49


def test_a_patch_has_the_mean_colour_of_the_rim():
    image = Image.new("RGB", (20, 20), (200, 100, 50))
    image.paste((0, 0, 0), (5, 5, 15, 15))  # what is inside does not count
    image.paste((100, 100, 50), (0, 0, 20, 1))
    variants = []
    occlusion_map(image, lambda images: variants.extend(images) or np.zeros(len(images)), patch=10, stride=10)
    assert variants[1].getpixel((9, 9)) == (174, 100, 50)  # 20 of the 76 pixels have 100
    assert variants[1].getpixel((12, 12)) == (0, 0, 0)
    assert image.getpixel((9, 9)) == (0, 0, 0)  # the picture itself is as it was


def test_of_a_large_picture_a_smaller_copy_is_scored_and_the_boxes_fit_the_picture():
    sizes = []

    def score(images):
        sizes.extend(image.size for image in images)
        return red_pixels(images)

    image = with_square((4 * LONGEST, 2 * LONGEST), (0, 0, LONGEST, LONGEST))
    found = occlusion_map(image, score, patch=LONGEST, stride=LONGEST)
    assert set(sizes) == {(LONGEST, LONGEST // 2)}
    assert found.importance.shape == (2, 4)
    assert found.boxes[1, 3].tolist() == [3 * LONGEST, LONGEST, 4 * LONGEST, 2 * LONGEST]
    assert found.importance[0, 0] == found.score > 0
    assert found.importance.sum() == found.score  # exact: whole numbers of pixels


def test_a_picture_of_any_mode():
    assert occlusion_map(with_square().convert("P"), red_pixels, patch=10, stride=10).importance[0, 2] == 100


# Sound


def test_the_region_of_the_tone_that_counts():
    """First a low tone, then a high one: only the high one counts, and it lies in one region."""
    sound = np.concatenate([tone(400, 0.5), tone(3000, 0.5)])
    found = region_importance(sound, energy_at(3000), windows=4, bands=5)
    assert found.seconds.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.hertz[0] == 0
    assert found.hertz[-1] == pytest.approx(SAMPLE_RATE / 2)
    assert np.diff(2595 * np.log10(1 + found.hertz / 700)) == pytest.approx(2840.02 / 5, rel=1e-4)
    band = int(np.searchsorted(found.hertz, 3000)) - 1
    assert found.importance[band, 2:] == pytest.approx([0.5 * found.score] * 2, rel=0.03)
    others = np.delete(found.importance, band, axis=0)
    assert np.abs(others).max() < 0.01 * found.score
    assert np.abs(found.importance[band, 0]) < 0.01 * found.score


def test_a_region_is_silenced_as_librosa_would_do_it(rng):
    sound = rng.standard_normal(6000).astype(np.float32)
    heard = []
    found = region_importance(sound, lambda sounds: heard.extend(sounds) or np.zeros(len(sounds)), windows=3, bands=2)
    spectrum = librosa.stft(sound, n_fft=512, hop_length=128, pad_mode="constant")
    frequencies, times = librosa.fft_frequencies(sr=16000, n_fft=512), np.arange(spectrum.shape[1]) * 128 / 16000
    for i, rest in enumerate(heard[1:]):
        band, window = divmod(i, 3)
        low, high = found.hertz[band], found.hertz[band + 1]
        begin, end = found.seconds[window], found.seconds[window + 1]
        region = ((frequencies >= low) & (frequencies < high + (band == 1)))[:, None] & (
            (times >= begin) & (times < end + (window == 2))
        )
        expected = librosa.istft(np.where(region, 0, spectrum), n_fft=512, hop_length=128, length=6000)
        assert rest == pytest.approx(expected, abs=1e-4)


def test_where_all_of_a_sound_lies_in_one_region_silence_remains():
    heard = []
    sound = tone(3000, 0.5)
    region_importance(sound, lambda sounds: heard.extend(sounds) or np.zeros(len(sounds)), windows=1, bands=1)
    assert not heard[1].any()
    assert heard[0] == pytest.approx(sound)

    def refuses_silence(sounds):
        if silent := {i: "silent" for i, one in enumerate(sounds) if not one.any()}:
            raise UnencodableValue(silent)
        return np.ones(len(sounds))

    assert region_importance(sound, refuses_silence, windows=1, bands=1, nothing=0.2).importance.tolist() == [[0.8]]


def test_long_sounds_are_scored_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr("mmr_toolkit.explanation.leave_out.SAMPLES_AT_ONCE", 9000)
    sizes = []

    def score(sounds):
        sizes.append(len(sounds))
        return np.array([sound.sum() for sound in sounds])

    sound = tone(500)
    few = region_importance(sound, score, windows=2, bands=3)
    assert sizes == [1, 2, 2, 2]
    monkeypatch.undo()
    at_once = region_importance(sound, score, windows=2, bands=3)
    np.testing.assert_allclose(at_once.importance, few.importance, rtol=1e-4, atol=1e-4)


# Errors


@pytest.mark.parametrize("scores", [[1.0], [[1.0, 2.0]], [1.0, np.nan]])
def test_a_scorer_that_does_not_give_one_number_per_variant(scores):
    with pytest.raises(ValueError, match=r"score returned .*; expected 2 finite numbers, one per variant"):
        word_importance("red wine", lambda texts: np.ones(1) if len(texts) == 1 else np.array(scores))


def test_what_cannot_be_left_out_by_parts():
    with pytest.raises(TypeError, match=r"takes a PIL image, got str: open it with read_image"):
        occlusion_map("photo.jpg", red_pixels)
    with pytest.raises(ValueError, match="patch is 0; expected at least 1"):
        occlusion_map(with_square(), red_pixels, patch=0)
    with pytest.raises(ValueError, match="stride is -1; expected at least 1"):
        occlusion_map(with_square(), red_pixels, stride=-1)
    with pytest.raises(ValueError, match="bands is 0; expected at least 1"):
        region_importance(tone(400), energy_at(400), bands=0)
    with pytest.raises(ValueError, match=r"expected finite samples \(n_samples,\) at 16 kHz, got .* shape \(2, 3\)"):
        region_importance(np.zeros((2, 3)), energy_at(400))
    with pytest.raises(ValueError, match="expected finite samples"):
        region_importance(np.array([0.1, np.nan]), energy_at(400))
    with pytest.raises(ValueError, match="expected finite samples"):
        region_importance(np.zeros(0), energy_at(400))
    with pytest.raises(TypeError, match="takes one text"):
        word_importance(None, worth)
