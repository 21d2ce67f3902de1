"""Pictures and sounds in every form that real collections have, checked by value."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from faulty_folder import animation, cut, glass, large_picture, not_finite, picture, sound, turned
from mmr_toolkit.catalogue import media
from mmr_toolkit.catalogue.media import UnreadableMedia, read_audio, read_image

# --- pictures -------------------------------------------------------------------------------------------------------


def pixel(path: Path, x: int, y: int) -> tuple[int, ...]:
    image = read_image(path)
    assert image.mode == "RGB"
    return tuple(image.getpixel((x, y)))


def test_an_rgb_picture_comes_back_as_it_is(tmp_path):
    path = picture(tmp_path / "x.png")
    np.testing.assert_array_equal(np.asarray(read_image(path)), np.asarray(Image.open(path)))
    assert read_image(str(path)).size == (48, 32)


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".pgm"])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path, suffix):
    values = np.array([[0, 257, 300, 32768, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / f"x{suffix}")
    expected = [[round(value / 257) for value in values[0].tolist()]]
    assert np.asarray(read_image(tmp_path / f"x{suffix}"))[..., 0].tolist() == expected


def test_cmyk_keeps_its_colours(tmp_path):
    Image.new("RGB", (16, 16), (255, 0, 0)).convert("CMYK").save(tmp_path / "x.jpg", quality=95)
    assert pixel(tmp_path / "x.jpg", 8, 8) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_of_an_animation_the_first_frame(tmp_path, suffix):
    animation(tmp_path / f"x{suffix}")
    assert pixel(tmp_path / f"x{suffix}", 10, 10) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    """Stored in any of the eight ways, the picture comes out with its red left edge on the left."""
    stored = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # Pillow's name of the way to store it
    upright = Image.new("RGB", (48, 32), "white")
    upright.paste("red", (0, 0, 12, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned_image = upright if stored is None else upright.transpose(Image.Transpose(stored))
    turned_image.save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / "x.png")), np.asarray(upright))


def test_a_photo_taken_upright_is_shown_upright(tmp_path):
    turned(tmp_path / "x.jpg")
    assert read_image(tmp_path / "x.jpg").size == (48, 32)
    assert pixel(tmp_path / "x.jpg", 3, 16) == pytest.approx((255, 0, 0), abs=12)
    assert pixel(tmp_path / "x.jpg", 40, 16) == pytest.approx((255, 255, 255), abs=12)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_exif_tag_does_not_cost_the_picture(tmp_path):
    picture(tmp_path / "x.jpg", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01")
    assert read_image(tmp_path / "x.jpg").size == (48, 32)


def test_transparency_is_laid_on_white(tmp_path):
    glass(tmp_path / "x.png")
    assert pixel(tmp_path / "x.png", 5, 5) == (0, 0, 0)
    assert pixel(tmp_path / "x.png", 40, 5) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((3, 3), 1)
    image.save(tmp_path / "x.png", transparency=0)
    assert pixel(tmp_path / "x.png", 0, 0) == (255, 255, 255)
    assert pixel(tmp_path / "x.png", 3, 3) == (200, 100, 50)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_other_modes_become_rgb(tmp_path, mode):
    picture(tmp_path / "x.png", mode=mode)
    assert read_image(tmp_path / "x.png").mode == "RGB"


def test_a_missing_picture(tmp_path):
    with pytest.raises(FileNotFoundError, match="x.jpg: no such file. Put the file there"):
        read_image(tmp_path / "x.jpg")


def test_an_empty_picture(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"")
    with pytest.raises(UnreadableMedia, match=r"x.jpg: the file is empty \(0 bytes\). Copy the file again"):
        read_image(tmp_path / "x.jpg")


def test_a_page_saved_as_a_picture(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"<!doctype html>")
    with pytest.raises(ValueError, match="not a picture: it starts with b'<!doctype ht'. Save it as JPEG"):
        read_image(tmp_path / "x.jpg")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".tiff", ".bmp"])
def test_a_cut_off_picture(tmp_path, suffix):
    cut(picture(tmp_path / f"x{suffix}", size=(96, 96)))
    with pytest.raises(UnreadableMedia, match="cut off or damaged|not a picture") as caught:
        read_image(tmp_path / f"x{suffix}")
    assert caught.value.fault in ("truncated_image", "not_an_image")


def test_a_flipped_byte_in_a_png_is_noticed(tmp_path):
    path = picture(tmp_path / "x.png", size=(96, 96))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(UnreadableMedia, match="cut off or damaged"):
        read_image(path)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(tmp_path):
    large_picture(tmp_path / "x.png")
    with pytest.raises(UnreadableMedia, match="10000 x 5001 pixels, at most 50,000,000 are read. Save a smaller"):
        read_image(tmp_path / "x.png")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "y.png")
    with pytest.raises(UnreadableMedia, match="at most 50,000,000 are read") as caught:
        read_image(tmp_path / "y.png")
    assert caught.value.fault == "too_many_pixels"


def test_floating_point_pictures_are_refused(tmp_path):
    Image.fromarray(np.ones((4, 4), dtype=np.float32)).save(tmp_path / "x.tiff")
    with pytest.raises(ValueError, match="a floating-point picture"):
        read_image(tmp_path / "x.tiff")
    Image.fromarray(np.full((4, 4), 70_000, dtype=np.int32)).save(tmp_path / "y.tiff")
    with pytest.raises(ValueError, match="more than 16 bits per pixel"):
        read_image(tmp_path / "y.tiff")


# Small files that would keep a processor busy, or that a decoder fails on in a way of its own


def chunks(*parts):
    """A PNG of these chunks, with their lengths and checksums."""
    whole = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + whole + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def header(width, height, depth, kind):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


def test_a_jpeg_that_goes_over_its_pixels_again_and_again_is_refused(tmp_path):
    """Each further pass is some hundred bytes, and takes as long as the whole picture."""
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(
        tmp_path / "a.jpg", progressive=True
    )
    jpeg = (tmp_path / "a.jpg").read_bytes()
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    assert read_image(tmp_path / "a.jpg").size == (64, 64)
    (tmp_path / "some.jpg").write_bytes(jpeg[:-2] + last * 20 + jpeg[-2:])
    assert read_image(tmp_path / "some.jpg").size == (64, 64)
    (tmp_path / "many.jpg").write_bytes(jpeg[:-2] + last * 100 + jpeg[-2:])
    with pytest.raises(UnreadableMedia, match="a JPEG that goes over its pixels more than 100 times") as error:
        read_image(tmp_path / "many.jpg")
    assert error.value.fault == "not_an_image"


def test_what_stands_before_and_behind_the_pixels_of_a_jpeg_is_not_counted(tmp_path):
    """Telephones put a small film behind a photo; remarks may hold any bytes."""
    Image.new("RGB", (9, 9), "red").save(tmp_path / "a.jpg", comment=b"\xff\xda\xff\xd9" * 200)
    jpeg = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(jpeg + b"\xff\xda\x00\x08" * 500)
    assert read_image(tmp_path / "a.jpg").size == (9, 9)


@pytest.mark.parametrize(
    "start",
    [b"P2 3 2 255\n1 2 3 4 5 6\n", b"P3 1 1 255 1 2 3\n", b"P1 1 1 1", b"P5\n#" + b"a" * 5_000 + b"\n3 2 255\n123456"],
    ids=["P2", "P3", "P1", "remark"],
)
def test_a_picture_that_is_read_sign_by_sign_is_refused(tmp_path, start):
    (tmp_path / "a.ppm").write_bytes(start)
    with pytest.raises(UnreadableMedia, match="written as text or has long remarks; its binary form is read"):
        read_image(tmp_path / "a.ppm")


def test_the_binary_form_is_read_with_a_remark_of_its_program(tmp_path):
    (tmp_path / "a.ppm").write_bytes(b"P6\n# CREATOR: GIMP PNM Filter Version 1.1\n1 1\n255\n\x01\x02\x03")
    assert pixel(tmp_path / "a.ppm", 0, 0) == (1, 2, 3)


def test_a_picture_without_the_palette_that_it_needs_is_damaged(tmp_path):
    (tmp_path / "a.png").write_bytes(chunks(header(2, 2, 8, 3), (b"IDAT", zlib.compress(b"\0\0\1" * 2))))
    with pytest.raises(UnreadableMedia, match="the PNG picture has no palette for its colours"):
        read_image(tmp_path / "a.png")


def test_a_transparent_grey_of_sixteen_bits_is_laid_on_white(tmp_path):
    rows = b"".join(b"\0" + struct.pack(">HH", 1000, 30_000) for _ in range(2))
    clear = (b"tRNS", struct.pack(">H", 1000))
    (tmp_path / "a.png").write_bytes(chunks(header(2, 2, 16, 0), clear, (b"IDAT", zlib.compress(rows))))
    assert pixel(tmp_path / "a.png", 0, 0) == (255, 255, 255)
    assert pixel(tmp_path / "a.png", 1, 0) == (117, 117, 117)


def test_a_tag_that_cannot_be_written_back_keeps_no_picture_lying(tmp_path):
    picture = Image.new("RGB", (4, 2), "red")
    picture.save(tmp_path / "a.jpg", exif=_exif_with_text_resolution())
    assert read_image(tmp_path / "a.jpg").size == (2, 4)


def _exif_with_text_resolution():
    """Orientation 6, and a resolution that is a text, in 7 letters behind the two entries."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", 0x011A, 2, 8, 38)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + b"seventy\0"


# --- sounds ---------------------------------------------------------------------------------------------------------


def tone(rate: int, hertz: float = 440.0, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def test_a_sound_at_16_khz_comes_back_as_it_is(tmp_path):
    path = sound(tmp_path / "x.wav")
    samples = read_audio(path)
    assert samples.dtype == np.float32 and samples.shape == (4000,)
    np.testing.assert_array_equal(samples, soundfile.read(path, dtype="float32")[0])


@pytest.mark.parametrize("own_rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_other_rates_are_resampled(tmp_path, own_rate):
    """A tone recorded at any rate is the same tone at 16 kHz."""
    soundfile.write(tmp_path / "x.wav", tone(own_rate), own_rate)
    samples = read_audio(tmp_path / "x.wav")
    assert len(samples) == 8000
    middle = slice(500, 7500)  # a filter rings at the ends
    np.testing.assert_allclose(samples[middle], tone(16_000)[middle], atol=0.01)


def test_resampling_does_not_fold_high_tones_down(tmp_path):
    """15 kHz cannot exist at 16 kHz; taking every third sample would turn it into 1 kHz."""
    soundfile.write(tmp_path / "x.wav", tone(48_000, 15_000), 48_000)
    assert np.abs(read_audio(tmp_path / "x.wav")[500:-500]).max() < 0.01
    assert np.abs(soundfile.read(tmp_path / "x.wav")[0][::3][500:-500]).max() > 0.4


def test_any_rate_can_be_asked_for(tmp_path):
    sound(tmp_path / "x.wav", seconds=0.5)
    assert len(read_audio(tmp_path / "x.wav", rate=8_000)) == 4000
    assert len(read_audio(tmp_path / "x.wav", 22_050)) == 11025


@pytest.mark.parametrize("rate", [0, -1, 16_000.0, "16000", None])
def test_a_rate_that_is_none(tmp_path, rate):
    sound(tmp_path / "x.wav")
    with pytest.raises(ValueError, match="rate is .*; expected a positive whole number of Hz, for example 16000"):
        read_audio(tmp_path / "x.wav", rate)


def test_channels_are_averaged(tmp_path):
    left = tone(16_000)
    soundfile.write(tmp_path / "x.wav", np.stack([left, np.zeros_like(left)], axis=1), 16_000)
    np.testing.assert_allclose(read_audio(tmp_path / "x.wav"), left / 2, atol=1e-4)


def test_eight_bits_are_read(tmp_path):
    soundfile.write(tmp_path / "x.wav", tone(16_000), 16_000, subtype="PCM_U8")
    np.testing.assert_allclose(read_audio(tmp_path / "x.wav"), tone(16_000), atol=1 / 128)


@pytest.mark.parametrize(
    ("suffix", "subtype"), [(".flac", None), (".ogg", "VORBIS"), (".opus", "OPUS"), (".mp3", None)]
)
def test_compressed_sounds_are_read(tmp_path, suffix, subtype):
    kind = "OGG" if suffix == ".opus" else None
    soundfile.write(tmp_path / f"x{suffix}", tone(16_000), 16_000, subtype=subtype, format=kind)
    samples = read_audio(tmp_path / f"x{suffix}")
    assert len(samples) == pytest.approx(8000, abs=1200)  # MP3 adds silence at both ends
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * 16_000 / len(samples) == pytest.approx(440, abs=3)


def test_silence_is_a_sound(tmp_path):
    soundfile.write(tmp_path / "x.wav", np.zeros(100), 16_000)
    np.testing.assert_array_equal(read_audio(tmp_path / "x.wav"), np.zeros(100, dtype=np.float32))


def test_a_missing_sound(tmp_path):
    with pytest.raises(FileNotFoundError, match="x.wav: no such file"):
        read_audio(tmp_path / "x.wav")


def test_an_empty_sound_file(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"")
    with pytest.raises(UnreadableMedia, match=r"x.wav: the file is empty \(0 bytes\)"):
        read_audio(tmp_path / "x.wav")


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".opus", ".raw", ".jpg"])
def test_a_page_saved_as_a_sound(tmp_path, suffix):
    (tmp_path / f"x{suffix}").write_bytes(b"<!doctype html><p>not found</p>")
    with pytest.raises(
        UnreadableMedia, match="not a sound that can be read: it starts with b'<!doctype ht'. Save it as WAV"
    ):
        read_audio(tmp_path / f"x{suffix}")


def test_a_sound_without_samples(tmp_path):
    soundfile.write(tmp_path / "x.wav", np.zeros(0), 16_000)
    with pytest.raises(UnreadableMedia, match=r"a sound without samples \(0 s\). Record or copy it again"):
        read_audio(tmp_path / "x.wav")


def test_samples_that_are_no_numbers(tmp_path):
    soundfile.write(tmp_path / "x.wav", not_finite(), 16_000, subtype="FLOAT")
    with pytest.raises(UnreadableMedia, match="NaN or infinite"):
        read_audio(tmp_path / "x.wav")


def test_a_sound_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "MAX_SECONDS", 0.2)
    with pytest.raises(UnreadableMedia, match="at most 0 s are read. Cut the sound"):
        read_audio(sound(tmp_path / "x.wav"))


def test_a_sample_rate_that_cannot_be(tmp_path):
    raw = bytearray(sound(tmp_path / "x.wav").read_bytes())
    raw[24:28] = (3_999_999_937).to_bytes(4, "little")  # a prime: resampling would need a filter of 80 billion taps
    (tmp_path / "x.wav").write_bytes(raw)
    with pytest.raises(UnreadableMedia, match="a sample rate of .* Hz, at most 768,000 are read|not a sound"):
        read_audio(tmp_path / "x.wav")


def test_a_header_that_promises_too_much_is_not_believed(tmp_path):
    """A WAV file of 8 kB whose header announces 4 GB reads what is there, or is refused; memory is not taken."""
    path = sound(tmp_path / "x.wav")
    raw = bytearray(path.read_bytes())
    raw[40:44] = b"\xf0\xff\xff\xff"
    path.write_bytes(raw)
    assert len(read_audio(path)) == 4000
