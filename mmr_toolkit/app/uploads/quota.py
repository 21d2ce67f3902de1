"""How much all visitors together may send, and each of them; who comes too early waits, and is told so.

A file is kept for some minutes (`folder`), so what counts is what was sent within this time, and what lies there.
"""

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

__all__ = ["LIMITS", "Limits", "Quota", "Refused"]

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """What uploads may take of this machine; one upload has at most two files of `Caps.megabytes`."""

    megabytes: int = 1_000  # of all clients together, on the disk and on their way
    client_megabytes: int = 250  # of one client, while uploads are kept
    least: int = 2**18  # bytes that an upload counts at least: many small files fill a disk as well
    at_once: int = 8  # uploads on their way, of all clients together
    client_at_once: int = 4
    waiting: int = 32  # uploads that wait until others have come
    patience: float = 30.0  # seconds that one waits
    silence: float = 15.0  # seconds without a byte
    slowest: int = 50_000  # bytes a second on average; a slow telephone line sends twice as many


LIMITS = Limits()

SENTENCES = {
    "client_full": "You have sent {found} MB in a short time; please wait {wait} minutes before you send more.",
    "all_full": "Visitors have sent so much that there is no room; please wait a few minutes and send it again.",
    "too_many_wait": "Many visitors are sending files just now; please wait a minute and send it again.",
    "waited_too_long": "Others were sending files for all that time; please wait a minute and send it again.",
}


class Refused(Exception):
    """A request that is not answered as asked; `str(error)` is the sentence for the visitor.

    Attributes:
        status: of HTTP.
        wait: seconds after which it may be tried again, or None.
    """

    def __init__(self, status: int, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.wait = wait


class Quota:
    """Lets uploads in: `async with quota.admit(client, length): ...`.

    Args:
        on_disk: the bytes that lie in the folder of uploads.
        kept_for: seconds that an upload counts as sent by its client.
        limits: how much of everything.
        clock: seconds.
    """

    def __init__(
        self,
        on_disk: Callable[[], int],
        kept_for: float,
        limits: Limits = LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._on_disk = on_disk
        self._kept_for = kept_for
        self._clock = clock
        self._sent: deque[tuple[float, str, int]] = deque()  # when, who, bytes; the oldest first
        self._coming = 0  # bytes
        self._running: Counter[str] = Counter()
        self._waiting = 0
        self._has_ended = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def admit(self, client: str, length: int) -> AsyncIterator[None]:
        """Count an upload, wait for its turn, and let it come.

        Args:
            client: who sends it.
            length: bytes.

        Raises:
            Refused: the client or all clients have sent too much (429, 507), or too many wait already (503).
        """
        counted = max(length, self.limits.least)
        on_disk = await asyncio.to_thread(self._on_disk)
        self._check_room(client, counted, on_disk)
        entry = (self._clock(), client, counted)
        self._sent.append(entry)
        self._coming += counted
        try:
            try:
                await self._turn(client)
            except Refused:
                self._sent.remove(entry)
                raise
            try:
                yield
            finally:
                self._running[client] -= 1
                self._running += Counter()  # forgets who sends nothing
                async with self._has_ended:
                    self._has_ended.notify_all()
        finally:
            self._coming -= counted

    def _check_room(self, client: str, counted: int, on_disk: int) -> None:
        now = self._clock()
        while self._sent and self._sent[0][0] < now - self._kept_for:
            self._sent.popleft()
        own = [(when, size) for when, who, size in self._sent if who == client]
        found = sum(size for _, size in own)
        if found + counted > self.limits.client_megabytes * MEGABYTE:
            wait = own[0][0] + self._kept_for - now if own else self._kept_for
            minutes = max(1, math.ceil(wait / 60))
            sentence = SENTENCES["client_full"].format(found=round(found / MEGABYTE), wait=minutes)
            raise Refused(429, sentence, wait)
        if on_disk + self._coming + counted > self.limits.megabytes * MEGABYTE:
            raise Refused(507, SENTENCES["all_full"], 60)

    async def _turn(self, client: str) -> None:
        """Wait until fewer are on their way."""
        if not self._is_free(client):
            if self._waiting >= self.limits.waiting:
                raise Refused(503, SENTENCES["too_many_wait"], 60)
            self._waiting += 1
            try:
                async with self._has_ended, asyncio.timeout(self.limits.patience):
                    await self._has_ended.wait_for(lambda: self._is_free(client))
            except TimeoutError:
                raise Refused(503, SENTENCES["waited_too_long"], 60) from None
            finally:
                self._waiting -= 1
        self._running[client] += 1

    def _is_free(self, client: str) -> bool:
        return self._running.total() < self.limits.at_once and self._running[client] < self.limits.client_at_once
