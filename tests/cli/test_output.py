"""What the command line writes: JSON that any program can read, and text that steers no terminal."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from mmr_toolkit.cli.output import errors_in_one_sentence, print_json, printable
from mmr_toolkit.common.quoting import cut

ANSWER = {
    "text": "红酒",
    "path": Path("a") / "b.jpg",
    "numbers": [np.float32(0.5), np.int64(3), 1.5, True, None],
    "no number": (float("nan"), float("inf"), np.float64("nan")),
    3: {"nested": [np.bool_(True)]},
}
EXPECTED = {
    "text": "红酒",
    "path": str(Path("a") / "b.jpg"),
    "numbers": [0.5, 3, 1.5, True, None],
    "no number": [None, None, None],
    "3": {"nested": [True]},
}


@pytest.mark.parametrize(("encoding", "readable"), [("utf-8", True), ("UTF8", True), ("cp1252", False)])
def test_json_is_whole_in_every_terminal_and_readable_where_it_can_be(monkeypatch, encoding, readable):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    print_json(ANSWER)
    sys.stdout.flush()
    document = written.getvalue().decode(encoding)
    assert json.loads(document) == EXPECTED
    assert ("红酒" in document) is readable


def test_control_characters_are_shown_as_question_marks():
    assert printable("a\x1b[31mb\rc\nd\u202e") == "a?[31mb?c\nd?"


def test_long_texts_end_in_an_ellipsis():
    assert cut("abcd", 4) == "abcd"
    assert cut("abcde", 4) == "abc…"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ValueError("two is no colour."), 2, "Error: two is no colour.\n"),
        (TypeError("a number, please."), 2, "Error: a number, please.\n"),
        (FileNotFoundError("no such file."), 2, "Error: no such file.\n"),
        (KeyboardInterrupt(), 130, "\nInterrupted: go on later.\n"),
    ],
)
def test_each_error_has_its_exit_code_and_one_sentence(capsys, error, code, sentence):
    with pytest.raises(typer.Exit) as ended, errors_in_one_sentence(when_interrupted="go on later."):
        raise error
    assert ended.value.exit_code == code
    assert capsys.readouterr() == ("", sentence)


def test_a_bug_keeps_its_trace():
    with pytest.raises(ZeroDivisionError), errors_in_one_sentence():
        raise ZeroDivisionError
