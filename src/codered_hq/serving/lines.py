"""What the server and the pages have to say, as lines for who started it. Addresses of requests are not in them: some
carry a secret, and anybody can write one.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from typing import Final

MOST_SIGNS: Final = 1000
CUT_OFF: Final = "Cancel %s running task(s)"
"""How Uvicorn says that somebody did not leave in time when it ended."""
QUIET: Final = {"django.request": logging.ERROR, "django.security": logging.CRITICAL}
"""They tell of each wrong request, which anybody can make: what is told of them."""


class Lines(logging.Handler):
    """One line for each record; CODERED_DEBUG gives the trace too."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, asyncio.CancelledError) or str(record.msg).startswith(CUT_OFF):
            return  # an answer that had not ended when the server did
        request = getattr(record, "request", None)
        found = getattr(request, "resolver_match", None)
        page = f" of the page {found.view_name!r}" if found else ""
        if error is None and request is not None:
            self._tell(f"{record.name}: an answer{page} was {getattr(record, 'status_code', 'an error')}")
        elif error is None:
            self._tell(f"{record.name}: {' '.join(record.getMessage().split())[:MOST_SIGNS]}")
        else:
            self._tell(f"a bug in the tool{page}: {type(error).__name__}: {error}; CODERED_DEBUG=1 shows the trace")
            self._tell_trace(record)

    def _tell_trace(self, record: logging.LogRecord) -> None:
        if os.environ.get("CODERED_DEBUG"):
            for line in logging.Formatter().formatException(record.exc_info).splitlines():  # type: ignore[arg-type]
                self._tell(line)


def _log_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        logging.getLogger(__name__).error("a thread ended", exc_info=told.exc_value)


def tell_lines(tell: Callable[[str], None]) -> None:
    """From now on, tell what this process logs: warnings, and errors of requests and of threads."""
    threading.excepthook = _log_thread
    logging.getLogger().addHandler(Lines(tell))
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
