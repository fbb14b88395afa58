"""The real thing: server, worker, command line and Debian's Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from support.programs import require_program

STATIC = Path(__file__).resolve().parents[2] / "src/foundations_server/static/index.html"

# --disable-gpu: without a GPU, Chromium's software one is a hundred times slower than none.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the stories of a file.

    Not for the session: as long as Playwright runs, so does its event loop, in which no other
    test could start one of its own.
    """
    path = require_program("chromium", "chromium-browser", "google-chrome")
    if not STATIC.is_file():
        pytest.fail("the GUI is not built; run `make gui`")
    if node := shutil.which("node"):  # the one that Playwright brings needs libatomic
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def note(line: ConsoleMessage, complaints: list[str]) -> None:
    """Keep what the page complains of, but for a server that a story has stopped."""
    if line.type == "error" and "net::ERR_" not in line.text:
        complaints.append(line.text)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; the story fails when the page logged an error or broke its policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: note(line, complaints))
    yield opened
    context.close()
    assert complaints == []
