"""Filters, sorts and columns over a small database, held to a slow evaluator in Python."""

from __future__ import annotations

import itertools
import json
import math
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from foundations_server.search.syntax import Node, SortKey, spell
from foundations_wire import codec, events
from foundations_wire.errors import InvalidFilter, InvalidRequest, UnknownProject
from foundations_wire.search import FilterText, JobQuery
from foundations_wire.times import from_iso
from support import filter_reference
from support.filter_reference import Known
from support.filters import draw_filters, draw_sorts
from support.scenes import Scene, open_scene

LONG = "long " * 300
PARAMS: list[dict[str, Any]] = [
    {"x": 0, "y": "adam", "my key": 1.5, "loss": "NaN"},
    {"x": 0.5, "y": "Adam", 'qu"ote': True, "a.max": [1, {"b": None}]},
    {"x": "0.5", "y": None, "it's": "x' OR 1=1 --", "my key": math.inf},
    {"x": True, "y": "a%b_c", "val.loss": LONG, "loss": 9007199254740993},
    {"x": -1, "y": "é", "a.max": 12345678901234567890123, "loss": math.nan},
    {},
    {"x": 5.0, "y": "", "my key": "aab_c", "loss": 9007199254740992},
]
# Each name of support.filters is one of a param, of a metric and of a tag here.
METRICS: list[dict[str, list[Any]]] = [
    {"x": [0, 0.5], "loss": [3.0, 1.0, 2.0], "val.loss": [5, 5]},
    {"x": [0.5], "loss": [math.nan], "y": ["adam", "Adam"]},
    {"x": [-1.0, math.inf], "loss": [1.0, math.nan], "my key": [0]},
    {"x": [5], "y": ["a%b_c"], "a.max": [9007199254740993]},
    {},
    {"x": [0.5, -1], "y": ["0.5"], "loss": [-math.inf, 5], "it's": [1, "text"]},
    {"x": [1e300], "val.loss": [12345678901234567890123, 1], 'qu"ote': [5.0] * 6},
]
TAGS: list[dict[str, str]] = [
    {"x": "adam", "baseline": ""}, {"x": "Adam"}, {"my key": "a%b_c", "x": ""}, {},
    {"loss": "x' OR 1=1 --", "y": "0.5"}, {"x": "é", "y": "5"}, {'qu"ote': "true", "a.max": "NaN"},
]  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with open_scene(tmp_path_factory.mktemp("searching")) as opened:
        for index, labels in enumerate(zip(PARAMS, METRICS, TAGS, strict=True)):
            make_job(opened, f"j{index}", *labels)
            opened.clock.advance(1800.5)
        opened.submit("waiting", params={"x": 0.5})
        opened.run("running")
        yield opened


def make_job(
    scene: Scene, job_id: str, params: dict[str, Any], metrics: dict[str, list[Any]],
    tags: dict[str, str],
) -> None:  # fmt: skip
    at = scene.clock.now()
    project = "birds" if job_id < "j5" else "fish"
    scene.start_local(job_id, project)
    points = [
        events.MetricLogged(at, name, step, codec.spell(value),
                            "text" if isinstance(value, str) else "number")
        for name, values in metrics.items()
        for step, value in enumerate(values)
    ]  # fmt: skip
    scene.send(
        job_id,
        *(events.ParamLogged(at, name, codec.spell(value)) for name, value in params.items()),
        *(events.TagSet(at, key, value) for key, value in tags.items()),
        *points,
    )
    if job_id not in ("j3", "j4"):
        scene.clock.advance(90)
        scene.finish_local(job_id, "failed" if job_id == "j1" else "completed")


@pytest.fixture(scope="module")
def known(door: Scene) -> list[Known]:
    """Return what the test knows of each job, oldest first."""
    found = []
    for key, view in enumerate(reversed(door.client.jobs.list().items)):
        index = int(view.id[1:]) if view.id[1:].isdigit() else None
        metrics = {} if index is None else METRICS[index]
        attributes = {
            "status": view.status.value, "name": view.name, "number": view.number, "id": view.id,
            "user": view.user, "project": view.project, "created": from_iso(view.created_at),
            "started": view.started_at and from_iso(view.started_at),
            "ended": view.ended_at and from_iso(view.ended_at),
            "duration": view.duration_seconds, "source": view.source.value,
            "worker": view.worker, "reason": None, "exit_code": view.exit_code,
            "priority": view.priority, "gpus": view.num_gpus,
        }  # fmt: skip
        params = {"x": 0.5} if view.id == "waiting" else PARAMS[index] if index is not None else {}
        tags = {} if index is None else TAGS[index]
        found.append(Known(view.id, key, attributes, unspell(params), as_stored(metrics), tags))
    return found


def unspell(params: dict[str, Any]) -> dict[str, Any]:
    """The text NaN and the number are one on the wire."""
    return {name: math.nan if value == "NaN" else value for name, value in params.items()}


def as_stored(metrics: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """One text makes the last of all a text."""
    return {
        name: [v if isinstance(v, str) else filter_reference.text_of(v) for v in values]
        if any(isinstance(v, str) for v in values)
        else values
        for name, values in metrics.items()
    }


def ask(door: Scene, filter_: str = "", sort: str = "", **query: Any) -> list[str]:
    page = door.client.jobs.list(filter=filter_, sort=sort, limit=500, **query)
    assert page.total == len(page.items)
    return [job.id for job in page.items]


@given(draw_filters(), draw_sorts())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_filters_choose_and_sorts_order_as_they_are_told_to(
    door: Scene, known: list[Known], node: Node, sort: list[SortKey]
) -> None:
    order = ",".join(("-" if key.is_descending else "") + key.field.spell() for key in sort)
    now = door.clock.now()
    fitting = [job for job in known if filter_reference.fits(job, node, now)]
    wanted = filter_reference.sort(fitting, sort)

    assert ask(door, spell(node), order) == wanted


@given(draw_filters(), st.integers(0, 9), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_pages_are_cut_from_one_order(door: Scene, node: Node, offset: int, limit: int) -> None:
    sort = "-metrics.x.max"
    whole = ask(door, spell(node), sort)

    page = door.client.jobs.list(filter=spell(node), sort=sort, limit=limit, offset=offset)

    assert [job.id for job in page.items] == whole[offset : offset + limit]
    assert page.total == len(whole)


@pytest.mark.parametrize(
    "text",
    [
        "x' OR '1'='1", '" OR 1=1 --', "'; DROP TABLE jobs; --", "%", "_", "\\", "/", "a/%",
        ") OR 1=1", "?", ":project_id", "%(x)s", "\u2028", "{0}", "$1",
    ],
)  # fmt: skip
def test_text_of_a_filter_is_never_sql(door: Scene, text: str) -> None:
    quoted = json.dumps(text, ensure_ascii=False)

    for form in ("user = {}", "user ~ {}", "tags.x = {}", "params.y ~ {}", "metrics.y ~ {}",
                 "name in ({})", "tag has {}", "metrics.y = {}"):  # fmt: skip
        found = ask(door, form.format(quoted))
        assert found == [] or "%" in text or text == "_", form
    assert len(ask(door)) == 9


def test_percent_and_underscore_stand_for_themselves(door: Scene) -> None:
    assert ask(door, "params.y ~ '%'") == ["j3"]
    assert ask(door, "params.'my key' ~ 'b_c'") == ["j6"]
    assert ask(door, "params.y ~ 'b_'") == ["j3"]


@given(st.text(max_size=40), st.text(max_size=20))
@example("metrics.x > 1e999", "-x")
@example("number = " + "9" * 390, "number")
@example("created > 9999-12-31", "")
@example("started < -99999999999d", "")
@example("duration > " + "9" * 300 + "d", "")
@example("created = 0001-01-01", "")
@settings(max_examples=80, deadline=None)
def test_no_filter_is_answered_with_500(door: Scene, text: str, sort: str) -> None:
    query = urllib.parse.urlencode({"filter": text, "sort": sort}, errors="replace")

    response = door.ask("GET", f"/api/v1/jobs?{query}")

    assert response.status in (200, 422), response.body


def test_fault_travels_to_the_client_with_its_place(door: Scene) -> None:
    with pytest.raises(InvalidFilter) as caught:
        door.client.jobs.list(project="birds", filter="metrics.los > 1")

    assert caught.value.message == (
        "`metrics.los`: there is no such metric. Did you mean `metrics.loss`?"
    )
    details = caught.value.details
    assert (details["position"], details["length"], details["suggestion"]) == (
        0, 11, "metrics.loss",
    )  # fmt: skip


def test_names_are_those_of_the_project(door: Scene) -> None:
    assert ask(door, "params.'val.loss' is not missing", project="birds") == ["j3"]
    with pytest.raises(InvalidFilter, match="no such param"):
        ask(door, "params.'val.loss' is not missing", project="fish")


def test_name_is_not_asked_for_while_a_project_has_no_jobs(scene: Scene) -> None:
    assert scene.client.jobs.list(filter="metrics.loss > 1").total == 0


def test_moved_job_is_found_in_its_new_project(scene: Scene) -> None:
    make_job(scene, "j0", {"lr": 1}, {"loss": [1.0]}, {"t": ""})
    scene.send("j0", events.Moved(scene.clock.now(), "trees"))

    for text in ("params.lr = 1", "metrics.loss = 1", "tag:t"):
        assert ask(scene, text, project="trees") == ["j0"]
    assert scene.client.jobs.list(project="birds").param_names == []


def test_long_texts_are_cut_in_listings_only(door: Scene) -> None:
    page = door.client.jobs.list(filter="id = j3")

    assert len(page.items[0].params["val.loss"]) == 1000
    assert door.client.jobs.get("j3").params["val.loss"] == LONG
    assert ask(door, f"params.'val.loss' = '{LONG}'") == ["j3"]
    assert ask(door, f"params.'val.loss' = '{LONG[:500]}'") == []


def query(door: Scene, **options: Any) -> dict[str, list[Any]]:
    columns = door.client.jobs.query(JobQuery(**options))
    return {column.key: column.values for column in columns.columns}


def test_columns_hold_what_the_jobs_hold(door: Scene) -> None:
    columns = query(door, project="birds", sort="number", filter="source = local")

    assert columns["id"] == [f"j{index}" for index in range(5)]
    assert columns["params.x"] == [0, 0.5, "0.5", True, -1]
    assert columns["params.a.max"][4] == 12345678901234567890123
    assert columns["metrics.loss"] == [2.0, "NaN", "NaN", None, None]
    assert columns["tags.x"] == ["adam", "Adam", "", None, None]
    assert columns["status"] == ["completed", "failed", "completed", "running", "running"]
    assert columns["ended"][0] - columns["started"][0] == columns["duration"][0] == 90


def test_columns_come_as_they_were_asked(door: Scene) -> None:
    names = ["metrics.loss.min", "id", "params.x", "tags.baseline", "metrics.loss.count"]

    columns = query(door, columns=names, sort="-metrics.loss.best", limit=3)

    assert columns == {
        "metrics.loss.min": [1.0, 1.0, "-Infinity"],
        "id": ["j2", "j0", "j5"],
        "params.x": ["0.5", 0, None],
        "tags.baseline": [None, "", None],
        "metrics.loss.count": [2, 3, 2],
    } or columns["id"] == ["j5", "j2", "j0"]


def test_all_of_a_kind_can_be_asked_for_without_system_metrics(scene: Scene) -> None:
    make_job(scene, "j0", {"lr": 1}, {"system/cpu": [5], "loss": [1]}, {})

    assert list(query(scene, columns=["metrics"])) == ["metrics.loss"]
    assert list(query(scene, columns=["metrics.system/cpu", "params"])) == [
        "metrics.system/cpu",
        "params.lr",
    ]
    assert query(scene)["metrics.loss"] == [1]


def test_columns_of_nothing_are_empty(scene: Scene) -> None:
    columns = query(scene)

    assert columns["id"] == []
    assert "params.lr" not in columns


def test_few_jobs_among_many_are_read_by_key(scene: Scene) -> None:
    for index in range(40):
        scene.start_local(f"n{index:02}")
        scene.send(f"n{index:02}", events.ParamLogged(1.0, "lr", index))

    columns = query(scene, filter="id in (n03, n39)", columns=["params.lr", "name"])

    assert columns["params.lr"] == [39, 3]


@pytest.mark.parametrize(
    "bad",
    [{"limit": -1}, {"limit": 1_000_001}, {"offset": -1}, {"columns": ["nonsense"]},
     {"columns": ["name"] * 1001}, {"filter": "("}, {"sort": "("}],
)  # fmt: skip
def test_query_that_cannot_be_is_refused(door: Scene, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        door.client.jobs.query(JobQuery(**bad))


def test_fault_in_a_sort_says_so(door: Scene) -> None:
    with pytest.raises(InvalidFilter) as caught:
        ask(door, "", "nam")

    assert caught.value.details["of"] == "sort"


def test_unknown_project_is_told(door: Scene) -> None:
    with pytest.raises(UnknownProject):
        door.client.jobs.query(JobQuery("nowhere"))


def test_check_names_clauses_and_the_fault(door: Scene) -> None:
    right = door.client.jobs.check_filter(FilterText("status = failed and tag:x", "birds"))
    wrong = door.client.jobs.check_filter(FilterText("status = faild"))

    assert [(c.start, c.end, c.text) for c in right.clauses] == [
        (0, 15, "status = failed"),
        (20, 25, "tag:x"),
    ]
    assert right.fault is None
    assert wrong.fault is not None
    assert (wrong.fault.position, wrong.fault.suggestion) == (9, "failed")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", "status"), ("sta", "status"), ("metrics.lo", "metrics.loss"),
        ("metrics.loss.m", "metrics.loss.min"), ("status ", "="), ("status = ", "failed"),
        ("status = fa", "failed"), ("status in (fa", "failed"), ("status = failed ", "and"),
        ("status = failed and par", "params.x"), ("tag has ", "baseline"),
        ("created > to", "today"),
        ("not (sta", "status"), ("los", "metrics.loss"), ("metrics.loss ", "is missing"),
    ],
)  # fmt: skip
def test_completions_fit_the_place(door: Scene, text: str, offered: str) -> None:
    found = door.client.jobs.check_filter(FilterText(text, "birds")).completions

    fitting = next(item for item in found if item.insert == offered)
    assert text[fitting.start :].lower() in offered


def test_completions_within_quotes_are_none(door: Scene) -> None:
    assert door.client.jobs.check_filter(FilterText("user = 'st")).completions == []


@given(st.text(max_size=30), st.integers(-5, 50))
@settings(max_examples=50, deadline=None)
def test_no_check_is_answered_with_500(door: Scene, text: str, caret: int) -> None:
    body = json.dumps({"text": text, "caret": caret}).encode()

    assert door.ask("POST", "/api/v1/filter/check", body).status in (200, 422)


@pytest.mark.scenario(55)
class TestListingOfTheContract:
    """Five jobs: two finished, one running, two queued."""

    @pytest.fixture
    def five(self, scene: Scene) -> Scene:
        scene.hello(slots=3)
        for index, user in enumerate(["ada", "bob", "ada"]):
            scene.clock.advance(3600)
            scene.submit(
                f"r{index}", user=user, params={"lr": index * 0.5, "name": f"Run {index}"}
            )
            lease = scene.lease()[0]
            scene.client.workers.started(
                lease.attempt_id, type(self).started(lease.token, scene.clock.now())
            )
            if index < 2:
                scene.log_metric(f"r{index}", "loss", [3.0 - index, 0.0 if index else math.nan])
                scene.clock.advance(60 * (index + 1))
                scene.finish(lease, "failed" if index else "completed")
        for index in (3, 4):
            scene.clock.advance(3600)
            scene.submit(f"r{index}", user="cy", params={"lr": 0})
        return scene

    @staticmethod
    def started(token: str, at: float) -> Any:
        from foundations_wire.workers import AttemptStarted  # noqa: PLC0415

        return AttemptStarted(token, at)

    def test_newest_is_first(self, five: Scene) -> None:
        assert ask(five, project="birds") == ["r4", "r3", "r2", "r1", "r0"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("started", "r0 r1 r2 r4 r3"), ("-started", "r2 r1 r0 r4 r3"),
            ("status", "r0 r1 r4 r3 r2"), ("-status", "r2 r4 r3 r1 r0"),
            ("user,-created", "r2 r0 r1 r4 r3"), ("-user,started", "r4 r3 r1 r0 r2"),
            ("duration", None), ("metrics.loss", "r1 r4 r3 r2 r0"),
            ("-metrics.loss.max", "r0 r1 r4 r3 r2"), ("params.lr,created", "r0 r3 r4 r1 r2"),
            ("-params.name", "r2 r1 r0 r4 r3"),
        ],
    )  # fmt: skip
    def test_sorts(self, five: Scene, sort: str, order: str | None) -> None:
        found = ask(five, sort=sort, project="birds")

        assert found == (order.split() if order else found)
        assert len(found) == 5

    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("id = r1", "r1"), ("id in (r1, r3, nobody)", "r3 r1"), ("user = ada", "r2 r0"),
            ("status = COMPLETED", "r0"), ("status in (Queued, failed)", "r4 r3 r1"),
            ("started = '2030-03-17T18:46:40Z'", "r0"), ("duration = 120", "r1"),
            ("metrics.loss = 0", "r1"), ("params.lr = 0", "r4 r3 r0"),
            ("id >= r1 and id <= r3", "r3 r2 r1"), ("id >= r3 and id <= r1", ""),
            ("duration >= 60s and duration <= 1m", "r0"),
            ("metrics.loss >= 0 and metrics.loss <= 0", "r1"),
            ("params.lr >= 0 and params.lr <= 0.5", "r4 r3 r1 r0"),
            ("started >= '2030-03-17T19:00Z' and started <= '2030-03-17T20:00Z'", "r1"),
            ("user ~ D", "r2 r0"), ("id ~ R4", "r4"), ("params.name ~ 'run'", "r2 r1 r0"),
            ("started is missing", "r4 r3"), ("ended is not missing", "r1 r0"),
            ("metrics.loss = nan", "r0"), ("metrics.loss is missing", "r4 r3 r2"),
            ("metrics.loss is not missing and not metrics.loss = nan", "r1"),
        ],
    )  # fmt: skip
    def test_forms(self, five: Scene, text: str, ids: str) -> None:
        assert ask(five, text, project="birds") == ids.split()

    def test_exact_filter_and_sort_together_give_sorted_matches(self, five: Scene) -> None:
        for text, sort, ids in (
            ("user in (ada, bob)", "started", "r0 r1 r2"),
            ("user in (ada, bob)", "-started", "r2 r1 r0"),
            ("status = queued and params.lr = 0", "created", "r3 r4"),
            ("user = ada and id ~ r", "-id", "r2 r0"),
            ("params.lr = 0", "-metrics.loss.max,created", "r0 r3 r4"),
        ):
            assert ask(five, text, sort, project="birds") == ids.split()

    def test_requests_share_nothing(self, five: Scene) -> None:
        asked = ["user = ada", "status = queued", "metrics.loss = 0"]
        alone = [ask(five, text, project="birds") for text in asked]

        for order in itertools.permutations(range(3)):
            assert [ask(five, asked[i], project="birds") for i in order] == [
                alone[i] for i in order
            ]
