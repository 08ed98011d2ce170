"""Our end of a worker's pipe: never waited for, whatever a broken worker sends or leaves unread, and never without a
limit. Messages are as `multiprocessing.Connection` has them at the worker's end: a length (big endian, 4 bytes), then
as many bytes.
"""

import os
from multiprocessing.connection import Connection

MOST_MESSAGE = 64 << 20  # bytes; answers of some tens of files have some KiB
_HEAD = 4
_STEP = 1 << 20


class WorkerChannel:
    """Sends what the pipe takes and keeps the rest for the next time; puts answers together from what is there."""

    def __init__(self, pipe: Connection) -> None:
        self._descriptor = pipe.fileno()
        os.set_blocking(self._descriptor, False)
        self._unsent = bytearray()
        self._head = bytearray()
        self._body = bytearray()

    def send(self, message: bytes) -> None:
        """Send it, after what is still unsent. Raises OSError if the worker is gone."""
        self._unsent += len(message).to_bytes(_HEAD, "big") + message
        self.flush()

    def flush(self) -> None:
        """Send what the pipe takes now. Raises OSError if the worker is gone."""
        try:
            while self._unsent:
                del self._unsent[: os.write(self._descriptor, self._unsent[:_STEP])]
        except BlockingIOError:
            return

    def receive(self) -> bytes | None:
        """The next answer, None while there is only a part of it. Raises EOFError at the end, OSError for a length that
        no answer has.
        """
        try:
            if len(self._head) < _HEAD:
                self._head += self._read(_HEAD - len(self._head))
            size = int.from_bytes(self._head, "big")
            if len(self._head) < _HEAD:
                return None
            if size > MOST_MESSAGE:
                raise OSError(f"an answer of {size} bytes")
            while len(self._body) < size:
                self._body += self._read(min(size - len(self._body), _STEP))
        except BlockingIOError:
            return None
        answer = bytes(self._body)
        self._head.clear()
        self._body.clear()
        return answer

    def _read(self, size: int) -> bytes:
        data = os.read(self._descriptor, size)
        if not data:
            raise EOFError
        return data
