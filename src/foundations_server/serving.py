"""Runs the server in this process: `python -m foundations_server.serving --home … --port …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import socket
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from foundations_server.app import Atlas, create_app
from foundations_server.platform import ballast
from foundations_server.platform.files import write_whole
from foundations_server.platform.settings import Settings, is_loopback
from foundations_wire.errors import AtlasError
from foundations_wire.unix_sockets import SCHEME, within_reach

_log = logging.getLogger(__name__)

REFUSED_BY_POLICY = 2
FAILED = 1
_STOP_SECONDS = 2
# The writing thread lets go of the interpreter with each statement, and would wait 5 ms for the
# event loop to give it back; a sixth more points come in this way.
_SWITCH_SECONDS = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until TERM or INT; return the exit status."""
    parser = argparse.ArgumentParser(prog="foundations_server.serving", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where data is kept")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=5555, help="0 takes a free one")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME")
    parser.add_argument("--allow-origin", action="append", default=[], metavar="ORIGIN")
    parser.add_argument(
        "--log-limit-mib",
        type=int,
        default=os.environ.get("FOUNDATIONS_LOG_LIMIT_MIB", "256"),
        help="how much of what each job prints is kept",
    )
    parser.add_argument(
        "--max-schedules",
        type=int,
        default=os.environ.get("FOUNDATIONS_MAX_SCHEDULES"),
        help="how many schedules there may be; any number by default",
    )
    options = parser.parse_args(arguments)
    if options.log_limit_mib < 1:
        parser.error("--log-limit-mib must be at least 1")
    settings = Settings(
        home=options.home,
        host=options.host,
        port=options.port,
        allowed_hosts=tuple(options.allow_host),
        allowed_origins=tuple(options.allow_origin),
        log_limit=options.log_limit_mib << 20,
        max_schedules=options.max_schedules,
    )
    return run(settings)


def run(settings: Settings) -> int:
    """Serve until TERM or INT; return 0, 1 when it cannot start, 2 when it must not."""
    if not is_loopback(settings.host):
        return _refuse(
            f"Atlas listens on this machine only, and {settings.host} is an address that others "
            f"reach: without a login everybody there could run code. Use --host 127.0.0.1.",
            REFUSED_BY_POLICY,
        )
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = create_app(settings)
    with contextlib.ExitStack() as opened:
        try:
            listeners = [opened.enter_context(_listen(settings))]
            app.parts.database.on_broken = _give_up
            app.parts.lifecycle.open()
            ballast.lay(settings.data)
        except AtlasError as error:
            return _refuse(error.message, FAILED)
        local = _listen_locally(settings.socket)
        if local is not None:
            listeners.append(opened.enter_context(local))
        server = _Server(_configure(app), app)
        asyncio.run(server.serve(listeners))
    return 0 if server.started else FAILED


def _give_up(sentence: str) -> None:
    """End at once: to close the database would write to the disk that failed."""
    sys.stderr.write(f"atlas-server: {sentence}\n")
    sys.stderr.flush()
    os._exit(FAILED)


class _Server(uvicorn.Server):
    """Says where it listens, and ends open long polls and streams when it stops."""

    def __init__(self, config: uvicorn.Config, app: Atlas) -> None:
        super().__init__(config)
        self._app = app
        self._file = app.parts.settings.run / "server.json"
        self._socket = app.parts.settings.socket

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            facts: dict[str, object] = {"host": host, "port": port, "pid": os.getpid()}
            if len(sockets) > 1:
                facts["socket"] = str(self._socket)
                _log.info("Atlas listens on %s%s", SCHEME, self._socket)
            _write(self._file, facts)
            _log.info("Atlas serves http://%s:%s from %s", host, port, self._file.parent.parent)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._file.unlink(missing_ok=True)
        if sockets and len(sockets) > 1:
            self._socket.unlink(missing_ok=True)
        # uvicorn would raise TERM again at the end; we were asked to stop and did: status 0.
        self._captured_signals.clear()
        self._app.parts.hints.close()
        await super().shutdown(sockets)


def _configure(app: Atlas) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; without, every
    # answer on a kept connection waits 40 ms for the peer's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise AtlasError(
            f"The server cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            f"Choose another port with --port."
        ) from error
    return listener


def _listen_locally(path: Path) -> socket.socket | None:
    """Listen on a Unix socket that only this user can open; without it TCP must do.

    A socket file that is there was left by a server that died: we hold the home's lock.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
        with within_reach(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        _log.warning("The server cannot listen on %s (%s); it listens on TCP only.", path, error)
        return None
    return listener


def _write(path: Path, data: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(data))


def _refuse(sentence: str, status: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
