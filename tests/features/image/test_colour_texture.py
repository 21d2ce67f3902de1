"""Statistics of pictures: each block against a slow version or a picture with a known answer, and the joined vector."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mmr_toolkit.catalogue.media import UnreadableMedia
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint
from mmr_toolkit.features.encoder import NothingToLearn
from mmr_toolkit.features.image.colour_texture import (
    BLOCKS,
    CELLS,
    GREYS,
    N_HUES,
    ORIENTATIONS,
    RADII,
    SIDE,
    ColourTextureEncoder,
    colour_histogram,
    foreground,
    shape_gradients,
    texture_histogram,
)

EVEN = np.full((SIDE, SIDE), 1 / SIDE**2)
GREY = (190, 190, 200)


def disc(colour, backdrop=GREY, size=120, stripes=0) -> Image.Image:
    """A disc before a backdrop, perhaps with white stripes."""
    image = Image.new("RGB", (size, size), backdrop)
    draw = ImageDraw.Draw(image)
    draw.ellipse([size * 0.2, size * 0.2, size * 0.8, size * 0.8], fill=colour)
    for x in range(stripes):
        left = size * (0.3 + 0.4 * x / stripes)
        draw.rectangle([left, size * 0.35, left + size * 0.2 / stripes, size * 0.65], fill="white")
    return image


def square(colour, backdrop=GREY, size=120) -> Image.Image:
    image = Image.new("RGB", (size, size), backdrop)
    ImageDraw.Draw(image).rectangle([size * 0.25, size * 0.25, size * 0.75, size * 0.75], fill=colour)
    return image


SHOP = [make(colour) for make in (disc, square) for colour in ("red", "green", "blue", "gold", "black")]
SHOP += [disc(colour, stripes=4) for colour in ("red", "green", "blue", "gold", "black")]


@pytest.fixture(scope="module")
def encoder() -> ColourTextureEncoder:
    return ColourTextureEncoder().fit(SHOP)


def blocks(vector: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(BLOCKS, np.split(vector, np.cumsum(list(BLOCKS.values()))[:-1]), strict=True))


# Where the object is


def test_foreground_by_loops(rng):
    lab = rng.uniform(-50, 50, (SIDE, SIDE, 3)) + np.linspace(0, 50, SIDE)[:, None]
    first, last = 2, SIDE - 3
    ring = [(first, x) for x in range(first, last + 1)] + [(last, x) for x in range(first, last + 1)]
    ring += [(y, first) for y in range(first, last + 1)] + [(y, last) for y in range(first, last + 1)]
    slow = np.zeros((SIDE, SIDE))
    for y in range(SIDE):
        for x in range(SIDE):
            nearest = min(np.linalg.norm(lab[y, x] - lab[at]) for at in ring[::4])
            from_centre = ((2 * y / (SIDE - 1) - 1) ** 2 + (2 * x / (SIDE - 1) - 1) ** 2) ** 0.5
            slow[y, x] = (0.02 + 1 - np.exp(-((nearest / 12) ** 2))) * np.exp(-2 * from_centre**2)
    np.testing.assert_allclose(foreground(lab), slow / slow.sum(), rtol=1e-6)


def test_the_object_weighs_more_than_the_backdrop():
    lab = np.zeros((SIDE, SIDE, 3))
    lab[20:40, 20:40, 0] = 60
    weight = foreground(lab)
    assert weight[20:40, 20:40].sum() > 0.9
    assert weight.min() > 0


# Colour


def lab_of(lightness: float, hue_degrees: float, chroma: float) -> np.ndarray:
    hue = np.radians(hue_degrees)
    return np.full((SIDE, SIDE, 3), [lightness, chroma * np.cos(hue), chroma * np.sin(hue)])


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        (lab_of(30, 0, 60), {0: 1}),  # dark, first hue
        (lab_of(70, 0, 60), {N_HUES: 1}),  # light, first hue
        (lab_of(70, 37.5, 60), {N_HUES + 1: 0.75, N_HUES + 2: 0.25}),  # a quarter of the way to the next bin of 30°
        (lab_of(30, 352.5, 60), {N_HUES - 1: 0.25, 0: 0.75}),  # the hues are a circle
        (lab_of(10, 0, 0), {2 * N_HUES: 1}),  # black
        (lab_of(100, 0, 0), {2 * N_HUES + len(GREYS) - 2: 1}),  # white
        (lab_of(50, 90, 15.5), {N_HUES + 3: 0.5, 2 * N_HUES + 2: 0.5}),  # between grey and coloured
    ],
)
def test_colours_fall_into_their_bins(lab, expected):
    histogram = np.zeros(BLOCKS["colour"])
    for bin, share in expected.items():
        histogram[bin] = share
    np.testing.assert_allclose(colour_histogram(lab, EVEN) ** 2, histogram, atol=1e-9)


def test_colour_histogram_of_random_pixels_by_loops(rng):
    lab = np.stack([rng.uniform(0, 100, (SIDE, SIDE)), *rng.uniform(-60, 60, (2, SIDE, SIDE))], axis=-1)
    weight = rng.random((SIDE, SIDE))
    weight /= weight.sum()
    slow = np.zeros(BLOCKS["colour"])
    for (lightness, a, b), mass in zip(lab.reshape(-1, 3), weight.ravel(), strict=True):
        coloured = min(max((np.hypot(a, b) - 8) / 15, 0), 1)
        hue = np.degrees(np.arctan2(b, a)) % 360 / 30
        half = 0 if lightness < 45 else N_HUES
        slow[half + int(hue)] += mass * coloured * (1 - hue % 1)
        slow[half + (int(hue) + 1) % N_HUES] += mass * coloured * (hue % 1)
        slow[2 * N_HUES + min(int(lightness // 20), 4)] += mass * (1 - coloured)
    np.testing.assert_allclose(colour_histogram(lab, weight), np.sqrt(slow), atol=1e-9)
    assert slow.sum() == pytest.approx(1)


def test_the_backdrop_does_not_hide_the_colour(encoder):
    red, red_elsewhere, green = (
        blocks(row)["colour"]
        for row in encoder.encode([disc("red"), disc("red", backdrop=(150, 190, 230)), disc("green")])
    )
    assert red @ red_elsewhere > 0.9
    assert red @ green < 0.3


# Texture


def slow_patterns(levels: np.ndarray, radius: int) -> np.ndarray:
    """Uniform local binary patterns by loops, for pixels whose neighbours are all inside."""
    found = np.zeros((SIDE - 2 * radius, SIDE - 2 * radius), int)
    for y in range(radius, SIDE - radius):
        for x in range(radius, SIDE - radius):
            lighter = []
            for k in range(8):
                dy = round(-radius * np.sin(2 * np.pi * k / 8), 5)
                dx = round(radius * np.cos(2 * np.pi * k / 8), 5)
                top, left = int(np.floor(y + dy)), int(np.floor(x + dx))
                down, right = y + dy - top, x + dx - left
                value = sum(
                    share * levels[min(top + i, SIDE - 1), min(left + j, SIDE - 1)]
                    for i, j, share in (
                        (0, 0, (1 - down) * (1 - right)), (0, 1, (1 - down) * right),
                        (1, 0, down * (1 - right)), (1, 1, down * right),
                    )
                )  # fmt: skip
                lighter.append(value >= levels[y, x])
            changes = sum(lighter[k] != lighter[k - 1] for k in range(8))
            found[y - radius, x - radius] = sum(lighter) if changes <= 2 else 9
    return found


def test_texture_by_loops(rng):
    lightness = rng.uniform(0, 100, (SIDE, SIDE))
    levels = (lightness * 2.55).astype(np.uint8).astype(float)
    for i, radius in enumerate(RADII):
        inside = np.zeros((SIDE, SIDE))
        inside[radius:-radius, radius:-radius] = 1 / (SIDE - 2 * radius) ** 2
        histogram = texture_histogram(lightness, inside)[10 * i : 10 * (i + 1)] ** 2
        slow = np.bincount(slow_patterns(levels, radius).ravel(), minlength=10) / (SIDE - 2 * radius) ** 2
        np.testing.assert_allclose(histogram, slow, atol=0.002)  # ties of interpolated values may fall either way


def test_texture_does_not_see_lightness_but_stripes(encoder):
    np.testing.assert_allclose(
        texture_histogram(np.full((SIDE, SIDE), 20.0), EVEN), texture_histogram(np.full((SIDE, SIDE), 80.0), EVEN)
    )
    plain, plain_blue, striped, striped_blue = (
        blocks(row)["texture"]
        for row in encoder.encode([disc("red"), disc("blue"), disc("red", stripes=4), disc("blue", stripes=4)])
    )
    assert striped @ striped_blue > striped @ plain + 0.5
    assert plain @ plain_blue > plain @ striped_blue + 0.5


# Shape


def test_vertical_edges_are_gradients_along_x():
    lightness = np.zeros((SIDE, SIDE))
    lightness[:, SIDE // 2 :] = 100
    gradients = shape_gradients(lightness).reshape(CELLS - 1, CELLS - 1, 2, 2, ORIENTATIONS)
    assert gradients.sum() > 0
    assert gradients.sum() == pytest.approx(gradients[..., 0].sum())  # the first orientation is 0 … 20°
    np.testing.assert_array_equal(gradients[:, [0, -1]], 0)  # no edges at the left and at the right
    turned = shape_gradients(lightness.T).reshape(gradients.shape)
    assert turned.sum() == pytest.approx(turned[..., ORIENTATIONS // 2].sum())


def test_shape_is_read_whatever_the_colour(encoder):
    red, blue, red_square = (blocks(row)["shape"] for row in encoder.encode([disc("red"), disc("blue"), square("red")]))
    assert red @ blue > red @ red_square + 0.5


# The encoder


def test_shape_dtype_and_unit_blocks(encoder):
    vectors = encoder.encode(SHOP)
    assert vectors.shape == (len(SHOP), encoder.dim) == (len(SHOP), 959)
    assert vectors.dtype == np.float32
    for vector in vectors:
        for block in blocks(vector).values():
            assert np.linalg.norm(block) == pytest.approx(1, abs=1e-5)


def test_fit_is_the_mean_and_reads_an_iterator(encoder):
    np.testing.assert_allclose(encoder.mean, encoder.describe(SHOP).mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(ColourTextureEncoder().fit(iter(SHOP), batch_size=2).mean, encoder.mean, atol=1e-6)


def test_a_picture_is_encoded_alike_alone_and_among_others(encoder):
    together = encoder.encode(SHOP, batch_size=3)
    np.testing.assert_allclose(np.concatenate([encoder.encode([image]) for image in SHOP]), together, atol=1e-6)


@pytest.mark.parametrize("pictures", [[disc("red")], [disc("red")] * 3])
def test_a_catalogue_of_one_picture_is_not_zero(pictures):
    vectors = ColourTextureEncoder().fit(pictures).encode(pictures)
    assert (np.linalg.norm(vectors, axis=1) > 1).all()


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (30, 20), 128),
        Image.new("RGB", (1, 1), "red"),
        Image.new("RGBA", (300, 10), (255, 0, 0, 100)),
        Image.new("P", (64, 64)),
        Image.new("CMYK", (64, 64)),
    ],
)
def test_any_mode_and_size_gives_finite_numbers(encoder, image):
    assert np.isfinite(encoder.encode([image])).all()


def test_paths(encoder, tmp_path):
    disc("red").save(tmp_path / "disc.png")
    expected = encoder.encode([disc("red")])
    np.testing.assert_array_equal(encoder.encode([tmp_path / "disc.png"]), expected)
    np.testing.assert_array_equal(encoder.encode([str(tmp_path / "disc.png")]), expected)


@pytest.mark.slow
def test_photos_of_the_shop_find_products_of_the_same_look(root):
    """Second photos of every ninth test product against the first photos of all test products."""
    from mmr_toolkit.catalogue.catalogue import Catalogue

    folder = root / "data" / "cornershop"
    catalogue = Catalogue.from_folder(folder)
    table = catalogue.table[(catalogue.table["split"] == "test") & catalogue.table["image"].notna()]
    paths = [folder / image for image in table["image"]]
    asked = range(0, len(table), 9)
    encoder = ColourTextureEncoder().fit(paths)
    items = encoder.encode(paths)
    queries = encoder.encode([folder / "query_images" / paths[i].name for i in asked])
    look = (table["type"] + table["colour"] + table["pattern"]).to_numpy()
    precisions, chance = [], []
    for i, query in zip(asked, queries, strict=True):
        others = np.delete(np.arange(len(items)), i)
        relevant = (look[others] == look[i])[np.argsort(-items[others] @ query, kind="stable")]
        ranks = np.flatnonzero(relevant) + 1
        precisions.append(np.mean(np.arange(1, len(ranks) + 1) / ranks))
        chance.append(relevant.mean())
    assert np.mean(chance) < 0.05
    assert np.mean(precisions) > 0.8


# What is refused


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (disc("red"), TypeError, r"got an Image. Put a single value into a list: encode\(\[value\]\)"),
        ("a.png", TypeError, "got a str. Put a single value"),
        ([], ValueError, "empty list"),
        ([disc("red"), None], ValueError, "Value 1 is None"),
        ([np.zeros((8, 8, 3))], TypeError, r"Value 0 is a ndarray, expected pictures \(PIL images or paths\)"),
    ],
)
def test_values_that_are_no_list_of_pictures(encoder, values, error, message):
    with pytest.raises(error, match=message):
        encoder.encode(values)


def test_files_that_are_no_pictures(encoder, tmp_path):
    (tmp_path / "note.png").write_text("not a picture", encoding="utf-8")
    with pytest.raises(UnreadableMedia, match="not a picture"):
        encoder.encode([tmp_path / "note.png"])
    with pytest.raises(FileNotFoundError, match="nothing.png"):
        encoder.encode([tmp_path / "nothing.png"])


def test_not_fitted():
    with pytest.raises(ValueError, match=r"call .fit\(pictures\) first"):
        ColourTextureEncoder().encode([disc("red")])


def test_the_fingerprint_is_that_of_what_was_learned(encoder):
    assert isinstance(encoder, Identified)
    assert fingerprint(encoder) == fingerprint(ColourTextureEncoder().fit(SHOP))
    for other in (ColourTextureEncoder(), ColourTextureEncoder().fit(SHOP[1:])):
        assert fingerprint(encoder) != fingerprint(other)


def test_nothing_to_fit():
    with pytest.raises(NothingToLearn, match="there were none"):
        ColourTextureEncoder().fit([])
