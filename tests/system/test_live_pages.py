"""Pages that change by themselves: no test here reloads one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.worker_fixtures import running_lab
from support.workers import Lab

# A job that the test leads by the hand: it goes on when a file appears.
LED_BY_HAND = """
import pathlib, sys, time
import foundations

def wait_for(name):
    while not pathlib.Path(sys.argv[1], name).exists():
        time.sleep(0.02)

foundations.log_param("depth", 3)
foundations.log_metric("loss", 0.5, step=0)
print("first line")
wait_for("go-on")
foundations.log_metric("loss", 0.25, step=1)
foundations.log_metric("f1", float("nan"))
foundations.set_tag("baseline")
print("second line")
wait_for("end")
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path, slots=1) as started:
        yield started


def test_a_jobs_page_follows_its_status_metrics_tags_and_log(
    lab: Lab, page: Page, tmp_path: Path
) -> None:
    job = lab.client.jobs.get(lab.submit({"main.py": LED_BY_HAND}, "main.py", str(tmp_path)))
    page.goto(f"{lab.server.url}/projects/lab/jobs/{job.number}")
    expect(page.locator("[data-class~=job-status-running]").first).to_be_visible(timeout=20_000)
    expect(page.get_by_role("row", name="loss")).to_contain_text("0.5")

    (tmp_path / "go-on").touch()

    expect(page.get_by_role("row", name="loss")).to_contain_text("0.25")
    expect(page.get_by_role("row", name="f1")).to_contain_text("NaN")
    expect(page.get_by_text("baseline").first).to_be_visible()
    page.get_by_role("tab", name="Logs").click()
    expect(page.locator("[data-class=logs-container]")).to_contain_text("second line")

    (tmp_path / "end").touch()

    expect(page.locator("[data-class~=job-status-completed]").first).to_be_visible()


def test_new_jobs_appear_in_projects_table_and_queue(lab: Lab, page: Page, tmp_path: Path) -> None:
    page.goto(f"{lab.server.url}/projects")
    expect(page.get_by_text("No projects yet").first).to_be_visible()

    first = lab.submit({"main.py": LED_BY_HAND}, "main.py", str(tmp_path))

    expect(page.locator("[data-class=project-summary]")).to_contain_text("1 running")
    page.get_by_role("link", name="lab").first.click()
    expect(page.locator("[data-class=job-table-row]")).to_have_count(1)

    lab.submit({"main.py": "print('short')"})

    expect(page.locator("[data-class=job-table-row]")).to_have_count(2)
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_text("waits for 1 slot").first).to_be_visible()
    name = lab.client.jobs.get(first).name
    expect(page.get_by_role("link", name=name).first).to_be_visible()

    (tmp_path / "go-on").touch()
    (tmp_path / "end").touch()

    expect(page.get_by_text("waits for 1 slot")).to_have_count(0, timeout=20_000)


def test_a_running_job_is_stopped_from_its_page(lab: Lab, page: Page, tmp_path: Path) -> None:
    job = lab.client.jobs.get(lab.submit({"main.py": LED_BY_HAND}, "main.py", str(tmp_path)))
    page.goto(f"{lab.server.url}/projects/lab/jobs/{job.number}")
    lab.wait_for_line(job.id, "first line")

    page.get_by_role("button", name="Stop").click()
    if (dialog := page.get_by_role("dialog")).count():
        dialog.get_by_role("button", name="Stop").click()

    expect(page.locator("[data-class~=job-status-stopped]").first).to_be_visible(timeout=20_000)


def test_a_page_catches_up_after_the_server_was_away(lab: Lab, page: Page, tmp_path: Path) -> None:
    job = lab.client.jobs.get(lab.submit({"main.py": LED_BY_HAND}, "main.py", str(tmp_path)))
    page.goto(f"{lab.server.url}/projects/lab/jobs/{job.number}")
    lab.wait_for_line(job.id, "first line")
    expect(page.locator("[data-class~=job-status-running]").first).to_be_visible()

    lab.server.stop()
    (tmp_path / "go-on").touch()
    (tmp_path / "end").touch()
    lab.server.start()

    expect(page.locator("[data-class~=job-status-completed]").first).to_be_visible(timeout=30_000)
