"""`make devenv-start` and `make devenv-stop`: the server with reload, a worker, and Vite.

Everything runs detached with its output in devenv/.foundations/logs; the start waits until
the server answers on 5555 and the pages on localhost:3000.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "devenv" / ".foundations"
LOGS = HOME / "logs"
PIDS = ROOT / "devenv" / "pids"
SERVER_PORT = 5555
GUI_PORT = 3000
DEADLINE_SECONDS = 60.0

SERVICES = {
    "server": [sys.executable, str(ROOT / "tools" / "reloading_server.py"), str(SERVER_PORT)],
    "worker": [
        sys.executable, "-m", "foundations_worker", "--server", f"http://127.0.0.1:{SERVER_PORT}",
        "--home", str(HOME), "--slots", "1", "--executor", "process",
    ],
    "gui": ["npm", "run", "--silent", "dev", "--", "--port", str(GUI_PORT), "--strictPort"],
}  # fmt: skip
ANSWERS = {
    "server": f"http://127.0.0.1:{SERVER_PORT}/healthz",
    "gui": f"http://localhost:{GUI_PORT}/",
}


def main() -> int:
    """Return 0 when done, 1 when a service did not come up."""
    if sys.argv[1:] == ["start"]:
        stop()
        return start()
    if sys.argv[1:] == ["stop"]:
        stop()
        return 0
    print("usage: devenv.py start|stop", file=sys.stderr)
    return 2


def start() -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    PIDS.mkdir(parents=True, exist_ok=True)
    for name in SERVICES:
        launch(name)
        if name in ANSWERS and not wait_for(name):
            print(f"{name} did not answer; the end of its log {LOGS / name}.log:")
            print("\n".join((LOGS / f"{name}.log").read_text().splitlines()[-20:]))
            stop()
            return 1
    print(f"Atlas is at http://localhost:{GUI_PORT} (API on {SERVER_PORT}); logs in {LOGS}")
    return 0


def launch(name: str) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "FOUNDATIONS_HOME": str(HOME),
        "ATLAS_SERVER": f"http://127.0.0.1:{SERVER_PORT}",
    }
    folder = ROOT / "gui" if name == "gui" else ROOT
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            SERVICES[name], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    (PIDS / name).write_text(str(process.pid))


def wait_for(name: str) -> bool:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(ANSWERS[name], timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def stop() -> None:
    """Stop what an earlier start left, whole process groups at once."""
    for file in sorted(PIDS.glob("*")):
        group = int(file.read_text())
        if is_ours(group):
            os.killpg(group, signal.SIGTERM)
            wait_for_end(group)
        file.unlink()


def is_ours(pid: int) -> bool:
    """Whether the process is one that we started, and not another with its number."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return any(word in command for word in ("reloading_server", "foundations_worker", "npm"))


def wait_for_end(group: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
