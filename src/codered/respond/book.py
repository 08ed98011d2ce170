"""The book of a response: one file, written whole and on the disk before the next step, so that it can be resumed."""

import os
import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from codered import __version__
from codered.export.reports.json_document import render_document
from codered.model.errors import WrongUse
from codered.model.response import RESPONSE_FORMAT, Asked, Response, StepDone, StepName, StepState
from codered.respond.keeping import read_document
from codered.system.descriptors import NOT_INHERITED, RAW
from codered.system.folders import sync_folder
from codered.system.state_folder import state_folder

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class ResponseBook:
    """The state of one response, in memory and on the disk."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self._clock = 0.0

    def begin(self, name: StepName) -> None:
        """Note that a step begins. Raises WrongUse if it can't be written."""
        self._clock = time.monotonic()
        self._put(StepDone(name=name, state="begun", began=datetime.now(UTC)))

    def end(self, name: StepName, state: StepState, code: int = 0, told: tuple[str, ...] = ()) -> StepDone:
        """Note how a step ended. Raises WrongUse if it can't be written."""
        begun = self.response.step(name)
        began = begun.began if begun else datetime.now(UTC)
        seconds = round(time.monotonic() - self._clock, 3)
        step = StepDone(name=name, state=state, began=began, seconds=seconds, code=code, told=told)
        self._put(step)
        return step

    def keep(self, **changes: Any) -> None:
        """Change fields of the response and write it. Raises WrongUse if it can't be written."""
        self.response = msgspec.structs.replace(self.response, **changes)
        write_response(self.response)

    def is_done(self, name: StepName) -> bool:
        """Whether nothing of this step is left to do."""
        step = self.response.step(name)
        return step is not None and step.state in ("done", "skipped")

    def _put(self, step: StepDone) -> None:
        others = [known for known in self.response.steps if known.name != step.name]
        at = next((n for n, known in enumerate(self.response.steps) if known.name == step.name), len(others))
        self.keep(steps=(*others[:at], step, *others[at:]))


def open_book(asked: Asked) -> ResponseBook:
    """The book of a new response, on the disk already. Raises WrongUse."""
    now = datetime.now(UTC)
    id_ = f"r{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    book = ResponseBook(Response(id=id_, tool=f"codered {__version__}", created=now, asked=asked))
    book.keep()
    return book


def resume_book(id_: str) -> ResponseBook:
    """The book of a response; "" = the newest one that is not finished. Raises WrongUse."""
    if id_:
        return ResponseBook(read_document(response_file(id_), Response, RESPONSE_FORMAT))
    folder = state_folder() / "responses"
    for path in sorted(folder.glob("r*.json"), reverse=True) if folder.is_dir() else ():
        response = read_document(path, Response, RESPONSE_FORMAT)
        if not response.finished:
            return ResponseBook(response)
    raise WrongUse("no response waits to go on", where=str(folder), advice="start one: codered respond")


def response_file(id_: str) -> Path:
    """Where a response is kept. Raises WrongUse if the id is none."""
    if not _ID.fullmatch(id_):
        raise WrongUse("is no id of a response", where=ascii(id_[:80]), advice="give the id that respond printed")
    return state_folder() / "responses" / f"{id_}.json"


def write_response(response: Response) -> None:
    """Write the response whole or not at all, and wait until it is on the disk. Raises WrongUse."""
    path = response_file(response.id)
    part = path.with_name(path.name + ".part")
    body = render_document(response).encode()
    try:
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_INHERITED | RAW, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(os.fsencode(path.parent))
    except OSError as error:
        advice = "make room, or set CODERED_STATE to a folder elsewhere"
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice=advice) from None
