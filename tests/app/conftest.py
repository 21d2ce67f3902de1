"""A small catalogue and a page of it on an address, which several tests of the page ask."""

import pytest

from mmr_toolkit.app.server.server import start
from small_page import page, retrievers_of, small_catalogue


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return small_catalogue(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture(scope="module")
def server(catalogue):
    with start(retrievers_of(catalogue), page=page) as server:
        yield server
