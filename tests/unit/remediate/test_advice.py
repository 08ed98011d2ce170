from msgspec.structs import replace

from codered.model.finding import UNATTRIBUTED, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.report import Look
from codered.remediate.advice import advise
from tests.fixtures.changing import FolderTarget
from tests.fixtures.packs_for_plans import make_finding, make_pack, make_report

PACKS = (make_pack("one", {}), make_pack("two", {}))


def test_only_of_the_threats_that_were_found(target: FolderTarget) -> None:
    lines = advise(make_report(target, make_finding(target, b"x")), PACKS, ())
    assert lines == (
        "one: close the hole it came in by before the host is connected again: MS01-033",
        "one: this is no fix: Hope.",
        "one: rebuild this host: others may have come in",
        "one: reboot after the removal",
        "one: Change the passwords.",
    )


def test_shared_signs_speak_for_all_of_them(target: FolderTarget) -> None:
    finding = replace(make_finding(target, b"x", pack=UNATTRIBUTED), shared_by=("one", "two"))
    lines = advise(make_report(target, finding), PACKS, ())
    assert {line.partition(":")[0] for line in lines} == {"one", "two"}


def test_log_lines_and_suspicions_call_for_nothing(target: FolderTarget) -> None:
    finding = make_finding(target, b"x", confidence="suspicious")
    logs = replace(make_finding(target, b"x"), layer="logs")
    assert advise(make_report(target, finding, logs), PACKS, ()) == ()


def test_links_and_gaps_are_told(target: FolderTarget) -> None:
    report = replace(make_report(target), looks=(Look(layer="files", where="/x", state="failed", why="no permission"),))
    lines = advise(report, PACKS, ("/x\ny",))
    assert lines[0].startswith("/x\\ny has other hard links")
    assert lines[1].startswith("The scan was incomplete (1 gap)")


def test_what_nobody_knows_calls_for_care(target: FolderTarget) -> None:
    subject = Subject(kind="account", path="/etc/passwd", key="to\nor")
    account = replace(make_finding(target, b"x"), pack=HEURISTICS, subject=subject)
    module = replace(account, subject=Subject(kind="autostart", path="/x", key="kernel_module"))
    lines = advise(make_report(target, account, module), PACKS, ())
    assert lines[0].startswith("Set a new password for root and for whoever used to\\nor;")
    assert "make new SSH host keys" in lines[1]
    assert "credentials on this host may be stolen" in lines[2]
    assert "reboot after the removal" in lines[3]
    unsure = replace(account, confidence="suspicious")
    assert advise(make_report(target, unsure), PACKS, ()) == ()


def test_many_accounts_are_counted(target: FolderTarget) -> None:
    accounts = [
        replace(make_finding(target, b"x"), pack="one", subject=Subject(kind="account", path="/p", key=f"u{number:02}"))
        for number in range(14)
    ]
    assert any("u09 and 4 more" in line for line in advise(make_report(target, *accounts), (), ()))
