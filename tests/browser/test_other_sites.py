"""Web sites of strangers that a visitor of the search page opens: none of them reads the page or changes anything."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mmr_toolkit.app.server.server import start
from mmr_toolkit.app.uploads.folder import UPLOADS
from patience import PATIENCE
from small_catalogue import colour_file
from small_shop import small_shop

ATTACK = (Path(__file__).parent / "other_site.js").read_text(encoding="utf-8")
SECONDS = 15  # for the tries of one kind, if they do not end sooner
#: Of all names the browser believes that they lead to this machine, as after DNS rebinding.
RESOLVER = "--host-resolver-rules=MAP *.example 127.0.0.1, MAP *.localhost 127.0.0.1"
PASSWORD = "open sésame"
FRAMES = ["127.0.0.1", "localhost"]  # notebooks are there, and show the page in a frame; it tells them how high it is
SITES = [*FRAMES, "evil.localhost", "evil.example"]
NAMES = ["127.0.0.1", "rebound.example", "localhost", "shop.example"]  # under which the page is asked for
SIZE = re.compile(r"iFrameSizer|iFrameResizer|SET_SCROLLING")


class Answers(BaseHTTPRequestHandler):
    """An empty page for every question, or what the class is given; every site may read it."""

    content, kind = b"<!DOCTYPE html><title>evil</title><body>", "text/html"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", self.kind)
        self.send_header("access-control-allow-origin", "*")
        self.send_header("content-length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    do_POST = do_OPTIONS = do_GET

    def log_message(self, *words):
        pass


@contextmanager
def listening(handler):
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def port():
    """Where the stranger's site is, under every name."""
    with listening(Answers) as port:
        yield port


@pytest.fixture(scope="module")
def believing(launch):
    """A browser that is led to this machine by every name."""
    believing = launch(RESOLVER)
    yield believing
    believing.close()


class Asked:
    """A retriever that counts how often it is asked."""

    def __init__(self, retriever):
        self.count, search = 0, retriever.search_many

        def counted(*parts, **settings):
            self.count += 1
            return search(*parts, **settings)

        retriever.search_many = counted


@pytest.fixture(scope="module", params=["plain", "root path", "password"])
def guarded(request, tmp_path_factory):
    """A running page, how often it was asked, and what only its visitor may read."""
    retriever = small_shop(tmp_path_factory.mktemp("shop"))
    asked = Asked(retriever)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "root path":
            patch.setenv("GRADIO_ROOT_PATH", "/shop")
        password = PASSWORD if request.param == "password" else None
        with start({"joined": retriever}, allow_hosts=["shop.example"], password=password) as server:
            yield request.param, server.address, retriever.catalogue, asked


def visit(context, kind, address, photo):
    """A visitor opens the page, types the password where one is asked for, and uploads a photo; its path."""
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    if kind == "password":
        page.get_by_label("username").fill("ada")
        page.get_by_label("password").fill(PASSWORD)
        page.get_by_role("button", name="Login").click()
    page.locator("#picture input[type=file]").set_input_files(photo)
    page.locator("#cards .card").first.wait_for()
    return max(UPLOADS.path.rglob("*.png"), key=lambda path: path.stat().st_mtime_ns)


def attack(context, site, target, files):
    """What the page `site` reads of `target`, and what it sees being loaded."""
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(site)
    found = page.evaluate(ATTACK, [target, [str(file) for file in files], SECONDS])
    page.close()
    return found


def uploads():
    return sorted(path for path in UPLOADS.path.rglob("*") if path.is_file())


def under(kind, address, name):
    """The page under a name, as it stands at its address and below its root path."""
    base = f"http://{name}:{urlsplit(address).port}/"
    return [base, f"{base}shop/"] if kind == "root path" else [base]


@pytest.mark.parametrize(
    ("guarded", "site"),
    [*(("plain", site) for site in SITES), ("root path", "evil.example"), ("password", "evil.example")],
    indirect=["guarded"],  # who asks is judged alike on every kind of page
)
def test_another_site_reads_nothing_and_changes_nothing(believing, guarded, port, tmp_path, site):
    kind, address, catalogue, asked = guarded
    context = believing.new_context()
    photo = visit(context, kind, address, colour_file(tmp_path / "sent.png", (200, 20, 30)))
    before, count = uploads(), asked.count
    names = NAMES[:1] if site != "evil.example" else NAMES if kind == "plain" else NAMES[:2]
    for name in names:
        for target in under(kind, address, name):
            found = attack(context, f"http://{site}:{port}/", target, [catalogue.values("image")[0], photo])
            sizes = [pair for pair in found["read"] if SIZE.search(pair[1])]
            assert sizes == [] or site in FRAMES
            assert ([pair for pair in found["read"] if pair not in sizes], found["loaded"]) == ([], [])
    context.close()
    assert (uploads(), asked.count) == (before, count)


def test_a_name_that_was_led_here_later_reads_nothing(believing, guarded, tmp_path):
    """DNS rebinding: the stranger's page was loaded from another machine, and then its own name leads to this one."""
    kind, address, catalogue, asked = guarded
    context = believing.new_context()
    photo = visit(context, kind, address, colour_file(tmp_path / "sent.png", (200, 20, 30)))
    before, count = uploads(), asked.count
    for target in under(kind, address, "rebound.example"):
        site = f"{target}stranger"
        context.route(site, lambda route: route.fulfill(body=Answers.content, content_type="text/html"))
        found = attack(context, site, target, [catalogue.values("image")[0], photo])
        told = {text for name, text in found["read"] if name != "size of"}
        assert told and all("This page does not answer as rebound.example" in text for text in told)
    context.close()
    assert (uploads(), asked.count) == (before, count)


class OpenPage(Answers):
    content, kind = b"var shop = 'cherry soda'", "text/javascript"


def test_the_attack_sees_what_a_careless_server_lets_it_see(believing, port):
    """Else the tests above could not fail."""
    context = believing.new_context()
    with listening(OpenPage) as careless:
        found = attack(context, f"http://localhost:{port}/", f"http://127.0.0.1:{careless}/", ["a.png"])
    context.close()
    assert {tag for tag, _ in found["loaded"]} >= {"script", "module"}
    assert {name.split()[0] for name, text in found["read"] if "cherry soda" in text} >= {"fetch", "post", "upload"}
