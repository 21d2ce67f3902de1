"""What every test may ask for; and no test may ask the network."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # figures without a screen
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of this test alone, with a fixed seed."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection beyond this machine, unless the test is marked `network`."""
    if request.node.get_closest_marker("network"):
        yield
        return
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "a local path"
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"This test asked for {host}, but tests run offline; mark it `network` if it must.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    yield


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What fixtures of a module or a session extract is kept in a folder of this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this test alone, empty."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MMR_CACHE", str(folder))
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests marked `network` out, with a reason, unless -m names them."""
    if "network" in config.getoption("markexpr"):
        return
    skip = pytest.mark.skip(reason="needs the internet: run with -m network")
    for item in items:
        if item.get_closest_marker("network"):
            item.add_marker(skip)
