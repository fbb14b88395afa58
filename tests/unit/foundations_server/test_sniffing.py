from __future__ import annotations

import pytest

from foundations_server.archive.sniffing import HEAD_BYTES, sniff


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a", b"GIF89a", "image/gif"),
        ("a", b"RIFF....WAVEfmt ", "audio/wav"),
        ("a", b"RIFF....WEBPVP8 ", "image/webp"),
        ("a", b"RIFF....????", "application/octet-stream"),
        ("a", b"\0\0\0\x18ftypmp42", "video/mp4"),
        ("a", b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        ("plot.svg", b'<?xml version="1.0"?>\n<svg xmlns=', "image/svg+xml"),
        ("plot", b"  <svg>", "image/svg+xml"),
        ("page.txt", b"<!DOCTYPE html><p>", "text/html"),
        ("table.csv", b"a,b\n1,2\n", "text/csv"),
        ("notes.JSON", b"{}", "application/json"),
        ("notes.png", b"only a text", "text/plain"),
        ("empty", b"", "text/plain"),
        ("model.pt", b"\x80\x02}q\x00", "application/octet-stream"),
        ("latin1.txt", b"caf\xe9", "application/octet-stream"),
    ],
)
def test_media_type_comes_from_the_content(name: str, head: bytes, media_type: str) -> None:
    assert sniff(name, head) == media_type


def test_text_is_recognised_when_the_head_cuts_a_character() -> None:
    head = ("a" * (HEAD_BYTES - 1) + "é").encode()[:HEAD_BYTES]

    assert sniff("a.txt", head) == "text/plain"
