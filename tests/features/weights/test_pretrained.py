"""Weights are loaded whole and as they were saved, or not at all. A hub of a few lines stands in for the real one."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForMaskedLM, BertModel, CLIPImageProcessor
from transformers.utils import logging

from mmr_toolkit.features.weights.folder import PICKLES, load_state
from mmr_toolkit.features.weights.pretrained import SIZES, load_preprocessor, load_tokenizer, load_transformer, rules_of
from mmr_toolkit.features.weights.tier import OFFLINE_WAY
from patience import PATIENCE
from tiny_models import bert_config, save_bert, save_clip, tokenizer

load_bert = partial(load_transformer, BertModel, model_type="bert")
IDS = torch.tensor([[2, 4, 6, 3]])
LAYER = "encoder.layer.1.output.dense.weight"


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    save_bert(folder)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "bert"))


def change_weights(folder: Path, change) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder: Path, **changes) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


# What is loaded


@pytest.mark.parametrize("kind", [Path, str])
def test_a_model_is_loaded_as_it_was_saved(whole, kind):
    model, saved = load_bert(kind(whole)), save_bert(whole)
    weights, original = model.state_dict(), saved.state_dict()
    assert weights.keys() == {name for name in original if not name.startswith("pooler")}
    for name, weight in weights.items():
        torch.testing.assert_close(weight, original[name], rtol=0, atol=0)
    assert not model.training
    torch.testing.assert_close(model(IDS).last_hidden_state, saved(IDS).last_hidden_state)


@pytest.mark.parametrize("saved", ["with a head for masked words", "without a pooler"])
def test_a_bert_saved_otherwise(tmp_path, saved):
    """Only weights that are used must be there. Loading twice gives the same numbers: none of them is random."""
    torch.manual_seed(1)
    if saved == "without a pooler":
        model = BertModel(bert_config(), add_pooling_layer=False).eval()
        expected = model(IDS).last_hidden_state
    else:
        model = BertForMaskedLM(bert_config()).eval()
        expected = model.bert(IDS).last_hidden_state
    model.save_pretrained(tmp_path)
    first, second = load_bert(tmp_path), load_bert(tmp_path)
    torch.testing.assert_close(first(IDS).last_hidden_state, expected)
    for name, weight in first.state_dict().items():
        torch.testing.assert_close(second.state_dict()[name], weight, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_of_16_bits_become_float32(folder, dtype):
    exact = load_bert(folder)
    exact.to(dtype).save_pretrained(folder)
    model = load_bert(folder)
    assert model.dtype == torch.float32
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, exact.state_dict()[name].float(), rtol=0, atol=0)


def test_weights_in_shards(tmp_path):
    model = save_bert(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    model.save_pretrained(tmp_path, max_shard_size="8KB")
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 2
    torch.testing.assert_close(load_bert(tmp_path)(IDS).last_hidden_state, model(IDS).last_hidden_state)
    shards[1].unlink()
    with pytest.raises(FileNotFoundError, match=rf"lacks a part of its weights: {shards[1].name}\. .*mini tier"):
        load_bert(tmp_path)


def test_the_tokenizer(whole):
    assert load_tokenizer(whole)("red wine")["input_ids"] == [2, 4, 6, 3]


def test_the_preprocessor(tmp_path):
    save_clip(tmp_path)
    assert load_preprocessor(CLIPImageProcessor, tmp_path).crop_size["height"] == 32


def test_rules_of_a_tokenizer_do_not_depend_on_its_last_call(whole):
    ours = load_tokenizer(whole)
    before = rules_of(ours)
    ours(["red", "red wine"], padding=True, truncation=True, max_length=3)
    assert rules_of(ours) == before
    assert rules_of(tokenizer("[PAD]", "[UNK]", "[CLS]", "[END]")) != before


def test_nothing_is_printed_and_no_setting_stays_changed(folder, capfd):
    change_weights(folder, lambda weights: weights.update(surplus=torch.zeros(2)))
    capfd.readouterr()
    for level in (logging.WARNING, logging.INFO):
        before = logging.get_verbosity()
        logging.set_verbosity(level)
        try:
            load_bert(folder)
            with pytest.raises(FileNotFoundError):
                load_bert(folder / "none")
            assert logging.get_verbosity() == level
        finally:
            logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")
    assert logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        load_bert(folder)
        assert not logging.is_progress_bar_enabled()
    finally:
        logging.enable_progress_bar()


# What is refused: folders


def remove(name):
    return lambda folder: (folder / name).unlink()


def write(name, data):
    return lambda folder: (folder / name).write_bytes(data)


def cut_off(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def only_a_pickle(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def lose_two(weights):
    del weights[LAYER], weights["embeddings.LayerNorm.bias"]


def reshape(weights):
    weights[LAYER] = torch.zeros(3, 5)


FAULTS = {
    "no config": (remove("config.json"), FileNotFoundError, "has no config.json, so it holds no model"),
    "no weights": (remove("model.safetensors"), FileNotFoundError, "has no model.safetensors, so it holds no weights"),
    "broken config": (write("config.json", b'{"model'), ValueError, "cannot be loaded: .*not a valid JSON file"),
    "no type": (write("config.json", b"{}"), ValueError, "of type None by its config.json; expected 'bert'"),
    "other type": (
        lambda folder: change_config(folder, model_type="roberta"),
        ValueError,
        "of type 'roberta' by its config.json; expected 'bert'",
    ),
    "own code": (
        lambda folder: change_config(folder, model_type="mine", auto_map={"AutoConfig": "code.Config"}),
        ValueError,
        "of type 'mine'",
    ),
    "settings that cannot be": (
        lambda folder: change_config(folder, num_attention_heads=3),
        ValueError,
        "cannot be loaded: .*attention heads",
    ),
    "missing weights": (
        lambda folder: change_weights(folder, lose_two),
        ValueError,
        rf"does not hold the weights of this BertModel\. Missing: embeddings.LayerNorm.bias, {LAYER}\.",
    ),
    "another shape": (
        lambda folder: change_weights(folder, reshape),
        ValueError,
        rf"Of another shape: {LAYER}: \[3, 5\], expected \[16, 20\]",
    ),
    "another size": (
        lambda folder: change_config(folder, num_hidden_layers=3),
        ValueError,
        r"Missing: encoder.layer.2.* and 13 more\.",
    ),
    "cut off": (cut_off, ValueError, "the weights are damaged, cut off or no safetensors; fetch them anew"),
    "emptied": (write("model.safetensors", b""), ValueError, "the weights are damaged"),
    "pickle": (only_a_pickle, ValueError, "has its weights in pytorch_model.bin, which is not read.* are pickles"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_folders_that_are_refused(folder, fault):
    damage, error, message = FAULTS[fault]
    damage(folder)
    with pytest.raises(error, match=f"(?s){message}") as caught:
        load_bert(folder)
    assert str(folder) in str(caught.value)
    assert str(caught.value).endswith(OFFLINE_WAY)


@pytest.mark.parametrize("name", SIZES)
def test_a_model_that_announces_more_than_its_weights_hold_is_refused_before_it_is_made(folder, name, monkeypatch):
    """Its weights would be drawn first: ten million rows took five gigabytes."""
    change_config(folder, **{name: 10_000_000})
    monkeypatch.setattr(BertModel, "from_pretrained", lambda *_, **__: pytest.fail("it was made"))
    with pytest.raises(ValueError, match=f"says in its config.json that {name} is 10,000,000, which its weights"):
        load_bert(folder)


def test_several_types_may_be_accepted(folder):
    with pytest.raises(ValueError, match="of type 'bert' by its config.json; expected 'clip' or 'clap'"):
        load_transformer(BertModel, folder, model_type=("clip", "clap"))
    assert load_transformer(BertModel, folder, model_type=("clip", "bert")).dtype == torch.float32


def test_a_tokenizer_without_a_vocabulary(folder):
    """The library makes one that knows no word at all, and says nothing."""
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match="has no vocabulary: expected tokenizer.json or vocab.txt"):
        load_tokenizer(folder)


def test_a_broken_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be loaded"):
        load_tokenizer(folder)


# What is refused: names


@pytest.mark.parametrize("source", ["none/of/these", "no name", "../none", Path("none"), ""])
@pytest.mark.parametrize("load", [load_bert, load_tokenizer, partial(load_preprocessor, CLIPImageProcessor)])
def test_names_that_cannot_be(source, load):
    with pytest.raises(FileNotFoundError, match="no such folder, and no possible name|has no"):
        load(source)


@pytest.mark.parametrize("load", [load_bert, load_tokenizer])
def test_without_a_network(load):
    """Tests run with HF_HUB_OFFLINE=1 (see conftest.py)."""
    with pytest.raises(
        ConnectionError, match="nobody/none: no such folder here, .* the hub cannot be reached"
    ) as caught:
        load("nobody/none")
    assert str(caught.value).endswith(OFFLINE_WAY)


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves the folders below `root` as models on the hub: owner/model/resolve/main/file."""

    root: Path

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        parts = parts[2:] if parts[0] == "api" else parts  # api/models/owner/model/...
        model, rest = self.root.joinpath(*parts[:2]), parts[2:]
        faults = {"gated": (403, "GatedRepo"), "broken": (500, "")}
        if len(parts) > 1 and parts[1] in faults:
            return self.refuse(*faults[parts[1]])
        if not model.is_dir():
            return self.refuse(404, "RepoNotFound")
        if rest[:1] == ["resolve"] and rest[1] != "main":
            return self.refuse(404, "RevisionNotFound")
        if not model.joinpath(*rest[2:]).is_file():
            return self.refuse(404, "EntryNotFound")
        data = model.joinpath(*rest[2:]).read_bytes()
        self.send_response(200)
        headers = {"ETag": f'"{hash(data)}"', "X-Repo-Commit": "0" * 40, "Content-Length": len(data)}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        if body:
            self.wfile.write(data)
        return None

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass


HUB_SCRIPT = """
import sys
from transformers import BertModel
from mmr_toolkit.features.weights.pretrained import load_tokenizer, load_transformer
for name in sys.argv[1:]:
    source, _, revision = name.partition("@")
    try:
        model = load_transformer(BertModel, source, model_type="bert", revision=revision or None)
        print(name, "loaded", f"{sum(w.double().abs().sum().item() for w in model.state_dict().values()):.6f}",
              load_tokenizer(source)("red wine")["input_ids"], sep="|")
    except Exception as error:
        print(name, type(error).__name__, " ".join(str(error).split()), sep="|")
"""


@pytest.mark.slow
def test_models_on_a_hub(whole, tmp_path, root):
    hub = tmp_path / "hub"
    shutil.copytree(whole, hub / "me" / "bert")
    only_a_pickle(Path(shutil.copytree(whole, hub / "me" / "pickle")))
    Hub.root = hub
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = os.environ | {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HOME": str(tmp_path / "cache"),
        "HF_HUB_OFFLINE": "0",
        "DISABLE_SAFETENSORS_CONVERSION": "1",  # no one is asked to convert the pickle
    }
    expected = {
        "me/bert": ("loaded", None),
        "me/bert@v9": ("FileNotFoundError", "the hub has no such revision of it"),
        "me/none": ("FileNotFoundError", "no such folder here, and no such model on the hub"),
        "me/gated": ("ValueError", "its owner asks for consent"),
        "me/pickle": ("ValueError", "it has no model.safetensors on the hub, and pickles are not read"),
    }
    try:
        command = [sys.executable, "-c", HUB_SCRIPT, *expected]
        ran = subprocess.run(
            command, env=environment, cwd=root, capture_output=True, encoding="utf-8", check=True, timeout=PATIENCE
        )
    finally:
        server.shutdown()
        server.server_close()
    lines = {name: rest for name, *rest in (line.split("|") for line in ran.stdout.splitlines())}
    assert lines.keys() == expected.keys(), ran.stdout
    for name, (kind, message) in expected.items():
        assert lines[name][0] == kind, lines[name]
        assert message is None or message in lines[name][1]
        assert kind == "loaded" or lines[name][1].endswith(OFFLINE_WAY)
    total = sum(weight.double().abs().sum().item() for weight in load_bert(whole).state_dict().values())
    assert lines["me/bert"][1:] == [f"{total:.6f}", "[2, 4, 6, 3]"]
    assert not list((tmp_path / "cache").rglob("*.bin"))


# A state dict


def network() -> torch.nn.Sequential:
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.BatchNorm1d(4))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_state_is_loaded(tmp_path, dtype):
    given = {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in network().state_dict().items()
    }
    save_file(given, tmp_path / "a.safetensors")
    ours = network()
    load_state(ours, tmp_path / "a.safetensors")
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, given[name].to(tensor.dtype), rtol=0, atol=0)
    assert ours[0].weight.dtype == torch.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("0.bias"), r"does not hold the weights of this Sequential\. Missing: 0.bias\."),
        (lambda state: state.update({"0.bias": torch.zeros(5)}), r"Of another shape: 0.bias: \[5\], expected \[4\]"),
        (lambda state: state.update({"9.bias": torch.zeros(5)}), "weights that a Sequential does not have: 9.bias"),
    ],
)
def test_a_state_of_another_network(tmp_path, change, message):
    state = network().state_dict()
    change(state)
    save_file(state, tmp_path / "a.safetensors")
    ours = network()
    before = {name: tensor.clone() for name, tensor in ours.state_dict().items()}
    with pytest.raises(ValueError, match=message):
        load_state(ours, tmp_path / "a.safetensors")
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)


def test_a_state_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.safetensors: no such file of weights"):
        load_state(network(), tmp_path / "none.safetensors")
    (tmp_path / "a.safetensors").write_bytes(b"0" * 100)
    with pytest.raises(ValueError, match="a.safetensors: the weights are damaged, cut off or no .*mini tier"):
        load_state(network(), tmp_path / "a.safetensors")


@pytest.mark.parametrize("suffix", PICKLES)
def test_pickles_are_not_opened(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    torch.save(network().state_dict(), path)
    with pytest.raises(ValueError, match=r"is not read\. Such files are pickles, .* Convert them.*mini tier"):
        load_state(network(), path)
