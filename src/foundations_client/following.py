"""Waiting for a job and reading its log while it runs, over server restarts."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterator
from typing import Callable, Optional, TypeVar

from foundations_client.client import Client
from foundations_wire.errors import Unavailable
from foundations_wire.jobs import JobView

T = TypeVar("T")
Sleep = Callable[[float], None]

_POLL_S = 20.0  # the longest that the server holds a request for log bytes
_PATIENCE_S = 600.0  # how long a server may be away before we give up


def follow_lines(
    client: Client,
    job_id: str,
    *,
    offset: int = 0,
    sleep: Sleep = time.sleep,
) -> Iterator[str]:
    """Yield the lines of the job's log as they come, without their line ends.

    Begins at byte `offset`, ends when the job is final and all is read. Bytes that are not
    UTF-8 become U+FFFD. A server that does not answer is asked again for ten minutes.

    Raises:
        UnknownJob: there is no such job, or it was deleted meanwhile.
        Unavailable: the server stayed away.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    while True:
        at = offset
        chunk = _insist(lambda: client.logs.read(job_id, offset=at, wait_s=_POLL_S), sleep)  # noqa: B023
        offset += len(chunk.data)
        rest += decoder.decode(chunk.data, final=chunk.is_ended)
        *lines, rest = rest.split("\n")
        for line in lines:
            yield line.rstrip("\r")
        if chunk.is_ended:
            if rest:
                yield rest
            return


def wait_until_final(
    client: Client,
    job_id: str,
    *,
    timeout_s: Optional[float] = None,
    sleep: Sleep = time.sleep,
) -> JobView:
    """Return the job once its status is final; a server that is away is waited for.

    Raises:
        UnknownJob: there is no such job, or it vanished while we waited.
        TimeoutError: it was not final after `timeout_s`.
        Unavailable: the server stayed away for ten minutes.
    """
    waited, pause = 0.0, 0.1
    while True:
        job = _insist(lambda: client.jobs.get(job_id), sleep)
        if job.status.is_final:
            return job
        if timeout_s is not None and waited >= timeout_s:
            raise TimeoutError(
                f"Job `{job_id}` is still {job.status.value} after {timeout_s:g} seconds."
            )
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 2.0)


def _insist(ask: Callable[[], T], sleep: Sleep) -> T:
    waited, pause = 0.0, 0.5
    while True:
        try:
            return ask()
        except Unavailable:
            if waited >= _PATIENCE_S:
                raise
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 5.0)
