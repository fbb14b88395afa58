"""What every BlobStore promises."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundations_server.archive.blobs import BlobStore, DirectoryBlobs, MemoryBlobs
from foundations_wire.errors import InvalidRequest, UnknownBlob

DATA = b"some content"
SHA256 = hashlib.sha256(DATA).hexdigest()

STORES: list[Callable[[Path], BlobStore]] = [
    lambda folder: DirectoryBlobs(folder / "blobs"),
    lambda _folder: MemoryBlobs(),
]


@pytest.fixture(params=STORES, ids=["directory", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    made: BlobStore = request.param(tmp_path)
    return made


def put(store: BlobStore, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    writer = store.begin()
    writer.write(data)
    writer.commit(sha256)
    writer.abort()
    return sha256


def read(store: BlobStore, sha256: str) -> bytes:
    with store.open(sha256) as file:
        return file.read()


def test_content_comes_back_when_it_was_committed(store: BlobStore) -> None:
    writer = store.begin()
    writer.write(DATA[:5])
    writer.write(DATA[5:])

    size = writer.commit(SHA256)

    assert size == len(DATA) == store.find_size(SHA256)
    assert read(store, SHA256) == DATA
    assert list(store.list_all()) == [SHA256]


def test_empty_content_is_a_content(store: BlobStore) -> None:
    sha256 = put(store, b"")

    assert store.find_size(sha256) == 0
    assert read(store, sha256) == b""


def test_nothing_is_visible_before_the_commit(store: BlobStore) -> None:
    writer = store.begin()
    writer.write(DATA)

    assert store.find_size(SHA256) is None
    assert list(store.list_all()) == []
    writer.abort()
    with pytest.raises(UnknownBlob):
        store.open(SHA256)


def test_nothing_is_stored_when_the_hash_is_another(store: BlobStore) -> None:
    writer = store.begin()
    writer.write(DATA + b"!")

    with pytest.raises(InvalidRequest):
        writer.commit(SHA256)
    writer.abort()

    assert list(store.list_all()) == []


def test_nothing_is_stored_when_the_check_refuses(store: BlobStore) -> None:
    seen: list[bytes] = []

    def refuse(file: object) -> None:
        seen.append(file.read())  # type: ignore[attr-defined]  # any binary file
        raise ValueError("no")

    writer = store.begin()
    writer.write(DATA)
    with pytest.raises(ValueError, match="no"):
        writer.commit(SHA256, refuse)
    writer.abort()

    assert seen == [DATA]
    assert list(store.list_all()) == []


def test_same_content_twice_is_one(store: BlobStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: put(store, DATA), range(16)))

    assert hashes == {SHA256}
    assert list(store.list_all()) == [SHA256]
    assert read(store, SHA256) == DATA


def test_deleted_content_is_gone_and_may_be_deleted_again(store: BlobStore) -> None:
    put(store, DATA)
    other = put(store, b"other")

    store.delete(SHA256)
    store.delete(SHA256)

    assert store.find_size(SHA256) is None
    assert read(store, other) == b"other"


def test_only_contents_that_came_before_a_moment_are_listed(store: BlobStore) -> None:
    put(store, DATA)

    now = time.time()

    assert list(store.list_all(now - 3600)) == []
    assert list(store.list_all(now + 3600)) == [SHA256]


def test_open_file_reads_on_when_its_content_is_deleted(store: BlobStore) -> None:
    put(store, DATA)

    with store.open(SHA256) as file:
        store.delete(SHA256)

        assert file.read() == DATA


def test_file_of_a_content_can_be_sought(store: BlobStore) -> None:
    put(store, DATA)

    with store.open(SHA256) as file:
        file.seek(5)

        assert file.read(4) == DATA[5:9]


@pytest.mark.parametrize("name", ["", "..", "../x", "A" * 64, SHA256 + "\n", SHA256[:-1]])
def test_what_is_no_hash_is_refused(store: BlobStore, name: str) -> None:
    with pytest.raises(InvalidRequest):
        store.find_size(name)
    with pytest.raises(InvalidRequest):
        store.open(name)
    with pytest.raises(InvalidRequest):
        store.delete(name)


def test_leftovers_of_a_killed_server_are_removed(tmp_path: Path) -> None:
    store = DirectoryBlobs(tmp_path)
    writer = store.begin()
    writer.write(DATA)

    DirectoryBlobs(tmp_path).discard_partial()

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    writer.abort()
