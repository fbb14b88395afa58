"""What a job is and needs, as options of the commands that make jobs."""

from typing import Annotated, Optional

import typer

Entrypoint = Annotated[
    Optional[str], typer.Option(help="Program that runs the command instead of Python.")
]
NumGpus = Annotated[
    Optional[int], typer.Option(help="GPUs that a job gets, exactly as many; 0 by default.")
]
Ram = Annotated[Optional[float], typer.Option(help="Memory limit in GB; none by default.")]
Priority = Annotated[
    Optional[str], typer.Option(help="low, normal, high, or a whole number; larger goes first.")
]
Force = Annotated[
    bool, typer.Option("--force", help="Take a job directory of more than 500 MB too.")
]
