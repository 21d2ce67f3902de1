"""Files that a process holds locked. The system takes a lock back when a process ends, however it ends.

So a file that nobody holds tells that its owner is gone, without any clock or process number.
"""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HELD_BY_ANOTHER = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
_NO_LOCKS_HERE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # some file systems of a network
_mine = threading.local()


class Busy(ValueError):
    """Another process, or another thread, is writing at the same place."""


def try_lock(number: int) -> bool:
    """Lock an open file, given by its number, until it is closed; False if somebody else holds it.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD_BY_ANOTHER:
            return False
        raise
    return True


@contextmanager
def claimed(place: Path) -> Iterator[None]:
    """Hold a place, where a file or folder is or will be, against all others that claim it; twice in a thread is fine.

    While it is held a file .<name>.lock lies beside it. One that a killed process left is nobody's, and is taken over.
    The folder that it lies in is made, and removed again if nothing was put into it.

    Raises:
        Busy: somebody else holds it (a ValueError).
        OSError: its folder cannot be made or written.
        ValueError: a whole disk.
    """
    place = place.resolve()
    if not place.name:
        raise ValueError(f"{place} is a whole disk: choose a folder that is not there yet.")
    lock = place.with_name(f".{place.name}.lock")
    held: set[Path] = _mine.__dict__.setdefault("held", set())
    if lock in held:
        yield
        return
    made = [folder for folder in place.parents if not folder.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    number = _open_locked(lock, place)
    held.add(lock)
    try:
        yield
    finally:
        held.discard(lock)
        release(lock, number)
        with suppress(OSError):  # not empty: something was put at the place
            for folder in made:
                folder.rmdir()


def release(lock: Path, number: int) -> None:
    """Remove a locked file, which is open as `number`, and close it."""
    with suppress(OSError):
        if os.name == "nt":  # which removes no file that is open
            os.close(number)
            lock.unlink()
        else:
            lock.unlink()
            os.close(number)


def hold(number: int, path: Path) -> bool:
    """Lock an open file, as long as it still stands under its name: whoever sweeps may have removed it meanwhile.

    Where the file system has no locks it counts as held: better unguarded than never.

    Returns:
        False if it is gone.

    Raises:
        Busy: somebody else holds it.
    """
    try:
        if not try_lock(number):
            raise Busy(f"{path} is held by another process or thread.")
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in _NO_LOCKS_HERE:
            return True
        raise


def _open_locked(lock: Path, place: Path) -> int:
    while True:
        number = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            if hold(number, lock):
                return number
            os.close(number)
        except Busy as error:
            os.close(number)
            raise Busy(
                f"{place} is being written by another process (or thread) at this moment, and one of the two would be "
                "lost: wait until it has ended, or choose another place."
            ) from error
        except BaseException:
            os.close(number)
            raise
