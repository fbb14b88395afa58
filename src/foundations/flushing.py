"""flush."""

from __future__ import annotations

from foundations import jobs
from foundations.recording import Flushed

_SECONDS = 10.0


def flush(timeout: float = _SECONDS) -> Flushed:
    """Wait until the server has what this process logged before the call.

    Waits for at most `timeout` seconds and returns three counts of events of this process's
    journal: `acknowledged` (stored by the server), `pending` (still in the journal; they
    survive the process and are sent on), `refused` (set aside, because the server will
    never take them). It returns when all has arrived, never raises for the network's sake,
    and does not wait for other processes of the job. Outside a job all counts are 0, with
    one warning.

    Raises:
        ValueError: `timeout` is negative or no number.
    """
    if not timeout >= 0:  # true for NaN too
        raise ValueError(f"flush waits for 0 seconds or more, not {timeout!r}.")
    job = jobs.current_or_warn()
    return Flushed(0, 0, 0) if job is None else job.recorder.flush(float(timeout))
