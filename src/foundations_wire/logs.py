"""What is said in a job's log where bytes of it are not kept."""

from __future__ import annotations

# Headers of an answer that holds a piece of a log, in offsets of the whole log.
START = "Log-Start"  # of the first byte of the answer
MISSING = "Log-Missing"  # how many bytes before it are not kept, of those asked for
SIZE = "Log-Size"  # the length of the log, with what is not kept of it
ENDED = "Log-Ended"  # whether nothing can follow the answer


def tell_gap(count: int) -> bytes:
    """Return the line that stands where `count` bytes are not kept."""
    plural = "" if count == 1 else "s"
    verb = "is" if count == 1 else "are"
    return f"[atlas] … {count} byte{plural} of output {verb} not kept …\n".encode()
