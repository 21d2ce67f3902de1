"""The garbage collector rests while libraries load, and works again afterwards."""

import gc

import pytest

from mmr_toolkit.app.server.server import without_collection


def test_collection_rests_inside_and_goes_on_afterwards():
    assert gc.isenabled()
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collection_goes_on_after_an_error():
    with pytest.raises(KeyError), without_collection():
        raise KeyError
    assert gc.isenabled()


def test_collection_stays_off_where_it_was_off():
    gc.disable()
    try:
        with without_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
