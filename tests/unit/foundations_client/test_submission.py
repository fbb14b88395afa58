from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from foundations_client.client import Client
from foundations_client.submission import (
    Submission,
    Submitted,
    check_params,
    check_priority,
    check_resources,
    split_command,
    submit,
)
from foundations_client.transport import Request, Response
from foundations_wire import codec
from foundations_wire.errors import InvalidRequest, ServerUnreachable, TooLarge
from foundations_wire.jobs import PARAMETERS_FILE, JobSource, JobSpec, JobStatus, JobView


class FakeServer:
    """A Transport that stores bundles and queues jobs, as much as submit needs."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.bundles: dict[str, bytes] = {}
        self.uploads = 0
        self.specs: dict[str, JobSpec] = {}
        self.addresses: list[str] = []

    def connect(self, address: str) -> Client:
        self.addresses.append(address)
        return Client(self)

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        if self.is_away:
            raise ServerUnreachable("No Atlas server answers.")
        if request.path == "/api/v1/server":
            return reply({"version": "1", "protocol": 1, "time": "now"})
        if found := re.fullmatch(r"/api/v1/bundles/(\w+)", request.path):
            return self._bundle(found[1], request)
        found = re.fullmatch(r"/api/v1/jobs/([\w-]+)", request.path)
        assert found
        assert isinstance(request.body, bytes)
        spec = codec.build(JobSpec, codec.decode(request.body))
        self.specs[found[1]] = spec
        return reply(codec.spell(make_view(found[1], spec)))

    def _bundle(self, sha256: str, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(200 if sha256 in self.bundles else 404, {}, b"")
        assert request.body is not None
        assert not isinstance(request.body, bytes)
        self.bundles[sha256] = request.body.read()
        self.uploads += 1
        return reply({"sha256": sha256, "size": request.body_bytes})

    @property
    def spec(self) -> JobSpec:
        return list(self.specs.values())[-1]

    def read_bundle(self) -> dict[str, bytes]:
        data = self.bundles[self.spec.bundle or ""]
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            files = [member for member in archive if member.isfile()]
            return {file.name: archive.extractfile(file).read() for file in files}  # type: ignore[union-attr]


def reply(value: Any) -> Response:
    return Response(200, {"content-type": "application/json"}, codec.encode(value))


def make_view(job_id: str, spec: JobSpec) -> JobView:
    return JobView(
        id=job_id, project=spec.project, number=1, name="amber-heron-1", reason=None,
        status=JobStatus.QUEUED, source=JobSource.SUBMITTED, user=spec.user, command=spec.command,
        priority=spec.priority, num_gpus=spec.num_gpus, created_at="2031-05-02T09:00:01Z",
        started_at=None, ended_at=None, duration_seconds=None, exit_code=None, error=None,
        worker=None, queue_position=1, params=spec.params, tags={}, metrics=[], artifact_count=0,
        log_bytes=0,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "birds"
    made.mkdir()
    (made / "main.py").write_text("print('hello')\n")
    return made


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def send(server: FakeServer, folder: Path, /, **options: Any) -> Submitted:
    options.setdefault("command", ["main.py"])
    return submit(Submission(folder, **options), lambda _text: None, connect=server.connect)


def write_job_config(folder: Path, text: str) -> None:
    (folder / "job.config.yaml").write_text(text)


def test_a_job_is_queued_with_the_folder_as_its_bundle(server: FakeServer, folder: Path) -> None:
    submitted = send(server, folder, command=["main.py", "0", "some text"])

    assert submitted.job.status is JobStatus.QUEUED
    assert server.spec.command == ["main.py", "0", "some text"]
    assert server.read_bundle() == {"main.py": b"print('hello')\n"}
    assert submitted.warnings == []


def test_the_same_folder_travels_once(server: FakeServer, folder: Path) -> None:
    send(server, folder)
    send(server, folder)

    assert len(server.specs) == 2
    assert server.uploads == 1


def test_the_project_is_the_folders_name_unless_said(server: FakeServer, folder: Path) -> None:
    send(server, folder)

    assert server.spec.project == "birds"


@pytest.mark.scenario(30)
def test_the_job_config_names_the_project_before_the_folder(
    server: FakeServer, folder: Path
) -> None:
    write_job_config(folder, "project_name: songs\n")

    send(server, folder)

    assert server.spec.project == "songs"


@pytest.mark.scenario(30)
def test_an_argument_names_the_project_before_the_job_config(
    server: FakeServer, folder: Path
) -> None:
    write_job_config(folder, "project_name: songs\nnum_gpus: 1\nram: 2\n")

    send(server, folder, project="owls", num_gpus=0, ram_gb=0.5)

    assert server.spec.project == "owls"
    assert server.spec.num_gpus == 0
    assert server.spec.ram_gb == 0.5


def test_a_job_in_a_worker_submits_into_its_own_project(
    server: FakeServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOB_OWNER", "attempt:1")
    monkeypatch.setenv("FOUNDATIONS_PROJECT_NAME", "search")

    send(server, folder)

    assert server.spec.project == "search"


def test_parameters_travel_beside_the_bundle_so_that_a_search_uploads_once(
    server: FakeServer, folder: Path
) -> None:
    params = {"lr": 0.1, "layers": [{"n": 5}], "nan": float("nan")}

    send(server, folder, params=params)

    assert PARAMETERS_FILE not in server.read_bundle()
    assert server.spec.params == {**params, "nan": "NaN"}
    assert not (folder / PARAMETERS_FILE).exists()


def test_parameters_of_the_job_config_count_without_others(
    server: FakeServer, folder: Path
) -> None:
    write_job_config(folder, "params: {lr: 0.5}\n")

    send(server, folder)

    assert server.spec.params == {"lr": 0.5}


def test_a_parameter_without_json_form_is_named_and_nothing_is_sent(
    server: FakeServer, folder: Path
) -> None:
    with pytest.raises(InvalidRequest, match=r"`layers\[1\]\.when` cannot be kept.*object"):
        send(server, folder, params={"layers": [{}, {"when": object()}]})

    assert server.uploads == 0


def test_a_date_in_the_job_config_is_named(server: FakeServer, folder: Path) -> None:
    write_job_config(folder, "params:\n  since: 2031-05-02\n")

    with pytest.raises(InvalidRequest, match=r"`since` cannot be kept: .*date"):
        send(server, folder)


def test_scalars_with_item_become_numbers() -> None:
    class Scalar:
        def item(self) -> float:
            return 0.5

    class Array:
        def tolist(self) -> list[float]:
            return [1.0, 2.0]

    assert check_params({"a": Scalar(), "b": Array(), "c": (1, None), "d": Path("x/y")}) == {
        "a": 0.5, "b": [1.0, 2.0], "c": [1, None], "d": "x/y",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, []),
        ("driver.py", ["driver.py"]),
        ("main.py --name 'two words'", ["main.py", "--name", "two words"]),
        (["main.py", "two words"], ["main.py", "two words"]),
    ],
)
def test_a_command_is_split_only_if_it_is_one_text(
    command: str | list[str] | None, words: list[str]
) -> None:
    assert split_command(command) == words


def test_a_command_with_an_open_quotation_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="No closing quotation"):
        split_command("main.py 'x")


def test_a_command_that_is_no_file_warns_and_is_submitted(
    server: FakeServer, folder: Path
) -> None:
    submitted = send(server, folder, command="missing.py")

    assert server.spec.command == ["missing.py"]
    assert "'missing.py' is no file in the job directory" in submitted.warnings[0]


def test_no_command_warns_and_is_submitted(server: FakeServer, folder: Path) -> None:
    submitted = send(server, folder, command=None)

    assert server.spec.command == []
    assert "no command was given" in submitted.warnings[0]


def test_worker_overrides_come_from_both_configs(server: FakeServer, folder: Path) -> None:
    lab = folder / "config" / "submission" / "lab.config.yaml"
    lab.parent.mkdir(parents=True)
    lab.write_text(
        "scheduler_url: http://lab:1\nworker:\n  image: lab/base\n  entrypoint: bash\n"
        "  environment: {A: 1, B: 1}\n"
    )
    write_job_config(
        folder, "worker:\n  args: [run.sh]\n  environment: {B: 2}\n  resources: {x: 1}\n"
    )

    submitted = send(server, folder, config="lab", command=None)

    assert server.addresses == ["http://lab:1"]
    assert server.spec.image == "lab/base"
    assert server.spec.entrypoint == "bash"
    assert server.spec.command == ["run.sh"]
    assert server.spec.environment == {"A": "1", "B": "2"}
    assert "resources" in submitted.warnings[0]


def test_a_command_given_wins_over_that_of_the_worker(server: FakeServer, folder: Path) -> None:
    write_job_config(folder, "worker: {args: [other.py]}\n")

    send(server, folder, command="main.py")

    assert server.spec.command == ["main.py"]


def test_a_missing_job_directory_is_told_in_a_sentence(server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"The job directory '.*gone' does not exist\."):
        send(server, tmp_path / "gone")


def test_a_folder_that_is_too_large_is_not_uploaded(server: FakeServer, folder: Path) -> None:
    with (folder / "weights.bin").open("wb") as file:
        file.truncate(500_000_001)

    with pytest.raises(TooLarge, match=r"weights\.bin"):
        send(server, folder)

    assert server.specs == {}


def test_what_is_left_out_is_told(server: FakeServer, folder: Path) -> None:
    (folder / ".env").write_text("TOKEN=x")

    submitted = send(server, folder)

    assert submitted.warnings == ["left out of the bundle: .env (looks like a secret)."]


def test_a_server_that_is_away_is_told_before_packing(folder: Path) -> None:
    with pytest.raises(ServerUnreachable, match="No Atlas server answers"):
        send(FakeServer(is_away=True), folder)


def test_an_old_address_that_is_refused_names_the_line_to_change(folder: Path) -> None:
    path = folder / "config" / "submission" / "scheduler.config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("redis_url: x\nscheduler_url: http://127.0.0.1:5558\n")

    with pytest.raises(ServerUnreachable) as refused:
        send(FakeServer(is_away=True), folder)

    assert f"{path}, line 2" in refused.value.message
    assert "`scheduler_url: http://127.0.0.1:5555`" in refused.value.message


def test_an_option_names_the_server_before_the_config(server: FakeServer, folder: Path) -> None:
    send(server, folder, server="http://other:1")

    assert server.addresses == ["http://other:1"]


@pytest.mark.parametrize("num_gpus", [-1, 1.5, True, "1"])
def test_no_other_gpu_count_than_a_whole_number_is_taken(num_gpus: Any) -> None:
    with pytest.raises(InvalidRequest, match="Invalid GPU quantity"):
        check_resources(num_gpus, None)


@pytest.mark.parametrize("ram", [0, -1, True, "4", float("nan"), float("inf")])
def test_no_other_ram_than_a_positive_number_is_taken(ram: Any) -> None:
    with pytest.raises(InvalidRequest, match="Invalid RAM quantity"):
        check_resources(0, ram)


@pytest.mark.parametrize(
    ("priority", "number"),
    [(None, 0), ("low", -10), ("normal", 0), ("high", 10), ("7", 7), (-1000, -1000)],
)
def test_a_priority_is_a_word_or_a_number(priority: int | str | None, number: int) -> None:
    assert check_priority(priority) == number


@pytest.mark.parametrize("priority", ["urgent", 1001, "1.5", ""])
def test_other_priorities_are_refused(priority: int | str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid priority"):
        check_priority(priority)
