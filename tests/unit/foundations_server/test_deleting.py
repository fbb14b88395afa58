from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from foundations_server.platform.database import metadata
from foundations_wire import events
from foundations_wire.archive import FileEntry, Manifest
from foundations_wire.jobs import Dependency
from support.scenes import Scene

# What outlives a job: its project's counter, and who ran it.
_KEPT = {"projects", "workers", "alembic_version"}


def fill(scene: Scene, job_id: str) -> None:
    """Give a job, which becomes final, something in every table and folder."""
    scene.hello(gpus=1)
    scene.submit("before")
    scene.finish(scene.lease()[0])
    scene.submit(
        job_id, bundle=scene.put_bundle(), params={"lr": 1}, num_gpus=1, max_retries=1,
        after=[Dependency("before")],
    )  # fmt: skip
    scene.finish(scene.lease()[0], "failed", "exit code 1")
    scene.clock.advance(60)
    lease = scene.lease()[0]
    at = scene.clock.now()
    scene.send(
        job_id,
        events.TagSet(at, "best", ""),
        events.ParamLogged(at, "depth", 3),
        events.Raised(at, "ValueError", "no data", ""),
    )
    scene.log_metric(job_id, "loss", [1.0, 2.0])
    scene.save_artifact(job_id, "roc", "roc.png", b"picture")
    manifest = Manifest("code", [FileEntry("a", scene.put_blob(b"abc"), 3)])
    scene.client.archive.put_manifest(job_id, manifest)
    scene.client.logs.append(job_id, 0, b"a line")
    scene.finish(lease)
    scene.submit("behind", after=[Dependency(job_id)])
    scene.client.jobs.stop("behind")


def count_rows(scene: Scene) -> dict[str, int]:
    with closing(sqlite3.connect(scene.home / "data" / "atlas.db")) as database:
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in metadata.tables
        }


@pytest.mark.scenario(39)
def test_no_row_and_no_file_of_a_deleted_job_is_left(scene: Scene) -> None:
    fill(scene, "j1")
    full = count_rows(scene)

    for job_id in ("j1", "behind", "before"):
        scene.client.jobs.delete(job_id)

    of_jobs = set(full) - _KEPT - {"limits", "schedules", "gpus"}
    assert {name for name in of_jobs if full[name] == 0} == set()
    left = {name: count for name, count in count_rows(scene).items() if name in of_jobs}
    assert left == dict.fromkeys(of_jobs, 0)
    folders = [scene.home / "data" / name for name in ("blobs", "bundles", "logs")]
    assert [path for folder in folders for path in folder.rglob("*") if path.is_file()] == []
    assert [gpu.status for gpu in scene.client.workers.list().items[0].gpus] == ["free"]
