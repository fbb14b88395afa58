from __future__ import annotations

from pathlib import Path

import pytest

from foundations_wire.unix_sockets import find_path, within_reach


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("unix:///run/atlas.sock", Path("/run/atlas.sock")),
        ("UNIX:///run/100% mine?/a#b.sock", Path("/run/100% mine?/a#b.sock")),
        ("unix://run/atlas.sock", None),
        ("unix:///", None),
        ("unix:", None),
        ("http://127.0.0.1:5555", None),
    ],
)
def test_an_address_names_a_socket_when_its_path_is_absolute(
    server: str, path: Path | None
) -> None:
    assert find_path(server) == path


def test_a_short_path_is_used_as_it_is(tmp_path: Path) -> None:
    with within_reach(Path("/run/atlas.sock")) as name:
        assert name == "/run/atlas.sock"


def test_a_long_path_is_named_through_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("ü" * 100)
    folder.mkdir()
    (folder / "server.sock").write_text("here")

    with within_reach(folder / "server.sock") as name:
        assert len(name) < 100
        assert Path(name).read_text() == "here"


def test_a_long_path_whose_folder_is_missing_is_an_error(tmp_path: Path) -> None:
    missing = tmp_path / ("x" * 200) / "server.sock"

    with pytest.raises(FileNotFoundError), within_reach(missing):
        pass
