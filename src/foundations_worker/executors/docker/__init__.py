"""Attempts in containers of Docker, or of Podman behind the same interface."""

from foundations_worker.executors.docker.executor import DockerExecutor

__all__ = ["DockerExecutor"]
