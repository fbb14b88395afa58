"""What workers say, checked."""

from __future__ import annotations

import math

from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_job_id
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, WorkerHello

_YEAR_3000 = 32_503_680_000.0
_INT32 = 1 << 31
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
    if not (math.isfinite(at) and 0 <= at < _YEAR_3000):
        raise InvalidRequest(f"'at' is no moment between 1970 and 3000: {at}.")


def check_finished(report: AttemptFinished) -> None:
    check_moment(report.at)
    if report.status not in {status.value for status in JobStatus if status.is_final}:
        raise InvalidRequest(f"{report.status[:60]!r} is no final status.")
    if report.exit_code is not None and not -_INT32 <= report.exit_code < _INT32:
        raise InvalidRequest(f"{report.exit_code} is no exit code.")
