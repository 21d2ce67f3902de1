"""A BERT and its tokenizer as plain JSON values and tensors, and back; what shapes tell is not written twice."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mmr_toolkit.environment import check_torch_trio
from mmr_toolkit.features.network import rebuilt

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

#: Settings of the model that decide its vectors and that no shape tells.
MODEL_SETTINGS = ("num_attention_heads", "hidden_act", "layer_norm_eps")
SPECIAL_TOKENS = ("unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


def model_from_plain(settings: Mapping[str, Any], tensors: "Mapping[str, torch.Tensor]") -> "PreTrainedModel":
    """A BertModel of transformers, without its pooling layer, in evaluation mode.

    Args:
        settings: a value for each of `MODEL_SETTINGS`.
        tensors: its weights by name.

    Raises:
        KeyError, ValueError: weights that are no BERT's.
    """
    check_torch_trio()
    from transformers import BertConfig, BertModel

    from mmr_toolkit.features.explain import quiet

    n_words, dim = tensors["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=n_words,
        hidden_size=dim,
        num_hidden_layers=len({name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")}),
        intermediate_size=len(tensors["encoder.layer.0.intermediate.dense.weight"]),
        max_position_embeddings=len(tensors["embeddings.position_embeddings.weight"]),
        type_vocab_size=len(tensors["embeddings.token_type_embeddings.weight"]),
        **{name: settings[name] for name in MODEL_SETTINGS},
    )
    rebuilt(lambda: BertModel(config, add_pooling_layer=False), tensors)  # refuses what does not fit
    with quiet():  # once more by transformers, which also makes what is no weight, as the numbers of the positions
        model = BertModel.from_pretrained(None, config=config, state_dict=dict(tensors), add_pooling_layer=False)
    return model.eval()


def tokenizer_to_plain(tokenizer: "PreTrainedTokenizerBase") -> dict[str, Any]:
    """All rules of a tokenizer.

    Raises:
        ValueError: it is one of the old kind, written in Python, which has no rules as JSON.
    """
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise ValueError(f"a {type(tokenizer).__name__} has no rules that could be written; use a fast tokenizer.")
    special = {name: getattr(tokenizer, name) for name in SPECIAL_TOKENS}
    return {"rules": tokenizer.backend_tokenizer.to_str(), "special": special}


def tokenizer_from_plain(plain: Mapping[str, Any]) -> "PreTrainedTokenizerBase":
    """The reverse of `tokenizer_to_plain`. No class is named in it, and no code of it is run.

    Raises:
        KeyError, TypeError, ValueError: other rules than those of a tokenizer.
    """
    from transformers import PreTrainedTokenizerFast

    special = {name: plain["special"].get(name) for name in SPECIAL_TOKENS}
    with TemporaryDirectory() as folder:  # it reads its rules from a file only
        path = Path(folder, "tokenizer.json")
        path.write_text(plain["rules"], encoding="utf-8")
        try:
            tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path), **special)
        except Exception as error:  # a plain Exception is what the library raises
            raise ValueError(f"these are no rules of a tokenizer: {error}") from error
    return tokenizer
