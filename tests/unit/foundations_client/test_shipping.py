from __future__ import annotations

import io
import itertools
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.journal import FileJournal, MemoryJournal, Progress
from foundations_client.refusals import Refusals
from foundations_client.shipping import KILLED, Shipper, drain
from foundations_client.staging import Staging
from foundations_wire.errors import ServerUnreachable, UnknownJob
from foundations_wire.events import (
    ArtifactSaved,
    Finished,
    MetricLogged,
    Registered,
    TagSet,
    to_wire,
)
from foundations_wire.jobs import JobStatus
from support.app_transport import running_app
from support.broken_lines import BrokenLine
from support.journals import pack

REGISTERED = Registered(1.0, "birds", "ada")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[BrokenLine]:
    with running_app(tmp_path / "home") as transport:
        yield BrokenLine(transport)


@pytest.fixture
def client(line: BrokenLine) -> Client:
    return Client(line)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "blobs")


def ship_all(shipper: Shipper) -> None:
    while not shipper.ship():
        pass


def leave(root: Path, producer: str, *events: object, job_id: str = "job-1") -> Path:
    """Write the journal of a process that is gone."""
    journal = FileJournal.create(root, job_id, producer)
    for event in events:
        journal.append(event)  # type: ignore[arg-type] # any event
    journal.close()
    return journal.folder


def test_everything_arrives_once_when_answers_get_lost(
    line: BrokenLine, client: Client, staging: Staging
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    count = itertools.count().__next__
    for step in range(50_000):
        journal.put([("loss", count, pack(step, step))])
    shipper = Shipper(client, "job-1", "p", journal, staging)

    for _ in range(3):
        line.loses_answers = True
        with pytest.raises(ServerUnreachable):
            shipper.ship()
        line.loses_answers = False
        shipper.ship()

    ship_all(shipper)
    assert client.jobs.series("job-1", "loss").total == 50_000


def test_a_staged_content_is_uploaded_before_its_event_and_then_removed(
    line: BrokenLine, client: Client, staging: Staging
) -> None:
    staged = staging.add_stream(io.BytesIO(b"model"))
    journal = MemoryJournal()
    journal.append(REGISTERED)
    journal.append(MetricLogged(1.0, "loss", 0, 1))
    journal.append(ArtifactSaved(1.0, "m", "m.bin", staged.sha256, staged.size))

    ship_all(Shipper(client, "job-1", "p", journal, staging))

    assert [item.key for item in client.jobs.artifacts("job-1").items] == ["m"]
    assert not staging.holds(staged.sha256)
    assert line.requests[0].endswith("/events")  # what is ready does not wait for the upload


def test_the_log_is_complete_when_the_job_ends(
    line: BrokenLine, client: Client, staging: Staging, tmp_path: Path
) -> None:
    output = tmp_path / "output.log"
    output.write_bytes(b"x" * (3 << 20))
    journal = MemoryJournal()
    journal.append(REGISTERED)
    journal.append(Finished(2.0, "completed", None, 0))

    ship_all(Shipper(client, "job-1", "p", journal, staging, output))

    last_log = max(i for i, sent in enumerate(line.requests) if "/log" in sent)
    last_events = max(i for i, sent in enumerate(line.requests) if sent.endswith("/events"))
    assert client.jobs.get("job-1").log_bytes == 3 << 20
    assert last_log < last_events
    assert journal.progress == Progress(2, 3 << 20)


def test_a_server_that_lost_the_job_gets_it_again_from_the_start(
    client: Client, staging: Staging
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    journal.append(TagSet(1.0, "a", ""))
    journal.save(Progress(2, 0))
    journal.append(TagSet(1.0, "b", ""))

    ship_all(Shipper(client, "job-1", "p", journal, staging))

    assert set(client.jobs.get("job-1").tags) == {"a", "b"}


def test_a_child_is_refused_until_its_parents_job_is_known(
    client: Client, staging: Staging
) -> None:
    child, parent = MemoryJournal(), MemoryJournal()
    child.append(TagSet(1.0, "child", ""))
    parent.append(REGISTERED)
    shipper = Shipper(client, "job-1", "c", child, staging)

    with pytest.raises(UnknownJob):
        shipper.ship()
    ship_all(Shipper(client, "job-1", "p", parent, staging))
    ship_all(shipper)

    assert list(client.jobs.get("job-1").tags) == ["child"]


def refused_point(step: int = 2**64) -> MetricLogged:
    return MetricLogged(1.0, "loss", step, 1.0)


def test_only_the_refused_event_is_left_out_and_kept(
    client: Client, staging: Staging, tmp_path: Path
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    for step in range(20):
        journal.append(refused_point(2**64 if step in (7, 11) else step))
    journal.append(Finished(2.0, "completed"))
    told: list[str] = []
    refusals = Refusals(tmp_path / "refused.jsonl", told.append)

    ship_all(Shipper(client, "job-1", "p", journal, staging, None, refusals))

    kept = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert client.jobs.series("job-1", "loss").total == 18
    assert client.jobs.get("job-1").status is JobStatus.COMPLETED
    assert [line["step"] for line in kept] == [2**64, 2**64]
    assert len(told) == 1
    assert "'loss'" in told[0]


def test_only_the_refused_point_is_left_out_and_kept(
    client: Client, staging: Staging, tmp_path: Path
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    count = itertools.count().__next__
    moments = [1e300 if step in (300, 301, 4000) else 1.0 for step in range(5000)]
    journal.put([("loss", count, pack(1, step, at)) for step, at in enumerate(moments)])
    told: list[str] = []
    refusals = Refusals(tmp_path / "refused.jsonl", told.append)

    ship_all(Shipper(client, "job-1", "p", journal, staging, None, refusals))

    kept = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert client.jobs.series("job-1", "loss").total == 4997
    assert [line["step"] for line in kept] == [300, 301, 4000]
    assert refusals.count == 3
    assert len(told) == 1


def test_what_is_no_longer_here_becomes_a_hole_when_an_older_server_asks_for_it(
    client: Client, staging: Staging
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    for number in range(5):
        journal.append(TagSet(1.0, f"t{number}", "x" * 300_000))
    journal.save(Progress(6, 0))
    told: list[str] = []
    refusals = Refusals(None, told.append)
    journal.append(TagSet(1.0, "last", ""))

    ship_all(Shipper(client, "job-1", "p", journal, staging, None, refusals))

    tags = client.jobs.get("job-1").tags
    assert "last" in tags
    assert "t1" not in tags
    assert journal.progress == Progress(7, 0)
    assert len(told) == 1
    assert "lacks" in told[0]


def test_a_server_may_go_back_more_than_once(client: Client, staging: Staging) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    shipper = Shipper(client, "job-1", "p", journal, staging)
    for number in range(3):
        ship_all(shipper)
        journal.append(TagSet(1.0, f"t{number}", ""))
        journal.save(Progress(0, 0))

    ship_all(shipper)

    assert set(client.jobs.get("job-1").tags) == {"t0", "t1", "t2"}


def test_an_artifact_whose_content_is_gone_does_not_silence_the_job(
    client: Client, staging: Staging
) -> None:
    journal = MemoryJournal()
    journal.append(REGISTERED)
    journal.append(ArtifactSaved(1.0, "m", "m.bin", "0" * 64, 1))
    journal.append(TagSet(1.0, "after", ""))

    ship_all(Shipper(client, "job-1", "p", journal, staging))

    assert list(client.jobs.get("job-1").tags) == ["after"]


def test_refused_events_stay_when_the_rest_of_a_dead_jobs_journal_is_in(
    client: Client, tmp_path: Path
) -> None:
    folder = leave(tmp_path, "p", REGISTERED, refused_point(), Finished(2.0, "completed"))

    first = drain(tmp_path, client)
    second = drain(tmp_path, client)

    assert first.shipped == ["job-1"]
    assert first.problems == []
    assert first.refused == second.refused == [str(folder / "refused.jsonl")]
    assert not (folder / "000001.journal").exists()


def test_a_childs_journal_is_given_up_once_when_its_job_was_deleted(
    client: Client, tmp_path: Path
) -> None:
    leave(tmp_path, "1", REGISTERED, Finished(2.0, "completed"))
    child = leave(tmp_path, "2", TagSet(1.0, "a", ""))
    drain(tmp_path, client)
    client.jobs.delete("job-1")
    child = leave(tmp_path, "3", TagSet(1.0, "a", ""), TagSet(1.0, "b", ""))
    (child / "state.json").write_text('{"events": 1, "output": 0}')

    first = drain(tmp_path, client)
    second = drain(tmp_path, client)

    assert len(first.problems) == 1
    assert "no longer on the server" in first.problems[0]
    assert second.problems == []
    assert child.exists()


def test_nothing_happens_when_there_is_no_journal(client: Client, tmp_path: Path) -> None:
    report = drain(tmp_path / "nowhere", client)

    assert (report.shipped, report.live, report.problems, report.events) == ([], [], [], 0)


def test_a_dead_jobs_journal_comes_in_and_goes(client: Client, tmp_path: Path) -> None:
    folder = leave(tmp_path, "p", REGISTERED, TagSet(1.0, "a", ""), Finished(2.0, "completed"))

    report = drain(tmp_path, client)

    assert (report.shipped, report.events) == (["job-1"], 3)
    assert client.jobs.get("job-1").status is JobStatus.COMPLETED
    assert not folder.parent.exists()


def test_a_job_whose_process_vanished_is_failed(client: Client, tmp_path: Path) -> None:
    leave(tmp_path, "p", REGISTERED)

    drain(tmp_path, client, now=lambda: 1000.0)

    job = client.jobs.get("job-1")
    assert (job.status, job.reason) == (JobStatus.FAILED, KILLED)
    assert job.ended_at == "1970-01-01T00:16:40.000000Z"


def test_a_child_comes_in_after_its_parent_whatever_their_names(
    client: Client, tmp_path: Path
) -> None:
    leave(tmp_path, "1-child", TagSet(1.0, "child", ""))
    leave(tmp_path, "2-parent", REGISTERED, Finished(2.0, "completed"))

    report = drain(tmp_path, client)

    assert report.problems == []
    assert list(client.jobs.get("job-1").tags) == ["child"]


def test_a_job_is_not_ended_while_its_replacing_program_lives(
    client: Client, tmp_path: Path
) -> None:
    leave(tmp_path, "1", REGISTERED, TagSet(1.0, "before", ""))
    live = FileJournal.create(tmp_path, "job-1", "2")
    live.append(REGISTERED)

    report = drain(tmp_path, client)

    assert report.live == ["job-1"]
    assert client.jobs.get("job-1").status is JobStatus.RUNNING
    live.close()


def test_a_job_is_ended_when_only_a_child_of_it_lives(client: Client, tmp_path: Path) -> None:
    leave(tmp_path, "1", REGISTERED)
    live = FileJournal.create(tmp_path, "job-1", "2")
    live.append(TagSet(1.0, "child", ""))

    drain(tmp_path, client)

    assert client.jobs.get("job-1").status is JobStatus.FAILED
    live.close()


def test_nothing_is_lost_when_the_server_goes_away_amid_a_drain(
    line: BrokenLine, client: Client, tmp_path: Path
) -> None:
    folder = leave(tmp_path, "p", REGISTERED, Finished(2.0, "completed"))
    line.is_away = True

    with pytest.raises(ServerUnreachable):
        drain(tmp_path, client)
    line.is_away = False
    report = drain(tmp_path, client)

    assert report.shipped == ["job-1"]
    assert not folder.exists()


def test_a_journal_that_the_server_refuses_is_kept_and_named(
    client: Client, tmp_path: Path
) -> None:
    folder = leave(tmp_path, "p", TagSet(1.0, "orphan", ""))
    leave(tmp_path, "q", REGISTERED, Finished(2.0, "completed"), job_id="job-2")

    report = drain(tmp_path, client)

    assert report.shipped == ["job-2"]
    assert len(report.problems) == 1
    assert str(folder) in report.problems[0]
    assert (folder / "000001.journal").exists()


def test_what_an_earlier_version_left_comes_in_too(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "job-1" / "p"
    folder.mkdir(parents=True)
    data = b""
    for event in (REGISTERED, MetricLogged(1.0, "loss", 0, 0.5)):
        body = json.dumps(to_wire(event)).encode()
        data += struct.pack(">II", len(body), zlib.crc32(body)) + body
    (folder / "events.journal").write_bytes(data)

    report = drain(tmp_path, client)

    job = client.jobs.get("job-1")
    assert (report.shipped, report.problems) == (["job-1"], [])
    assert (job.status, job.reason) == (JobStatus.FAILED, KILLED)
    assert client.jobs.series("job-1", "loss").values == [0.5]
    assert not folder.parent.exists()


def test_damage_is_told_once_and_what_is_sound_comes_in(client: Client, tmp_path: Path) -> None:
    folder = leave(
        tmp_path, "p", REGISTERED, TagSet(1.0, "a", ""), TagSet(1.0, "b", ""), TagSet(1.0, "c", "")
    )
    file = folder / "000001.journal"
    data = bytearray(file.read_bytes())
    data[data.index(b'"b"')] ^= 1
    file.write_bytes(data)

    first = drain(tmp_path, client)
    second = drain(tmp_path, client)

    job = client.jobs.get("job-1")
    assert len(first.problems) == 1
    assert str(folder) in first.problems[0]
    assert second.problems == []
    assert (list(job.tags), job.reason) == (["a"], KILLED)
    assert folder.exists()


def test_the_end_is_told_though_the_server_knows_more_than_the_disk(
    client: Client, tmp_path: Path
) -> None:
    shipped = MemoryJournal()
    for event in (REGISTERED, TagSet(1.0, "a", ""), TagSet(1.0, "b", "")):
        shipped.append(event)
    ship_all(Shipper(client, "job-1", "p", shipped, Staging(tmp_path / "blobs")))
    leave(tmp_path / "left", "p", REGISTERED)

    drain(tmp_path / "left", client)

    assert client.jobs.get("job-1").reason == KILLED


def test_only_the_named_job_is_looked_at(client: Client, tmp_path: Path) -> None:
    leave(tmp_path, "p", REGISTERED, Finished(2.0, "completed"))
    leave(tmp_path, "p", REGISTERED, Finished(2.0, "completed"), job_id="job-2")

    report = drain(tmp_path, client, job_id="job-2")

    assert report.shipped == ["job-2"]
    assert (tmp_path / "job-1").exists()
