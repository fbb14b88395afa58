"""`make demo`: start Atlas, run the sample jobs, show the result, serve until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FOLDER = ROOT / "devenv" / "demo"
PROJECT = "my-first-project"


class DemoFailedError(Exception):
    """A command of the demo ended with an error that it has already printed."""


def main() -> int:
    """Return 0 when everything ran, 1 when a step failed (the step has said why)."""
    options = parse_options()
    signal.signal(signal.SIGTERM, interrupt)
    folder = options.folder.resolve()
    environment = make_environment(options.port, folder)
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    say(
        f"Starting Atlas on port {options.port}; its data lie in {environment['FOUNDATIONS_HOME']}"
    )
    if run("atlas-server", "start", "--port", str(options.port), "--workers", "2",
           environment=environment, check=False):  # fmt: skip
        return 1
    try:
        run_sample(environment)
        run_search(environment)
        say_where(options.port)
        if not options.once:
            wait_for_interrupt()
    except DemoFailedError:
        return 1
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    finally:
        say("Stopping Atlas")
        run("atlas-server", "stop", environment=environment, check=False)
    return 0


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Take TERM for Ctrl-C: stop Atlas, then leave."""
    raise KeyboardInterrupt


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5555, help="where the server listens")
    parser.add_argument(
        "--folder", type=Path, default=DEFAULT_FOLDER, help="where its data and project lie"
    )
    parser.add_argument("--once", action="store_true", help="stop at the end instead of serving")
    return parser.parse_args()


def make_environment(port: int, folder: Path) -> dict[str, str]:
    """Return an environment whose Atlas lives in the checkout, apart from the user's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FOUNDATIONS_")}
    commands = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{commands}:{kept.get('PATH', '')}",
        "FOUNDATIONS_HOME": str(folder / "home"),
        "FOUNDATIONS_SERVER": f"http://127.0.0.1:{port}",
    }


def run_sample(environment: dict[str, str]) -> None:
    """Make the sample project as a new user would, and submit it with its log on screen."""
    shutil.rmtree(PROJECT, ignore_errors=True)
    say("A first project")
    run("foundations", "init", PROJECT, environment=environment)
    run(
        "foundations", "submit", "--wait", "scheduler", PROJECT, "main.py", environment=environment
    )


def run_search(environment: dict[str, str]) -> None:
    say("A search: eight jobs, scikit-learn on digits (the first one installs its requirements)")
    run("python", str(ROOT / "examples/digits/search.py"), environment=environment)


def say_where(port: int) -> None:
    say(f"Open http://127.0.0.1:{port}/projects in a browser")


def wait_for_interrupt() -> None:
    """Serve until Ctrl-C or TERM."""
    print("Atlas is serving; press Ctrl-C to stop it.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print(flush=True)


def say(text: str) -> None:
    print(f"\n\033[1m▸ {text}\033[0m" if sys.stdout.isatty() else f"\n▸ {text}", flush=True)


def run(program: str, *arguments: str, environment: dict[str, str], check: bool = True) -> int:
    """Run a command of this environment in the demo's folder, showing it as a user types it."""
    shown = [Path(word).name if word.startswith(str(ROOT)) else word for word in arguments]
    print(f"$ {' '.join([program, *shown])}", flush=True)
    path = str(Path(sys.executable).parent / program)
    status = subprocess.run([path, *arguments], env=environment, check=False).returncode
    if check and status:
        raise DemoFailedError
    return status


if __name__ == "__main__":
    sys.exit(main())
