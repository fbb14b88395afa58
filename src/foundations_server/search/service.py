from __future__ import annotations

from sqlalchemy import Connection

from foundations_server.jobs import labels
from foundations_server.jobs import repository as job_rows
from foundations_server.jobs.viewing import Viewer
from foundations_server.metrics import service as metrics
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.projects import service as projects
from foundations_server.search import checking, columns, repository
from foundations_server.search.columns import EVERYTHING, Wanted
from foundations_server.search.parser import parse, parse_sort, read_field
from foundations_server.search.repository import Question
from foundations_server.search.syntax import (
    PLURALS,
    And,
    Comparison,
    Field,
    Literal,
    Node,
    SortKey,
)
from foundations_server.search.vocabulary import ProjectVocabulary
from foundations_wire.errors import InvalidFilter, InvalidRequest
from foundations_wire.jobs import JobPage, JobStatus
from foundations_wire.search import FilterCheck, FilterText, JobQuery

MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
_KINDS = {plural: kind for kind, plural in PLURALS.items()}


class SearchService:
    def __init__(self, database: Database, clock: Clock, viewer: Viewer) -> None:
        self._database = database
        self._clock = clock
        self._viewer = viewer

    def list_page(
        self,
        query: JobQuery,
        number: int | None,
        status: JobStatus | None,
    ) -> JobPage:
        """Return the jobs that a query asks for and the names of all columns of the project.

        `number` and `status` narrow it further.
        """
        with self._database.read() as connection:
            question = self._ask(connection, query)
            question = _narrow(question, number, status)
            limit = query.limit or 0
            found = repository.find(connection, question, limit, query.offset)
            rows = job_rows.list_by_keys(connection, found.keys)
            return JobPage(
                items=self._viewer.view(connection, rows, is_short=True),
                total=found.total,
                param_names=labels.list_param_names(connection, question.project_id),
                metric_names=metrics.list_names(connection, question.project_id),
            )

    def read_columns(self, query: JobQuery) -> bytes:
        """Return the jobs that a query asks for as the JSON of JobColumns."""
        limit = _check(query)
        with self._database.read() as connection:
            question = self._ask(connection, query)
            wanted = _read_wanted(query.columns)
            found = repository.find(connection, question, limit, query.offset)
            parts = columns.read(connection, found.keys, wanted, question)
        return b'{"total":%d,"columns":[%s]}' % (found.total, b",".join(parts))

    def find_keys(self, connection: Connection, project: str | None, text: str) -> list[int]:
        """Return the keys of the jobs of a project, or of all, that a filter chooses."""
        question = self._ask(connection, JobQuery(project, text))
        return repository.find(connection, question, MAX_ROWS, 0).keys

    def check(self, asked: FilterText) -> FilterCheck:
        """Return what is to be said about a filter that someone types."""
        with self._database.read() as connection:
            project_id = _find_project(connection, asked.project)
            return checking.check(asked, ProjectVocabulary(connection, project_id))

    def _ask(self, connection: Connection, query: JobQuery) -> Question:
        project_id = _find_project(connection, query.project)
        vocabulary = ProjectVocabulary(connection, project_id)
        sort = _read_sort(query.sort, vocabulary)
        return Question(project_id, parse(query.filter, vocabulary), sort, self._clock.now())


def _find_project(connection: Connection, name: str | None) -> int | None:
    return None if name is None else int(projects.require(connection, name).id)


def _read_sort(text: str, vocabulary: ProjectVocabulary) -> list[SortKey]:
    try:
        return parse_sort(text, vocabulary)
    except InvalidFilter as error:
        error.details["of"] = "sort"
        raise


def _narrow(question: Question, number: int | None, status: JobStatus | None) -> Question:
    asked: list[Node] = [] if question.filter is None else [question.filter]
    if number is not None:
        asked.append(_equals("number", Literal("number", str(number))))
    if status is not None:
        asked.append(_equals("status", Literal("text", status.value)))
    tree = And(tuple(asked)) if len(asked) > 1 else asked[0] if asked else None
    return Question(question.project_id, tree, question.sort, question.now)


def _equals(attribute: str, value: Literal) -> Comparison:
    return Comparison(Field("attribute", attribute), "=", value)


def _check(query: JobQuery) -> int:
    """Return the limit of a query for columns."""
    limit = MAX_ROWS if query.limit is None else query.limit
    if not 0 <= limit <= MAX_ROWS:
        raise InvalidRequest(f"'limit' must be 0 to {MAX_ROWS}, not {str(limit)[:60]}.")
    if not 0 <= query.offset < 1 << 62:
        raise InvalidRequest("'offset' must be 0 or more.")
    if len(query.columns or ()) > MAX_COLUMNS:
        raise InvalidRequest(f"{MAX_COLUMNS} columns are the most that one query names.")
    return limit


def _read_wanted(names: list[str] | None) -> Wanted:
    if names is None:
        return EVERYTHING
    fields, all_of = [], set()
    for name in names:
        if name in _KINDS:
            all_of.add(_KINDS[name])
            continue
        try:
            fields.append(read_field(name))
        except InvalidFilter as error:
            raise InvalidRequest(f"'columns': {error.message}") from error
    return Wanted(tuple(dict.fromkeys(fields)), frozenset(all_of))
