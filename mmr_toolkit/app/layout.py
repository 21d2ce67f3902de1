"""The fields of the search page and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from mmr_toolkit.app.examples import Example, example_buttons
from mmr_toolkit.app.settings import LARGEST_WEIGHT, MOST_HITS, Settings, departments, prices
from mmr_toolkit.app.style import BUTTONS, CSS, theme
from mmr_toolkit.app.uploads.inputs import picture_upload, sound_upload
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.show.palette import MODALITY_COLOURS
from mmr_toolkit.similarity.measures import SIMILARITIES

FEW = 8  # departments that fit as boxes to tick; more come as a list
WELCOME = '<p class="welcome">Type some words, add a picture or a sound, or all three. 中文也可以。</p>'


class SearchPage(gr.Blocks):
    """A page that brings its own looks, and the folders whose pictures and sounds it may show, to its launch."""

    def __init__(self, title: str, folders: Sequence[str]) -> None:
        super().__init__(analytics_enabled=False, title=title)
        self.folders = list(folders)

    def launch(self, *args: Any, allowed_paths: Sequence[str] | None = None, **settings: Any) -> Any:
        """As `gr.Blocks.launch`; theme, style and footer are the page's own unless given."""
        looks: dict[str, Any] = {"theme": theme(), "css": CSS, "footer_links": ["api"], "quiet": True}
        return super().launch(*args, allowed_paths=[*self.folders, *(allowed_paths or ())], **(looks | settings))


@dataclass(frozen=True)
class Fields:
    """The components of the page."""

    text: Any
    picture: Any
    sound: Any
    go: Any
    clear: Any
    examples: Any
    settings: tuple[Any, ...]  # in the order of `Settings`
    headline: Any
    cards: Any
    tabs: Any
    why_tab: Any
    why_hit: Any
    why: Any
    map_tab: Any
    map: Any

    @property
    def query(self) -> list[Any]:
        """Text, picture and sound."""
        return [self.text, self.picture, self.sound]


def lay_out(catalogue: Catalogue, fusions: Sequence[str], examples: Sequence[Example], title: str) -> Fields:
    """Make the components, inside `with SearchPage(...)`."""
    has = set(catalogue.modalities)
    gr.HTML(_header(catalogue, title), elem_id="head")
    with gr.Row(elem_id="ask"):
        with gr.Column(scale=5, min_width=280, elem_classes="words"):
            text = gr.Textbox(
                label="Words, in English or Chinese",
                placeholder="red wine · 红酒",
                max_lines=1,
                autofocus=True,
                elem_id="text",
                visible="text" in has,
            )
            with gr.Row():
                go = gr.Button("Search", variant="primary", elem_id="go", min_width=120, scale=3)
                clear = gr.Button("Clear", variant="secondary", elem_id="clear", min_width=80, scale=1)
            chips = gr.HTML(example_buttons(examples), js_on_load=BUTTONS, elem_id="examples")
        picture = picture_upload(
            label="Picture",
            sources=["upload", "webcam", "clipboard"],
            image_mode=None,
            height=226,
            scale=3,
            min_width=150,
            buttons=[],
            elem_id="picture",
            visible="image" in has,
        )
        sound = sound_upload(
            label="Sound",
            sources=["upload", "microphone"],
            scale=3,
            min_width=150,
            buttons=[],
            editable=False,
            waveform_options={"waveform_color": "#8a94a3", "waveform_progress_color": MODALITY_COLOURS["audio"]},
            elem_id="sound",
            visible="audio" in has,
        )
    settings = _settings(catalogue, fusions)
    with gr.Column(elem_id="answers"):
        headline = gr.HTML(elem_id="headline", js_on_load="element.setAttribute('role', 'status');")
        with gr.Tabs() as tabs:
            with gr.Tab("Hits", id="hits"):
                cards = gr.HTML(WELCOME, js_on_load=BUTTONS, elem_id="cards")
            with gr.Tab("Why this hit", id="why") as why_tab:
                why_hit = gr.Dropdown([], label="Hit", elem_id="why-hit")
                why = gr.HTML(elem_id="why")
            with gr.Tab("Map", id="map") as map_tab:
                first = '<p class="quiet">The first map of a session takes some ten seconds.</p>'
                drawn = gr.HTML(first, elem_id="map")
    return Fields(
        text, picture, sound, go, clear, chips, settings, headline, cards, tabs, why_tab, why_hit, why, map_tab, drawn
    )


def folders_of(catalogue: Catalogue, examples: Sequence[Example]) -> list[str]:
    """The folders with pictures and sounds that the page shows."""
    paths: list[Path | None] = [*catalogue.values("image"), *catalogue.values("audio")]
    return folders_to_serve([*paths, *(part for example in examples for part in (example.image, example.audio))])


def folders_to_serve(paths: Sequence[Path | None]) -> list[str]:
    """The folders that hold these files, and nothing else of the disk."""
    folders = {(path.resolve() if path.is_symlink() else path).parent for path in paths if path is not None}
    return sorted({str(folder.resolve()) for folder in folders})


def listed(catalogue: Catalogue, several: bool) -> str:
    """What a catalogue can be asked with: "words, picture and sound", or several "words, pictures and sounds"."""
    words = {"text": "words", "image": "picture", "audio": "sound"}
    named = [words[name] + "s" * (several and name != "text") for name in catalogue.modalities]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))


def _header(catalogue: Catalogue, title: str) -> str:
    together = ", each alone or together" if len(catalogue.modalities) > 1 else ""
    by = f"by {listed(catalogue, several=True)}{together}, and says why"
    return f"<h1>{escape(title)}</h1><p>Finds the closest of {len(catalogue):,} items {by}.</p>"


def _settings(catalogue: Catalogue, fusions: Sequence[str]) -> tuple[Any, ...]:
    default = Settings()
    has = set(catalogue.modalities)
    groups, span = departments(catalogue), prices(catalogue)
    with gr.Accordion("Filters, weights and method", open=False, elem_id="settings"), gr.Row():
        with gr.Column(min_width=240):
            about: dict[str, Any] = {"label": "Departments (none chosen: all)", "visible": bool(groups)}
            few = len(groups) <= FEW
            group = gr.CheckboxGroup(groups, **about) if few else gr.Dropdown(groups, multiselect=True, **about)
            lowest, highest = span or (None, None)
            with gr.Row():
                low = gr.Number(lowest, label="Lowest price", min_width=100, visible=span is not None)
                high = gr.Number(highest, label="Highest price", min_width=100, visible=span is not None)
            k = gr.Slider(1, MOST_HITS, default.k, step=1, label="Number of hits")
        with gr.Column(min_width=240):
            weights = [
                gr.Slider(0, LARGEST_WEIGHT, weight, step=0.1, label=f"Weight of the {name}", visible=part in has)
                for (part, weight), name in zip(default.weights.items(), ("text", "picture", "sound"), strict=True)
            ]
        with gr.Column(min_width=240):
            fusion = gr.Radio(list(fusions), value=fusions[0], label="Fusion", visible=len(fusions) > 1)
            named = [(name.replace("_", " "), name) for name in SIMILARITIES]
            similarity = gr.Radio(named, value=default.similarity, label="Similarity")
    return k, *weights, fusion, similarity, group, low, high
