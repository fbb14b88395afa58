"""Starts user code at most once and writes down how it ended.

`python -I -S guard.py <launch file>`. It runs alone, whatever becomes of the worker, so it
imports nothing of ours; the launch file names every file it uses. Exit status: 0 once the
exit record is written, 125 when the code had been started before and was not started again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

ALREADY_STARTED = 125
NOT_FOUND = 127
NOT_EXECUTABLE = 126

_FORWARDED = (signal.SIGTERM, signal.SIGINT)
_LOCK_TRIES = 40
_LOCK_PAUSE_S = 0.025
_DISK_PAUSE_S = 5.0


def run(launch_file: str, line: int, reach: Callable[[str], None]) -> int:
    """Be the guard of a nursery: as `main`, and complain into the attempt's folder."""
    launch = _read(launch_file)
    try:
        _redirect(launch["complaints"])
        reach("dispatch.before_9_guard")
        return _carry_out(launch, line, reach)
    except Exception:  # noqa: BLE001 - the last word of this process
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        return 1


def main(launch_file: str) -> int:
    """Carry out a launch file."""
    return _carry_out(_read(launch_file), None, _ignore)


def _carry_out(launch: dict[str, Any], line: int | None, reach: Callable[[str], None]) -> int:
    """Carry out a launch; `line` is a pipe that gets the exit record too."""
    # Held until this process ends: a free lock is the proof that the guard is gone.
    lock = os.open(launch["lock"], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock)
        _mark_started(launch["started"])
    except (BlockingIOError, FileExistsError):
        return ALREADY_STARTED
    record = {**_run(launch, reach), "at": time.time()}
    if line is None:
        _keep(launch["exit"], record)
    else:
        _tell(line, launch["exit"], record)
    return 0


def _tell(line: int, path: str, record: dict[str, Any]) -> None:
    """Let the worker know before the disk does: a slow or full one keeps nobody waiting."""
    with contextlib.suppress(OSError):
        write_json(path, record, is_lasting=False)
    with contextlib.suppress(OSError):  # the worker is gone and will look at the disk
        os.write(line, json.dumps(record).encode() + b"\n")
    _keep(path, record)


def _read(launch_file: str) -> dict[str, Any]:
    with open(launch_file, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs memory
        launch: dict[str, Any] = json.load(file)
    return launch


def _ignore(_name: str) -> None:
    """Be no failpoint."""


def _take(lock: int) -> None:
    """Take the lock; whoever only looks at it holds it for a moment."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE_S)
        else:
            return
    raise BlockingIOError


def _mark_started(path: str) -> None:
    marker = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fsync(marker)
    os.close(marker)
    _sync_folder(path)


def _keep(path: str, record: dict[str, Any]) -> None:
    """Write the exit record; on a full disk, as soon as there is room."""
    while True:
        try:
            write_json(path, record)
        except FileNotFoundError:
            return  # the attempt's folder was removed: nobody will ask
        except OSError:
            time.sleep(_DISK_PAUSE_S)
        else:
            return


def _run(launch: dict[str, Any], reach: Callable[[str], None]) -> dict[str, Any]:
    """Run the command to its end and return the exit record without its moment."""
    # Blocked until both sides are ready for them, so that none is lost in between.
    signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    # The write end closes when the program replaces the child: then nothing went wrong.
    problems, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _become(launch, tell)
    os.close(tell)
    with contextlib.suppress(PermissionError):  # the child was first, and is its program
        os.setpgid(child, child)
    told: list[int] = []

    def forward(received: int, _frame: object) -> None:
        told.append(received)
        _signal_group(child, received)

    for number in _FORWARDED:
        signal.signal(number, forward)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
    problem = _read_all(problems)
    reach("dispatch.after_9_guard")
    if hasattr(os, "waitid"):
        # It stays a zombie until its group is gone, so that the number cannot be reused.
        _wait_among_orphans(child)
        _signal_group(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    _end_orphans()
    signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = None if signalled else os.WEXITSTATUS(status)
    return {"code": code, "signal": signalled, "problem": problem or None, "told": told}


def _wait_among_orphans(child: int) -> None:
    """Wait for the child's end; processes of the job that lost their parent may be ours too."""
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)) is not None:
        if ended.si_pid == child:
            return
        os.waitpid(ended.si_pid, 0)


def _end_orphans() -> None:
    """Kill what became our child, and then what that makes our children, until none is left."""
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                for orphan in _list_children():
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(orphan, signal.SIGKILL)
                os.waitpid(-1, 0)


def _list_children() -> list[int]:
    own, children = str(os.getpid()).encode(), []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:  # noqa: PTH112, PTH208 - see above
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - see above
                if file.read().rpartition(b") ")[2].split()[1] == own:
                    children.append(int(name))
    return children


def _signal_group(leader: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _become(launch: dict[str, Any], tell: int) -> None:
    """Turn this child into the user's program; never returns."""
    code, problem = NOT_EXECUTABLE, ""
    command = launch["argv"][0]
    try:
        os.setpgid(0, 0)
        for number in (*_FORWARDED, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
        write_json(launch["process"], identify(os.getpid()), is_lasting=False)
        _redirect(launch["output"])
        try:
            os.chdir(launch["cwd"])
        except OSError as error:
            code, problem = NOT_FOUND, f"working directory {launch['cwd']}: {error.strerror}"
            return
        os.execvpe(command, launch["argv"], launch["environment"])  # noqa: S606 - its purpose
    except FileNotFoundError:
        code, problem = NOT_FOUND, f"command not found: {command}"
    except OSError as error:
        problem = f"command cannot be executed: {command} ({error.strerror})"
    finally:
        os.write(tell, problem.encode("utf-8", "replace")[:1000])
        os._exit(code)


def _redirect(output: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _read_all(source: int) -> str:
    pieces = []
    while piece := os.read(source, 1024):
        pieces.append(piece)
    os.close(source)
    return b"".join(pieces).decode("utf-8", "replace")


def identify(pid: int) -> dict[str, Any] | None:
    """Return what tells a process from a later one of the same number; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - see above
            fields = file.read().rpartition(b") ")[2].split()
    except FileNotFoundError:
        return _identify_without_proc(pid)
    except ProcessLookupError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return {"pid": pid, "started": fields[19].decode(), "boot": read_boot_id()}


def _identify_without_proc(pid: int) -> dict[str, Any] | None:
    """Where there is no /proc, as on macOS, the number must do."""
    if os.path.exists("/proc/self/stat"):  # noqa: PTH110 - see above
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    return {"pid": pid, "started": "", "boot": ""}


def read_boot_id() -> str:
    """Return what is different after each start of the machine; empty where nothing is."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return ""
        raise


def write_json(path: str, data: Any, *, is_lasting: bool = True) -> None:
    """Write a file that is either whole or not there, if `is_lasting` also after a power cut."""
    unfinished = f"{path}.{os.getpid()}.unfinished"
    with open(unfinished, "w", encoding="utf-8") as file:  # noqa: PTH123 - see above
        json.dump(data, file)
        if is_lasting:
            file.flush()
            os.fsync(file.fileno())
    os.replace(unfinished, path)  # noqa: PTH105 - see above
    if is_lasting:
        _sync_folder(path)


def _sync_folder(path: str) -> None:
    folder = os.open(os.path.dirname(path), os.O_RDONLY)  # noqa: PTH120 - see above
    os.fsync(folder)
    os.close(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
