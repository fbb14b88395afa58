"""Waiting for a job and reading its log while it runs, over server restarts."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterator
from typing import Callable, Optional, TypeVar

from foundations_client.client import Client
from foundations_wire.errors import Unavailable
from foundations_wire.jobs import JobView

T = TypeVar("T")
Sleep = Callable[[float], None]

_LINE_END = re.compile("\r\n|[\r\n]")
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

    A carriage return ends a line too, so that a progress bar shows, and what stays without
    an end comes once the server has held a request for its longest time.

    Begins at byte `offset`, ends when the job is final and all is read. Bytes that are not
    UTF-8 become U+FFFD. A server that does not answer is asked again for ten minutes.

    Raises:
        UnknownJob: there is no such job, or it was deleted meanwhile.
        Unavailable: the server stayed away.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    lines = _Lines()
    while True:
        at = offset
        chunk = insist(lambda: client.logs.read(job_id, offset=at, wait_s=_POLL_S), sleep)  # noqa: B023
        offset += len(chunk.data)
        yield from lines.take(decoder.decode(chunk.data, final=chunk.is_ended))
        if chunk.is_ended or not chunk.data:
            yield from lines.flush()
        if chunk.is_ended:
            return


class _Lines:
    """Cuts text into lines; each piece of it is looked at once, however long a line grows."""

    def __init__(self) -> None:
        self._open: list[str] = []  # the pieces of the line that has no end yet
        self._is_after_return = False

    def take(self, text: str) -> Iterator[str]:
        """Yield the lines that the text completes."""
        if self._is_after_return and text.startswith("\n"):
            text = text[1:]  # the two are one line end
            self._is_after_return = False
        if not text:
            return
        self._is_after_return = text.endswith("\r")
        *ended, rest = _LINE_END.split(text)
        for line in ended:
            yield "".join([*self._open, line])
            self._open.clear()
        if rest:
            self._open.append(rest)

    def flush(self) -> Iterator[str]:
        """Yield the line that has no end yet, if there is one."""
        if self._open:
            yield "".join(self._open)
            self._open.clear()


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
        job = insist(lambda: client.jobs.get(job_id), sleep)
        if job.status.is_final:
            return job
        if timeout_s is not None and waited >= timeout_s:
            raise TimeoutError(
                f"Job `{job_id}` is still {job.status.value} after {timeout_s:g} seconds."
            )
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 2.0)


def insist(ask: Callable[[], T], sleep: Sleep = time.sleep) -> T:
    """Return what `ask` answers; a server that is away is asked again for ten minutes.

    Raises:
        Unavailable: the server stayed away.
    """
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
