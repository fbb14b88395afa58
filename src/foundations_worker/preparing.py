"""From an unpacked job folder to a command that runs as a process of this machine."""

from __future__ import annotations

import threading

from foundations_wire.failpoints import reach
from foundations_wire.workers import Lease
from foundations_worker import job_environment
from foundations_worker.environments import Environments
from foundations_worker.executors.base import Launch
from foundations_worker.job_environment import Surroundings
from foundations_worker.joblog import JobLog
from foundations_worker.paths import AttemptPaths


class ProcessPreparer:
    """See Preparer. Jobs get the worker's Python, or one with their requirements."""

    def __init__(self, environments: Environments, surroundings: Surroundings) -> None:
        self._environments = environments
        self._surroundings = surroundings

    def prepare(
        self, lease: Lease, paths: AttemptPaths, log: JobLog, cancelled: threading.Event
    ) -> Launch:
        spec = lease.spec
        if unused := job_environment.name_unused(spec):
            log.say(f"not used by the process executor: {', '.join(unused)}")
        if spec.ram_gb or spec.cpus:
            log.say("memory and CPUs are counted when jobs are placed, and not enforced here")
        reach("dispatch.before_5_environment")
        python = self._environments.provide(paths.job, paths.environment, log, cancelled)
        reach("dispatch.after_5_environment")
        variables = job_environment.make_environment(
            lease, python, paths.journal, self._surroundings
        )
        return Launch(
            lease.attempt_id, job_environment.make_command(spec, python), paths.job, variables,
            job_id=lease.job_id, gpus=tuple(lease.gpus), cpus=spec.cpus, ram_gb=spec.ram_gb,
        )  # fmt: skip
