"""Answers without an end: a page that is open listens whether the server still runs, and waits for its hits.

Each holds a connection, thus a file number of the process. Nobody may take them all: then the server could not even
accept the next visitor, and would say so in its log a thousand times a second.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from mmr_toolkit.app.uploads.quota import Refused

__all__ = ["Streams"]

AT_ONCE = 400  # of all clients together
CLIENT_AT_ONCE = 100  # a class behind one proxy is one client
SHARE = 3  # of the file numbers that the system grants, streams take at most one in so many


class Streams:
    """Lets streams in: `with streams.admit(client): ...`.

    Args:
        at_once: streams of all clients together.
        client_at_once: of one client.
    """

    def __init__(self, at_once: int | None = None, client_at_once: int = CLIENT_AT_ONCE) -> None:
        self._at_once = min(AT_ONCE, file_numbers() // SHARE) if at_once is None else at_once
        self._client_at_once = client_at_once
        self._running: Counter[str] = Counter()

    @contextmanager
    def admit(self, client: str) -> Iterator[None]:
        """Count a stream until it ends.

        Raises:
            Refused: the client, or all clients, hold too many open (429, 503).
        """
        if self._running[client] >= self._client_at_once:
            raise Refused(429, "You have the page open too often; please close some of its windows.", 60)
        if self._running.total() >= self._at_once:
            raise Refused(503, "Too many visitors have the page open just now; please come back in a minute.", 60)
        self._running[client] += 1
        try:
            yield
        finally:
            self._running[client] -= 1
            self._running += Counter()  # forgets who has none


def file_numbers() -> int:
    """How many files and connections the system lets this process have open."""
    try:
        import resource
    except ImportError:  # Windows, which grants as many as there is room for
        return AT_ONCE * SHARE
    granted = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return AT_ONCE * SHARE if granted == resource.RLIM_INFINITY else granted
