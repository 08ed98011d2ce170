"""The script that an engine runs on a host, and what it says: a frame, so that what is cut or added to is found out."""

import re
from importlib import resources
from typing import Literal, cast, get_args

import msgspec

from codered_hq.model.engine import Task

State = Literal["ran", "missing", "kept", "part", "timed_out", "failed"]
Mode = Literal["run", "part", "bring", "keep"]
MOST_SAID = 1 << 20
"""Bytes that a program may say on its own: a receipt with a small answer in it is less than half of that."""
_BEGIN = "codered-begin\n"
_END = re.compile(r"codered-end ([a-z_]{1,12}) (-|\d{1,3}) (\d{1,9})(?: ([ -~]{0,400}))?")


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What the script said: `code` is the program's (None = it did not run), `seconds` whole ones of wall time."""

    state: State
    said: str = ""
    code: int | None = None
    seconds: int = 0
    why: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the script is to do on every host of one call; each has an input of its own. `most` bytes may come back."""

    task: Task
    mode: Mode
    inputs: dict[str, bytes]
    most: int = MOST_SAID

    def arguments(self, folder: str, source: str) -> list[str]:
        """The script's own arguments: where the program lies, and where the input is."""
        own = [self.mode, folder, self.task.program.sha256, str(round(self.task.seconds)), str(self.most), source]
        return [*own, *self.task.arguments] if self.mode == "run" else own


def read_script() -> str:
    """The script, as text for /bin/sh, without its comments."""
    text = resources.files(__package__).joinpath("host_script.sh").read_text("utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))


def read_frame(text: str) -> Frame | None:
    """What the script said, in whatever else an engine or a login added before and after. None if it is not whole."""
    text = text.replace("\r\n", "\n")  # a terminal was between
    began = text.find(_BEGIN)
    ended = text.rfind("\ncodered-end ")
    if began < 0 or ended < began:
        return None
    last = _END.match(text, ended + 1)
    if last is None or last[1] not in get_args(State):
        return None
    code = None if last[2] == "-" else int(last[2])
    said = text[began + len(_BEGIN) : ended].strip("\n")
    return Frame(state=cast("State", last[1]), said=said, code=code, seconds=int(last[3]), why=(last[4] or "").strip())
