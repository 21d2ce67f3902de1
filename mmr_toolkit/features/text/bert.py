"""Text as the pooled output of BERT, a network that reads every word in the light of all others."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from transformers import BertModel, PreTrainedModel, PreTrainedTokenizerBase

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.encoder import Device, UnencodableValue, batches, check_values
from mmr_toolkit.features.weights.folder import write_folder
from mmr_toolkit.features.weights.network import Precision, check_precision, inference
from mmr_toolkit.features.weights.pretrained import load_json, load_tokenizer, load_transformer, rules_of
from mmr_toolkit.features.weights.tier import choose_tier, mini_weights

#: The full tier: 104 languages, Chinese by single characters, 768 dimensions.
PUBLISHED = "bert-base-multilingual-cased"
#: What stands further behind in a text is not even cut into tokens: a few hundred tokens are all that BERT takes.
MAX_CHARACTERS = 10_000
#: What a model of the sentence-transformers library says of itself.
SENTENCE_SETTINGS = "sentence_bert_config.json"

Pooling = Literal["mean", "cls"]


def mean_of_tokens(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over all real tokens, [CLS] and [SEP] among them as is usual; padding does not count.

    Args:
        hidden: (n, n_tokens, dim), the last layer.
        mask: (n, n_tokens), 1 for a real token, 0 for padding.

    Returns:
        (n, dim).
    """
    real = mask[..., None].to(hidden.dtype)
    return (hidden * real).sum(dim=1) / real.sum(dim=1)


def first_token(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The output at [CLS], (n, dim): a summary only if the network was trained to write one there."""
    return hidden[:, 0]


#: How one vector per token becomes one vector per text.
POOLINGS: dict[Pooling, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "mean": mean_of_tokens,
    "cls": first_token,
}


def max_tokens_of(
    source: PathLike, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, revision: str | None = None
) -> int:
    """How many tokens of a text a published model reads, as the sentence-transformers library has it.

    A model of sentences says it in its file `SENTENCE_SETTINGS`: all-MiniLM-L6-v2 was trained on 256 tokens, though it
    has 512 positions. Any other reads as many as both model and tokenizer take.

    Raises:
        ValueError: that file is damaged, or says something else than a number.
    """
    most = min(model.config.max_position_embeddings, tokenizer.model_max_length)
    said = load_json(source, SENTENCE_SETTINGS, revision=revision).get("max_seq_length")
    if said is None:
        return most
    if type(said) is not int or said < 3:
        raise ValueError(
            f"{SENTENCE_SETTINGS} of {source} says max_seq_length {said!r}; expected a whole number, 3 or more. Give "
            "load(..., max_tokens=...)."
        )
    return min(said, most)


class BertEncoder:
    """A text's vector is the mean over its tokens of BERT's last layer (Devlin et al. 2019).

    The text is cut into tokens (words, pieces of rare words, single Chinese characters), framed by [CLS] and [SEP].
    Every layer mixes each token's vector with those of all others (self-attention), so "orange" in "orange juice" and
    in "orange socks" end as two different vectors; word vectors know only one.

    BERT learns to guess masked words. That alone makes poor text vectors; the mini weights have learned afterwards that
    two texts of the same product belong together, in English and Chinese (Reimers & Gurevych 2019 did it with
    sentence pairs).
    """

    modality: ClassVar[Modality] = "text"
    name = "bert"
    revision: ClassVar[int] = 1

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        pooling: Pooling = "mean",
        max_tokens: int = 128,
        precision: Precision = "float32",
        trained_on: str | None = None,
    ) -> None:
        """Use `load`, or give a model and the tokenizer that it was trained with.

        Args:
            model: a BertModel of transformers.
            tokenizer: cuts texts into the tokens that the model knows.
            pooling: "mean" over all tokens, or "cls", the first one.
            max_tokens: longer texts are cut, [CLS] and [SEP] included; at most as many as the model has positions.
            precision: what the network computes in; the 16-bit types are made for GPUs.
            trained_on: the name of the only catalogue that the model knows, for which `extract` looks.
        """
        n_positions = model.config.max_position_embeddings
        if pooling not in POOLINGS:
            raise ValueError(f"pooling is {pooling!r}; expected one of {', '.join(POOLINGS)}.")
        if not 3 <= max_tokens <= n_positions:
            raise ValueError(f"max_tokens is {max_tokens}; expected 3 … {n_positions}, the positions of this model.")
        check_precision(precision)
        self.model, self.tokenizer = model, tokenizer
        self.pooling, self.max_tokens, self.precision = pooling, max_tokens, precision
        self.trained_on = trained_on

    @classmethod
    def load(
        cls,
        source: PathLike | None = None,
        *,
        pooling: Pooling | None = None,
        max_tokens: int | None = None,
        precision: Precision | None = None,
        revision: str | None = None,
        tier: str | None = None,
    ) -> Self:
        """A trained encoder.

        Args:
            source: a name on the Hugging Face hub ("bert-base-chinese"), or a local folder in the same form, as `save`
                writes it. None: by tier, the mini weights of this repository or `PUBLISHED`.
            pooling, max_tokens, precision: see `BertEncoder`. None: as it was saved, else the default there, and for
                max_tokens what the model was published with, see `max_tokens_of`.
            revision: of a model on the hub: a branch, tag or commit. A commit makes a result repeatable.
            tier: "mini" or "full"; None: the environment variable MMR_TIER, else "mini".

        Raises:
            ValueError, FileNotFoundError, OSError: there is no such model, or it is not a whole and safe BERT; the
                message says what to do.
        """
        if source is None:
            source = PUBLISHED if choose_tier(tier) == "full" else str(mini_weights("bert"))
        model = load_transformer(BertModel, source, model_type="bert", revision=revision)
        tokenizer = load_tokenizer(source, revision=revision)
        given = {"pooling": pooling, "max_tokens": max_tokens, "precision": precision}
        options = getattr(model.config, "mmr_toolkit", {}) | {k: v for k, v in given.items() if v is not None}
        if "max_tokens" not in options:
            options["max_tokens"] = max_tokens_of(source, model, tokenizer, revision=revision)
        return cls(model, tokenizer, **options)

    @property
    def dim(self) -> int:
        """Length of each vector: 768 for bert-base."""
        return self.model.config.hidden_size

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the vectors beside the learned numbers."""
        config = self.model.config
        return {
            "pooling": self.pooling,
            "max_tokens": self.max_tokens,
            "precision": self.precision,
            "n_heads": config.num_attention_heads,
            "activation": str(config.hidden_act),
            "layer_norm_eps": config.layer_norm_eps,
            "tokenizer": rules_of(self.tokenizer),
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        """All weights by name."""
        return self.model.state_dict()

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder, in the form of the hub."""
        config = json.loads(self.model.config.to_json_string())
        names = ("pooling", "max_tokens", "precision", "trained_on")
        own = {name: getattr(self, name) for name in names}
        write_folder(folder, self.tensors(), config | {"mmr_toolkit": own})
        self.tokenizer.save_pretrained(folder)

    def encode(self, values: Sequence[str], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per text, (n, dim) float32; not normalised.

        Only the first `max_tokens` tokens of a text are read, of the first `MAX_CHARACTERS` characters.

        Args:
            values: texts.
            batch_size: how many texts run through the network together. They are padded to the longest among them, so
                texts of similar length are put together; the order of the result is that of `values`.
            device: where the network computes.

        Raises:
            TypeError, ValueError: not a list of texts.
            UnencodableValue: a text is empty, or the tokenizer knows nothing in it.
        """
        token_ids = self._token_ids(check_values(values, str, "texts (str)"))
        longest_first = sorted(range(len(token_ids)), key=lambda i: -len(token_ids[i]))
        pooled = []
        with inference(self.model, device, self.precision):
            for batch in batches(longest_first, batch_size):
                pooled.append(self._pool([token_ids[i] for i in batch], device))
            sorted_vectors = torch.cat(pooled).cpu().numpy()
        vectors = np.empty_like(sorted_vectors)
        vectors[longest_first] = sorted_vectors
        return vectors

    def _token_ids(self, texts: list[str]) -> list[list[int]]:
        """The numbers of each text's tokens, cut to `max_tokens`."""
        tokenised = self.tokenizer(
            [text.strip()[:MAX_CHARACTERS] for text in texts],
            truncation=True,
            max_length=self.max_tokens,
            return_attention_mask=False,
            return_token_type_ids=False,
        )["input_ids"]
        framing = {self.tokenizer.cls_token_id, self.tokenizer.sep_token_id}
        reasons = {}
        for i, ids in enumerate(tokenised):
            inner = set(ids) - framing
            if not inner:
                reasons[i] = f"the text {texts[i][:40]!r} is empty"
            elif inner == {self.tokenizer.unk_token_id}:
                reasons[i] = f"the tokenizer knows nothing in the text {texts[i][:40]!r}"
        if reasons:
            raise UnencodableValue(reasons)
        return tokenised

    def _pool(self, token_ids: list[list[int]], device: Device) -> torch.Tensor:
        """Run one batch through the network, (n, dim) float32 on the device."""
        padded = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(ids) for ids in token_ids], batch_first=True, padding_value=self.tokenizer.pad_token_id
        )
        n_tokens = torch.tensor([len(ids) for ids in token_ids])
        mask = (torch.arange(padded.shape[1]) < n_tokens[:, None]).long().to(device)
        hidden = self.model(input_ids=padded.to(device), attention_mask=mask, return_dict=True).last_hidden_state
        return POOLINGS[self.pooling](hidden.float(), mask)
