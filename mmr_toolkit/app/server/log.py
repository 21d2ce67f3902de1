"""What the server writes to its log, kept short: a wrong request comes back in the words of its error, at any length.

Gradio prints errors itself, past any logging, so it is the stream that shortens: each piece that is written at once,
such as the last line of a traceback. Signs that a terminal obeys (clearing the screen, going back) are shown, not sent.
The same long piece again and again, such as the traceback of a request that fails each time, is written once a minute.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TextIO

__all__ = ["ShortWrites"]

LONGEST = 8_000  # characters of one piece; a whole traceback has some thousand
LONG = 500  # characters; from here on a piece is a whole message, which is not repeated
QUIET = 60.0  # seconds
REMEMBERED = 100  # long pieces
OBEYED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class ShortWrites:
    """A text stream that leaves out the middle of what is too long; everything else is that of the stream behind it.

    Args:
        stream: where it writes to, such as sys.stderr.
        clock: seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._said: OrderedDict[int, float] = OrderedDict()  # hash of a long piece → when it was written

    def write(self, text: str) -> int:
        """Write a text, or its beginning and its end, unless it has just been said."""
        if len(text) >= LONG and self._was_said(text):
            return len(text)
        left_out, short = len(text) - LONGEST, text
        if left_out > 0:
            half = LONGEST // 2
            short = f"{text[:half]} … {left_out:,} characters are left out … {text[-half:]}"
        self._stream.write(short.translate(OBEYED))
        return len(text)

    def _was_said(self, text: str) -> bool:
        """Whether the same was written less than a minute ago."""
        key, now = hash(text), self._clock()
        if now - self._said.get(key, -QUIET) < QUIET:
            return True
        self._said[key] = now
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
