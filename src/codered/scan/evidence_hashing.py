"""Hashing an image beside its scan: in a process of its own, for it takes a processor as long as the scan does."""

import os
import re
import signal
import sys
import traceback

from codered.model.errors import WrongUse
from codered.system.confining import Rights, confine
from codered.targets.images.evidence_hash import hash_evidence

FAILED = 70
_MOST_SAID = 1 << 10  # bytes
_MOST_TOLD = 400  # characters of a reason
_DIGEST = re.compile(r"[0-9a-f]{64}")


class EvidenceHashing:
    """A hash that is being taken. The child ends by itself when nobody waits for it any more. `unconfined`: why it
    could do more than read, known when it is finished ("" = it could not).
    """

    def __init__(self, files: tuple[bytes, ...]) -> None:
        """Raises OSError if no process can be started."""
        sys.stdout.flush()
        sys.stderr.flush()
        ours, theirs = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                os.close(ours)
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides for both
                unconfined = confine(Rights(), (theirs,))
                os.write(theirs, f"{hash_evidence(files, theirs)} {unconfined}".encode())
                os._exit(0)
            except (OSError, WrongUse):
                os._exit(1)
            finally:  # whatever went wrong: never back into the parent's program
                if os.environ.get("CODERED_DEBUG"):
                    traceback.print_exc()
                os._exit(FAILED)
        os.close(theirs)
        self._answer = ours
        self.unconfined = ""

    def finish(self) -> str:
        """The hash, when it is done; "" if the image could not be read. What the child says is as hostile as what it
        read.
        """
        said = b""
        while len(said) < _MOST_SAID and (piece := os.read(self._answer, _MOST_SAID - len(said))):
            said += piece
        self.stop()
        digest, _, unconfined = said.decode("ascii", "replace").partition(" ")
        self.unconfined = unconfined[:_MOST_TOLD]
        return digest if _DIGEST.fullmatch(digest) else ""

    def stop(self) -> None:
        """End it, whether it is done or not."""
        if self._answer < 0:
            return
        os.close(self._answer)
        self._answer = -1
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
