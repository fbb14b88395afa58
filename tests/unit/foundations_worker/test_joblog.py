from __future__ import annotations

from pathlib import Path

from foundations_worker.joblog import JobLog


def test_lines_of_the_worker_begin_with_its_prefix(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "output.log")

    log.say("one")
    log.say("two – ü")

    assert log.path.read_text(encoding="utf-8") == "[atlas] one\n[atlas] two – ü\n"


def test_line_begins_anew_when_the_job_left_one_open(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "output.log")
    log.path.write_bytes(b"loss: 0.3")

    log.say("stopped by a user")

    assert log.path.read_bytes() == b"loss: 0.3\n[atlas] stopped by a user\n"
