"""What the search page does when somebody clicks: one method per event, each a few lines around `query.py`.

A bad question never stops anything: its sentence takes the place of the answer. Each event takes a snapshot of the
heads first, so that hits, cards and prices are of the same items while somebody adds or removes some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from mmr_toolkit.app.answers import cards, file_url, headline, message, price_of
from mmr_toolkit.app.examples import Example
from mmr_toolkit.app.layout import WELCOME
from mmr_toolkit.app.map_panel import ItemMaps
from mmr_toolkit.app.query import Query, ask
from mmr_toolkit.app.settings import Heads, Settings, prices
from mmr_toolkit.app.uploads.folder import UPLOADS
from mmr_toolkit.app.uploads.read import BadUpload
from mmr_toolkit.app.why_panel import why_html
from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.show.cards import item_name

ASK_FIRST = "Search for something first; then this page has something to show."


@dataclass(frozen=True)
class Answer:
    """The last answer of a visitor: what was asked, how, and what came; the page keeps one per visitor.

    refused: "picture" or "sound" if the file that was sent could not be used.
    """

    query: Query
    settings: Settings
    hits: tuple[Hit, ...] = ()
    refused: str | None = None


class Events:
    """The page's answers.

    Args:
        heads: who is asked.
        examples: the questions to click.
    """

    def __init__(self, heads: Heads, examples: Sequence[Example]) -> None:
        self.heads = heads
        self.examples = tuple(examples)
        self.maps = ItemMaps()
        self.span = prices(heads.catalogue)

    def search(self, text: str | None, image: str | None, audio: str | None, *settings: Any) -> tuple[Any, ...]:
        """Ask what stands in the fields; a file that cannot be used leaves its field, picture or sound, empty."""
        try:
            shown = self._answer(self.heads.snapshot(), Query.from_fields(text, image, audio), *settings)
        except ValueError as error:
            shown = self._say(error, None)
        refused = None if shown[0] is None else shown[0].refused
        return *shown, *(None if part == refused else gr.skip() for part in ("picture", "sound"))

    def adjust(self, answer: Answer | None, *settings: Any) -> tuple[Any, ...]:
        """Ask the last question again, under other settings; nothing happens before a first question."""
        if answer is None:
            return tuple(gr.skip() for _ in range(5))
        return self._answer(self.heads.snapshot(), answer.query, *settings)

    def more(self, event: gr.EventData, *settings: Any) -> tuple[Any, ...]:
        """Ask for more like an item."""
        return self._ask_like(event.id, None, *settings)

    def but(self, event: gr.EventData, *settings: Any) -> tuple[Any, ...]:
        """Ask for items like one, but as the words say."""
        return self._ask_like(event.id, event.words, *settings)

    def example(self, event: gr.EventData) -> tuple[Any, ...]:
        """The fields of an example."""
        parts = self.examples[int(event.id)].parts
        return parts.get("text"), parts.get("image"), parts.get("audio")

    def clear(self) -> tuple[Any, ...]:
        """Empty fields and an empty page."""
        return None, None, None, None, "", WELCOME, gr.Tabs(selected="hits"), gr.Dropdown(choices=[], value=None)

    def map(self, answer: Answer | None) -> str:
        """The map with the last question on it."""
        if answer is None or not answer.hits:
            return message(ASK_FIRST)
        UPLOADS.stay(answer.query.image, answer.query.audio)
        retriever = self.heads.snapshot().pick(answer.settings)
        try:
            return self.maps.draw(
                answer.settings.fusion or self.heads.fusions[0], retriever, answer.query, answer.settings, answer.hits
            )
        except ValueError as error:
            return message(str(error))

    def why(self, answer: Answer | None, id: str | None) -> str:
        """The explanation of the hit that is chosen."""
        if answer is None or not answer.hits or id is None:
            return message(ASK_FIRST)
        UPLOADS.stay(answer.query.image, answer.query.audio)
        try:
            return why_html(self.heads.snapshot().pick(answer.settings), answer.query, answer.settings, id)
        except ValueError as error:
            return message(str(error))

    def choose(self, event: gr.EventData) -> tuple[Any, ...]:
        """The tab with the explanation, and the hit of the card in its list."""
        return gr.Tabs(selected="why"), event.id

    def hits_as_json(
        self,
        text: str | None = None,
        image: str | None = None,
        audio: str | None = None,
        k: float = 12,
        text_weight: float = 1.0,
        image_weight: float = 1.0,
        audio_weight: float = 1.0,
        fusion: str | None = None,
        similarity: str = "cosine",
        departments: list[str] | None = None,
        lowest_price: float | None = None,
        highest_price: float | None = None,
    ) -> list[dict[str, Any]]:
        """Search by text, picture and sound: the closest items, best first."""
        given = (k, text_weight, image_weight, audio_weight, fusion, similarity, departments)
        try:
            settings = Settings.from_fields(*given, lowest_price, highest_price, span=self.span)
            retriever = self.heads.snapshot().pick(settings)
            hits = self._ask(retriever, Query.from_fields(text, image, audio), settings)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return [_as_json(hit, retriever.catalogue) for hit in hits]

    def _ask_like(self, id: str, words: str | None, *settings: Any) -> tuple[Any, ...]:
        heads = self.heads.snapshot()
        try:
            return self._answer(heads, Query.from_item(heads.catalogue, id, words), *settings)
        except ValueError as error:
            return self._say(error, None)

    def _ask(self, retriever: Retriever, query: Query, settings: Settings) -> list[Hit]:
        """The hits. What a visitor sent stays for a while longer, and goes at once if it cannot be used."""
        UPLOADS.stay(query.image, query.audio)
        try:
            return ask(retriever, query, settings)
        except BadUpload as error:
            UPLOADS.discard({"picture": query.image, "sound": query.audio}[error.part])
            raise

    def _answer(self, heads: Heads, query: Query, *fields: Any) -> tuple[Any, ...]:
        """What the page keeps and shows: answer, headline, cards, the tab of the hits, the list of hits to explain."""
        answer = Answer(query, Settings())
        try:
            settings = Settings.from_fields(*fields, span=self.span)
            retriever = heads.pick(settings)
            hits = self._ask(retriever, query, settings)
        except BadUpload as error:
            return self._say(error, replace(answer, refused=error.part))
        except ValueError as error:
            return self._say(error, answer)
        catalogue = retriever.catalogue
        names = [(f"{hit.rank} · {item_name(catalogue.row(hit.id))}", hit.id) for hit in hits]
        return (
            Answer(query, settings, tuple(hits)),
            headline(query.label, len(hits), len(catalogue), settings.in_words(self.heads.fusions[0])),
            cards(catalogue, hits),
            gr.Tabs(selected="hits"),
            gr.Dropdown(choices=names, value=names[0][1]),
        )

    def _say(self, error: ValueError, answer: Answer | None) -> tuple[Any, ...]:
        return answer, message(str(error)), "", gr.Tabs(selected="hits"), gr.Dropdown(choices=[], value=None)


def _as_json(hit: Hit, catalogue: Catalogue) -> dict[str, Any]:
    row = catalogue.row(hit.id)
    english, chinese = titles(row)
    about = {"title_en": english, "title_zh": chinese, "price": price_of(row)}
    return hit.as_json(file_url) | about
