from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from codered.detect.windows_autostart import judge_windows_autostart
from codered.model.allow_list import NOTHING_ALLOWED, AllowedEntry, AllowedFile, AllowList
from codered.model.finding import Finding
from codered.model.indicators import AutostartIndicator
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from codered.model.ruleset import RuleSet
from tests.fixtures.autostart_roots import shipped_heuristics
from tests.fixtures.small_packs import make_pack

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ENTRY = Autostart(
    kind="run_key", path=FilePath("/mnt/software"), shown="C:\\software", entry="Domain Manager",
    command="C:\\svchost.exe", text=b"C:\\svchost.exe", registry="HKLM\\SOFTWARE\\Run\x01", value="Domain Manager",
    runs=("C:\\svchost.exe",), files=(FilePath("/mnt/svchost.exe"),), changed=NOW - timedelta(days=9),
)  # fmt: skip
SIGN = AutostartIndicator(
    id="run", because="it is so", confidence="confirmed", severity="critical", references=("r",), kind="run_key",
    name="Domain Manager", command="C:\\svchost.exe",
)  # fmt: skip


class Seen(NamedTuple):
    entries: tuple[Autostart, ...]
    installed: datetime | None = None
    root: str = ""


def judge(entry: Autostart, rules: RuleSet | None = None) -> tuple[Finding, ...]:
    return judge_windows_autostart(Seen((entry,)), rules or shipped_heuristics(), NOTHING_ALLOWED, NOW).findings


def test_a_finding_carries_what_planning_needs() -> None:
    (finding,) = judge(ENTRY)
    assert (finding.indicator, finding.confidence, finding.remedy) == ("windows-imitates", "likely", "delete_value")
    subject = finding.subject
    assert (subject.kind, subject.key, subject.registry) == ("autostart", "run_key", "HKLM\\SOFTWARE\\Run\\x01")
    assert (subject.value, subject.path, subject.shown) == ("Domain Manager", "/mnt/software", "C:\\software")
    assert [(item.source, item.data) for item in finding.evidence] == [
        ("entry", b"C:\\svchost.exe"), ("script", b"/mnt/svchost.exe"),
    ]  # fmt: skip
    assert finding.first_seen == ENTRY.changed
    live = judge(replace(ENTRY, path=FilePath("")))[0]
    assert live.subject.path is None


def test_a_service_that_a_plan_switched_off_is_not_found_again() -> None:
    service = replace(ENTRY, kind="service", value=None)
    assert [one.indicator for one in judge(service)] == ["windows-imitates"]
    assert judge(replace(service, facts=frozenset(("win-disabled",)))) == ()
    assert judge(replace(ENTRY, facts=frozenset(("win-disabled",)))) != ()  # only services are switched off so


def test_a_packs_sign_goes_before_heuristics_and_holds_for_usual_values() -> None:
    loaded = make_pack("one")
    rules = replace(shipped_heuristics(), packs=(replace(loaded, pack=replace(loaded.pack, autostart=(SIGN,))),))
    for entry in (ENTRY, replace(ENTRY, facts=frozenset(("win-default",)))):
        (finding,) = judge(entry, rules)
        assert (finding.pack, finding.indicator, finding.confidence) == ("one", "run", "confirmed")
    assert judge(replace(ENTRY, facts=frozenset(("win-default",)))) == ()


def test_a_damaged_hive_makes_no_more_than_a_suspicion() -> None:
    (finding,) = judge(replace(ENTRY, facts=frozenset(("hive-carved",))))
    assert finding.confidence == "suspicious"
    assert "damaged" in finding.because
    (dirty,) = judge(replace(ENTRY, facts=frozenset(("hive-dirty",))))
    assert dirty.confidence == "likely"


def test_the_usual_value_is_told() -> None:
    shell = replace(ENTRY, kind="winlogon", facts=frozenset(("win-shell",)), usual="explorer.exe")
    (finding,) = judge(shell)
    assert finding.remedy == "set_value"
    assert (finding.evidence[-1].source, finding.evidence[-1].data) == ("usual", b"explorer.exe")


def test_a_shell_without_a_path_is_quoted_as_the_registry_has_it() -> None:
    sign = replace(SIGN, kind="relative_shell_path", name="Shell", command="C:\\explorer.exe")
    loaded = make_pack("one")
    rules = replace(shipped_heuristics(), packs=(replace(loaded, pack=replace(loaded.pack, autostart=(sign,))),))
    shell = replace(ENTRY, kind="relative_shell_path", entry="Shell", value="Shell", text=b"Explorer.exe")
    shell = replace(shell, command="C:\\Explorer.exe")
    (finding,) = judge(shell, rules)
    assert (finding.evidence[0].source, finding.evidence[0].data) == ("entry", b"Explorer.exe")


def test_what_is_allowed_is_none() -> None:
    file = replace(ENTRY, kind="startup_folder", registry="", value=None, sha256="ab" * 32)
    assert len(judge(file)) == 1
    tomorrow = (NOW + timedelta(days=1)).date()
    ours = AllowedFile(path=file.system_path(), sha256="ab" * 32, expires=tomorrow, because="x", who="x")
    allowed = AllowList(files=(ours,))
    judged = judge_windows_autostart(Seen((file,)), shipped_heuristics(), allowed, NOW)
    assert judged.findings == ()
    assert len(judged.allowed) == 1


def test_an_entry_of_the_registry_is_allowed_by_its_name_and_what_it_says() -> None:
    name = "HKLM\\SOFTWARE\\Run\\x01:Domain Manager"
    tomorrow = (NOW + timedelta(days=1)).date()
    ours = AllowedEntry(entry=name, command="C:\\svchost.exe", expires=tomorrow, because="x", who="x")
    for entry, number in ((ENTRY, 0), (replace(ENTRY, command="C:\\svchost.exe -y"), 1)):
        judged = judge_windows_autostart(Seen((entry,)), shipped_heuristics(), AllowList(entries=(ours,)), NOW)
        assert (len(judged.findings), len(judged.allowed)) == (number, 1 - number)
        assert all(one.what == name for one in judged.allowed)
