from __future__ import annotations

from foundations_wire.versions import explain_mismatch


def test_mismatch_names_both_versions_and_the_peer() -> None:
    sentence = explain_mismatch(mine="1.2", their_name="server", theirs="0.9")

    assert "1.2" in sentence
    assert "server is 0.9" in sentence
