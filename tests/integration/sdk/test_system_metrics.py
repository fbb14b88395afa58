"""The machine's series of a job, with real processes."""

from __future__ import annotations

import textwrap

import pytest

from foundations_client.client import Client
from support.scripts import Desk

START = """
import sys, time
import foundations
print("job:", foundations.current_foundations_job().job_id, flush=True)
"""
OFTEN = {"FOUNDATIONS_SYSTEM_METRICS_SECONDS": "0.2"}


def list_series(client: Client, job_id: str) -> dict[str, int]:
    return {metric.name: metric.count for metric in client.jobs.get(job_id).metrics}


def test_a_job_has_series_of_its_machine(desk: Desk, client: Client) -> None:
    ran = desk.run_source(START + "time.sleep(1.3)\n", **OFTEN)

    found = list_series(client, ran.job_id)
    assert (ran.code, ran.err) == (0, "")
    assert {"system/cpu_percent", "system/memory_bytes", "system/disk_percent"} <= set(found)
    assert {name.partition("/")[0] for name in found} == {"system"}
    assert 3 <= found["system/memory_bytes"] <= 7


def test_children_do_not_sample_again(desk: Desk, client: Client) -> None:
    source = """
        import subprocess
        code = "import time, foundations; foundations.log_metric('child', 1); time.sleep(1)"
        children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
        for child in children:
            child.wait()
    """

    ran = desk.run_source(START + textwrap.dedent(source), **OFTEN)

    found = list_series(client, ran.job_id)
    assert found["child"] == 2
    assert found["system/memory_bytes"] <= 12


def test_ranks_of_a_machine_sample_once(desk: Desk, client: Client) -> None:
    desk.write("main.py", START + "time.sleep(1.5)\n")

    started = [
        desk.start("main.py", RANK=rank, WORLD_SIZE="3", FOUNDATIONS_JOB_ID="ranks-1", **OFTEN)
        for rank in "012"
    ]
    for process in started:
        process.communicate(timeout=60)

    found = list_series(client, "ranks-1")
    assert 1 <= found["system/memory_bytes"] <= 10
    assert not [name for name in found if "node" in name]


def test_the_first_process_of_an_attempt_samples(desk: Desk, client: Client) -> None:
    desk.run_source(START, FOUNDATIONS_JOB_ID="attempt-1")
    child = "import time, foundations; time.sleep(1)"
    source = f"import subprocess\nsubprocess.run([sys.executable, '-c', {child!r}])\n"

    desk.run_source(
        START + source,
        FOUNDATIONS_JOB_ID="attempt-1",
        FOUNDATIONS_JOB_OWNER="attempt:a-1",
        **OFTEN,
    )

    assert 2 <= list_series(client, "attempt-1")["system/memory_bytes"] <= 12


def test_a_block_has_series_of_its_machine(desk: Desk, client: Client) -> None:
    code = (
        "import time, foundations\n"
        "with foundations.start_job(project_name='notes') as job:\n"
        "    print('job:', job.job_id)\n"
        "    time.sleep(1)\n"
    )
    desk.folder.mkdir(parents=True)

    ran = desk.run("-c", code, **OFTEN)

    assert "system/cpu_percent" in list_series(client, ran.job_id)


@pytest.mark.parametrize("how", ["variable", "config"])
def test_nothing_is_sampled_when_it_is_switched_off(desk: Desk, client: Client, how: str) -> None:
    off = {"FOUNDATIONS_SYSTEM_METRICS": "off"} if how == "variable" else {}
    desk.write("config/execution/default.config.yaml", "system_metrics: false\n")
    count = "import threading\nnames = [t.name for t in threading.enumerate()]\n"
    source = START + "time.sleep(0.7)\n" + count + "assert 'foundations-system' not in names\n"

    ran = desk.run_source(source, **OFTEN, **off)

    assert ran.code == 0, ran.err
    assert list_series(client, ran.job_id) == {}
