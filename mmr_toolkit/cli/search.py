"""`mmr search`: what is closest to a text, a picture, a sound."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import (
    AsJson,
    errors_in_one_sentence,
    on_a_terminal,
    print_json,
    print_table,
    say,
    shortened,
)
from mmr_toolkit.cli.sources import Folder, open_catalogue

if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.retriever import Hit


@app.command(
    epilog="Examples:\n\n"
    "mmr search --text 红酒 --k 5\n\n"
    "mmr search --text cherry --image can.jpg --audio pouring.wav\n\n"
    'mmr search my_photos/ --text "a dog on the beach" --json'
)
def search(
    folder: Folder = None,
    text: Annotated[str | None, typer.Option(help="What to look for, in words.")] = None,
    image: Annotated[Path | None, typer.Option(help="A picture of it.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A sound of it.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many hits.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find the items that are closest to a text, a picture, a sound, or all of them together."""
    with errors_in_one_sentence():
        query = {name: part for name, part in (("text", text), ("image", image), ("audio", audio)) if part is not None}
        if not query:
            raise ValueError("nothing to search for: give --text, --image, --audio or several of them.")
        from mmr_toolkit.features import default_encoders
        from mmr_toolkit.retriever import Retriever

        catalogue = open_catalogue(folder)
        say(f"Learning from {len(catalogue)} items how to compare them …")
        encoders = default_encoders(catalogue, modalities=query)
        retriever = Retriever.build(catalogue, encoders, progress=on_a_terminal())
        hits = retriever.search(text=text, image=image, audio=audio, k=k)
        if as_json:
            print_json({"query": query, "hits": [_as_json(catalogue, hit) for hit in hits]})
        else:
            _print_hits(catalogue, hits)


def _as_json(catalogue: "Catalogue", hit: "Hit") -> dict[str, object]:
    from mmr_toolkit.page import titles

    english, chinese = titles(catalogue.table.iloc[hit.position])
    return {"id": hit.id, "rank": hit.rank, "score": hit.score, "title": english, "title_zh": chinese or None}


def _print_hits(catalogue: "Catalogue", hits: "Sequence[Hit]") -> None:
    from mmr_toolkit.page import titles

    if not hits:
        typer.echo("nothing found")
        return
    names = [titles(catalogue.table.iloc[hit.position]) for hit in hits]
    in_two_languages = any(chinese for _, chinese in names)
    columns = {"rank": "right", "score": "right", "id": "id", "title": "left"} | (
        {"中文": "left"} if in_two_languages else {}
    )
    rows = []
    for hit, (english, chinese) in zip(hits, names, strict=True):
        words = [english or "(no text)", chinese] if in_two_languages else [shortened(english) or "(no text)"]
        rows.append((str(hit.rank), f"{hit.score:.3f}", hit.id, *words))
    print_table(columns, rows)
