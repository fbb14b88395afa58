from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundations_client.following import read_chunks
from foundations_server.platform.settings import Settings
from foundations_wire.errors import InvalidRequest, LeaseLost, OffsetGap, UnknownJob
from support.scenes import Scene, open_scene


def test_log_grows_by_offset_and_stores_no_byte_twice(scene: Scene) -> None:
    scene.start_local("j1")
    append = scene.client.logs.append

    assert append("j1", 0, b"hello ").size == 6
    assert append("j1", 0, b"hello ").size == 6
    assert append("j1", 3, b"lo world\xff\n").size == 13

    assert scene.client.logs.read("j1").data == b"hello world\xff\n"
    assert scene.client.logs.read("j1", offset=6).data == b"world\xff\n"
    assert scene.client.jobs.get("j1").log_bytes == 13


def test_gap_in_a_log_is_refused_with_the_offset_expected(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"abc")

    with pytest.raises(OffsetGap) as caught:
        scene.client.logs.append("j1", 5, b"f")

    assert caught.value.details["expected"] == 3


def test_log_of_an_unknown_job_is_refused(scene: Scene) -> None:
    with pytest.raises(UnknownJob):
        scene.client.logs.append("j1", 0, b"x")
    with pytest.raises(UnknownJob):
        scene.client.logs.read("j1")

    assert not (scene.home / "data" / "logs").exists()


def test_piece_is_at_most_a_mebibyte(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"x" * (3 << 19))

    first = scene.client.logs.read("j1")
    rest = scene.client.logs.read("j1", offset=len(first.data))

    assert (len(first.data), len(rest.data)) == (1 << 20, 1 << 19)


def test_reader_waits_for_the_next_bytes(scene: Scene) -> None:
    scene.start_local("j1")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(scene.client.logs.read, "j1", wait_s=15)
        scene.client.logs.append("j1", 0, b"line\n")

        chunk = reading.result(10)

    assert (chunk.data, chunk.is_ended) == (b"line\n", False)


@pytest.mark.scenario(34)
def test_log_ends_once_the_job_is_final_and_all_is_read(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"ab")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(scene.client.logs.read, "j1", offset=2, wait_s=15)
        scene.finish_local("j1")

        end = reading.result(10)

    assert (end.data, end.is_ended) == (b"", True)
    assert scene.client.logs.read("j1").is_ended


@pytest.mark.scenario(36)
def test_log_of_a_queued_job_is_empty(scene: Scene) -> None:
    scene.submit("j1")

    chunk = scene.client.logs.read("j1")

    assert (chunk.data, chunk.is_ended) == (b"", False)


def test_whole_log_is_downloaded_under_the_jobs_name(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"x" * (5 << 19))

    response = scene.ask("GET", "/api/v1/jobs/j1/log?download=1")

    name = scene.client.jobs.get("j1").name
    assert len(response.body) == 5 << 19
    assert response.headers["content-disposition"].startswith(f'attachment; filename="{name}.log"')
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_beginning_can_be_told_by_bytes_lines_or_time(scene: Scene) -> None:
    scene.start_local("j1")
    append, read = scene.client.logs.append, scene.client.logs.read
    append("j1", 0, b"one\ntwo\n")
    scene.clock.advance(60)
    append("j1", 8, b"three\nfour\n")

    assert (read("j1", tail=5).data, read("j1", tail=5).offset) == (b"four\n", 14)
    assert read("j1", tail=99).data == b"one\ntwo\nthree\nfour\n"
    assert read("j1", lines=3).data == b"two\nthree\nfour\n"
    assert read("j1", since="30s").data == b"three\nfour\n"
    assert read("j1", since="5m").offset == 0
    assert read("j1", since="2199-01-01T00:00:00Z").data == b""


def test_a_moment_that_is_none_is_refused(scene: Scene) -> None:
    scene.start_local("j1")

    with pytest.raises(InvalidRequest, match="'since' must be a time such as"):
        scene.client.logs.read("j1", since="yesterday")


def test_skipped_bytes_are_told_with_the_offset_of_what_follows(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"head\n")

    assert scene.client.logs.append("j1", 5, b"tail\n", skipped=1000).size == 1010
    assert scene.client.logs.append("j1", 5, b"tail\n", skipped=1000).size == 1010

    chunk = scene.client.logs.read("j1", offset=5)
    assert (chunk.offset, chunk.data, chunk.missing) == (1005, b"tail\n", 1000)
    assert scene.client.logs.read("j1", offset=205).missing == 800
    assert scene.client.logs.read("j1", tail=500).missing == 0
    assert scene.client.jobs.get("j1").log_bytes == 1010
    whole = scene.ask("GET", "/api/v1/jobs/j1/log?download=1").body.decode()
    assert whole == "head\n[atlas] … 1000 bytes of output are not kept …\ntail\n"


def test_more_bytes_than_can_be_counted_are_refused(scene: Scene) -> None:
    scene.start_local("j1")
    most = 1 << 62
    assert scene.client.logs.append("j1", 0, b"x", skipped=most).size == most + 1

    with pytest.raises(InvalidRequest, match="together more than"):
        scene.client.logs.append("j1", most, b"", skipped=1)


def test_an_attempt_that_is_over_adds_nothing(scene: Scene) -> None:
    lease = scene.run("j1")
    append = scene.client.logs.append

    assert append("j1", 0, b"now\n", attempt=lease.attempt_id).size == 4
    with pytest.raises(LeaseLost, match="Attempt `earlier` of job `j1` is over"):
        append("j1", 4, b"late\n", attempt="earlier")


def test_a_log_that_ends_with_skipped_bytes_ends(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"head\n")
    scene.client.logs.append("j1", 5, b"", skipped=10)
    scene.finish_local("j1")

    first = scene.client.logs.read("j1")
    rest = scene.client.logs.read("j1", offset=first.end)

    assert (first.is_ended, rest.missing, rest.is_ended) == (False, 10, True)
    assert scene.client.logs.read("j1", offset=rest.end).is_ended


def test_the_log_of_a_script_stays_within_the_servers_limit(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, log_limit=1 << 20)
    with open_scene(tmp_path, settings=settings) as scene:
        scene.start_local("j1")
        size = 0
        for _ in range(20):
            size = scene.client.logs.append("j1", size, b"x" * (1 << 20)).size

        stored = sum(path.stat().st_size for path in (tmp_path / "data/logs/j1").iterdir())
        chunks = list(read_chunks(scene.client, "j1"))

    assert size == 20 << 20
    assert stored < 5 << 20
    assert sum(len(chunk.data) + chunk.missing for chunk in chunks) == size
