"""Questions to click on the search page: chosen ones for the built-in shop, own items for any other catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mmr_toolkit.app.answers import file_url
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import data_folder

__all__ = ["Example", "example_buttons", "examples_of", "shop_examples"]

LONGEST = 40  # characters of an item's text that make a question


@dataclass(frozen=True)
class Example:
    """A question to click.

    Attributes:
        label: what stands on the button.
        text, image, audio: the parts of the question; None for none.
    """

    label: str
    text: str | None = None
    image: Path | None = None
    audio: Path | None = None

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are there, by modality; files as paths."""
        parts = {"text": self.text, "image": self.image, "audio": self.audio}
        return {name: str(part) for name, part in parts.items() if part is not None}


def shop_examples() -> tuple[Example, ...]:
    """Four questions for the built-in shop; their pictures and sounds are those of its queries, not of its products."""
    shop = data_folder() / "cornershop"
    pictures, sounds = shop / "query_images", shop / "query_audio"
    return (
        Example("红酒", "红酒"),
        Example("a photo", image=pictures / "dress-09-2.jpg"),
        Example("a sound", audio=sounds / "crisps-15-1.opus"),
        Example("the red can that fizzes, of cherry", "cherry", pictures / "can-07-1.jpg", sounds / "can-07-1.opus"),
    )


def examples_of(catalogue: Catalogue) -> tuple[Example, ...]:
    """`shop_examples` for the built-in shop; for any other catalogue a text, a picture and a sound of its own items.

    Only questions by parts that the catalogue has.
    """
    try:
        if catalogue.folder.resolve() == (data_folder() / "cornershop").resolve():
            return tuple(example for example in shop_examples() if set(example.parts) <= set(catalogue.modalities))
    except FileNotFoundError:  # installed without the shop
        pass
    texts, pictures, sounds = ([part for part in catalogue.values(name) if part] for name in ("text", "image", "audio"))
    examples = []
    if texts:
        words = str(texts[len(texts) // 4])
        short = words if len(words) <= LONGEST else words[:LONGEST].rpartition(" ")[0] or words[:LONGEST]
        examples.append(Example(short, short))
    if pictures:
        examples.append(Example("a picture", image=pictures[len(pictures) // 2]))
    if sounds:
        examples.append(Example("a sound", audio=sounds[3 * len(sounds) // 4]))
    return tuple(examples)


def example_buttons(examples: Sequence[Example]) -> str:
    """A row of buttons as HTML; data-id is the number of the example."""
    buttons = "".join(
        f'<button type="button" data-event="example" data-id="{number}">'
        f"{_signs(example)}{escape(example.label)}</button>"
        for number, example in enumerate(examples)
    )
    return f'<div class="examples"><span>Try</span>{buttons}</div>' if buttons else ""


def _signs(example: Example) -> str:
    """The picture itself, small, and a note for a sound; the label says the rest."""
    picture = "" if example.image is None else f'<img src="{escape(file_url(example.image))}" alt="">'
    return picture + ("" if example.audio is None else '<span aria-hidden="true">♪</span>')
