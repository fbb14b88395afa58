"""save_artifact."""

from __future__ import annotations

from typing import Optional

from foundations import jobs, reporting


def save_artifact(filepath: jobs.PathLike, key: Optional[str] = None) -> None:
    """Keep a copy of the file as it is now; later changes of the file do no harm.

    The key defaults to the file's name. A key used before is replaced, with a warning.
    Outside a job nothing is stored and each call warns. Cost: one copy of the file.

    Raises:
        FileNotFoundError: there is no such file.
        IsADirectoryError: the path is a folder.
        OSError: the file cannot be read.
    """
    job = jobs.current()
    if job is None:
        reporting.warn("Cannot save artifact outside of job.")
    else:
        job.save_artifact(filepath, key)
