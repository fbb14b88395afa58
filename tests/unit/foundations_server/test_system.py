from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foundations_client.transport import Request
from foundations_server.archive.blobs import MemoryBlobs
from foundations_server.platform.settings import Settings
from foundations_wire import codec, events
from foundations_wire.versions import PROTOCOL
from support.scenes import Scene, open_scene

STREAM = Request("GET", "/api/v1/events")


def read_hints(body: bytes) -> list[dict[str, Any]]:
    return [
        json.loads(block.partition(b"\ndata: ")[2])
        for block in body.split(b"\n\n")
        if block.startswith(b"event: hint")
    ]


def test_health_and_version_are_told(scene: Scene) -> None:
    health = scene.ask("GET", "/healthz")

    assert codec.decode(health.body)["status"] == "ok"
    info = scene.client.server.info()
    assert (info.protocol, info.time) == (PROTOCOL, "2030-03-17T17:46:40.000000Z")


def test_stream_says_hello_and_hints_at_what_changed(scene: Scene) -> None:
    scene.start_local("j1")
    with scene.transport.stream(STREAM) as stream:
        stream.wait_for(b"event: hello")
        assert stream.headers["content-type"].startswith("text/event-stream")
        at = scene.clock.now()
        scene.send("j1", events.ParamLogged(at, "secret-name", 1), events.TagSet(at, "k", ""))

        body = stream.wait_for(b'"tags"')

    hints = read_hints(body)
    assert {"topic": "job", "id": "j1", "project": "birds", "kind": "params"} in hints
    assert b"secret-name" not in body


def test_equal_hints_become_one_when_they_wait_together(scene: Scene) -> None:
    scene.start_local("j1")
    with scene.transport.stream(STREAM) as stream:
        stream.wait_for(b"event: hello")
        for _ in range(20):
            scene.log_metric("j1", "loss", [1.0])
        scene.finish_local("j1")

        body = stream.wait_for(b'"status"')

    kinds = [hint["kind"] for hint in read_hints(body) if hint["topic"] == "job"]
    assert kinds.count("metrics") < 10


def test_head_of_a_stream_is_not_a_stream(scene: Scene) -> None:
    assert scene.ask("HEAD", "/api/v1/events").status == 405


@pytest.mark.parametrize("method", ["POST", "PATCH", "OPTIONS"])
def test_wrong_method_is_told_which_are_right(scene: Scene, method: str) -> None:
    response = scene.ask(method, "/api/v1/jobs/j1")

    assert (response.status, response.headers["allow"]) == (405, "DELETE, GET, PUT")
    assert codec.decode(response.body)["title"] == "Method not allowed"
    assert scene.ask("POST", "/healthz").headers["allow"] == "GET"


def test_unknown_name_in_a_query_is_named(scene: Scene) -> None:
    response = scene.ask("GET", "/api/v1/projects?limt=5")

    assert response.status == 422
    assert codec.decode(response.body)["detail"] == (
        "'limt' is not known in the query; known are: limit, offset."
    )


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/jobs", "/api/v1/jobs/"])
def test_mistyped_call_is_told_so_and_gets_no_page(scene: Scene, path: str) -> None:
    response = scene.ask("GET", path)

    assert response.status == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_pages_are_served_with_the_right_caching(tmp_path: Path) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("the page")
    (static / "assets" / "app-1a2b.js").write_text("let x")
    (static / "icon.svg").write_text("<svg/>")
    with open_scene(tmp_path, settings=Settings(home=tmp_path, static=static)) as scene:
        page = scene.ask("GET", "/projects/birds/jobs")
        script = scene.ask("GET", "/assets/app-1a2b.js")
        icon = scene.ask("GET", "/icon.svg")
        absent = scene.ask("GET", "/assets/app-0000.js")

    assert (page.body, page.headers["cache-control"]) == (b"the page", "no-cache")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert absent.status == 404
    assert (icon.body, icon.headers["cache-control"]) == (b"<svg/>", "no-cache")


def test_page_says_how_to_build_it_when_it_is_absent(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, static=tmp_path / "absent")
    with open_scene(tmp_path, settings=settings) as scene:
        response = scene.ask("GET", "/")

    assert response.status == 200
    assert b"make gui" in response.body


class BrokenBlobs(MemoryBlobs):
    def find_size(self, sha256: str) -> int | None:
        raise RuntimeError(f"a bug about {sha256}")


def test_unexpected_error_is_a_problem_with_its_traceback_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_scene(tmp_path, blobs=BrokenBlobs()) as scene:
        response = scene.ask("GET", f"/api/v1/blobs/{'0' * 64}")

    problem = codec.decode(response.body)
    assert (response.status, problem["status"]) == (500, 500)
    assert "a bug" not in problem["detail"]
    assert problem["request_id"] in caplog.text
    assert "RuntimeError: a bug" in caplog.text


def test_version_in_a_query_is_for_caches_alone(scene: Scene) -> None:
    assert scene.ask("GET", "/api/v1/projects?v=1a2b").status == 200
