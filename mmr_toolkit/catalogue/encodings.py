"""Bytes of a table as text: in UTF-8, in UTF-16, or in the encoding that somebody names; and which one to name.

Spreadsheets save "CSV" in the encoding of their country. Nothing in such a file says which one, so it is guessed from
the bytes, shown with the words that it gives, and left to a person to choose.
"""

import codecs
import re
from pathlib import Path

__all__ = ["likely_encoding", "read_text", "readable", "undecoded"]

#: What spreadsheets save in some countries, the likely ones first.
COUNTRIES = ("gb18030", "big5", "shift_jis", "euc_kr", "cp1251", "cp1252")
#: What is common in them: characters as pairs of bytes, or words of one alphabet.
PAIRS = {
    "gb18030": re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"),
    "big5": re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]"),
    "shift_jis": re.compile(rb"[\x81-\x83\x88-\x97][\x40-\x7e\x80-\xfc]"),
    "euc_kr": re.compile(rb"[\xa1-\xa3\xb0-\xc8][\xa1-\xfe]"),
}
WORDS = {
    "cp1251": re.compile(r"[А-яЁёЄєІіЇї]{2,}|[\u2013-\u2122№«»]"),
    "cp1252": re.compile(r"[À-ÿŒœŠšŽžŸ]+[A-Za-z]|[A-Za-z]+[À-ÿŒœŠšŽžŸ]+|[\u2013-\u2122°½«»©]"),
}
ALL_KOREAN = 10  # so many characters of a Chinese text are not all among those whose bytes are Korean too
LIKELY = 0.5  # the least share of other letters that look common
LOOKED_AT = 20_000  # characters; a guess from the first pages is as good as from the whole book

_UNDECODED = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of a byte that is not UTF-8


def read_text(path: Path, encoding: str | None = None) -> str:
    """A text file without its byte-order mark.

    Args:
        path: of the file.
        encoding: in which it was saved. None: UTF-8, or UTF-16 with a byte-order mark; bytes that are not UTF-8 are
            kept as lone surrogates, so that the cells in which they stand can be named (`undecoded` finds them).

    Raises:
        ValueError: an unknown encoding, another one than the file's, or something that is no text at all.
    """
    raw = path.read_bytes()
    if encoding is not None:
        text = _decoded(raw, path, encoding)
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", errors="replace")
    else:
        text = raw.decode("utf-8", errors="surrogateescape")
    if "\0" in text:
        raise ValueError(f"{path}: not a text table (it starts with {raw[:8]!r}). {_how_to_save(raw, encoding)}")
    return text.removeprefix("\ufeff")


def undecoded(text: str) -> re.Match[str] | None:
    """The first byte that is not UTF-8 in what `read_text` returned."""
    return _UNDECODED.search(text)


def readable(text: str) -> str:
    """With a question mark in the place of each byte that is not UTF-8."""
    return _UNDECODED.sub("\ufffd", text)


def likely_encoding(text: str) -> str | None:
    """In which encoding a file was saved that is not UTF-8; None if it is, but for a byte here and there, or unknown.

    Args:
        text: of the file, as `read_text` returned it.
    """
    first = undecoded(text)
    if first is None:
        return None
    begin = text.rfind("\n", 0, max(0, first.start() - LOOKED_AT)) + 1
    end = text.find("\n", first.start() + LOOKED_AT)
    page = text[begin : end if end >= 0 else None]
    damaged = _UNDECODED.findall(page)
    if len(damaged) < len(_not_english(page)) / 2:
        return None
    likely = {encoding: _share_common(page, encoding) for encoding in COUNTRIES}
    if likely["euc_kr"] == likely["gb18030"] == 1 and len(set(_not_english(_read(page, "euc_kr")))) >= ALL_KOREAN:
        return "euc_kr"
    best = max(likely, key=lambda encoding: likely[encoding])
    return best if likely[best] >= LIKELY else None


def _read(text: str, encoding: str) -> str:
    """The same bytes in another encoding."""
    return text.encode("utf-8", errors="surrogateescape").decode(encoding)


def _not_english(text: str) -> str:
    return "".join(character for character in text if character > "\x7f")


def _share_common(text: str, encoding: str) -> float:
    """Which share of the letters that are not English looks common in an encoding; 0 where a byte does not fit."""
    try:
        read = _read(text, encoding)
    except UnicodeDecodeError:
        return 0.0
    others = _not_english(read)
    if encoding in WORDS:
        return sum(len(_not_english(word)) for word in WORDS[encoding].findall(read)) / len(others)
    return sum(PAIRS[encoding].fullmatch(character.encode(encoding)) is not None for character in others) / len(others)


def _decoded(raw: bytes, path: Path, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        near = raw[error.start : error.end]
        raise ValueError(
            f"{path} is not in the encoding {encoding!r}: it has {near[:8]!r} at byte {error.start:,}. "
            "Leave the encoding out, and `mmr doctor` names a likely one."
        ) from error
    except (LookupError, ValueError, TypeError) as error:  # ValueError: a name with NUL; codecs that are for no text
        raise ValueError(
            f"{path} is not in the encoding {encoding[:40]!r}, which is none that Python knows; expected one such as "
            f"utf-8, utf-16, {', '.join(COUNTRIES)}."
        ) from error


def _how_to_save(raw: bytes, encoding: str | None) -> str:
    """What to do about a file with NUL bytes: every second byte of UTF-16 is one, where the letters are English."""
    for order, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        head = raw[:400]
        if head[order::2].count(0) > len(head) // 4 and not head[1 - order :: 2].count(0) and encoding != name:
            return f"It looks like UTF-16: save it as CSV in UTF-8, or name its encoding, {name} (--encoding {name})."
    return "Save it as CSV, in UTF-8."
