"""The `atlas-server` command: starts, stops and looks after a server and its local worker."""

from foundations_server.command.main import app, run

__all__ = ["app", "run"]
