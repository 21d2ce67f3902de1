"""The lists of the layer before the search page: which hosts and web sites may ask, and for what."""

import asyncio

import pytest

from mmr_toolkit.app.server.callers import Callers, client_of, host_of
from mmr_toolkit.app.server.guard import _Answer, _names_another_host
from mmr_toolkit.app.server.routes import ROUTES, Route, find_route, path_in_app
from mmr_toolkit.app.uploads.quota import Refused
from small_page import STRANGERS

PAGE, PART = Route("/", of="page"), Route("/config")


def scope_of(host="localhost:7860", server="127.0.0.1", path="/config", **headers):
    """A request as uvicorn hands it over; a header that is None is left out."""
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [(name.encode(), value.encode()) for name, value in named.items() if value is not None]
    scope = {"type": "http", "method": "GET", "path": path, "headers": lines}
    return {**scope, "server": (server, 7860), "client": ("127.0.0.1", 50_000)}


def is_allowed(scope, route=PART, callers=None):
    return (callers or Callers("127.0.0.1")).refusal(scope, route) is None


# Hosts


@pytest.mark.parametrize("host", STRANGERS)
def test_a_host_that_only_looks_like_this_machine_is_refused(host):
    sentence = Callers("127.0.0.1").refusal(scope_of(f"{host}:7860"), PAGE)
    assert "does not answer as" in sentence or "a host that can be none" in sentence
    assert not is_allowed(scope_of(host))


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "LOCALHOST:1", "127.0.0.1:7860", "127.0.0.1"])
def test_the_names_of_this_machine_are_allowed(host):
    assert is_allowed(scope_of(host))


@pytest.mark.parametrize(
    ("bound", "reached", "host", "allowed"),
    [
        ("0.0.0.0", "192.168.1.5", "192.168.1.5:7860", True),
        ("0.0.0.0", "192.168.1.5", "192.168.1.6:7860", False),
        ("0.0.0.0", "192.168.1.5", "0.0.0.0:7860", False),
        ("0.0.0.0", "192.168.1.5", "rebound.example", False),
        ("::", "::ffff:192.168.1.5", "192.168.1.5", True),
        ("::", "2001:db8::5", "[2001:0DB8:0::5]:7860", True),
        ("::1", "::1", "[::1]:7860", True),
        ("[::1]", "::1", "[::1]", True),
        ("pi.local", "192.168.1.5", "PI.local:7860", True),
        ("pi.local", "192.168.1.5", "other.local", False),
    ],
)
def test_the_page_answers_as_the_address_at_which_it_is_reached(bound, reached, host, allowed):
    assert is_allowed(scope_of(host, reached), callers=Callers(bound)) is allowed


def test_a_request_without_a_host_or_with_several_is_refused():
    assert "(Host)" in Callers("127.0.0.1").refusal(scope_of(None), PAGE)
    twice = scope_of("localhost")
    twice["headers"].append((b"host", b"rebound.example"))
    assert not is_allowed(twice)
    assert is_allowed({**scope_of("localhost"), "server": None})


def test_allowed_hosts_are_compared_as_a_whole():
    callers = Callers("127.0.0.1", ["Shop.Example", "2001:db8::1", "[2001:db8::2]", "192.0.2.7"])
    for host in ("shop.example", "SHOP.example:8080", "[2001:db8::1]:80", "[2001:db8::2]", "192.0.2.7:1"):
        assert is_allowed(scope_of(host), callers=callers), host
    for host in ("x.shop.example", "shop.example.evil", "shop.example.", "[2001:db8::3]"):
        assert not is_allowed(scope_of(host), callers=callers), host


@pytest.mark.parametrize(
    "name",
    ["", " ", "*", "*.example", "https://a.example", "a.example:80", "a.example/b", "a b", "0.0.0.0", "::", "[::z]"],
)
def test_an_allowed_host_that_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="expected a name or an address alone, without https://, port and path"):
        Callers("127.0.0.1", [name])


def test_allowed_hosts_that_are_one_text_are_refused():
    with pytest.raises(TypeError, match=r"one text; expected a list of names: \['shop.example'\]"):
        Callers("127.0.0.1", "shop.example")


@pytest.mark.parametrize(
    "netloc", ["", "a b", "a/b", "a@b", "[::1", "::1", "a:b", "a:", "ä.example", "a:123456", "a\n"]
)
def test_what_can_be_no_host_is_none(netloc):
    assert host_of(netloc) is None


# Behind a proxy


def test_a_forwarded_host_opens_nothing_that_is_not_allowed_by_name():
    for forwarded in ("evil.example", "localhost, evil.example", "evil.example, localhost", "", "x.localhost"):
        assert not is_allowed(scope_of("localhost", x_forwarded_host=forwarded)), forwarded
    shop = Callers("127.0.0.1", ["shop.example"])
    assert is_allowed(scope_of("127.0.0.1:7860", x_forwarded_host="shop.example"), callers=shop)
    assert not is_allowed(scope_of("evil.example", x_forwarded_host="shop.example"), callers=shop)


def test_a_proxy_that_passes_on_what_the_browser_asked_for_is_understood():
    shop = Callers("127.0.0.1", ["shop.example"])
    origin = {"origin": "https://shop.example", "sec_fetch_site": "same-origin"}
    assert is_allowed(scope_of("shop.example", x_forwarded_proto="https", **origin), callers=shop)
    assert is_allowed(scope_of("localhost:7860", x_forwarded_host="shop.example:443", **origin), callers=shop)
    assert not is_allowed(scope_of("localhost:7860", **origin), callers=shop)


def test_a_whole_address_as_root_path_names_its_host():
    shop = Callers("127.0.0.1")
    for path in ("/shop", "", None):
        shop.add_public(path)
    assert not is_allowed(scope_of("shop.example"), callers=shop)
    shop.add_public("https://Shop.example/search")
    assert is_allowed(scope_of("127.0.0.1:7860", origin="https://shop.example"), callers=shop)
    assert is_allowed(scope_of("shop.example", origin="https://shop.example:443"), callers=shop)
    assert not is_allowed(scope_of("127.0.0.1:7860", origin="https://shop.example:8443"), callers=shop)


# Web sites


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:7860",
        "file://",
        "",
    ]
    + [
        "http://x.localhost:7860",
        "http://localhost:7860.evil.example",
        "http://localhost:7860@evil.example",
        "localhost",
    ],
)
def test_another_site_is_refused(origin):
    for route in (PART, PAGE):
        assert not is_allowed(scope_of("localhost:7860", origin=origin), route)


def test_the_page_itself_may_ask():
    assert is_allowed(scope_of("localhost:7860", origin="http://localhost:7860", sec_fetch_site="same-origin"))
    assert is_allowed(scope_of("localhost", origin="http://localhost"))
    assert is_allowed(scope_of("localhost:7860"))  # a program
    assert is_allowed(scope_of("localhost:7860", sec_fetch_site="none"))  # typed in


@pytest.mark.parametrize("site", ["cross-site", "same-site", "cross-origin", ""])
def test_another_site_may_open_the_page_and_nothing_else(site):
    clicked = scope_of(sec_fetch_site=site, sec_fetch_mode="navigate")
    assert is_allowed(clicked, PAGE)
    assert not is_allowed(clicked, PART)
    for mode in ("cors", "no-cors", "websocket", None):
        assert not is_allowed(scope_of(sec_fetch_site=site, sec_fetch_mode=mode), PAGE)


# Clients


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_household_is_one_client(one, other, same):
    assert (client_of({"client": (one, 1)}) == client_of({"client": (other, 2)})) is same
    assert client_of({"client": None}) == client_of({}) == "unknown"


def test_a_client_that_a_proxy_calls_by_a_long_name_is_kept_and_logged_short():
    name = client_of({"client": ("<script>" + "z" * 30_000, 0)})
    assert (name[:9], len(name)) == ("<script>z", 80)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"data": ' * 50_000])
def test_a_question_that_is_nested_too_deeply_is_called_so(body):
    """It was told to send a file instead of an address."""
    with pytest.raises(Refused, match="lists in lists in lists; please send the question as the page does") as error:
        _names_another_host(body)
    assert error.value.status == 400


# Routes


ROOTS = ["", "/shop", "/shop/", "/", "/a/b", "https://shop.example/shop", "/gradio_api", "shop"]
PATHS = ["/shop", "/shop/", "/shop/config", "/shopping/config", "/config", "/a/b/gradio_api/file=/x", "", "//"]
PATHS += ["/shop/shop/config", "/gradio_api/gradio_api/info", "/shop/../config", "/shop//config", "//shop/config"]


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_cut_as_gradio_cuts_it(root, path):
    """Else a route would be another one for the guard than for Gradio."""
    oracle = pytest.importorskip("starlette._utils").get_route_path
    scope = {"path": path, "root_path": root}
    assert path_in_app(scope) == oracle(scope)


@pytest.mark.parametrize(
    "path",
    [
        "process_recording",
        "deep_link",
        "component_server",
        "run/search",
        "api/search",
        "stream/x",
        "token",
        "user",
        "runs",
    ]
    + [
        "vibe-code",
        "vibe-edit",
        "dev/reload",
        "custom_component/a/b/c/d",
        "profiling/summary",
        "login_check",
        "proxy=x",
    ]
    + [
        "queue/status",
        "call/a/b/c",
        "call/",
        "upload/",
        "heartbeat/",
        "heartbeat/a/b",
        "mcp",
        "reset/x",
        "file",
        "File=x",
    ],
)
def test_what_the_page_does_not_need_is_not_there(path):
    for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        assert find_route(method, f"/gradio_api/{path}") is None


@pytest.mark.parametrize(
    "path", ["logout", "svelte/x", "pwa_icon", "monitoring", "monitoring/summary", "docs", "config/x"]
)
def test_pages_of_gradio_that_are_not_ours_are_not_there(path):
    assert find_route("GET", f"/{path}") is None


def test_a_route_knows_its_methods_and_what_follows():
    assert find_route("POST", "/") is find_route("GET", "/login") is find_route("GET", "/gradio_api/upload") is None
    assert find_route("DELETE", "/config") is find_route("TRACE", "/") is None
    for path, rest in (("file=/a/b c\n.png", "/a/b c\n.png"), ("file/a.png", "a.png"), ("file=", "")):
        route, found = find_route("GET", f"/gradio_api/{path}")
        assert (route.of, found) == ("file", rest)
    assert find_route("POST", "/gradio_api/call/search")[0].content == ("application/json",)


@pytest.mark.parametrize("piece", ["%00", "\x00", "a\nb", "\x7f", "\x1f"])
def test_signs_of_control_in_a_piece_of_a_path_are_no_route(piece):
    """They would stand in an address that Gradio itself asks, whose faults end in a traceback."""
    assert (find_route("GET", f"/gradio_api/heartbeat/{piece}") is None) is (piece != "%00")  # which nobody decodes


def test_every_route_that_is_allowed_is_one_of_gradio():
    """A list that outlives what it lists is wrong without anybody seeing it."""
    import gradio as gr
    from gradio.routes import App

    with gr.Blocks(analytics_enabled=False) as demo:
        gr.Textbox()
    demo.config = demo.get_config_file()
    known = set()

    def collect(routes):
        for route in routes:
            if hasattr(route, "path"):
                known.add(route.path)
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            if inner is not None:
                collect(inner.routes)

    collect(App.create_app(demo).routes)
    flat = {path.replace("/gradio_api/gradio_api", "/gradio_api") for path in known}
    shapes = {"/".join("{}" if piece.startswith("{") and ":path" not in piece else piece for piece in path.split("/"))
              for path in flat}  # fmt: skip
    shapes |= {f"/gradio_api{shape}" for shape in shapes}
    for route in ROUTES[1:]:
        stars = {route.path, route.path.replace("*", "{path:path}"), route.path.replace("*", "{path_or_url:path}")}
        assert stars & shapes, route.path


@pytest.mark.parametrize("path", ["queue/data", "upload_progress", "heartbeat/x", "call/search/x", "call/v2/search/x"])
def test_what_stays_open_is_counted_as_a_stream(path):
    assert find_route("GET", f"/gradio_api/{path}")[0].of == "stream"


def test_an_answer_that_has_begun_is_not_answered_again():
    sent = []

    async def send(message):
        sent.append(message["type"])

    async def answer_twice():
        answer = _Answer(send)
        await answer.send({"type": "http.response.start", "status": 200, "headers": []})
        await answer.refuse(Refused(408, "Too late."))

    asyncio.run(answer_twice())
    assert sent == ["http.response.start"]
