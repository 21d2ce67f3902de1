"""`mmr serve`: the search page in the browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmr_toolkit.cli.main import app
from mmr_toolkit.cli.output import errors_in_one_sentence, on_a_terminal, say
from mmr_toolkit.cli.sources import Folder, load_kept, load_saved, open_catalogue

if TYPE_CHECKING:
    from mmr_toolkit.retrieval.retriever import Retriever


@app.command(
    epilog="Examples:\n\n"
    "mmr serve\n\n"
    "mmr serve my_photos/ --retriever my_head/ --open\n\n"
    "mmr serve my_head/ --host 0.0.0.0 --port 8080 --password secret"
)
def serve(
    folder: Folder = None,
    retriever: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a saved retriever of the same items; give it once for each.", show_default=False),
    ] = None,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Without it, the first free one from 7860 on.", show_default=False)
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Visitors must type it in.", envvar="MMR_PASSWORD", show_default=False)
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="Ask Gradio for a public address.")] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Serve the search page until Ctrl+C: words, pictures and sounds, weights, filters, and why a hit was found.

    For the built-in shop three heads are trained on the first start and kept; later starts only load them.
    """
    with errors_in_one_sentence(when_interrupted="the search page has ended."):
        from mmr_toolkit.app.server.server import serve as serve_page

        retrievers = _retrievers(folder, retriever or [])
        serve_page(retrievers, say=say, host=host, port=port, password=password, share=share, open_browser=open_browser)


def _retrievers(folder: Path | None, saved: Sequence[Path]) -> "dict[str, Retriever]":
    """Name → retriever, as the page offers them."""
    from mmr_toolkit.retrieval.retriever import Retriever

    own = load_saved(folder)
    if own is not None and folder is not None:
        retrievers = {folder.resolve().name: own}
    elif folder is None and not saved:
        from mmr_toolkit.shop.heads import shop_retrievers

        say("Loading the shop; on the first start three heads are trained, which takes a minute …")
        return shop_retrievers(progress=on_a_terminal())
    elif folder is not None:
        retrievers = {"concatenation, untrained": load_kept(open_catalogue(folder))}
    else:
        retrievers = {}
    for path in saved:
        name = path.resolve().name
        if name in retrievers:
            raise ValueError(f"two retrievers are called {name!r}: rename the folder of one of them.")
        retrievers[name] = Retriever.load(path)
    return retrievers
