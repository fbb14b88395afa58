"""What scripts log, as the server tells it afterwards."""

from __future__ import annotations

import pandas as pd
import pytest

import foundations
from foundations_client.client import Client
from support.scripts import Desk
from support.server import Server

START = "import foundations\nprint('job:', foundations.current_foundations_job().job_id)\n"


@pytest.mark.scenario(9)
@pytest.mark.scenario(10)
def test_points_are_kept_in_order_with_the_last_on_top(desk: Desk, client: Client) -> None:
    ran = desk.run_source(
        START + "foundations.log_metric('loss', 2)\n"
        "foundations.log_metric('loss', 1.5)\n"
        "foundations.log_metric('loss', [float('inf'), 0.5])\n"
        "foundations.log_metric('test_accuracy:', '0.9876')\n"
        "foundations.log_metrics({'a': 1, 'b': True}, step=70)\n"
    )

    series = client.jobs.series(ran.job_id, "loss")
    job = client.jobs.get(ran.job_id)
    last = {metric.name: metric.last for metric in job.metrics}
    assert list(zip(series.steps, series.values, strict=True)) == [
        (0, 2),
        (1, 1.5),
        (2, "Infinity"),
        (3, 0.5),
    ]
    assert last == {"loss": 0.5, "test_accuracy:": "0.9876", "a": 1, "b": 1}
    assert client.jobs.series(ran.job_id, "a").steps == [70]


@pytest.mark.scenario(12)
def test_the_last_value_of_a_parameter_wins_and_a_list_stays_a_list(
    desk: Desk, client: Client
) -> None:
    ran = desk.run_source(
        START + "foundations.log_param('lr', 1)\n"
        "foundations.log_param('lr', 0.1)\n"
        "foundations.log_param('layers', [1, 2])\n"
    )

    assert client.jobs.get(ran.job_id).params == {"lr": 0.1, "layers": [1, 2]}


@pytest.mark.scenario(13)
def test_parameters_of_the_file_are_logged_flattened_and_returned_nested(
    desk: Desk, client: Client
) -> None:
    desk.write("foundations_job_parameters.json", '{"layers": [{"neurons": 5}], "lr": 1}')

    ran = desk.run_source(
        START + "assert foundations.load_parameters()['layers'] == [{'neurons': 5}]\n"
    )

    assert ran.code == 0, ran.err
    assert client.jobs.get(ran.job_id).params == {"layers_0_neurons": 5, "lr": 1}


@pytest.mark.scenario(15)
def test_the_last_value_of_a_tag_wins_as_text_with_a_warning(desk: Desk, client: Client) -> None:
    ran = desk.run_source(
        START + "foundations.set_tag('big', 1)\nfoundations.set_tag('big', 84)\n"
        "foundations.set_tag('bare')\n"
    )

    assert client.jobs.get(ran.job_id).tags == {"big": "84", "bare": ""}
    assert "Foundations WARNING: Tag `big` updated to `84`" in ran.out


@pytest.mark.scenario(16)
def test_files_are_kept_under_their_keys_as_they_were(desk: Desk, client: Client) -> None:
    source = """
    import pathlib
    def save(text, *key):
        pathlib.Path("a.txt").write_text(text)
        foundations.save_artifact(pathlib.Path("a.txt"), *key)
    save("one"); save("two", "first key"); save("three", "second key"); save("four")
    """

    ran = desk.run_source(START + "\n".join(line[4:] for line in source.splitlines()))

    kept = {item.key: (item.path, item.size) for item in client.jobs.artifacts(ran.job_id).items}
    assert ran.code == 0, ran.err
    assert kept == {
        "a.txt": ("a.txt", 4),
        "first key": ("a.txt", 3),
        "second key": ("a.txt", 5),
    }
    assert 'Artifact "a.txt" already exists - overwriting.' in ran.out


@pytest.mark.scenario(17)
def test_no_file_is_kept_outside_a_job(desk: Desk) -> None:
    desk.write("a.txt", "x")

    ran = desk.run_source(
        "import foundations\n" + "foundations.save_artifact('a.txt')\n" * 2,
        FOUNDATIONS_COMMAND_LINE="1",
    )

    assert ran.code == 0
    assert ran.out.count("Cannot save artifact outside of job.") == 2
    assert not (desk.home / "journal").exists()


@pytest.mark.scenario(18)
def test_the_data_frame_has_a_row_for_each_job(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run_source(
        START + "foundations.log_param('lr', 0.5)\nfoundations.log_param('loss', 'mse')\n"
        "foundations.log_metric('loss', [3, 1])\nfoundations.set_tag('good', 'yes')\n"
    )
    desk.run_source(START + "raise ValueError\n")
    monkeypatch.setenv("FOUNDATIONS_SERVER", server.url)

    frame = foundations.get_metrics_for_all_jobs(desk.folder.name)

    first = frame.iloc[0]
    assert list(frame["status"]) == ["completed", "failed"]
    assert (first["lr"], first["loss"], first["loss_metric"]) == (0.5, "mse", 1)
    assert first["tag_good"] == "yes"
    assert first["tags"] == {"good": "yes"}
    assert pd.isna(frame.iloc[1]["lr"])
    with pytest.raises(ValueError, match="Project `no such` does not exist!"):
        foundations.get_metrics_for_all_jobs("no such")
