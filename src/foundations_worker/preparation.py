"""From a bundle on the server to a job folder on disk."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from foundations_client.client import Client
from foundations_client.snapshots import read_hash
from foundations_wire import bundles, codec
from foundations_wire.errors import InvalidBundle, UnknownBlob
from foundations_wire.jobs import PARAMETERS_FILE, JobSpec
from foundations_wire.workers import Cause
from foundations_worker.paths import AttemptPaths

_KEPT_BUNDLES = 16


class PreparationFailed(Exception):
    """The job cannot start; the message is the reason that its record gets.

    `cause` tells whether another attempt may fare better.
    """

    def __init__(self, reason: str, cause: Cause = Cause.REQUEST) -> None:
        super().__init__(reason)
        self.cause = cause


class BundleCache:
    """Bundles as they came, named by content; the least recently used are let go.

    **Thread safety**: any thread may call; a bundle wanted by many is fetched once.
    """

    def __init__(self, folder: Path, client: Client) -> None:
        self._folder = folder
        self._client = client
        self._lock = threading.Lock()

    def unpack(self, spec: JobSpec, paths: AttemptPaths) -> None:
        """Make the job folder, whole or not at all: the bundle's files and the parameters.

        Raises:
            PreparationFailed: the server lacks the bundle, it is unsafe, or the disk is full.
            Unavailable: the server is away; call again.
        """
        if paths.job.exists():
            return
        try:
            shutil.rmtree(paths.job_unfinished, ignore_errors=True)
            paths.job_unfinished.mkdir(parents=True)
            if spec.bundle is not None:
                with self._fetch(spec.bundle).open("rb") as file:
                    bundles.extract(file, paths.job_unfinished)
            if spec.params:
                _write_parameters(spec.params, paths.job_unfinished / PARAMETERS_FILE)
            paths.job_unfinished.rename(paths.job)
        except UnknownBlob as error:
            raise PreparationFailed("the server has lost the job's bundle") from error
        except InvalidBundle as error:
            raise PreparationFailed(f"the bundle was refused: {error.message}") from error
        except OSError as error:
            problem = error.strerror or str(error)
            raise PreparationFailed(
                f"the job folder could not be written: {problem}", Cause.INFRASTRUCTURE
            ) from error

    def _fetch(self, sha256: str) -> Path:
        path = self._folder / f"{sha256}.tgz"
        with self._lock:
            if path.exists():
                os.utime(path)
                return path
            self._folder.mkdir(parents=True, exist_ok=True)
            self._download(sha256, path)
            self._forget_old()
        return path

    def _download(self, sha256: str, path: Path) -> None:
        unfinished = path.with_suffix(".unfinished")
        try:
            self._receive(sha256, unfinished)
            if read_hash(unfinished).sha256 != sha256:
                raise PreparationFailed("the bundle arrived damaged", Cause.INFRASTRUCTURE)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _receive(self, sha256: str, unfinished: Path) -> None:
        with unfinished.open("wb") as sink:
            self._client.archive.get_bundle(sha256, sink)
            sink.flush()
            os.fsync(sink.fileno())

    def _forget_old(self) -> None:
        kept = sorted(self._folder.glob("*.tgz"), key=lambda path: -path.stat().st_mtime)
        for path in kept[_KEPT_BUNDLES:]:
            with contextlib.suppress(OSError):
                path.unlink()


def _write_parameters(params: dict[str, Any], path: Path) -> None:
    """Write what `load_parameters` reads. Beside the bundle, so that a search uploads once."""
    path.write_text(json.dumps(codec.unspell(params), indent=2), "utf-8")
