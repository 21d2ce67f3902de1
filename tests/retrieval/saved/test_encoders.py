"""Encoders on disk: the same vectors bit for bit, and what is refused."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from mmr_toolkit.features import (
    BertEncoder,
    ClipEncoder,
    CnnEncoder,
    ColourTextureEncoder,
    MelCnnEncoder,
    MelSpectrogramEncoder,
    MfccEncoder,
    ResNetEncoder,
    Word2VecEncoder,
    fingerprint,
)
from mmr_toolkit.features.image.pictures import preprocessing
from mmr_toolkit.features.image.torchvision_network import without_head
from mmr_toolkit.retrieval.saved.parts import SAVED_ENCODERS, load_encoder, read_sealed, save_encoder, write_sealed
from small_catalogue import WordEncoder, tone
from tiny_models import save_bert

TEXTS = ["red wine 红酒", "white wine 白葡萄酒", "cherry soda"]
PICTURES = [Image.new("RGB", (40, 30), colour) for colour in ((200, 20, 30), (230, 220, 150), (20, 40, 200))]
PICTURES[0].putpixel((20, 15), (0, 255, 0))
SOUNDS = [tone(400), tone(3000, 0.4), tone(900) + tone(5000)]
VALUES = {"text": TEXTS, "image": PICTURES, "audio": SOUNDS}


def tiny_bert(folder):
    save_bert(folder / "bert")
    return BertEncoder.load(str(folder / "bert"), pooling="cls", max_tokens=12)


def trained_cnn(folder):
    labels = {"colour": ["red", "yellow", "blue"]}
    return CnnEncoder.train(PICTURES, labels, epochs=1, channels=(4, 6), progress=False)


#: At least one of each entry of the table, with settings that are not the defaults.
MAKERS = {
    "word2vec": lambda folder: Word2VecEncoder.train(TEXTS, dim=8, epochs=2),
    "bert": tiny_bert,
    "bert: mini": lambda folder: BertEncoder.load(),
    "colour-texture": lambda folder: ColourTextureEncoder().fit(PICTURES),
    "cnn": trained_cnn,
    "cnn: mini": lambda folder: CnnEncoder.load(),
    "resnet": lambda folder: ResNetEncoder.load(precision="bfloat16"),
    "resnet: torchvision": lambda folder: ResNetEncoder.load("squeezenet1_1", "random"),
    "mfcc": lambda folder: MfccEncoder(n_mfcc=7, n_mels=20, window="hamming").fit(SOUNDS),
    "mel": lambda folder: MelSpectrogramEncoder(n_mels=20, top_db=None).fit(SOUNDS),
    "mel-cnn": lambda folder: MelCnnEncoder.load(),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "encoder.safetensors"


@pytest.fixture
def saved(path):
    """A small encoder in a file."""
    save_encoder(Word2VecEncoder.train(TEXTS, dim=8, epochs=2), path)
    return path


def test_every_entry_of_the_table_is_tried_here():
    assert {name.split(":")[0] for name in MAKERS} == set(SAVED_ENCODERS)


@pytest.mark.filterwarnings("ignore:.*do not look like the built-in shop")
@pytest.mark.parametrize("name", MAKERS)
def test_a_loaded_encoder_gives_the_same_vectors_bit_for_bit(name, tmp_path, path):
    encoder = MAKERS[name](tmp_path)
    expected = encoder.encode(VALUES[encoder.modality])
    state = torch.get_rng_state()
    save_encoder(encoder, path)
    loaded = load_encoder(path)
    assert type(loaded) is type(encoder)
    assert (loaded.name, loaded.modality, loaded.dim) == (encoder.name, encoder.modality, encoder.dim)
    assert fingerprint(loaded) == fingerprint(encoder)
    np.testing.assert_array_equal(loaded.encode(VALUES[encoder.modality]), expected)
    np.testing.assert_array_equal(encoder.encode(VALUES[encoder.modality]), expected)  # saving changes nothing
    assert torch.equal(torch.get_rng_state(), state)


def test_the_warning_about_strange_pictures_is_kept(path):
    save_encoder(CnnEncoder.load(), path)
    noise = [Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))]
    with pytest.warns(UserWarning, match="do not look like the built-in shop"):
        load_encoder(path).encode(noise)


def test_an_encoder_that_was_never_fitted_is_not_fitted_afterwards(path):
    save_encoder(MfccEncoder(), path)
    with pytest.raises(ValueError, match="not learned"):
        load_encoder(path).encode(SOUNDS)


# What cannot be saved


def test_an_encoder_of_your_own_is_refused_with_the_table_and_the_way_out(path):
    with pytest.raises(ValueError, match=r"WordEncoder .words. cannot be saved.*") as error:
        save_encoder(WordEncoder(), path)
    assert all(name in str(error.value) for name in SAVED_ENCODERS)
    assert 'load(folder, encoders={"text": mine})' in str(error.value)
    assert not path.exists()


def test_a_class_derived_from_a_known_one_is_refused(path):
    class Louder(MfccEncoder):
        def encode(self, values, **options):
            return 2 * super().encode(values, **options)

    with pytest.raises(ValueError, match="Louder .mfcc. cannot be saved"):
        save_encoder(Louder().fit(SOUNDS), path)


def test_clip_is_refused_with_the_way_out(tmp_path, path):
    from tiny_models import save_clip

    save_clip(tmp_path / "clip")
    with pytest.raises(ValueError, match="ClipEncoder .clip. cannot be saved"):
        save_encoder(ClipEncoder.load(tmp_path / "clip", modality="image"), path)


def test_a_network_that_is_not_what_its_name_says_is_refused_and_no_file_is_left(path):
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 5))
    mine = ResNetEncoder(network, preprocessing(8), dim=5)
    with pytest.raises(ValueError, match="is not what its name and settings say"):
        save_encoder(mine, path)
    assert not path.exists()


def test_other_preprocessing_than_the_name_says_is_refused(path):
    from mmr_toolkit.features.image.torchvision_network import classification_network

    network, dim = without_head(classification_network("squeezenet1_1", "random"))
    with pytest.raises(ValueError, match="differs from the one that was saved"):
        save_encoder(ResNetEncoder(network, preprocessing(32), dim=dim, name="squeezenet1_1"), path)


# What is not loaded


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors: no such file"):
        load_encoder(tmp_path / "none.safetensors")


def test_a_file_of_weights_is_no_encoder(path):
    save_file({"weight": torch.ones(2)}, path)
    with pytest.raises(ValueError, match="is damaged, or is no file of this toolkit"):
        load_encoder(path)


def test_any_damaged_byte_is_found(saved, path):
    whole = path.read_bytes()
    expected = fingerprint(load_encoder(path))
    rng = np.random.default_rng(0)
    refused = 0
    for position in rng.integers(0, len(whole), 300):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << rng.integers(0, 8)
        path.write_bytes(damaged)
        try:
            assert fingerprint(load_encoder(path)) == expected  # the name of the toolkit's version, or a space
        except ValueError:
            refused += 1
    assert refused > 280


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_a_file_that_was_cut_off_is_found(saved, path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="is damaged"):
        load_encoder(path)


def changed(path, **changes):
    """Another file, sealed by someone who knows how."""
    plain, tensors = read_sealed(path, "encoder")
    write_sealed(path, "encoder", plain | changes, tensors)


def test_an_entry_that_is_not_in_the_table_is_refused_and_nothing_is_imported(saved):
    changed(saved, encoder="os.system")
    with pytest.raises(ValueError, match="holds the encoder 'os.system'; known are word2vec, bert"):
        load_encoder(saved)


@pytest.mark.parametrize("kind", [["word2vec"], {"a": 1}, None, 3])
def test_an_entry_that_is_no_text_is_refused(saved, kind):
    changed(saved, encoder=kind)
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(saved)


def test_another_revision_is_refused(saved):
    changed(saved, revision=99)
    with pytest.raises(ValueError, match="revision 99 of word2vec, and this toolkit has revision 1"):
        load_encoder(saved)


def test_another_fingerprint_is_refused(saved):
    changed(saved, fingerprint="0" * 64)
    with pytest.raises(ValueError, match="differs from the one that was saved"):
        load_encoder(saved)


@pytest.mark.parametrize("settings", [{}, [], None, {"words": ["one"]}, {"words": 3}])
def test_settings_of_another_form_are_refused(saved, settings):
    changed(saved, settings=settings)
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(saved)


@pytest.mark.parametrize("name", ["mfcc", "mel", "colour-texture", "cnn", "mel-cnn", "bert", "resnet"])
def test_tensors_of_other_shapes_are_refused(name, tmp_path, path):
    save_encoder(MAKERS[name](tmp_path), path)
    plain, tensors = read_sealed(path, "encoder")
    first = next(iter(tensors))
    write_sealed(path, "encoder", plain, tensors | {first: torch.ones(1)})
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(path)


@pytest.mark.parametrize("rules", ["", "[]", "{}", '{"version": "1.0", "model": {"type": "os.system"}}', None, 3])
def test_a_tokenizer_that_someone_made_up_is_refused(tmp_path, path, rules):
    save_encoder(tiny_bert(tmp_path), path)
    settings = read_sealed(path, "encoder")[0]["settings"]
    changed(path, settings=settings | {"tokenizer": settings["tokenizer"] | {"rules": rules}})
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(path)


@pytest.mark.parametrize(
    "model",
    [{}, {"hidden_act": "os.system"}, {"num_attention_heads": 3}, {"num_attention_heads": 0}, {"layer_norm_eps": 1}],
)
def test_a_model_that_someone_made_up_is_refused(tmp_path, path, model):
    save_encoder(tiny_bert(tmp_path), path)
    settings = read_sealed(path, "encoder")[0]["settings"]
    changed(path, settings=settings | {"model": settings["model"] | model if model else {}})
    with pytest.raises(ValueError, match="no encoder can be built|differs from the one that was saved"):
        load_encoder(path)


def test_a_file_with_something_else_is_refused(path):
    write_sealed(path, "fusion", {}, {})
    with pytest.raises(ValueError, match="holds 'fusion'; expected 'encoder'"):
        load_encoder(path)


def test_numbers_of_sixteen_bits_and_of_other_layouts_come_back_as_they_were(path):
    tensors = {
        "half": torch.tensor([1.5, -2], dtype=torch.float16),
        "brain": torch.tensor([1.5, -2], dtype=torch.bfloat16),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "array": np.array([[1.0, np.nan], [-0.0, np.inf]]),
        "flags": np.array([True, False]),
        "nothing": torch.ones(0, 3),
    }
    write_sealed(path, "numbers", {"红": [1, None, "酒"]}, tensors)
    plain, found = read_sealed(path, "numbers")
    assert plain == {"红": [1, None, "酒"]}
    for name, value in tensors.items():
        expected = torch.as_tensor(value)
        assert found[name].dtype == expected.dtype
        torch.testing.assert_close(found[name], expected, rtol=0, atol=0, equal_nan=True)
    assert found["array"].signbit().tolist() == [[False, False], [True, False]]


def test_the_header_can_be_read_by_safetensors_alone(saved):
    from safetensors import safe_open

    with safe_open(saved, "pt") as file:
        head = json.loads(file.metadata()["head"])
    assert head["plain"]["settings"]["words"][:1]
    assert set(load_file(saved)) == {"vectors", "idf"}
