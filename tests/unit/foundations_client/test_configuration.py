from __future__ import annotations

from pathlib import Path

import pytest

from foundations_client.configuration import (
    DEFAULT_SERVER,
    JobConfig,
    WorkerOverrides,
    find_server,
    find_submission_config,
    home,
    list_configs,
    load_execution_config,
    load_job_config,
    load_submission_config,
)
from foundations_wire.errors import InvalidRequest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "here"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def write_config(root: Path, name: str, text: str, kind: str = "submission") -> Path:
    path = root / "config" / kind / f"{name}.config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_job_config(folder: Path, text: str) -> JobConfig:
    (folder / "job.config.yaml").write_text(text)
    return load_job_config(folder)


def test_home_is_the_users_folder_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOUNDATIONS_HOME")

    assert home() == Path.home() / ".foundations"


def test_home_expands_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_HOME", "~/atlas")

    assert home() == Path.home() / "atlas"


def test_the_server_is_the_option_before_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "http://variable:1")

    assert find_server("http://option:1") == "http://option:1"


def test_the_server_is_the_variable_before_the_config(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(folder, "scheduler", "scheduler_url: http://config:1")
    monkeypatch.setenv("FOUNDATIONS_SERVER", "http://variable:1")

    assert find_server() == "http://variable:1"


def test_the_server_is_the_local_config_before_that_of_the_home(folder: Path) -> None:
    write_config(home(), "scheduler", "scheduler_url: http://home:1")
    write_config(folder, "scheduler", "scheduler_url: http://local:1")

    assert find_server() == "http://local:1"


def test_the_server_is_the_config_of_the_home_without_a_local_one(folder: Path) -> None:
    write_config(home(), "lab", "scheduler_url: http://lab:1")

    assert find_server(config="lab") == "http://lab:1"


def test_the_server_is_the_default_when_nothing_is_said(folder: Path) -> None:
    assert find_server() == DEFAULT_SERVER


@pytest.mark.scenario(35)
@pytest.mark.parametrize("name", ["nowhere", "../scheduler", ""])
def test_an_unknown_config_is_refused_by_name(folder: Path, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        find_server(config=name)

    expected = f"Could not find submission configuration with name: `{name}`"
    assert refused.value.message == expected


def test_a_config_is_looked_up_in_the_folder_given(folder: Path, tmp_path: Path) -> None:
    path = write_config(tmp_path / "job", "lab", "scheduler_url: http://lab:1")

    assert find_submission_config("lab", tmp_path / "job") == path
    assert find_submission_config("lab") is None


def test_a_config_of_the_original_is_read_with_one_warning(folder: Path) -> None:
    write_config(
        folder,
        "scheduler",
        "job_deployment_env: local_docker_scheduler_plugin\n"
        "scheduler_url: http://127.0.0.1:5000\njob_results_root: /x\nworking_dir_root: /y\n"
        "container_config_root: /z\nredis_url: redis://localhost:6379\n",
    )

    config = load_submission_config("scheduler")

    assert config.server == "http://127.0.0.1:5000"
    assert config.line == 2
    assert len(config.warnings) == 1
    assert "redis_url" in config.warnings[0]


def test_a_config_without_an_address_is_refused_with_the_line_to_add(folder: Path) -> None:
    write_config(folder, "scheduler", "job_results_root: /x\n")

    with pytest.raises(InvalidRequest, match=f"scheduler_url: {DEFAULT_SERVER}"):
        load_submission_config("scheduler")


def test_an_address_that_is_no_text_is_refused_with_its_line(folder: Path) -> None:
    write_config(folder, "scheduler", "worker:\nscheduler_url: [1]\n")

    with pytest.raises(InvalidRequest, match=r"line 2: `scheduler_url` must be a text"):
        load_submission_config("scheduler")


def test_configs_of_the_home_are_listed_by_name() -> None:
    path = write_config(home(), "lab", "scheduler_url: http://lab:1")

    assert list_configs("submission") == [("lab", path)]
    assert list_configs("execution") == []


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "worker:\n", "params: null\n"])
def test_an_empty_job_config_says_nothing(folder: Path, text: str) -> None:
    assert write_job_config(folder, text) == JobConfig()


def test_a_folder_without_a_job_config_says_nothing(folder: Path) -> None:
    assert load_job_config(folder) == JobConfig()


def test_every_key_of_a_job_config_is_read(folder: Path) -> None:
    config = write_job_config(
        folder,
        "project_name: birds\nentrypoint: bash\nparams: {lr: 0.1, layers: [{n: 5}]}\n"
        "num_gpus: 2\nram: 1.5\nlog_level: DEBUG\n"
        "worker:\n  image: lab/audio:3\n  args: [train.py, 7]\n  command: other.py\n"
        "  environment: {SEED: 7}\n  volumes:\n    /srv: {bind: /data, mode: ro}\n",
    )

    assert config == JobConfig(
        project_name="birds",
        entrypoint="bash",
        params={"lr": 0.1, "layers": [{"n": 5}]},
        num_gpus=2,
        ram=1.5,
        log_level="DEBUG",
        worker=WorkerOverrides(
            image="lab/audio:3",
            command=["train.py", "7"],
            environment={"SEED": "7"},
            volumes={"/srv": {"bind": "/data", "mode": "ro"}},
        ),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("project_name: x\nnum_gpus: two\n", "line 2: `num_gpus` must be a whole number"),
        ("num_gpus: -1\n", "line 1: `num_gpus` must be a whole number"),
        ("num_gpus: true\n", "line 1: `num_gpus` must be a whole number"),
        ("ram: 0\n", "line 1: `ram` must be a number of GB above 0"),
        ("\n\nparams: [1]\n", "line 3: `params` must be a mapping"),
        ("project_name: [a]\n", "line 1: `project_name` must be a text"),
        ("worker: docker\n", "line 1: `worker` must be a mapping"),
        ("worker:\n  image: [a]\n", "line 2: `image` must be a text"),
        ("worker:\n  environment:\n    A: [1]\n", "line 3: `A` must be a text or a number"),
        ("a: 1\nprojectname: x\n", "line 1: `a` is not known"),
        ("- a\n- b\n", "line 1: the file must hold `key: value` lines"),
        ("project_name: x\nparams: {a: [1\n", r"line 3 is not YAML"),
        ("project_name: 'x\n", "is not YAML"),
        ("a: b: c\n", "line 1 is not YAML"),
        ("a:\n\t- b\n", r"line 2 is not YAML.*\(YAML is indented with spaces\)"),
        ("a: !!python/object:os.system x\n", "line 1 is not YAML"),
    ],
)
def test_a_bad_job_config_is_refused_with_file_line_and_key(
    folder: Path, text: str, sentence: str
) -> None:
    with pytest.raises(InvalidRequest, match=sentence) as refused:
        write_job_config(folder, text)

    assert "job.config.yaml" in refused.value.message


def test_a_job_config_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "job.config.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidRequest, match=r"job\.config\.yaml is not UTF-8 text"):
        load_job_config(folder)


def test_unused_worker_keys_warn_and_do_not_stop(folder: Path) -> None:
    config = write_job_config(folder, "worker:\n  network: host\n  resources: {gpus: 1}\n")

    assert config.worker == WorkerOverrides()
    assert len(config.warnings) == 1
    assert "network, resources" in config.warnings[0]


def test_a_jobs_identity_cannot_be_set(folder: Path) -> None:
    config = write_job_config(
        folder, "worker:\n  environment:\n    FOUNDATIONS_JOB_ID: x\n    SEED: 7\n"
    )

    assert config.worker.environment == {"SEED": "7"}
    assert "line 3: `FOUNDATIONS_JOB_ID` is not passed on" in config.warnings[0]


def test_overrides_merge_mappings_and_replace_the_rest() -> None:
    upper = WorkerOverrides(image="a", environment={"X": "1"})
    lower = WorkerOverrides(image="b", working_dir="/w", environment={"X": "2", "Y": "3"})

    merged = upper.over(lower)

    assert merged == WorkerOverrides(image="a", working_dir="/w", environment={"X": "1", "Y": "3"})


def test_the_execution_config_tells_the_log_level(folder: Path) -> None:
    write_config(folder, "default", "log_level: warning\n", kind="execution")

    assert load_execution_config().log_level == "WARNING"


def test_the_execution_config_switches_system_metrics_off(folder: Path) -> None:
    before = load_execution_config().system_metrics
    write_config(folder, "default", "system_metrics: off\n", kind="execution")

    config = load_execution_config()

    assert (before, config.system_metrics, config.warnings) == (True, False, [])


@pytest.mark.parametrize("value", ["", " ''", " '  '"])
def test_a_blank_server_address_is_told_with_file_and_line(folder: Path, value: str) -> None:
    path = write_config(folder, "lab", f"# the lab's\nscheduler_url:{value}\n")

    with pytest.raises(InvalidRequest) as refused:
        load_submission_config("lab", folder)

    assert refused.value.message.startswith(f"{path}, line 2: `scheduler_url`")
    assert "blank" in refused.value.message


def test_a_blank_text_of_the_job_config_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "job.config.yaml").write_text("num_gpus: 0\nproject_name: ''\n")

    with pytest.raises(InvalidRequest, match=r"line 2: `project_name` must be a text that is not"):
        load_job_config(tmp_path)


def test_an_execution_config_of_the_original_is_read_with_one_warning(folder: Path) -> None:
    text = "results_config: {redis_end_point: redis://x:6379}\ncache_config: {}\n"
    write_config(folder, "default", text, kind="execution")

    config = load_execution_config()

    assert config.log_level is None
    assert len(config.warnings) == 1
    assert "cache_config, results_config" in config.warnings[0]


@pytest.mark.parametrize("text", ["log_level: loud\n", "log_level: [1]\n", ": :\n"])
def test_a_bad_execution_config_is_refused_with_file_and_line(folder: Path, text: str) -> None:
    path = write_config(folder, "default", text, kind="execution")

    with pytest.raises(InvalidRequest, match=f"{path}, line 1"):
        load_execution_config()
