"""The demo's path: server, worker, command line, search, and the pages in Chromium."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.ports import find_free_port

ROOT = Path(__file__).resolve().parents[2]
SERVING = "Atlas is serving"
DEADLINE_SECONDS = 300  # the first job installs scikit-learn


@dataclass(frozen=True)
class Demo:
    address: str
    output: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as `make demo` runs it, serving; stopped with Ctrl-C at the end."""
    folder, port = tmp_path_factory.mktemp("demo"), find_free_port()
    command = [sys.executable, str(ROOT / "tools/demo.py")]
    log = folder / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--folder", str(folder / "demo")],
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for_text(process, log, SERVING)
            yield Demo(f"http://127.0.0.1:{port}", log.read_text())
        finally:
            process.send_signal(signal.SIGINT)
            status = process.wait(timeout=60)
    assert status == 0, log.read_text()


def wait_for_text(process: subprocess.Popen[bytes], log: Path, text: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def test_the_terminal_shows_the_log_lines_and_the_result_table(demo: Demo) -> None:
    output = demo.output

    assert "Job submitted with ID" in output
    assert "has completed." in output
    assert output.count("ended: completed") == 8
    assert "learning rate" in output
    assert f"Open {demo.address}/projects" in output


def test_projects_are_listed_with_their_jobs(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}/")

    expect(page.get_by_text("my-first-project").first).to_be_visible()
    page.get_by_role("link", name="digits").first.click()
    expect(page.locator("[data-class=job-table-row]")).to_have_count(8)
    expect(page.locator("[data-class~=job-status-completed]")).to_have_count(8)
    expect(page.get_by_role("columnheader", name="learning_rate")).to_be_visible()
    expect(page.get_by_role("columnheader", name="accuracy")).to_be_visible()


def test_a_job_shows_its_chart_its_log_line_and_its_image(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}/projects/digits/jobs/1")
    expect(page.get_by_text("learning_rate").first).to_be_visible()

    page.get_by_role("tab", name="Charts").click()
    chart = page.get_by_role("img", name="accuracy")
    expect(chart).to_be_visible()
    assert count_drawn_pixels(page) > 100

    page.get_by_role("tab", name="Logs").click()
    expect(page.locator("[data-class=logs-container]")).to_contain_text("epoch 15  accuracy")

    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("confusion matrix").first.click()
    image = page.get_by_role("img", name="confusion matrix")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 200


def count_drawn_pixels(page: Page) -> int:
    """Return how many pixels of the first chart's canvas are not transparent."""
    count: int = page.locator("canvas").first.evaluate(
        """canvas => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let drawn = 0;
          for (let i = 3; i < data.length; i += 4) drawn += data[i] > 0 ? 1 : 0;
          return drawn;
        }"""
    )
    return count


def test_the_queue_page_says_that_nothing_waits(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}/queue")

    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
