"""foundations.submit and the handle it returns, against a real server without a worker."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import foundations
from foundations import jobs, resources
from foundations_client.client import Client
from foundations_wire.errors import AtlasError, InvalidRequest, UnknownJob
from foundations_wire.events import EventBatch, Finished, MetricLogged, Registered, TagSet, to_wire
from support.server import Server


@pytest.fixture
def folder(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOUNDATIONS_SERVER", server.url)
    monkeypatch.setattr(resources._chosen, "resources", None)
    made = tmp_path / "search"
    made.mkdir()
    (made / "driver.py").write_text("print(1)")
    return made


def report(client: Client, job_id: str, *events: object) -> None:
    wires = [to_wire(event) for event in events]  # type: ignore[arg-type] # any event
    client.jobs.send_events(job_id, EventBatch("p", 0, wires))


def test_a_job_is_queued_and_nothing_here_changes(
    folder: Path, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (Path.cwd(), dict(os.environ), sorted(folder.iterdir()))

    deployment = foundations.submit(
        job_directory=folder,
        command="driver.py --fast 1",
        params={"layers": [{"n": 5}]},
        project_name="amber",
        priority="high",
    )

    job = client.jobs.get(deployment.job_name())
    assert (Path.cwd(), dict(os.environ), sorted(folder.iterdir())) == before
    assert jobs.current() is None
    assert (job.project, job.command, job.priority) == ("amber", ["driver.py", "--fast", "1"], 10)
    assert deployment.get_job_status() == "queued"
    assert deployment.get_true_job_status() == "queued"
    assert not deployment.is_job_complete()
    assert f"Job submitted with ID '{job.id}' in project 'amber'." in capsys.readouterr().out


@pytest.mark.scenario(30)
def test_the_project_is_the_option_then_the_file_then_the_folder(
    folder: Path, client: Client
) -> None:
    by_folder = foundations.submit(job_directory=str(folder), command=["driver.py"])
    (folder / "job.config.yaml").write_text("project_name: from-file\n")
    by_file = foundations.submit(job_directory=folder, command=["driver.py"])
    by_option = foundations.submit(
        job_directory=folder, command=["driver.py"], project_name="option"
    )

    made = [by_folder, by_file, by_option]
    projects = [client.jobs.get(job.job_name()).project for job in made]
    assert projects == ["search", "from-file", "option"]


def test_chosen_resources_count_where_the_call_says_nothing(folder: Path, client: Client) -> None:
    foundations.set_job_resources(num_gpus=2, ram=4)

    by_choice = foundations.submit(job_directory=folder, command="driver.py")
    by_call = foundations.submit(job_directory=folder, command="driver.py", num_gpus=1)

    gpus = [client.jobs.get(job.job_name()).num_gpus for job in (by_choice, by_call)]
    assert gpus == [2, 1]


def test_a_server_that_is_away_is_a_connection_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "http://127.0.0.1:9")

    with pytest.raises(ConnectionError, match="atlas-server start"):
        foundations.submit(job_directory=folder, command="driver.py")


def test_an_unknown_configuration_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(InvalidRequest, match="submission configuration with name: `moon`"):
        foundations.submit(scheduler_config="moon", job_directory=folder, command="driver.py")


def test_an_impossible_amount_is_a_value_error(folder: Path) -> None:
    with pytest.raises(ValueError, match="Invalid GPU quantity"):
        foundations.submit(job_directory=folder, command="driver.py", num_gpus=-1)


def test_a_parameter_without_a_json_form_is_named(folder: Path) -> None:
    with pytest.raises(AtlasError, match="`net`"):
        foundations.submit(job_directory=folder, command="driver.py", params={"net": object()})


@pytest.mark.scenario(37)
def test_a_stopped_job_is_completed_for_old_scripts(folder: Path, client: Client) -> None:
    deployment = foundations.submit(job_directory=folder, command="driver.py")

    client.jobs.stop(deployment.job_name())
    deployment.wait_for_deployment_to_complete()

    assert deployment.is_job_complete()
    assert deployment.get_job_status() == "completed"
    assert deployment.get_true_job_status() == "stopped"


def test_waiting_ends_with_an_error_when_the_job_vanished(folder: Path, client: Client) -> None:
    deployment = foundations.submit(job_directory=folder, command="driver.py")
    client.jobs.stop(deployment.job_name())
    client.jobs.delete(deployment.job_name())

    with pytest.raises(UnknownJob):
        deployment.wait_for_deployment_to_complete(wait_seconds=1, log_output=False)

    assert deployment.get_job_status() is None
    assert deployment.get_true_job_status() is None
    assert deployment.get_job_logs() == ""


def test_the_handle_tells_what_the_job_logged(server: Server, client: Client) -> None:
    first = [Registered(100.0, "handles", "ada"), TagSet(101.0, "good", "")]
    report(client, "told-1", *first, *[MetricLogged(101.0, "loss", n, 3 - n) for n in range(3)],
           Finished(102.5, "failed", "exit code 3", 3))  # fmt: skip
    client.logs.append("told-1", 0, "zeile eins\nü\n".encode())

    deployment = foundations.DeploymentWrapper("told-1", client)
    details = deployment.get_job_details()

    assert deployment.get_job_status() == "completed"
    assert deployment.get_true_job_status() == "failed"
    assert deployment.get_metric("loss") == 3
    assert deployment.get_job_logs() == "zeile eins\nü\n"
    assert list(deployment.stream_job_logs()) == ["zeile eins", "ü"]
    assert details["completed_time"].isoformat() == "1970-01-01T00:01:42.500000"
    assert (details["tags"], details["metrics"]) == (["good"], {"loss": 1})
    assert json.dumps(details["parameters"]) == "{}"
    with pytest.raises(KeyError, match="Metric 'accuracy' does not exist"):
        deployment.get_metric("accuracy")
    with pytest.raises(KeyError, match="Parameter 'lr' does not exist"):
        deployment.get_param("lr")
