"""The log of the server: however long a wrong request is, and whatever is in it, some lines tell of it."""

import io

from mmr_toolkit.app.server.log import LONGEST, ShortWrites


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


def test_the_rest_is_that_of_the_stream():
    stream = io.StringIO()
    assert ShortWrites(stream).isatty() is False
    ShortWrites(stream).flush()
    stream.close()
    assert ShortWrites(stream).closed
