from __future__ import annotations

from pathlib import Path

from foundations_worker.pip_settings import find_files, translate


def test_variables_of_pip_are_told_to_uv() -> None:
    environment = {"PIP_INDEX_URL": "https://index.example/simple", "PIP_FIND_LINKS": "/wheels"}

    found = translate(environment, [])

    assert found == {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_FIND_LINKS": "/wheels",
    }


def test_files_are_read_in_order_and_variables_win(tmp_path: Path) -> None:
    first, second = tmp_path / "a.conf", tmp_path / "b.conf"
    first.write_text("[global]\nindex-url = https://first.example\ncert = /ca.pem\n")
    second.write_text(
        "[global]\nindex_url = https://second.example\n[install]\nfind-links =\n  a\n  b\n"
    )
    environment = {"PIP_CERT": "/own.pem"}

    found = translate(environment, [first, second, tmp_path / "absent.conf"])

    assert found == {
        "UV_DEFAULT_INDEX": "https://second.example",
        "UV_FIND_LINKS": "a b",
        "SSL_CERT_FILE": "/own.pem",
    }


def test_what_is_set_for_uv_already_stays() -> None:
    environment = {"PIP_INDEX_URL": "https://a.example", "UV_DEFAULT_INDEX": "https://b.example"}

    assert translate(environment, []) == {}


def test_broken_file_is_left_to_pip(tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_bytes(b"\xff no section")

    assert translate({}, [broken]) == {}


def test_own_file_comes_last_and_so_wins() -> None:
    assert find_files({"PIP_CONFIG_FILE": "/own.conf"})[-1] == Path("/own.conf")
