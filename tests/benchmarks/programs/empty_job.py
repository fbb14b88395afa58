"""The same as a job: the import starts it, the exit finishes it."""

import foundations  # noqa: F401 - the import is the job
