"""What is asked of workers and attempts before anything is done with them."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs.adding import read_spec
from foundations_server.workers import repository
from foundations_wire import codec
from foundations_wire.errors import LeaseLost, UnknownWorker
from foundations_wire.workers import Lease


def make_lease(attempt: Row[Any]) -> Lease:
    return Lease(
        attempt_id=attempt.id,
        token=attempt.token,
        job_id=attempt.job_id,
        attempt=attempt.number,
        spec=read_spec(attempt.spec),
        is_started=attempt.started_at is not None,
        is_stop_wanted=attempt.is_stop_wanted,
        gpus=codec.decode(attempt.gpus),
        log_start=attempt.log_start,
    )


def require_worker(connection: Connection, worker_id: str) -> Row[Any]:
    row = repository.find_worker(connection, worker_id)
    if row is None:
        raise UnknownWorker(f"Worker `{worker_id[:100]}` is not known; it says hello first.")
    return row


def require_held(connection: Connection, attempt_id: str, token: str) -> Row[Any]:
    attempt = repository.find_attempt(connection, attempt_id)
    if attempt is None or not is_same(attempt.token, token):
        raise lost(attempt_id)
    return attempt


def is_same(token: str, other: str) -> bool:
    return bool(token) and secrets.compare_digest(token.encode(), other.encode())


def lost(attempt_id: str) -> LeaseLost:
    return LeaseLost(
        f"The lease of attempt `{attempt_id[:100]}` is not yours or is over; stop the attempt."
    )
