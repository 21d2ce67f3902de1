"""Running commands of `mmr` in a test, and a small folder whose encoders need no training."""

import json

from typer.testing import CliRunner

import mmr_toolkit
from mmr_toolkit import features
from mmr_toolkit.cli import app
from mmr_toolkit.retrieval.retriever import Retriever
from small_catalogue import features_of, small_catalogue, small_encoders


def run(*arguments):
    """What `mmr arguments` does, in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def json_of(*arguments, exit_code=0):
    """The one JSON document that `mmr arguments --json` writes to the standard output."""
    result = run(*arguments, "--json")
    assert result.exit_code == exit_code, result.stderr
    return json.loads(result.stdout)


def one_sentence(result):
    """The message of a command that could not be done, its lines joined."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.replace("│", " ").split())


def small_shop_in(folder, monkeypatch):
    """A folder that is searched with the encoders of a few lines."""

    def build(catalogue, encoders=None, progress=False, cache=True, asked=None):
        encoders = small_encoders() if encoders is None else encoders
        encoders = {name: encoder for name, encoder in encoders.items() if asked is None or name in asked}
        return Retriever(catalogue, encoders, features_of(catalogue, encoders))

    def encoders_of(catalogue, modalities, **_):
        return {name: encoder for name, encoder in small_encoders().items() if name in modalities}

    monkeypatch.setattr(features, "default_encoders", encoders_of)
    monkeypatch.setattr(mmr_toolkit, "default_encoders", encoders_of)
    monkeypatch.setattr("mmr_toolkit.shop.shop_encoders", encoders_of)
    monkeypatch.setattr(Retriever, "build", build)
    small_catalogue(folder)
    return folder
