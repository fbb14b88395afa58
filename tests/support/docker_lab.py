"""A real server with a real Docker worker, with no container of ours left after it."""

from __future__ import annotations

import signal
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from foundations_worker.paths import WorkerPaths
from support.docker import BASE_IMAGE, Engine
from support.server import running_server
from support.workers import Lab, WorkerProcess


@dataclass
class DockerLab(Lab):
    """A lab whose jobs run in containers of `engine`; `options` are those of its worker."""

    engine: Engine
    options: tuple[str, ...] = ()

    @property
    def install(self) -> str:
        return WorkerPaths(self.worker.home).id.read_text().strip()

    def start_worker(self) -> None:
        self.worker.start(
            "--executor", "docker", "--docker-host", self.engine.address,
            "--image", BASE_IMAGE, "--network", "none", *self.options,
        )  # fmt: skip

    def containers(self) -> list[str]:
        """Return the names of this worker's containers, the ended ones included."""
        label = f"label=atlas.install={self.install}"
        return self.engine.docker(
            "ps", "-a", "--filter", label, "--format", "{{.Names}}"
        ).splitlines()


@contextmanager
def running_docker_lab(
    folder: Path, engine: Engine, *options: str, variables: Mapping[str, str] | None = None
) -> Iterator[DockerLab]:
    """Lend a started server and a started worker with these options and variables."""
    with running_server(folder / "server") as server:
        worker = WorkerProcess(server.url, folder / "worker-home", slots=2)
        worker.variables.update(variables or {})
        lab = DockerLab(server, worker, folder / "jobs", engine, options)
        lab.start_worker()
        try:
            yield lab
        finally:
            lab.transport.close()
            worker.end(signal.SIGKILL)
            if names := lab.containers():
                engine.docker("rm", "-f", "-v", *names)


def make_wheel(folder: Path, name: str, version: str, text: str) -> Path:
    """Write a wheel with one module, so that an installation needs no network."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    facts = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{facts}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{facts}/RECORD"))
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**files, f"{facts}/RECORD": record}.items():
            archive.writestr(path, content)
    return wheel


class _Registry(BaseHTTPRequestHandler):
    """A registry that has nothing, and lets nobody have what begins with `private`."""

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self._answer(200, b"{}")
        elif "/private" in self.path:
            self._answer(401, _error("UNAUTHORIZED", "authentication required"))
        else:
            self._answer(404, _error("MANIFEST_UNKNOWN", "manifest unknown"))

    do_HEAD = do_GET  # noqa: N815 - its name there

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def empty_registry() -> Iterator[str]:
    """Lend the host and port of a registry without images."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _error(code: str, message: str) -> bytes:
    return f'{{"errors": [{{"code": "{code}", "message": "{message}"}}]}}'.encode()
