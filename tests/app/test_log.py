"""The log of the server: however long a wrong request is, and whatever is in it, some lines tell of it."""

import io

from mmr_toolkit.app.server.log import LONG, LONGEST, REMEMBERED, ShortWrites


def written(*pieces):
    stream = io.StringIO()
    for piece in pieces:
        ShortWrites(stream).write(piece)
    return stream.getvalue()


def test_what_is_short_is_written_as_it_is():
    assert written("a line\n", "\ta 红酒 line\n", "", "x" * LONGEST) == "a line\n\ta 红酒 line\n" + "x" * LONGEST


def test_of_what_is_long_the_middle_is_left_out():
    text = written("begin" + "x" * 1_000_000 + "\n" * 1_000_000 + "end")
    assert text.startswith("begin") and text.endswith("end")
    assert f" … {2_000_008 - LONGEST:,} characters are left out … " in text
    assert len(text) < LONGEST + 100


def test_signs_that_a_terminal_obeys_are_shown():
    assert written("\x1b[2J\x1b]0;name\x07\r\x9b1A\x7f\x00\n") == "\\x1b[2J\\x1b]0;name\\x07\\x0d\\x9b1A\\x7f\\x00\n"


def test_the_same_long_message_is_written_once_a_minute():
    stream, now = io.StringIO(), [0.0]
    log = ShortWrites(stream, lambda: now[0])
    trace, other = "Traceback\n" + "x" * LONG, "Traceback\n" + "y" * LONG
    for second in range(59):
        now[0] = second
        assert log.write(trace) == len(trace)
        log.write("short\n")
    log.write(other)
    assert stream.getvalue() == trace + "short\n" * 59 + other
    now[0] = 60.0
    log.write(trace)
    assert stream.getvalue().endswith(other + trace)


def test_it_remembers_no_more_than_some_messages():
    stream = io.StringIO()
    log = ShortWrites(stream, lambda: 0.0)
    for number in range(REMEMBERED + 1):
        log.write(f"{number} " + "x" * LONG)
    log.write("0 " + "x" * LONG)
    assert stream.getvalue().count("x" * LONG) == REMEMBERED + 2


def test_the_rest_is_that_of_the_stream():
    stream = io.StringIO()
    assert ShortWrites(stream).isatty() is False
    ShortWrites(stream).flush()
    stream.close()
    assert ShortWrites(stream).closed
