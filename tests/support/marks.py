"""Jobs that write down from outside what befalls them, and what their file then says.

Each line of the file is `what attempt job devices`, appended in one write by user code itself:
`begin` when it starts, `end` before it ends, `term` when it was told to end, and `clash` when
a device was in use by another job. In use means locked: a job holds a lock for each of its
devices, which the kernel frees when the last of its processes is gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

# job.sh SECONDS CODE
SCRIPT = """
mark() {
  echo "$1 ${FOUNDATIONS_JOB_OWNER#attempt:} $FOUNDATIONS_JOB_ID ${CUDA_VISIBLE_DEVICES:-none}" \\
    >> "$MARKS"
}
mark begin
IFS=,
for device in $CUDA_VISIBLE_DEVICES; do
  exec {lock}>> "$LOCKS/$device"
  flock -n $lock || mark clash
done
echo "line of $FOUNDATIONS_JOB_ID"
[ "$1" = 0 ] || sleep "$1"
mark end
exit "$2"
"""
# stubborn.sh: takes note of each TERM and goes on, and so does what it left in other sessions.
STUBBORN = """
mark() {
  echo "$1 ${FOUNDATIONS_JOB_OWNER#attempt:} $FOUNDATIONS_JOB_ID ${CUDA_VISIBLE_DEVICES:-none}" \\
    >> "$MARKS"
}
trap 'mark term' TERM
for _ in 1 2; do
  setsid bash -c 'trap "" TERM; setsid sleep 300 & sleep 300' &
done
mark begin
while :; do sleep 0.02; done
"""
# ticking.sh FILE: prints numbers until the file is there.
TICKING = """
echo "begin ${FOUNDATIONS_JOB_OWNER#attempt:} $FOUNDATIONS_JOB_ID none" >> "$MARKS"
number=0
while [ ! -e "$1" ]; do echo "$((number++))"; sleep 0.05; done
"""
FILES = {"job.sh": SCRIPT, "stubborn.sh": STUBBORN, "ticking.sh": TICKING}


@dataclass(frozen=True)
class Mark:
    what: str
    attempt: str
    job: str
    devices: tuple[str, ...]


class Marks:
    """The file of a test. `begin` marks are counted by attempt and by job."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, in which the locks of devices lie too."""
        self.path = folder / "marks"
        self.locks = folder / "locks"
        self.locks.mkdir(parents=True)
        self.path.touch()

    @property
    def environment(self) -> dict[str, str]:
        """What a job's program needs to find the file."""
        return {"MARKS": str(self.path), "LOCKS": str(self.locks)}

    def read(self, what: str = "") -> list[Mark]:
        marks = []
        for line in self.path.read_text("utf-8").splitlines():
            word, attempt, job, devices = line.split()
            if what in ("", word):
                named = () if devices == "none" else tuple(devices.split(","))
                marks.append(Mark(word, attempt, job, named))
        return marks

    def count_jobs(self, what: str = "begin") -> Counter[str]:
        return Counter(mark.job for mark in self.read(what))

    def count_attempts(self, what: str = "begin") -> Counter[str]:
        return Counter(mark.attempt for mark in self.read(what))
