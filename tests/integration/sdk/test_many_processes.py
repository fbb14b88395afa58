"""Forks, spawns, threads and replaced programs: each point once, counted from outside.

Every process appends what its logging calls returned for to a file of the test's own.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.shipping import drain
from support.scripts import Desk

HEAD = """
import multiprocessing, os, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import foundations

def log(name, value):
    foundations.log_metric(name, value)
    with open(os.environ["LEDGER"], "a") as file:
        file.write(f"{name} {value}\\n")

def work(name, count=50):
    for number in range(count):
        log(name, number)

"""

PROGRAMS = {
    "threads": """
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, [f"thread {n}" for n in range(32)]))
    """,
    "fork": """
        for n in range(20):
            if os.fork() == 0:
                work(f"fork {n}")
                os._exit(0)
        for _ in range(20):
            os.wait()
    """,
    "fork in the middle of busy threads": """
        stop = threading.Event()
        def busy(n):
            number = 0
            while not stop.is_set():
                log(f"busy {n}", number)
                number += 1
        threads = [threading.Thread(target=busy, args=(n,)) for n in range(4)]
        [t.start() for t in threads]
        for n in range(100):
            if os.fork() == 0:
                foundations.log_metric(f"fork {n % 10}", n)
                os.write(3 if False else os.open(os.environ["LEDGER"], os.O_APPEND | os.O_WRONLY),
                         f"fork {n % 10} {n}\\n".encode())
                os._exit(0)
            os.wait()
        stop.set()
        [t.join() for t in threads]
    """,
    "loader": """
        # as a DataLoader does it: forked workers that live long and get work through queues
        context = multiprocessing.get_context("fork")
        def serve(tasks, results):
            for task in iter(tasks.get, None):
                work(f"worker {os.getpid()}", 5)
                results.put(task)
        tasks, results = context.Queue(), context.Queue()
        workers = [context.Process(target=serve, args=(tasks, results), daemon=True)
                   for _ in range(4)]
        [w.start() for w in workers]
        for epoch in range(3):
            for n in range(20):
                tasks.put(n)
            for _ in range(20):
                results.get()
                log("main", 1)
        [tasks.put(None) for _ in workers]
        [w.join() for w in workers]
    """,
    "forkserver": """
        with multiprocessing.get_context("forkserver").Pool(3) as pool:
            pool.starmap(work, [(f"task {n}", 20) for n in range(9)])
            pool.close()
            pool.join()
    """,
    "spawn": """
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=work, args=(f"spawn {n}",)) for n in range(3)]
        [p.start() for p in processes]
        [p.join() for p in processes]
        assert [p.exitcode for p in processes] == [0, 0, 0]
    """,
    "a fork of a fork": """
        if os.fork() == 0:
            log("child", 1)
            if os.fork() == 0:
                log("grandchild", 1)
                os._exit(0)
            os.wait()
            log("child", 2)
            sys.exit(0)
        os.wait()
        log("parent", 1)
    """,
    "exec": """
        if "again" not in sys.argv:
            work("before")
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, "main.py", "again"])
        work("after")
    """,
}


def indent(source: str) -> str:
    say = "print('job:', foundations.current_foundations_job().job_id, flush=True)\n"
    body = textwrap.indent(say + textwrap.dedent(source), "    ")
    return HEAD + "if __name__ == '__main__':\n" + body


def read_ledger(path: Path) -> Counter[str]:
    lines = path.read_text().splitlines()
    return Counter(line.rpartition(" ")[0] for line in lines)


def count_on_server(client: Client, job_id: str) -> dict[str, int]:
    metrics = client.jobs.get(job_id).metrics
    return {m.name: m.count for m in metrics if not m.name.startswith("system/")}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_each_point_is_there_once(desk: Desk, client: Client, tmp_path: Path, kind: str) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()

    ran = desk.run_source(indent(PROGRAMS[kind]), LEDGER=str(ledger))
    drain(desk.home / "journal", client)

    assert ran.code == 0, ran.err
    assert count_on_server(client, ran.job_id) == dict(read_ledger(ledger))
    assert client.jobs.list(project=desk.folder.name).total == 1


def test_a_process_that_vanishes_loses_nothing(desk: Desk, client: Client, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()

    ran = desk.run_source(indent("work('all', 2000)\nos._exit(7)\n"), LEDGER=str(ledger))
    drain(desk.home / "journal", client)

    assert ran.code == 7
    assert count_on_server(client, ran.job_id) == {"all": 2000}


FORKS = """
import threading, time
stop = threading.Event()
def busy():
    while not stop.is_set():
        foundations.log_metric("busy", 1)
thread = threading.Thread(target=busy)
thread.start()
late = 0
for n in range(1000):
    pid = os.fork()
    if pid == 0:
        foundations.log_metric("child", n)
        os._exit(0)
    began = time.monotonic()
    os.waitpid(pid, 0)
    late += time.monotonic() - began > 5
stop.set()
thread.join()
print("late:", late)
"""


@pytest.mark.slow
@pytest.mark.slow
def test_a_thousand_forks_of_a_busy_process_never_hang(desk: Desk, client: Client) -> None:
    process = desk.write("main.py", indent(FORKS))

    ran = desk.run(process.name)
    drain(desk.home / "journal", client)

    assert ran.code == 0, ran.err
    assert "late: 0" in ran.out
    assert count_on_server(client, ran.job_id)["child"] == 1000


NOTEBOOK = """
import code, sys
console = code.InteractiveConsole()
for line in sys.stdin.read().splitlines():
    console.push(line)
"""


def test_blocks_follow_each_other_in_a_process_like_a_kernel(desk: Desk, client: Client) -> None:
    cells = """
import foundations
context = foundations.start_job(project_name="cells")
job = context.__enter__()
print("job:", job.job_id)
foundations.log_metric("loss", 1)

context.__exit__(None, None, None)
foundations.log_metric("loss", 2)
with foundations.start_job(project_name="cells") as second:
    foundations.log_metric("loss", [3, 4])

print("second:", second.job_id)
"""
    desk.folder.mkdir(parents=True)
    desk.write("cells.txt", cells)

    ran = desk.run("-c", NOTEBOOK.replace("sys.stdin.read()", "open('cells.txt').read()"))

    second = ran.out.split("second: ")[1].split()[0]
    assert [count_on_server(client, job_id) for job_id in (ran.job_id, second)] == [
        {"loss": 1},
        {"loss": 2},
    ]
    assert {client.jobs.get(job_id).status.value for job_id in (ran.job_id, second)} == {
        "completed"
    }


def test_a_kernel_that_is_killed_in_a_block_leaves_a_failed_job(
    desk: Desk, client: Client
) -> None:
    code = (
        "import os, foundations\n"
        "with foundations.start_job() as job:\n"
        "    print('job:', job.job_id, flush=True)\n"
        "    job.log_metric('loss', list(range(100)))\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    desk.folder.mkdir(parents=True)

    ran = desk.run("-c", code)
    drain(desk.home / "journal", client)

    job = client.jobs.get(ran.job_id)
    assert (job.status.value, job.metrics[0].count) == ("failed", 100)
