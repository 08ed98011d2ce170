"""Finding a file in a baseline."""

import msgspec

from codered.model.known_good import Baseline, FileRecord


def find_record(baseline: Baseline, rel: bytes) -> FileRecord | None:
    """What a file (path below the root) was, with its time of change; None if the baseline does not know it."""
    parent, _, name = rel.rpartition(b"/")
    for folder in baseline.folders:
        if folder.rel == parent and (record := folder.records().get(name)) is not None:
            return msgspec.structs.replace(record, mtime_ns=folder.states()[name].mtime_ns)
    return None
