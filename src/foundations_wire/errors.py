"""Every error that crosses the wire, with its HTTP status.

AtlasError
├── InvalidRequest      422  the request says something that cannot be
│   ├── InvalidFilter   422  a filter or a sort is wrong; `position` and `length` say where
│   └── InvalidBundle   422  the bundle is not a safe tar.gz archive
├── NotFound            404
│   ├── UnknownJob
│   ├── UnknownProject
│   ├── UnknownWorker
│   ├── UnknownBlob
│   ├── UnknownSchedule
│   └── UnknownArtifact
├── Conflict            409  the request does not fit the present state
│   ├── OffsetGap            something before it is missing; `expected` says what
│   ├── LeaseLost            another attempt holds the job now; stop yours
│   └── WrongStatus          the job's status forbids it
├── Refused             403  Host, Origin or permission
├── TooLarge            413
├── VersionMismatch     426  client and server speak different protocols
├── StorageFull         507  the server's disk is full; nothing was stored
└── Unavailable         503  the server cannot answer now; try again
    └── ServerUnreachable    nothing answers at the address (made by the client)
"""

from __future__ import annotations

from typing import Any, ClassVar


class AtlasError(Exception):
    """Something the user can read: the message is one plain sentence."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, message: str, **details: Any) -> None:
        """Keep the sentence and the machine-readable details beside it."""
        super().__init__(message)
        self.message = message
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive a process boundary with the details kept."""
        return (_rebuild, (type(self), self.message, self.details))


def _rebuild(kind: type[AtlasError], message: str, details: dict[str, Any]) -> AtlasError:
    return kind(message, **details)


class InvalidRequest(AtlasError):
    status = 422
    code = "invalid-request"


class InvalidFilter(InvalidRequest):
    """Details: `position` and `length` in the text, `suggestion` (a word, or null or absent)."""

    code = "invalid-filter"


class InvalidBundle(InvalidRequest):
    code = "invalid-bundle"


class NotFound(AtlasError):
    status = 404
    code = "not-found"


class UnknownJob(NotFound):
    code = "unknown-job"


class UnknownProject(NotFound):
    code = "unknown-project"


class UnknownWorker(NotFound):
    code = "unknown-worker"


class UnknownBlob(NotFound):
    code = "unknown-blob"


class UnknownSchedule(NotFound):
    code = "unknown-schedule"


class UnknownArtifact(NotFound):
    code = "unknown-artifact"


class Conflict(AtlasError):
    status = 409
    code = "conflict"


class OffsetGap(Conflict):
    """Details: `expected`, the offset that the server wants next."""

    code = "offset-gap"


class LeaseLost(Conflict):
    code = "lease-lost"


class WrongStatus(Conflict):
    code = "wrong-status"


class Refused(AtlasError):
    status = 403
    code = "refused"


class TooLarge(AtlasError):
    status = 413
    code = "too-large"


class VersionMismatch(AtlasError):
    status = 426
    code = "version-mismatch"


class StorageFull(AtlasError):
    status = 507
    code = "storage-full"


class Unavailable(AtlasError):
    status = 503
    code = "unavailable"


class ServerUnreachable(Unavailable):
    code = "server-unreachable"


def _tree(kind: type[AtlasError]) -> list[type[AtlasError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in _tree(child))]


_BY_CODE = {kind.code: kind for kind in _tree(AtlasError)}


def to_problem(error: AtlasError, request_id: str = "") -> dict[str, Any]:
    """Return the error as an `application/problem+json` object (RFC 9457)."""
    return {
        **error.details,
        "type": f"/problems/{error.code}",
        "title": error.code.replace("-", " ").capitalize(),
        "status": error.status,
        "detail": error.message,
        "request_id": request_id,
    }


def from_problem(problem: Any, status: int) -> AtlasError:
    """Return the error that a problem object stands for.

    An object that is none of ours (a proxy's page, say) becomes an AtlasError, or
    Unavailable for a 5xx status, whose sentence names the status.
    """
    if not isinstance(problem, dict) or "detail" not in problem:
        kind = Unavailable if status >= 500 else AtlasError
        return kind(
            f"The server answered with HTTP status {status} and no word of Atlas's; is its "
            f"address right?"
        )
    code = str(problem.get("type", "")).rpartition("/")[2]
    own = {"type", "title", "status", "detail"}
    details = {str(key): value for key, value in problem.items() if key not in own}
    return _BY_CODE.get(code, AtlasError)(str(problem["detail"]), **details)
