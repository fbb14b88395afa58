from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.transport import Request
from foundations_server.platform.settings import Settings
from foundations_wire import codec
from foundations_wire.versions import PROTOCOL
from support.scenes import Scene, open_scene

CANARY = b"the canary sings"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A server for many requests that change nothing."""
    with open_scene(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:5555", "localhost:3000", "LOCALHOST", "[::1]:80", "[::1]"],
)
def test_loopback_names_are_let_in(door: Scene, host: str) -> None:
    assert door.ask("GET", "/api/v1/server", host=host).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/jobs", "/api/v1/events", "/", "/x.js"])
def test_foreign_host_is_refused_on_every_path(door: Scene, method: str, path: str) -> None:
    response = door.ask(method, path, host="evil.com")

    assert response.status == 403
    assert codec.decode(response.body)["type"] == "/problems/refused"


@pytest.mark.parametrize(
    "host",
    ["", "evil.com:5555", "127.0.0.1.evil.com", "localhost.evil.com", "127.0.0.1@evil.com",
     "127.0.0.1:", "127.0.0.1:5555:80", "[::1", "::1", "0.0.0.0", "2130706433"],  # noqa: S104
)  # fmt: skip
def test_host_that_only_looks_like_loopback_is_refused(door: Scene, host: str) -> None:
    assert door.ask("GET", "/api/v1/server", host=host).status == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.com", "null", "http://127.0.0.1:9999", "http://localhost:5555",
     "http://127.0.0.1:5555.evil.com", "file://", "http://x@127.0.0.1:5555", "", "http://[::1"],
)  # fmt: skip
def test_foreign_origin_is_refused(door: Scene, origin: str) -> None:
    response = door.ask("POST", "/api/v1/queue/clear", origin=origin)

    assert response.status == 403
    assert response.headers["x-content-type-options"] == "nosniff"
    assert not any(name.startswith("access-control") for name in response.headers)


def test_own_origin_is_let_in(door: Scene) -> None:
    own = door.ask("POST", "/api/v1/queue/clear", origin="http://127.0.0.1:5555")

    assert own.status == 200


def test_allowed_names_and_origins_are_let_in(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, allowed_hosts=("atlas.lan",), allowed_origins=("http://localhost:3000",)
    )
    with open_scene(tmp_path, settings=settings) as scene:
        by_name = scene.ask("GET", "/api/v1/server", host="atlas.lan:5555")
        by_origin = scene.ask("GET", "/api/v1/server", origin="http://localhost:3000")

    assert (by_name.status, by_origin.status) == (200, 200)


def test_other_sites_may_link_but_not_use(door: Scene) -> None:
    def ask(method: str, path: str, mode: str, dest: str) -> int:
        return door.ask(
            method, path, sec_fetch_site="cross-site", sec_fetch_mode=mode, sec_fetch_dest=dest
        ).status

    assert ask("GET", "/projects", "navigate", "document") == 200
    assert ask("GET", "/projects", "navigate", "iframe") == 403
    assert ask("GET", "/api/v1/jobs", "no-cors", "image") == 403
    assert ask("POST", "/api/v1/queue/clear", "navigate", "document") == 403


def test_other_protocol_is_told_so(door: Scene) -> None:
    response = door.ask(
        "GET", "/api/v1/jobs", foundations_protocol="999", foundations_version="9.9"
    )

    assert response.status == 426
    assert "9.9" in codec.decode(response.body)["detail"]
    assert response.headers["foundations-protocol"] == str(PROTOCOL)


def test_every_answer_is_marked(door: Scene) -> None:
    for path in ("/healthz", "/api/v1/jobs", "/api/v1/nothing"):
        headers = door.ask("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["cache-control"] == "no-store"
        assert headers["foundations-version"]
        assert "server" not in headers


def list_files(home: Path) -> set[Path]:
    """Return all files; the database's own come and go with its connections."""
    return {path for path in home.rglob("*") if not path.name.startswith("atlas.db")}


# Attack cases P-01: identifiers.
BAD_IDS = ["..", ".", "%2e%2e", "..%2f..%2fetc", "..%5cx", "%2fetc%2fpasswd", "C:%5cx", "a" * 300,
           ".hidden", "-x", "a%00b", "a%0ab", "a%20", "a%0d%0aX:1", "%ff"]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_IDS)
def test_bad_identifier_is_refused_before_any_file_call(door: Scene, bad: str) -> None:
    body = {"project": "p", "command": ["x"]}
    batch = {"producer": "p", "first": 0, "events": []}
    hello = {"name": "w", "host": "h", "executor": "process", "slots": 1, "gpus": 0,
             "version": "0"}  # fmt: skip
    calls = [
        ("PUT", f"/api/v1/jobs/{bad}", body),
        ("GET", f"/api/v1/jobs/{bad}", None),
        ("DELETE", f"/api/v1/jobs/{bad}", None),
        ("POST", f"/api/v1/jobs/{bad}/stop", None),
        ("POST", f"/api/v1/jobs/{bad}/events", batch),
        ("GET", f"/api/v1/jobs/{bad}/log", None),
        ("GET", f"/api/v1/jobs/{bad}/log?download=1", None),
        ("PUT", f"/api/v1/jobs/{bad}/log?offset=0", b"x"),
        ("GET", f"/api/v1/jobs/{bad}/archive.tgz", None),
        ("GET", f"/api/v1/blobs/{bad}", None),
        ("PUT", f"/api/v1/blobs/{bad}", b"x"),
        ("PUT", f"/api/v1/bundles/{bad}", b"x"),
        ("GET", f"/api/v1/bundles/{bad}", None),
        ("PUT", f"/api/v1/workers/{bad}", hello),
        ("GET", f"/api/v1/projects/{bad}", None),
    ]
    before = list_files(door.home)

    statuses = {f"{method} {path}": door.ask(method, path, b).status for method, path, b in calls}

    assert set(statuses.values()) <= {404, 422}, statuses
    assert list_files(door.home) == before
    assert door.client.jobs.list().total == 0


# Attack cases P-02 and P-12: paths into files.
@pytest.mark.parametrize(
    "attack",
    ["..%2f..%2fcanary", "..%252f..%252fcanary", "../../canary", "....//canary", "..;/canary",
     "/canary", "file:%2f%2f%2fcanary", "x%23/../canary", "%3f/../canary", "..%5c..%5ccanary",
     "%00canary", "canary%00.png", "a" * 5000],
)  # fmt: skip
def test_no_path_leads_out_of_the_served_folders(tmp_path: Path, attack: str) -> None:
    home = tmp_path / "home"
    static = tmp_path / "static"
    static.mkdir()
    (static / "index.html").write_text("the page")
    for place in (tmp_path, home, home / "data"):
        place.mkdir(exist_ok=True)
        (place / "canary").write_bytes(CANARY)
    with open_scene(home, settings=Settings(home=home, static=static)) as scene:
        scene.start_local("j1")
        base = "/api/v1/jobs/j1"
        paths = [f"{base}/artifacts/{attack}/content", f"{base}/archive/{attack}",
                 f"/api/v1/blobs/{attack}", f"/{attack}", f"/assets/{attack}"]  # fmt: skip

        answers = [scene.ask("GET", path) for path in paths]

    assert all(CANARY not in answer.body for answer in answers)
    assert all(answer.status in (404, 422) for answer in answers[:3])
    assert all(answer.body == b"the page" or answer.status == 404 for answer in answers[3:]), (
        urllib.parse.unquote(attack)
    )


def test_static_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    static = tmp_path / "static"
    static.mkdir()
    (static / "index.html").write_text("the page")
    (tmp_path / "canary").write_bytes(CANARY)
    (static / "link").symlink_to(tmp_path / "canary")
    with open_scene(tmp_path, settings=Settings(home=tmp_path, static=static)) as scene:
        assert scene.ask("GET", "/link").body == b"the page"


def test_two_hosts_are_refused(door: Scene) -> None:
    request = Request("GET", "/api/v1/server", {"Host": "127.0.0.1", "host": "evil.com"})

    assert door.transport.send(request).status == 403
