"""Schedules through the commands: real server, real worker, real processes."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from support.commands import Commands, running_atlas
from support.waiting import wait_until


def list_runs(commands: Commands, name: str) -> list[dict[str, Any]]:
    page = commands.read("list", "jobs", "--limit", "500")
    return [job for job in page["items"] if job["schedule"] == name]


@pytest.mark.scenario(50)
@pytest.mark.scenario(52)
def test_a_schedule_runs_in_its_beat_and_its_state_survives_a_restart(tmp_path: Path) -> None:
    with running_atlas(tmp_path) as atlas:
        (atlas.folder / "main.py").write_text("print('ran')\n")
        made = atlas.run(
            "schedule", "create", "--name", "beat", "--every", "2s", "scheduler",
            str(atlas.folder), "main.py",
        )  # fmt: skip
        assert made.returncode == 0, made
        begin = time.monotonic()
        wait_until(lambda: len(list_runs(atlas, "beat")) >= 3, "three runs", timeout_s=60)
        seconds = time.monotonic() - begin
        paused = atlas.run("schedule", "pause", "beat")
        wait_until(
            lambda: {job["status"] for job in list_runs(atlas, "beat")} == {"completed"},
            "the runs have completed", timeout_s=60,
        )  # fmt: skip
        before = list_runs(atlas, "beat")

        assert atlas.atlas("stop").returncode == 0
        assert atlas.start("--workers", "1").returncode == 0
        after = atlas.read("schedule", "show", "beat")
        resumed = atlas.read("schedule", "resume", "beat")
        wait_until(lambda: len(list_runs(atlas, "beat")) > len(before), "another run")
        deleted = atlas.run("schedule", "delete", "beat", "--stop")

        assert seconds > 3.5
        assert all(re.fullmatch(r"beat_\d{8}_\d{6}", job["id"]) for job in before)
        assert (paused.returncode, after["status"], after["runs"]) == (0, "paused", len(before))
        assert resumed["status"] == "active"
        assert deleted.returncode == 0
        assert atlas.read("schedule", "list")["items"] == []
