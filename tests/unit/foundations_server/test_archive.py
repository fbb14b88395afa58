from __future__ import annotations

import hashlib
import io
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundations_server.app import create_app
from foundations_server.archive.blobs import MemoryBlobs
from foundations_server.archive.pins import Pins
from foundations_server.platform.clock import FakeClock
from foundations_server.platform.settings import Settings
from foundations_wire import events
from foundations_wire.archive import FileEntry, Manifest
from foundations_wire.errors import (
    InvalidBundle,
    InvalidRequest,
    NotFound,
    StorageFull,
    UnknownArtifact,
    UnknownBlob,
    UnknownJob,
)
from support.scenes import Scene, open_scene

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def list_files(home: Path) -> set[str]:
    folders = [home / "data" / name for name in ("blobs", "bundles", "logs")]
    return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}


def make_bundle() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        info = tarfile.TarInfo("main.py")
        info.size = 8
        tar.addfile(info, io.BytesIO(b"print(1)"))
    return buffer.getvalue()


def put_bundle(scene: Scene, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    scene.client.archive.put_bundle(sha256, io.BytesIO(data), len(data))
    return sha256


def entry(path: str, sha256: str, size: int = 3) -> FileEntry:
    return FileEntry(path, sha256, size)


@pytest.mark.scenario(16)
def test_artifacts_are_listed_by_key_and_the_last_file_wins(scene: Scene) -> None:
    scene.start_local("j1")
    scene.save_artifact("j1", "roc", "plots/roc.png", PNG)
    scene.save_artifact("j1", "model", "old.txt", b"old")
    scene.save_artifact("j1", "model", "new.txt", b"new")

    items = scene.client.jobs.artifacts("j1").items

    assert [(item.key, item.path, item.media_type) for item in items] == [
        ("model", "new.txt", "text/plain"),
        ("roc", "plots/roc.png", "image/png"),
    ]
    assert scene.client.jobs.get("j1").artifact_count == 2


def test_artifact_is_served_sealed_with_its_type(scene: Scene) -> None:
    scene.start_local("j1")
    scene.save_artifact("j1", "deep/plot ü.html", "plot.html", b"<html><script>1</script>")

    url = scene.client.jobs.artifacts("j1").items[0].url
    response = scene.ask("GET", url)

    assert response.body == b"<html><script>1</script>"
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in response.headers
    assert scene.ask("HEAD", url).headers["content-length"] == "24"


def test_artifact_is_asked_for_again_and_sent_only_when_it_changed(scene: Scene) -> None:
    scene.start_local("j1")
    scene.save_artifact("j1", "a", "a.txt", b"one")
    url = "/api/v1/jobs/j1/artifacts/a/content"
    tag = scene.ask("GET", url).headers["etag"]

    same = scene.ask("GET", url, if_none_match=tag)
    scene.save_artifact("j1", "a", "a.txt", b"two")
    changed = scene.ask("GET", url, if_none_match=tag)

    assert (same.status, same.body) == (304, b"")
    assert (changed.status, changed.body) == (200, b"two")
    assert "no-cache" in changed.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
        ('x"; evil="1',
         "attachment; filename=\"x__ evil__1\"; filename*=UTF-8''x%22%3B%20evil%3D%221"),
        ("dir/über.txt", "attachment; filename=\"_ber.txt\"; filename*=UTF-8''%C3%BCber.txt"),
        ("a\u202etxt.exe",
         "attachment; filename=\"a_txt.exe\"; filename*=UTF-8''a%E2%80%AEtxt.exe"),
    ],
)  # fmt: skip
def test_download_is_named_safely(scene: Scene, path: str, header: str) -> None:
    scene.start_local("j1")
    scene.save_artifact("j1", "key", path, b"abc")

    response = scene.ask("GET", "/api/v1/jobs/j1/artifacts/key/content?download=1")

    assert response.headers["content-disposition"] == header


@pytest.mark.parametrize(
    ("asked", "status", "body", "answered"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-9", 200, b"0123456789", None),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-4", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("bytes=" + "9" * 40 + "-", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_ranges_of_blobs(
    scene: Scene, asked: str, status: int, body: bytes, answered: str | None
) -> None:
    sha256 = scene.put_blob(b"0123456789")

    response = scene.ask("GET", f"/api/v1/blobs/{sha256}", range=asked)

    assert (response.status, response.body) == (status, body)
    assert response.headers.get("content-range") == answered


def test_range_is_sent_only_of_the_content_that_was_begun(scene: Scene) -> None:
    sha256 = scene.put_blob(b"0123456789")
    path = f"/api/v1/blobs/{sha256}"

    same = scene.ask("GET", path, range="bytes=7-", if_range=f'"{sha256}"')
    other = scene.ask("GET", path, range="bytes=7-", if_range='"other"')
    dated = scene.ask("GET", path, range="bytes=7-", if_range="Tue, 24 Nov 2026 00:00:00 GMT")

    assert (same.status, same.body) == (206, b"789")
    assert (other.status, other.body) == (dated.status, dated.body) == (200, b"0123456789")


def test_log_is_empty_from_an_offset_beyond_its_end(scene: Scene) -> None:
    scene.start_local("j1")
    scene.client.logs.append("j1", 0, b"line")
    scene.finish_local("j1")

    response = scene.ask("GET", "/api/v1/jobs/j1/log?offset=4611686018427387903")

    assert (response.status, response.body) == (200, b"")


def test_missing_contents_are_named_and_uploads_checked(scene: Scene) -> None:
    stored = scene.put_blob(b"abc")
    absent = hashlib.sha256(b"other").hexdigest()

    assert scene.client.archive.find_missing([stored, absent]) == [absent]
    with pytest.raises(InvalidRequest, match="changed on the way"):
        scene.client.archive.put_blob(absent, io.BytesIO(b"not it"), 6)

    assert scene.client.archive.find_missing([absent]) == [absent]
    assert list_files(scene.home) == {stored}
    sink = io.BytesIO()
    scene.client.archive.get_blob(stored, sink)
    assert sink.getvalue() == b"abc"
    with pytest.raises(UnknownBlob):
        scene.client.archive.get_blob(absent, sink)


def test_large_blob_comes_back_as_it_went(scene: Scene) -> None:
    data = bytes(range(256)) * 20_000

    sha256 = scene.put_blob(data)
    again = scene.put_blob(data)

    sink = io.BytesIO()
    scene.client.archive.get_blob(sha256, sink)
    assert sink.getvalue() == data
    assert again == sha256


@pytest.mark.parametrize(
    "data", [b"", b"not an archive", make_bundle()[:-20]], ids=["empty", "text", "cut off"]
)
def test_bundle_that_is_no_archive_is_refused_and_not_stored(scene: Scene, data: bytes) -> None:
    with pytest.raises(InvalidBundle):
        put_bundle(scene, data)

    assert list_files(scene.home) == set()


def test_bundle_comes_back_and_a_job_can_name_it(scene: Scene) -> None:
    data = make_bundle()
    sha256 = put_bundle(scene, data)

    scene.submit("j1", bundle=sha256)

    sink = io.BytesIO()
    scene.client.archive.get_bundle(sha256, sink)
    assert sink.getvalue() == data


@pytest.mark.scenario(40)
def test_archive_is_packed_under_the_jobs_id(scene: Scene) -> None:
    scene.start_local("j1")
    long_path = "/".join(["deep" * 10] * 6) + "/ü.txt"
    big = bytes(range(256)) * 3000
    files = [
        FileEntry("main.py", scene.put_blob(b"print(1)"), 8, 0o755),
        FileEntry(long_path, scene.put_blob(big), len(big)),
        FileEntry("empty", scene.put_blob(b""), 0),
    ]
    scene.client.archive.put_manifest("j1", Manifest("artifacts", files))

    sink = io.BytesIO()
    scene.client.archive.get_archive("j1", sink)

    sink.seek(0)
    with tarfile.open(fileobj=sink, mode="r:gz") as tar:
        contents = {
            member.name: (reader.read() if (reader := tar.extractfile(member)) else None)
            for member in tar.getmembers()
        }
        assert tar.getmember("j1/main.py").mode == 0o755
    assert contents == {
        "j1": None,
        "j1/main.py": b"print(1)",
        f"j1/{long_path}": big,
        "j1/empty": b"",
    }


def test_manifest_replaces_the_one_before_and_may_be_empty(scene: Scene) -> None:
    scene.start_local("j1")
    sha256 = scene.put_blob(b"abc")
    archive = scene.client.archive
    with pytest.raises(NotFound, match="no archived `code`"):
        archive.get_manifest("j1", "code")

    archive.put_manifest("j1", Manifest("code", [entry("b", sha256), entry("a", sha256)]))
    first = archive.get_manifest("j1", "code")
    archive.put_manifest("j1", Manifest("code", []))

    assert [file.path for file in first.files] == ["a", "b"]
    assert archive.get_manifest("j1", "code").files == []


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a//b", "a/./b", "a/..", "", "a\0b", ".", "a/"]
)
def test_manifest_is_refused_when_a_path_leaves_the_folder(scene: Scene, path: str) -> None:
    scene.start_local("j1")
    sha256 = scene.put_blob(b"abc")

    with pytest.raises(InvalidRequest):
        scene.client.archive.put_manifest("j1", Manifest("code", [entry(path, sha256)]))


def test_manifest_is_refused_when_something_in_it_cannot_be(scene: Scene) -> None:
    scene.start_local("j1")
    sha256 = scene.put_blob(b"abc")
    archive = scene.client.archive

    for files in (
        [entry("a", sha256), entry("a", sha256)],
        [FileEntry("a", sha256, -1)],
        [FileEntry("a", sha256, 4)],
        [FileEntry("a", sha256, 1 << 70)],
        [FileEntry("a", sha256, 3, 0o4755)],
        [FileEntry("a", "../../x", 3)],
    ):
        with pytest.raises(InvalidRequest):
            archive.put_manifest("j1", Manifest("code", files))
    with pytest.raises(InvalidRequest, match="area"):
        archive.put_manifest("j1", Manifest("else", []))
    with pytest.raises(UnknownBlob):
        archive.put_manifest("j1", Manifest("code", [entry("a", "0" * 64)]))
    with pytest.raises(UnknownJob):
        archive.put_manifest("j2", Manifest("code", []))


@pytest.mark.scenario(39)
def test_delete_leaves_nothing_of_a_job_behind(scene: Scene) -> None:
    bundle = put_bundle(scene, make_bundle())
    scene.submit("j1", bundle=bundle)
    scene.hello()
    lease = scene.lease()[0]
    at = scene.clock.now()
    scene.send("j1", events.ParamLogged(at, "lr", 1), events.TagSet(at, "best", ""))
    scene.log_metric("j1", "loss", [1.0, 2.0])
    scene.save_artifact("j1", "roc", "roc.png", PNG)
    sha256 = scene.put_blob(b"abc")
    scene.client.archive.put_manifest("j1", Manifest("code", [entry("a", sha256)]))
    scene.client.logs.append("j1", 0, b"log")
    scene.finish(lease)

    scene.client.jobs.delete("j1")

    assert list_files(scene.home) == set()
    assert scene.client.projects.list().items == []
    page = scene.client.jobs.list()
    assert (page.items, page.param_names, page.metric_names) == ([], [], [])
    for call in (
        lambda: scene.client.jobs.get("j1"),
        lambda: scene.client.jobs.delete("j1"),
        lambda: scene.client.jobs.artifacts("j1"),
        lambda: scene.client.archive.get_manifest("j1", "code"),
    ):
        with pytest.raises(UnknownJob):
            call()


def test_shared_contents_survive_the_deletion_of_one_job(scene: Scene) -> None:
    bundle = put_bundle(scene, make_bundle())
    for job_id in ("j1", "j2"):
        scene.submit(job_id, bundle=bundle)
        scene.client.jobs.stop(job_id)
        scene.save_artifact(job_id, "shared", "a.txt", b"both")
        scene.save_artifact(job_id, "own", "a.txt", job_id.encode())

    scene.client.jobs.delete("j1")

    own = hashlib.sha256(b"j2").hexdigest()
    assert list_files(scene.home) == {bundle, own, hashlib.sha256(b"both").hexdigest()}


def test_content_survives_a_deletion_while_somebody_counts_on_it(scene: Scene) -> None:
    scene.start_local("j1")
    scene.save_artifact("j1", "a", "a.txt", b"both")
    scene.finish_local("j1")
    scene.start_local("j2")
    sha256 = hashlib.sha256(b"both").hexdigest()
    assert scene.client.archive.find_missing([sha256]) == []

    scene.client.jobs.delete("j1")

    scene.client.archive.put_manifest("j2", Manifest("code", [entry("a", sha256, 4)]))


def test_overwritten_contents_are_removed_at_once(scene: Scene) -> None:
    scene.start_local("j1")
    for epoch in (b"one", b"two"):
        scene.save_artifact("j1", "checkpoint", "c.bin", epoch)
        manifest = Manifest("code", [entry("a", scene.put_blob(b"m" + epoch), 4)])
        scene.client.archive.put_manifest("j1", manifest)
    scene.finish_local("j1")  # a change after the removals

    left = {hashlib.sha256(data).hexdigest() for data in (b"two", b"mtwo")}
    assert list_files(scene.home) == left


def test_files_of_a_local_job_go_with_it(scene: Scene) -> None:
    scene.start_local("j1")
    file = {"path": "a", "sha256": scene.put_blob(b"abc"), "size": 3, "mode": 0o644}
    scene.send("j1", events.Archived(scene.clock.now(), "code", [file]))
    scene.finish_local("j1")

    scene.client.jobs.delete("j1")

    assert list_files(scene.home) == set()


def test_sweep_removes_what_is_old_and_nobody_needs(tmp_path: Path) -> None:
    with open_scene(tmp_path) as scene:
        scene.start_local("j1")
        scene.save_artifact("j1", "a", "a.txt", b"used")
        bundle = put_bundle(scene, make_bundle())
        old, young = scene.put_blob(b"old"), scene.put_blob(b"young")
    now = scene.clock.now()
    os.utime(tmp_path / "data" / "blobs" / young[:2] / young, (now, now))
    app = create_app(Settings(home=tmp_path), clock=scene.clock)
    app.parts.lifecycle.open()

    for shelf in (app.parts.blob_shelf, app.parts.bundle_shelf):
        shelf.pin([bundle])
        shelf.sweep()

    assert old not in list_files(tmp_path)
    assert list_files(tmp_path) == {hashlib.sha256(b"used").hexdigest(), young, bundle}
    scene.clock.advance(3601)
    app.parts.bundle_shelf.sweep()
    assert bundle not in list_files(tmp_path)
    app.parts.lifecycle.close()


def test_pin_waits_for_a_removal_under_way_and_finds_it_done() -> None:
    pins, steps = Pins(FakeClock()), list[str]()

    def pin(sha256: str) -> None:
        pins.add([sha256])
        steps.append("pinned")

    with ThreadPoolExecutor(1) as pool:

        def remove(sha256: str) -> None:
            pool.submit(pin, sha256)
            steps.append("removed")

        pins.remove_unpinned(["a"], remove)

    pins.remove_unpinned(["a"], steps.append)
    assert steps == ["removed", "pinned"]


def test_bundle_survives_a_deletion_when_somebody_asked_for_it(scene: Scene) -> None:
    bundle = put_bundle(scene, make_bundle())
    scene.submit("j1", bundle=bundle)
    scene.client.jobs.stop("j1")
    assert scene.client.archive.has_bundle(bundle)

    scene.client.jobs.delete("j1")

    scene.submit("j2", bundle=bundle)


def test_unknown_artifact_is_named(scene: Scene) -> None:
    scene.start_local("j1")

    response = scene.ask("GET", "/api/v1/jobs/j1/artifacts/roc/content")

    assert response.status == UnknownArtifact.status
    assert b"no artifact `roc`" in response.body


def test_full_store_answers_507_and_keeps_nothing(tmp_path: Path) -> None:
    blobs = MemoryBlobs(capacity_bytes=10)
    with open_scene(tmp_path / "home", blobs=blobs) as scene:
        kept = scene.put_blob(b"12345678")

        with pytest.raises(StorageFull, match="disk is full"):
            scene.put_blob(b"abcdefgh")

        assert list(blobs.list_all()) == [kept]
        scene.put_blob(b"ab")
