from __future__ import annotations

import math

import pytest

import foundations
from support.recording import Tape


def test_what_no_server_has_taken_is_pending(tape: Tape) -> None:
    foundations.log_metric("loss", [0.5, 0.25])

    counts = foundations.flush(timeout=0)

    assert counts == (0, 2, 0)
    assert counts.pending == 2


@pytest.mark.usefixtures("outside")
def test_outside_a_job_there_is_nothing_to_wait_for(capsys: pytest.CaptureFixture[str]) -> None:
    counts = foundations.flush()

    assert counts == (0, 0, 0)
    assert "Script not run with Foundations" in capsys.readouterr().out


@pytest.mark.usefixtures("tape")
@pytest.mark.parametrize("timeout", [-1, math.nan])
def test_a_time_that_cannot_be_waited_for_is_refused(timeout: float) -> None:
    with pytest.raises(ValueError, match="0 seconds or more"):
        foundations.flush(timeout)
