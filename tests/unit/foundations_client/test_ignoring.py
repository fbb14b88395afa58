from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundations_client.ignoring import IGNORE_FILE, IgnoreRules, is_secret, walk


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)


def list_paths(folder: Path, *lines: str) -> list[str]:
    return [path for path, _ in walk(folder, IgnoreRules.parse(lines))]


@pytest.mark.parametrize(
    ("line", "path", "is_ignored"),
    [
        ("*.log", "a.log", True),
        ("*.log", "deep/down/a.log", True),
        ("*.log", "a.logs", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("/top.txt", "top.txt", True),
        ("/top.txt", "sub/top.txt", False),
        ("sub/file", "sub/file", True),
        ("sub/file", "other/sub/file", False),
        ("data/*", "data/x", True),
        ("data/*", "data/x/y", False),
        ("data/**", "data/x/y", True),
        ("data/**", "data", False),
        ("**/cache", "cache", True),
        ("**/cache", "a/b/cache", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "ab", False),
        ("[abc].txt", "b.txt", True),
        ("[!abc].txt", "b.txt", False),
        ("[!abc].txt", "d.txt", True),
        ("[a-c]x", "bx", True),
        ("[z-a]x", "bx", False),
        ("[broken", "[broken", True),
        ("\\!odd", "!odd", True),
        ("\\#odd", "#odd", True),
        ("# comment", "# comment", False),
        ("name   ", "name", True),
        ("name\\ ", "name ", True),
        ("name\r", "name", True),
        ("a.c", "abc", False),
        ("(x)+", "(x)+", True),
        ("/", "anything", False),
        ("", "anything", False),
    ],
)
def test_a_line_ignores_what_git_would(line: str, path: str, *, is_ignored: bool) -> None:
    rules = IgnoreRules.parse([line])

    assert rules.ignores(path, is_folder=False) is is_ignored


def test_a_trailing_slash_means_folders_only() -> None:
    rules = IgnoreRules.parse(["build/"])

    assert rules.ignores("build", is_folder=True)
    assert not rules.ignores("build", is_folder=False)


def test_the_last_line_that_fits_decides() -> None:
    rules = IgnoreRules.parse(["*.ckpt", "!best.ckpt", "old/best.ckpt"])

    assert rules.ignores("a.ckpt", is_folder=False)
    assert not rules.ignores("best.ckpt", is_folder=False)
    assert rules.ignores("old/best.ckpt", is_folder=False)


def test_walking_is_sorted_and_does_not_enter_ignored_folders(tmp_path: Path) -> None:
    make(tmp_path, "b.py", "a.py", "data/big.bin", "data/keep.txt", "sub/c.py")

    paths = list_paths(tmp_path, "data/", "!data/keep.txt")

    assert paths == ["a.py", "b.py", "sub/c.py"]


def test_version_control_caches_and_environments_stay_out_unasked(tmp_path: Path) -> None:
    make(
        tmp_path, "main.py", ".git/config", "__pycache__/main.pyc", ".venv/bin/python",
        "my-env/pyvenv.cfg", "my-env/lib/x.py", ".env", "key.pem",
    )  # fmt: skip

    paths = [path for path, _ in walk(tmp_path, IgnoreRules.of_folder(tmp_path))]

    assert paths == ["main.py"]


def test_a_folder_takes_a_default_back_with_an_exclamation_mark(tmp_path: Path) -> None:
    make(tmp_path, "main.py", ".env")
    (tmp_path / IGNORE_FILE).write_text("!.env\n")

    paths = [path for path, _ in walk(tmp_path, IgnoreRules.of_folder(tmp_path))]

    assert paths == [".env", IGNORE_FILE, "main.py"]


def test_folders_come_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    found = list(walk(tmp_path, IgnoreRules(), with_folders=True))

    assert found == [("empty", tmp_path / "empty")]


def test_links_come_unfollowed(tmp_path: Path) -> None:
    make(tmp_path, "real/file.txt")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert list_paths(tmp_path) == ["loop", "real/file.txt"]


def test_a_socket_or_pipe_is_told_and_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    skipped: list[tuple[str, str]] = []

    found = list(walk(tmp_path, IgnoreRules(), on_skip=lambda *why: skipped.append(why)))

    assert found == []
    assert skipped == [("pipe", "neither a file nor a folder")]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    skipped: list[tuple[str, str]] = []

    found = list(walk(tmp_path / "gone", IgnoreRules(), on_skip=lambda *why: skipped.append(why)))

    assert found == []
    assert skipped == [(".", "No such file or directory")]


@pytest.mark.parametrize("path", [".env", "sub/.env", "server.pem", ".ssh", "id_rsa"])
def test_keys_and_password_files_look_like_secrets(path: str) -> None:
    assert is_secret(path, is_folder=True)


@pytest.mark.parametrize("path", ["main.py", "environment.yaml", "credentials.py"])
def test_code_does_not_look_like_a_secret(path: str) -> None:
    assert not is_secret(path, is_folder=False)
