"""The body of a request, read in time and no further than it said.

A client that sends half of a body and then waits, or sends a byte now and then, would hold its place for good.
"""

import asyncio
import time

from mmr_toolkit.app.server.asgi import Message, Receive
from mmr_toolkit.app.uploads.quota import LIMITS, Limits, Refused

__all__ = ["in_time", "read_again", "whole_body"]


def in_time(receive: Receive, length: int, limits: Limits = LIMITS) -> Receive:
    """The same messages; a body that comes too slowly, or is longer than it said, ends with an error.

    Args:
        receive: of the request.
        length: bytes that the body has, as the request says.
        limits: `silence` for each piece, and `slowest` for what has come so far.

    Raises (when the messages are received):
        Refused: nothing came for too long (408), or too much came (413).
    """
    start, came, is_whole = time.monotonic(), 0, False

    async def receive_in_time() -> Message:
        nonlocal came, is_whole
        if is_whole:
            return await receive()  # waits until the client has gone
        # At every moment the pieces must have come fast enough: else a byte now and then holds a place for minutes.
        left = start + limits.silence + came / limits.slowest - time.monotonic()
        try:
            async with asyncio.timeout(min(limits.silence, max(0.0, left))):
                message = await receive()
        except TimeoutError:
            raise Refused(408, "The request came too slowly; please send it again.") from None
        came += len(message.get("body", b""))
        if came > length:
            raise Refused(413, f"The request said that it has {length:,} bytes, and more came.")
        is_whole = not message.get("more_body", False)
        return message

    return receive_in_time


async def whole_body(receive: Receive) -> bytes | None:
    """All pieces of a body, joined; None if the client went before the end."""
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


def read_again(body: bytes, receive: Receive) -> Receive:
    """What was read already, once; then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
