"""What the allow-list lets pass is told, and never what a pack knows."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from codered.detect.processes import ProcessJudgement, judge_processes
from codered.model.allow_list import AllowedFile, AllowedKey, AllowedProcess, AllowList, LetPass
from codered.model.indicators import ProcessIndicator
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessesSeen, ProcessSeen
from codered.scan.allowing import count_allowed
from tests.fixtures.running import make_process, own_by_system, process_rules_with
from tests.fixtures.small_packs import make_pack

SHA = "ab" * 32
SOON = datetime.now(UTC).date() + timedelta(days=2)
ENTRY = AllowedProcess(sha256=SHA, expires=SOON, because="ours", who="ann")
SIGN = ProcessIndicator(id="bot", because="x", confidence="likely", severity="high", references=(), names=("bot",))
BOT = make_process(70, "bot", exe=Executable(path=FilePath("/tmp/bot"), deleted=True))


def judge(*processes: ProcessSeen, allowed: AllowList) -> ProcessJudgement:
    empty = make_pack("inert")
    rules = process_rules_with(replace(empty, pack=replace(empty.pack, processes=(SIGN,))))
    seen = ProcessesSeen(processes=processes, hash_of=lambda process: SHA if process.id.pid == 70 else "")
    return judge_processes(seen, rules, allowed, own_by_system, frozenset())


def test_an_allowed_process_stays_what_a_pack_says() -> None:
    assert {one.pack for one in judge(BOT, allowed=AllowList()).findings} == {"inert", "heuristics"}
    judged = judge(BOT, allowed=AllowList(processes=(ENTRY,)))
    assert [(one.pack, one.confidence) for one in judged.findings] == [("inert", "likely")]
    assert judged.suspects == (BOT.id,)
    assert judged.allowed == (LetPass("process 70 (bot)", ENTRY),)


def test_what_is_allowed_makes_no_suspects_of_what_it_starts() -> None:
    agent = make_process(70, "agent", exe=Executable(path=FilePath("/tmp/agent"), deleted=True))
    child = make_process(
        71, "x", exe=Executable(path=FilePath("/opt/x/x")), parent=70, environment={"HISTFILE": "/dev/null"}
    )
    assert {one.subject.pid for one in judge(agent, child, allowed=AllowList()).findings} == {70, 71}
    assert judge(agent, child, allowed=AllowList(processes=(ENTRY,))).findings == ()


def test_what_passed_and_what_expired_is_told() -> None:
    old = date(2020, 1, 1)
    key = AllowedKey(key="SHA256:" + "A" * 43, expires=old, because="theirs", who="bob")
    file = AllowedFile(path="/etc/x", sha256=SHA, expires=old, because="theirs", who="bob")
    program = AllowedProcess(sha256=SHA, expires=old, because="theirs", who="bob", command="sh x")
    passed = LetPass("process 70 (bot)", ENTRY)
    told = list(count_allowed("processes", "there", (passed,), (ENTRY, key, file, program)))
    assert {(one.layer, one.where, one.state) for one in told} == {("processes", "there", "skipped")}
    assert (told[0].why, told[0].example) == (f"on the allow-list until {SOON} (ann: ours)", "process 70 (bot)")
    assert [one.example for one in told[1:]] == [f"key {key.key}", "/etc/x", "program abababababab as sh x"]
    assert all(one.why.startswith("expired on 2020-01-01") and "bob: theirs" in one.why for one in told[1:])
