"""Run the server and start it anew whenever a Python file under src/ changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

SOURCE = Path(__file__).resolve().parent.parent / "src"
LOOK_SECONDS = 0.5


def main() -> int:
    """Serve on the port given until TERM."""
    command = [
        sys.executable, "-m", "foundations_server.serving",
        "--home", os.environ["FOUNDATIONS_HOME"], "--host", "127.0.0.1", "--port", sys.argv[1],
        "--allow-origin", "http://localhost:3000",
    ]  # fmt: skip
    signal.signal(signal.SIGTERM, _leave)
    server = subprocess.Popen(command)
    try:
        seen = newest_change()
        while True:
            time.sleep(LOOK_SECONDS)
            now = newest_change()
            if now != seen:
                print("the source changed; starting the server anew", flush=True)
                stop(server)
                server, seen = subprocess.Popen(command), now
    finally:
        stop(server)


def newest_change() -> float:
    return max(path.stat().st_mtime for path in SOURCE.rglob("*.py"))


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
