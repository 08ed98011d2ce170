"""What the server says: warnings and bugs as lines, no address of a request."""

import asyncio
import inspect
import logging
import sys
import threading

import pytest
import uvicorn.server
from django.http import HttpResponse
from django.test.client import RequestFactory
from django.utils.log import log_response

from codered_hq.serving.lines import QUIET, Lines, tell_lines

PATH = "/join/SECRET/"


def make_record(**given: object) -> logging.LogRecord:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (PATH,), None)
    record.__dict__.update(given)
    return record


def test_a_bug_is_one_line_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODERED_DEBUG", raising=False)
    lines: list[str] = []
    try:
        raise ValueError("the moon is full")
    except ValueError:
        record = make_record(exc_info=sys.exc_info(), request=RequestFactory().get(PATH))
    Lines(lines.append).emit(record)
    assert lines == ["a bug in the tool: ValueError: the moon is full; CODERED_DEBUG=1 shows the trace"]
    monkeypatch.setenv("CODERED_DEBUG", "1")
    Lines(lines.append).emit(record)
    assert any("raise ValueError" in line for line in lines)


def test_an_answer_that_is_an_error() -> None:
    lines: list[str] = []
    Lines(lines.append).emit(make_record(request=RequestFactory().get(PATH), status_code=503))
    Lines(lines.append).emit(make_record(name="uvicorn.error", msg="Invalid\n%s", args=("x",)))
    assert lines == ["django.request: an answer was 503", "uvicorn.error: Invalid x"]


def test_what_the_end_cut_off_is_no_bug() -> None:
    lines: list[str] = []
    Lines(lines.append).emit(make_record(exc_info=(asyncio.CancelledError, asyncio.CancelledError(), None)))
    words = "Cancel %s running task(s), timeout graceful shutdown exceeded"
    Lines(lines.append).emit(make_record(name="uvicorn.error", msg=words, args=(1,)))
    assert lines == []
    assert words in inspect.getsource(uvicorn.server)


def test_a_thread_that_ends_by_a_bug_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.delenv("CODERED_DEBUG", raising=False)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    before, handlers = {name: logging.getLogger(name).level for name in QUIET}, list(logging.getLogger().handlers)
    try:
        tell_lines(lines.append)
        thread = threading.Thread(target=int, args=["the moon"])
        thread.start()
        thread.join(30)
    finally:
        logging.getLogger().handlers[:] = handlers
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    assert len(lines) == 1
    assert lines[0].startswith("a bug in the tool: ValueError: invalid literal")


def test_wrong_requests_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    lines: list[str] = []
    before = {name: logging.getLogger(name).level for name in QUIET}
    handlers = list(logging.getLogger().handlers)
    try:
        tell_lines(lines.append)
        for status in (404, 500):
            request = RequestFactory().get(PATH)
            log_response("%s: %s", "x", PATH, response=HttpResponse(status=status), request=request)
        logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header: evil.example")
    finally:
        logging.getLogger().handlers[:] = handlers
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    assert lines == ["django.request: an answer was 500"]
