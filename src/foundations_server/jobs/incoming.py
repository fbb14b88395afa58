"""Batches of events as they come in: read, checked, and their points sorted by metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from foundations_server.metrics import columns, summaries
from foundations_server.metrics.columns import Array, Points, Value
from foundations_server.metrics.summaries import TEXT, Part
from foundations_wire import batches, codec
from foundations_wire.batches import FLOAT, INTEGER, POINT_BYTES, Batch
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import (
    YEAR_3000,
    Dropped,
    Event,
    EventBatch,
    MetricLogged,
    check_event,
    from_wire,
)
from foundations_wire.ids import check_key

MAX_PRODUCER = 200
_NO_EVENTS = b'"events":[]}'
_NAME, _STEP, _AT, _VALUE = 1, 3, 11, 19  # first planes of a point's fields


@dataclass(frozen=True)
class Incoming:
    """A checked batch. Every event has a place in it, from 0.

    `series` holds the places and the points by metric, `events` what is no point.
    """

    producer: str
    first: int
    count: int  # numbers that it takes; a Dropped stands for many
    events: list[tuple[int, Event]] = field(default_factory=list)
    series: dict[str, tuple[Array, Points]] = field(default_factory=dict)

    @property
    def next(self) -> int:
        return self.first + self.count

    def skip(self, known: int) -> Incoming:
        """Return it without what is at the first places."""
        if known <= 0:
            return self
        events = [item for item in self.events if item[0] >= known]
        series = {
            name: (places[places >= known], points.cut(places >= known))
            for name, (places, points) in self.series.items()
            if places[-1] >= known
        }
        return Incoming(self.producer, self.first, self.count, events, series)

    def pack(self) -> dict[str, Part]:
        """Return the points, packed, by metric."""
        return {name: summaries.measure(points) for name, (_, points) in self.series.items()}


def read_columns(data: bytes) -> Incoming:
    """Return the batch of a body in columns (see foundations_wire.batches).

    Raises:
        InvalidRequest: it is none, or something in it cannot be.
        TooLarge: it is larger than MAX_BYTES when inflated.
    """
    batch = _decode(data)
    _check_head(batch.producer, batch.first)
    events = [(place, _read(place, item)) for place, item in batch.events]
    series: dict[str, tuple[Array, Points]] = {}
    if batch.points:
        places = np.arange(batch.count)
        if events:
            places = np.delete(places, [place for place, _ in events])
        series = _sort(batch, places)
    return _assemble(batch.producer, batch.first, batch.count, events, series)


def read_json(batch: EventBatch) -> Incoming:
    """Return the batch of a body in JSON; raises InvalidRequest as `read_columns`."""
    _check_head(batch.producer, batch.first)
    events = [(place, _read(place, item)) for place, item in enumerate(batch.events)]
    return _assemble(batch.producer, batch.first, len(events), events, {})


def _decode(data: bytes) -> Batch:
    """Return the batch; a header without events, which most are, is read by orjson.

    It would take whole numbers beyond 64 bits for floats, and only events may hold them.
    """
    end = 4 + int.from_bytes(data[:4], "little")
    if not data[4:end].endswith(_NO_EVENTS):
        return batches.decode(data)
    try:
        header = orjson.loads(data[4:end])
        producer, first, points, names = (
            header[name] for name in ("producer", "first", "points", "names")
        )
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return batches.decode(data)  # finds the words for what is wrong
    is_fit = type(producer) is str and type(first) is int and type(points) is int
    if not is_fit or len(header) != 5 or not _are_texts(names):
        return batches.decode(data)
    return Batch(producer, first, points, names, batches.inflate_points(data[end:], points))


def _are_texts(names: Any) -> bool:
    is_list = isinstance(names, list) and len(names) <= batches.MAX_NAMES
    return is_list and all(type(name) is str for name in names)


def _check_head(producer: str, first: int) -> None:
    if not 1 <= len(producer) <= MAX_PRODUCER or not producer.isprintable():
        raise InvalidRequest("The producer must be 1 to 200 printable characters.")
    if not 0 <= first < 1 << 62:
        raise InvalidRequest(f"'first' must be 0 or more, not {first}.")


def _read(place: int, data: dict[str, Any]) -> Event:
    try:
        event = from_wire(data)
        check_event(event)
    except InvalidRequest as error:
        raise InvalidRequest(f"events[{place}]: {error.message}") from error
    return event


def _sort(batch: Batch, places: Array) -> dict[str, tuple[Array, Points]]:
    """Return the checked points of the columns by metric, in order."""
    planes = np.frombuffer(batch.planes, np.uint8).reshape(POINT_BYTES, batch.points)
    kinds, steps, times = planes[0], _take(planes, _STEP), _take(planes, _AT).view(np.float64)
    numbers = planes[_NAME] | planes[_NAME + 1].astype(np.uint16) << 8
    _check_points(batch, kinds, numbers, times)
    bits = _take(planes, _VALUE)
    if len(batch.names) == 1:
        return {batch.names[0]: (places, _make(kinds, steps, times, bits))}
    distinct = {name: index for index, name in enumerate(dict.fromkeys(batch.names))}
    numbers = np.array([distinct[name] for name in batch.names])[numbers]
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(distinct)))
    found: dict[str, tuple[Array, Points]] = {}
    start = 0
    for name, end in zip(distinct, ends.tolist(), strict=True):
        some = order[start:end]
        if len(some):
            points = _make(kinds[some], steps[some], times[some], bits[some])
            found[name] = (places[some], points)
        start = end
    return found


def _take(planes: Array, first: int) -> Array:
    """Return the eight-byte numbers whose bytes lie in planes from `first` on."""
    column = np.ascontiguousarray(planes[first : first + 8].T)
    numbers: Array = column.view(np.int64)[:, 0]
    return numbers


def _check_points(batch: Batch, kinds: Array, numbers: Array, times: Array) -> None:
    for name in batch.names:
        check_key("metric name", name)
    wrong = (kinds != FLOAT) & (kinds != INTEGER)
    if wrong.any():
        raise InvalidRequest(f"{kinds[wrong.argmax()]} is no kind of point.")
    if int(numbers.max()) >= len(batch.names):
        raise InvalidRequest(f"The batch has no name number {numbers.max()}.")
    wrong = ~((times >= 0) & (times < YEAR_3000))  # NaN is wrong too
    if wrong.any():
        moment = times[wrong.argmax()]
        raise InvalidRequest(f"'at' is no moment between 1970 and 3000: {moment}.")


def _make(kinds: Array, steps: Array, times: Array, bits: Array) -> Points:
    is_whole = kinds == INTEGER
    if not is_whole.any():
        return Points(steps, times, bits.view(np.float64), columns.FLOATS)
    if is_whole.all():
        return Points(steps, times, bits, columns.INTEGERS)
    values = np.empty(len(bits), columns.MIXED_TYPE)
    values["is_whole"], values["bits"] = is_whole, bits
    return Points(steps, times, values, columns.MIXED)


def _assemble(
    producer: str,
    first: int,
    count: int,
    events: list[tuple[int, Event]],
    series: dict[str, tuple[Array, Points]],
) -> Incoming:
    """Return the batch with the points among its events put with those in columns."""
    logged: dict[str, list[tuple[int, MetricLogged]]] = {}
    others: list[tuple[int, Event]] = []
    for place, event in events:
        if isinstance(event, MetricLogged):
            logged.setdefault(event.name, []).append((place, event))
        else:
            others.append((place, event))
    for name, items in logged.items():
        places, points = _collect(items)
        if name in series:
            places = np.concatenate((series[name][0], places))
            order = np.argsort(places)
            joined = columns.join([series[name][1], points])
            places, points = places[order], joined.cut(order)
        series[name] = (places, points)
    return Incoming(producer, first, _count(count, others), others, series)


def _collect(items: list[tuple[int, MetricLogged]]) -> tuple[Array, Points]:
    events = [event for _, event in items]
    points = columns.make(
        [event.step for event in events],
        [event.at for event in events],
        [_value(event) for event in events],
    )
    return np.array([place for place, _ in items]), points


def _value(event: MetricLogged) -> Value:
    if event.kind == TEXT:
        return str(event.value)
    value = codec.number(event.value)
    return int(value) if isinstance(value, bool) else value


def _count(count: int, events: list[tuple[int, Event]]) -> int:
    many = [event.count for _, event in events if isinstance(event, Dropped) and event.count > 1]
    if many and count > 1:
        raise InvalidRequest("A 'dropped' event that counts more than 1 is alone in its batch.")
    return many[0] if many else count
