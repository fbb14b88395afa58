"""Write the dump of a small database of the present version.

Run it once when a migration is added:
`PYTHONPATH=src:tests python tests/migration/dump.py`. Dumps of older versions never change.
"""

from __future__ import annotations

import math
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from foundations_server.migrations.runner import REVISIONS
from foundations_wire import codec, events
from foundations_wire.archive import FileEntry, Manifest
from support.scenes import Scene, open_scene

# Rows that would need a worker with a GPU and an hour of scheduling.
_MORE = """
INSERT INTO gpus (worker_id, id, position, name, is_present) VALUES ('w1', 'GPU-1', 0, 'H', 1);
INSERT INTO limits (scope, name, running, gpus) VALUES ('project', 'birds', 4, 2);
INSERT INTO dependencies (job_id, after_id, until, is_met) VALUES ('running', 'done', 'end', 1);
INSERT INTO schedules (id, project, spec, trigger, is_paused, runs, skipped, created_at)
  VALUES ('nightly', 'birds', '{"project":"birds","command":["main.py"]}',
  '{"cron":{"hour":"3"},"timezone":"UTC"}', 1, 0, 0, 1900000000.0);
"""


def main() -> int:
    """Write databases/<revision>.sql beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with open_scene(home) as scene:
            _fill(scene)
        with closing(sqlite3.connect(home / "data" / "atlas.db")) as database:
            database.executescript(_MORE)
            text = "\n".join(database.iterdump()) + "\n"
    target = Path(__file__).parent / "databases" / f"{REVISIONS[-1]}.sql"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 0


def _fill(scene: Scene) -> None:
    at = scene.clock.now()
    scene.start_local("done")
    scene.send(
        "done",
        events.ParamLogged(at, "lr", 0.1),
        events.TagSet(at, "best", "yes"),
        *(
            events.MetricLogged(at, "loss", step, codec.spell(value))
            for step, value in enumerate((1.0, math.nan, 0.25))
        ),
    )
    scene.save_artifact("done", "plot", "plot.png", b"\x89PNG\r\n\x1a\n")
    files = [FileEntry("main.py", scene.put_blob(b"print(1)"), 8)]
    scene.client.archive.put_manifest("done", Manifest("code", files))
    scene.finish_local("done")
    scene.run("running")


if __name__ == "__main__":
    sys.exit(main())
