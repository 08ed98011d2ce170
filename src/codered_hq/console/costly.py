"""Pages that cost seconds (a whole ledger, a PDF, a list of everything): two at once, whoever asks, so that the others
go on.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from codered.model.errors import CodeRedError

MOST_AT_ONCE: Final = 2
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class TooBusy(CodeRedError):
    """It may be asked for again in a moment."""


def costly(view: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """A view (below `page` or `action`) that raises TooBusy while two such ones are at work."""

    @wraps(view)
    def wrapped(*given: _Given.args, **named: _Given.kwargs) -> _Answer:
        if not _turns.acquire(blocking=False):
            what = f"{MOST_AT_ONCE} large lists or files are being made already"
            raise TooBusy(what, advice="ask again in a few seconds")
        try:
            return view(*given, **named)
        finally:
            _turns.release()

    return wrapped
