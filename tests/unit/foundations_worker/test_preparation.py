from __future__ import annotations

import hashlib
import io
import json
import math
import tarfile
from pathlib import Path
from typing import BinaryIO

import pytest

from foundations_client.client import Client
from foundations_client.transport import Request, Response
from foundations_wire import codec
from foundations_wire.errors import ServerUnreachable, UnknownBlob, to_problem
from foundations_wire.jobs import JobSpec
from foundations_worker.paths import AttemptPaths
from foundations_worker.preparation import BundleCache, PreparationFailed


class Shelf:
    """A server that has bundles and nothing else."""

    def __init__(self, *bundles: bytes) -> None:
        self.bundles = {hashlib.sha256(data).hexdigest(): data for data in bundles}
        self.requests = 0
        self.is_away = False

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        self.requests += 1
        if self.is_away:
            raise ServerUnreachable("away")
        data = self.bundles.get(request.path.rpartition("/")[2])
        if data is None:
            problem = codec.encode(to_problem(UnknownBlob("No such bundle.")))
            return Response(404, {"content-type": "application/problem+json"}, problem)
        assert sink is not None
        sink.write(data)
        return Response(200, {}, b"")


def pack(name: str, data: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


GOOD = pack("main.py")
GOOD_SHA = hashlib.sha256(GOOD).hexdigest()


def cache(folder: Path, shelf: Shelf) -> BundleCache:
    return BundleCache(folder / "bundles", Client(shelf))


def job(bundle: str | None, **params: object) -> JobSpec:
    return JobSpec(project="p", bundle=bundle, params=params)


def test_parameters_lie_beside_the_files_of_the_bundle(tmp_path: Path) -> None:
    paths = AttemptPaths(tmp_path / "1")

    cache(tmp_path, Shelf(GOOD)).unpack(job(GOOD_SHA, lr=0.1, clip="Infinity"), paths)

    text = (paths.job / "foundations_job_parameters.json").read_text()
    assert json.loads(text) == {"lr": 0.1, "clip": math.inf}


def test_bundle_becomes_the_job_folder_and_is_fetched_once(tmp_path: Path) -> None:
    shelf = Shelf(GOOD)
    bundles = cache(tmp_path, shelf)
    first, second = AttemptPaths(tmp_path / "1"), AttemptPaths(tmp_path / "2")

    bundles.unpack(job(GOOD_SHA), first)
    bundles.unpack(job(GOOD_SHA), second)

    assert (first.job / "main.py").read_bytes() == (second.job / "main.py").read_bytes() == b"x"
    assert shelf.requests == 1
    assert not first.job_unfinished.exists()


def test_job_without_a_bundle_gets_an_empty_folder(tmp_path: Path) -> None:
    paths = AttemptPaths(tmp_path / "1")

    cache(tmp_path, Shelf()).unpack(job(None), paths)

    assert list(paths.job.iterdir()) == []


def test_folder_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    paths = AttemptPaths(tmp_path / "1")
    paths.job.mkdir(parents=True)
    (paths.job / "made-by-the-job").touch()

    cache(tmp_path, Shelf(GOOD)).unpack(job(GOOD_SHA), paths)

    assert [path.name for path in paths.job.iterdir()] == ["made-by-the-job"]


def test_half_unpacked_folder_of_a_killed_worker_is_made_anew(tmp_path: Path) -> None:
    paths = AttemptPaths(tmp_path / "1")
    paths.job_unfinished.mkdir(parents=True)
    (paths.job_unfinished / "main.py").write_bytes(b"hal")

    cache(tmp_path, Shelf(GOOD)).unpack(job(GOOD_SHA), paths)

    assert (paths.job / "main.py").read_bytes() == b"x"


def test_bundle_that_the_server_lacks_fails_the_job(tmp_path: Path) -> None:
    with pytest.raises(PreparationFailed, match="lost the job's bundle"):
        cache(tmp_path, Shelf()).unpack(job(GOOD_SHA), AttemptPaths(tmp_path / "1"))


def test_unsafe_bundle_fails_the_job_and_leaves_no_folder(tmp_path: Path) -> None:
    evil = pack("../evil")
    paths = AttemptPaths(tmp_path / "1")

    with pytest.raises(PreparationFailed, match="leads out of its folder"):
        cache(tmp_path, Shelf(evil)).unpack(job(hashlib.sha256(evil).hexdigest()), paths)

    assert not paths.job.exists()
    assert not (tmp_path / "evil").exists()


def test_bundle_that_arrives_damaged_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.bundles[GOOD_SHA] = GOOD[:-1]

    with pytest.raises(PreparationFailed, match="damaged"):
        cache(tmp_path, shelf).unpack(job(GOOD_SHA), AttemptPaths(tmp_path / "1"))

    assert list((tmp_path / "bundles").iterdir()) == []


def test_server_that_is_away_is_no_failure_of_the_job(tmp_path: Path) -> None:
    shelf = Shelf(GOOD)
    shelf.is_away = True
    bundles, paths = cache(tmp_path, shelf), AttemptPaths(tmp_path / "1")
    with pytest.raises(ServerUnreachable):
        bundles.unpack(job(GOOD_SHA), paths)
    shelf.is_away = False

    bundles.unpack(job(GOOD_SHA), paths)

    assert (paths.job / "main.py").exists()


def test_least_recently_used_bundles_are_let_go(tmp_path: Path) -> None:
    packed = [pack(f"{number}.py") for number in range(20)]
    bundles = cache(tmp_path, Shelf(*packed))

    for number, data in enumerate(packed):
        paths = AttemptPaths(tmp_path / f"attempt-{number}")
        bundles.unpack(job(hashlib.sha256(data).hexdigest()), paths)

    assert len(list((tmp_path / "bundles").iterdir())) == 16
