"""Whatever a request says, the answer is never 500."""

from __future__ import annotations

import dataclasses
import json
import typing
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundations_server.app import create_app
from foundations_server.platform.parameters import read_signature
from foundations_server.platform.routing import Declared, DeclaredRoute
from foundations_server.platform.settings import Settings
from foundations_wire import codec, events
from support.scenes import Scene, open_scene

AT = 1_900_000_000.0
DEEP: Any = None
for _ in range(600):
    DEEP = [DEEP]

NASTY: list[Any] = [
    None, True, 0, -1, 1 << 63, 1 << 80, 10**400, 1.5, "NaN", "Infinity", "", "\0", "\ud800",
    "j1", "local", [], {}, [1], {"a": 1}, {"\ud800": 1}, {"": "x"}, [[]], DEEP,
]  # fmt: skip
VALUES = st.sampled_from(NASTY)
FITTING: dict[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(["j1", "x", "completed", "number"]),
    int: st.integers(-2, 3),
    float: st.just(AT),
    list[str]: st.just(["main.py"]),
}


def list_declared() -> list[Declared]:
    app = create_app(Settings(home=Path("nowhere")))
    routes = [route.declared for route in app.routes if isinstance(route, DeclaredRoute)]
    return [declared for declared in routes if declared.is_documented]


DECLARED = list_declared()
BODIES = [declared for declared in DECLARED if dataclasses.is_dataclass(declared.body)]
# Streams never end; a lease waits for work. Both read their query like the others.
PLAIN_GETS = [d for d in DECLARED if d.method == "GET" and not d.path.endswith("/events")]


def draw_object(kind: Any) -> st.SearchStrategy[Any]:
    """Return objects with the fields of a dataclass, some fitting and some not."""
    hints = typing.get_type_hints(kind)
    fields = {
        field.name: VALUES | FITTING.get(hints[field.name], VALUES)
        for field in dataclasses.fields(kind)
    }
    needed = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    return st.fixed_dictionaries(
        {name: drawn for name, drawn in fields.items() if name in needed},
        optional={name: drawn for name, drawn in fields.items() if name not in needed},
    )


def draw_event() -> st.SearchStrategy[Any]:
    kinds = typing.get_args(events.Event)
    names = [
        "registered",
        "moved",
        "param",
        "metric",
        "tag",
        "artifact",
        "archive",
        "raised",
        "finished",
        "dropped",
        "thinned",
    ]
    by_name = dict(zip(names, kinds, strict=True))
    return st.sampled_from(names).flatmap(
        lambda name: draw_object(by_name[name]).map(lambda fields: {**fields, "event": name})
    )


def draw_body(kind: Any) -> st.SearchStrategy[Any]:
    if kind is events.EventBatch:
        batch = {"producer": st.uuids().map(str), "first": st.just(0)}
        return st.fixed_dictionaries({**batch, "events": st.lists(draw_event(), max_size=3)})
    return VALUES | draw_object(kind)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with open_scene(tmp_path_factory.mktemp("door")) as opened:
        opened.submit("j1")
        opened.start_local("local")
        yield opened


def fill(path: str) -> str:
    """Return a path that names things which exist."""
    for name, value in (("{job_id}", "local"), ("{key:path}", "k"), ("{area}", "code")):
        path = path.replace(name, value)
    return path.replace("{", "").replace("}", "").replace(":path", "")


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_body_is_answered_with_500(door: Scene, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(BODIES), label="route")
    if route.path.endswith("/leases"):
        body = data.draw(VALUES)  # one that fits would wait for work
    else:
        body = data.draw(draw_body(route.body))

    response = door.ask(route.method, fill(route.path), json.dumps(body).encode())

    assert response.status < 500, codec.decode(response.body)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_query_is_answered_with_500(door: Scene, data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(PLAIN_GETS), label="route")
    declared = read_signature(route.endpoint, route.path)
    names = st.sampled_from([p.name for p in declared if p.source == "query"] or ["x"])
    texts = st.sampled_from(
        ["", "0", "-1", "1" * 29, "1" * 5000, "nan", "1e999", "birds", "\0", "true", "²", "😀"]
    )
    query = data.draw(st.lists(st.tuples(names, texts | st.text(max_size=5)), max_size=4))

    path = f"{fill(route.path)}?{urllib.parse.urlencode(query, errors='replace')}"
    response = door.ask("GET", path)

    assert response.status < 500, response.body[:500]


def test_nothing_stored_makes_a_page_fail_later(door: Scene) -> None:
    for path in ("/api/v1/jobs", "/api/v1/queue", "/api/v1/workers", "/api/v1/projects"):
        assert door.ask("GET", path).status == 200
