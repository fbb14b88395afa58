"""Hostile archives, made here, and the good ones that must still be taken."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import stat
import tarfile
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from foundations_wire import bundles
from foundations_wire.errors import InvalidBundle

Fill = Callable[[tarfile.TarFile], object]


def make(fill: Fill, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form, compresslevel=1) as archive:
        fill(archive)
    return buffer.getvalue()


def add(archive: tarfile.TarFile, name: str, data: bytes = b"x", mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.size = mode, len(data)
    archive.addfile(info, io.BytesIO(data))


def add_kind(archive: tarfile.TarFile, name: str, kind: bytes, target: str = "") -> None:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    archive.addfile(info)


def add_all(archive: tarfile.TarFile, names: Iterable[str]) -> None:
    for name in names:
        add(archive, name, b"")


def with_pax(headers: dict[str, str], name: str = "p") -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.pax_headers = 1024, headers
    return make(lambda archive: archive.addfile(info, io.BytesIO(bytes(1024))))


def edit_header(offset: int, value: bytes, *, fix_checksum: bool = True) -> bytes:
    """Return a one-file archive whose first header was changed by hand."""
    plain = bytearray(gzip.decompress(make(lambda archive: add(archive, "a"))))
    plain[offset : offset + len(value)] = value
    if fix_checksum:
        total = sum(plain[:148]) + sum(plain[156:512]) + 8 * ord(" ")
        plain[148:156] = b"%06o\0 " % total
    return gzip.compress(bytes(plain))


def link_chain(archive: tarfile.TarFile) -> None:
    """The path that is too long to resolve (the class of CVE-2025-4517)."""
    part, path = "d" * 247, ""
    for step in "abcdefghijklmnop":
        add_kind(archive, path + part, tarfile.DIRTYPE)
        add_kind(archive, path + step, tarfile.SYMTYPE, part)
        path += part + "/"
    add_kind(archive, "escape", tarfile.SYMTYPE, "../outside")
    add(archive, "escape/evil")


def together(*fills: Fill) -> Fill:
    return lambda archive: [fill(archive) for fill in fills]


GOOD = make(lambda archive: add(archive, "main.py", b"print(1)"))
GOOD_TAR = gzip.decompress(GOOD)
LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE

HOSTILE: dict[str, bytes] = {
    "B-01 dotdot": make(lambda t: add(t, "../../evil")),
    "B-02 absolute": make(lambda t: add(t, "/tmp/evil")),
    "B-03 dotdot in the middle": make(lambda t: add(t, "a/../../evil")),
    "B-03 dotdot that stays inside": make(lambda t: add(t, "a/../evil")),
    "B-04 link, then through it": make(
        together(lambda t: add_kind(t, "l", LINK, "/tmp"), lambda t: add(t, "l/evil"))
    ),
    "B-05 relative link": make(lambda t: add_kind(t, "l", LINK, "../..")),
    "B-05 link inside": make(lambda t: add_kind(t, "l", LINK, "x")),
    "B-06 chain of links": make(link_chain),
    "B-07 link without a name": make(
        together(lambda t: add_kind(t, "./", LINK, "/tmp"), lambda t: add(t, "evil"))
    ),
    "B-08 hard link outside": make(lambda t: add_kind(t, "h", HARD, "/etc/passwd")),
    "B-09 hard link inside": make(
        together(lambda t: add(t, "a"), lambda t: add_kind(t, "h", HARD, "a"))
    ),
    "B-10 character device": make(lambda t: add_kind(t, "d", tarfile.CHRTYPE)),
    "B-10 block device": make(lambda t: add_kind(t, "d", tarfile.BLKTYPE)),
    "B-10 named pipe": make(lambda t: add_kind(t, "f", tarfile.FIFOTYPE)),
    "B-12 file as folder": make(together(lambda t: add(t, "a"), lambda t: add(t, "a/b"))),
    "B-12 folder over file": make(
        together(lambda t: add(t, "a"), lambda t: add_kind(t, "a", tarfile.DIRTYPE))
    ),
    "B-12 file over folder": make(together(lambda t: add(t, "a/b"), lambda t: add(t, "a"))),
    "B-13 sparse file": make(lambda t: add_kind(t, "s", tarfile.GNUTYPE_SPARSE)),
    "B-14 same name": make(together(lambda t: add(t, "a"), lambda t: add(t, "./a"))),
    "B-14 other case": make(together(lambda t: add(t, "A"), lambda t: add(t, "a"))),
    "B-14 other case of a folder": make(
        together(lambda t: add(t, "Data/x"), lambda t: add(t, "data/y"))
    ),
    "B-14 other Unicode form": make(together(lambda t: add(t, "é"), lambda t: add(t, "e\u0301"))),
    "B-15 escape sequence": make(lambda t: add(t, "a\x1b[2Jb")),
    "B-15 newline": make(lambda t: add(t, "a\nb")),
    "B-15 C1 control": make(lambda t: add(t, "a\x9bb")),
    "B-15 NUL": with_pax({"path": "a\0b"}),
    "B-15 backslash": make(lambda t: add(t, "..\\evil")),
    "B-15 long name": make(lambda t: add(t, "a" * 300)),
    "B-15 long path": make(lambda t: add(t, "/".join(["a" * 99] * 12))),
    "B-15 deep": make(lambda t: add(t, "a/" * 200 + "f")),
    "B-15 not UTF-8": edit_header(0, b"\xff\xfe"),
    "B-17 pax size": with_pax({"size": "0"}),
    "B-17 pax sparse": with_pax({"GNU.sparse.major": "1", "GNU.sparse.name": "../x"}),
    "B-17 pax link": with_pax({"linkpath": "/etc"}),
    "B-17 pax path outside": with_pax({"path": "../../evil"}),
    "B-17 long link": make(lambda t: add_kind(t, "l", LINK, "x" * 300), form=tarfile.GNU_FORMAT),
    "B-18 bzip2": bz2.compress(GOOD_TAR),
    "B-18 gzip in gzip": gzip.compress(GOOD),
    "B-20 empty": b"",
    "B-20 garbage": bytes(range(256)) * 20,
    "B-20 text": b"hello" * 100,
    "B-20 cut": GOOD[:-40],
    "B-20 cut checksum": GOOD[:-4],
    "B-20 two members": GOOD + GOOD,
    "B-20 bytes after the member": GOOD + b"x",
    "B-20 data after the end marker": gzip.compress(GOOD_TAR + b"x" * 512),
    "B-20 no end marker": gzip.compress(GOOD_TAR[:1024]),
    "B-20 half an end marker": gzip.compress(GOOD_TAR[:1536]),
    "B-20 content missing": gzip.compress(GOOD_TAR[:600]),
    "B-20 wrong checksum": GOOD[:-8] + b"\0\0\0\0" + GOOD[-4:],
    "B-21 negative size": edit_header(124, b"\xff" * 12),
    "B-21 binary size": edit_header(124, b"\x80" + b"\0" * 10 + b"\x01"),
    "B-21 size that is no number": edit_header(124, b"00000000009\0"),
    "B-21 huge size": edit_header(124, b"77777777777\0"),
    "B-21 header checksum": edit_header(100, b"0000777\0", fix_checksum=False),
    "folder with content": edit_header(156, b"5"),
    "file with a folder's name": edit_header(0, b"a/"),
    "unknown type": edit_header(156, b"Z"),
    "description of nothing": edit_header(156, b"L"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archive_is_refused_with_one_sentence_and_nothing_written(
    name: str, tmp_path: Path
) -> None:
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)

    with pytest.raises(InvalidBundle) as caught:
        bundles.extract(io.BytesIO(HOSTILE[name]), inside)

    assert caught.value.message.startswith("The bundle")
    assert caught.value.message.endswith(".")
    assert caught.value.message.isprintable()
    assert list(tmp_path.rglob("*")) == [tmp_path / "in", inside]
    assert not Path("/tmp/evil").exists()


def test_too_many_entries_are_refused() -> None:
    names = (f"f{number}" for number in range(bundles.MAX_ENTRIES + 1))
    data = make(lambda archive: add_all(archive, names))

    with pytest.raises(InvalidBundle, match="more than 50000 files"):
        bundles.check(io.BytesIO(data))


class Zeros(io.BytesIO):
    """Zero bytes without end, made as they are read."""

    def read(self, size: int | None = -1, /) -> bytes:
        return bytes(size or 0)


def bomb_of_zeros() -> bytes:
    info = tarfile.TarInfo("z")
    info.size = 200 << 20
    return make(lambda archive: archive.addfile(info, Zeros()))


def bomb_of_headers() -> bytes:
    info = tarfile.TarInfo("p")
    info.pax_headers = {"comment": "A" * (32 << 20)}
    return make(lambda archive: archive.addfile(info))


@pytest.mark.parametrize("bomb", [bomb_of_zeros, bomb_of_headers])
def test_bomb_is_refused_in_little_memory(bomb: Callable[[], bytes]) -> None:
    file = io.BytesIO(bomb())
    tracemalloc.start()

    with pytest.raises(InvalidBundle):
        bundles.check(file)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_long_names_do_not_fill_the_memory() -> None:
    def fill(archive: tarfile.TarFile) -> None:
        for number in range(2_000):
            add(archive, "/".join([f"{number:05}" + "n" * 90] * 10), b"")

    file = io.BytesIO(make(fill))
    tracemalloc.start()

    facts = bundles.check(file)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert facts.entries == 2_000
    assert peak < 8 << 20


def test_bundle_over_the_byte_limit_is_refused_and_one_at_it_is_taken() -> None:
    file = io.BytesIO(make(lambda archive: add(archive, "a", b"12345")))

    facts = bundles.check(file, max_bytes=5)

    assert facts == bundles.BundleFacts(entries=1, total_bytes=5)
    with pytest.raises(InvalidBundle, match="more than the 4 bytes"):
        bundles.check(file, max_bytes=4)


def test_good_bundle_is_unpacked_with_content_and_executable_bit(tmp_path: Path) -> None:
    def fill(archive: tarfile.TarFile) -> None:
        add_kind(archive, "./", tarfile.DIRTYPE)
        add_kind(archive, "empty", tarfile.DIRTYPE)
        add(archive, "./main.py", b"print(1)")
        add(archive, "deep/er/run.sh", b"#!/bin/sh", mode=0o755)
        add(archive, "big.bin", os.urandom(300_000))

    data = make(fill)

    facts = bundles.extract(io.BytesIO(data), tmp_path)

    assert facts == bundles.BundleFacts(entries=4, total_bytes=8 + 9 + 300_000)
    assert (tmp_path / "main.py").read_bytes() == b"print(1)"
    assert (tmp_path / "empty").is_dir()
    assert (tmp_path / "deep/er/run.sh").stat().st_mode & 0o100
    assert not (tmp_path / "main.py").stat().st_mode & 0o111


@pytest.mark.parametrize("mode", [0o4777, 0o2755, 0o1755, 0o000])
def test_special_bits_are_dropped_and_the_owner_can_read(mode: int, tmp_path: Path) -> None:
    data = make(lambda archive: add(archive, "s", mode=mode))

    bundles.extract(io.BytesIO(data), tmp_path)

    bits = stat.S_IMODE((tmp_path / "s").stat().st_mode)
    assert bits & ~0o777 == 0
    assert bits & 0o400


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_and_unicode_names_are_kept(form: int, tmp_path: Path) -> None:
    names = ["d" * 120 + "/" + "e" * 99, "dé/ünï – 数.py", "short"]
    data = make(lambda archive: add_all(archive, names), form=form)

    bundles.extract(io.BytesIO(data), tmp_path)

    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert set(names) <= found


def test_name_of_240_characters_is_kept(tmp_path: Path) -> None:
    data = make(lambda archive: add(archive, "n" * 240))

    bundles.extract(io.BytesIO(data), tmp_path)

    assert (tmp_path / ("n" * 240)).exists()


def test_check_reads_only_and_goes_back_to_where_it_was() -> None:
    file = io.BytesIO(b"header" + GOOD)
    file.seek(6)

    facts = bundles.check(file)

    assert facts == bundles.BundleFacts(entries=1, total_bytes=8)
    assert file.tell() == 6


def test_archive_without_entries_is_taken() -> None:
    facts = bundles.check(io.BytesIO(make(together())))

    assert facts == bundles.BundleFacts(entries=0, total_bytes=0)


def test_global_comment_of_a_version_control_export_is_taken() -> None:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": "abc"}
    ) as archive:
        add(archive, "a")

    assert bundles.check(io.BytesIO(buffer.getvalue())).entries == 1


def test_global_path_is_refused() -> None:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"path": "evil"}
    ) as archive:
        add(archive, "a")

    with pytest.raises(InvalidBundle, match="alike"):
        bundles.check(io.BytesIO(buffer.getvalue()))


def test_folder_swapped_for_a_link_while_unpacking_is_not_followed(tmp_path: Path) -> None:
    target, outside = tmp_path / "target", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    (target / "sub").symlink_to(outside)
    data = make(lambda archive: add(archive, "sub/evil"))

    with pytest.raises(OSError, match="sub"):
        bundles.extract(io.BytesIO(data), target)

    assert list(outside.iterdir()) == []


def test_folder_that_already_holds_the_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("mine")

    with pytest.raises(FileExistsError):
        bundles.extract(io.BytesIO(GOOD), tmp_path)

    assert (tmp_path / "main.py").read_text() == "mine"
