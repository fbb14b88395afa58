"""The routes of arrays."""

from __future__ import annotations

from foundations_client.calls import Group, quote_segment
from foundations_wire.many import ArraySpec, ArrayView, JobsChanged

_TIMEOUT_S = 120.0  # ten thousand jobs take their time


class ArrayCalls(Group):
    def submit(self, array_id: str, array: ArraySpec) -> ArrayView:
        """Queue one job for each set of parameters, all or none; again answers the same."""
        return self.calls.send("PUT", _path(array_id), array, ArrayView, _TIMEOUT_S)

    def get(self, array_id: str, *, limit: int = 100, offset: int = 0) -> ArrayView:
        """Return an array with a page of its jobs, in order."""
        return self.calls.get(ArrayView, _path(array_id), limit=limit, offset=offset)

    def stop(self, array_id: str) -> JobsChanged:
        """Stop those of its jobs that have not ended."""
        path = f"{_path(array_id)}/stop"
        return self.calls.send("POST", path, None, JobsChanged, _TIMEOUT_S)


def _path(array_id: str) -> str:
    return f"/api/v1/arrays/{quote_segment(array_id)}"
