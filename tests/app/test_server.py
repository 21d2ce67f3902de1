"""The search page as a server: who may ask for what, what a visitor is told, and that nothing is left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

import small_page
from mmr_toolkit.app.server import server as serving
from mmr_toolkit.app.server.guard import HEADERS, LARGEST_REQUEST, CatalogueFiles
from mmr_toolkit.app.server.server import start
from mmr_toolkit.app.server.tries import Waits
from mmr_toolkit.app.uploads.folder import PREFIX, UPLOADS
from patience import PATIENCE
from small_page import SECRET, page, retrievers_of, small_catalogue

pytestmark = pytest.mark.slow

JSON = {"content-type": "application/json"}
get, post = (partial(ask, timeout=PATIENCE) for ask in (httpx.get, httpx.post))


def address_of(server, route):
    return f"{server.address}gradio_api/{route}"


def client_of(server, **settings):
    from gradio_client import Client

    waiting = {"timeout": PATIENCE}
    return Client(server.address, verbose=False, analytics_enabled=False, httpx_kwargs=waiting, **settings)


# The page and its API


def test_the_page_answers_on_this_machine_alone(server):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.address)
    answer = get(server.address)
    assert answer.status_code == 200 and "gradio" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_parts_reach_the_page_through_the_api(server, catalogue):
    from gradio_client import handle_file

    picture, sound = (handle_file(str(catalogue.values(name)[0])) for name in ("image", "audio"))
    client = client_of(server)
    assert client.predict("红酒", None, None, api_name="/describe") == "text 红酒"
    answer = client.predict(" ", picture, sound, api_name="/describe")
    assert answer == "image (8, 8, 3), audio (4000,)"


def test_a_bad_upload_gets_a_sentence(server, tmp_path):
    from gradio_client import handle_file

    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(Exception, match="not a picture that can be read; please send") as error:
        client_of(server).predict("", handle_file(str(tmp_path / "broken.png")), None, api_name="/describe")
    assert str(UPLOADS.path) not in str(error.value)


def test_the_words_of_an_unexpected_error_stay_on_the_server(server, capsys):
    with pytest.raises(Exception, match="has raised an exception") as error:
        client_of(server).predict(api_name="/fail")
    assert SECRET not in str(error.value)
    assert SECRET in capsys.readouterr().err


def test_a_notebook_shows_the_page_in_a_frame(server):
    assert f'<iframe src="{server.address}"' in server._repr_html_()


# Which files may be asked for


def test_pictures_and_sounds_of_the_catalogue_may_be_seen(server, catalogue):
    for path in (catalogue.values("image")[1], catalogue.values("audio")[0]):
        for route in ("file=", "file/"):
            answer = get(address_of(server, route + str(path)))
            assert (answer.status_code, answer.content) == (200, path.read_bytes())


def test_nothing_else_on_the_disk_may(server, catalogue, tmp_path):
    folder = catalogue.folder
    (tmp_path / "outside.png").write_bytes(b"outside")
    paths = [folder / "metadata.csv", folder / "images/private.txt", tmp_path / "outside.png", Path(__file__), folder]
    paths += [Path(os.path.relpath(__file__)), folder / "images/none.png", Path("pyproject.toml")]
    around = f"{catalogue.values('image')[0]}/../private.txt"
    spellings = [*map(str, paths), around, around.replace("..", "%2e%2e"), around.replace("../", "..%2f")]
    spellings += [f"{folder}/images/../metadata.csv", f"{folder}//metadata.csv", "..%2f..%2fmetadata.csv", "", "%00"]
    spellings += [f"{folder}/METADATA.CSV", f"file://{folder}/metadata.csv", "/etc/passwd", "/proc/self/environ"]
    for spelling in spellings:
        for route in ("file=", "file/"):
            answer = get(address_of(server, route + spelling))
            assert answer.status_code in (403, 404), spelling
            assert SECRET not in answer.text and "image_file_name" not in answer.text


def test_a_link_beside_the_pictures_leads_nowhere(server, catalogue):
    link = catalogue.folder / "images/link.png"
    try:
        link.symlink_to(catalogue.folder / "metadata.csv")
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert get(address_of(server, f"file={link}")).status_code == 403


def test_files_of_a_catalogue_are_known_when_it_is_exchanged(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first, second = (small_catalogue(tmp_path / name) for name in ("one", "two"))
    retriever = SimpleNamespace(catalogue=first)
    files = CatalogueFiles({"first": retriever}, [tmp_path / "sample.png"])
    paths = [str(catalogue.values("image")[0].resolve()) for catalogue in (first, second)]
    assert [path in files for path in paths] == [True, False]
    retriever.catalogue = second
    assert [path in files for path in paths] == [False, True]
    assert os.path.realpath(tmp_path / "sample.png") in files
    assert str((tmp_path / "two/metadata.csv").resolve()) not in files


def test_a_picture_that_became_a_link_to_elsewhere_after_the_check_is_not_served(tmp_path):
    """Whoever may write in the folder could exchange it before the first visitor comes."""
    catalogue = small_catalogue(tmp_path)
    (secret := tmp_path.with_name("secret.png")).write_bytes(b"nobody's business")
    picture = catalogue.values("image")[0]
    picture.unlink()
    picture.symlink_to(secret)
    files = CatalogueFiles({"first": SimpleNamespace(catalogue=catalogue)})
    assert os.path.realpath(picture) not in files
    assert str(catalogue.values("image")[1].resolve()) in files


# What may be sent


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.png", "https://example.com/a.png", "HTTP://example.com"])
def test_the_server_fetches_nothing_from_elsewhere(server, address):
    assert get(address_of(server, f"file={address}")).status_code == 403
    assert get(address_of(server, f"proxy={address}")).status_code == 404
    file = {"path": address, "meta": {"_type": "gradio.FileData"}}
    for data in (["", file, None], [{"deep": [file]}, None, None]):
        answer = post(address_of(server, "call/describe"), json={"data": data})
        assert (answer.status_code, answer.text) == (400, "Send the file itself, not the address of a file.")
    spelled = json.dumps({"data": ["", file, None]}).replace("H", r"\u0048").replace("h", r"\u0068")
    answer = post(address_of(server, "call/describe"), content=spelled, headers=JSON)
    assert answer.status_code == 400


def test_a_question_about_an_address_is_a_question(server):
    assert (
        client_of(server).predict("http://example.com", None, None, api_name="/describe") == "text http://example.com"
    )


def test_a_path_that_was_not_uploaded_is_not_read(server, catalogue):
    for path in (catalogue.folder / "images/private.txt", catalogue.values("image")[0], Path(__file__)):
        file = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
        event = post(address_of(server, "call/describe"), json={"data": ["", file, None]}).json()["event_id"]
        answer = get(address_of(server, f"call/describe/{event}")).text
        assert answer.startswith("event: error") and path.name not in answer


def test_too_much_is_refused_before_it_is_read(server):
    upload = address_of(server, "upload")
    assert post(upload, files={"files": ("a.png", bytes(16_000_000))}).status_code == 413
    several = [("files", (f"{i}.png", bytes(8_000_000))) for i in range(4)]
    answer = post(upload, files=several)
    assert answer.status_code == 413
    assert re.fullmatch(r"The request has 32,000,\d+ bytes, and at most 31,557,280 are read\.", answer.text)
    answer = post(address_of(server, "call/describe"), content=bytes(LARGEST_REQUEST + 1))
    assert answer.status_code == 413
    answer = post(address_of(server, "call/describe"), content=iter([b"no length"]))
    assert (answer.status_code, answer.text) == (411, "The request does not say how long it is.")
    assert [path for path in UPLOADS.path.rglob("*") if path.stat().st_size >= 1_000_000] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"data": 1}', b"\xff\xfe", b'{"data": ["\\ud800", null, null]}']
)
def test_nonsense_is_no_reason_to_end(server, body):
    answer = post(address_of(server, "call/describe"), content=body, headers=JSON)
    assert answer.status_code < 600
    assert client_of(server).predict("still there", None, None, api_name="/describe") == "text still there"


# Uploads stay for a while only


def test_uploads_are_removed_after_a_while(catalogue):
    with start(retrievers_of(catalogue), page=page, kept_for=0.2) as server:
        files = {"files": ("sent.png", b"sent by this test alone")}
        (path,) = post(address_of(server, "upload"), files=files).json()
        assert Path(path).is_relative_to(UPLOADS.path)
        deadline = time.monotonic() + PATIENCE
        while Path(path).parent.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(UPLOADS.path.rglob("sent.png")) == []
        assert server.demo.upload_file_set == set()


def test_closing_leaves_nothing(catalogue, monkeypatch):
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    users = UPLOADS._users
    server = start(retrievers_of(catalogue), page=page)
    folder = UPLOADS.path
    (folder / "left.png").write_bytes(b"behind")
    server.close()
    server.close()
    assert users == UPLOADS._users
    assert folder.exists() is (users > 0)  # another server of this process may still use it
    with pytest.raises(httpx.ConnectError):
        get(server.address)
    server.wait()  # returns at once


# Who may come in


def test_a_password_guards_all(catalogue, monkeypatch):
    monkeypatch.setattr(serving, "WAITS", Waits(first=0.0))
    with start(retrievers_of(catalogue), page=page, password="open sésame") as server:
        picture = catalogue.values("image")[0]
        for route in (f"gradio_api/file={picture}", "config", "gradio_api/info"):
            assert get(server.address + route).status_code == 401
        assert post(address_of(server, "upload"), files={"files": b"x"}).status_code == 401
        for route in ("call/describe", "queue/join"):
            body = {"data": ["x", None, None], "fn_index": 0, "session_hash": "x"}
            assert post(address_of(server, route), json=body).status_code == 401
        for typed in ("open sesame", "", "open sésame "):
            form = {"username": "ada", "password": typed}
            assert post(f"{server.address}login", data=form).status_code in (400, 422)
        client = client_of(server, auth=("ada", "open sésame"))
        assert client.predict("x", None, None, api_name="/describe") == "text x"


@pytest.mark.parametrize(
    ("host", "share", "warned"),
    [
        ("127.0.0.1", False, None),
        ("localhost", False, None),
        ("::1", False, None),
        ("[::1]", False, None),
        ("0.0.0.0", False, "who can reach 0.0.0.0 can search"),
        ("shop.example", False, "who can reach shop.example can search"),
        ("127.0.0.1", True, "who can reach its public address can search"),
    ],
)
def test_a_page_for_others_without_a_password_is_warned_of(host, share, warned):
    if warned is None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            serving._check(host, None, None, share)
    else:
        with pytest.warns(UserWarning, match=warned):
            serving._check(host, None, None, share)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            serving._check(host, None, "password", share)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_is_none_is_refused(catalogue, port):
    with pytest.raises(ValueError, match=f"the port is {port}; expected 1 to 65535"):
        start(retrievers_of(catalogue), page=page, port=port)


@pytest.mark.parametrize("password", ["", "  "])
def test_an_empty_password_is_refused(catalogue, password):
    with pytest.raises(ValueError, match="the password is empty; give one, or None"):
        start(retrievers_of(catalogue), page=page, password=password)


def test_a_port_that_is_taken_is_named(server, catalogue):
    port = int(server.address.rstrip("/").rpartition(":")[2])
    users = UPLOADS._users
    with pytest.raises(OSError, match=f"port {port} is in use"):
        start(retrievers_of(catalogue), page=page, port=port)
    assert users == UPLOADS._users


def test_a_page_that_cannot_be_made_leaves_nothing(catalogue):
    def broken(retrievers):
        raise KeyError("no page")

    users, before = UPLOADS._users, dict(os.environ)
    with pytest.raises(KeyError, match="no page"):
        start(retrievers_of(catalogue), page=broken)
    assert users == UPLOADS._users
    assert {**os.environ, "GRADIO_TEMP_DIR": ""} == {**before, "GRADIO_TEMP_DIR": ""}


def test_a_proxy_of_the_network_is_not_asked_for_the_own_page(catalogue, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody answers
    monkeypatch.setenv("no_proxy", "intranet.example")
    with start(retrievers_of(catalogue), page=page) as server:
        assert get(server.address, trust_env=False).status_code == 200
    assert os.environ["no_proxy"] == "intranet.example"


# The whole process


def test_serve_passes_its_settings_on_and_gives_the_signal_back(monkeypatch):
    seen = {}

    @contextmanager
    def start_nothing(retrievers, **settings):
        seen.update(settings, retrievers=retrievers, signal=signal.getsignal(signal.SIGTERM))
        yield SimpleNamespace(address="http://here/", wait=lambda: seen.update(waited=True))

    monkeypatch.setattr(serving, "start", start_nothing)
    monkeypatch.delenv("MPLBACKEND")
    before, said = signal.getsignal(signal.SIGTERM), []
    serving.serve({"first": None}, say=said.append, host="::1", password="secret")
    assert said == ["The search page is at http://here/ (Ctrl+C ends it)."]
    assert seen.pop("signal") is signal.default_int_handler
    assert seen == {"retrievers": {"first": None}, "host": "::1", "password": "secret", "waited": True}
    assert signal.getsignal(signal.SIGTERM) is before
    assert os.environ["MPLBACKEND"] == "agg"


SERVE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background inherits that it is ignored
sys.path[:0] = [{tests!r}]
from pathlib import Path
from small_page import page, retrievers_of
from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.app.server.server import serve
serve(retrievers_of(Catalogue.from_folder(Path({folder!r}))), page=page, say=lambda text: print(text, flush=True))
print("ended", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to one process")
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_is_and_ends_cleanly_when_asked(catalogue, tmp_path, asked):
    script = SERVE.format(tests=str(Path(small_page.__file__).parent), folder=str(catalogue.folder))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("GRADIO_TEMP_DIR", None)
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        try:
            said = process.stdout.readline().decode()
            address = re.fullmatch(r"The search page is at (http://127\.0\.0\.1:\d+/) \(Ctrl\+C ends it\)\.\n", said)[1]
            assert get(address).status_code == 200
            files = {"files": ("sent.png", b"sent")}
            (path,) = post(f"{address}gradio_api/upload", files=files).json()
            assert Path(path).exists()
            process.send_signal(asked)
            rest, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, rest.decode(), errors.decode()) == (0, "ended\n", "")
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send to one process")
def test_a_wrong_request_of_a_megabyte_leaves_some_lines_in_the_log(catalogue, tmp_path):
    """Gradio writes the value that it refuses, whole, with the traceback."""
    script = SERVE.format(tests=str(Path(small_page.__file__).parent), folder=str(catalogue.folder))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline().decode())[0]
            for wrong in ("A" * 900_000, "\x1b[2J" + "A\n" * 300_000, ["A" * 900_000], {"A" * 900_000: 1}):
                call = f"{address}gradio_api/call/choose"
                event = post(call, json={"data": [wrong]}).json()["event_id"]
                assert "event: error" in get(f"{call}/{event}").text
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    log = errors.decode()
    assert log.count("is not in the list of choices") >= 4  # Python 3.13 shows the statement too, which has these words
    assert log.count("characters are left out") == 4
    assert len(log) < 60_000 and "\x1b" not in log
