"""`mmr serve`: the search page in the browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import errors_in_one_sentence, on_a_terminal, say
from mmr_toolkit.cli.sources import (
    SHOP_HAS_NO_ENCODING,
    Encoding,
    Folder,
    Media,
    load_cached,
    load_heads,
    load_saved,
    open_catalogue,
    without_table,
)


@app.command(
    epilog="Examples:\n\n"
    "mmr serve\n\n"
    "mmr serve my_photos/ --retriever my_head/ --open\n\n"
    "mmr serve my_head/ --host 0.0.0.0 --port 8080 --password secret --allow-host shop.example"
)
def serve(
    folder: Folder = None,
    retriever: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a saved retriever of the same items; give it once for each.", show_default=False),
    ] = None,
    media: Media = None,
    encoding: Encoding = None,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Without it, the first free one from 7860 on.", show_default=False)
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Visitors must type it in.", envvar="MMR_PASSWORD", show_default=False)
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name under which the page may be asked for, besides its own address; give it once for each.",
            show_default=False,
        ),
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="Ask Gradio for a public address.")] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve the search page until Ctrl+C: words, pictures and sounds, weights, filters, and why a hit was found.

    For the built-in shop three heads are trained on the first start and kept; later starts only load them.
    """
    with errors_in_one_sentence(when_interrupted="the search page has ended."):
        retrievers = _retrievers(folder, retriever or [], media, encoding)
        mmr.app.serve(
            retrievers,
            say=say,
            host=host,
            port=port,
            password=password,
            allow_hosts=allow_host or [],
            share=share,
            open_browser=open_browser,
        )


def _retrievers(
    folder: Path | None, saved: Sequence[Path], media: Path | None, encoding: str | None
) -> "dict[str, mmr.Retriever]":
    """Name → retriever, as the page offers them."""
    own = load_saved(folder, media, encoding)
    if own is not None and folder is not None:
        retrievers = {folder.resolve().name: own}
    elif folder is None and not saved:
        without_table(encoding, SHOP_HAS_NO_ENCODING)
        say("Loading the shop; on the first start three heads are trained, which takes a minute …")
        return mmr.shop.shop_retrievers(progress=on_a_terminal())
    elif folder is not None:
        retrievers = {"concatenation, untrained": load_cached(open_catalogue(folder, encoding))}
    else:
        without_table(encoding)
        retrievers = {}
    return retrievers | load_heads(saved, folder, media, list(retrievers))
