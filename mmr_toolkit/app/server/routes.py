"""What the page asks its server for: one table. Whatever is not in it does not exist for a visitor (404).

Gradio offers about a hundred routes, among them some that start programs, end the sessions of others or read the
settings of the machine. The page, its API and `gradio_client` need these.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ROUTES", "Route", "find_route", "path_in_app"]

READ = ("GET", "HEAD")
JSON, FORM = "application/json", "multipart/form-data"
LOGIN_FORMS = (FORM, "application/x-www-form-urlencoded")
PIECE = r"[^/\x00-\x1f\x7f]+"  # Gradio passes some of them on as part of an address, where signs of control are faults


@dataclass(frozen=True)
class Route:
    """One thing that may be asked for.

    Attributes:
        path: below the root path; `{}` stands for one piece without a slash, `*` for all that follows.
        methods: of HTTP.
        content: the kinds of content that may be sent; a form of another site cannot send JSON.
        of: "page" (may be opened from a link of another site), "file" (`*` is its path), "upload", "login" (only where
            there is a password), "stream" (an answer that may last), or "part" for all the rest.
    """

    path: str
    methods: tuple[str, ...] = READ
    content: tuple[str, ...] = ()
    of: str = "part"

    def match(self, path: str) -> re.Match[str] | None:
        """The match of a path as a whole; its group is what `*` stands for."""
        pattern = re.escape(self.path).replace(r"\{\}", PIECE).replace(r"\*", "(.*)")
        return re.fullmatch(pattern, path, re.DOTALL)


def _sent(path: str, *content: str, of: str = "part") -> Route:
    return Route(path, ("POST",), content, of)


ROUTES = (
    # the page, and what it is made of
    Route("", of="page"),
    Route("/", of="page"),
    Route("/config"),
    Route("/theme.css"),
    Route("/assets/*"),
    Route("/static/*"),
    Route("/favicon.ico"),
    Route("/robots.txt"),
    _sent("/login", *LOGIN_FORMS, of="login"),
    # whether the server still runs; Gradio asks the second one itself when it starts
    Route("/gradio_api/app_id"),
    Route("/gradio_api/startup-events"),
    Route("/gradio_api/heartbeat/{}", of="stream"),
    # files
    Route("/gradio_api/file=*", of="file"),
    Route("/gradio_api/file/*", of="file"),
    _sent("/gradio_api/upload", FORM, of="upload"),
    Route("/gradio_api/upload_progress", of="stream"),
    # a search: from the page and from gradio_client, then from any other program
    _sent("/gradio_api/queue/join", JSON),
    Route("/gradio_api/queue/data", of="stream"),
    _sent("/gradio_api/cancel", JSON),
    _sent("/gradio_api/reset", JSON),
    _sent("/gradio_api/call/{}", JSON),
    _sent("/gradio_api/call/v2/{}", JSON),
    Route("/gradio_api/call/{}/{}", of="stream"),
    Route("/gradio_api/call/v2/{}/{}", of="stream"),
    # the description of the API
    Route("/gradio_api/info"),
    Route("/gradio_api/openapi.json"),
)


def find_route(method: str, path: str) -> tuple[Route, str] | None:
    """The route of a path and what stands for its `*`, or None if the page needs no such thing."""
    for route in ROUTES:
        if method in route.methods and (match := route.match(path)) is not None:
            return route, "".join(match.groups())
    return None


def path_in_app(scope: Mapping[str, Any]) -> str:
    """The path of a request below the root path (GRADIO_ROOT_PATH), as Starlette takes it when it looks for a route.

    A proxy may cut the root path off or leave it there, so "/shop/config" and "/config" are the same.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    rest = path.removeprefix(root)
    return rest if path.startswith(root) and rest[:1] in ("", "/") else path
