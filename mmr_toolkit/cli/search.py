"""`mmr search`: what is closest to a text, a picture, a sound."""

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.conditions import read_conditions, read_weights
from mmr_toolkit.cli.hits import hits_as_json, print_hits, write_page
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import AsJson, errors_in_one_sentence, on_a_terminal, print_json, say
from mmr_toolkit.cli.places import check_file
from mmr_toolkit.cli.sources import (
    Encoding,
    Folder,
    Media,
    SavedRetriever,
    is_shop,
    load_saved,
    open_catalogue,
    without_table,
)
from mmr_toolkit.common.modalities import ASK_ACROSS


@app.command(
    epilog="Examples:\n\n"
    "mmr search --text 红酒 --k 5\n\n"
    "mmr search --text cherry --image can.jpg --audio pouring.wav --weights text=2,image=0.5 --why\n\n"
    "mmr search --text tea --where department=drinks --where price=..10 --html page.html\n\n"
    'mmr search my_photos/ --retriever my_head/ --text "a dog on the beach" --json'
)
def search(
    folder: Folder = None,
    text: Annotated[str | None, typer.Option(help="What to look for, in words.")] = None,
    image: Annotated[Path | None, typer.Option(help="A picture of it.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A sound of it.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many hits.")] = 10,
    weights: Annotated[
        str | None, typer.Option(help="How much more or less a part counts: text=2,image=0.5; 0 leaves it out.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only items with type=wine, type=wine,beer or price=5..10; give it once for each column."),
    ] = None,
    retriever: SavedRetriever = None,
    media: Media = None,
    encoding: Encoding = None,
    why: Annotated[bool, typer.Option("--why", help="Say what each part brought, and which words counted.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with pictures and players here.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the items that are closest to a text, a picture, a sound, or all of them together."""
    with errors_in_one_sentence():
        query: dict[str, Any] = {"text": text, "image": image, "audio": audio}
        query = {name: part for name, part in query.items() if part is not None}
        if not query:
            raise ValueError("nothing to search for: give --text, --image, --audio or several of them.")
        check_file("--html", html)
        factors, conditions = read_weights(weights, query), read_conditions(where)
        found_by = _open_retriever(folder, retriever, media, encoding, query)
        hits = found_by.search(**query, k=k, weights=factors, where=conditions)
        reasons = []
        if why:
            asked: dict[str, Any] = {**query, "weights": factors, "where": conditions}
            reasons = [mmr.explain(found_by, hit.id, **asked, details=hit.rank == 1) for hit in hits]
        if html is not None:
            write_page(html, found_by.catalogue, hits, query)
        if as_json:
            print_json({"query": query, "hits": hits_as_json(found_by.catalogue, hits, reasons), "page": html})
        else:
            print_hits(found_by.catalogue, hits, reasons, shares=why or len(query) > 1)
            if html is not None:
                typer.echo(f"page: {html}")


def _open_retriever(
    folder: Path | None, saved: Path | None, media: Path | None, encoding: str | None, query: dict[str, Any]
) -> "mmr.Retriever":
    """A saved one; a saved one's encoders and fusion for the items in the folder; or one that is built for them.

    Of a folder only what is asked by is read: a search for words need not wait for ten thousand pictures.
    """
    own = load_saved(folder, media, encoding)
    if own is not None and saved is not None:
        raise ValueError(f"{folder} is a saved retriever itself: leave --retriever out.")
    if own is not None:
        return own
    if saved is not None and folder is None:
        without_table(encoding)
        return mmr.Retriever.load(saved, media=media)
    catalogue = open_catalogue(folder, encoding)
    if saved is not None:
        with warnings.catch_warnings():  # of the head's own items, which are not searched
            warnings.simplefilter("ignore")
            head = mmr.Retriever.load(saved, media=media)
        parts = head.encoders, head.fusion, head.similarity
        return mmr.Retriever.build(catalogue, *parts, progress=on_a_terminal(), asked=query)
    if lacking := [name for name in query if name not in catalogue.modalities]:
        have = ", ".join(catalogue.modalities)
        raise ValueError(
            f"{catalogue.folder} cannot be searched by {', '.join(lacking)}, its items have only {have}. {ASK_ACROSS}"
        )
    say(f"Learning from {len(catalogue)} items how to compare them, unless it was learned before …")
    shown = on_a_terminal()
    encoders = mmr.shop.shop_encoders(catalogue, modalities=query, progress=shown) if is_shop(catalogue) else None
    return mmr.Retriever.build(catalogue, encoders, progress=shown, asked=query)
