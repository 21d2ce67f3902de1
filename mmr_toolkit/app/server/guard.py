"""In front of the search page: who may ask, for what, and how much may be sent.

Gradio answers every host and every web site, offers many more routes than a page needs, serves every file in the
folders that it is allowed, so the catalogue's table too, and fetches files from other hosts when a request names them.
This layer lets through what stands in its lists: hosts and sites (`callers`), routes (`routes`), files (here), sizes
and times (`body`, `uploads/quota`). It is the outermost layer, for Gradio has one that answers other sites by itself.
"""

import asyncio
import json
import math
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from mmr_toolkit.app.server.asgi import App, Message, Receive, Send
from mmr_toolkit.app.server.body import in_time, read_again, whole_body
from mmr_toolkit.app.server.callers import Callers, client_of, header_values
from mmr_toolkit.app.server.routes import Route, find_route, path_in_app
from mmr_toolkit.app.server.silent import hang_up_on_the_silent
from mmr_toolkit.app.server.streams import Streams
from mmr_toolkit.app.server.tries import CLIENT
from mmr_toolkit.app.uploads.quota import Quota, Refused
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.retrieval.retriever import Retriever

__all__ = ["HEADERS", "LARGEST_REQUEST", "CatalogueFiles", "Guard"]

LARGEST_REQUEST = 1_000_000  # bytes of one that is no upload: a query is some hundred
#: Who may show the page in a frame: notebooks on this machine do. Another site could lay it, unseen, under its buttons.
FRAMES = "'self' http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:* vscode-webview:"
#: The browser itself refuses to ask any other host, whatever a text of the catalogue says.
POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    f"frame-ancestors {FRAMES}"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
HIDDEN = (b"x-gradio-server",)  # of a request: Gradio would take its own address from it


class CatalogueFiles:
    """The pictures and sounds of some catalogues: `path in files`; items that are added later are known too.

    A link that leads out of the catalogue's folder, made after the catalogue was checked, is none of them.

    Args:
        retrievers: those that search the catalogues.
        others: more files, for example those of a page's examples.
    """

    def __init__(self, retrievers: Mapping[str, Retriever], others: Iterable[Path] = ()) -> None:
        self._retrievers = retrievers
        self._others = frozenset(map(os.path.realpath, others))
        self._files: WeakKeyDictionary[Catalogue, frozenset[str]] = WeakKeyDictionary()

    def __contains__(self, path: str) -> bool:
        """Whether this path, with all symbolic links followed, is one of these files."""
        return path in self._others or any(
            path in self._files_of(retriever.catalogue) for retriever in self._retrievers.values()
        )

    def _files_of(self, catalogue: Catalogue) -> frozenset[str]:
        if catalogue not in self._files:
            paths = (path for modality in ("image", "audio") for path in catalogue.values(modality))
            inside = os.path.join(os.path.realpath(catalogue.folder), "")  # noqa: PTH118 - ends with a separator
            found = (os.path.realpath(path) for path in paths if path is not None)
            self._files[catalogue] = frozenset(path for path in found if path.startswith(inside))
        return self._files[catalogue]


class Guard:
    """An ASGI layer: refuses what the page never asks for, and hands the rest to Gradio.

    Args:
        app: what comes behind.
        callers: the hosts and web sites that may ask.
        files: the pictures and sounds that anybody may see.
        uploads: the folder with what visitors sent; its files may be seen too, by who knows their names.
        largest_upload: bytes of one upload, all its files together.
        quota: how much all may send, and each.
        has_login: whether a password is asked for.
    """

    def __init__(
        self,
        app: App,
        *,
        callers: Callers,
        files: CatalogueFiles,
        uploads: Path,
        largest_upload: int,
        quota: Quota,
        has_login: bool = False,
    ) -> None:
        self.app = app
        self.callers = callers
        self.files = files
        self.uploads = str(uploads)
        self.largest_upload = largest_upload
        self.quota = quota
        self.streams = Streams()
        self.has_login = has_login

    @classmethod
    def in_front(cls, **rules: Any) -> Callable[[Any], Any]:
        """For the `lifespan` of a Gradio app: puts a guard before all its layers when the app starts."""

        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[None]:
            rules["callers"].add_public(app.root_path)
            app.middleware_stack = cls(app.middleware_stack, **rules)
            silence = rules["quota"].limits.silence
            watch = asyncio.create_task(hang_up_on_the_silent(lambda: getattr(app.blocks, "server", None), silence))
            yield
            watch.cancel()

        return lifespan

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # the page has none
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        CLIENT.set(client_of(scope))
        answer = _Answer(send)
        try:
            await self._let_in(scope, receive, answer)
        except Refused as refused:
            await answer.refuse(refused)

    async def _let_in(self, scope: Message, receive: Receive, answer: "_Answer") -> None:
        """Hand a request on, or raise `Refused`."""
        route, rest = self._route_of(scope)
        if (sentence := self.callers.refusal(scope, route)) is not None:
            raise Refused(403, sentence)
        if route.of == "file" and not self._may_be_sent(rest):
            raise Refused(403, "This file is not part of the page.")
        scope = {**scope, "headers": [header for header in scope["headers"] if header[0] not in HIDDEN]}
        if route.of == "stream":
            with self.streams.admit(CLIENT.get()):
                await self._hand_on(scope, receive, answer)
        elif not route.content:
            await self._hand_on(scope, receive, answer)
        elif route.of == "upload":
            length = _length_of(scope, route, self.largest_upload)
            async with self.quota.admit(CLIENT.get(), length):
                await self._hand_on(scope, in_time(receive, length, self.quota.limits), answer)
        else:
            length = _length_of(scope, route, LARGEST_REQUEST)
            body = await whole_body(in_time(receive, length, self.quota.limits))
            if body is None:
                return  # the client has gone
            if _names_another_host(body):
                raise Refused(400, "Send the file itself, not the address of a file.")
            await self._hand_on(scope, read_again(body, receive), answer)

    def _route_of(self, scope: Message) -> tuple[Route, str]:
        found = find_route(scope["method"], path_in_app(scope))
        if found is None or (found[0].of == "login" and not self.has_login):
            raise Refused(404, "The page has nothing here.")
        return found

    def _may_be_sent(self, name: str) -> bool:
        try:
            path = os.path.realpath(name)
        except (OSError, ValueError):  # a name that no file can have
            return False
        return path in self.files or path.startswith(self.uploads + os.sep)

    async def _hand_on(self, scope: Message, receive: Receive, answer: "_Answer") -> None:
        """Let the app answer; an error of ours that it met while it read comes out as it was."""
        refused: list[Refused] = []

        async def remember() -> Message:
            try:
                return await receive()
            except Refused as error:
                refused.append(error)
                answer.is_closed = True  # what the app says about it is not sent
                raise

        try:
            await self.app(scope, remember, answer.send)
        except Exception:
            if not refused:
                raise
        if refused:
            raise refused[0]


class _Answer:
    """What is sent back: with our headers, and without those that let other sites read it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = False
        self.is_closed = False

    async def send(self, message: Message) -> None:
        """Send a part of the app's answer."""
        if self.is_closed:
            return
        if message["type"] == "http.response.start":
            self._has_begun = True
            kept = [(key, value) for key, value in message["headers"] if not key.lower().startswith(b"access-control-")]
            message = {**message, "headers": [*kept, *_encoded(HEADERS)]}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Send a sentence instead, unless an answer has begun."""
        if self._has_begun:
            return
        body = str(refused).encode()
        headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **HEADERS}
        if refused.wait is not None:
            headers["retry-after"] = str(math.ceil(refused.wait))
        if refused.status == 408:
            headers["connection"] = "close"  # else the rest would be waited for
        await self._send({"type": "http.response.start", "status": refused.status, "headers": _encoded(headers)})
        await self._send({"type": "http.response.body", "body": body})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _length_of(scope: Message, route: Route, largest: int) -> int:
    """The bytes that are sent, as the request says.

    Raises:
        Refused: no length (411), too much (413), or a kind of content that the page does not send (415).
    """
    lengths = header_values(scope, "content-length")
    if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()) or len(lengths[0]) > 15:
        raise Refused(411, "The request does not say how long it is.")
    length = int(lengths[0])
    if length > largest:
        raise Refused(413, f"The request has {length:,} bytes, and at most {largest:,} are read.")
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"]
    kinds = [line.partition(";")[0].strip().lower() for line in lines]
    if len(kinds) != 1 or kinds[0] not in route.content:
        sent = kinds[0][:80] if kinds else "something without a type"
        raise Refused(415, f"The request sends {sent}; expected {' or '.join(route.content)}.")
    return length


def _names_another_host(body: bytes) -> bool:
    """Whether a request wants Gradio to fetch a file from elsewhere: {"path": "http://…"} at any depth.

    Raises:
        Refused: lists in lists, so deep that nobody can look (400).
    """
    try:
        rest: list[Any] = [json.loads(body)]
    except ValueError:  # no JSON: the form of the login page
        return False
    except RecursionError:
        raise Refused(
            400, "The request has lists in lists in lists; please send the question as the page does."
        ) from None
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            if str(value.get("path", "")).strip().lower().startswith(("http:", "https:")):
                return True
            rest += value.values()
        elif isinstance(value, list):
            rest += value
    return False
