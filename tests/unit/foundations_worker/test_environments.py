from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from foundations_worker.commands import Command
from foundations_worker.environments import Environments, InstallFailed, names_files
from foundations_worker.joblog import JobLog


class Installers:
    """Notes what would be run, and leaves what a virtual environment looks like."""

    def __init__(self, folder: Path, codes: list[int] | None = None) -> None:
        self.commands: list[Command] = []
        self._folder = folder
        self._codes = codes or []

    def run(self, command: Command, output: Path, cancelled: threading.Event) -> int:
        self.commands.append(command)
        if "venv" in command.argv:
            folder = Path(command.argv[-1])
            (folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        return self._codes.pop(0) if self._codes else 0


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture
def installers(tmp_path: Path) -> Installers:
    return Installers(tmp_path)


@pytest.fixture
def environments(tmp_path: Path, installers: Installers) -> Environments:
    return Environments(tmp_path / "environments", tmp_path / "extras", installers.run)


def provide(environments: Environments, job: Path) -> Path:
    log = JobLog(job.parent / "output.log")
    return environments.provide(job, job.parent / "own", log, threading.Event())


def log_of(job: Path) -> str:
    return (job.parent / "output.log").read_text()


def test_job_without_requirements_runs_with_the_python_of_the_worker(
    environments: Environments, installers: Installers, job: Path
) -> None:
    python = provide(environments, job)

    assert python == Path(sys.executable)
    assert installers.commands == []
    assert log_of(job).startswith("[atlas] no requirements.txt")


def test_same_requirements_are_installed_once(
    environments: Environments, installers: Installers, job: Path
) -> None:
    (job / "requirements.txt").write_text("six==1.17\n")

    first, second = provide(environments, job), provide(environments, job)

    assert first == second
    assert len(installers.commands) == 2  # make it, fill it
    assert "is installed already" in log_of(job)


def test_other_requirements_get_another_environment(environments: Environments, job: Path) -> None:
    (job / "requirements.txt").write_text("six==1.17\n")
    first = provide(environments, job)
    (job / "requirements.txt").write_text("six==1.16\n")

    second = provide(environments, job)

    assert first != second


def test_failed_installation_is_tried_anew_by_the_next_job(tmp_path: Path, job: Path) -> None:
    installers = Installers(tmp_path, codes=[0, 1])
    environments = Environments(tmp_path / "environments", tmp_path, installers.run)
    (job / "requirements.txt").write_text("six==1.17\n")
    with pytest.raises(InstallFailed, match="requirements could not be installed"):
        provide(environments, job)

    provide(environments, job)

    assert len(installers.commands) == 4


def test_installer_holds_the_lock_and_runs_in_the_job_folder(
    environments: Environments, installers: Installers, job: Path
) -> None:
    (job / "requirements.txt").write_text("six\n")

    provide(environments, job)

    assert all(command.keep_open for command in installers.commands)
    assert {command.folder for command in installers.commands} == {job}
    assert "PYTHONPATH" not in installers.commands[0].environment


def test_extras_end_the_search_path_of_an_environment(
    environments: Environments, tmp_path: Path, job: Path
) -> None:
    (job / "requirements.txt").write_text("six\n")

    python = provide(environments, job)

    added = list(python.parent.parent.rglob("*.pth"))
    assert [path.read_text() for path in added] == [f"{tmp_path / 'extras'}\n"]


def test_environment_that_depends_on_files_of_the_job_is_its_own(
    environments: Environments, job: Path
) -> None:
    (job / "requirements.txt").write_text("-e .\n")

    python = provide(environments, job)

    assert python.is_relative_to(job.parent / "own")


@pytest.mark.parametrize(
    "text",
    ["-r more.txt", "-c pins.txt", "-e .", "--editable=src", "./pkg", "/abs/pkg", "sub/pkg",
     "pkg @ file:///x/y.whl", "x.whl", "six\n  -r more.txt  # comment", "--find-links wheels"],
)  # fmt: skip
def test_requirements_that_name_files_are_recognised(text: str) -> None:
    assert names_files(text.encode())


@pytest.mark.parametrize(
    "text",
    ["", "six", "six==1.17  # see a/b", "# -e .", "pkg @ https://example.org/a/pkg.whl",
     "--index-url https://index.example/simple", "git+https://example.org/a/b.git@main",
     "torch[extra]>=2; python_version > '3'", "--no-index"],
)  # fmt: skip
def test_other_requirements_may_be_shared(text: str) -> None:
    assert not names_files(text.encode())


def make_job(folder: Path, number: int) -> Path:
    """Make the folder of a job that requires what no other does."""
    job = folder / f"attempt-{number}" / "job"
    job.mkdir(parents=True)
    (job / "requirements.txt").write_text(f"six=={number}\n")
    return job


def test_the_environment_unused_for_longest_goes_when_there_are_more_than_eight(
    environments: Environments, tmp_path: Path
) -> None:
    pythons = []
    for number in range(9):
        job = make_job(tmp_path, number)
        python = provide(environments, job)
        users = python.parent.parent.with_suffix(".users")
        os.utime(users, (number, number))
        pythons.append(python)
        shutil.rmtree(job)

    provide(environments, make_job(tmp_path, 9))

    is_ready = [(python.parent.parent / ".ready").exists() for python in pythons]
    assert is_ready == [False, False, *[True] * 7]


def test_an_environment_in_use_stays_however_many_there_are(
    environments: Environments, tmp_path: Path
) -> None:
    pythons = [provide(environments, make_job(tmp_path, number)) for number in range(12)]

    assert all((python.parent.parent / ".ready").exists() for python in pythons)
