"""One reader for every picture, wherever it comes from: a picture is never a program, and Pillow is no back door."""

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

import mmr_toolkit
from mmr_toolkit.app.uploads.read import BadUpload, read_picture
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import PICTURE_FORMATS, UnreadableMedia, read_image
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.image.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.image.values import check_pictures
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.show.embed import picture_uri, thumbnail_uri

PROGRAM = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\n(ran) print\nshowpage\n"
#: Pillow's readers that hand a file to a program, to the system, or to another library that happens to be installed.
REFUSED = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG", "FITS", "IPTC", "PSD", "ICNS"}


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """What was started in the course of a test, which must be nothing."""
    asked: list[str] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *a, **k: asked.append("Ghostscript"))
    yield asked
    assert asked == []


def a_stranger_s_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "photo.png").write_bytes(PROGRAM)
    Image.new("RGB", (40, 40), "red").save(folder / "red.png")
    Image.new("RGB", (40, 40), "blue").save(folder / "blue.png")
    rows = ["id,text,image_file_name", "a,red wine,red.png", "b,blue plum,blue.png", "c,a photo,photo.png"]
    (folder / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


# A picture that is a program


def test_no_format_that_starts_something_is_read():
    assert not REFUSED & set(PICTURE_FORMATS)


@pytest.mark.usefixtures("started")
def test_a_picture_that_is_a_program_is_never_run(tmp_path):
    folder = a_stranger_s_folder(tmp_path / "stranger")
    catalogue = Catalogue.from_folder(folder)
    retriever = Retriever.build(catalogue, progress=False, cache=False)
    assert [fault.id for fault in retriever.features.faults] == ["c"]
    with pytest.raises(ValueError, match="not a picture: it starts with b'%!PS-Adobe"):
        retriever.search(image=folder / "photo.png")
    for show in (picture_uri, thumbnail_uri):
        with pytest.raises(UnreadableMedia, match="not a picture"):
            show(folder / "photo.png")
    with pytest.raises(BadUpload, match="not a picture that can be read"):
        read_picture(folder / "photo.png")
    assert catalogue.doctor()["fault"].tolist() == ["not_an_image"]


@pytest.mark.usefixtures("started")
def test_a_program_opened_by_pillow_is_refused_before_it_is_loaded(tmp_path):
    folder = a_stranger_s_folder(tmp_path / "stranger")
    lazy = Image.open(folder / "photo.png")
    with pytest.raises(UnreadableMedia, match=r"photo\.png: a picture in the format EPS, which is not read"):
        read_image(lazy)
    with pytest.raises(UnencodableValue, match="value 1: a picture in the format EPS"):
        check_pictures([Image.new("RGB", (4, 4)), lazy])
    retriever = Retriever.build(Catalogue.from_folder(folder), progress=False, cache=False)
    with pytest.raises(ValueError, match="format EPS"):
        retriever.search(image=lazy)
    with pytest.raises(UnreadableMedia, match="format EPS"):
        picture_uri(lazy)
    assert lazy.tile, "it was loaded"


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.eps", "x"])
@pytest.mark.parametrize("kind", ["EPS", "TGA", "PCX"])
def test_what_is_in_a_file_decides_not_its_name(tmp_path, started, name, kind):
    Image.new("RGB", (8, 8), "red").save(tmp_path / name, format=kind)
    with pytest.raises(UnreadableMedia, match="not a picture"):
        read_image(tmp_path / name)


@pytest.mark.parametrize("kind", [*PICTURE_FORMATS, "MPO"])
def test_every_listed_format_is_read_by_path_and_by_pillow(tmp_path, kind):
    Image.new("RGB", (16, 8), "red").save(tmp_path / "x", format=kind)
    by_path, by_pillow = read_image(tmp_path / "x"), read_image(Image.open(tmp_path / "x"))
    assert by_path.getpixel((8, 4)) == pytest.approx((255, 0, 0), abs=8)
    np.testing.assert_array_equal(np.asarray(by_path), np.asarray(by_pillow))


# A PIL image means what its file means


def odd_pictures(folder: Path) -> list[Path]:
    """Depth, turning, transparency, animation, palette, CMYK: whatever makes a file more than its stored numbers."""
    rng = np.random.default_rng(3)
    noise = Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).resize((60, 40))
    exif = Image.Exif()
    exif[0x112] = 8
    noise.save(folder / "turned.png", exif=exif)
    noise.save(folder / "turned.webp", exif=exif, lossless=True)
    clear = noise.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((60, 40)))
    clear.save(folder / "clear.png")
    clear.save(folder / "clear.tiff")
    noise.quantize(16).save(folder / "palette.png", transparency=3)
    noise.convert("LA").save(folder / "grey_alpha.png")
    noise.convert("CMYK").save(folder / "cmyk.jpg")
    for name in ("grey16.png", "grey16.tiff", "grey16.pgm"):
        Image.fromarray(rng.integers(0, 65536, (40, 60), dtype=np.uint16)).save(folder / name)
    frames = [Image.new("RGBA", (60, 40), (c, 0, 90, 120)) for c in (250, 10)]
    for name in ("moving.gif", "moving.png", "moving.webp"):
        frames[0].save(folder / name, save_all=True, append_images=frames[1:], duration=50)
    return sorted(folder.iterdir())


def test_pil_query_is_read_as_its_file(tmp_path):
    encoder = ColourTextureEncoder().fit([Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")])
    network = CnnEncoder.load()
    for path in odd_pictures(tmp_path):
        opened = Image.open(path)
        expected = np.asarray(read_image(path))
        for again in range(2):  # reading an image must not change it
            np.testing.assert_array_equal(np.asarray(read_image(opened)), expected, err_msg=f"{path.name} {again}")
        for some in (encoder, network):
            by_path, by_pillow = some.encode([path])[0], some.encode([Image.open(path)])[0]
            np.testing.assert_array_equal(by_path, by_pillow, err_msg=path.name)
        assert thumbnail_uri(path) == thumbnail_uri(Image.open(path))
        np.testing.assert_array_equal(np.asarray(read_image(read_image(path))), expected)  # once read, it stays


def test_an_ordinary_picture_keeps_every_number(rng):
    pixels = rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    copy = read_image(image)
    np.testing.assert_array_equal(np.asarray(copy), pixels)
    copy.paste("red", (0, 0, 9, 9))
    np.testing.assert_array_equal(np.asarray(image), pixels)  # it is a copy


@pytest.mark.parametrize("mode", ["F", "I"])
def test_colours_that_nobody_knows_are_refused_in_words(tmp_path, mode):
    image = Image.new(mode, (4, 4), 70_000 if mode == "I" else 0)
    with pytest.raises(UnreadableMedia, match=r"floating-point|more than 16 bits"):
        read_image(image)
    image.save(tmp_path / "x.tiff")
    with pytest.raises(UnreadableMedia, match=r"floating-point|more than 16 bits"):
        read_image(tmp_path / "x.tiff")


# The package


OPENERS = {"Image.open", "PIL.Image.open", "plt.imread", "cv2.imread", "io.imread", "imageio.imread", "pyplot.imread"}


def test_no_other_place_in_the_package_opens_a_picture():
    package = Path(mmr_toolkit.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in OPENERS:
                found.add(path.relative_to(package).as_posix())
            if isinstance(node, ast.ImportFrom) and node.module == "PIL.Image":
                found.add(f"{path.relative_to(package).as_posix()}: from PIL.Image import …")
    assert found == {"catalogue/media.py"}
