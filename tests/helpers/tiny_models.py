"""Networks of the transformers library with a few thousand random weights, saved as published ones are."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    PreTrainedTokenizerFast,
)

WORDS = ["red", "white", "wine", "cherry", "soda", "a", "photo", "of", "the", "sound", "glass", "红", "酒"]


def tokenizer(pad: str, unknown: str, begin: str, end: str) -> PreTrainedTokenizerFast:
    """One token per word of `WORDS`, framed by `begin` and `end`; these four come first, in this order."""
    vocabulary = {word: number for number, word in enumerate([pad, unknown, begin, end, *WORDS])}
    rules = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    rules.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    frame = [(begin, vocabulary[begin]), (end, vocabulary[end])]
    rules.post_processor = processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=frame)
    return PreTrainedTokenizerFast(
        tokenizer_object=rules, pad_token=pad, unk_token=unknown, bos_token=begin, cls_token=begin, eos_token=end
    )


def bert_config(**changes: Any) -> BertConfig:
    settings = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    return BertConfig(**settings | {"intermediate_size": 20, "max_position_embeddings": 24} | changes)


def save_bert(folder: Path, **changes: Any) -> BertModel:
    """A BERT with its tokenizer, in `folder`."""
    torch.manual_seed(0)
    model = BertModel(bert_config(**changes)).eval()
    model.save_pretrained(folder)
    tokenizer("[PAD]", "[UNK]", "[CLS]", "[SEP]").save_pretrained(folder)
    return model


TOWER = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}


def save_clip(folder: Path) -> CLIPModel:
    """A CLIP for pictures of 32 x 32 pixels and texts of 8 tokens, vectors of 6."""
    torch.manual_seed(0)
    text = {"vocab_size": 40, "max_position_embeddings": 8, "projection_dim": 6}
    config = CLIPConfig(
        text_config=TOWER | text | {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3},
        vision_config=TOWER | {"image_size": 32, "patch_size": 8, "projection_dim": 6},
        projection_dim=6,
    )
    model = CLIPModel(config).eval()
    model.save_pretrained(folder)
    tokenizer("<pad>", "<unk>", "<|start|>", "<|end|>").save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return model


def save_clap(folder: Path, *, fusion: bool = False) -> ClapModel:
    """A CLAP for sounds of 2 s and texts of 8 tokens, vectors of 6; with `fusion` it reads four spectrograms."""
    torch.manual_seed(0)
    text = {"vocab_size": 40, "max_position_embeddings": 9, "pad_token_id": 0, "projection_dim": 6}
    swin = {"depths": [1, 1], "num_attention_heads": [2, 2], "num_hidden_layers": 2, "hidden_size": 32}
    patches = {"patch_embeds_hidden_size": 16, "patch_size": 4, "patch_stride": [4, 4], "window_size": 4}
    mels = {"spec_size": 64, "num_mel_bins": 16, "enable_fusion": fusion, "aff_block_r": 2}
    if fusion:
        mels |= {"fusion_type": "aff_2d"}
    config = ClapConfig(
        text_config=TOWER | text, audio_config=swin | patches | mels | {"projection_dim": 6}, projection_dim=6
    )
    model = ClapModel(config).eval()
    model.save_pretrained(folder)
    tokenizer("<pad>", "<unk>", "<s>", "</s>").save_pretrained(folder)
    truncation = "fusion" if fusion else "rand_trunc"
    ClapFeatureExtractor(feature_size=16, max_length_s=2, truncation=truncation).save_pretrained(folder)
    return model
