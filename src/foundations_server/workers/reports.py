"""What workers say, checked."""

from __future__ import annotations

from foundations_wire.errors import InvalidRequest
from foundations_wire.events import YEAR_3000, Finished, check_event
from foundations_wire.ids import check_job_id
from foundations_wire.workers import AttemptFinished, WorkerHello

MAX_SLOTS = 10_000
MAX_GPUS = 1024


def check_hello(worker_id: str, hello: WorkerHello) -> None:
    """Raise InvalidRequest when a worker cannot be like this."""
    try:
        check_job_id(worker_id)
    except InvalidRequest as error:
        raise InvalidRequest(error.message.replace("job id", "worker id")) from error
    if not 0 <= hello.slots <= MAX_SLOTS:
        raise InvalidRequest(f"slots must be between 0 and {MAX_SLOTS}, not {hello.slots}.")
    if not 0 <= hello.gpus <= MAX_GPUS:
        raise InvalidRequest(f"gpus must be between 0 and {MAX_GPUS}, not {hello.gpus}.")


def check_moment(at: float) -> None:
    if not 0 <= at < YEAR_3000:  # false for NaN too
        raise InvalidRequest(f"'at' is no moment between 1970 and 3000: {at}.")


def check_finished(report: AttemptFinished) -> None:
    check_event(Finished(report.at, report.status, report.reason, report.exit_code))
