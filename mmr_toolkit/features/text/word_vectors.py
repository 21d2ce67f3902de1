"""Reading published word vectors: files of word2vec, text or binary, and of GloVe."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmr_toolkit.common.files import PathLike

#: First bytes of files that hold no word vectors in the open, and what to do about it.
REFUSED = {
    b"\x80": "a pickle, which could run any program when it is opened. Where it was made, write it anew with gensim's "
    "KeyedVectors.save_word2vec_format(path)",
    b"PK": "a zip archive. Unpack it first",
    b"\x1f\x8b": "compressed (gzip). Unpack it first",
    b"BZh": "compressed (bzip2). Unpack it first",
}
#: How errors about files that are not there or not read end: what the mini tier does.
OFFLINE_WAY = "To go on offline without such a file, as the mini tier does, use Word2VecEncoder.train(texts)."
_HEADER = re.compile(rb"(\d+) (\d+)\s*\n")
_START = 100_000  # bytes, enough for the first two lines


def read_word_vectors(path: PathLike) -> tuple[list[str], np.ndarray]:
    """The words of a file and their vectors, as they stand there.

    Three forms are known by their first lines. word2vec's two start with the number of words and their dimension; then
    come a word and its numbers on each line, or the same in binary. GloVe's is the text without the first line.

    Returns:
        n different words, and (n, dim) float32.

    Raises:
        FileNotFoundError: no such file.
        ValueError: another kind of file, a pickle, an archive, or one that is damaged or cut off.
    """
    from gensim.models import KeyedVectors  # takes a second to load, and only reading such a file needs it

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; expected word vectors of word2vec or GloVe. {OFFLINE_WAY}")
    with path.open("rb") as file:
        start = file.read(_START)
    for magic, kind in REFUSED.items():
        if start.startswith(magic):
            raise ValueError(f"{path.name} is {kind}. {OFFLINE_WAY}")
    header = _HEADER.match(start)
    first_line = start[header.end() :] if header else start
    binary = header is not None and not _is_text(first_line, dim=int(header[2]))
    if header is None and not _is_text(first_line):
        raise ValueError(
            f"{path.name} holds no word vectors: it starts with {start[:30]!r}; expected lines of one word and its "
            "numbers, or a line with the number of words and their dimension before these or before binary vectors."
        )
    if header is not None:
        _check_size(path, n_words=int(header[1]), dim=int(header[2]), binary=binary)
    try:
        read = KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=header is None)
    except (ValueError, EOFError, IndexError) as error:
        raise ValueError(f"{path.name} is damaged or cut off: {error}. Fetch it anew.") from error
    if not np.isfinite(read.vectors).all():
        raise ValueError(f"{path.name} is damaged: it holds NaN or infinite numbers. Fetch it anew.")
    return read.index_to_key, read.vectors


def lowercased(words: Iterable[str], vectors: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Words in lower case, each once, with their vectors: `tokens` knows no capitals.

    Of "apple", "Apple" and "APPLE" the first is kept; without it, the one that stands first in the file.
    """
    words = list(words)
    row = {word: i for i, word in enumerate(words) if word == word.lower()}
    for i, word in enumerate(words):
        row.setdefault(word.lower(), i)
    return list(row), vectors[list(row.values())]


def _is_text(start: bytes, dim: int | None = None) -> bool:
    """Is the first line one word and its numbers, `dim` of them?"""
    try:
        _, *numbers = start.split(b"\n", 1)[0].decode("utf-8").split()
        values = [float(number) for number in numbers]
    except ValueError:  # no UTF-8, no word, or something that is no number
        return False
    return len(values) == dim if dim is not None else len(values) > 1


def _check_size(path: Path, *, n_words: int, dim: int, binary: bool) -> None:
    """Before memory is taken: a damaged first line can promise billions of words."""
    least = n_words * dim * (4 if binary else 2)  # a float32, or a digit and a space
    if n_words == 0 or dim == 0 or path.stat().st_size < least:
        raise ValueError(
            f"{path.name} is damaged or cut off: its first line promises {n_words} words of {dim} numbers, at least "
            f"{least:,} bytes, but it has {path.stat().st_size:,}. Fetch it anew."
        )
