"""The crash-safe record of events that the server has not acknowledged yet.

`<root>/<job_id>/<producer>/` holds `lock`, the segments `000001.journal` and following,
`output.log`, `blobs/` and `state.json`. The process that writes holds a lock on `lock`; a
free lock is how others know that it is gone.

- `interface`: what a journal promises, and `records`: the bytes of a segment;
- `segments`: where the bytes go, and `segmented`: what all journals of segments share;
- `files`: the journal in a folder, `memory`: the one without a disk;
- `left`: what dead processes left, and `earlier`: journals of one file of JSON.
"""

from foundations_client.journal.files import FileJournal
from foundations_client.journal.folders import (
    BLOBS_FOLDER,
    OUTPUT_FILE,
    REFUSED_FILE,
    journal_root,
    list_jobs,
    locate_journals,
    new_producer,
)
from foundations_client.journal.interface import (
    Count,
    Journal,
    JournalClosed,
    JournalFull,
    Lane,
    Progress,
)
from foundations_client.journal.memory import MemoryJournal

__all__ = [
    "BLOBS_FOLDER",
    "OUTPUT_FILE",
    "REFUSED_FILE",
    "Count",
    "FileJournal",
    "Journal",
    "JournalClosed",
    "JournalFull",
    "Lane",
    "MemoryJournal",
    "Progress",
    "journal_root",
    "list_jobs",
    "locate_journals",
    "new_producer",
]
