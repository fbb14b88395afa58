"""`foundations.flush`: when it returns without pending events, the server has them."""

from __future__ import annotations

from foundations_client.client import Client
from support.scripts import Desk

SOURCE = """
    import foundations
    foundations.log_metric("loss", list(range(30_000)))
    counts = foundations.flush(20)
    print("job:", foundations.current_foundations_job().job_id, flush=True)
    print(f"pending: {counts.pending} refused: {counts.refused}", flush=True)
    foundations.log_metric("after", 1)
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_all_is_on_the_server_when_flush_says_so(desk: Desk, client: Client) -> None:
    ran = desk.run_source(SOURCE)

    metrics = {metric.name: metric.count for metric in client.jobs.get(ran.job_id).metrics}
    assert "pending: 0 refused: 0" in ran.out
    assert metrics["loss"] == 30_000
