"""What a plan removed, so that it is known when it comes back: the same path, content, line or threat."""

import hashlib
import os

from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.heuristics import HEURISTICS
from codered.model.plan import FileState, Plan
from codered.model.target import Target

MOST_HASHED = 64 << 20  # bytes
_TAKEN_AWAY = ("quarantine_file", "delete_file")
_EDITED = ("remove_line", "remove_key")


class Removed:
    """The memory of one plan; without one nothing can come back."""

    def __init__(self, plan: Plan | None) -> None:
        actions = plan.actions if plan is not None else ()
        self.paths = frozenset(action.path.to_bytes() for action in actions if action.kind in _TAKEN_AWAY)
        bad = [action.expects for action in actions if action.kind in (*_TAKEN_AWAY, "restore_file")]
        states = [state for state in bad if isinstance(state, FileState) and state.exists and state.size]
        self._contents = {state.sha256: state.size for state in states}
        edits = [action.edit for action in actions if action.kind in _EDITED and action.edit is not None]
        self._lines = frozenset(line.sha256 for edit in edits for line in edit.lines if line.becomes is None)
        self._packs = frozenset(action.pack for action in actions) - {"", HEURISTICS, UNATTRIBUTED}

    def match_finding(self, finding: Finding) -> str:
        """Why this is what the plan removed; "" if it is not."""
        if finding.pack in self._packs:
            return f"the threat {finding.pack}, which the plan removed"
        for item in finding.evidence:
            if item.sha256 and item.source == "line" and item.sha256 in self._lines:
                return "a line that the plan removed"
            if item.sha256 and item.source != "line" and item.sha256 in self._contents:
                return "the content of a file that the plan removed"
        return ""

    def match_file(self, target: Target, rel: bytes) -> str:
        """The same for a file that is there now, whether or not anything else speaks against it."""
        if not self._contents and not self.paths:
            return ""
        try:
            descriptor = target.open_file(rel)
        except OSError:
            return ""
        try:
            if target.absolute(rel) in self.paths:
                return "a file that the plan took away is there again"
            size = os.fstat(descriptor).st_size
            if size <= MOST_HASHED and size in self._contents.values() and _hash(descriptor) in self._contents:
                return "the content of a file that the plan removed"
        except OSError:
            return ""
        finally:
            os.close(descriptor)
        return ""


def _hash(descriptor: int) -> str:
    digest = hashlib.sha256()
    for at in range(0, MOST_HASHED, 1 << 20):
        block = os.pread(descriptor, 1 << 20, at)
        if not block:
            break
        digest.update(block)
    return digest.hexdigest()
