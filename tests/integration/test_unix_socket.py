"""The server's Unix socket: who may open it, what passes its gate, and life without a network."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from foundations_wire.jobs import JobStatus
from support.programs import is_strict
from support.scripts import Desk
from support.server import Server, running_server

SCRIPT = """
import foundations
print('job:', foundations.current_foundations_job().job_id)
foundations.log_metric('loss', [3.0, 2.0, 1.0])
open('a.txt', 'w').write('abc' * 1000)
foundations.save_artifact('a.txt')
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server") / "home") as started:
        yield started


def find_socket(server: Server) -> Path:
    return server.home / "run" / "server.sock"


def connect(path: Path) -> HttpTransport:
    return HttpTransport(f"unix://{path}")


def ask(path: Path, headers: dict[str, str]) -> int:
    """Return the status of a request over the socket with just these headers."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(str(path))
        connection = http.client.HTTPConnection("localhost")
        connection.sock = opened
        connection.putrequest("GET", "/api/v1/projects", skip_host=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
    return status


def test_only_the_owner_can_open_the_socket(server: Server) -> None:
    path = find_socket(server)

    assert stat.S_ISSOCK(path.stat().st_mode)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost"}, 200),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost", "Origin": "http://evil.example"}, 403),
        ({"Host": "localhost", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_the_gate_is_the_same_as_on_tcp_when_a_proxy_hands_on_a_browsers_request(
    server: Server, headers: dict[str, str], status: int
) -> None:
    assert ask(find_socket(server), headers) == status


def test_the_socket_comes_back_when_a_killed_server_left_its_file(tmp_path: Path) -> None:
    with running_server(tmp_path / "home") as server:
        transport = connect(find_socket(server))
        client = Client(transport)
        before = client.server.info().protocol
        server.kill()
        left_behind = find_socket(server).exists()
        server.start()

        after = client.server.info().protocol

        transport.close()
        server.stop()
        assert left_behind
        assert after == before
        assert not find_socket(server).exists()


def test_a_file_of_another_kind_is_kept_and_tcp_still_served(tmp_path: Path) -> None:
    (tmp_path / "home" / "run").mkdir(parents=True)
    (tmp_path / "home" / "run" / "server.sock").write_text("mine")

    with running_server(tmp_path / "home") as server:
        info = server.connect().server.info()

    assert info.protocol
    assert find_socket(server).read_text() == "mine"
    assert "it listens on TCP only" in server.log.read_text()


def test_a_home_with_a_long_path_has_a_socket_too(tmp_path: Path) -> None:
    with running_server(tmp_path / ("h" * 120)) as server:
        transport = connect(find_socket(server))
        info = Client(transport).server.info()
        transport.close()

    assert info.protocol


def test_a_process_without_a_network_logs_through_the_socket(
    server: Server, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "quiet", tmp_path / "home", f"unix://{find_socket(server)}")
    desk.write("main.py", SCRIPT)
    wrapper = ["unshare", "--net"] if can_unshare() else []
    if not wrapper and is_strict():
        pytest.fail("needs root and unshare")

    ran = subprocess.run(
        [*wrapper, sys.executable, "main.py"],
        cwd=desk.folder, env=desk._environment({}), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    job = server.connect().jobs.get(ran.stdout.split()[1])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert job.status is JobStatus.COMPLETED
    assert job.metrics[0].count == 3
    assert job.artifact_count == 1
    assert not list((desk.home / "journal").glob("*"))


def can_unshare() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "true"], check=False).returncode == 0


def test_the_command_and_a_config_may_name_the_socket(server: Server, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "quiet", tmp_path / "home")
    config = tmp_path / "home" / "config" / "submission" / "scheduler.config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"scheduler_url: unix://{find_socket(server)}\n")

    ran = desk.command("list", "jobs", "--json")

    assert ran.code == 0, ran.err
