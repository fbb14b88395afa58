"""Which client, worker and server fit together."""

from __future__ import annotations

VERSION = "0.1.0"

# Raised when a message changes so that an older peer would misread it. Two programs fit
# when their protocols are equal; the version in front of it is for people.
PROTOCOL = 3

VERSION_HEADER = "Foundations-Version"
PROTOCOL_HEADER = "Foundations-Protocol"


def explain_mismatch(*, mine: str, their_name: str, theirs: str) -> str:
    """Return the sentence that a person reads when two programs do not fit."""
    return (
        f"This program is Foundations {mine} and the {their_name} is {theirs}; they do not "
        f"speak the same protocol. Install the same version on both sides."
    )
