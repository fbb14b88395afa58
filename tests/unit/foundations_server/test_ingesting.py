from __future__ import annotations

import math
from typing import Any

import pytest

from foundations_wire import codec, events
from foundations_wire.errors import InvalidRequest, NotFound, OffsetGap, UnknownJob
from foundations_wire.events import EventBatch
from foundations_wire.jobs import JobSource, JobStatus
from support.scenes import Scene

AT = 1_900_000_000.0


def batch(first: int, *reported: events.Event, producer: str = "p1") -> EventBatch:
    return EventBatch(producer, first, [events.to_wire(event) for event in reported])


def registered(project: str = "birds") -> events.Registered:
    return events.Registered(AT, project, "ada", ["main.py", "--fast"])


def metric(name: str, step: int, value: Any, kind: str = "number") -> events.MetricLogged:
    return events.MetricLogged(AT + step, name, step, codec.spell(value), kind)


@pytest.mark.scenario(1)
def test_registered_event_makes_a_running_job(scene: Scene) -> None:
    scene.client.jobs.send_events("j1", batch(0, registered()))

    job = scene.client.jobs.get("j1")
    assert (job.status, job.source, job.user) == (JobStatus.RUNNING, JobSource.LOCAL, "ada")
    assert job.created_at == job.started_at == "2030-03-17T17:46:40.000000Z"
    assert (job.project, job.command, job.number) == ("birds", ["main.py", "--fast"], 1)


def test_events_of_an_unknown_job_are_refused(scene: Scene) -> None:
    with pytest.raises(UnknownJob):
        scene.client.jobs.send_events("j1", batch(0, metric("loss", 0, 1.0)))


def test_batch_sent_twice_is_stored_once(scene: Scene) -> None:
    sent = batch(0, registered(), metric("loss", 0, 0.5), metric("loss", 1, 0.25))

    first = scene.client.jobs.send_events("j1", sent)
    second = scene.client.jobs.send_events("j1", sent)

    assert first.next == second.next == 3
    assert scene.client.jobs.series("j1", "loss").values == [0.5, 0.25]


def test_overlap_is_skipped_when_a_batch_repeats_part_of_another(scene: Scene) -> None:
    scene.client.jobs.send_events("j1", batch(0, registered(), metric("loss", 0, 0.5)))

    accepted = scene.client.jobs.send_events(
        "j1", batch(1, metric("loss", 0, 0.5), metric("loss", 1, 0.25))
    )

    assert accepted.next == 3
    assert scene.client.jobs.series("j1", "loss").values == [0.5, 0.25]


@pytest.mark.parametrize(("first", "expected"), [(2, 1), (1 << 61, 1)])
def test_gap_is_refused_with_the_number_expected(scene: Scene, first: int, expected: int) -> None:
    scene.client.jobs.send_events("j1", batch(0, registered()))

    with pytest.raises(OffsetGap) as caught:
        scene.client.jobs.send_events("j1", batch(first, metric("loss", 0, 1)))

    assert caught.value.details["expected"] == expected


def test_gap_is_refused_when_the_registration_itself_comes_late(scene: Scene) -> None:
    with pytest.raises(OffsetGap) as caught:
        scene.client.jobs.send_events("j1", batch(5, registered()))

    assert caught.value.details["expected"] == 0


def test_producers_of_one_job_are_counted_apart(scene: Scene) -> None:
    scene.client.jobs.send_events("j1", batch(0, registered()))

    accepted = scene.client.jobs.send_events(
        "j1", batch(0, metric("loss", 0, 1), producer="child")
    )

    assert accepted.next == 1


@pytest.mark.scenario(3)
def test_late_events_are_kept_and_never_change_a_final_status(scene: Scene) -> None:
    scene.client.jobs.send_events(
        "j1",
        batch(
            0,
            registered(),
            events.Raised(AT + 1, "ValueError", "no", "Traceback …"),
            events.Finished(AT + 2, "failed", "ValueError: no", 1),
        ),
    )

    scene.client.jobs.send_events(
        "j1",
        batch(0, metric("loss", 0, 1.0), events.Finished(AT + 9, "completed"), producer="late"),
    )

    job = scene.client.jobs.get("j1")
    assert (job.status, job.reason, job.exit_code) == (JobStatus.FAILED, "ValueError: no", 1)
    assert job.duration_seconds == 2.0
    assert job.error is not None
    assert (job.error.type, job.error.traceback) == ("ValueError", "Traceback …")
    assert [summary.count for summary in job.metrics] == [1]


def test_worker_decides_when_a_submitted_job_reports_its_own_end(scene: Scene) -> None:
    lease = scene.run("j1")

    scene.client.jobs.send_events(
        "j1",
        batch(0, events.Raised(AT, "KeyError", "'x'", "…"), events.Finished(AT, "completed")),
    )

    job = scene.client.jobs.get("j1")
    assert job.status is JobStatus.RUNNING
    assert job.error is not None
    scene.finish(lease, "failed", "exit code 1")
    ended = scene.client.jobs.get("j1")
    assert (ended.status, ended.reason) == (JobStatus.FAILED, "exit code 1")
    assert ended.error == job.error


@pytest.mark.scenario(12)
def test_last_value_wins_when_params_and_tags_repeat(scene: Scene) -> None:
    scene.client.jobs.send_events(
        "j1",
        batch(
            0,
            registered(),
            events.ParamLogged(AT, "layers", [1, 2]),
            events.ParamLogged(AT, "lr", 0.1),
            events.ParamLogged(AT, "lr", codec.spell(math.nan)),
            events.TagSet(AT, "best", "no"),
            events.TagSet(AT, "best", "yes"),
        ),
    )
    scene.client.jobs.send_events("j1", batch(6, events.ParamLogged(AT, "layers", {"a": None})))

    job = scene.client.jobs.get("j1")
    assert job.params == {"layers": {"a": None}, "lr": "NaN"}
    assert job.tags == {"best": "yes"}


def test_job_gets_a_new_number_when_it_moves_to_another_project(scene: Scene) -> None:
    scene.start_local("other", "fish")

    scene.client.jobs.send_events("j1", batch(0, registered(), events.Moved(AT, "fish")))

    job = scene.client.jobs.get("j1")
    assert (job.project, job.number) == ("fish", 2)
    assert [project.name for project in scene.client.projects.list().items] == ["fish"]
    assert scene.client.projects.get("birds").job_count == 0


@pytest.mark.scenario(9)
def test_metric_keeps_all_values_in_order_and_shows_the_last(scene: Scene) -> None:
    scene.start_local("j1")
    scene.log_metric("j1", "loss", [3.0, 1.0, 2.0])
    scene.log_metric("j1", "loss", [0.5])

    series = scene.client.jobs.series("j1", "loss")
    summary = scene.client.jobs.get("j1").metrics[0]

    assert series.values == [3.0, 1.0, 2.0, 0.5]
    assert series.steps == [0, 1, 2, 0]
    assert (summary.count, summary.last, summary.min, summary.max) == (4, 0.5, 0.5, 3.0)
    assert summary.last_step == 0


def test_special_numbers_come_back_as_they_were_logged(scene: Scene) -> None:
    values = [math.nan, math.inf, -math.inf, -0.0, 1 << 63, 1 << 80, 0.1, 5e-324, -(1 << 63)]
    scene.client.jobs.send_events("j1", batch(0, registered()))
    for number, value in enumerate(values):
        scene.client.jobs.send_events("j1", batch(number + 1, metric("m", number, value)))

    read = [codec.number(value) for value in scene.client.jobs.series("j1", "m").values]

    assert math.isnan(read[0])
    assert [repr(value) for value in read[1:]] == [repr(value) for value in values[1:]]
    summary = scene.client.jobs.get("j1").metrics[0]
    assert (summary.min, summary.max, summary.last) == ("-Infinity", "Infinity", -(1 << 63))


def test_minimum_is_unknown_when_all_values_are_nan(scene: Scene) -> None:
    scene.client.jobs.send_events("j1", batch(0, registered(), metric("m", 0, math.nan)))

    summary = scene.client.jobs.get("j1").metrics[0]

    assert (summary.min, summary.max, summary.last, summary.kind) == (None, None, "NaN", "number")


@pytest.mark.scenario(10)
def test_text_metrics_round_trip_and_turn_a_mixed_series_into_texts(scene: Scene) -> None:
    scene.client.jobs.send_events(
        "j1",
        batch(
            0,
            registered(),
            metric("m", 0, 1.5),
            metric("m", 1, "NaN", kind="text"),
            metric("m", 2, "gut\u0000 €", kind="text"),
        ),
    )
    scene.client.jobs.send_events("j1", batch(4, metric("m", 3, 2)))

    series = scene.client.jobs.series("j1", "m")

    assert series.kind == "text"
    assert series.values == ["1.5", "NaN", "gut\u0000 €", "2"]
    summary = scene.client.jobs.get("j1").metrics[0]
    assert (summary.kind, summary.last, summary.min) == ("text", "2", None)


def test_series_is_read_in_parts(scene: Scene) -> None:
    scene.start_local("j1")
    for first in range(0, 30, 10):
        scene.log_metric("j1", "loss", [float(first + n) for n in range(10)])

    part = scene.client.jobs.series("j1", "loss", start=8, limit=14)

    assert (part.start, part.total) == (8, 30)
    assert part.values == [float(number) for number in range(8, 22)]
    assert scene.client.jobs.series("j1", "loss", start=30).values == []
    assert scene.client.jobs.series("j1", "loss", start=5, limit=0).values == []
    with pytest.raises(NotFound, match="no metric `x`"):
        scene.client.jobs.series("j1", "x")
    with pytest.raises(UnknownJob):
        scene.client.jobs.series("j2", "loss")


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"event": "metric", "at": AT, "name": "", "step": 0, "value": 1}, "metric name"),
        ({"event": "metric", "at": AT, "name": "m", "step": 1 << 63, "value": 1}, "step"),
        ({"event": "metric", "at": AT, "name": "m", "step": 0, "value": "x"}, "number"),
        ({"event": "metric", "at": AT, "name": "m", "step": 0, "value": [1]}, "number"),
        ({"event": "metric", "at": AT, "name": "m", "step": 0, "value": 1, "kind": "text"},
         "text"),
        ({"event": "metric", "at": AT, "name": "m", "step": 0, "value": 1, "kind": "z"}, "'z'"),
        ({"event": "metric", "at": "NaN", "name": "m", "step": 0, "value": 1}, "moment"),
        ({"event": "param", "at": AT, "name": "a\nb", "value": 1}, "parameter name"),
        ({"event": "moved", "at": AT, "project": ".."}, "project name"),
        ({"event": "finished", "at": AT, "status": "running"}, "final status"),
        ({"event": "finished", "at": AT, "status": "failed", "exit_code": 1 << 40}, "exit code"),
        ({"event": "artifact", "at": AT, "key": "k", "path": "p", "sha256": "x", "size": 1},
         "SHA"),
        ({"event": "archive", "at": AT, "area": "else", "files": []}, "area"),
        ({"event": "vanished"}, "vanished"),
    ],
)  # fmt: skip
def test_whole_batch_is_refused_when_one_event_does_not_fit(
    scene: Scene, event: dict[str, Any], named: str
) -> None:
    scene.start_local("j1")
    good = events.to_wire(metric("good", 0, 1.0))

    with pytest.raises(InvalidRequest) as caught:
        scene.client.jobs.send_events("j1", EventBatch("p1", 1, [good, event]))

    assert named in caught.value.message
    assert scene.client.jobs.get("j1").metrics == []


def test_archived_event_stores_a_manifest(scene: Scene) -> None:
    sha256 = scene.put_blob(b"print(1)")
    entry = {"path": "main.py", "sha256": sha256, "size": 8, "mode": 0o755}

    scene.client.jobs.send_events(
        "j1", batch(0, registered(), events.Archived(AT, "code", [entry]))
    )

    files = scene.client.archive.get_manifest("j1", "code").files
    assert [(file.path, file.sha256, file.mode) for file in files] == [("main.py", sha256, 0o755)]
