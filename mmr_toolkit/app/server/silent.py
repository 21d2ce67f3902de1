"""Connections that are open and ask nothing: half of a request's head is no request yet, so the guard does not see it.

uvicorn waits for the rest of a head without end; each such connection holds a file number of the process, and there are
about a thousand of them.
"""

import asyncio
from collections.abc import Callable
from typing import Any

__all__ = ["hang_up_on_the_silent"]


async def hang_up_on_the_silent(server_of: Callable[[], Any], seconds: float) -> None:
    """Close connections on which no request is under way, and none was at the last look; until cancelled.

    Args:
        server_of: the uvicorn server, or None before it has started.
        seconds: between two looks.
    """
    silent_before: dict[Any, Any] = {}
    while True:
        await asyncio.sleep(seconds)
        silent = {}  # the connection → its last request that was answered, or None
        for connection in [] if (server := server_of()) is None else [*server.server_state.connections]:
            request = getattr(connection, "cycle", None)
            if request is None or request.response_complete:
                silent[connection] = request
                if connection in silent_before and silent_before[connection] is request:
                    connection.transport.close()
        silent_before = silent
