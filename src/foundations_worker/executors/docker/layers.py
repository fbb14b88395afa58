"""Packages of jobs, installed once for each image and content of `requirements.txt`."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from foundations_wire.ids import new_id
from foundations_worker.commands import Cancelled
from foundations_worker.environments import (
    INSTALL_FAILED,
    REQUIREMENTS,
    InstallFailed,
    names_files,
)
from foundations_worker.executors.base import Mount
from foundations_worker.executors.docker import installer, places, records
from foundations_worker.executors.docker.containers import (
    ATTEMPT_LABEL,
    INSTALL_LABEL,
    Wish,
    spell,
)
from foundations_worker.executors.docker.engine import Engine, EngineUnreachable, Image, Seen
from foundations_worker.executors.docker.places import ContainerPaths
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.joblog import JobLog
from foundations_worker.lending import READY, lend, locked

_KEPT = 16
_POLL_S = 0.5
_CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_INSIDE_CERTIFICATE = "/atlas/ca.pem"
_PIP_FILES = ("/etc/pip.conf",)
_INSIDE_PIP_FILE = "/atlas/pip.conf"
_INSIDE_LINKS = "/atlas/links"
_INSIDE_REQUIREMENTS = f"{places.JOB}/{REQUIREMENTS}"


class Layers:
    """Builds what is missing in a container of the job's own image, keeps what is there.

    **Process safety**: as Environments: one builds a layer, the others wait for it.
    """

    def __init__(
        self, folder: Path, install: str, settings: DockerSettings, engine: Engine
    ) -> None:
        self._folder = folder
        self._install = install
        self._settings = settings
        self._engine = engine

    def provide(
        self, image: Image, paths: ContainerPaths, log: JobLog, cancelled: threading.Event
    ) -> Path | None:
        """Return the folder that holds the job's packages; None when it asks for none.

        Raises:
            InstallFailed: the job's log says why.
            Cancelled: the event was set meanwhile.
            OSError: the engine refused.
        """
        requirements = paths.attempt.job / REQUIREMENTS
        if not requirements.is_file() or requirements.is_symlink():
            log.say(f"no {REQUIREMENTS}: the job runs with the packages of its image")
            return None
        text = requirements.read_bytes()
        layer = paths.layer if names_files(text) else self._folder / _key(image, text)
        layer.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(layer, cancelled):
            if (layer / READY).exists():
                log.say(f"{REQUIREMENTS} is installed already")
            else:
                self._build(layer, image, paths, log, cancelled)
            if layer != paths.layer:
                lend(layer, paths.attempt.folder, _KEPT)
        return layer

    def _build(
        self,
        layer: Path,
        image: Image,
        paths: ContainerPaths,
        log: JobLog,
        cancelled: threading.Event,
    ) -> None:
        log.say(f"installing {REQUIREMENTS} in image {image.name}")
        began = time.monotonic()
        shutil.rmtree(layer, ignore_errors=True)
        layer.mkdir(mode=0o755)
        for path in (layer, log.path):
            records.give(path, self._settings.user)
        attempt_id = paths.attempt.folder.name
        seen = self._run(self._wish(layer, image, paths), attempt_id, cancelled)
        if seen is not None and seen.is_oom:
            raise InstallFailed(f"{INSTALL_FAILED}: out of memory")
        if seen is None or seen.exit_code != 0:
            raise InstallFailed(INSTALL_FAILED)
        shutil.rmtree(layer / ".tmp", ignore_errors=True)
        (layer / READY).touch()
        log.say(f"{REQUIREMENTS} is installed after {time.monotonic() - began:.1f} s")

    def _run(self, wish: Wish, attempt_id: str, cancelled: threading.Event) -> Seen | None:
        """Run the installer to its end; whatever happens, no container of it is left."""
        # Not the attempt's own name: that one is started once.
        name = f"atlas-{self._install[:8]}-{attempt_id}-install-{new_id()[:8]}"
        self._engine.create(name, spell(wish, self._settings, self._engine.facts()))
        try:
            self._engine.start(name)
            while not cancelled.is_set():
                with contextlib.suppress(EngineUnreachable):
                    seen = self._engine.look(name)
                    if seen is None or not seen.is_alive:
                        return seen
                cancelled.wait(_POLL_S)
            raise Cancelled
        finally:
            with contextlib.suppress(OSError):  # its labels let the next clean-up find it
                self._engine.remove(name)

    def _wish(self, layer: Path, image: Image, paths: ContainerPaths) -> Wish:
        variables, mounts = find_pip_settings(os.environ)
        mounts += [
            Mount(Path(installer.__file__).resolve(), places.INSTALLER),
            Mount(paths.attempt.job, places.JOB),
            Mount(layer, places.LAYER, is_writable=True),
            Mount(paths.attempt.output, places.OUTPUT, is_writable=True),
        ]
        if (pip := _find_pip()) is not None:
            mounts.append(Mount(pip, f"{places.PIP}/pip"))
        argv = ["python3", places.INSTALLER, _INSIDE_REQUIREMENTS, places.LAYER, places.OUTPUT]
        labels = {INSTALL_LABEL: self._install, ATTEMPT_LABEL: paths.attempt.folder.name}
        variables |= {"HOME": places.LAYER, "PYTHONUSERBASE": places.LAYER}
        return Wish(image.id, argv, labels, mounts, environment=variables, folder=places.JOB)


def find_pip_settings(environment: Mapping[str, str]) -> tuple[dict[str, str], list[Mount]]:
    """Return variables and files by which pip inside uses the operator's indexes."""
    variables = {
        name: value
        for name, value in environment.items()
        if name.startswith("PIP_") or name.lower() in ("http_proxy", "https_proxy", "no_proxy")
    }
    mounts = _lend_links(variables)
    named = [environment.get("PIP_CONFIG_FILE"), str(Path.home() / ".config/pip/pip.conf")]
    if (file := _find_file([*named, *_PIP_FILES])) is not None:
        mounts.append(Mount(file, _INSIDE_PIP_FILE))
        variables["PIP_CONFIG_FILE"] = _INSIDE_PIP_FILE
    if (file := _find_file([environment.get(name) for name in _CERTIFICATES])) is not None:
        mounts.append(Mount(file, _INSIDE_CERTIFICATE))
        variables |= dict.fromkeys(_CERTIFICATES, _INSIDE_CERTIFICATE)
    return variables, mounts


def _lend_links(variables: dict[str, str]) -> list[Mount]:
    """Mount the folders of packages that pip is to look into, and name them as they are inside."""
    mounts: list[Mount] = []
    links = []
    for link in variables.get("PIP_FIND_LINKS", "").split():
        if link.startswith("/") and Path(link).is_dir():
            mounts.append(Mount(Path(link).resolve(), f"{_INSIDE_LINKS}/{len(mounts)}"))
            links.append(mounts[-1].target)
        else:
            links.append(link)
    if links:
        variables["PIP_FIND_LINKS"] = " ".join(links)
    return mounts


def _find_file(names: list[str | None]) -> Path | None:
    for name in filter(None, names):
        path = Path(name).expanduser()
        if path.is_file():
            return path.resolve()
    return None


def _find_pip() -> Path | None:
    spec = importlib.util.find_spec("pip")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def _key(image: Image, requirements: bytes) -> str:
    return hashlib.sha256(f"{image.id}\n".encode() + requirements).hexdigest()[:32]
