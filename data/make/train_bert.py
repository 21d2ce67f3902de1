"""Train the mini BERT: contrastive steps on texts of the same product, English and Chinese.

    OMP_NUM_THREADS=1 python data/make/train_bert.py                 writes data/weights/bert/
    OMP_NUM_THREADS=1 python data/make/train_bert.py --shop-only     prints what the shop's own texts alone teach

The network starts from random numbers. Guessing masked words, with which a published BERT begins, is left out: the
words of one shop are learned without it.
"""

import argparse
import itertools
import re
import time
from collections import Counter
from string import ascii_lowercase, digits

import numpy as np
import torch
from torch.nn.functional import log_softmax, normalize
from transformers import BertConfig, BertModel, BertTokenizer

from fresh_texts import COMMON_CHARACTERS, PHRASES, Text, TextProduct, fresh_products, training_products
from mmr_toolkit.features.text.bert import BertEncoder, mean_of_tokens
from mmr_toolkit.shop.quality import encoder_quality
from model_card import CATALOGUE, WEIGHTS_FOLDER, write_card
from shop import build_shop

FOLDER = WEIGHTS_FOLDER / "bert"
MOST_TOKENS = 128  # the longest text of the shop has 124
WARM_UP = 30  # steps in which the learning rate rises; then it falls to 0
SETTINGS = {
    "layers": 2,
    "hidden": 128,
    "heads": 4,
    "steps": 320,
    "batch": 64,
    "learning_rate": 1e-3,
    "scale": 12.0,
    "fresh_products": 4000,
    "seed": 0,
    "threads": 1,
}
#: Which texts are compared in one step. A query, a title and a phrase are short, a description and an item long.
VIEWS = (
    ("query_en", "item"),
    ("query_zh", "item"),
    ("phrase_en", "item"),
    ("phrase_zh", "item"),
    ("query_en", "title_zh"),
    ("query_zh", "title_en"),
    ("title_en", "title_zh"),
    ("phrase_en", "phrase_zh"),
    ("description_en", "description_zh"),
)
ABOUT = """A BERT with 2 layers and 128 dimensions (1.06 million weights, 16-bit on disk) whose vectors tell which
texts speak of the same product, in English and Chinese. `BertEncoder.load()` reads it, and so does
`BertModel.from_pretrained`."""
DATA = """The titles, descriptions and queries of the shop's 516 training products with a text, in both languages (the
shop lists some of them in one only), and those of 4,000 fresh products: training types, notes, brands, occasions and
origins at random in the shop's own grammar, a quarter of the words made up (random letters or characters, the same in
both languages, as brand names often are). A step compares two texts of each of 64 products, half of them fresh. Two
texts belong together if one says all that the other says.

No text of a fresh product stands in the validation or test split, and no paraphrase of a note is used on both sides
(see `Note` in make/vocabulary/entry.py). No text is about the five types that only the test split has (shorts,
beanie, pear, lemonade, milk)."""
LIMITS = """It knows the shop's words, about a thousand in each of two languages. Others are compared by their letters
and characters: "beanie" finds "beanie", but finds 毛线帽 only where a text says both. For other texts than the
shop's use the full tier."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def vocabulary(products: list[TextProduct]) -> list[str]:
    """The tokens of the mini BERT: the same on every run, unlike what the `tokenizers` library would learn.

    Every word that stands in the training texts twice is a token. Other words, typing errors among them, are put
    together from letters and pairs of letters, and Chinese from single characters.
    """
    count = Counter(
        word
        for product in products
        for text in product.texts.values()
        for word in set(re.findall(r"[a-z]+|[^a-z\s]", text.lower()))
    )
    letters = ascii_lowercase + digits
    pieces = [*letters, *map("".join, itertools.product(ascii_lowercase, repeat=2))]
    plain = {*(word for word, times in count.items() if times > 1), *COMMON_CHARACTERS, *pieces}
    return [*SPECIAL, *sorted(plain), *(f"##{piece}" for piece in pieces)]


def says_the_same(left: list[Text], right: list[Text]) -> torch.Tensor:
    """(n_left, n_right) bool: one of the two says all that the other says, so they belong together."""
    return torch.tensor([[a.says <= b.says or b.says <= a.says for b in right] for a in left])


def contrastive_loss(similarity: torch.Tensor, positive: torch.Tensor) -> torch.Tensor:
    """InfoNCE (van den Oord et al. 2018) with several positives in a row (Khosla et al. 2020).

    Args:
        similarity: (n, m), already divided by the temperature.
        positive: (n, m) bool, at least one in each row.
    """
    share = positive / positive.sum(dim=1, keepdim=True)
    return -(share * log_softmax(similarity, dim=1)).sum(dim=1).mean()


def untrained(products: list[TextProduct]) -> tuple[BertModel, BertTokenizer]:
    """A network of random numbers, from torch's own generator, and the tokenizer for it."""
    tokens = vocabulary(products)
    tokenizer = BertTokenizer(vocab={token: i for i, token in enumerate(tokens)}, model_max_length=MOST_TOKENS)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=SETTINGS["hidden"],
        num_hidden_layers=SETTINGS["layers"],
        num_attention_heads=SETTINGS["heads"],
        intermediate_size=2 * SETTINGS["hidden"],
        max_position_embeddings=MOST_TOKENS,
        mmr_toolkit={"trained_on": CATALOGUE},
    )
    return BertModel(config, add_pooling_layer=False), tokenizer


def text_pairs(chosen: list[TextProduct], rng: np.random.Generator) -> tuple[list[Text], list[Text]]:
    """Two texts of each product, the same two kinds of text for all."""
    left, right = VIEWS[rng.integers(len(VIEWS))]
    phrases = [PHRASES[rng.integers(len(PHRASES))] for _ in chosen]
    pairs = list(zip(chosen, phrases, strict=True))
    return [one.text(left, phrase, rng) for one, phrase in pairs], [
        one.text(right, phrase, rng) for one, phrase in pairs
    ]


def train(products: list[TextProduct], fresh: list[TextProduct]) -> tuple[BertModel, BertTokenizer]:
    """Half of each batch are training products of the shop, half are fresh ones; without these all are the shop's."""
    rng = np.random.default_rng(SETTINGS["seed"])
    torch.manual_seed(SETTINGS["seed"])  # first weights and dropout take no generator of their own
    model, tokenizer = untrained(products)
    model.train()
    n_steps = SETTINGS["steps"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=SETTINGS["learning_rate"], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / WARM_UP, (n_steps - step) / (n_steps - WARM_UP))
    )

    def embed(texts: list[Text]) -> torch.Tensor:
        batch = tokenizer([text.text for text in texts], padding=True, return_tensors="pt")
        hidden = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
        return normalize(mean_of_tokens(hidden, batch.attention_mask), dim=1)

    start, sources = time.process_time(), [products, fresh] if fresh else [products]
    each = SETTINGS["batch"] // len(sources)
    for step in range(n_steps):
        chosen = [source[i] for source in sources for i in rng.choice(len(source), each, replace=False)]
        left, right = text_pairs(chosen, rng)
        similarity, positive = SETTINGS["scale"] * embed(left) @ embed(right).T, says_the_same(left, right)
        loss = (contrastive_loss(similarity, positive) + contrastive_loss(similarity.T, positive.T)) / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step}: loss {loss.item():.2f}, {time.process_time() - start:.0f} s of CPU", flush=True)
    return model.eval(), tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shop-only", action="store_true", help="without fresh products; nothing is written")
    shop_only = parser.parse_args().shop_only
    torch.set_num_threads(SETTINGS["threads"])
    start = time.process_time()
    shop = build_shop()
    if shop_only:
        encoder = BertEncoder(*train(training_products(shop), []), max_tokens=MOST_TOKENS)
        print(encoder_quality(encoder, "test").reached.round(3))
        return
    fresh = list(itertools.islice(fresh_products(shop, SETTINGS["seed"]), SETTINGS["fresh_products"]))
    model, tokenizer = train(training_products(shop), fresh)
    seconds = time.process_time() - start

    FOLDER.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)
    write_card(
        FOLDER,
        BertEncoder.load(str(FOLDER)),
        title="Mini BERT",
        about=ABOUT,
        data=DATA,
        limits=LIMITS,
        script="OMP_NUM_THREADS=1 python data/make/train_bert.py",
        seconds=seconds,
        settings=SETTINGS,
    )


if __name__ == "__main__":
    main()
