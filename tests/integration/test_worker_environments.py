"""What requirements.txt asks for is there when the job runs."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab

USES_IT = {"main.py": "import sys, pocket; print(pocket.__file__, sys.argv[1:])"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that comes from no network."""
    path = tmp_path_factory.mktemp("wheels") / "pocket-1.0-py3-none-any.whl"
    about = "pocket-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pocket.py", "")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: pocket\nVersion: 1.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[Lab]:
    variables = {"PIP_FIND_LINKS": wheel.parent.as_uri()}
    with running_lab(tmp_path_factory.mktemp("lab"), variables=variables) as made:
        yield made


def requiring(wheel: Path, comment: str) -> dict[str, str]:
    return {**USES_IT, "requirements.txt": f"# {comment}\npocket @ {wheel.as_uri()}\n"}


def shared(comment: str) -> dict[str, str]:
    """Requirements that name no file, so that jobs may share what they give."""
    return {**USES_IT, "requirements.txt": f"# {comment}\n--no-index\npocket==1.0\n"}


@pytest.mark.scenario(28)
def test_required_package_is_importable_and_arguments_arrive(lab: Lab, wheel: Path) -> None:
    job_id = lab.submit(requiring(wheel, "own"), "main.py", "a", "b")

    job = lab.wait_until_final(job_id)

    log = lab.log_of(job_id)
    assert job.status is JobStatus.COMPLETED, log
    assert "[atlas] installing requirements.txt\n" in log
    assert "pocket.py ['a', 'b']" in log


def test_requirements_that_name_files_of_the_job_are_installed_for_it_alone(
    lab: Lab, wheel: Path
) -> None:
    files = {**USES_IT, "requirements.txt": "-r more.txt\n"}
    more = f"pocket @ {wheel.as_uri()}\n"

    job = lab.wait_until_final(lab.submit({**files, "more.txt": more}))

    assert job.status is JobStatus.COMPLETED
    assert "/attempts/" in lab.log_of(job.id)


def test_second_job_with_the_same_requirements_starts_at_once(lab: Lab) -> None:
    first = lab.wait_until_final(lab.submit(shared("twice")))
    began = time.monotonic()

    second = lab.wait_until_final(lab.submit(shared("twice")))

    assert first.status is second.status is JobStatus.COMPLETED, lab.log_of(first.id)
    assert time.monotonic() - began < 3
    assert "[atlas] installing requirements.txt" in lab.log_of(first.id)
    assert "[atlas] requirements.txt is installed already" in lab.log_of(second.id)


def test_two_jobs_at_once_install_the_same_requirements_once(lab: Lab) -> None:
    job_ids = [lab.submit(shared("at once")) for _ in range(2)]

    jobs = [lab.wait_until_final(job_id) for job_id in job_ids]

    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    logs = "".join(map(lab.log_of, job_ids))
    assert logs.count("[atlas] installing requirements.txt") == 1


def test_requirements_that_cannot_be_installed_fail_the_job_before_it_starts(lab: Lab) -> None:
    files = {"main.py": "print('ran')", "requirements.txt": "--no-index\nno-such-package-here\n"}

    job = lab.wait_until_final(lab.submit(files))

    assert (job.status, job.reason) == (
        JobStatus.FAILED,
        "requirements could not be installed",
    )
    assert "no-such-package-here" in lab.log_of(job.id)
    assert "ran" not in lab.log_of(job.id)


def test_job_with_an_environment_of_its_own_still_has_the_sdk(lab: Lab) -> None:
    files = shared("sdk")
    files["main.py"] = "import foundations_client.client, yaml; print('both')"

    job = lab.wait_until_final(lab.submit(files))

    assert job.status is JobStatus.COMPLETED, lab.log_of(job.id)
    assert "both\n" in lab.log_of(job.id)


def test_job_can_be_stopped_while_its_requirements_are_installed(lab: Lab, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "setup.py").write_text("import time; time.sleep(100)")
    (slow / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'slow'\nbackend-path = ['.']\n"
    )
    (slow / "slow.py").write_text("import time; time.sleep(100)")
    job_id = lab.submit({"main.py": "", "requirements.txt": f"{slow}\n"})
    lab.wait_for_line(job_id, "[atlas] installing requirements.txt")
    began = time.monotonic()

    lab.client.jobs.stop(job_id)

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")
    assert time.monotonic() - began < 5
