"""Who typed a wrong password has to wait: longer each time, and after some tries nobody looks at what is typed.

Tries are counted for the client and for the user name, and before the answer is given, so that many tries at the same
time are no way around. A lock ends by itself; whoever is locked out for a name that others tried can take another one.
"""

import asyncio
import hashlib
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["CLIENT", "Gate", "Waits"]

log = logging.getLogger(__name__)

#: Whose request is answered just now; the guard says it.
CLIENT: ContextVar[str] = ContextVar("CLIENT", default="unknown")
REMEMBERED = 10_000  # clients, and as many names


@dataclass(frozen=True)
class Waits:
    """How long, in seconds."""

    first: float = 1.0  # before the answer to the first wrong try; twice as long for each further one
    tries: int = 5  # wrong ones in a row, after which nobody looks at what is typed
    lock: float = 60.0  # the first time; twice as long after each further wrong try
    longest: float = 3600.0  # lock; after as long without a wrong try all is forgotten


@dataclass
class _Wrong:
    count: int = 0
    last: float = 0.0
    locked_until: float = 0.0


class Gate:
    """Compares what is typed with the password.

    Args:
        password: the right one.
        waits: how long who waits.
        clock: seconds.
        refuse: makes the error for a client that is locked out, of a sentence.
    """

    def __init__(
        self,
        password: str,
        refuse: Callable[[str], Exception],
        waits: Waits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._password = password.encode(errors="surrogatepass")
        self._refuse = refuse
        self._waits = waits or Waits()
        self._clock = clock
        self._wrong: dict[str, OrderedDict[str, _Wrong]] = {"client": OrderedDict(), "name": OrderedDict()}

    async def may_come_in(self, name: str, typed: str) -> bool:
        """Whether the password is right: compared in constant time, and wrong answers are slow.

        Raises:
            Exception: what `refuse` makes, while the client or the name is locked out.
        """
        who = {"client": CLIENT.get(), "name": hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()}
        locked_for = max(self._entry(kind, key).locked_until for kind, key in who.items()) - self._clock()
        if locked_for > 0:
            raise self._refuse(f"Too many wrong passwords; please wait {locked_for:.0f} seconds and try again.")
        if hmac.compare_digest(typed.encode(errors="surrogatepass"), self._password):
            for kind, key in who.items():
                self._wrong[kind].pop(key, None)
            return True
        await asyncio.sleep(self._count_wrong(who))
        return False

    def _count_wrong(self, who: dict[str, str]) -> float:
        """Seconds before the answer."""
        waits, now = self._waits, self._clock()
        entries = [self._entry(kind, key) for kind, key in who.items()]
        for entry in entries:
            entry.count += 1
            entry.last = now
            if entry.count >= waits.tries:
                entry.locked_until = now + min(waits.lock * 2 ** min(entry.count - waits.tries, 30), waits.longest)
        count, locked = max(entry.count for entry in entries), max(entry.locked_until for entry in entries)
        then = f"; locked for {locked - now:.0f} seconds" if locked > now else ""
        log.warning("A wrong password from %s, the %d. in a row%s.", who["client"], count, then)
        return waits.first * 2 ** (min(count, waits.tries) - 1)

    def _entry(self, kind: str, key: str) -> _Wrong:
        known, now = self._wrong[kind], self._clock()
        entry = known.setdefault(key, _Wrong(last=now))
        known.move_to_end(key)
        if now - entry.last > self._waits.longest and now > entry.locked_until:
            known[key] = entry = _Wrong(last=now)
        while len(known) > REMEMBERED:
            known.popitem(last=False)
        return entry
