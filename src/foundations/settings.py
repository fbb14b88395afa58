"""What the execution config says to this process."""

from __future__ import annotations

from foundations import reporting
from foundations_client.configuration import load_execution_config
from foundations_wire.errors import InvalidRequest


def apply_execution_config() -> None:
    """Take the log level of the config; a config that is wrong is a warning, never an error."""
    try:
        config = load_execution_config()
    except (InvalidRequest, OSError) as error:
        reporting.warn(f"The execution config is not used: {error}")
        return
    if config.log_level:
        reporting.set_level(config.log_level)
    for warning in config.warnings:
        reporting.warn(warning)
