"""No GPU is leaked, none is lent twice, and none that is sick is lent at all (R31, R32).

The GPUs are declared ones. That two jobs never have the same one is found out by the jobs
themselves, which lock what their CUDA_VISIBLE_DEVICES names.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from foundations_wire.errors import ServerUnreachable, WrongStatus
from foundations_wire.jobs import JobStatus
from support.plants import Plant, running_plant
from support.rounds import pick
from support.waiting import wait_until

GPUS = 8


class Observer:
    """Counts GPUs by their status again and again, in a thread of its own."""

    def __init__(self, plant: Plant) -> None:
        """Take whom to ask; nothing happens before `run`."""
        self._plant = plant
        self._is_over = threading.Event()
        self.seen: Counter[str] = Counter()
        self.wrong: list[object] = []

    def run(self) -> None:
        while not self._is_over.wait(0.05):
            with suppress(ServerUnreachable, IndexError):
                self.look()

    def look(self) -> None:
        """Look once: each GPU is there, and is busy exactly when a job has it."""
        gpus = self._plant.client.workers.list().items[0].gpus
        count = Counter(gpu.status for gpu in gpus)
        has_job = all((gpu.job is not None) == (gpu.status == "busy") for gpu in gpus)
        if count.total() != GPUS or not count.keys() <= {"free", "busy"} or not has_job:
            self.wrong.append(gpus)
        self.seen[f"{count['busy']} busy"] += 1

    @contextmanager
    def looking(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run, name="observer")
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()


def break_something(plant: Plant, dice: random.Random, jobs: list[str]) -> str:
    """Kill, stop or crash something; return what."""
    what = dice.choice(["stop", "stop", "stop", "program", "program", "guard", "server", "worker"])
    if what == "server":
        plant.server.kill()
        plant.revive()
    elif what == "worker":
        plant.kill_worker()
        plant.revive()
    elif what == "stop":
        with suppress(WrongStatus):
            plant.ask(lambda client: client.jobs.stop(dice.choice(jobs)))
    else:
        word = "nursery" if what == "guard" else "job.sh"
        found = [pid for pid, line in plant.find_processes() if word in line]
        if found:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(found), signal.SIGKILL)
    return what


def test_each_gpu_is_with_one_job_at_most_and_all_are_free_in_the_end(
    tmp_path: Path, dice: random.Random
) -> None:
    number, done = pick(60, 2000), Counter[str]()
    with running_plant(tmp_path / "plant", "--gpus", str(GPUS), slots=8) as plant:
        observer, jobs = Observer(plant), []
        with observer.looking():
            for _ in range(number):
                seconds, code = dice.choice([0, 0.1, 0.4]), dice.choice([0, 0, 0, 3])
                gpus, retries = dice.choice([0, 1, 1, 2, 3, 5, 8]), dice.choice([0, 0, 1])
                jobs.append(plant.submit(seconds, code, num_gpus=gpus, max_retries=retries))
                if dice.random() < 0.3:
                    done[break_something(plant, dice, jobs[-20:])] += 1
            took = plant.wait_final(jobs, timeout_s=pick(90, 900))
            plant.converge(jobs)

        print(f"{number} jobs, {dict(done)}, {took:.1f} s more; looked: {dict(observer.seen)}")
        ended = Counter(plant.get(job).status.value for job in jobs)
        print(f"they ended as {dict(ended)}, with {len(plant.marks.read('begin'))} starts")
        free = [gpu.status for gpu in plant.client.workers.list().items[0].gpus]
        assert observer.wrong == []
        assert plant.marks.read("clash") == []
        assert set(plant.marks.count_attempts().values()) == {1}
        assert free == ["free"] * GPUS
        assert plant.find_busy_gpus() == []


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Plant]:
    with running_plant(tmp_path / "plant", "--gpus", "2", slots=4) as plant:
        yield plant


def read_gpus(plant: Plant) -> dict[str, tuple[str, str | None]]:
    gpus = plant.ask(lambda client: client.workers.list()).items[0].gpus
    return {gpu.id: (gpu.status, gpu.problem) for gpu in gpus}


def write_script(plant: Plant, script: dict[str, object]) -> None:
    path = plant.worker.home / "worker" / "declared_gpus.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(script), "utf-8")
    unfinished.replace(path)


def test_gpu_that_falls_ill_under_a_job_is_lent_to_nobody_until_it_is_well(pair: Plant) -> None:
    first = pair.submit(0.5, num_gpus=2)
    wait_until(lambda: pair.marks.read("begin"), "it runs")
    write_script(pair, {"fake-1": {"problem": "fell off the bus"}})
    pair.converge([first])
    sick = read_gpus(pair)

    few = [pair.submit(0.1, num_gpus=1) for _ in range(4)]
    many = pair.submit(num_gpus=2)
    pair.converge(few)
    pair.kill_worker()
    pair.start_worker()  # neither a restart of the worker nor one of the server cures it
    pair.server.kill()
    pair.revive()
    wait_until(lambda: "GPU" in (pair.get(many).reason or ""), "the worker is back")
    waiting, still_sick = pair.get(many), read_gpus(pair)
    write_script(pair, {})
    if pick(1, 0):  # otherwise a heartbeat tells it, after ten seconds at most
        pair.kill_worker()
        pair.start_worker()
    pair.converge([many])

    used = {mark.devices for mark in pair.marks.read("begin") if mark.job in few}
    assert sick == {"fake-0": ("free", None), "fake-1": ("quarantined", "fell off the bus")}
    assert still_sick == sick
    assert used == {("fake-0",)}
    assert waiting.status is JobStatus.QUEUED
    assert waiting.reason is not None
    assert "GPU" in waiting.reason
    assert pair.get(many).status is JobStatus.COMPLETED
    assert {status for status, _ in read_gpus(pair).values()} == {"free"}


@pytest.fixture
def freezer(tmp_path: Path) -> Iterator[Path]:
    """Lend a control group whose processes nothing ends while they are frozen."""
    folder = Path("/sys/fs/cgroup/freezer") / f"atlas-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("needs root and the freezer of control groups, version 1")
    yield folder
    (folder / "freezer.state").write_text("THAWED")
    wait_until(lambda: not (folder / "tasks").read_text(), "nothing is left in it")
    folder.rmdir()


def test_gpu_of_a_job_that_nothing_ends_is_lent_to_nobody_while_it_is_there(
    pair: Plant, freezer: Path
) -> None:
    if not pick(0, 1):
        pytest.skip("takes more than a minute: the worker waits so long for a killed process")
    stuck = pair.submit_script("stubborn.sh", num_gpus=1, grace=0.5)
    wait_until(lambda: pair.marks.read("begin"), "it runs")
    held = pair.marks.read("begin")[0].devices[0]
    for _ in range(3):  # what they start meanwhile is in it from the second time on
        for pid, _line in pair.find_processes():
            with suppress(ProcessLookupError):
                (freezer / "tasks").write_text(str(pid))
    (freezer / "freezer.state").write_text("FROZEN")
    pair.client.jobs.stop(stuck)
    pair.wait_final([stuck], timeout_s=90)
    job, gpus = pair.get(stuck), read_gpus(pair)
    others = [pair.submit(num_gpus=1) for _ in range(3)]
    pair.wait_final(others)
    many = pair.submit(num_gpus=2)
    time.sleep(12)
    waiting = pair.get(many)
    (freezer / "freezer.state").write_text("THAWED")
    pair.wait_final([many], timeout_s=40)

    print(f"{job.status.value}: {job.reason}; {gpus}")
    assert "unkillable" in (job.reason or "")
    assert gpus[held][0] == "quarantined"
    assert waiting.status is JobStatus.QUEUED
    used = {mark.devices[0] for mark in pair.marks.read("begin") if mark.job in others}
    assert held not in used
    assert pair.get(many).status is JobStatus.COMPLETED
