"""What workers say, checked."""

from __future__ import annotations

from foundations_wire.errors import InvalidRequest
from foundations_wire.events import YEAR_3000, Finished, check_event
from foundations_wire.ids import check_job_id
from foundations_wire.workers import AttemptFinished, WorkerHello

MAX_SLOTS = 10_000
MAX_GPUS = 1024
MAX_DEVICE_ID = 128


def check_hello(worker_id: str, hello: WorkerHello) -> None:
    """Raise InvalidRequest when a worker cannot be like this."""
    try:
        check_job_id(worker_id)
    except InvalidRequest as error:
        raise InvalidRequest(error.message.replace("job id", "worker id")) from error
    if not 0 <= hello.slots <= MAX_SLOTS:
        raise InvalidRequest(f"slots must be between 0 and {MAX_SLOTS}, not {hello.slots}.")
    if len(hello.gpus) > MAX_GPUS:
        raise InvalidRequest(f"A worker has at most {MAX_GPUS} GPUs, not {len(hello.gpus)}.")
    ids = [device.id for device in hello.gpus]
    if not all(0 < len(id_) <= MAX_DEVICE_ID for id_ in ids) or len(set(ids)) < len(ids):
        raise InvalidRequest(
            f"Each GPU needs an id of its own of at most {MAX_DEVICE_ID} characters."
        )
    for name, amount in (("cpus", hello.cpus), ("ram_gb", hello.ram_gb)):
        if amount is not None and not 0 < amount < float("inf"):
            raise InvalidRequest(f"{name} must be above 0, not {amount}.")


def check_moment(at: float) -> None:
    if not 0 <= at < YEAR_3000:  # false for NaN too
        raise InvalidRequest(f"'at' is no moment between 1970 and 3000: {at}.")


def check_finished(report: AttemptFinished) -> None:
    check_event(Finished(report.at, report.status, report.reason, report.exit_code))
    if report.started_at is not None:
        check_moment(report.started_at)
