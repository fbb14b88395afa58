"""Leases take exact devices, CPUs and memory, and only from workers that are well."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from foundations_wire.workers import Device, GpuView, Heartbeat, LeaseRequest, WorkerHello
from support.scenes import Scene


def hello(scene: Scene, devices: list[str], **more: float) -> None:
    scene.client.workers.hello(
        "w1",
        WorkerHello(
            "worker-w1", "host", "process", 4, [Device(name) for name in devices], "0", **more
        ),
    )


def gpus(scene: Scene) -> dict[str, GpuView]:
    return {gpu.id: gpu for gpu in scene.client.workers.list().items[0].gpus}


def statuses(scene: Scene) -> list[str]:
    return [gpu.status for gpu in gpus(scene).values()]


def test_lease_names_the_devices_in_front_and_frees_them_at_the_end(scene: Scene) -> None:
    hello(scene, ["g0", "g1", "g2"])
    scene.submit("one", num_gpus=1)
    scene.submit("two", num_gpus=2)

    leases = scene.lease(free_slots=4)

    assert [lease.gpus for lease in leases] == [["g0"], ["g1", "g2"]]
    assert scene.client.jobs.get("two").gpus == ["g1", "g2"]
    assert gpus(scene)["g1"].job == "two"
    scene.finish(leases[0])
    assert statuses(scene) == ["free", "busy", "busy"]
    assert scene.client.jobs.get("one").gpus == []


def test_no_device_is_held_twice_when_requests_come_at_once(scene: Scene) -> None:
    hello(scene, ["g0", "g1", "g2"])
    for number in range(6):
        scene.submit(f"j{number}", num_gpus=1)

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _number: scene.lease(free_slots=1), range(3)))

    held = [gpu for leases in answers for lease in leases for gpu in lease.gpus]
    assert sorted(held) == ["g0", "g1", "g2"]


def test_cpus_and_memory_are_taken_by_leases(scene: Scene) -> None:
    hello(scene, [], cpus=4, ram_gb=8)
    scene.submit("a", cpus=3, ram_gb=2)
    scene.submit("b", cpus=2)
    scene.submit("c", ram_gb=7)
    scene.submit("d", cpus=0.5, ram_gb=1)

    first = scene.lease(free_slots=4)

    name = scene.client.jobs.get("a").name
    assert [lease.job_id for lease in first] == ["a"]
    assert scene.client.jobs.get("b").reason == (
        f"position 1: waits for 2 CPUs; 3 of 4 CPUs are taken by {name}"
    )
    assert scene.client.jobs.get("c").reason == (
        f"position 2: waits for 7 GB of memory; 2 of 8 GB of memory are taken by {name}"
    )
    assert "what is free is kept for" in (scene.client.jobs.get("d").reason or "")
    scene.finish(first[0])
    assert [lease.job_id for lease in scene.lease(free_slots=4)] == ["b", "c", "d"]


def test_sick_device_is_never_given_until_it_is_well(scene: Scene) -> None:
    hello(scene, ["g0", "g1"])
    scene.client.workers.heartbeat("w1", Heartbeat(sick_gpus={"g0": "fell off the bus"}))
    scene.submit("a", num_gpus=1)
    scene.submit("b", num_gpus=1)

    leases = scene.lease(free_slots=4)

    assert [lease.gpus for lease in leases] == [["g1"]]
    assert (gpus(scene)["g0"].status, gpus(scene)["g0"].problem) == (
        "quarantined",
        "fell off the bus",
    )
    scene.client.workers.heartbeat("w1", Heartbeat(well_gpus=["g0"]))
    assert [lease.gpus for lease in scene.lease(free_slots=3)] == [["g0"]]


def test_device_that_falls_sick_while_it_is_held_stays_quarantined(scene: Scene) -> None:
    hello(scene, ["g0"])
    scene.submit("a", num_gpus=1)
    lease = scene.lease()[0]

    scene.client.workers.heartbeat("w1", Heartbeat(sick_gpus={"g0": "too hot"}))
    scene.finish(lease)

    assert statuses(scene) == ["quarantined"]
    scene.submit("b", num_gpus=1)
    assert scene.client.jobs.get("b").reason == (
        "position 1: needs 1 GPU; the connected workers have 0"
    )


def test_device_that_a_worker_lost_is_shown_as_long_as_it_is_held(scene: Scene) -> None:
    hello(scene, ["g0", "g1"])
    scene.submit("a", num_gpus=2)
    lease = scene.lease()[0]

    hello(scene, ["g1"])

    assert statuses(scene) == ["busy", "busy"]
    scene.finish(lease)
    assert [(gpu.id, gpu.status) for gpu in gpus(scene).values()] == [("g1", "free")]


def test_worker_in_trouble_gets_nothing_until_it_is_over(scene: Scene) -> None:
    scene.hello()
    scene.client.workers.heartbeat("w1", Heartbeat(trouble="the engine does not answer"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scene.lease)
        scene.submit("a")

        told = scene.client.workers.list().items[0].trouble
        scene.client.workers.heartbeat("w1", Heartbeat())
        leases = waiting.result(10)

    assert told == "the engine does not answer"
    assert [lease.job_id for lease in leases] == ["a"]


def test_jobs_spread_over_workers_that_wait_at_once(scene: Scene) -> None:
    for worker in ("w1", "w2"):
        scene.hello(worker)
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(scene.client.workers.lease, worker, LeaseRequest(2))
            for worker in ("w1", "w2")
        ]
        scene.submit("a")
        scene.submit("b")
        scene.submit("c")

        answers = [future.result(10).leases for future in waiting]

    assert all(answers)


def test_empty_worker_is_preferred_for_a_job_that_asks_for_no_gpu(scene: Scene) -> None:
    scene.hello("w1", slots=2, gpus=2)
    scene.hello("w2", slots=2)
    with ThreadPoolExecutor(1) as pool:
        plain = pool.submit(scene.lease, "w2")
        scene.submit("a")
        assert [lease.job_id for lease in plain.result(10)] == ["a"]
