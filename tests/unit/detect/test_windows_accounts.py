from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from codered.detect.windows_accounts import find_account_facts, judge_log_clears, judge_windows_accounts, subject_bytes
from codered.model.paths import FilePath
from codered.model.persistence import WindowsAccount
from tests.fixtures.autostart_roots import shipped_heuristics

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLAIN = WindowsAccount(name="ann", rid=1000, registry="HKLM\\SAM\\x", path=FilePath("/mnt/SAM"), password_set=NOW)
ADMIN = replace(PLAIN, name="Administrator", rid=500, groups=("Administrators",))
GUEST = replace(PLAIN, name="Guest", rid=501, disabled=True, groups=("Guests",))


class Cleared(msgspec.Struct, frozen=True):
    log: str
    path: FilePath
    shown: str | None
    count: int
    last: datetime
    number: int


def test_usual_accounts_are_none() -> None:
    assert judge_windows_accounts((PLAIN, ADMIN, GUEST), shipped_heuristics()) == ()


def test_planted_accounts() -> None:
    planted = (
        replace(GUEST, disabled=False, groups=("Administrators",)),
        replace(GUEST, disabled=False),
        replace(PLAIN, name="sys$", groups=("Administrators",)),
        replace(PLAIN, facts=frozenset(("win-rid-of-another", "win-rid-of-administrator"))),
        replace(PLAIN, facts=frozenset(("win-not-listed",))),
    )
    found = [judge_windows_accounts((one,), shipped_heuristics())[0] for one in planted]
    assert [(one.indicator, one.confidence) for one in found] == [
        ("windows-guest-admin", "likely"), ("windows-guest-active", "suspicious"),
        ("windows-account-hidden-name", "likely"), ("windows-account-rid", "likely"),
        ("windows-account-not-listed", "suspicious"),
    ]  # fmt: skip
    assert {one.remedy for one in found} == {""}
    assert found[0].subject.key == "Guest"
    assert b"RID 501" in (found[0].evidence[0].data or b"")
    assert find_account_facts(GUEST) == {"win-guest", "win-disabled"}
    assert subject_bytes(FilePath("/x")) == b"\0/x"


def test_clears_but_for_those_of_the_installation() -> None:
    one = Cleared("security", FilePath("/mnt/s.evtx"), "C:\\s.evtx", 2, NOW, 1102)
    (finding,) = judge_log_clears((one,), NOW - timedelta(days=9))
    assert (finding.layer, finding.confidence, finding.severity) == ("logs", "suspicious", "low")
    assert "2 times" in finding.because
    assert finding.first_seen == NOW
    assert judge_log_clears((one,), NOW) == ()
    assert len(judge_log_clears((one,), None)) == 1
