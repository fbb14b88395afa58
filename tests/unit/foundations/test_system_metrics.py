from __future__ import annotations

import time
from pathlib import Path

import pytest

from foundations import system_metrics
from foundations.machine import Values
from foundations.system_metrics import Sampler, Turn
from support.recording import Tape


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make(tape: Tape, *probes: object, clock: Clock | None = None, turn: bool = True) -> Sampler:
    named = [(str(number), probe) for number, probe in enumerate(probes)]
    return Sampler(
        tape.job(),
        make_probes=lambda: named,  # type: ignore[arg-type,return-value] # any callables
        take_turn=lambda: turn,
        clock=clock or Clock(),
    )


def load(_now: float) -> Values:
    return {"cpu_percent": 12.5}


def fail(_now: float) -> Values:
    raise OSError("no such file")


def test_a_sample_is_one_point_of_each_series_with_the_seconds_as_step(tape: Tape) -> None:
    clock = Clock()
    sampler = make(tape, load, lambda _: {"memory_bytes": 7}, clock=clock)

    for _ in range(3):
        sampler.step()
        clock.now += 10.2

    points = [(event["name"], event["step"], event["value"]) for event in tape.events]
    assert points == [
        ("system/cpu_percent", 10, 12.5),
        ("system/memory_bytes", 10, 7),
        ("system/cpu_percent", 20, 12.5),
        ("system/memory_bytes", 20, 7),
    ]


def test_a_probe_that_fails_is_left_out_and_not_asked_again(
    tape: Tape, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def break_down(now: float) -> Values:
        asked.append(now)
        return fail(now)

    sampler = make(tape, break_down, load)

    for _ in range(3):
        sampler.step()

    assert len(asked) == 1
    assert [event["name"] for event in tape.events] == ["system/cpu_percent"] * 2
    assert capsys.readouterr().out == ""


def test_nothing_is_logged_after_the_end(tape: Tape) -> None:
    sampler = make(tape, load)
    sampler.step()

    sampler.stop()
    sampler.step()

    assert tape.events == []


def test_a_process_waits_for_its_turn(tape: Tape) -> None:
    sampler = make(tape, load, turn=False)

    sampler.step()
    sampler.step()

    assert tape.events == []


def test_one_process_of_a_node_has_the_turn_of_a_job() -> None:
    first, second, other = Turn("job-1"), Turn("job-1"), Turn("job-2")

    taken = [first.take(), second.take(), other.take(), first.take()]

    for turn in (first, other):
        assert turn._held is not None
        turn._held.close()
    assert taken == [True, False, True, True]


def test_other_nodes_have_series_of_their_own(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)

    sampler = make(tape, load)
    sampler.step()
    sampler.step()

    assert tape.events[0]["name"] == "system/node_1/cpu_percent"


@pytest.mark.parametrize("text", ["off", "OFF", "0", "false", "no"])
def test_there_is_no_thread_when_the_environment_says_off(
    tape: Tape, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SYSTEM_METRICS", text)

    assert system_metrics.start(tape.job()) is None


@pytest.mark.parametrize(
    ("variable", "config", "is_on"),
    [
        (None, None, True),
        (None, "system_metrics: false", False),
        (None, "system_metrics: true", True),
        (None, "system_metrics: perhaps", True),
        ("on", "system_metrics: false", True),
        ("off", "system_metrics: true", False),
    ],
)
def test_the_environment_decides_before_the_config(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    config: str | None,
    is_on: bool,  # noqa: FBT001 - a column of the table
) -> None:
    monkeypatch.setenv("FOUNDATIONS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FOUNDATIONS_SYSTEM_METRICS", raising=False)
    if variable is not None:
        monkeypatch.setenv("FOUNDATIONS_SYSTEM_METRICS", variable)
    if config is not None:
        path = tmp_path / "config" / "execution" / "default.config.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(config)

    assert system_metrics.is_switched_on() is is_on


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ("0", 0.1), ("soon", 10), ("", 10)])
def test_the_interval_is_the_environments(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SYSTEM_METRICS_SECONDS", text)

    assert system_metrics._find_interval() == seconds


def test_a_sample_costs_less_than_two_milliseconds(tape: Tape) -> None:
    probes = system_metrics._make_probes()
    now, costs = time.monotonic(), []

    for number in range(21):
        begin = time.perf_counter()
        for _, probe in probes:
            probe(now + number)
        costs.append(time.perf_counter() - begin)

    assert sorted(costs)[10] < 0.002
