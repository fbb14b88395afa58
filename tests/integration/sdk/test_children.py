"""Child processes report to their parent's job and make none of their own."""

from __future__ import annotations

import textwrap

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from support.scripts import Desk

START = "import foundations\nprint('job:', foundations.current_foundations_job().job_id)\n"


CHILDREN = {
    "fork": """
        import os
        if os.fork() == 0:
            foundations.log_metric("child", 1)
            os._exit(0)
        os.wait()
    """,
    "fork that runs to its end": """
        import os, sys
        if os.fork() == 0:
            foundations.log_metric("child", 1)
            sys.exit(0)
        os.wait()
    """,
    "subprocess": """
        import subprocess, sys
        code = "import foundations; foundations.log_metric('child', 1)"
        subprocess.run([sys.executable, "-c", code], check=True)
    """,
    "spawn": """
        import multiprocessing
        process = multiprocessing.get_context("spawn").Process(target=work)
        process.start()
        process.join()
        assert process.exitcode == 0
    """,
    "pool": """
        import multiprocessing
        with multiprocessing.get_context("fork").Pool(1) as pool:
            pool.apply(work)
    """,
}


@pytest.mark.parametrize("kind", CHILDREN)
def test_a_childs_metric_is_its_parents_when_the_parent_is_a_job(
    desk: Desk, client: Client, kind: str
) -> None:
    work = "def work():\n    foundations.log_metric('child', 1)\n"
    body = textwrap.indent(textwrap.dedent(CHILDREN[kind]), "    ")
    end = "    foundations.log_metric('parent', 1)\n    sys.exit(3)\n"
    head = "import sys, foundations\n" + work + "if __name__ == '__main__':\n"
    say = "    print('job:', foundations.current_foundations_job().job_id, flush=True)\n"

    ran = desk.run_source(head + say + body + end)

    page = client.jobs.list(project=desk.folder.name)
    job = page.items[0]
    assert ran.code == 3, ran.err
    assert [item.id for item in page.items] == [ran.job_id]
    logged = [metric for metric in job.metrics if not metric.name.startswith("system/")]
    assert {metric.name: metric.count for metric in logged} == {"child": 1, "parent": 1}
    assert (job.status, job.exit_code) == (JobStatus.FAILED, 3)
    assert not list((desk.home / "journal").glob("*"))


def test_an_attempts_process_only_reports_when_the_worker_owns_the_job(
    desk: Desk, client: Client
) -> None:
    desk.run_source(START, FOUNDATIONS_JOB_ID="owned-1")
    before = client.jobs.get("owned-1")

    ran = desk.run_source(
        START + "foundations.log_metric('late', 1)\nraise ValueError('x')\n",
        FOUNDATIONS_JOB_ID="owned-1",
        FOUNDATIONS_JOB_OWNER="attempt:a-1",
        FOUNDATIONS_JOURNAL=str(desk.home / "attempt"),
    )

    job = client.jobs.get("owned-1")
    assert ran.job_id == "owned-1"
    assert "ValueError: x" in ran.err
    assert (job.status, job.ended_at, job.log_bytes) == (
        before.status,
        before.ended_at,
        before.log_bytes,
    )
    assert [metric.name for metric in job.metrics] == ["late"]
    assert not list((desk.home / "attempt").glob("*"))


def test_a_program_that_replaces_itself_stays_one_job(desk: Desk, client: Client) -> None:
    source = """
        import os, sys
        if "again" not in sys.argv:
            foundations.log_metric("loss", 1)
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, "main.py", "again"])
        foundations.log_metric("loss", 2)
    """

    ran = desk.run_source(START + textwrap.dedent(source))

    job = client.jobs.get(ran.job_id)
    assert client.jobs.list(project=desk.folder.name).total == 1
    assert job.status is JobStatus.COMPLETED
    assert job.metrics[0].count == 2
