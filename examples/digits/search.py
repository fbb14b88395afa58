"""Search eight settings for train.py: submit them all, wait, print the best first."""

import itertools
import os
from pathlib import Path

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"  # this script is no job itself

import foundations

PROJECT = "digits"
LEARNING_RATES = [0.001, 0.003, 0.01, 0.03]
HIDDEN_UNITS = [16, 64]


def main():
    settings = [
        {"learning_rate": learning_rate, "hidden": hidden, "epochs": 15}
        for hidden, learning_rate in itertools.product(HIDDEN_UNITS, LEARNING_RATES)
    ]
    jobs = [submit(setting) for setting in settings]
    rows = []
    for number, (setting, job) in enumerate(zip(settings, jobs, strict=True), start=1):
        job.wait_for_deployment_to_complete(wait_seconds=0.2, log_output=False)
        status = job.get_true_job_status()
        details = job.get_job_details()
        accuracy = details["metrics"].get("accuracy")
        print(f"{number} of {len(jobs)} ended: {status}, accuracy {show(accuracy)}", flush=True)
        rows.append((accuracy or 0.0, setting, status, job.job_name()))
    print_table(rows)
    if any(status != "completed" for _, _, status, _ in rows):
        raise SystemExit(1)


def submit(setting):
    return foundations.submit(
        scheduler_config="scheduler",
        job_directory=str(Path(__file__).resolve().parent),
        project_name=PROJECT,
        command=["train.py"],
        params=setting,
        stream_job_logs=False,
    )


def print_table(rows):
    print(f"\n{'accuracy':>8}  {'learning rate':>13}  {'hidden':>6}  {'status':<9}  job")
    for accuracy, setting, status, name in sorted(rows, key=lambda row: -row[0]):
        print(
            f"{accuracy:8.4f}  {setting['learning_rate']:13}  {setting['hidden']:6}  "
            f"{status:<9}  {name}"
        )


def show(accuracy):
    return "–" if accuracy is None else f"{accuracy:.4f}"


if __name__ == "__main__":
    main()
