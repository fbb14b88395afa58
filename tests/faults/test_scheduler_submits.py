"""A job that is submitted again is the same job (R27)."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from foundations_client import bundles
from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from foundations_wire import codec
from foundations_wire.errors import AtlasError, Conflict, Unavailable
from foundations_wire.jobs import JobSpec
from support.proxy import HEALTHY, Fault, running_proxy
from support.server import Server


def upload(client: Client, folder: Path) -> str:
    buffer = io.BytesIO()
    bundle = bundles.pack(folder, buffer)
    buffer.seek(0)
    client.archive.put_bundle(bundle.sha256, buffer, bundle.size)
    return bundle.sha256


def submit(server: Server, spec: JobSpec) -> str:
    """Return who the server says the job is, or that there was a conflict."""
    try:
        job = server.connect().jobs.submit("once", spec)
    except Conflict:
        return "conflict"
    except AtlasError as error:
        return str(error)
    return f"{job.id} {job.name} {job.number} {job.created_at}"


def test_a_hundred_submits_at_once_make_one_job(
    server: Server, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text("print('once')", "utf-8")
    with ThreadPoolExecutor(20) as pool:
        uploads = [pool.submit(upload, server.connect(), tmp_path / "code") for _ in range(20)]
        shas = {upload.result() for upload in uploads}
        spec = JobSpec("once", ["main.py"], bundle=shas.pop(), held=True)
        same = [pool.submit(submit, server, spec) for _ in range(100)]
        other = [
            pool.submit(submit, server, replace(spec, params={"changed": number}))
            for number in range(20)
        ]
        answers = [answer.result() for answer in same]
        changed = {answer.result() for answer in other}

    job = client.jobs.get("once")
    stored = [path for path in (server.home / "data" / "bundles").rglob("*") if path.is_file()]
    assert not shas
    assert len(stored) == 1
    assert client.projects.get("once").job_count == 1
    if job.params:  # a changed one was first: then that is the job, and all others conflict
        assert set(answers) == {"conflict"}
        assert len(changed) == 2
    else:
        assert set(answers) == {f"{job.id} {job.name} {job.number} {job.created_at}"}
        assert changed == {"conflict"}


def test_submit_whose_answer_was_lost_is_answered_with_the_same_job(
    server: Server, client: Client
) -> None:
    spec = JobSpec("swallowed", ["main.py"], held=True)
    answers = []
    with running_proxy(server.port) as proxy, closing(HttpTransport(proxy.url)) as line:
        through = Client(line)
        for number in range(20):
            proxy.fault = Fault(swallows=True)
            try:
                through.jobs.submit(f"swallowed-{number}", spec)
            except Unavailable:
                proxy.fault = HEALTHY
                answers.append(through.jobs.submit(f"swallowed-{number}", spec))

    assert len(answers) == 20
    assert client.projects.get("swallowed").job_count == 20
    assert sorted(job.number for job in answers) == list(range(1, 21))
    assert codec.encode(answers[0]) == codec.encode(client.jobs.get("swallowed-0"))
