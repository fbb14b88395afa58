"""Attempts with scripted executors against the real server application."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foundations_client import shipping
from foundations_client.client import Client
from foundations_client.journal import FileJournal
from foundations_wire.errors import LeaseLost, StorageFull
from foundations_wire.events import EventBatch, Registered, TagSet, to_wire
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec, JobStatus
from foundations_wire.workers import (
    AttemptFinished,
    Cause,
    Lease,
    LeaseRequest,
    WorkerHello,
)
from foundations_worker import moments
from foundations_worker.attempt import Attempt, Tools, run_safely
from foundations_worker.environments import Environments
from foundations_worker.executors.base import Exit, Handle, Launch, RequestRefused
from foundations_worker.executors.fake import FakeExecutor, Scene
from foundations_worker.gpus.fake import FakeGpus
from foundations_worker.gpus.health import GpuHealth
from foundations_worker.job_environment import Surroundings
from foundations_worker.paths import AttemptPaths, WorkerPaths
from foundations_worker.preparation import BundleCache
from foundations_worker.preparing import ProcessPreparer
from support.app_transport import running_client

HELLO = WorkerHello("tester", "here", "fake", 8, [], "0")
WAIT_S = 20.0


class Scripted(FakeExecutor):
    """Plays one scene for whatever attempt comes."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.has_started = threading.Event()

    def start(self, launch: Launch) -> Handle:
        self._scenes.setdefault(launch.attempt_id, self.scene)
        handle = super().start(launch)
        self.has_started.set()
        return handle


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path / "server") as made:
        made.workers.hello("worker-1", HELLO)
        yield made


def tools_of(client: Client, folder: Path, scene: Scene) -> Tools:
    paths = WorkerPaths(folder / "home")
    return Tools(
        client=client,
        executor=Scripted(scene),
        preparer=ProcessPreparer(
            Environments(paths.environments, folder),
            Surroundings("http://server", paths.home, folder / "sdk"),
        ),
        paths=paths,
        bundles=BundleCache(paths.bundles, client),
        gpus=GpuHealth(FakeGpus(["g0", "g1"])),
        grace_s=0.1,
    )


def lease_job(client: Client) -> Lease:
    client.jobs.submit(new_id(), JobSpec("p", ["main.py"]))
    return client.workers.lease("worker-1", LeaseRequest(8)).leases[0]


def run_in_thread(attempt: Attempt) -> threading.Thread:
    thread = threading.Thread(target=run_safely, args=(attempt, lambda _: None), daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        (Exit(0), JobStatus.COMPLETED, None),
        (Exit(3), JobStatus.FAILED, "exit code 3"),
        (Exit(problem="command not found: x"), JobStatus.FAILED, "command not found: x"),
    ],
)
def test_end_of_the_command_is_the_end_of_the_job(
    client: Client, tmp_path: Path, end: Exit, status: JobStatus, reason: str | None
) -> None:
    lease = lease_job(client)

    Attempt(lease, tools_of(client, tmp_path, Scene(end=end))).run()

    job = client.jobs.get(lease.job_id)
    assert (job.status, job.reason) == (status, reason)
    assert job.started_at is not None


def test_stop_before_the_start_keeps_the_command_from_starting(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())
    attempt = Attempt(lease, tools)
    attempt.request_stop()

    attempt.run()

    job = client.jobs.get(lease.job_id)
    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")
    assert not tools.executor.has_started.is_set()  # type: ignore[attr-defined]  # is Scripted


@pytest.mark.parametrize("at_term", [Exit(0), Exit(signal=15), None])
def test_stop_of_a_running_job_ends_as_stopped(
    client: Client, tmp_path: Path, at_term: Exit | None
) -> None:
    lease = lease_job(client)
    executor = Scripted(Scene(end=None, at_term=at_term))
    tools = replace(tools_of(client, tmp_path, Scene()), executor=executor)
    attempt = Attempt(lease, tools)
    thread = run_in_thread(attempt)
    assert executor.has_started.wait(WAIT_S)

    attempt.request_stop()
    attempt.request_stop()

    thread.join(WAIT_S)
    assert client.jobs.get(lease.job_id).status is JobStatus.STOPPED


def test_attempt_that_was_fenced_is_stopped_and_reports_nothing(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    executor = Scripted(Scene(end=None))
    tools = replace(tools_of(client, tmp_path, Scene()), executor=executor)
    attempt = Attempt(lease, tools)
    thread = run_in_thread(attempt)
    assert executor.has_started.wait(WAIT_S)

    attempt.fence()

    thread.join(WAIT_S)
    assert executor.observe() == []
    assert not client.jobs.get(lease.job_id).status.is_final


def test_lease_that_was_lost_is_noticed_at_the_report_and_cleaned_up(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())
    attempt = Attempt(replace(lease, token="another"), tools)

    attempt.run()

    assert tools.executor.observe() == []
    assert not client.jobs.get(lease.job_id).status.is_final


def test_attempt_that_the_server_calls_started_is_never_started_here(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())

    Attempt(replace(lease, is_started=True), tools).run()

    job = client.jobs.get(lease.job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "the process vanished")


def test_bundle_that_is_gone_fails_the_job_with_a_line_in_its_log(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    spec = replace(lease.spec, bundle="0" * 64)

    Attempt(replace(lease, spec=spec), tools_of(client, tmp_path, Scene())).run()

    job = client.jobs.get(lease.job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "the server has lost the job's bundle")
    assert "[atlas] the server has lost" in client.logs.read(lease.job_id).data.decode()


class Leaving(Scripted):
    """Leaves files in the job's folder and its journal, as a program would."""

    def __init__(self, tools: Tools, leave: Callable[[AttemptPaths], None]) -> None:
        super().__init__(Scene())
        self._paths = tools.paths
        self._leave = leave

    def start(self, launch: Launch) -> Handle:
        self._leave(self._paths.attempt(launch.attempt_id))
        return super().start(launch)

    def remove(self, handle: Handle) -> None:
        super().remove(handle)
        shutil.rmtree(self._paths.attempt(handle.attempt_id).folder)


def leave_orphan(paths: AttemptPaths) -> None:
    """Leave the journal of a job that no server knows."""
    journal = FileJournal.create(paths.journal, "orphan", "p")
    journal.append(TagSet(1.0, "a", ""))
    journal.close()


def leave_odd_name(paths: AttemptPaths) -> None:
    (paths.job / "two\nlines").write_text("result")


@pytest.mark.parametrize(
    ("leave", "kept", "end", "begin"),
    [
        (leave_orphan, "journal/orphan/p/000001.journal", Exit(0), "exit code 0; part of"),
        (leave_odd_name, "job/two\nlines", Exit(3), "exit code 3; part of"),
    ],
)
def test_results_are_kept_and_the_job_says_where_when_the_server_lacks_some(
    client: Client,
    tmp_path: Path,
    leave: Callable[[AttemptPaths], None],
    kept: str,
    end: Exit,
    begin: str,
) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())
    executor = Leaving(tools, leave)
    executor.scene = Scene(end=end)

    Attempt(lease, replace(tools, executor=executor)).run()

    folder = tools.paths.kept / lease.attempt_id
    job = client.jobs.get(lease.job_id)
    assert (folder / kept).exists()
    assert job.reason is not None
    assert job.reason.startswith(begin)
    assert str(folder) in job.reason
    assert f"kept in {folder}" in client.logs.read(lease.job_id).data.decode()
    assert executor.observe() == []


def test_nothing_is_kept_when_all_has_arrived(client: Client, tmp_path: Path) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())
    executor = Leaving(tools, lambda _paths: None)

    Attempt(lease, replace(tools, executor=executor)).run()

    assert not tools.paths.kept.exists()


def test_a_kept_journal_comes_in_when_it_is_synced(client: Client, tmp_path: Path) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene())
    Attempt(lease, replace(tools, executor=Leaving(tools, leave_orphan))).run()
    event = to_wire(Registered(1.0, "p", "ada"))
    client.jobs.send_events("orphan", EventBatch("q", 0, [event]))

    report = shipping.drain(tools.paths.kept / lease.attempt_id / "journal", client)

    assert report.shipped == ["orphan"]
    assert list(client.jobs.get("orphan").tags) == ["a"]


class Broken(Scripted):
    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        raise RuntimeError("a wire came off")


def test_error_of_the_worker_itself_fails_the_job_and_goes_no_further(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    tools = replace(tools_of(client, tmp_path, Scene()), executor=Broken(Scene()))
    ended: list[Attempt] = []
    attempt = Attempt(lease, tools)

    run_safely(attempt, ended.append)

    job = client.jobs.get(lease.job_id)
    assert job.status is JobStatus.FAILED
    assert job.reason is not None
    assert job.reason.startswith("the worker failed: a wire came off; part of its results")
    assert (tools.paths.kept / lease.attempt_id / "job").is_dir()
    assert ended == [attempt]


def test_report_of_another_token_is_refused_by_the_server(client: Client) -> None:
    lease = lease_job(client)

    with pytest.raises(LeaseLost):
        client.workers.finish(lease.attempt_id, AttemptFinished("another", 1.0, "completed"))


def ask_for(lease: Lease, **wishes: Any) -> Lease:
    return replace(lease, spec=replace(lease.spec, **wishes))


def read_report(client: Client) -> list[AttemptFinished]:
    """Return the list that will hold what is reported about ends from now on."""
    reports: list[AttemptFinished] = []
    finish = client.workers.finish

    def note(attempt_id: str, report: AttemptFinished) -> None:
        reports.append(report)
        finish(attempt_id, report)

    client.workers.finish = note  # type: ignore[method-assign]
    return reports


def test_job_is_ended_when_its_time_is_up(client: Client, tmp_path: Path) -> None:
    reports = read_report(client)
    lease = ask_for(lease_job(client), time_limit=0.05)

    Attempt(lease, tools_of(client, tmp_path, Scene(end=None))).run()

    job = client.jobs.get(lease.job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "time limit of 0.05 s")
    assert reports[0].cause is Cause.LIMIT


def test_time_runs_on_while_the_worker_is_away(client: Client, tmp_path: Path) -> None:
    lease = ask_for(lease_job(client), time_limit=3600.0)
    tools = tools_of(client, tmp_path, Scene(end=None))
    paths = tools.paths.attempt(lease.attempt_id)
    paths.folder.mkdir(parents=True)
    tools.executor.start(Launch(lease.attempt_id, [], paths.folder))
    moments.write(paths.began)
    moment = json.loads(paths.began.read_text())
    paths.began.write_text(json.dumps({**moment, "at": moment["at"] - 3600}))

    Attempt(lease, tools).run()

    assert client.jobs.get(lease.job_id).reason == "time limit of 3600 s"


def test_stop_that_an_earlier_worker_began_is_carried_on(client: Client, tmp_path: Path) -> None:
    lease = lease_job(client)
    tools = tools_of(client, tmp_path, Scene(end=None))
    paths = tools.paths.attempt(lease.attempt_id)
    paths.folder.mkdir(parents=True)
    tools.executor.start(Launch(lease.attempt_id, [], paths.folder))
    moments.write(paths.stop_sent, why="stop")

    Attempt(lease, tools).run()

    assert client.jobs.get(lease.job_id).status is JobStatus.STOPPED


def test_unkillable_job_frees_its_slot_and_its_gpu_is_called_sick(
    client: Client, tmp_path: Path
) -> None:
    reports = read_report(client)
    lease = replace(lease_job(client), gpus=["g1"])
    scene = Scene(end=None, cannot_be_killed=True)
    tools = replace(tools_of(client, tmp_path, scene), kill_patience_s=0.0)
    attempt = Attempt(ask_for(lease, time_limit=0.01), tools)

    attempt.run()

    assert reports[0].reason is not None
    assert reports[0].reason.startswith("unkillable")
    assert reports[0].cause is Cause.INFRASTRUCTURE
    assert list(reports[0].sick_gpus) == ["g1"]
    assert json.loads(tools.paths.attempt(lease.attempt_id).unkillable.read_text()) == ["g1"]


def test_gpu_on_which_something_is_left_is_reported_with_the_end(
    client: Client, tmp_path: Path
) -> None:
    reports = read_report(client)
    gpus = FakeGpus(["g0"])
    gpus.problems["g0"] = "fell off the bus"
    lease = replace(lease_job(client), gpus=["g0"])
    health = GpuHealth(gpus, pause=lambda _s: None)

    Attempt(lease, replace(tools_of(client, tmp_path, Scene()), gpus=health)).run()

    assert reports[0].sick_gpus == {"g0": "fell off the bus"}


def test_start_of_a_job_that_was_over_at_once_is_told_with_its_end(
    client: Client, tmp_path: Path
) -> None:
    reports = read_report(client)
    lease = lease_job(client)

    Attempt(lease, tools_of(client, tmp_path, Scene(end=Exit(3)))).run()

    assert reports[0].started_at is not None
    assert client.jobs.get(lease.job_id).started_at is not None


class Refusing(Scripted):
    """Cannot start anything, or not remove it."""

    def __init__(self, error: Exception, where: str) -> None:
        super().__init__(Scene())
        self._error = error
        self._where = where

    def start(self, launch: Launch) -> Handle:
        if self._where == "start":
            raise self._error
        return super().start(launch)

    def remove(self, handle: Handle) -> None:
        if self._where == "remove":
            raise self._error
        super().remove(handle)


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        (OSError(28, "No space left on device"), Cause.INFRASTRUCTURE, "No space left on device"),
        (RequestRefused("there is no image x"), Cause.REQUEST, "there is no image x"),
    ],
)
def test_what_could_not_be_started_says_why_and_that_it_never_ran(
    client: Client, tmp_path: Path, error: Exception, cause: Cause, reason: str
) -> None:
    reports = read_report(client)
    lease = lease_job(client)
    tools = replace(tools_of(client, tmp_path, Scene()), executor=Refusing(error, "start"))

    Attempt(lease, tools).run()

    assert (reports[0].cause, reports[0].has_begun) == (cause, False)
    assert reason in (reports[0].reason or "")


def test_end_counts_even_if_the_rest_cannot_be_removed(client: Client, tmp_path: Path) -> None:
    lease = lease_job(client)
    executor = Refusing(OSError("busy"), "remove")

    Attempt(lease, replace(tools_of(client, tmp_path, Scene()), executor=executor)).run()

    assert client.jobs.get(lease.job_id).status is JobStatus.COMPLETED


class Hanging(Scripted):
    """Its engine does not answer the first questions."""

    silent = 2

    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        if self.silent:
            self.silent -= 1
            raise OSError("the engine does not answer")
        return super().wait(handle, timeout_s)


def test_engine_that_is_silent_for_a_while_changes_nothing(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foundations_worker.attempt._WATCH_S", 0.01)
    lease = lease_job(client)

    Attempt(lease, replace(tools_of(client, tmp_path, Scene()), executor=Hanging(Scene()))).run()

    assert client.jobs.get(lease.job_id).status is JobStatus.COMPLETED


def test_stop_does_not_wait_for_room_on_the_disk_of_the_server(
    client: Client, tmp_path: Path
) -> None:
    lease = lease_job(client)
    executor = Scripted(Scene(end=None))
    tools = replace(tools_of(client, tmp_path, Scene()), executor=executor)
    paths = tools.paths.attempt(lease.attempt_id)
    attempt = Attempt(lease, tools)
    full = threading.Event()

    def refuse(*_: Any, **__: Any) -> None:
        full.set()
        raise StorageFull("The disk is full.")

    client.archive.put_manifest = refuse  # type: ignore[method-assign]
    client.logs.append = refuse  # type: ignore[assignment, method-assign]
    thread = run_in_thread(attempt)
    assert executor.has_started.wait(WAIT_S)
    (paths.job / "result").write_text("much")
    assert full.wait(WAIT_S)  # the worker's first lines find no room

    attempt.request_stop()

    thread.join(WAIT_S)
    job = client.jobs.get(lease.job_id)
    kept = tools.paths.kept / lease.attempt_id
    assert job.status is JobStatus.STOPPED
    assert (kept / "job" / "result").exists()
    assert (kept / "output.log").exists()
