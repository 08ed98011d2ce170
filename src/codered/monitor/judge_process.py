"""The judge's process, as the watch sees it: one question at a time, with a limit; one that dies or hangs is replaced,
and what it was asked is asked once more, file by file.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import msgspec

from codered.collect.walking import Folder
from codered.monitor.questions import Answer, AskFiles, AskPersistence, Judgeless, Question

MOST_SECONDS = 60.0  # for one question
TIMES_LONGER = 30.0  # for what starts by itself, whole: on a big or busy host that takes minutes
_PR_SET_PDEATHSIG = 1
_encode = msgspec.msgpack.Encoder().encode
_decode_question = msgspec.msgpack.Decoder(Question).decode
_decode_answer = msgspec.msgpack.Decoder(Answer).decode


class JudgeProcess:
    """Keeps one process that answers. `answer` runs in it."""

    def __init__(self, answer: Callable[[Question], Answer], seconds: float = MOST_SECONDS) -> None:
        self._answer = answer
        self._seconds = seconds
        self._context = multiprocessing.get_context("fork")
        gc.freeze()
        self._process, self._pipe = self._start()
        self._asked: tuple[Question, float] | None = None
        self._again: list[Question] = []

    def fileno(self) -> int:
        """The descriptor to wait on; another one after a replacement."""
        return self._pipe.fileno()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid or 0

    def is_free(self) -> bool:
        """Whether it may be asked."""
        return self._asked is None

    def ask(self, question: Question) -> None:
        """Ask it; it must be free."""
        self._asked = (question, time.monotonic())
        with suppress(OSError):  # it died: `take` tells
            self._pipe.send_bytes(_encode(question))

    def take(self) -> tuple[Question, Answer] | Judgeless | None:
        """What came of the question, if it is there by now."""
        if self._asked is None:
            return None
        question, since = self._asked
        try:
            if self._pipe.poll(0):
                answer = _decode_answer(self._pipe.recv_bytes())
                self._next()
                return question, answer
            if time.monotonic() - since < self._limit(question) and self._process.is_alive():
                return None
            why = "its judge took too long" if self._process.is_alive() else "its judge ended"
        except (OSError, EOFError, msgspec.DecodeError):
            why = "its judge ended"
        self._replace()
        parts = _split(question)
        self._again += parts
        self._next()
        return None if parts else Judgeless(question, why)

    def _limit(self, question: Question) -> float:
        whole = isinstance(question, AskPersistence) and question.whole
        return self._seconds * (TIMES_LONGER if whole else 1.0)

    def stop(self) -> None:
        """End it."""
        with suppress(OSError):
            self._process.kill()
        self._process.join(5)
        self._pipe.close()

    def _next(self) -> None:
        self._asked = None
        if self._again:
            self.ask(self._again.pop(0))

    def _replace(self) -> None:
        self.stop()
        self._process, self._pipe = self._start()

    def _start(self) -> tuple[BaseProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._answer, theirs, ours, os.getpid()), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def _split(question: Question) -> list[Question]:
    """The same one file at a time; nothing if it is one already."""
    if not isinstance(question, AskFiles):
        return []
    parts = [Folder(folder.rel, [name], []) for folder in question.folders for name in folder.files]
    parts += [Folder(folder.rel, [], folder.folders) for folder in question.folders if folder.folders]
    return [AskFiles([part]) for part in parts] if len(parts) > 1 else []


def _serve(answer: Callable[[Question], Answer], pipe: Connection, others: Connection, parent: int) -> None:
    """Answer until the watch is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    others.close()
    if os.getppid() != parent:
        os._exit(0)
    try:
        while True:
            pipe.send_bytes(_encode(answer(_decode_question(pipe.recv_bytes()))))
    except (EOFError, OSError):
        os._exit(0)
