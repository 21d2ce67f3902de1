"""The shop's texts and queries: as a shop writes and people type, and as hard to find as their grade says."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from attributes import BRANDS, NOTES, OCCASIONS, TYPES
from grammar import DIFFICULTIES, LANGUAGES
from mmr_toolkit.features.text.tokenise import is_chinese, tokens
from relevance import FULL, grades
from shop import GRADES, Product, build_shop
from texts import HEARD, description, item_phrase, query, title, with_one_noun, wording
from vocabulary import WORDS
from vocabulary.occasions import GOODS, OCCASION_PHRASES, goods_of
from vocabulary.origins import ORIGIN_PHRASES
from vocabulary.typing_slips import SLIPS, mistyped
from vocabulary.wishes import REASONS

MAKE = Path(__file__).parents[2] / "data" / "make"
BRAND_WORDS = {word for names in BRANDS.values() for name in names for word in tokens(name)}


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return build_shop()


def texts_in(products: list[Product], language: str) -> list[str]:
    return [text for product in products for name, text in product.texts.items() if name.endswith(language)]


def content_words(text: str) -> set[str]:
    """Words that mean something: without brands, English function words and single Chinese characters (的, 用, 配)."""
    words = {word for word in tokens(text) if word not in ENGLISH_STOP_WORDS and word not in BRAND_WORDS}
    return {word for word in words if len(word) > 1}


# The vocabulary


def test_every_type_has_words_for_every_note_in_both_languages():
    assert list(WORDS) == list(TYPES) == list(GOODS) == list(ORIGIN_PHRASES)
    for name, kind in TYPES.items():
        for language in LANGUAGES:
            entry = WORDS[name][language]
            assert set(entry.notes) == set(kind.notes), (name, language)
            assert entry.nouns and len(entry.tags) >= 4 and len(entry.details) >= 4
            for note in entry.notes.values():
                assert note.before and note.after
                assert len(note.otherwise) > (0 if kind.test_only else HEARD)
    assert {note for kind in TYPES.values() for note in kind.notes} == set(NOTES)


def test_every_kind_of_goods_fits_every_occasion_in_words_of_its_own():
    used = {goods_of(name, note) for name, kind in TYPES.items() for note in kind.notes}
    assert used == set(OCCASION_PHRASES)
    for phrases in OCCASION_PHRASES.values():
        assert list(phrases) == list(OCCASIONS)
    for column in range(len(LANGUAGES)):
        assert all(len(both[column]) >= 2 for phrases in OCCASION_PHRASES.values() for both in phrases.values())


def test_what_is_for_kids_is_worn_by_kids():
    assert goods_of("shorts", "kids") == goods_of("socks", "kids") == "kids"
    assert goods_of("shorts", "recycled") == "summer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_and_queries_have_900_words_without_the_typing_errors(products, language):
    meant = [p.queries[language] for p in products if p.difficulties[language] != "typo"]
    words = {word for text in (*texts_in(products, language), *meant) for word in tokens(text)}
    wanted = {word for word in words if (is_chinese(word) if language == "zh" else re.search("[a-z]", word))}
    assert len(wanted) >= 900


def test_no_taste_is_a_style():
    """款 is said of clothes; a taste is 味 or 型."""
    for name, entry in WORDS.items():
        if TYPES[name].department != "clothing":
            phrases = [p for note in entry["zh"].notes.values() for p in (*note.before, *note.after, *note.otherwise)]
            assert not [phrase for phrase in (*phrases, *entry["zh"].nouns, *entry["zh"].tags) if "款" in phrase], name


#: What a reader stops at: names that no shop uses, words of Hong Kong or Taiwan, and dry wine that tastes of honey.
UNNATURAL = {
    "en": ("legwear", "headwear", "one-piece", "neck scarf", "soda pop", "knit beanie", "milk drink", "round birthday"),
    "zh": (
        *("干白", "水果酱", "马铃薯片", "大面包", "切块蛋糕", "必备：", "好选择", "准备礼物", "想要"),
        *("牛油", "青瓜", "云呢拿", "香荚兰", "起司", "滤泡", "果泥", "脖套", "下装", "罩衫"),
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_name_that_nobody_says(products, language):
    for text in (*texts_in(products, language), *(product.queries[language] for product in products)):
        assert not [word for word in UNNATURAL[language] if word in text], text


#: How each occasion is named.
NAMES = {
    "picnic": "picnic|野餐",
    "birthday": "birthday|生日|庆生",
    "office": "office|办公室|上班",
    "camping": "camp|露营",
    "wedding": "wedding|婚|喜酒",
    "travel": "travel|journey|旅行|旅途",
    "exams": "exam|考试",
    "weekend": "weekend|周末",
}


def test_an_occasion_is_named_and_no_other_is():
    for phrases in OCCASION_PHRASES.values():
        for occasion, both in phrases.items():
            for phrase in (*both[0], *both[1]):
                assert [name for name, words in NAMES.items() if re.search(words, phrase)] == [occasion], phrase


def test_nobody_shares_a_pear_at_a_wedding():
    """梨 sounds like 离, to part."""
    assert not [phrase for phrase in OCCASION_PHRASES["pear"]["wedding"][1] if "分" in phrase or "餐" in phrase]


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_and_description_call_a_product_by_one_name(language, rng):
    words = {"type": "scarf", "note": "recycled", "brand": "Alba", "occasion": "picnic", "origin": "Peru"}
    said = wording(words, language, "train")
    listed = [with_one_noun(said, rng) for _ in range(30)]
    assert {each.nouns for each in listed} == {(noun,) for noun in said.nouns}


@pytest.mark.parametrize("name", TYPES)
def test_no_english_name_repeats_its_note_or_a_short_fact(name):
    entry = WORDS[name]["en"]
    forms = {form for note in entry.notes.values() for form in (*note.before, *note.after)}
    for noun in entry.nouns:
        for phrase in (*forms, *entry.tags):
            assert not content_words(noun) & content_words(phrase), (noun, phrase)


def test_nobody_offers_soup_for_a_journey(products):
    soups = [p for p in products if p.type == "soup" and p.occasion == "travel"]
    assert soups
    for soup in soups:
        assert re.search("come home from travelling|after a journey", soup.texts["description_en"])
        assert re.search("旅行回来|旅途劳累", soup.texts["description_zh"])


def test_no_brand_is_called_a_countrys(products):
    for text in texts_in(products, "en"):
        assert not re.search(r"\bin (Italy|Spain|Japan|Kenya|Norway|Peru) by\b", text), text


# The grammar


def test_english_articles(products):
    english = " ".join(texts_in(products, "en") + [product.queries["en"] for product in products])
    assert not re.search(r"\ba (?=[aeiouAEIOU])(?!one-|unisex)", english)
    assert not re.search(r"\ban (?![aeiouAEIOU]|hour)", english)
    assert "An organic apple" in english and "a recycled t-shirt" in english and "an A-line dress" in english


@pytest.mark.parametrize("name", TYPES)
def test_a_product_that_is_counted_has_an_article_in_a_sentence(name, rng):
    words = {"type": name, "note": TYPES[name].notes[0], "brand": "Luma", "occasion": "picnic", "origin": "Peru"}
    said = wording(words, "en", "train")
    for behind in (False, True):
        phrases = {item_phrase(said, rng, behind=behind) for _ in range(50)}
        if said.article:
            assert all(re.match(r"an? ", phrase) for phrase in phrases)
        else:  # jam, a jar of jam; trousers, a pair of trousers
            assert all(phrase.startswith("a ") == any(m in phrase for m in said.measures) for phrase in phrases)


def test_texts_are_one_to_three_sentences(products):
    for language, ends in (("en", r"[.?!](?:\s|$)"), ("zh", "[。？！]")):
        lengths = Counter(len(re.findall(ends, p.texts[f"description_{language}"])) for p in products)
        assert set(lengths) == {1, 2, 3}
        assert min(lengths.values()) > 50


def test_no_brace_or_gap_is_left(products):
    for product in products:
        for text in (*product.texts.values(), *product.queries.values()):
            assert not re.search(r"[{}]|  |，，|。。|。，|，。|\.\.| [,.]|^\s|\s$", text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_description_tells_all_that_is_only_read(products, language, rng):
    for product in products[::5]:
        words = {name: getattr(product, name) for name in ("type", "note", "brand", "occasion", "origin")}
        said = wording(words, language, product.split)
        for make in (title, description):
            text = make(said, rng).lower()
            assert said.brand.lower() in text
            assert any(noun.lower() in text for noun in said.nouns)
            assert any(form.lower() in text for form in (*said.before, *said.after))
        assert any(phrase.lower() in text for phrase in said.occasions)
        assert any(phrase.lower() in text for phrase in said.origins)


# Languages of the listings


def test_where_a_language_is_missing_it_is_missing_in_all_right_answers(products):
    listed: dict[tuple[str, str, str], set[tuple[str, ...]]] = {}
    for p in products:
        listed.setdefault((p.type, p.note, p.brand), set()).add(p.languages)
    assert all(len(languages) == 1 for languages in listed.values())
    assert Counter(next(iter(languages)) for languages in listed.values())[("en",)] == 8
    assert Counter(next(iter(languages)) for languages in listed.values())[("zh",)] == 8
    in_both = {kind for (kind, _, _), languages in listed.items() if languages == {("en", "zh")}}
    assert in_both == set(TYPES)


def test_the_table_holds_the_texts_of_the_listed_languages_only(products):
    import tables

    metadata = tables.metadata(products).set_index("id")
    for product in products:
        row = metadata.loc[product.id]
        for language in LANGUAGES:
            there = language in product.languages and product.missing != "text"
            assert bool(row[f"title_{language}"]) == bool(row[f"description_{language}"]) == there
        assert row["text"] == " ".join(part for part in row[list(product.texts)] if part)


# The grades of difficulty


def test_every_grade_has_its_share(products):
    import tables

    queries = tables.queries(products)
    assert (queries["difficulty"] == "").equals(queries["language"] == "")
    assert set(queries["difficulty"]) - {""} == set(DIFFICULTIES)
    for _, group in queries[queries["kind"] == "T"].groupby(["split", "language"]):
        counts = group["difficulty"].value_counts()
        assert counts[list(GRADES)].max() - counts[list(GRADES)].min() <= 2
        assert counts["other_language"] >= 6


def test_the_other_language_is_asked_where_the_listing_lacks_it_and_nowhere_else(products):
    for product in products:
        for language in LANGUAGES:
            other = product.difficulties[language] == "other_language"
            assert other == (language not in product.languages)


def test_a_paraphrase_has_none_of_the_content_words_of_any_right_answer(products):
    asking = [p for p in products if "paraphrase" in p.difficulties.values()]
    right = grades(asking, products, "T") == FULL
    own = [next(i for i, other in enumerate(products) if other.id == p.id) for p in asking]
    right[np.arange(len(asking)), own] = True
    for product, row in zip(asking, right, strict=True):
        told = {
            word for i in np.flatnonzero(row) for text in products[i].texts.values() for word in content_words(text)
        }
        for language in LANGUAGES:
            if product.difficulties[language] == "paraphrase":
                asked = product.queries[language]
                assert content_words(asked), asked
                assert not content_words(asked) & told, (product.id, asked)
                assert BRANDS[product.brand][LANGUAGES.index(language)] in asked


def test_no_paraphrase_is_used_in_training_and_in_judging(products):
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for product in products:
        for language in LANGUAGES:
            if product.difficulties[language] == "paraphrase":
                entry = WORDS[product.type][language].notes[product.note]
                query_text = product.queries[language].lower()
                said[product.split == "train"] |= {
                    f"{product.type} {phrase}" for phrase in entry.otherwise if phrase.lower() in query_text
                }
    assert said[True] and said[False]
    assert not said[True] & said[False]


def test_a_typing_error_is_in_every_query_of_that_grade(products):
    for product in products:
        for language in LANGUAGES:
            if product.difficulties[language] != "typo":
                continue
            entry, text = WORDS[product.type][language], product.queries[language]
            note = entry.notes[product.note]
            brand = BRANDS[product.brand][LANGUAGES.index(language)]
            plain = " ".join((*entry.nouns, *note.before, *note.after, brand, "by from 想买 的 味 口味 面料"))
            if language == "en":
                assert set(tokens(text)) - set(tokens(plain)), text
            else:
                wrong = {slip for slips in SLIPS.values() for slip in slips}
                assert [slip for slip in wrong if slip in text], text


def test_every_chinese_note_or_noun_can_be_mistyped():
    """Each form needs a word of SLIPS, or its noun does: else a query could be left without a slip."""
    for name, entry in WORDS.items():
        for noun in entry["zh"].nouns:
            assert [word for word in SLIPS if word in noun], (name, noun)


def test_no_slip_is_the_word_itself_or_another_word_of_the_shop():
    words = {noun for entry in WORDS.values() for noun in entry["zh"].nouns}
    for word, slips in SLIPS.items():
        assert word not in slips
        assert not words & set(slips)


@pytest.mark.parametrize("text", ["smoked cheese Kivo", "a tee", "egg off", "t-shirt in recycled fabric"])
def test_an_english_slip_changes_one_or_two_words_and_no_first_letter(text, rng):
    for _ in range(100):
        before, after = text.split(), mistyped(text, "en", rng).split()
        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        long = [word for word in before if len(word) > 3]
        assert min(1, len(long)) <= len(changed) <= 2
        assert all(a[0] == b[0] and len(a) > 3 for a, b in changed)


def test_a_long_query_is_a_wish_in_two_sentences(products):
    reasons = {reason for both in REASONS.values() for column in both for reason in column}
    for product in products:
        for language in LANGUAGES:
            if product.difficulties[language] == "long":
                text = product.queries[language]
                assert len(re.findall("[.?。？]", text)) == 2
                assert [reason for reason in reasons if text.startswith(reason)]


def test_a_query_of_an_unknown_grade_needs_no_words_that_are_not_there(rng):
    words = {"type": "tea", "note": "mint", "brand": "Mira", "occasion": "office", "origin": "Peru"}
    for grade in DIFFICULTIES:
        assert "Mira" in query(wording(words, "en", "train"), grade, rng) or grade == "typo"


# The same on every machine


DIGEST = """
import hashlib
from shop import build_shop
print(hashlib.sha256(repr(build_shop()).encode()).hexdigest())
"""


def test_another_process_with_other_hashes_draws_the_same_texts(products):
    done = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=MAKE,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(repr(products).encode()).hexdigest()
