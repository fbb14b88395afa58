from __future__ import annotations

import inspect

import pytest

import foundations
from foundations_wire.versions import VERSION


def test_every_public_name_is_there_with_a_docstring() -> None:
    for name in foundations.__all__:
        value = getattr(foundations, name)
        assert name == "__version__" or inspect.getdoc(value), name


def test_the_names_of_the_original_are_kept() -> None:
    assert {
        "log_param", "log_params", "log_metric", "set_tag", "save_artifact", "submit",
        "get_metrics_for_all_jobs", "load_parameters", "set_project_name", "set_job_resources",
        "flatten_parameter_dictionary", "current_foundations_job", "DeploymentWrapper",
        "__version__",
    } <= set(foundations.__all__)  # fmt: skip


def test_the_version_is_the_distributions() -> None:
    assert foundations.__version__ == VERSION


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'log_metricks'"):
        foundations.log_metricks  # noqa: B018 - what is tested


def test_submit_takes_only_the_keywords_it_knows() -> None:
    parameters = inspect.signature(foundations.submit).parameters

    assert all(item.kind is inspect.Parameter.KEYWORD_ONLY for item in parameters.values())
    assert set(parameters) == {
        "scheduler_config", "job_directory", "project_name", "entrypoint", "params", "ram",
        "num_gpus", "stream_job_logs", "command", "priority", "cpus", "time_limit",
        "max_retries", "after", "held", "image",
    }  # fmt: skip
    with pytest.raises(TypeError):
        foundations.submit(job_dir=".")  # type: ignore[call-arg] # what is tested
