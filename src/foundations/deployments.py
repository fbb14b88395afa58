"""The handle of a submitted job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Optional

from foundations_client import following
from foundations_client.client import Client, connect
from foundations_client.configuration import find_server
from foundations_wire import codec
from foundations_wire.errors import UnknownJob
from foundations_wire.jobs import JobStatus, JobView, MetricSummary
from foundations_wire.logs import tell_gap
from foundations_wire.times import from_iso

_OLD_WORDS = {
    JobStatus.QUEUED: "queued",
    JobStatus.RUNNING: "running",
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "completed",
    JobStatus.STOPPED: "completed",
}


class DeploymentWrapper:
    """A submitted job: ask for its status, its log and what it logged.

    The calling process need not be a job. **Errors**: ServerUnreachable when the server
    stays away, beside those of each method.
    """

    def __init__(self, job_id: str, client: Optional[Client] = None) -> None:
        """Take a job's id; without a client the configured server is asked.

        A client that is given is the wrapper's from then on.
        """
        self._job_id = job_id
        self._client = client or connect(find_server())

    def __del__(self) -> None:
        """Close the connection with the last reference to the job."""
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()

    def job_name(self) -> str:
        """Return the job's id."""
        return self._job_id

    def is_job_complete(self) -> bool:
        """Whether the job has ended, in whatever way."""
        return self.get_job_status() == "completed"

    def get_job_status(self) -> Optional[str]:
        """Return `queued`, `running` or `completed`; None for a job that is not there.

        Failed and stopped jobs are `completed` here, as they always were; what became of
        them tells get_true_job_status.
        """
        job = self._find()
        return None if job is None else _OLD_WORDS[job.status]

    def get_true_job_status(self) -> Optional[str]:
        """Return `queued`, `running`, `completed`, `failed` or `stopped`, or None."""
        job = self._find()
        return None if job is None else job.status.value

    def get_job_logs(self) -> str:
        """Return the job's log so far; empty for a job that is not there."""
        pieces: list[bytes] = []
        try:
            for chunk in following.read_chunks(self._client, self._job_id):
                if chunk.missing:
                    pieces.append(tell_gap(chunk.missing))
                pieces.append(chunk.data)
        except UnknownJob:
            return ""
        return b"".join(pieces).decode("utf-8", "replace")

    def stream_job_logs(self) -> Iterator[str]:
        """Yield the job's lines as they come, until it has ended.

        Raises:
            UnknownJob: the job is not there, or was deleted meanwhile.
        """
        return following.follow_lines(self._client, self._job_id)

    def wait_for_deployment_to_complete(
        self,
        wait_seconds: float = 5,  # noqa: ARG002 - the server is asked often enough
        log_output: bool = True,  # noqa: FBT001, FBT002 - scripts pass it by position
    ) -> None:
        """Return once the job has ended, in whatever way; print its lines meanwhile.

        Raises:
            UnknownJob: the job is not there, or was deleted meanwhile.
        """
        if log_output:
            for line in self.stream_job_logs():
                print(line, flush=True)  # noqa: T201 - asked for
        self._wait()

    def get_param(self, name: str, wait_seconds: float = 5) -> Any:  # noqa: ARG002
        """Return a parameter's value once the job has ended.

        Raises:
            KeyError: the job has no such parameter.
            UnknownJob: the job is not there.
        """
        params = self._wait().params
        if name not in params:
            raise KeyError(f"Parameter '{name}' does not exist.")
        return params[name]

    def get_metric(self, name: str, wait_seconds: float = 5) -> Any:  # noqa: ARG002
        """Return a metric's first value once the job has ended.

        Raises:
            KeyError: the job has no such metric.
            UnknownJob: the job is not there.
        """
        job = self._wait()
        if all(metric.name != name for metric in job.metrics):
            raise KeyError(f"Metric '{name}' does not exist.")
        series = self._client.jobs.series(self._job_id, name, start=0, limit=1)
        return series.values[0] if series.kind == "text" else codec.number(series.values[0])

    def get_job_details(self, wait_seconds: float = 5) -> dict[str, Any]:  # noqa: ARG002
        """Return a dict of what the job was and logged, once it has ended.

        `start_time` and `completed_time` are datetimes in UTC without a zone, `creation_time`
        is in seconds since 1970, `tags` lists the keys, `metrics` has each last value.

        Raises:
            UnknownJob: the job is not there.
        """
        job = self._wait()
        return {
            "project_name": job.project,
            "job_id": job.id,
            "user": job.user,
            "status": job.status.value,
            "start_time": _naive(job.started_at),
            "completed_time": _naive(job.ended_at),
            "creation_time": from_iso(job.created_at),
            "tags": list(job.tags),
            "metrics": {metric.name: last_value(metric) for metric in job.metrics},
            "parameters": job.params,
        }

    def _find(self) -> Optional[JobView]:
        try:
            return self._client.jobs.get(self._job_id)
        except UnknownJob:
            return None

    def _wait(self) -> JobView:
        return following.wait_until_final(self._client, self._job_id)


def last_value(metric: MetricSummary) -> Any:
    """Return the metric's last value, a number or a text."""
    return metric.last if metric.kind == "text" else codec.number(metric.last)


def _naive(moment: Optional[str]) -> Optional[datetime]:
    if moment is None:
        return None
    return datetime.fromtimestamp(from_iso(moment), tz=timezone.utc).replace(tzinfo=None)
