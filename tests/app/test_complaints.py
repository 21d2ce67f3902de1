"""What the page says in its log of a request that does not fit: the cause, not the megabyte that was sent."""

import asyncio

import pytest

from mmr_toolkit.app.server.server import LONGEST_COMPLAINT, _complain_briefly


class Page:
    """As much of a Gradio page as is asked here."""

    async def preprocess_data(self, fields):
        raise KeyError(f"Received inputs: {fields}")


def test_a_megabyte_in_a_field_is_not_quoted_in_the_log():
    page = Page()
    _complain_briefly(page)
    with pytest.raises(ValueError, match="Received inputs: x+…$") as error:
        asyncio.run(page.preprocess_data("x" * 10**6))
    assert len(str(error.value)) == LONGEST_COMPLAINT
    assert error.value.__suppress_context__  # else the log has the long one, too


def test_a_short_complaint_stays_what_it_is():
    page = Page()
    _complain_briefly(page)
    with pytest.raises(KeyError, match="Received inputs: red wine"):
        asyncio.run(page.preprocess_data("red wine"))
