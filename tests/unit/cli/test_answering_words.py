import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.cli import answering_words
from codered.model.errors import Refused
from codered.model.job import Job, JobWord, ScanWish
from tests.fixtures.jobs import Headquarters


@pytest.fixture
def hq(tmp_path: Path) -> Headquarters:
    return Headquarters(tmp_path / "hq")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def stand_in(monkeypatch: pytest.MonkeyPatch, work: Path, code: str) -> None:
    """What the word does, in Python."""
    program = work / "word.py"
    program.write_text(code)

    def list_words(_job: Job, _work: Path) -> tuple[str, list[str], str]:
        return "runpy", [], "stdout"

    started = subprocess.Popen
    monkeypatch.setattr(answering_words, "_list_words", list_words)
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **more: started([sys.executable, str(program)], **more))


@pytest.mark.parametrize(
    ("word", "wish", "words"),
    [
        ("scan", None, ["scan", "-o", "W/report.json", "--"]),
        ("scan", ScanWish(fast=True), ["scan", "--fast", "-o", "W/report.json", "--"]),
        ("scan", ScanWish(watch=0), ["scan", "--watch", "0s", "-o", "W/report.json", "--"]),
        (
            "scan",
            ScanWish(paths=("/srv/-x", "/a b"), packs=("codered",)),
            ["scan", "--packs", "codered", "-o", "W/report.json", "--", "/srv/-x", "/a b"],
        ),
        ("plan", None, ["plan", "W/report.json", "-o", "W/plan.json"]),
        ("apply", None, ["apply", "W/plan.json", "--yes", "--json", "--job", "W/job.json"]),
        ("verify", None, ["verify", "W/plan.json", "--json"]),
        ("rollback", None, ["rollback", "W/plan.json", "--yes", "--json", "--job", "W/job.json"]),
    ],
)
def test_a_job_becomes_a_list_of_words(
    hq: Headquarters, work: Path, word: JobWord, wish: ScanWish | None, words: list[str]
) -> None:
    job = hq.make_job(word, scan=wish, plan=b"{}", report=b"[]")
    module, found, _ = answering_words._list_words(job, work)
    assert (module, found) == ("codered", [each.replace("W/", f"{work}/") for each in words])
    assert (work / "plan.json").read_bytes() == b"{}"
    assert (work / ("report.json" if word == "plan" else "plan.report.json")).read_bytes() == b"[]"


@pytest.mark.parametrize(
    "wish",
    [ScanWish(packs=("./mine",)), ScanWish(packs=("--root",)), ScanWish(paths=("--root",)), ScanWish(paths=("",))],
)
def test_no_job_smuggles_options_or_packs_of_its_own(hq: Headquarters, work: Path, wish: ScanWish) -> None:
    with pytest.raises(Refused):
        answering_words.do_word(hq.make_job("scan", scan=wish), work)


def test_a_sweep_needs_the_prober(hq: Headquarters, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering_words, "_PROBER", "no_such_room.probing")
    done = answering_words.do_word(hq.make_job("sweep", sweep=b"{}"), work)
    assert (done.state, done.code) == ("unsupported", 3)
    assert "codered-point.pyz" in done.why
    module, words, into = answering_words._list_words(hq.make_job("sweep", sweep=b"{}"), work)
    assert (module, into) == ("no_such_room.probing", "result.json")
    assert words == [str(work / "sweep.json"), "-o", str(work / "result.json"), "--where=web-1"]


@pytest.mark.parametrize(
    ("code", "state", "exit_code", "why"),
    [
        ("print('{}')", "done", 0, ""),
        ("import sys; print('{}'); sys.exit(1)", "done", 1, ""),
        ("print('{')", "failed", 0, "it ended with 0, and said nothing"),
        ("import sys; sys.exit('one\\ntwo\\n\\x1b[2Jthree')", "failed", 1, "one · two · \\x1b[2Jthree"),
        ("import sys; sys.stderr.write('no'); sys.exit(4)", "refused", 4, "no"),
        ("import sys; print('{}'); sys.exit(7)", "failed", 7, "it ended with 7, and said nothing"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "failed", -9, "it ended with -9"),
    ],
)
def test_what_became_of_a_word(
    hq: Headquarters, work: Path, monkeypatch: pytest.MonkeyPatch, code: str, state: str, exit_code: int, why: str
) -> None:
    stand_in(monkeypatch, work, code)
    done = answering_words.do_word(hq.make_job("scan"), work)
    assert (done.state, done.code) == (state, exit_code)
    assert why in done.why or why == done.why


def test_a_word_ends_when_its_job_expires(hq: Headquarters, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    stand_in(monkeypatch, work, "import time; print('{}', flush=True); time.sleep(600)")
    done = answering_words.do_word(hq.make_job("scan", expires=soon), work)  # what was seen by then is kept
    assert (done.state, done.code, done.document, "when the job expired" in done.why) == ("done", 3, b"{}\n", True)
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    done = answering_words.do_word(hq.make_job("apply", expires=soon), work)
    assert (done.state, done.code, done.document, "when the job expired" in done.why) == ("failed", 3, b"", True)
    monkeypatch.undo()
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
    stand_in(monkeypatch, work, deaf + "time.sleep(600)")
    monkeypatch.setattr(answering_words, "PATIENCE", 0.3)
    killed: list[int] = []
    kill = os.killpg

    def note(group: int, number: int) -> None:
        killed.append(number)
        kill(group, number)

    monkeypatch.setattr(os, "killpg", note)
    job = hq.make_job("verify", expires=datetime.now(UTC) + timedelta(seconds=1.5))
    assert answering_words.do_word(job, work).state == "failed"
    assert killed == [signal.SIGKILL]


def test_a_document_that_is_too_large_is_said(hq: Headquarters, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, work, "print('[' + '1,' * 1000 + '1]')")
    monkeypatch.setattr(answering_words, "_MOST_DOCUMENT", 1000)
    done = answering_words.do_word(hq.make_job("scan"), work)
    assert (done.state, done.document, "ask for fewer paths" in done.why) == ("failed", b"", True)


def test_status_tells_what_is_here(
    hq: Headquarters, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state/plans").mkdir(parents=True)
    (tmp_path / "state/plans/p.json").write_text("{}")
    monkeypatch.setenv("CODERED_TRUST", str(hq.write_trust()))
    told = msgspec.json.decode(answering_words.do_word(hq.make_job("status"), work).document)
    assert (told["plans"], told["monitors"], told["trust"], told["key"]) == (["p.json"], [], "web-1", "")
