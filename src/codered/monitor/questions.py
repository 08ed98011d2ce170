"""What crosses between the watch and its judge: small typed messages, as in a scan."""

import msgspec

from codered.collect.walking import Folder, Unwalked
from codered.model.finding import Finding
from codered.model.known_good import AccountRecord, AutostartRecord, KeyRecord
from codered.model.paths import path_from_bytes


class AskFiles(msgspec.Struct, frozen=True, tag="files"):
    """Judge the files and the names of the sub-folders of these folders."""

    folders: list[Folder]


class AskPersistence(msgspec.Struct, frozen=True, tag="persistence"):
    """Judge what starts by itself and who may log in; `whole`: with what takes many seconds to collect."""

    whole: bool = False


class AskProcesses(msgspec.Struct, frozen=True, tag="processes"):
    """Judge these processes, with those they descend from; none = all."""

    pids: list[int] = []


Question = AskFiles | AskPersistence | AskProcesses


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a question. `records`: these lists are of all there is now; `packaged` is as its package has it.
    `unread` are gaps in words.
    """

    findings: list[Finding] = []
    unlooked: list[Unwalked] = []
    unread: list[str] = []
    files: int = 0
    records: bool = False
    autostart: list[AutostartRecord] = []
    packaged: list[AutostartRecord] = []
    accounts: list[AccountRecord] = []
    keys: list[KeyRecord] = []
    cost: float = 0.0


class Judgeless(msgspec.Struct, frozen=True):
    """A question that was not answered, and why."""

    question: Question
    why: str

    def name(self) -> str:
        """What it was about, in a word."""
        if isinstance(self.question, AskFiles) and self.question.folders:
            folder = self.question.folders[0]
            return path_from_bytes(b"/" + b"/".join((folder.rel, *folder.files[:1]))).text
        return type(self.question).__name__
