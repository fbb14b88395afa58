"""The wheel alone, in a clean environment without Node: start, submit, page."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from support.ports import find_free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel and its pinned dependencies, nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    uv = [sys.executable, "-m", "uv"]
    python = folder / "venv/bin/python"
    subprocess.run([*uv, "venv", "--quiet", str(folder / "venv")], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", str(python)]
    pins = str(ROOT / "requirements.txt")
    subprocess.run([*install, "--require-hashes", "--requirement", pins], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    return folder / "venv/bin"


def test_a_job_runs_and_the_page_shows_when_only_the_wheel_is_installed(
    environment: Path, tmp_path: Path
) -> None:
    port = find_free_port()
    variables = {
        "PATH": f"{environment}:/usr/bin-without-node",
        "HOME": str(tmp_path),
        "FOUNDATIONS_SERVER": f"http://127.0.0.1:{port}",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }

    def run(*command: str) -> str:
        words = [str(environment / command[0]), *command[1:]]
        done = subprocess.run(
            words, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("atlas-server", "start", "--port", str(port))
    try:
        run("foundations", "init", "sample")
        submitted = run("foundations", "submit", "--wait", "scheduler", "sample", "main.py")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/projects") as answer:
            page = answer.read().decode()
    finally:
        run("atlas-server", "stop")

    assert "has completed." in submitted
    assert '<div id="root">' in page
