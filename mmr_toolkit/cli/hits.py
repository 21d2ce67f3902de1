"""Hits as a table in the terminal, as JSON, and as a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.output import print_table, printable
from mmr_toolkit.common.quoting import cut

WORDS_SHOWN = 5
TITLE_SHOWN = 120  # characters of a text that stands for a title


def print_hits(
    catalogue: "mmr.Catalogue", hits: "Sequence[mmr.Hit]", reasons: "Sequence[mmr.Explanation]", *, shares: bool
) -> None:
    """Print a table.

    Args:
        catalogue: where the hits come from.
        hits: the best first.
        reasons: one explanation per hit, or none.
        shares: whether each part's share of the score is shown.
    """
    if not hits:
        typer.echo("nothing found")
        return
    names = [mmr.catalogue.titles(catalogue.table.iloc[hit.position]) for hit in hits]
    parts = list(hits[0].shares) if shares else []
    in_two_languages = any(chinese for _, chinese in names)
    columns = {"rank": "right", "score": "right"} | {mmr.show.part_name(name): "right" for name in parts}
    columns |= {"id": "id", "title": "left"} | ({"中文": "left"} if in_two_languages else {})
    rows = []
    for place, (hit, (english, chinese)) in enumerate(zip(hits, names, strict=True)):
        words = [english or "(no text)", chinese] if in_two_languages else [cut(english, TITLE_SHOWN) or "(no text)"]
        brought = [_share(hit, name, reasons[place : place + 1]) for name in parts]
        rows.append((str(hit.rank), f"{hit.score:.3f}", *brought, hit.id, *words))
    print_table(columns, rows)
    for sentence in _reasons_in_words(reasons):
        typer.echo(printable(sentence))


def _share(hit: "mmr.Hit", name: str, reason: "Sequence[mmr.Explanation]") -> str:
    """What a part brought, and behind it in brackets the rank without it."""
    share = f"{hit.shares[name]:.3f}"
    if not reason or len(hit.shares) == 1:
        return share
    rank = reason[0].ranks_without[name]
    return f"{share} ({'-' if rank is None else rank})"


def _reasons_in_words(reasons: "Sequence[mmr.Explanation]") -> list[str]:
    """How to read the columns, and the words that counted for the first hit."""
    sentences = []
    if reasons and len(reasons[0].shares) > 1:
        parts = " + ".join(mmr.show.part_name(name) for name in reasons[0].shares)
        sentences.append(f"{parts} = score ({reasons[0].method} shares); in brackets the rank without this part.")
    if reasons and reasons[0].words:
        strongest = sorted(reasons[0].words, key=lambda word: -abs(word.importance))[:WORDS_SHOWN]
        counted = ", ".join(f"{word.word} {word.importance:+.3f}" for word in strongest)
        sentences.append(f"What the score of the first hit loses without a word: {counted}.")
    return sentences


def hits_as_json(
    catalogue: "mmr.Catalogue", hits: "Sequence[mmr.Hit]", reasons: "Sequence[mmr.Explanation]"
) -> list[dict[str, Any]]:
    """One object per hit; with reasons also the ranks without each part, and the words of the first."""
    found = []
    for place, hit in enumerate(hits):
        english, chinese = mmr.catalogue.titles(catalogue.table.iloc[hit.position])
        about = hit.as_json() | {"title": english, "title_zh": chinese or None}
        if reasons:
            about["ranks_without"] = reasons[place].ranks_without
            words = reasons[place].words
            about["words"] = None if words is None else {word.word: word.importance for word in words}
        found.append(about)
    return found


def write_page(path: Path, catalogue: "mmr.Catalogue", hits: "Sequence[mmr.Hit]", query: Mapping[str, Any]) -> None:
    """Write an HTML page with pictures, players and bars of shares, everything inside one file."""
    asked = {f"query_{name}": part for name, part in query.items()}
    title = " + ".join(str(part) if name == "text" else f"a {mmr.show.part_name(name)}" for name, part in query.items())
    page = mmr.show_hits(catalogue, hits, **asked, shares=True)
    path.write_text(mmr.show.document(page.html, f"{title} - {len(hits)} hits"), encoding="utf-8")
