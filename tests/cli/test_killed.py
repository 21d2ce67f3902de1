"""Commands that are killed (kill -9) in the middle: nothing is lost, the next start goes on, nothing is left behind."""

import sys

import pytest

from kill import KINDS, kill_at

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL, and forks no processes"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_kill_nothing_is_lost_and_the_next_start_goes_on(kind, tmp_path):
    _, moments = kill_at(kind, [0.2, 0.6], tmp_path)
    assert [(moment.share, fault) for moment in moments for fault in moment.faults] == []
    assert moments[0].killed  # the later one may find that the work is done: the first run is the slowest
