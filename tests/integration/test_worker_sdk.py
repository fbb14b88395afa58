"""What a submitted job logs arrives, however the job ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab

LOGS = """
import os, signal, sys
import foundations
foundations.log_param("lr", 0.1)
for step in range(100):
    foundations.log_metric("loss", step)
with open("note.txt", "w") as file:
    file.write("kept")
foundations.save_artifact("note.txt", key="note")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.mark.parametrize(
    ("ending", "status", "reason"),
    [
        ("", JobStatus.COMPLETED, None),
        ("sys.exit(3)", JobStatus.FAILED, "exit code 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", JobStatus.FAILED, "killed by signal 9"),
        ("os._exit(0)", JobStatus.COMPLETED, None),
    ],
)
def test_everything_logged_is_there_when_the_job_is_final(
    lab: Lab, ending: str, status: JobStatus, reason: str | None
) -> None:
    job_id = lab.submit({"main.py": LOGS + ending})

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (status, reason)
    assert job.params == {"lr": 0.1}
    assert [(metric.name, metric.count) for metric in job.metrics] == [("loss", 100)]
    assert [item.key for item in lab.client.jobs.artifacts(job_id).items] == ["note"]


def test_exception_of_a_job_is_kept_with_its_traceback(lab: Lab) -> None:
    job_id = lab.submit({"main.py": LOGS + "raise ValueError('no such bird')"})

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "exit code 1")
    assert job.error is not None
    assert (job.error.type, job.error.message) == ("ValueError", "no such bird")
    assert "main.py" in job.error.traceback
