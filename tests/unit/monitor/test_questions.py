import msgspec
import pytest

from codered.collect.walking import Folder
from codered.monitor.questions import AskFiles, AskPersistence, AskProcesses, Judgeless, Question


@pytest.mark.parametrize(
    "question", [AskFiles([Folder(b"\xff", [b"\0x"], [b"y"])]), AskPersistence(whole=True), AskProcesses([1, 2])]
)
def test_questions_cross_as_they_are(question: Question) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(question), type=Question) == question


def test_names_of_what_was_not_answered() -> None:
    assert Judgeless(AskFiles([Folder(b"web", [b"x"], [])]), "it died").name() == "/web/x"
    assert Judgeless(AskProcesses(), "it died").name() == "AskProcesses"
