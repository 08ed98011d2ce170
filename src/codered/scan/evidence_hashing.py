"""Hashing an image beside its scan: in a process of its own, for it takes a processor as long as the scan does."""

import os
import signal
import sys
import traceback

from codered.model.errors import WrongUse
from codered.system.confining import Rights, confine
from codered.targets.images.evidence_hash import hash_evidence

FAILED = 70


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
        """The hash, when it is done; "" if the image could not be read."""
        said = b""
        while piece := os.read(self._answer, 1 << 10):
            said += piece
        self.stop()
        digest, _, self.unconfined = said.decode().partition(" ")
        return digest

    def stop(self) -> None:
        """End it, whether it is done or not."""
        if self._answer < 0:
            return
        os.close(self._answer)
        self._answer = -1
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
