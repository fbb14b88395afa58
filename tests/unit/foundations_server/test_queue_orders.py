"""Orders about the queue, limits, and why each waiting job waits."""

from __future__ import annotations

import pytest

from foundations_wire.errors import InvalidRequest, UnknownJob, UnknownProject, WrongStatus
from foundations_wire.jobs import Dependency, JobStatus, Until
from foundations_wire.workers import Heartbeat
from support.scenes import Scene


def reason(scene: Scene, job_id: str) -> str:
    return scene.client.jobs.get(job_id).reason or ""


def test_held_job_lets_others_pass_until_it_is_released(scene: Scene) -> None:
    scene.submit("a", held=True)
    scene.submit("b")
    scene.submit("c")
    scene.client.queue.hold("b")
    scene.hello(slots=4)

    first = [lease.job_id for lease in scene.lease(free_slots=3)]
    said = reason(scene, "b")
    released = scene.client.queue.release("a")
    second = [lease.job_id for lease in scene.lease(free_slots=3)]

    assert (first, second) == (["c"], ["a"])
    assert said == "position 2: held; it waits until it is released"
    assert (released.is_held, scene.client.jobs.get("b").is_held) == (False, True)


def test_priority_puts_a_job_behind_its_new_peers(scene: Scene) -> None:
    scene.submit("a")
    scene.submit("b")
    scene.submit("high", priority=10)

    changed = scene.client.queue.set_priority("a", 10)

    assert (changed.priority, changed.queue_position) == (10, 2)
    assert [job.id for job in scene.client.queue.get().waiting] == ["high", "a", "b"]
    assert scene.client.queue.set_priority("high", 10).queue_position == 1


def test_orders_are_refused_for_jobs_that_do_not_wait(scene: Scene) -> None:
    scene.run("running")

    for order in (scene.client.queue.hold, scene.client.queue.release):
        with pytest.raises(WrongStatus, match="does not wait in the queue"):
            order("running")
        with pytest.raises(UnknownJob):
            order("nobody")
    with pytest.raises(WrongStatus):
        scene.client.queue.set_priority("running", 1)
    scene.submit("a")
    with pytest.raises(InvalidRequest, match="outside -1000 … 1000"):
        scene.client.queue.set_priority("a", 1001)


def test_clear_of_one_project_leaves_the_others(scene: Scene) -> None:
    scene.submit("a")
    scene.submit("b", project="fish")
    scene.submit("after-a", project="fish", after=[Dependency("a", Until.END)])
    scene.submit("with-a", project="fish", after=[Dependency("a")])

    cleared = scene.client.queue.clear("birds")

    assert cleared.count == 1
    assert [job.id for job in scene.client.queue.get().waiting] == ["b", "after-a"]
    assert "not started: job" in reason(scene, "with-a")
    with pytest.raises(UnknownProject):
        scene.client.queue.clear("nobody")


def test_queue_comes_in_pages_with_totals(scene: Scene) -> None:
    scene.run("running")
    for number in range(5):
        scene.submit(f"j{number}")

    page = scene.client.queue.get(limit=2, offset=2)

    assert [job.id for job in page.waiting] == ["j2", "j3"]
    assert [job.queue_position for job in page.waiting] == [3, 4]
    assert (page.running, page.running_total, page.waiting_total) == ([], 1, 5)
    assert [job.id for job in scene.client.queue.get(limit=1).running] == ["running"]


def test_moves_between_neighbours_keep_the_order_however_many(scene: Scene) -> None:
    names = [f"j{number}" for number in range(4)]
    for name in names:
        scene.submit(name)

    for _move in range(25):  # more halvings than a gap has room for
        scene.client.queue.move(names[-1], 2)
        names.insert(1, names.pop())

    assert [job.id for job in scene.client.queue.get().waiting] == names


def test_limit_holds_jobs_back_and_says_who_uses_it_up(scene: Scene) -> None:
    scene.client.limits.put("project", "birds", running=1)
    scene.client.limits.put("user", "*", gpus=4)
    scene.submit("a")
    scene.submit("b")
    scene.submit("other", project="fish")
    scene.hello(slots=4)

    leases = scene.lease(free_slots=4)

    assert [lease.job_id for lease in leases] == ["a", "other"]
    name = scene.client.jobs.get("a").name
    assert reason(scene, "b") == (
        f"position 1: project birds may have 1 job on workers at once, used by {name}"
    )
    scene.finish(leases[0])
    assert [lease.job_id for lease in scene.lease(free_slots=3)] == ["b"]


def test_limit_is_kept_when_its_worker_has_gone_silent(scene: Scene) -> None:
    scene.client.limits.put("project", "birds", running=1)
    scene.run("a")
    scene.client.workers.goodbye("w1")
    scene.submit("b")
    scene.submit("fish", project="fish")
    scene.hello("w2")

    assert [lease.job_id for lease in scene.lease("w2", 2)] == ["fish"]


def test_limits_are_set_listed_and_removed(scene: Scene) -> None:
    scene.client.limits.put("user", "ada/lovelace", running=3)
    scene.client.limits.put("user", "ada/lovelace", gpus=2)
    scene.client.limits.put("project", "*", running=0)

    listed = [(i.scope, i.name, i.running, i.gpus) for i in scene.client.limits.list().items]

    assert listed == [("project", "*", 0, None), ("user", "ada/lovelace", None, 2)]
    scene.client.limits.remove("project", "*")
    scene.client.limits.remove("project", "*")
    assert len(scene.client.limits.list().items) == 1


def test_impossible_limits_are_refused(scene: Scene) -> None:
    put = scene.client.limits.put
    with pytest.raises(InvalidRequest, match="for a `project` or a `user`"):
        put("worker", "w1", running=1)
    with pytest.raises(InvalidRequest, match="how many jobs are `running`"):
        put("user", "ada")
    with pytest.raises(InvalidRequest, match="'gpus' must be between 0"):
        put("user", "ada", gpus=-1)
    with pytest.raises(InvalidRequest):
        put("project", "no such/name", gpus=1)
    assert scene.client.limits.list().items == []


def test_reason_names_the_jobs_that_are_waited_for(scene: Scene) -> None:
    first, second = scene.submit("a"), scene.submit("b")
    after = [Dependency("a"), Dependency("b", Until.END)]

    waiting = scene.submit("c", after=after)

    assert waiting.reason == (
        f"position 3: waits for {first.name} to complete and {second.name} to end"
    )
    assert waiting.after == after


def test_reason_tells_of_the_attempt_before_and_when_the_next_starts(scene: Scene) -> None:
    lease = scene.run("a", max_retries=2)
    scene.finish(lease, "failed", "exit code 1", exit_code=1)

    job = scene.client.jobs.get("a")

    assert (job.status, job.attempt) == (JobStatus.QUEUED, 1)
    assert job.reason == (
        "position 1: attempt 1 of 3 ended with exit code 1; the next starts in 1 s"
    )
    scene.clock.advance(1)
    again = scene.lease()[0]
    scene.start(again)
    running = scene.client.jobs.get("a")
    assert (running.attempt, running.reason) == (2, None)


def test_reason_tells_of_workers_that_take_nothing(scene: Scene) -> None:
    scene.hello()
    scene.submit("a")
    scene.client.workers.drain("w1")
    draining = reason(scene, "a")
    scene.client.workers.resume("w1")

    scene.client.workers.heartbeat("w1", Heartbeat(trouble="the engine does not answer"))

    assert draining == "position 1: every connected worker is draining"
    assert reason(scene, "a") == (
        "position 1: no connected worker takes jobs (worker-w1: the engine does not answer)"
    )
