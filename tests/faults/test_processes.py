"""fork, spawn, threads, exec: each process's points are there once, nothing hangs (R9)."""

from __future__ import annotations

import textwrap

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from support.points import read_series
from support.rounds import pick
from support.scripts import Desk, Ran

# Forks while another thread logs as fast as it can and the delivery ships: whichever lock
# is held at that moment must not be held in the child.
FORKS = """
    import os, sys, threading, time
    import foundations
    from foundations import log_metric

    def wait(pid):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return status
            time.sleep(0.0005)
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        return "hangs"

    is_over = False
    logged = 0
    def busy():
        global logged
        while not is_over:
            for _ in range(20):
                log_metric("parent", logged)
                logged += 1
            time.sleep(0.001)
    thread = threading.Thread(target=busy)
    thread.start()
    outcomes = []
    for number in range(int(sys.argv[1])):
        pid = os.fork()
        if pid == 0:
            log_metric("child", number, step=number)
            os._exit(0)
        outcomes.append(wait(pid))
    is_over = True
    thread.join()
    failed = [outcome for outcome in outcomes if outcome not in (0, "hangs")]
    print("hung:", outcomes.count("hangs"), "failed:", len(failed))
    print("logged:", logged)
    print("job:", foundations.current_foundations_job().job_id)
"""


def test_no_child_hangs_when_the_parent_forks_while_it_logs(desk: Desk, client: Client) -> None:
    forks = pick(60, 1000)
    desk.write("main.py", textwrap.dedent(FORKS))

    ran = desk.run("main.py", str(forks), FOUNDATIONS_EXIT_SECONDS="60")

    assert "hung: 0 failed: 0" in ran.out, ran
    logged = int(find(ran, "logged: "))
    assert sorted(read_series(client, ran.job_id, "child")[0]) == list(range(forks))
    assert read_series(client, ran.job_id, "parent")[1] == list(range(logged))
    assert not list((desk.home / "journal").glob("*"))
    assert "Traceback" not in ran.err


def find(ran: Ran, label: str) -> str:
    return next(line for line in ran.out.splitlines() if line.startswith(label))[len(label) :]


POOL = """
    import multiprocessing, sys
    import foundations

    def work(number):
        foundations.log_metric("pool", number, step=number)
        return number

    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        with context.Pool(4) as pool:
            assert len(pool.map(work, range(400), chunksize=7)) == 400
        print("job:", foundations.current_foundations_job().job_id)
"""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_each_point_is_there_once_when_a_pool_logs(
    desk: Desk, client: Client, method: str
) -> None:
    desk.write("main.py", textwrap.dedent(POOL))

    ran = desk.run("main.py", method)

    assert ran.code == 0, ran
    assert client.jobs.list(project="desk").total >= 1
    assert sorted(read_series(client, ran.job_id, "pool")[0]) == list(range(400))
    assert client.jobs.get(ran.job_id).status is JobStatus.COMPLETED


THREADS = """
    import sys
    from multiprocessing.pool import ThreadPool
    import foundations

    def work(number):
        for count in range(500):
            foundations.log_metric("own-%d" % number, count)
            foundations.log_metric("shared", number * 500 + count)

    with ThreadPool(32) as pool:
        pool.map(work, range(32), chunksize=1)
    print("job:", foundations.current_foundations_job().job_id)
"""


def test_each_point_is_there_once_when_32_threads_log(desk: Desk, client: Client) -> None:
    ran = desk.run_source(THREADS)

    shared_steps, shared = read_series(client, ran.job_id, "shared")
    assert ran.code == 0, ran
    assert sorted(shared) == list(range(16_000))
    assert sorted(shared_steps) == list(range(16_000))  # no step was given twice
    for number in range(32):
        assert read_series(client, ran.job_id, f"own-{number}") == (
            list(range(500)),
            list(range(500)),
        )


# What a data loader does: workers live through an epoch and answer over queues.
LOADER = """
    import multiprocessing
    import foundations

    def serve(worker, wanted, made):
        for number in iter(wanted.get, None):
            foundations.log_metric("loaded", number, step=number)
            made.put(number)

    if __name__ == "__main__":
        context = multiprocessing.get_context("fork")
        for epoch in range(3):
            made = context.Queue()
            queues = [context.Queue() for _ in range(4)]
            workers = [context.Process(target=serve, args=(n, queue, made), daemon=True)
                       for n, queue in enumerate(queues)]
            for worker in workers:
                worker.start()
            for number in range(100):
                queues[number % 4].put(epoch * 100 + number)
            for number in range(100):
                foundations.log_metric("loss", made.get(timeout=10))
            for queue in queues:
                queue.put(None)
            for worker in workers:
                worker.join(10)
                assert worker.exitcode == 0
        print("job:", foundations.current_foundations_job().job_id)
"""


def test_each_point_is_there_once_when_a_data_loader_forks(desk: Desk, client: Client) -> None:
    ran = desk.run_source(LOADER)

    assert ran.code == 0, ran
    assert sorted(read_series(client, ran.job_id, "loaded")[0]) == list(range(300))
    assert sorted(read_series(client, ran.job_id, "loss")[1]) == list(range(300))


EXEC = """
    import os, sys
    import foundations
    turn = int(sys.argv[1])
    for number in range(200):
        foundations.log_metric("loss", turn * 200 + number)
    if turn < 4:
        os.execv(sys.executable, [sys.executable, "main.py", str(turn + 1)])
    print("job:", foundations.current_foundations_job().job_id)
"""


def test_the_job_goes_on_when_the_program_replaces_itself(desk: Desk, client: Client) -> None:
    desk.write("main.py", EXEC)

    ran = desk.run("main.py", "0")

    job = client.jobs.get(ran.job_id)
    assert ran.code == 0, ran
    assert sorted(read_series(client, ran.job_id, "loss")[1]) == list(range(1000))
    assert job.status is JobStatus.COMPLETED
    assert client.jobs.list(project="desk").total >= 1


# A daemon closes every descriptor that it inherited; its own files get the same numbers.
DAEMON = """
    import os, time
    import foundations
    foundations.log_metric("loss", 0)
    print("begin", flush=True)
    pid = os.fork()
    if pid == 0:
        {before}
        os.closerange(0, 512)
        files = [os.open("foreign-%d" % n, os.O_CREAT | os.O_RDWR) for n in range(64)]
        {after}
        time.sleep(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    print("job:", foundations.current_foundations_job().job_id)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_foreign_files_are_not_written_when_a_child_closed_all_descriptors(
    desk: Desk, client: Client, moment: str
) -> None:
    log = "[foundations.log_metric('child', n) for n in range(50)]"
    # Nobody can protect a file that another thread has just opened, so all rests by then.
    settled = f"{log}; time.sleep(2)"
    words = {"before": settled if moment == "before" else "pass", "after": log}

    ran = desk.run_source(DAEMON.format(**words))

    foreign = sorted(desk.folder.glob("foreign-*"))
    assert ran.code == 0, ran
    assert len(foreign) == 64
    assert [path.name for path in foreign if path.stat().st_size] == []
    expected = 100 if moment == "before" else 50
    assert len(read_series(client, ran.job_id, "child")[0]) == expected


def test_all_is_kept_when_a_process_leaves_without_its_exit_functions(
    desk: Desk, client: Client
) -> None:
    source = """
        import os, foundations
        foundations.log_metric("loss", list(range(2000)))
        print("job:", foundations.current_foundations_job().job_id, flush=True)
        os._exit(7)
    """

    ran = desk.run_source(source)
    synced = desk.command("sync")

    assert (ran.code, synced.code) == (7, 0)
    assert read_series(client, ran.job_id, "loss")[1] == list(range(2000))
