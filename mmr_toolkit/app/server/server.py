"""The search page as a server: for this machine alone unless asked otherwise, and with nothing left behind.

Gradio's own settings that matter are chosen here: no share link, no statistics sent anywhere, no questions of other web
sites and no files but those of the catalogue (`guard`), a folder of its own for uploads (`uploads/folder.py`), errors
without a stack trace.
"""

import contextlib
import ipaddress
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

import typer

from mmr_toolkit.app.server.callers import Callers
from mmr_toolkit.app.server.guard import CatalogueFiles, Guard
from mmr_toolkit.app.server.log import ShortWrites
from mmr_toolkit.app.server.tries import Gate, Waits
from mmr_toolkit.app.uploads.folder import UPLOADS
from mmr_toolkit.app.uploads.quota import Quota
from mmr_toolkit.app.uploads.read import CAPS

if TYPE_CHECKING:
    from gradio import Blocks

    from mmr_toolkit.retrieval.retriever import Retriever

__all__ = ["SearchServer", "serve", "start"]

KEPT_FOR = 600.0  # seconds that an upload stays after it was last searched with
SWEPT_EVERY = 30.0  # seconds
SESSIONS = 200  # visitors whose settings are remembered
QUEUED = 100  # searches that wait; who comes after them is told that the page is busy
WAITS = Waits()  # after wrong passwords
LOGIN_MESSAGE = (
    "Any user name will do; the password is the one that mmr serve was given. "
    f"After {WAITS.tries} wrong ones in a row even the right one is refused for a while."
)


class SearchServer:
    """A running search page; made by `start`. As a context manager it ends with the block; in a notebook it is shown.

    Attributes:
        address: where it answers, for example "http://127.0.0.1:7860/".
        demo: the Gradio page.
        kept_for: seconds that an upload stays after it was last searched with.
    """

    def __init__(self, demo: "Blocks", address: str, kept_for: float = KEPT_FOR) -> None:
        self.demo = demo
        self.address = address
        self.kept_for = kept_for
        self._ended = threading.Event()
        threading.Thread(target=self._sweep_now_and_then, daemon=True).start()

    def wait(self) -> None:
        """Until Ctrl+C, or until another thread closes the server."""
        with contextlib.suppress(KeyboardInterrupt):
            while not self._ended.wait(0.5):  # in steps: a wait without end cannot be interrupted on Windows
                pass

    def close(self) -> None:
        """End the server and remove what visitors sent. Closing twice is no error."""
        if not self._ended.is_set():
            self._ended.set()
            self.demo.close(verbose=False)
            UPLOADS.close()

    def _sweep_now_and_then(self) -> None:
        while not self._ended.wait(min(SWEPT_EVERY, self.kept_for)):
            UPLOADS.sweep(self.kept_for)
            for names in self.demo.temp_file_sets:  # Gradio remembers the name of every upload for good
                names.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return f'<iframe src="{escape(self.address)}" width="100%" height="800" title="The search page"></iframe>'


def start(
    retrievers: "Mapping[str, Retriever]",
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    password: str | None = None,
    share: bool = False,
    open_browser: bool = False,
    allow_hosts: Iterable[str] = (),
    kept_for: float = KEPT_FOR,
    page: "Callable[[Mapping[str, Retriever]], Blocks] | None" = None,
) -> SearchServer:
    """Start the search page; it answers when this returns, and until `close`.

    Args:
        retrievers: the name of a fusion, as the page shows it → its retriever.
        host: "127.0.0.1" for this machine alone, "0.0.0.0" for all that can reach it.
        port: None for the first free one from 7860 on.
        password: what visitors must type in; None for none.
        share: ask Gradio's servers for a public address.
        open_browser: open the page in the browser of this machine.
        allow_hosts: more names under which the page answers, for example ["shop.example"] of a proxy; it answers as
            localhost and as the address at which it is reached (`callers` has the rule).
        kept_for: seconds that an upload stays after it was last searched with.
        page: makes another page than `mmr_toolkit.app.page.build_app`.

    Raises:
        ValueError: an empty password, a port that is no port, or an allowed host that is no name.
        TypeError: allowed hosts that are one text.
        OSError: the port is taken, or the host is no address of this machine.

    Example:
        >>> with start({"weighted": retriever}) as server:  # doctest: +SKIP
        ...     print(server.address)
    """
    _check(host, port, password, share)
    callers = Callers(host, allow_hosts)
    folder = UPLOADS.open()
    try:
        with _environment(host):
            demo, samples = _search_page(retrievers) if page is None else (page(retrievers), [])
            guard = Guard.in_front(
                callers=callers,
                files=CatalogueFiles(retrievers, samples),
                uploads=folder,
                largest_upload=2 * CAPS.bytes + 100_000,  # a picture, a sound, and the form around them
                quota=Quota(UPLOADS.size, kept_for),
                has_login=password is not None,
            )
            where: dict[str, Any] = {"server_name": host, "server_port": port, "share": share}
            auth = None if password is None else _login(password)
            address = _launch(demo, app_kwargs={"lifespan": guard}, auth=auth, inbrowser=open_browser, **where)
            callers.add_public(demo.share_url)
    except BaseException:
        UPLOADS.close()
        raise
    return SearchServer(demo, address, kept_for)


def serve(retrievers: "Mapping[str, Retriever]", *, say: Callable[[str], object] = typer.echo, **settings: Any) -> None:
    """Serve the search page until Ctrl+C, or until the system asks the process to end (SIGTERM).

    Args:
        retrievers: the name of a fusion → its retriever.
        say: is told the address once the server answers.
        settings: as for `start`.
    """
    # At every call Gradio asks matplotlib how it would draw; this answer saves loading what opens windows.
    os.environ.setdefault("MPLBACKEND", "agg")
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    else:
        before = None  # only the main thread may choose what a signal does
    try:
        with contextlib.redirect_stderr(cast(TextIO, ShortWrites(sys.stderr))), start(retrievers, **settings) as server:
            say(f"The search page is at {server.address} (Ctrl+C ends it).")
            server.wait()
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _launch(demo: "Blocks", *, server_name: str, server_port: int | None, **settings: Any) -> str:
    """Launch a page with what is the same for every search page; its address.

    Raises:
        OSError: the port is taken, or the host is no address of this machine.
        RuntimeError: the page came up without its guard.
    """
    try:
        demo.queue(max_size=QUEUED)
        _, address, _ = demo.launch(
            server_name=server_name,
            server_port=server_port,
            inline=False,
            prevent_thread_lock=True,
            quiet=True,
            show_error=False,  # the words of an unexpected error stay in the server's log, with its paths
            max_file_size=CAPS.bytes,
            auth_message=LOGIN_MESSAGE,
            state_session_capacity=SESSIONS,
            enable_monitoring=False,
            run_history=False,
            footer_links=["api"],
            ssr_mode=False,
            num_workers=0,  # they would serve files without the guard
            mcp_server=False,
            pwa=False,
            **settings,
        )
    except OSError as error:
        if "empty port" not in str(error):
            raise
        taken = "all ports from 7860 to 7959 are" if server_port is None else f"port {server_port} is"
        reason = f"{taken} in use, or {server_name} is no address of this machine"
        raise OSError(f"cannot serve on {server_name}: {reason}.") from None
    if not isinstance(demo.app.middleware_stack, Guard):
        demo.close(verbose=False)
        raise RuntimeError("the page has no guard, so it was closed: its `launch` must pass `app_kwargs` on.")
    return address


def _search_page(retrievers: "Mapping[str, Retriever]") -> "tuple[Blocks, list[Path]]":
    """The page, and the files of its examples."""
    from mmr_toolkit.app.examples import examples_of
    from mmr_toolkit.app.page import build_app

    examples = [example for retriever in [*retrievers.values()][:1] for example in examples_of(retriever.catalogue)]
    parts = [part for example in examples for part in (example.image, example.audio)]
    return build_app(retrievers, examples=examples), [part for part in parts if part is not None]


def _check(host: str, port: int | None, password: str | None, share: bool) -> None:
    if port is not None and not 0 < port < 65_536:
        raise ValueError(f"the port is {port}; expected 1 to 65535, or None for a free one.")
    if password is not None and not password.strip():
        raise ValueError("the password is empty; give one, or None for a page without.")
    if password is None and (share or not _is_loopback(host)):
        reach = "its public address" if share else host
        warnings.warn(f"Anybody who can reach {reach} can search and send files: give a password.", stacklevel=3)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def _environment(host: str) -> Iterator[None]:
    """While Gradio loads and starts: it sends no statistics, and asks its own server directly, not through a proxy."""
    known = [os.environ.get(name, "") for name in ("no_proxy", "NO_PROXY")]
    direct = ",".join(filter(None, [*known, "127.0.0.1", "localhost", host]))
    settings = {"GRADIO_ANALYTICS_ENABLED": "False", "no_proxy": direct, "NO_PROXY": direct}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _login(password: str) -> Any:
    """Whether a visitor may come in, as Gradio asks it: an async function of user name and password."""
    from gradio.routes import HTTPException

    # 400 is the one status at which Gradio's login page says that it went wrong.
    return Gate(password, lambda sentence: HTTPException(400, sentence), WAITS).may_come_in
