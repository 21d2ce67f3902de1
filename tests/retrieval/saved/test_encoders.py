"""Encoders on disk: the same vectors bit for bit, and what is refused."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from mmr_toolkit.features import (
    BertEncoder,
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
from mmr_toolkit.retrieval.saved.folder import ENCODER_FILES
from mmr_toolkit.retrieval.saved.parts import SAVED_ENCODERS, kind_of, load_encoder, save_encoder
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
def folder(tmp_path):
    return tmp_path / "encoder"


@pytest.fixture
def saved(folder):
    """A small encoder in a folder."""
    save_encoder(Word2VecEncoder.train(TEXTS, dim=8, epochs=2), folder)
    return folder


def test_every_entry_of_the_table_is_tried_here():
    assert {name.split(":")[0] for name in MAKERS} == set(SAVED_ENCODERS)


@pytest.mark.parametrize("name", MAKERS)
def test_a_loaded_encoder_gives_the_same_vectors_bit_for_bit(name, tmp_path, folder):
    encoder = MAKERS[name](tmp_path)
    expected = encoder.encode(VALUES[encoder.modality])
    state = torch.get_rng_state()
    save_encoder(encoder, folder)
    loaded = load_encoder(folder, kind_of(encoder))
    assert type(loaded) is type(encoder)
    assert (loaded.name, loaded.modality, loaded.dim) == (encoder.name, encoder.modality, encoder.dim)
    assert fingerprint(loaded) == fingerprint(encoder)
    np.testing.assert_array_equal(loaded.encode(VALUES[encoder.modality]), expected)
    np.testing.assert_array_equal(encoder.encode(VALUES[encoder.modality]), expected)  # saving changes nothing
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", ["bert: mini", "cnn: mini", "resnet", "mel-cnn"])
def test_mini_weights_still_know_which_catalogue_they_know(name, tmp_path, folder):
    save_encoder(encoder := MAKERS[name](tmp_path), folder)
    assert load_encoder(folder, kind_of(encoder)).trained_on == encoder.trained_on == "cornershop"


def test_an_encoder_that_was_never_fitted_is_not_fitted_afterwards(folder):
    save_encoder(encoder := MfccEncoder(), folder)
    with pytest.raises(ValueError, match="not learned"):
        load_encoder(folder, kind_of(encoder)).encode(SOUNDS)


# What cannot be saved


def test_an_encoder_of_your_own_and_a_class_derived_from_a_known_one_are_not_in_the_table():
    class Louder(MfccEncoder):
        def encode(self, values, **options):
            return 2 * super().encode(values, **options)

    assert kind_of(WordEncoder()) is kind_of(Louder()) is None
    assert kind_of(MfccEncoder()) == "mfcc"


def test_a_network_that_is_not_what_its_name_says_is_refused(folder):
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 5))
    mine = ResNetEncoder(network, preprocessing(8), dim=5)
    with pytest.raises(ValueError, match="is not what its name and settings say"):
        save_encoder(mine, folder)


def test_other_preprocessing_than_the_name_says_is_refused(folder):
    from mmr_toolkit.features.image.torchvision_network import classification_network

    network, dim = without_head(classification_network("squeezenet1_1", "random"))
    with pytest.raises(ValueError, match="what is loaded differs"):
        save_encoder(ResNetEncoder(network, preprocessing(32), dim=dim, name="squeezenet1_1"), folder)


# What is not loaded


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none: no encoder can be built from this folder: .*no such file"):
        load_encoder(tmp_path / "none", "word2vec")


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_weights_that_were_cut_off_are_found(saved, kept):
    weights = saved / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(saved, "word2vec")


def test_an_entry_that_is_not_in_the_table_is_refused_and_nothing_is_imported(saved):
    with pytest.raises(ValueError, match=r"holds the encoder 'os.system'; known are word2vec, bert"):
        load_encoder(saved, "os.system")


@pytest.mark.parametrize("kind", [["word2vec"], {"a": 1}, None, 3])
def test_an_entry_that_is_no_text_is_refused(saved, kind):
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(saved, kind)


@pytest.mark.parametrize("config", ["", "{}", "[]", "null", '{"words": ["one"]}', '{"words": 3}'])
def test_a_config_of_another_form_is_refused(saved, config):
    (saved / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(saved, "word2vec")


@pytest.mark.parametrize("name", ["mfcc", "mel", "colour-texture", "cnn", "mel-cnn", "bert", "resnet"])
def test_tensors_of_other_shapes_are_refused(name, tmp_path, folder):
    save_encoder(MAKERS[name](tmp_path), folder)
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {next(iter(tensors)): torch.ones(1)}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(folder, name)


@pytest.mark.parametrize("rules", ["", "[]", "{}", '{"version": "1.0", "model": {"type": "os.system"}}', "null", "3"])
def test_a_tokenizer_that_someone_made_up_is_refused(tmp_path, folder, rules):
    save_encoder(tiny_bert(tmp_path), folder)
    (folder / "tokenizer.json").write_text(rules, encoding="utf-8")
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(folder, "bert")


@pytest.mark.parametrize(
    "model",
    [
        {"model_type": "gpt2"},
        {"hidden_act": "os.system"},
        {"num_attention_heads": 3},
        {"num_attention_heads": 0},
        {"attn_implementation": "someone/kernels"},
        {"quantization_config": {"quant_method": "bitsandbytes"}},
        {"auto_map": {"AutoModel": "code.Model"}},
        {"mmr_toolkit": {"unknown": 1}},
        {"mmr_toolkit": 3},
    ],
)
def test_a_model_that_someone_made_up_is_refused(tmp_path, folder, model):
    save_encoder(tiny_bert(tmp_path), folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | model), encoding="utf-8")
    with pytest.raises(ValueError, match="no encoder can be built"):
        load_encoder(folder, "bert")


def test_the_files_of_an_encoder_with_a_tokenizer_are_those_that_are_looked_for(tmp_path):
    save_encoder(tiny_bert(tmp_path), tmp_path / "saved")
    assert {path.name for path in (tmp_path / "saved").iterdir()} == set(ENCODER_FILES)
