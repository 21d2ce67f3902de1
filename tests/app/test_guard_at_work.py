"""The layer before the search page in front of a running one: strangers, root paths, half-sent bodies and quotas."""

import asyncio
import re
import socket
import time
from contextlib import ExitStack, closing, suppress
from functools import partial

import httpx
import pytest

from mmr_toolkit.app.server import server as serving
from mmr_toolkit.app.server.body import in_time, whole_body
from mmr_toolkit.app.server.guard import HEADERS
from mmr_toolkit.app.server.server import start
from mmr_toolkit.app.server.streams import CLIENT_AT_ONCE, Streams, file_numbers
from mmr_toolkit.app.uploads.folder import UPLOADS
from mmr_toolkit.app.uploads.quota import Limits, Quota, Refused
from patience import PATIENCE
from small_page import STRANGERS, page, retrievers_of

SLOW = Limits(silence=0.3, slowest=1000)


@pytest.fixture(scope="module")
def shop(catalogue):
    """A server under a root path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ROOT_PATH", "/shop")
        with start(retrievers_of(catalogue), page=page, allow_hosts=["shop.example"]) as server:
            yield server


@pytest.fixture(scope="module")
def impatient(catalogue):
    """A server that waits for nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "Quota", partial(Quota, limits=SLOW))
        with start(retrievers_of(catalogue), page=page) as server:
            yield server


def ask(server, route, method="GET", **settings):
    return httpx.request(method, f"{server.address}{route}", timeout=PATIENCE, **settings)


# Strangers


@pytest.mark.slow
@pytest.mark.parametrize("host", STRANGERS)
def test_no_site_reads_the_page_under_another_name(server, host):
    headers = {"host": f"{host}:7860", "origin": "https://evil.example", "access-control-request-method": "GET"}
    for route in ("", "config", "gradio_api/info", "assets/x.js"):
        for method in ("GET", "OPTIONS"):
            answer = ask(server, route, method, headers=headers)
            assert answer.status_code in (403, 404)
            assert "access-control-allow-origin" not in answer.headers and "gradio" not in answer.text


@pytest.mark.slow
def test_the_own_site_gets_its_page_and_no_leave_for_others(server):
    own = {"origin": server.address.rstrip("/"), "sec-fetch-site": "same-origin"}
    answer = ask(server, "config", headers=own)
    assert answer.status_code == 200
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert [ask(server, route, headers=link).status_code for route in ("", "config")] == [200, 403]


@pytest.mark.slow
def test_a_form_of_another_site_is_refused(server):
    before = UPLOADS.size()
    file = {"files": ("a.png", b"sent by another site")}
    for headers in ({"origin": "null"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert ask(server, "gradio_api/upload", "POST", files=file, headers=headers).status_code == 403
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/js",
    ):
        answer = ask(server, "gradio_api/call/describe", "POST", content="{}", headers={"content-type": kind})
        assert answer.status_code == 415 and "expected application/json" in answer.text
    assert ask(server, "gradio_api/call/describe", "POST", content="{}").status_code == 415
    assert ask(server, "gradio_api/upload", "POST", json={}).status_code == 415
    assert ask(server, "login", "POST", data={"username": "a", "password": "b"}).status_code == 404
    assert UPLOADS.size() == before


# What the page needs


@pytest.mark.slow
def test_what_a_browser_loads_is_there(server):
    html = ask(server, "").text
    names = set(re.findall(r'(?:src|href)="\.?/([^"]+)"', html)) - {"manifest.json"}  # Gradio has none of this page
    script = next(name for name in names if name.endswith(".js"))
    parts = [f"assets/{name}" for name in re.findall(r"[`\"']\./([\w-]+\.(?:js|css))", ask(server, script).text)]
    assert len(names) > 1 and len(parts) >= 10
    for name in [*names, *parts[:20], "theme.css", "static/js/iframeResizer.contentWindow.min.js", "gradio_api/app_id"]:
        assert ask(server, name).status_code == 200, name


# Root paths and proxies


@pytest.mark.slow
@pytest.mark.parametrize("under", ["", "shop/"])
def test_a_root_path_hides_nothing_from_the_guard(shop, catalogue, under):
    table, picture = catalogue.folder / "metadata.csv", catalogue.values("image")[0]
    for route in (f"file={table}", f"file/{table}", f"file={picture}/../../metadata.csv", "file=pyproject.toml"):
        answer = ask(shop, f"{under}gradio_api/{route}")
        assert answer.status_code in (403, 404) and "image_file_name" not in answer.text
    assert ask(shop, f"{under}gradio_api/file={picture}").status_code == 200
    assert ask(shop, f"{under}config").status_code == 200
    for route in ("logout", "gradio_api/deep_link?session_hash=x", "gradio_api/process_recording", "monitoring"):
        assert [ask(shop, f"{under}{route}", method).status_code for method in ("GET", "POST")] == [404, 404]
    call = f"{under}gradio_api/call/describe"
    body = {"data": ["", {"path": "http://example.com/a.png", "meta": {"_type": "gradio.FileData"}}, None]}
    assert ask(shop, call, "POST", json=body).status_code == 400
    assert ask(shop, call, "POST", content=bytes(1_000_001)).status_code == 413


@pytest.mark.slow
def test_the_page_behind_a_proxy_knows_its_public_address(shop):
    proxy = {"x-forwarded-host": "shop.example", "x-forwarded-proto": "https", "x-gradio-server": "http://evil.example"}
    answer = ask(shop, "config", headers={**proxy, "origin": "https://shop.example"})
    assert answer.json()["root"] == "https://shop.example/shop"
    assert ask(shop, "config", headers={"x-forwarded-host": "evil.example"}).status_code == 403
    assert "evil" not in ask(shop, "config", headers={"x-gradio-server": "http://evil.example"}).text


@pytest.mark.slow
def test_a_page_that_starts_without_its_guard_is_closed(catalogue):
    def careless(retrievers):
        demo = page(retrievers)
        launch = demo.launch
        demo.launch = lambda app_kwargs, **settings: launch(**settings)
        return demo

    users = UPLOADS._users
    with pytest.raises(RuntimeError, match="the page has no guard, so it was closed"):
        start(retrievers_of(catalogue), page=careless)
    assert users == UPLOADS._users


# Bodies that do not come

FORM = (
    "content-type: multipart/form-data; boundary=x\n\n--x\nContent-Disposition: form-data; name=files; filename=a\n\n"
)
HALVES = [
    f"POST /gradio_api/upload HTTP/1.1\nhost: HOST\ncontent-length: 500\n{FORM}half a file",
    "POST /gradio_api/call/describe HTTP/1.1\nhost: HOST\ncontent-length: 50\ncontent-type: application/json\n\n{",
]


def answer_to(server, text, drops):
    """What the server says to a request written by hand, of which more comes drop by drop, until it hangs up."""
    url = httpx.URL(server.address)
    with closing(socket.create_connection((url.host, url.port), timeout=PATIENCE)) as wire:
        wire.sendall(text.replace("\n", "\r\n").replace("HOST", url.netloc.decode()).encode())
        answer = b""
        wire.settimeout(0.1)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if not (piece := wire.recv(65_536)):
                    break
                answer += piece
            except TimeoutError:
                with suppress(ConnectionError):  # it hung up; what it said before may still be read
                    wire.sendall(drops)
            except ConnectionError:
                break
        return answer.decode()


@pytest.mark.slow
@pytest.mark.parametrize("half", HALVES, ids=["upload", "question"])
@pytest.mark.parametrize("drops", [b"", b" "], ids=["silent", "drop by drop"])
def test_a_half_sent_body_is_not_waited_for(impatient, half, drops, capsys):
    answer = answer_to(impatient, half, drops)
    assert answer.startswith("HTTP/1.1 408 ") and answer.endswith("The request came too slowly; please send it again.")
    assert "Traceback" not in capsys.readouterr().err
    files = {"files": ("sent.png", b"sent in time")}
    assert ask(impatient, "gradio_api/upload", "POST", files=files).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "GET / HTTP/1.1\nhost: HOST\n", "GET /none HTTP/1.1\nhost: HOST\n\nGET /"])
@pytest.mark.parametrize("drops", [b"", b"x"], ids=["silent", "drop by drop"])
def test_half_of_a_head_is_not_waited_for(impatient, text, drops):
    before = time.monotonic()
    answer_to(impatient, text, drops)
    assert time.monotonic() - before < PATIENCE  # else it was we who hung up
    assert ask(impatient, "config").status_code == 200


def body_of(*pieces):
    waiting = [{"type": "http.request", "body": piece, "more_body": piece != pieces[-1]} for piece in pieces]

    async def receive():
        return waiting.pop(0)

    return receive


def test_a_body_that_is_longer_than_it_said_is_refused():
    assert asyncio.run(whole_body(in_time(body_of(b"12", b"345"), 5))) == b"12345"
    with pytest.raises(Refused, match="said that it has 4 bytes, and more came") as error:
        asyncio.run(whole_body(in_time(body_of(b"12", b"345"), 4)))
    assert error.value.status == 413


def test_a_byte_now_and_then_holds_no_place_for_minutes():
    """Each byte comes in time, and so would all of them, if one looked at the end only."""
    limits, came = Limits(silence=0.5, slowest=1_000), []

    async def drops():
        await asyncio.sleep(0.1)
        came.append(1)
        return {"type": "http.request", "body": b"x", "more_body": True}

    start = time.monotonic()
    with pytest.raises(Refused, match="came too slowly") as error:
        asyncio.run(whole_body(in_time(drops, 30_000_000, limits)))  # which may take 30,000 s in all
    assert error.value.status == 408
    assert len(came) <= 10 and time.monotonic() - start < PATIENCE


def test_a_body_that_is_slow_and_not_too_slow_is_waited_for():
    """It takes longer than silence may last: what has come buys time for what is to come."""
    limits = Limits(silence=4.0, slowest=500)
    waiting = [b"x" * 2_000] * 5

    async def pieces():
        await asyncio.sleep(1.0)
        return {"type": "http.request", "body": waiting.pop(), "more_body": bool(waiting)}

    assert len(asyncio.run(whole_body(in_time(pieces, 10_000, limits)))) == 10_000


def test_a_body_that_breaks_off_is_none():
    async def gone():
        return {"type": "http.disconnect"}

    assert asyncio.run(whole_body(gone)) is None


# Streams


def test_nobody_holds_more_streams_than_their_share():
    streams = Streams(at_once=5, client_at_once=3)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(streams.admit("ada"))
        with pytest.raises(Refused, match="the page open too often") as error, streams.admit("ada"):
            pass
        assert error.value.status == 429
        for _ in range(2):
            held.enter_context(streams.admit("ben"))
        with pytest.raises(Refused, match="Too many visitors") as error, streams.admit("cai"):
            pass
        assert error.value.status == 503
    for client in ("ada", "ben", "cai"):
        with streams.admit(client):
            pass


def test_a_stream_that_ends_with_an_error_is_counted_off():
    streams = Streams(at_once=1)
    for _ in range(2):
        with pytest.raises(OSError, match="gone"), streams.admit("ada"):
            raise OSError("gone")


@pytest.mark.parametrize(("granted", "held"), [(256, 85), (1024, 341), (1_000_000, 400)])
def test_streams_leave_file_numbers_for_others(monkeypatch, granted, held):
    monkeypatch.setattr("mmr_toolkit.app.server.streams.file_numbers", lambda: granted)
    streams = Streams(client_at_once=1_000)
    with ExitStack() as open_now:
        for _ in range(held):
            open_now.enter_context(streams.admit("ada"))
        with pytest.raises(Refused), streams.admit("ben"):
            pass


def test_the_system_says_how_many_file_numbers_there_are():
    assert file_numbers() > 100


@pytest.mark.slow
def test_pages_that_are_left_open_keep_nobody_out(impatient):
    """Each listens whether the server still runs; more of them than one client may have."""
    url = httpx.URL(impatient.address)
    answers = []
    with ExitStack() as held:
        for number in range(CLIENT_AT_ONCE + 2):
            wire = held.enter_context(closing(socket.create_connection((url.host, url.port), timeout=PATIENCE)))
            host = url.netloc.decode()
            wire.sendall(f"GET /gradio_api/heartbeat/{number} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
            answers.append(wire.recv(12))
        assert answers == [b"HTTP/1.1 200"] * CLIENT_AT_ONCE + [b"HTTP/1.1 429"] * 2
        assert ask(impatient, "config").status_code == 200


# How much


def quota_of(on_disk=0, now=lambda: 0.0, **limits):
    return Quota(lambda: on_disk, 600.0, Limits(**limits), now)


async def send(quota, client="a", size=2**20, until=None):
    """Send a file; the status and the sentence with which it was refused, or None."""
    try:
        async with quota.admit(client, size):
            if until is not None:
                await until.wait()
    except Refused as error:
        return error.status, str(error)
    return None


def test_a_client_has_a_quota_for_a_time():
    async def play():
        now = [0.0]
        quota = quota_of(now=lambda: now[0], client_megabytes=2)
        answers = [await send(quota), await send(quota), await send(quota), await send(quota, "b")]
        for now[0] in (500.0, 601.0):
            answers.append(await send(quota))
        return answers

    full = "You have sent 2 MB in a short time; please wait {} minutes before you send more."
    assert asyncio.run(play()) == [None, None, (429, full.format(10)), None, (429, full.format(2)), None]


def test_many_small_files_fill_a_quota_as_well():
    async def play():
        quota = quota_of(client_megabytes=1)
        return [await send(quota, size=1) for _ in range(5)]

    assert [answer is None for answer in asyncio.run(play())] == [True] * 4 + [False]


def test_all_clients_together_have_a_quota_for_what_lies_there_and_what_comes():
    async def play():
        until = asyncio.Event()
        quota = quota_of(on_disk=8 * 2**20, megabytes=10)
        coming = [asyncio.create_task(send(quota, client, until=until)) for client in "ab"]
        await asyncio.sleep(0.2)
        third = await send(quota, "c")
        until.set()
        return await asyncio.gather(*coming), third, await send(quota, "c")

    coming, third, after = asyncio.run(play())
    assert (coming, after) == ([None, None], None)
    assert third[0] == 507 and "there is no room; please wait a few minutes" in third[1]


def test_who_comes_while_others_send_waits_and_is_told_so_when_too_many_wait():
    async def play():
        until = asyncio.Event()
        quota = quota_of(at_once=3, client_at_once=2, waiting=2)
        tasks = []
        for client in ("a", "a", "a", "b", "c", "d"):
            tasks.append(asyncio.create_task(send(quota, client, until=until)))
            await asyncio.sleep(0.1)
        state = dict(quota._running), quota._waiting
        until.set()
        answers = await asyncio.gather(*tasks)
        return state, answers, (dict(quota._running), quota._waiting, quota._coming)

    state, answers, rest = asyncio.run(play())
    assert (state, rest) == (({"a": 2, "b": 1}, 2), ({}, 0, 0))
    sentence = "Many visitors are sending files just now; please wait a minute and send it again."
    assert answers == [None] * 5 + [(503, sentence)]


def test_an_upload_that_ends_makes_room_for_one_and_not_for_two():
    async def play():
        ends = [asyncio.Event() for _ in range(4)]
        quota = quota_of(client_at_once=2)
        tasks = []
        for number, end in enumerate(ends, start=1):
            tasks.append(asyncio.create_task(send(quota, until=end)))
            while quota._running["a"] + quota._waiting < number:
                await asyncio.sleep(0.01)
        before = quota._running["a"], quota._waiting
        ends[0].set()
        await tasks[0]
        while quota._waiting == 2 or quota._running["a"] < 2:
            await asyncio.sleep(0.01)
        after = quota._running["a"], quota._waiting
        for end in ends:
            end.set()
        return before, after, await asyncio.gather(*tasks)

    assert asyncio.run(play()) == ((2, 2), (2, 1), [None] * 4)


def test_who_waits_too_long_is_told_so_and_it_does_not_count():
    async def play():
        until = asyncio.Event()
        quota = quota_of(at_once=1, patience=0.05, client_megabytes=2)
        first = asyncio.create_task(send(quota, until=until))
        await asyncio.sleep(0.2)
        refused = [await send(quota) for _ in range(3)]
        until.set()
        return await first, refused, await send(quota)

    first, refused, after = asyncio.run(play())
    assert first is after is None
    assert {status for status, _ in refused} == {503} and "for all that time; please wait" in refused[0][1]


@pytest.mark.slow
def test_a_full_quota_is_said_in_a_sentence_with_the_time_to_wait(catalogue, monkeypatch):
    monkeypatch.setattr(serving, "Quota", partial(Quota, limits=Limits(client_megabytes=1)))
    with start(retrievers_of(catalogue), page=page) as server:
        files = {"files": ("a.png", bytes(600_000))}
        answers = [ask(server, "gradio_api/upload", "POST", files=files) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].text == "You have sent 1 MB in a short time; please wait 10 minutes before you send more."
    assert 500 < int(answers[1].headers["retry-after"]) <= 600


@pytest.mark.slow
def test_the_queue_of_searches_has_an_end(server):
    assert server.demo._queue.max_size == serving.QUEUED
