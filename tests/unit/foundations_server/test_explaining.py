from __future__ import annotations

from foundations_server.scheduling.explaining import explain
from foundations_server.scheduling.policy import Waiting, WorkerCapacity


def test_reason_names_the_missing_worker_when_none_is_connected() -> None:
    reasons = explain([Waiting("a", "a")], [])

    assert reasons == {"a": "position 1: no worker is connected"}


def test_reason_names_the_inventory_when_no_worker_has_the_gpus() -> None:
    plain = WorkerCapacity("w", "w", 2, 2)
    with_one = WorkerCapacity("v", "v", 2, 2, 1, 1)

    assert explain([Waiting("a", "a", 2)], [plain]) == {
        "a": "position 1: needs 2 GPUs; the connected workers have 0"
    }
    assert explain([Waiting("a", "a", 2)], [plain, with_one]) == {
        "a": "position 1: needs 2 GPUs; the connected workers have at most 1"
    }


def test_reason_names_the_holders_when_all_slots_are_taken() -> None:
    full = WorkerCapacity("w", "w", 2, 0, holders=("amber-heron-4", "calm-otter-5"))

    reasons = explain([Waiting("a", "a"), Waiting("b", "b")], [full])

    assert reasons["b"] == (
        "position 2: waits for 1 slot; 2 of 2 slots are taken by amber-heron-4, calm-otter-5"
    )


def test_reason_names_the_holders_when_gpus_are_taken() -> None:
    busy = WorkerCapacity("w", "w", 4, 3, 2, 1, ("x-1",), ("x-1",))

    reasons = explain([Waiting("a", "a", 2)], [busy])

    assert reasons["a"] == "position 1: waits for 2 GPUs; 1 of 2 GPUs is taken by x-1"


def test_reason_is_about_to_start_when_the_job_fits() -> None:
    reasons = explain([Waiting("a", "a"), Waiting("b", "b")], [WorkerCapacity("w", "w", 1, 1)])

    assert reasons["a"] == "position 1: about to start"
    assert reasons["b"] == "position 2: waits behind jobs that start first"


def test_list_of_holders_is_cut_when_it_is_long() -> None:
    names = tuple(f"job-{number}" for number in range(8))
    full = WorkerCapacity("w", "w", 8, 0, holders=names)

    reasons = explain([Waiting("a", "a")], [full])

    assert reasons["a"].endswith("job-0, job-1, job-2, job-3, job-4 and 3 more")
