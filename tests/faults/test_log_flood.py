"""Jobs that print without measure: others are not held up, and nothing is lost uncounted (R33)."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from foundations_client.following import follow_lines, read_chunks
from foundations_client.inlet import LogChunk
from foundations_wire.jobs import JobStatus
from support.rounds import pick
from support.worker_fixtures import running_lab
from support.workers import Lab

MIB = 1 << 20
HEAD = 32 * MIB
# Block n of a mebibyte is made of n, so that each byte tells where it belongs.
FLOOD = """
import os, sys
for block in range(int(sys.argv[1])):
    left = memoryview((b"%015d\\n" % block) * 65536)
    while left:
        left = left[os.write(1, left):]
"""
ENDLESS_LINE = """
import os, sys
piece = b"x" * (1 << 20)
for _ in range(int(sys.argv[1])):
    left = memoryview(piece)
    while left:
        left = left[os.write(1, left):]
"""
QUIET = """
import pathlib, sys, time
while not pathlib.Path(sys.argv[1]).exists():
    print(time.time(), flush=True)
    time.sleep(0.1)
"""
BINARY = """
import sys
for number in range(64):
    sys.stdout.buffer.write(bytes(range(256)) * 256)
    sys.stdout.buffer.write(b"\\x1b[31mred\\x1b[0m\\x1b]52;c;eA==\\x07\\r")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("flood")) as made:
        yield made


@dataclass
class Watch:
    """Looks at the server's memory and at the worker's disk as long as it is open."""

    lab: Lab
    most_memory: int = 0
    most_disk: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(0.05):
            self.most_memory = max(self.most_memory, read_memory(self.lab))
            for path in self.lab.worker.attempts.glob("*/output.log"):
                try:
                    self.most_disk = max(self.most_disk, path.stat().st_blocks * 512)
                except FileNotFoundError:
                    continue  # its attempt has just ended


def read_memory(lab: Lab) -> int:
    assert lab.server.process is not None
    return int(Path(f"/proc/{lab.server.process.pid}/statm").read_text().split()[1]) * 4096


@dataclass
class Log:
    """A job's own output out of its log, which begins with a line of the worker."""

    chunks: list[LogChunk]
    start: int

    @property
    def size(self) -> int:
        return self.chunks[-1].end - self.start

    @property
    def missing(self) -> int:
        return sum(chunk.missing for chunk in self.chunks)

    @property
    def data(self) -> bytes:
        return b"".join(chunk.data for chunk in self.chunks)[self.start :]

    def keeps(self, start: int, end: int) -> bool:
        """Whether all bytes of a range of the output are there."""
        return not any(
            chunk.offset - chunk.missing < end + self.start and chunk.offset > start + self.start
            for chunk in self.chunks
            if chunk.missing
        )


def wait_for_bytes(lab: Lab, job_id: str, least: int) -> None:
    lab.wait_for(lambda: lab.client.jobs.get(job_id).log_bytes >= least)


def read_log(lab: Lab, job_id: str) -> Log:
    chunks = list(read_chunks(lab.client, job_id))
    at = 0
    for chunk in chunks:
        assert chunk.offset == at + chunk.missing
        at = chunk.end
    first = chunks[0].data
    return Log(chunks, first.index(b"\n") + 1 if first.startswith(b"[atlas]") else 0)


def check_blocks(log: Log) -> None:
    """All bytes that are there are what they were at their places."""
    for chunk in log.chunks:
        cut = max(log.start - chunk.offset, 0)
        begin, data = chunk.offset + cut - log.start, chunk.data[cut:]
        end = begin + len(data)
        for block in range(begin // MIB, -(-end // MIB)):
            start, stop = max(begin, block * MIB), min(end, (block + 1) * MIB)
            text = (b"%015d\n" % block) * 65536
            part = data[start - begin : stop - begin]
            assert part == text[start - block * MIB : stop - block * MIB]


def measure_delays(lab: Lab, job_id: str, delays: list[float]) -> None:
    lines = follow_lines(lab.server.connect(), job_id)
    delays += [time.time() - float(line) for line in lines if not line.startswith("[atlas]")]


def test_a_flood_is_cut_exactly_and_holds_nobody_up(lab: Lab, tmp_path: Path) -> None:
    blocks, flag, delays = pick(300, 10_000), tmp_path / "over", list[float]()
    quiet = lab.submit({"main.py": QUIET}, "main.py", str(flag))
    lab.wait_for(lambda: lab.client.jobs.get(quiet).log_bytes)
    reading = threading.Thread(target=measure_delays, args=(lab, quiet, delays))
    reading.start()
    before = read_memory(lab)

    with Watch(lab) as watch:
        began = time.monotonic()
        flood = lab.submit({"main.py": FLOOD}, "main.py", str(blocks))
        job = lab.wait_until_final(flood, 600)
        took = time.monotonic() - began
        flag.touch()
        lab.wait_until_final(quiet)
        reading.join()
        began = time.monotonic()
        opened = lab.client.logs.read(flood, tail=16 * MIB)
        opening = time.monotonic() - began
        log = read_log(lab, flood)

    size = blocks * MIB
    check_blocks(log)
    p95 = sorted(delays[1:])[len(delays[1:]) * 95 // 100]
    stored = sum(p.stat().st_size for p in (lab.server.home / "data" / "logs" / flood).iterdir())
    print(
        f"{blocks} MiB in {took:.1f} s, {log.missing} bytes not kept; quiet job's delay p95 "
        f"{p95 * 1e3:.0f} ms, most {max(delays[1:]) * 1e3:.0f} ms; server grew by "
        f"{(watch.most_memory - before) / MIB:.0f} MiB; worker's disk {watch.most_disk / MIB:.0f} "
        f"MiB, server's {stored / MIB:.0f} MiB; opened in {opening * 1e3:.0f} ms"
    )
    assert job.status is JobStatus.COMPLETED
    assert log.size == size
    assert log.keeps(0, HEAD - MIB)  # the worker's line is in its first mebibyte
    assert log.keeps(size - MIB, size)
    assert size - log.missing <= 256 * MIB
    assert p95 < 2
    assert watch.most_memory - before < 100 * MIB
    assert max(watch.most_disk, stored) <= 256 * MIB
    assert opened.data
    assert opening < 2


def test_a_line_without_an_end_is_a_log_like_others(lab: Lab) -> None:
    size = pick(150, 1_000) * MIB
    before = read_memory(lab)

    with Watch(lab) as watch:
        job_id = lab.submit({"main.py": ENDLESS_LINE}, "main.py", str(size // MIB))
        job = lab.wait_until_final(job_id, 600)
        log = read_log(lab, job_id)
        lines = [len(line) for line in follow_lines(lab.client, job_id)]

    assert (job.status, log.size) == (JobStatus.COMPLETED, size)
    assert not log.data.strip(b"x")
    assert log.keeps(0, HEAD - MIB)
    assert log.keeps(size - MIB, size)
    assert max(lines) <= 6 * MIB
    assert watch.most_memory - before < 100 * MIB
    assert watch.most_disk <= 256 * MIB


def test_bytes_of_every_kind_arrive_as_they_were_printed(lab: Lab) -> None:
    job_id = lab.submit({"main.py": BINARY})

    lab.wait_until_final(job_id)

    printed = bytes(range(256)) * 256 + b"\x1b[31mred\x1b[0m\x1b]52;c;eA==\x07\r"
    assert read_log(lab, job_id).data == printed * 64


def test_restarts_of_the_worker_amid_a_flood_lose_no_count(lab: Lab) -> None:
    blocks = pick(400, 4_000)
    job_id = lab.submit({"main.py": FLOOD}, "main.py", str(blocks))
    for least in (1, 40 * MIB):
        wait_for_bytes(lab, job_id, least)
        lab.worker.end(signal.SIGKILL)
        lab.worker.start()

    job = lab.wait_until_final(job_id, 600)

    log = read_log(lab, job_id)
    check_blocks(log)
    assert (job.status, log.size) == (JobStatus.COMPLETED, blocks * MIB)
    assert log.keeps(0, HEAD - MIB)
    assert log.keeps((blocks - 1) * MIB, blocks * MIB)


def test_a_restart_of_the_server_amid_a_flood_loses_no_count(lab: Lab) -> None:
    blocks = pick(300, 2_000)
    job_id = lab.submit({"main.py": FLOOD}, "main.py", str(blocks))
    lab.wait_for(lambda: lab.client.jobs.get(job_id).log_bytes)

    lab.server.kill()
    lab.server.start()
    job = lab.wait_until_final(job_id, 600)

    log = read_log(lab, job_id)
    check_blocks(log)
    assert (job.status, log.size) == (JobStatus.COMPLETED, blocks * MIB)
    assert log.keeps((blocks - 1) * MIB, blocks * MIB)
