from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from foundations_wire.errors import OffsetGap, UnknownJob
from support.scenes import Scene


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
