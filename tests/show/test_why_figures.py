"""The figures of what counted: the maps are drawn where they belong, with units, and the title says the number."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle
from PIL import Image

from mmr_toolkit.explanation.leave_out import OcclusionMap, RegionMap, occlusion_map, region_importance
from mmr_toolkit.show.why import pixel_importance, show_occlusion, show_regions
from small_catalogue import tone

RED = (255, 0, 0)


def red_pixels(images):
    return np.array([(np.asarray(image) == RED).all(axis=2).sum() for image in images])


@pytest.fixture
def image():
    picture = Image.new("RGB", (40, 30), (255, 255, 255))
    picture.paste(RED, (20, 10, 30, 20))
    return picture


def frame_of(ax):
    """Left, bottom, width and height of the frame around what counted most."""
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return [*frame.get_xy(), frame.get_width(), frame.get_height()]


def drawn(figure):
    """The figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=50)
    return buffer.getvalue()


def region_map(importance):
    return RegionMap(np.array(importance), np.array([0, 0.5, 1.0]), np.array([0.0, 1000.0, 8000.0]), 1.0)


def test_a_pixel_has_the_mean_of_the_patches_over_it(image):
    found = occlusion_map(image, red_pixels, patch=20, stride=10)
    drawn = pixel_importance(found)
    assert drawn.shape == (30, 40)
    for x, y in [(0, 0), (15, 5), (25, 15), (39, 29), (19, 10), (20, 9)]:
        over = [
            importance
            for (x0, y0, x1, y1), importance in zip(
                found.boxes.reshape(-1, 4), found.importance.reshape(-1), strict=True
            )
            if x0 <= x < x1 and y0 <= y < y1
        ]
        assert drawn[y, x] == pytest.approx(np.mean(over))


def test_the_map_lies_over_the_picture(image):
    found = occlusion_map(image, red_pixels, patch=10, stride=10)
    figure = show_occlusion(image, found)
    left, right, bar = figure.axes
    assert np.array_equal(left.images[0].get_array(), np.asarray(image))
    shown = right.images[1].get_array()
    assert np.array_equal(shown, pixel_importance(found))
    assert right.images[1].get_clim() == (-100, 100)  # white at zero
    assert shown[15, 25] == 100 and shown[5, 25] == 0
    assert frame_of(right) == [19.5, 9.5, 10, 10]
    assert right.get_title() == "the framed patch counted most: 100.000"
    assert "pixels" in left.get_xlabel() and "the score loses" in bar.get_ylabel()


def test_nothing_is_claimed_where_nothing_spoke_for_the_hit(image):
    boxes = np.array([[[0, 0, 40, 30]]])
    figure = show_occlusion(image, OcclusionMap(np.array([[-0.5]]), boxes, 1.0))
    assert figure.axes[1].get_title() == "nothing here spoke for the hit"
    figure = show_occlusion(image, OcclusionMap(np.array([[0.0]]), boxes, 1.0))
    assert np.isfinite(figure.axes[1].images[1].get_alpha()).all()


def test_regions_of_sound_have_seconds_and_kilohertz():
    figure = show_regions(tone(400, 1.0), region_map([[0.1, -0.2], [0.4, 0.0]]))
    above, below, bar = figure.axes
    (mesh,) = [drawn for drawn in below.collections if isinstance(drawn, QuadMesh)]
    assert mesh.get_array().tolist() == [[0.1, -0.2], [0.4, 0.0]]
    assert mesh.get_clim() == (-0.4, 0.4)
    assert mesh.get_coordinates()[:, :, 1].max() == 8
    assert frame_of(below) == [0, 1, 0.5, 7]
    assert below.get_title() == "0.00–0.50 s, 1.0–8.0 kHz counted most: 0.400"
    assert (below.get_xlabel(), below.get_ylabel()) == ("time (s)", "frequency (kHz)")
    assert above.get_ylim() == below.get_ylim() == (0, 8)
    assert [tick.get_text() for tick in below.get_yticklabels()] == ["0.0", "1.0", "8.0"]
    assert "the score loses" in bar.get_ylabel()


def test_bands_of_equal_steps_on_the_mel_scale_are_drawn_equally_high():
    found = region_importance(tone(400, 0.5), lambda sounds: np.ones(len(sounds)), windows=2, bands=4)
    below = show_regions(tone(400, 0.5), found).axes[1]
    heights = [below.transData.transform((0, edge / 1000))[1] for edge in found.hertz]
    assert np.diff(heights) == pytest.approx(np.diff(heights).mean(), rel=1e-4)


def test_maps_of_other_pictures_and_sounds_are_refused(image):
    found = occlusion_map(image, red_pixels, patch=10, stride=10)
    with pytest.raises(ValueError, match="the map is of a picture of 40 x 30 pixels, this one has 30 x 40"):
        show_occlusion(image.resize((30, 40)), found)
    with pytest.raises(ValueError, match=r"the map is of a sound of 1.000 s, this one has 0.250 s"):
        show_regions(tone(400), region_map([[0.1, 0.2], [0.3, 0.4]]))


@pytest.mark.slow
def test_threads_of_a_server_draw_at_the_same_time_without_pyplot(image, monkeypatch):
    found = occlusion_map(image, red_pixels, patch=10, stride=10)
    in_notebook = drawn(show_occlusion(image, found))
    monkeypatch.setattr("matplotlib.pyplot.figure", lambda **options: pytest.fail("pyplot was asked"))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: drawn(show_occlusion(image, found)), range(8))) == [in_notebook] * 8


def test_figures_are_shown_once():
    before = plt.get_fignums()
    show_regions(tone(400, 1.0), region_map([[0.1, -0.2], [0.4, 0.0]]))
    assert plt.get_fignums() == before
