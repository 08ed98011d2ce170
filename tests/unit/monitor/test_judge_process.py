import os
import signal
import time

from codered.collect.walking import Folder
from codered.monitor.judge_process import JudgeProcess
from codered.monitor.questions import Answer, AskFiles, AskPersistence, AskProcesses, Judgeless, Question
from tests.fixtures.running import wait_until


def answer(question: Question) -> Answer:
    """Counts files; one name kills it, another keeps it; what starts by itself takes a second."""
    if isinstance(question, AskPersistence):
        time.sleep(1.0)
    if isinstance(question, AskProcesses):
        return Answer(files=os.getpid())
    names = [name for folder in question.folders for name in folder.files] if isinstance(question, AskFiles) else []
    if b"kills" in names:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"hangs" in names:
        time.sleep(600)
    return Answer(files=len(names))


def ask(judge: JudgeProcess, question: Question) -> list[object]:
    found: list[object] = []
    judge.ask(question)

    def done() -> bool:
        came = judge.take()
        if came is not None:
            found.append(came)
        return judge.is_free()

    wait_until(done)
    return found


def files(*names: bytes) -> AskFiles:
    return AskFiles([Folder(b"a", list(names), [])])


def test_it_answers_in_a_process_of_its_own() -> None:
    judge = JudgeProcess(answer)
    assert ask(judge, AskProcesses([1])) == [(AskProcesses([1]), Answer(files=judge.pid))]
    assert judge.pid != os.getpid()
    judge.stop()


def test_a_file_that_kills_it_costs_itself_only() -> None:
    judge = JudgeProcess(answer)
    found = ask(judge, files(b"x", b"kills", b"y"))
    assert found == [
        (files(b"x"), Answer(files=1)),
        Judgeless(files(b"kills"), "its judge ended"),
        (files(b"y"), Answer(files=1)),
    ]
    judge.stop()


def test_a_file_that_keeps_it_is_given_up() -> None:
    judge = JudgeProcess(answer, seconds=0.3)
    assert ask(judge, files(b"hangs")) == [Judgeless(files(b"hangs"), "its judge took too long")]
    assert ask(judge, files(b"x")) == [(files(b"x"), Answer(files=1))]
    judge.stop()


def test_the_whole_look_at_what_starts_by_itself_may_take_longer() -> None:
    judge = JudgeProcess(answer, seconds=0.2)
    assert ask(judge, AskPersistence()) == [Judgeless(AskPersistence(), "its judge took too long")]
    assert ask(judge, AskPersistence(whole=True)) == [(AskPersistence(whole=True), Answer(files=0))]
    judge.stop()


def test_one_that_was_killed_is_replaced() -> None:
    judge = JudgeProcess(answer)
    os.kill(judge.pid, signal.SIGKILL)
    assert ask(judge, AskProcesses([1])) == [Judgeless(AskProcesses([1]), "its judge ended")]
    assert len(ask(judge, AskProcesses([1]))) == 1
    judge.stop()
