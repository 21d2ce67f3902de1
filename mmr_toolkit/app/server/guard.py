"""In front of the search page: which files it may send, and how much may be sent to it.

Gradio serves every file in the folders that it is allowed, so the catalogue's table too, and fetches files from other
hosts when a request names them. This layer lets through what the page needs.
"""

import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.retrieval.retriever import Retriever

# The words of ASGI, the interface between a Python web server and what answers its requests.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

FILE_ROUTES = ("/gradio_api/file=", "/gradio_api/file/")
OTHER_HOSTS = "/gradio_api/proxy="
UPLOAD_ROUTE = "/gradio_api/upload"
LARGEST_REQUEST = 1_000_000  # bytes of one that is no upload: a query is some hundred
#: The browser itself refuses to ask any other host, whatever a text of the catalogue says.
POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class CatalogueFiles:
    """The pictures and sounds of some catalogues: `path in files`; items that are added later are known too.

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
            self._files[catalogue] = frozenset(os.path.realpath(path) for path in paths if path is not None)
        return self._files[catalogue]


class Guard:
    """An ASGI layer: refuses what the page never asks for, and hands the rest to Gradio.

    Args:
        app: what comes behind.
        files: the pictures and sounds that anybody may see.
        uploads: the folder with what visitors sent; its files may be seen too, by who knows their names.
        largest_upload: bytes of one upload, all its files together.
    """

    def __init__(self, app: App, files: CatalogueFiles, uploads: Path, largest_upload: int) -> None:
        self.app = app
        self.files = files
        self.uploads = str(uploads)
        self.largest_upload = largest_upload

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in HEADERS.items())]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None and scope["method"] == "POST" and not scope["path"].startswith(UPLOAD_ROUTE):
            body = await _whole_body(receive)
            receive = _again(body, receive)
            if _names_another_host(body):
                refusal = 400, "Send the file itself, not the address of a file."
        if refusal is None:
            await self.app(scope, receive, send_with_headers)
        else:
            await _say(send_with_headers, *refusal)

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        """Status and sentence, for what can be refused without reading the request's body."""
        path = scope["path"]
        for route in FILE_ROUTES:
            if path.startswith(route) and not self._may_be_sent(path.removeprefix(route)):
                return 403, "This file is not part of the page."
        if path.startswith(OTHER_HOSTS):
            return 403, "This page asks no other host."
        if scope["method"] == "POST":
            length = dict(scope["headers"]).get(b"content-length", b"")
            if not length.isdigit():
                return 411, "The request does not say how long it is."
            largest = self.largest_upload if path.startswith(UPLOAD_ROUTE) else LARGEST_REQUEST
            if int(length) > largest:
                return 413, f"The request has {int(length):,} bytes, and at most {largest:,} are read."
        return None

    def _may_be_sent(self, name: str) -> bool:
        try:
            path = os.path.realpath(name)
        except (OSError, ValueError):  # a name that no file can have
            return False
        return path in self.files or path.startswith(self.uploads + os.sep)


async def _say(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})


async def _whole_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read already, once; then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _names_another_host(body: bytes) -> bool:
    """Whether a request wants Gradio to fetch a file from elsewhere: {"path": "http://…"} at any depth."""
    try:
        rest: list[Any] = [json.loads(body)]
    except ValueError:  # no JSON: the form of the login page
        return False
    except RecursionError:
        return True
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            if str(value.get("path", "")).strip().lower().startswith(("http:", "https:")):
                return True
            rest += value.values()
        elif isinstance(value, list):
            rest += value
    return False
