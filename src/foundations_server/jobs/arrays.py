"""Arrays: one spec, many sets of parameters, queued together or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from foundations_server.jobs import array_repository, dependencies, repository
from foundations_server.jobs.adding import NewJob, add_queued, make_all_ready
from foundations_server.jobs.dependencies import Changed
from foundations_server.jobs.inventory import Inventory, check_fits
from foundations_server.jobs.many import ManyJobs
from foundations_server.jobs.service import JobService
from foundations_server.jobs.submitting import check_own_ids, check_spec
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import HintBus
from foundations_wire.errors import Conflict, InvalidRequest, NotFound
from foundations_wire.ids import check_job_id, check_key
from foundations_wire.many import MAX_ARRAY, ArraySpec, ArrayView, JobsChanged


class ArrayService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        viewer: Viewer,
        jobs: JobService,
        inventory: Inventory,
        many: ManyJobs,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._viewer = viewer
        self._jobs = jobs
        self._inventory = inventory
        self._many = many

    def submit(self, array_id: str, array: ArraySpec, limit: int) -> tuple[ArrayView, bool]:
        """Queue all jobs of an array in one transaction; return it and whether it is new.

        Raises:
            Conflict: an array or a job with such an id exists and is another one.
        """
        spec = array.spec
        new = _make_jobs(array_id, array)

        def change(connection: Connection) -> bool:
            present = array_repository.list_specs(connection, array_id)
            if present and present != [(item.id, item.body) for item in new]:
                raise Conflict(
                    f"Array `{array_id}` exists already and is another one, or some of its jobs "
                    f"were deleted."
                )
            if not present:
                _refuse_taken(connection, new)
                self._jobs.require_bundle(spec)
                check_fits(spec, self._inventory.list_machines(connection))
                add_queued(connection, new, self._clock.now(), array_id=array_id)
            return not present

        is_new = self._database.write(change)
        self._jobs.release_bundle(spec)
        if is_new:
            made = [Changed(item.id, spec.project) for item in new]
            self._hints.publish(*dependencies.hint(made, "created"))
        return self.get(array_id, limit, 0), is_new

    def get(self, array_id: str, limit: int, offset: int) -> ArrayView:
        """Return an array with a page of its jobs, in order."""
        with self._database.read() as connection:
            counts = array_repository.count_by_status(connection, array_id)
            if not counts:
                raise NotFound(f"Array `{array_id[:130]}` does not exist")
            rows = array_repository.list_page(connection, array_id, limit, offset)
            first = rows or array_repository.list_page(connection, array_id, 1, 0)
            return ArrayView(
                id=array_id,
                project=first[0].project,
                total=sum(counts.values()),
                status_counts=counts,
                items=self._viewer.view(connection, rows, is_short=True),
            )

    def stop(self, array_id: str) -> JobsChanged:
        """Stop those jobs of an array that have not ended."""
        with self._database.read() as connection:
            if not array_repository.count_by_status(connection, array_id):
                raise NotFound(f"Array `{array_id[:130]}` does not exist")
            job_ids = array_repository.list_open(connection, array_id)
        return self._many.stop_ids(job_ids)


def _make_jobs(array_id: str, array: ArraySpec) -> list[NewJob]:
    """Return the checked jobs of an array."""
    count, spec = len(array.params), array.spec
    if not 1 <= count <= MAX_ARRAY:
        raise InvalidRequest(
            f"'params' holds {count} sets of parameters; an array has 1 to {MAX_ARRAY} jobs."
        )
    check_spec(spec)
    width = max(4, len(str(count)))
    ids = [f"{array_id}-{place:0{width}}" for place in range(1, count + 1)]
    check_job_id(array_id)
    check_job_id(ids[-1])
    check_own_ids(ids, spec)
    for place, given in enumerate(array.params):
        for name in given:
            check_key(f"parameter name in params[{place}]", name)
    return make_all_ready(ids, spec, array.params)


def _refuse_taken(connection: Connection, new: Sequence[NewJob]) -> None:
    taken = repository.find_keys(connection, [item.id for item in new])
    if taken:
        raise Conflict(f"Job `{min(taken)}` exists already; give the array another id.")
