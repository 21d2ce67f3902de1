"""What the server writes to its log, kept short: a wrong request comes back in the words of its error, at any length.

Gradio prints errors itself, past any logging, so it is the stream that shortens: each piece that is written at once,
such as the last line of a traceback. Signs that a terminal obeys (clearing the screen, going back) are shown, not sent.
"""

from typing import Any, TextIO

__all__ = ["ShortWrites"]

LONGEST = 8_000  # characters of one piece; a whole traceback has some thousand
OBEYED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class ShortWrites:
    """A text stream that leaves out the middle of what is too long; everything else is that of the stream behind it.

    Args:
        stream: where it writes to, such as sys.stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or its beginning and its end."""
        left_out, short = len(text) - LONGEST, text
        if left_out > 0:
            half = LONGEST // 2
            short = f"{text[:half]} … {left_out:,} characters are left out … {text[-half:]}"
        self._stream.write(short.translate(OBEYED))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
