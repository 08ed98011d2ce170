from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from codered.detect.integrity import WHOLE_FILE, judge_deviations, system_path
from codered.model.allow_list import NOTHING_ALLOWED, AllowedFile, AllowedKey, AllowList
from codered.model.finding import Confidence, Finding, Severity
from codered.model.known_good import Deviation, DeviationKind, Truth
from codered.model.paths import FilePath, path_from_bytes

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHA = "ab" * 32
FINGERPRINT = "SHA256:" + "A" * 43


def deviate(kind: DeviationKind, path: str = "", truth: Truth = "package-database", **more: object) -> Deviation:
    return Deviation(kind=kind, truth=truth, path=FilePath(path) if path else None, **more)  # type: ignore[arg-type]


def judge(deviation: Deviation) -> Finding:
    (finding,) = judge_deviations((deviation,), NOTHING_ALLOWED, NOW).findings
    return finding


@pytest.mark.parametrize(
    ("kind", "path", "truth", "confidence", "severity"),
    [
        ("content", "/usr/bin/ls", "package-database", "likely", "high"),
        ("content", "/usr/share/wordpress/wp-login.php", "package-database", "likely", "high"),
        ("content", "/usr/lib/systemd/system/ssh.service", "package-database", "likely", "high"),
        ("content", "/usr/share/wordpress/readme.html", "package-database", "likely", "medium"),
        ("content", "/usr/lib/x/certifi/cacert.pem", "package-database", "suspicious", "medium"),
        ("content", "/usr/share/locale/de/x.mo", "package-database", "suspicious", "low"),
        ("content", "/etc/app.conf", "package-database", "suspicious", "medium"),
        ("content", "/etc/app.conf", "baseline", "likely", "medium"),
        ("missing", "/usr/bin/ls", "package-database", "suspicious", "medium"),
        ("missing", "/usr/share/doc/x", "package-database", "suspicious", "low"),
        ("new-web-file", "/var/www/x.php", "baseline", "likely", "high"),
        ("new-executable", "/usr/bin/new", "baseline", "likely", "high"),
        ("capabilities", "/usr/bin/ping", "baseline", "likely", "high"),
        ("owner", "/usr/bin/ls", "baseline", "likely", "medium"),
        ("new-file", "/usr/lib/x/y", "baseline", "suspicious", "low"),
        ("link", "/usr/lib/libx.so", "baseline", "suspicious", "medium"),
    ],
)
def test_files_are_judged_by_what_they_are(
    kind: DeviationKind, path: str, truth: Truth, confidence: Confidence, severity: Severity
) -> None:
    finding = judge(deviate(kind, path, truth))
    assert (finding.confidence, finding.severity) == (confidence, severity)
    assert (finding.layer, finding.pack, finding.indicator, finding.near) == ("integrity", "heuristics", kind, False)


def test_a_program_that_gains_the_rights_of_its_owner_is_grave() -> None:
    gained = deviate("mode", "/usr/bin/ls", "baseline", expected="0755 root:root", actual="4755 root:root")
    assert judge(gained).severity == "high"
    assert judge(replace(gained, actual="0775 root:root")).severity == "medium"
    assert judge(replace(gained, expected="4755", actual="4775")).severity == "medium"


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("content", "restore_file"), ("mode", "restore_file"), ("missing", "restore_file"), ("type", ""),
        ("new-web-file", "quarantine_file"), ("new-executable", "quarantine_file"), ("new-file", ""),
        ("new-key", "remove_key"), ("new-account", "lock_account"), ("new-listener", ""), ("changed-package", ""),
        ("changed-autostart", ""), ("new-autostart", "quarantine_file"),
    ],
)  # fmt: skip
def test_what_would_mend_it(kind: DeviationKind, remedy: str) -> None:
    assert judge(deviate(kind, "/etc/x", "baseline", name="x")).remedy == remedy


def test_the_first_evidence_of_a_line_is_the_line() -> None:
    line = deviate(
        "new-autostart", "/etc/crontab", "baseline", name="cron", line=7, text=b"* * * * * root x", line_sha256=SHA
    )
    finding = judge(line)
    assert finding.remedy == "remove_line"
    assert (finding.subject.kind, finding.subject.key, finding.subject.line) == ("autostart", "cron", 7)
    proof = finding.evidence[0]
    assert (proof.what, proof.line, proof.data, proof.sha256, proof.source) == (
        "line 7", 7, b"* * * * * root x", SHA, "line")  # fmt: skip


def test_a_file_is_told_with_owner_hash_and_both_contents() -> None:
    raw = path_from_bytes(b"/mnt/usr/bin/l\xff")
    finding = judge(
        Deviation(
            kind="content", truth="package-database", path=raw, shown="/usr/bin/l", package="coreutils",
            expected="MD5 1", actual="MD5 2", sha256=SHA, size=3, changed=NOW,
        )
    )  # fmt: skip
    assert "differs from what package coreutils has on record: it is MD5 2, expected MD5 1" in finding.because
    assert (finding.subject.kind, finding.subject.path_raw, finding.subject.shown) == ("file", raw.raw, "/usr/bin/l")
    assert (finding.evidence[0].what, finding.evidence[0].sha256, finding.evidence[0].size) == (WHOLE_FILE, SHA, 3)
    assert finding.first_seen == NOW


def test_what_is_no_file_has_its_own_kind_of_subject() -> None:
    found = [
        judge(deviate("new-listener", truth="baseline", name="listener tcp 0.0.0.0:8080", actual="/usr/bin/x")),
        judge(deviate("changed-package", truth="baseline", name="app", expected="1", actual="2")),
        judge(deviate("new-account", "/etc/passwd", "baseline", name="eve", line=3, line_sha256=SHA)),
        judge(deviate("new-key", "/root/.ssh/authorized_keys", "baseline", name=FINGERPRINT, line=1, line_sha256=SHA)),
    ]
    assert [(one.subject.kind, one.subject.key) for one in found] == [
        ("setting", "listener tcp 0.0.0.0:8080"), ("package", "app"), ("account", "eve"), ("key", FINGERPRINT),
    ]  # fmt: skip


def test_the_allow_list_vouches_for_a_content_and_a_key() -> None:
    who = {"expires": date(2027, 1, 1), "because": "ours", "who": "ann"}
    allowed = AllowList(
        files=(AllowedFile(path="/usr/bin/ls", sha256=SHA, **who),),  # type: ignore[arg-type]
        keys=(AllowedKey(key=FINGERPRINT, **who),),  # type: ignore[arg-type]
    )
    vouched = deviate("content", "/mnt/usr/bin/ls", shown="/usr/bin/ls", sha256=SHA)
    key = deviate("new-key", "/root/.ssh/authorized_keys", "baseline", name=FINGERPRINT, line=1)
    other = replace(vouched, sha256="cd" * 32)
    judged = judge_deviations((vouched, key, other), allowed, NOW)
    assert [finding.evidence[0].sha256 for finding in judged.findings] == ["cd" * 32]
    assert [item.what for item in judged.allowed] == ["/usr/bin/ls", "/root/.ssh/authorized_keys"]
    late = datetime(2027, 1, 1, tzinfo=UTC)
    assert len(judge_deviations((vouched, key), allowed, late).findings) == 2


def test_of_two_that_say_the_same_the_first_counts() -> None:
    baseline = deviate("content", "/usr/bin/ls", "baseline", sha256=SHA)
    package = deviate("content", "/usr/bin/ls", sha256=SHA)
    (finding,) = judge_deviations((baseline, package), NOTHING_ALLOWED, NOW).findings
    assert "baseline" in finding.because
    assert system_path(deviate("new-listener", name="x")) == ""


def test_what_else_is_to_be_said_ends_the_reason() -> None:
    changed = deviate("changed-package", truth="baseline", name="x", expected="1", actual="2", note="3 files differ")
    assert judge(changed).because.endswith(": it is 2, expected 1; 3 files differ")


def test_a_unit_that_a_package_brought_is_told_and_not_taken_away() -> None:
    unit = deviate("new-autostart", "/usr/lib/systemd/system/new.service", "baseline")
    assert judge(unit).confidence == "likely"
    assert judge(replace(unit, package="app")).confidence == "suspicious"
    assert judge(replace(unit, package="app", line=3)).confidence == "likely"
