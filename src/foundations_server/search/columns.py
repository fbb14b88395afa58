"""Jobs as columns of JSON.

The database holds the values of params and metrics as JSON texts, exact to the digit, so a
column is these texts with commas between them: no value is read, none is written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Select, func, select

from foundations_server.jobs.tables import jobs, params, tags
from foundations_server.metrics.tables import series
from foundations_server.platform.database import slices
from foundations_server.projects.tables import projects
from foundations_server.search.conditions import find_attribute, resolve
from foundations_server.search.fields import ATTRIBUTES
from foundations_server.search.repository import Question
from foundations_server.search.syntax import AGGREGATES, Field
from foundations_wire.search import SYSTEM_PREFIX

_DENSE = 4  # read a stretch of keys whole when at least one in so many is wanted
_SEPARATOR = "\x1e"
_SHOWN = {"count": "points", "step": "last_step"}
_END_OF_SYSTEM = SYSTEM_PREFIX[:-1] + chr(ord(SYSTEM_PREFIX[-1]) + 1)


# Keys of jobs, the name of a label that they all have, and its JSON text in each.
_Part = tuple[Sequence[int], str, Sequence[str]]
# Of one table: the key of the job, the name of the label, its value.
_Triple = tuple[Column[Any], Column[Any], Column[Any]]


@dataclass(frozen=True)
class Wanted:
    """Which columns are asked for: fields, and kinds of which all are."""

    fields: Sequence[Field] = ()
    all_of: frozenset[str] = frozenset()

    def names(self, kind: str, aggregate: str = "") -> list[str]:
        return [f.name for f in self.fields if f.kind == kind and f.aggregate in ("", aggregate)]


EVERYTHING = Wanted(
    tuple(Field("attribute", name) for name in ATTRIBUTES),
    frozenset({"param", "metric", "tag"}),
)


@dataclass
class _Columns:
    """JSON texts by field; `places` says where in a column a job, by its key, belongs."""

    places: dict[int, int]
    texts: dict[Field, list[str]] = field(default_factory=dict)

    def fill(self, parts: Iterable[_Part], kind: str, aggregate: str, *, can_add: bool) -> None:
        """Put values in the columns of their names; `can_add` makes those that are not there."""
        size = len(self.places)
        added: dict[Field, list[str]] = {}
        known: Sequence[int] | None = None  # names of the same jobs follow each other
        places: list[int | None] = []
        for keys, name, values in parts:
            of = Field(kind, name, aggregate)
            column = self.texts.get(of) or added.get(of)
            if column is None and can_add:
                column = added[of] = ["null"] * size
            if column is None:
                continue
            if keys is not known:
                known, places = keys, [self.places.get(key) for key in keys]
                is_whole = places == list(range(size))
            if is_whole:  # all jobs, in their order
                column[:] = values
                continue
            for place, value in zip(places, values, strict=True):
                if place is not None:
                    column[place] = value
        for of in sorted(added, key=lambda of: of.name):
            self.texts[of] = added[of]


@dataclass(frozen=True)
class _Source:
    """Where rows come from: some jobs of a project, or of all."""

    connection: Connection
    keys: Sequence[int]
    project_id: int | None

    def run(
        self, query: Select[Any], key: Column[Any], project: Column[Any] | None = None
    ) -> list[Any]:
        """Return the rows of the jobs, and maybe of others; the driver's tuples are enough."""
        if not self.keys:
            return []
        first, last = min(self.keys), max(self.keys)
        if len(self.keys) * _DENSE < last - first + 1:
            some = [self._fetch(query.where(key.in_(part))) for part in slices(self.keys)]
            return [row for rows in some for row in rows]
        if project is not None and self.project_id is not None:
            query = query.where(project == self.project_id)
        return self._fetch(query.where(key.between(first, last)))

    def _fetch(self, query: Select[Any]) -> list[Any]:
        return list(self.connection.execute(query).cursor.fetchall())


def read(
    connection: Connection, keys: Sequence[int], wanted: Wanted, question: Question
) -> list[bytes]:
    """Return each column as a JSON object (see JobColumn), in the order in which it was asked.

    All of a kind come in the order of their names, behind what was named.
    """
    columns = _Columns({key: place for place, key in enumerate(keys)})
    columns.texts = {f: ["null"] * len(keys) for f in wanted.fields}
    source = _Source(connection, keys, question.project_id)
    _read_attributes(source, wanted, columns, question.now)
    _read_params(source, wanted, columns)
    _read_metrics(source, wanted, columns)
    _read_tags(source, wanted, columns)
    return [_spell(f, texts) for f, texts in columns.texts.items()]


def _spell(of: Field, texts: list[str]) -> bytes:
    head = {"key": of.spell(), "kind": of.kind, "name": of.name, "aggregate": of.aggregate}
    values = ",".join(texts).encode()
    return b'%s,"values":[%s]}' % (orjson.dumps(head)[:-1], values)


def _read_attributes(source: _Source, wanted: Wanted, columns: _Columns, now: float) -> None:
    fields = [f for f in wanted.fields if f.kind == "attribute"]
    chosen = [projects.c.name if f.name == "project" else find_attribute(f, now) for f in fields]
    query = select(jobs.c.key, *(c.label(f"c{i}") for i, c in enumerate(chosen)))
    query = query.select_from(jobs).join(projects, projects.c.id == jobs.c.project_id)
    rows = source.run(query, jobs.c.key) if fields else []
    if not rows:
        return
    of_jobs, *read = zip(*rows, strict=True)
    places = [columns.places.get(key) for key in of_jobs]
    for f, values in zip(fields, read, strict=True):
        column: list[Any] = [None] * len(source.keys)
        for place, value in zip(places, values, strict=True):
            if place is not None:
                column[place] = value
        columns.texts[f] = [orjson.dumps(column).decode()[1:-1]]


def _read_params(source: _Source, wanted: Wanted, columns: _Columns) -> None:
    is_all, names = "param" in wanted.all_of, wanted.names("param")
    of = (params.c.job_key, params.c.name, params.c.value)
    parts = _read_all(source, of) if is_all else _read_named(source, of, names)
    columns.fill(parts, "param", "", can_add=is_all)


def _read_metrics(source: _Source, wanted: Wanted, columns: _Columns) -> None:
    is_system = series.c.name.between(SYSTEM_PREFIX, _END_OF_SYSTEM)
    for aggregate in AGGREGATES:
        names = wanted.names("metric", aggregate)
        if "metric" in wanted.all_of and aggregate == "last":
            of = (series.c.job_key, series.c.name, series.c.last)
            parts = _read_all(source, of, ~is_system | series.c.name.in_(names))
            columns.fill(parts, "metric", aggregate, can_add=True)
            continue
        for column, some in _group_by_column(aggregate, names).items():
            of = (series.c.job_key, series.c.name, series.c[column])
            columns.fill(_read_named(source, of, some), "metric", aggregate, can_add=False)


def _group_by_column(aggregate: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of the table that hold an aggregate, with the names for each."""
    found: dict[str, list[str]] = {}
    for name in names:
        resolved = resolve(Field("metric", name, aggregate))
        found.setdefault(_SHOWN.get(resolved, resolved), []).append(name)
    return found


def _read_tags(source: _Source, wanted: Wanted, columns: _Columns) -> None:
    is_all, names = "tag" in wanted.all_of, wanted.names("tag")
    of = (tags.c.job_key, tags.c.key, tags.c.value)
    if is_all:
        by_key: dict[str, tuple[list[int], list[str]]] = {}
        for job_key, key, value in source.run(select(*of), tags.c.job_key):
            of_jobs, values = by_key.setdefault(key, ([], []))
            of_jobs.append(job_key)
            values.append(value)
        parts: Iterable[_Part] = ((some, key, values) for key, (some, values) in by_key.items())
    else:
        parts = _read_named(source, of, names)
    spelled = ((some, key, [orjson.dumps(v).decode() for v in vs]) for some, key, vs in parts)
    columns.fill(spelled, "tag", "", can_add=is_all)


def _read_named(source: _Source, of: _Triple, names: Sequence[str]) -> Iterator[_Part]:
    """Read the labels of some names, each by the index that begins with project and name."""
    key, name, value = of
    for wanted in names:
        query = select(key, func.coalesce(value, "null")).where(name == wanted)
        rows = source.run(query, key, name.table.c.project_id)
        if rows:
            of_jobs, values = zip(*rows, strict=True)
            yield of_jobs, wanted, [str(value) for value in values]


def _read_all(
    source: _Source, of: _Triple, chosen: ColumnElement[bool] | None = None
) -> Iterator[_Part]:
    """Read all labels, those of one job in one row: fetching rows is what costs.

    No JSON text and no name holds the separator. Jobs mostly have the same names, so that
    their values are turned into columns together.
    """
    key, name, value = of
    joined = [func.aggregate_strings(c, _SEPARATOR) for c in (name, func.coalesce(value, "null"))]
    where = () if chosen is None else (chosen,)
    query: Any = select(key, *joined).where(*where).group_by(key)
    alike: dict[str, tuple[list[int], list[list[str]]]] = {}
    for of_job, names, values in source.run(query, key):
        of_jobs, lists = alike.setdefault(names, ([], []))
        of_jobs.append(of_job)
        lists.append(values.split(_SEPARATOR))
    for names, (of_jobs, lists) in alike.items():
        for name_of, column in zip(names.split(_SEPARATOR), zip(*lists, strict=True), strict=True):
            yield of_jobs, name_of, column
