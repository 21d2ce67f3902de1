"""Sentence patterns of titles, descriptions and queries, English and Chinese.

A pattern names what it needs in braces. Phrases with a small letter stand inside a sentence, with a capital letter at
its beginning (Item, Origin, Occasion):

- noun, measure, tag, detail: one entry of the vocabulary; before, after: a note before or behind the noun;
- item: the noun with its note and article ("a recycled t-shirt", "a jar of cherry jam", 樱桃果酱);
- item_after: the same with the note behind ("a jar of jam with whole cherries");
- brand, reason (why somebody wants it), otherwise (how people describe it who lack the shop's words);
- occasion ("for a picnic in the park", 去公园野餐时穿), origin ("sewn in Italy", 意大利裁制).
"""

from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

#: How hard a query is for a machine that compares words; other_language: the language that the listing is not in.
Difficulty = Literal["plain", "paraphrase", "typo", "long", "other_language"]
DIFFICULTIES: tuple[Difficulty, ...] = get_args(Difficulty)

TITLES: dict[Language, tuple[str, ...]] = {
    "en": (
        "{brand} {before} {noun}",
        "{before} {noun} by {brand}",
        "{brand} {noun} {after}",
        "{brand} {before} {noun}, {tag}",
        "{before} {noun}, {tag}, by {brand}",
        "{brand} – {noun} {after}, {tag}",
    ),
    "zh": (
        "{brand}{before}{noun}",
        "{brand} {before}{noun}",
        "【{brand}】{before}{noun}",
        "{brand}{noun} {after}",
        "{brand}{before}{noun} {tag}",
        "{brand} {noun} {after} {tag}",
        "{before}{noun} {tag} {brand}",
    ),
}
DESCRIPTIONS: dict[Language, tuple[str, ...]] = {
    "en": (
        "{Item} by {brand}, {origin}, {occasion}.",
        "{Item} by {brand}, {occasion}. {Origin}.",
        "{Item} by {brand}. {detail} {Origin}; good {occasion}.",
        "{Item} by {brand}, {origin}. {detail} Just right {occasion}.",
        "{Occasion}: {item} by {brand}, {origin}.",
        "{Item} by {brand}, our choice {occasion}. {detail} {Origin}.",
        "New in the shop: {item} by {brand}, {origin}. {detail} Nice {occasion}.",
        "From {brand}: {item_after}, {origin}. {detail} Good {occasion}.",
        "Also from {brand}: {item_after}, {origin}, {occasion}. {detail}",
    ),
    "zh": (
        "{brand}{item}，{origin}，适合{occasion}。",
        "{item}，来自{brand}。{origin}，适合{occasion}。",
        "{item}，来自{brand}。{detail}{origin}，{occasion}正合适。",
        "{brand}{item}，{origin}，适合{occasion}。{detail}",
        "{occasion}，就选{brand}{item}。{origin}。",
        "{occasion}，推荐{brand}{item}。{detail}{origin}。",
        "新品上架：{brand}{item}，{origin}。{detail}适合{occasion}。",
        "{brand}{noun}，{after}，{origin}。{detail}{occasion}也不错。",
    ),
}
#: What a customer types in a hurry. A slip of the keyboard starts from such a query, too.
PLAIN: dict[Language, tuple[str, ...]] = {
    "en": (
        "{brand} {before} {noun}",
        "{before} {noun} {brand}",
        "{before} {noun} by {brand}",
        "{before} {noun} from {brand}",
        "{noun} {after} {brand}",
        "{brand} {noun} {after}",
    ),
    "zh": (
        "{brand}{before}{noun}",
        "{brand}的{before}{noun}",
        "{before}{noun} {brand}",
        "{noun} {after} {brand}",
        "{brand} {noun} {after}",
        "想买{brand}的{before}{noun}",
    ),
}
#: Without the words of the listing: only the brand's name has no other word.
PARAPHRASES: dict[Language, tuple[str, ...]] = {
    "en": ("{otherwise}, by {brand}", "{otherwise} ({brand})"),
    "zh": ("{brand}，{otherwise}", "{otherwise}，{brand}的", "{otherwise}（{brand}）"),
}
#: Two sentences: why, and what.
LONG: dict[Language, tuple[str, ...]] = {
    "en": (
        "{reason} Could I order {item} by {brand}?",
        "{reason} Do you have {item} from {brand}?",
        "{reason} I would like {item}, preferably by {brand}.",
        "{reason} I need {item}, and only {brand} will do.",
        "{reason} Ideally I would like {item} from {brand}.",
    ),
    "zh": (
        "{reason}请问有没有{brand}的{item}？",
        "{reason}想买{measure}{brand}的{item}，请问有货吗？",
        "{reason}帮我找{measure}{item}，最好是{brand}的。",
        "{reason}有{brand}家的{item}吗？",
        "{reason}我要的是{item}，认准{brand}。",
    ),
}
