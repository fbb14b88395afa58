"""`atlas-server worker-image build`: the image for jobs that name none."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

app = typer.Typer(help="The image in which jobs of Docker workers run when they name none.")


@app.callback()
def top() -> None:
    """Keep `build` a command of its own."""


@app.command()
def build(
    base: Annotated[
        str | None, typer.Option(help="Image to build on; it has Python 3.9 or newer and pip.")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Name of the image.")] = None,
    packages: Annotated[
        str | None, typer.Option(help="What pip installs, in place of the usual.")
    ] = None,
    pip_arguments: Annotated[
        str | None, typer.Option(help="For pip, such as '--index-url https://…'.")
    ] = None,
    docker_host: Annotated[
        str | None, typer.Option(help="The engine's address; else DOCKER_HOST, else the usual.")
    ] = None,
) -> None:
    """Build the image with numpy, pandas, scikit-learn, matplotlib and TensorBoard's writer."""
    given = {
        "--base": base, "--tag": tag, "--packages": packages,
        "--pip-arguments": pip_arguments, "--docker-host": docker_host,
    }  # fmt: skip
    # The engine's client belongs to the worker, which the server does not import.
    command = [sys.executable, "-m", "foundations_worker.worker_image"]
    command += [f"{name}={value}" for name, value in given.items() if value is not None]
    done = subprocess.run(command, env=dict(os.environ), check=False)
    raise typer.Exit(done.returncode)
