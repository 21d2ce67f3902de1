"""The search page: a catalogue in the browser, and the same search as an HTTP API.

    query.py      what a visitor asks;  settings.py: under which settings, and of whom
    uploads/      what a visitor hands in: read, checked, kept for a while
    answers.py    the answer as HTML;  map_panel.py: as a map;  why_panel.py: why this hit
    examples.py   questions to click
    layout.py     the fields and where they stand;  style.py: how they look
    events.py     what happens at a click
    server/       the page on an address, and what it lets in

This file joins them.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from mmr_toolkit.app.events import Events
from mmr_toolkit.app.examples import Example, examples_of
from mmr_toolkit.app.layout import Fields, SearchPage, folders_of, lay_out, listed
from mmr_toolkit.app.settings import Heads
from mmr_toolkit.app.style import TO_ANSWER
from mmr_toolkit.retrieval.retriever import Retriever

__all__ = ["Example", "build_app"]

AT_ONCE = 2  # searches that run at the same time; others wait for their turn, in order


def build_app(
    retrievers: Mapping[str, Retriever],
    *,
    examples: Sequence[Example] | None = None,
    title: str | None = None,
) -> gr.Blocks:
    """Make the search page; `page.launch()` opens it on 127.0.0.1, and in a notebook below the cell.

    No other host is asked, neither by the page nor by the server. Pictures and sounds of the catalogue are served from
    the folders they lie in. `gradio_client.Client(address).predict(text="红酒", api_name="/search")` asks without a
    browser.

    Args:
        retrievers: the name of a fusion, as the page shows it → its retriever. They search the same items, and can
            share encoders and features (`Retriever.with_fusion`). The first one answers until another is chosen.
        examples: questions to click; None for some that fit the catalogue.
        title: the headline; None for one that says what can be asked with.

    Returns:
        gr.Blocks, not launched.

    Raises:
        ValueError: no retriever, or retrievers of different items.

    Example:
        >>> page = build_app({"joined": retriever})  # doctest: +SKIP
        >>> page.launch()  # doctest: +SKIP
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported: else it asks two other hosts
    heads = Heads(retrievers)
    chosen = examples_of(heads.catalogue) if examples is None else tuple(examples)
    headline = f"Search by {listed(heads.catalogue, several=False)}" if title is None else title
    with SearchPage(headline, folders_of(heads.catalogue, chosen)) as page:
        fields = lay_out(heads.catalogue, heads.fusions, chosen, headline)
        _wire(fields, Events(heads, chosen))
    return page


def _wire(fields: Fields, events: Events) -> None:
    """Which event of which field calls what, and where its answer goes."""
    answer = gr.State(None)
    shown = [answer, fields.headline, fields.cards, fields.tabs, fields.why_hit]
    settings = list(fields.settings)
    quick: dict[str, Any] = {
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": AT_ONCE,
        "concurrency_id": "search",
    }
    gr.Button(visible=False).click(
        events.hits_as_json,
        [*fields.query, *settings],
        gr.JSON(visible=False),
        api_name="search",
        concurrency_limit=AT_ONCE,
        concurrency_id="search",
    )
    ask = [fields.go.click, fields.text.submit, fields.picture.upload, fields.sound.upload, fields.sound.stop_recording]
    asked = [*shown, fields.picture, fields.sound]
    gr.on(ask, events.search, [*fields.query, *settings], asked, **quick).then(None, js=TO_ANSWER)
    gr.on(
        [field.input for field in settings],
        events.adjust,
        [answer, *settings],
        shown,
        trigger_mode="always_last",
        **quick,
    )
    fields.cards.more(events.more, settings, shown, **quick).then(None, js=TO_ANSWER)
    fields.cards.but(events.but, settings, shown, **quick).then(None, js=TO_ANSWER)
    fields.examples.example(events.example, None, fields.query, **quick).then(
        events.search, [*fields.query, *settings], asked, **quick
    ).then(None, js=TO_ANSWER)
    fields.clear.click(events.clear, None, [*fields.query, *shown], **quick)
    slow: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "look closer"}
    fields.cards.why(events.choose, None, [fields.tabs, fields.why_hit], **quick).then(None, js=TO_ANSWER)
    gr.on([fields.why_tab.select, fields.why_hit.input], events.why, [answer, fields.why_hit], fields.why, **slow)
    fields.map_tab.select(events.map, answer, fields.map, **slow)
