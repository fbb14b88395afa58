"""Odd values and names come back exactly, or the SDK refuses them in a sentence (R11)."""

from __future__ import annotations

import http.client
import json
import math
import pickle
import string
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from foundations_client.client import Client
from support.points import read_series
from support.rounds import SEED, pick
from support.scripts import Desk
from support.server import Server
from support.waiting import wait_until

# Logs each pickled value under a name of its own and writes down which were refused, and how.
SCRIPT = """
import json, pickle, sys
import foundations
with open(sys.argv[1], "rb") as file:
    cases = pickle.load(file)
refused = {}
for number, (kind, name, value) in enumerate(cases):
    log = {"metric": foundations.log_metric, "param": foundations.log_param,
           "tag": foundations.set_tag, "params": lambda _, v: foundations.log_params(v)}[kind]
    try:
        log(name, value)
    except (TypeError, ValueError) as error:
        refused[number] = str(error)
with open(sys.argv[2], "w") as file:
    json.dump(refused, file)
"""
EDGES = [
    0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e308, 1.7976931348623157e308,
    2.2250738585072014e-308, 0.1 + 0.2, 2**53 + 1, -(2**53) - 1, 2**63 - 1,
    True, False, 0,
    "", "plain", "NaN", "Infinity", "1e5", "null", "\u202eright to left", "👩‍👩‍👧‍👦", "e\u0301",
]  # fmt: skip
# What cannot be kept as it is: it is refused with a sentence, or kept as a text that says it all.
HARD = ["nul \0 inside", "x" * 1_000_000, None]
PLAIN = st.text(string.ascii_letters, min_size=1, max_size=8)
NAMES = st.text(min_size=1, max_size=80)
NUMBERS = st.one_of(
    st.floats(width=64), st.integers(1 - 2**63, 2**63 - 1), st.booleans(), st.sampled_from(EDGES)
)
VALUES = st.one_of(NUMBERS, st.text(max_size=200))

Case = tuple[str, str, Any]


def run_cases(desk: Desk, cases: list[Case], job_id: str) -> dict[int, str]:
    """Log the cases in one job; return the sentences of those that were refused."""
    desk.home.mkdir(parents=True, exist_ok=True)
    given_file, refused_file = desk.home / f"{job_id}.cases", desk.home / f"{job_id}.refused"
    given_file.write_bytes(pickle.dumps(cases))
    desk.write("main.py", SCRIPT)
    ran = desk.run("main.py", str(given_file), str(refused_file), FOUNDATIONS_JOB_ID=job_id)
    assert ran.code == 0, ran
    assert "Traceback" not in ran.err
    assert not list((desk.home / "journal").glob("*")), ran
    return {int(number): told for number, told in json.loads(refused_file.read_text()).items()}


def is_same(sent: Any, got: Any) -> bool:
    """Whether a value came back: the same bits for a float, the same text, the same integer."""
    if isinstance(sent, bool):
        return got is sent or got == int(sent)
    if isinstance(sent, float):
        number = float(got)
        return number.hex() == sent.hex() or (math.isnan(number) and math.isnan(sent))
    return type(got) is type(sent) and bool(got == sent)


def check_server(server: Server) -> None:
    log = server.log.read_text(errors="replace")
    assert "Traceback" not in log


def read_strictly(client: Client, server: Server, job_id: str) -> None:
    """Read what the GUI reads, as a parser does that knows no bare NaN."""

    def refuse(word: str) -> None:
        raise AssertionError(f"bare {word} in JSON")

    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    names = [metric.name for metric in client.jobs.get(job_id).metrics][:20]
    for path in [f"/api/v1/jobs/{job_id}", "/api/v1/jobs"] + [
        f"/api/v1/jobs/{job_id}/series?metric={quote(name)}" for name in names
    ]:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, body[:300])
        json.loads(body, parse_constant=refuse)
    connection.close()


def check_cases(client: Client, cases: list[Case], refused: dict[int, str], job_id: str) -> None:
    job = client.jobs.get(job_id)
    for number, (kind, name, value) in enumerate(cases):
        if number in refused:
            assert 10 < len(refused[number]) < 2000, (name, refused[number][:100])
            continue
        if kind == "metric":
            stored = read_series(client, job_id, name)[1]
            assert len(stored) == 1, (name, value)
            assert is_same(value, stored[0]), (name, value, stored)
        elif kind == "param":
            assert is_same(value, job.params[name]), (name, value, job.params[name])
        elif kind == "tag":
            assert job.tags[name] == str(value)


def test_edges_come_back_to_the_bit(desk: Desk, client: Client, server: Server) -> None:
    cases: list[Case] = [("metric", f"m{number}", value) for number, value in enumerate(EDGES)]
    cases += [("param", f"p{number}", value) for number, value in enumerate(EDGES)]

    refused = run_cases(desk, cases, "edges")

    assert refused == {}
    check_cases(client, cases, refused, "edges")
    read_strictly(client, server, "edges")
    check_server(server)


def test_what_cannot_be_kept_is_refused_in_a_sentence(
    desk: Desk, client: Client, server: Server
) -> None:
    cases: list[Case] = [
        (kind, f"{kind}{number}", value)
        for kind in ("metric", "param", "tag")
        for number, value in enumerate(HARD)
    ]

    refused = run_cases(desk, cases, "hard")

    check_cases(client, cases, refused, "hard")
    read_strictly(client, server, "hard")
    check_server(server)


def test_names_come_back_or_are_refused(desk: Desk, client: Client, server: Server) -> None:
    names = [
        "loss", "a/b/c", "a b", "ünï", "\u05d0\u05d1\u05d2", "👩‍👩‍👧‍👦", "a\u202eb", "..", ".",
        "%2e%2e", "a?b#c&d=e", "'; DROP",
        "<script>", "\\", '"', "x" * 200, "x" * 10_000, "", "\0",
        "a\nb", "\ud800", " ", "system/x",
    ]  # fmt: skip
    cases: list[Case] = [
        (kind, name, 1.5) for kind in ("metric", "param", "tag") for name in names
    ]

    refused = run_cases(desk, cases, "names")

    must = {number for number, case in enumerate(cases) if case[1] in ("x" * 10_000, "", "\0")}
    assert must <= set(refused)
    assert 0 not in refused
    check_cases(client, cases, refused, "names")
    read_strictly(client, server, "names")
    check_server(server)


def test_numbers_of_other_libraries_come_back(desk: Desk, client: Client, server: Server) -> None:
    source = """
        import decimal, fractions
        import numpy as np
        import foundations
        values = {
            "f16": np.float16(0.1), "f32": np.float32(0.1), "f64": np.float64(0.1),
            "i8": np.int8(-5), "u64": np.uint64(2**63 - 1), "bool": np.bool_(True),
            "zero_d": np.array(2.5), "list": np.arange(3.0), "nan": np.float32("nan"),
        }
        for name, value in values.items():
            foundations.log_metric(name, value)
        for value in (decimal.Decimal("0.1"), fractions.Fraction(1, 3), 1j, object(), {}, [[1]]):
            try:
                foundations.log_metric("odd", value)
            except TypeError as error:
                print("refused", error)
    """

    ran = desk.run_source(source, FOUNDATIONS_JOB_ID="libraries")

    read = {name: read_series(client, "libraries", name)[1] for name in
            ("f16", "f32", "f64", "i8", "u64", "bool", "zero_d", "list")}  # fmt: skip
    assert ran.code == 0, ran
    assert read == {
        "f16": [0.0999755859375], "f32": [0.10000000149011612], "f64": [0.1], "i8": [-5],
        "u64": [2**63 - 1], "bool": [1], "zero_d": [2.5], "list": [0.0, 1.0, 2.0],
    }  # fmt: skip
    assert ran.out.count("refused") + count_odd(client) == 6
    check_server(server)


def count_odd(client: Client) -> int:
    return sum(m.count for m in client.jobs.get("libraries").metrics if m.name == "odd")


@pytest.mark.parametrize("depth", [10, 100])
def test_a_deep_dict_is_kept_or_refused(
    desk: Desk, client: Client, server: Server, depth: int
) -> None:
    source = f"""
        import foundations
        nested = 1
        for _ in range({depth}):
            nested = {{"k": nested}}
        try:
            foundations.log_params(nested)
        except (TypeError, ValueError) as error:
            print("refused:", error)
        foundations.log_metric("after", 1)
    """

    ran = desk.run_source(source, FOUNDATIONS_JOB_ID=f"deep-{depth}")

    job = client.jobs.get(f"deep-{depth}")
    assert ran.code == 0, ran
    assert "RecursionError" not in ran.err
    assert [metric.name for metric in job.metrics] == ["after"]
    assert len(job.params) == 1 or "refused:" in ran.out
    check_server(server)


@settings(
    max_examples=pick(2, 40), deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@seed(SEED)
@given(
    metrics=st.lists(VALUES, min_size=60, max_size=120),
    params=st.dictionaries(NAMES, VALUES, min_size=30, max_size=80),
    tags=st.dictionaries(NAMES, st.one_of(NUMBERS, st.text(max_size=50)), max_size=40),
)
def test_whatever_is_logged_comes_back_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
    server: Server,
    metrics: list[Any],
    params: dict[str, Any],
    tags: dict[str, Any],
) -> None:
    print(f"ATLAS_FAULT_SEED={SEED}")
    folder: Path = tmp_path_factory.mktemp("desk")
    desk = Desk(folder / "desk", folder / "home", server.url)
    cases: list[Case] = [("metric", f"m{number}", value) for number, value in enumerate(metrics)]
    cases += [("param", name, value) for name, value in params.items()]
    cases += [("tag", name, value) for name, value in tags.items()]
    job_id, client = f"any-{folder.name}", server.connect()

    refused = run_cases(desk, cases, job_id)

    wait_until(lambda: client.jobs.get(job_id).status.value == "completed", "the job ends")
    check_cases(client, cases, refused, job_id)
    read_strictly(client, server, job_id)
    check_server(server)
