"""Who types a wrong password waits longer each time, and is locked out for a while; the log has none of the words."""

import asyncio

import httpx
import pytest

from mmr_toolkit.app.server import server as serving, tries
from mmr_toolkit.app.server.server import start
from mmr_toolkit.app.server.tries import CLIENT, Gate, Waits
from patience import PATIENCE
from small_page import page, retrievers_of, small_catalogue

RIGHT = "open sésame"


class LockedOut(Exception):
    pass


@pytest.fixture
def time_passes(monkeypatch):
    """A clock that only the waiting moves: [seconds]."""
    now = [0.0]

    async def sleep(seconds):
        now[0] += seconds

    monkeypatch.setattr(tries.asyncio, "sleep", sleep)
    return now


@pytest.fixture
def gate(time_passes):
    return Gate(RIGHT, LockedOut, clock=lambda: time_passes[0])


def type_in(gate, typed, name="ada", client="192.0.2.1"):
    CLIENT.set(client)
    return asyncio.run(gate.may_come_in(name, typed))


def test_only_the_password_is_right(gate):
    assert type_in(gate, RIGHT)
    for typed in ("", "open sesame", RIGHT + " ", RIGHT.upper()):
        assert not type_in(gate, typed)
    assert type_in(gate, RIGHT)
    assert not type_in(gate, "half \ud83d", "half \ud83d")


def test_each_wrong_try_makes_the_next_answer_slower(gate, time_passes):
    waited = []
    for _ in range(5):
        before = time_passes[0]
        assert not type_in(gate, "wrong")
        waited.append(time_passes[0] - before)
    assert waited == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("who", [{"client": "192.0.2.1"}, {"name": "ada"}])
def test_after_five_wrong_tries_even_the_right_password_is_refused_for_a_while(gate, time_passes, who):
    others = "name" if "client" in who else "client"
    for i in range(5):
        assert not type_in(gate, "wrong", **who, **{others: f"other {i}"})
    with pytest.raises(LockedOut, match=r"^Too many wrong passwords; please wait \d+ seconds and try again\.$"):
        type_in(gate, RIGHT, **who, **{others: "another"})
    assert type_in(gate, RIGHT, client="192.0.2.99", name="grace")
    time_passes[0] += 60
    assert type_in(gate, RIGHT, **who, **{others: "another"})


def test_a_lock_grows_and_has_an_end(gate, time_passes):
    locks = []
    for _ in range(15):
        assert not type_in(gate, "wrong")
        entry = gate._wrong["client"]["192.0.2.1"]
        locks.append(max(0, entry.locked_until - entry.last))
        time_passes[0] = max(time_passes[0], entry.locked_until)
    assert locks == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]
    time_passes[0] += 3601
    assert not type_in(gate, "wrong")
    assert gate._wrong["client"]["192.0.2.1"].count == 1


def test_tries_at_the_same_time_are_no_way_around():
    gate = Gate(RIGHT, LockedOut, Waits(first=0.01))

    async def many():
        return await asyncio.gather(*(gate.may_come_in("ada", f"{i}") for i in range(50)), return_exceptions=True)

    answers = asyncio.run(many())
    assert answers.count(False) == 5
    assert sum(isinstance(answer, LockedOut) for answer in answers) == 45


def test_the_log_has_one_line_for_a_wrong_try_and_none_of_its_words(gate, caplog):
    for _ in range(5):
        type_in(gate, "hunter2", name="my secret")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "A wrong password from 192.0.2.1, the 1. in a row."
    assert lines[4] == "A wrong password from 192.0.2.1, the 5. in a row; locked for 60 seconds."
    assert len(lines) == 5 and "hunter2" not in caplog.text and "secret" not in caplog.text
    with pytest.raises(LockedOut):
        type_in(gate, RIGHT)
    assert len(caplog.records) == 5


def test_what_is_remembered_has_an_end(gate, monkeypatch):
    monkeypatch.setattr(tries, "REMEMBERED", 10)
    for i in range(30):
        type_in(gate, "wrong", name=f"name {i}", client=f"192.0.2.{i}")
    assert [len(known) for known in gate._wrong.values()] == [10, 10]


@pytest.mark.slow
def test_the_login_of_a_running_page_locks_a_client_out_and_no_other(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(serving, "WAITS", Waits(first=0.0))

    def log_in(server, typed, name, client):
        form, headers = {"username": name, "password": typed}, {"x-forwarded-for": client}  # as a proxy here says it
        return httpx.post(f"{server.address}login", data=form, headers=headers, timeout=PATIENCE)

    with start(retrievers_of(small_catalogue(tmp_path)), page=page, password=RIGHT) as server:
        wrong = [log_in(server, "hunter2", f"name {i}", "192.0.2.1") for i in range(5)]
        locked, other = (log_in(server, RIGHT, "ada", client) for client in ("192.0.2.1", "192.0.2.2"))
    assert {answer.json()["detail"] for answer in wrong} == {"Incorrect credentials."}
    assert (locked.status_code, other.status_code) == (400, 200)
    assert locked.json()["detail"].startswith("Too many wrong passwords; please wait ")
    lines = [record.getMessage() for record in caplog.records if record.name == tries.__name__]
    assert len(lines) == 5 and all("from 192.0.2.1," in line for line in lines)
    assert "hunter2" not in caplog.text and "name 1" not in caplog.text
