"""Work of several threads done together: whoever has the turn does what the others have brought meanwhile."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from codered.model.errors import CodeRedError

MOST_TOGETHER = 64
_Work = TypeVar("_Work")
_Answer = TypeVar("_Answer")


class _Brought(Generic[_Work, _Answer]):
    def __init__(self, work: _Work) -> None:
        self.work = work
        self.alone = False  # it was among some that failed together: who brought it does it by itself
        self.answer: _Answer | CodeRedError | None = None
        self.failed: DatabaseError | InterfaceError | ValueError | None = None


class Group(Generic[_Work, _Answer]):
    """`do` takes some pieces of work and answers to each, in order; only one thread is in it at a time."""

    def __init__(self, do: Callable[[Sequence[_Work]], Sequence[_Answer | CodeRedError]]) -> None:
        self._do = do
        self._queue: deque[_Brought[_Work, _Answer]] = deque()
        self._turn = threading.Lock()

    def bring(self, work: _Work) -> _Answer:
        """Have it done; returns when it is. Raises the error that it was answered with, or what `do` raised for it:
        what the database refuses together is done one by one, unless it is the database that is away.
        """
        mine: _Brought[_Work, _Answer] = _Brought(work)
        self._queue.append(mine)
        with self._turn:
            while mine.answer is None and mine.failed is None:
                self._do_some(mine)
        if mine.failed is not None:
            raise mine.failed
        if isinstance(mine.answer, CodeRedError):
            raise mine.answer
        assert mine.answer is not None
        return mine.answer

    def _do_some(self, mine: _Brought[_Work, _Answer]) -> None:
        some = [mine] if mine.alone else [self._queue.popleft() for _ in range(min(MOST_TOGETHER, len(self._queue)))]
        try:
            for each, answer in zip(some, self._do([each.work for each in some]), strict=True):
                each.answer = answer
        except (OperationalError, InterfaceError) as error:
            for each in some:
                each.failed = error
        except (DatabaseError, ValueError) as error:  # ValueError: a sign that no column takes
            if len(some) == 1:
                some[0].failed = error
        finally:  # whatever else it was, the others are not lost with it
            for each in some:
                each.alone = True
