from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from foundations_server.app import Atlas
from foundations_server.metrics import columns, compaction
from foundations_server.metrics.compaction import TARGET, Compactor, Piece, choose
from foundations_server.platform.database import Database
from foundations_wire import codec, events
from support.scenes import Scene


def lay(sizes: Sequence[int], kind: str = columns.FLOATS) -> list[Piece]:
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    return [(start, size, kind) for start, size in zip(starts, sizes, strict=True)]


def merge_all(pieces: list[Piece], *, is_quiet: bool) -> list[Piece]:
    """Return what is left when everything is merged that should be."""
    while run := choose(pieces, is_quiet=is_quiet):
        place = pieces.index(run[0])
        merged = (run[0][0], sum(piece[1] for piece in run), run[0][2])
        pieces = [*pieces[:place], merged, *pieces[place + len(run) :]]
    return pieces


@given(sizes=st.lists(st.integers(1, TARGET), max_size=60), is_quiet=st.booleans())
def test_merging_ends_and_keeps_every_point(*, sizes: list[int], is_quiet: bool) -> None:
    left = merge_all(lay(sizes), is_quiet=is_quiet)

    assert sum(piece[1] for piece in left) == sum(sizes)
    assert all(a[0] + a[1] == b[0] for a, b in itertools.pairwise(left))
    assert all(piece[1] <= TARGET for piece in left)


def test_loop_that_reports_five_points_at_a_time_leaves_few_chunks() -> None:
    pieces: list[Piece] = []
    moved = most = 0
    for report in range(7200):  # an hour, twice a second
        pieces.append((report * 5, 5, columns.FLOATS))
        while run := choose(pieces, is_quiet=False):
            moved += sum(piece[1] for piece in run)
            place = pieces.index(run[0])
            whole = (run[0][0], sum(piece[1] for piece in run), columns.FLOATS)
            pieces = [*pieces[:place], whole, *pieces[place + len(run) :]]
        most = max(most, len(pieces))

    assert most <= 60
    assert moved <= 12 * 7200 * 5
    assert len(merge_all(pieces, is_quiet=True)) <= 6


def test_few_chunks_of_a_job_that_reports_are_left_alone() -> None:
    assert not choose(lay([5] * 7), is_quiet=False)
    assert choose(lay([5] * 7), is_quiet=True)


def test_texts_and_numbers_stay_in_chunks_of_their_own() -> None:
    pieces = [(0, 4, columns.FLOATS), (4, 4, columns.TEXTS), (8, 4, columns.TEXTS)]

    assert choose(pieces, is_quiet=True) == pieces[1:]


@pytest.fixture
def database(scene: Scene) -> Database:
    app = scene.transport.app
    assert isinstance(app, Atlas)
    return app.parts.database


def count_chunks(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM chunks")).scalar_one())


def report(scene: Scene, values: Sequence[Any]) -> None:
    """Report points one batch each, as a slow loop does."""
    scene.start_local("j1")
    for step, value in enumerate(values):
        kind = "text" if isinstance(value, str) else "number"
        spelled = value if kind == "text" else codec.spell(value)
        scene.send("j1", events.MetricLogged(1e9 + step, "loss", step, spelled, kind))


def compact(database: Database) -> Compactor:
    compactor = Compactor(database)
    compactor.scan()
    while compactor.step(quiet_s=0):
        pass
    return compactor


@pytest.mark.parametrize(
    "values",
    [
        [0.5, math.nan, -0.0, math.inf, 5e-324, *range(20)],
        [*range(30)],
        [1.5, "bad", "worse", "worst", 2.5, 3.5, 4.5, 1 << 70],
    ],
)
def test_series_reads_the_same_when_its_chunks_are_merged(
    scene: Scene, database: Database, values: list[Any]
) -> None:
    report(scene, values)
    before = scene.client.jobs.series("j1", "loss")

    compact(database)

    assert repr(scene.client.jobs.series("j1", "loss")) == repr(before)
    assert count_chunks(database) <= 4


def test_reports_go_on_behind_merged_chunks(scene: Scene, database: Database) -> None:
    report(scene, [1.0] * 20)
    compact(database)

    scene.send("j1", events.MetricLogged(2e9, "loss", 20, 2.0))

    assert scene.client.jobs.series("j1", "loss").values == [1.0] * 20 + [2.0]
    assert count_chunks(database) == 2


def test_long_texts_are_not_unpacked_all_at_once(
    scene: Scene, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_MOST_BYTES", 3000)
    report(scene, ["x" * 1000] * 8)

    compact(database)

    assert 3 <= count_chunks(database) <= 8
    assert len(scene.client.jobs.series("j1", "loss").values) == 8


def test_job_deleted_meanwhile_is_no_error(scene: Scene, database: Database) -> None:
    report(scene, [1.0] * 9)
    scene.finish_local("j1")
    compactor = Compactor(database)
    compactor.scan()
    scene.client.jobs.delete("j1")

    assert not compactor.step(quiet_s=0)
    assert count_chunks(database) == 0


def test_noted_series_are_merged_in_the_background(scene: Scene, database: Database) -> None:
    report(scene, [1.0] * 8)
    compactor = Compactor(database)
    compactor.note([1] * 8)

    is_done = compactor.step()

    assert is_done
    assert count_chunks(database) == 1
