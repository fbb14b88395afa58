from __future__ import annotations

import itertools

import pytest

from foundations_wire import codec
from foundations_wire.jobs import TRANSITIONS, JobSpec, JobStatus

ALLOWED = {
    ("queued", "running"),
    ("queued", "failed"),
    ("queued", "stopped"),
    ("running", "completed"),
    ("running", "failed"),
    ("running", "stopped"),
    ("running", "queued"),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(JobStatus, JobStatus)))
def test_only_the_listed_transitions_exist(before: JobStatus, after: JobStatus) -> None:
    is_allowed = after in TRANSITIONS[before]

    assert is_allowed == ((before.value, after.value) in ALLOWED)


@pytest.mark.parametrize("status", list(JobStatus))
def test_final_is_what_has_no_way_out(status: JobStatus) -> None:
    assert status.is_final == (not TRANSITIONS[status])


def test_spec_needs_no_more_than_a_project() -> None:
    spec = codec.build(JobSpec, {"project": "birds"})

    assert spec == JobSpec("birds")
