import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.detect.settings import judge_settings
from codered.model.finding import Finding
from codered.model.observation import SettingSeen
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.packs.loading import load_packs

PACKS = load_packs(Path(__file__).parents[3] / "packs")
SFC = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
ROOTS = "HKLM\\SYSTEM\\ControlSet002\\Services\\W3SVC\\Parameters\\Virtual Roots"
HIVE = FilePath("/mnt/WINNT/system32/config/system")
SEEN = SettingSeen(
    store="registry", key=ROOTS, value="/c", forms=("C:\\,,217",), data="C:\\,,217\0".encode("utf-16-le"), path=HIVE,
    shown="C:\\WINNT\\system32\\config\\system", written=datetime(2001, 8, 5, tzinfo=UTC),
    control_set="last known good",
)  # fmt: skip
NUMBER = SettingSeen(
    store="registry", key=SFC, value="SFCDisable", forms=("4294967197", "0xffffff9d"), type="dword",
    data=b"\x9d\xff\xff\xff", path=HIVE,
)  # fmt: skip


def judge(*seen: SettingSeen, packs: tuple[LoadedPack, ...] = PACKS) -> tuple[Finding, ...]:
    return judge_settings(seen, packs)


def test_a_value_that_a_pack_names() -> None:
    (finding,) = judge(SEEN)
    assert (finding.pack, finding.indicator, finding.layer) == ("codered2", "vroot-c", "settings")
    assert (finding.confidence, finding.severity) == ("confirmed", "critical")
    subject = finding.subject
    assert (subject.kind, subject.key, subject.registry, subject.value) == ("setting", f"{ROOTS}:/c", ROOTS, "/c")
    assert (subject.path, subject.shown, subject.name()) == (HIVE.text, SEEN.shown, f"{ROOTS}:/c")
    assert finding.evidence[0].data == b"C:\\,,217"
    assert finding.evidence[0].sha256 == hashlib.sha256(SEEN.data).hexdigest()
    assert [item.what for item in finding.evidence[1:]] == [
        "the key was last written 2001-08-05 00:00:00 UTC",
        "this is the last known good control set",
    ]
    assert finding.first_seen == SEEN.written


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (NUMBER, ["sfc-disabled"]),
        (replace(NUMBER, key=SFC.upper(), value="sfcdisable"), ["sfc-disabled"]),
        (replace(NUMBER, forms=("0", "0x0")), []),  # an administrator's choice
        (replace(NUMBER, forms=("1", "0x1")), []),
        (replace(NUMBER, type="string", forms=("0xffffff9d",)), []),  # a text is no number
        (replace(NUMBER, key=SFC + "\\x"), []),
        (replace(SEEN, value="/C"), ["vroot-c"]),
        (replace(SEEN, forms=("d:\\,,217",)), []),
        (replace(SEEN, forms=("c:\\,,205",)), []),
        (replace(SEEN, forms=()), []),
        (replace(SEEN, store="iis_config"), []),
        (replace(SEEN, key=ROOTS.replace("ControlSet002", "ControlSetX")), []),
    ],
)
def test_only_what_the_pack_names_exactly(seen: SettingSeen, found: list[str]) -> None:
    assert [finding.indicator for finding in judge(seen)] == found


@pytest.mark.parametrize(
    ("state", "confidence", "word"),
    [
        ("clean", "confirmed", ""),
        ("live", "confirmed", ""),
        ("replayed", "confirmed", "transaction logs"),
        ("dirty", "confirmed", "no transaction log"),
        ("carved", "suspicious", "corrupt"),
    ],
)
def test_the_state_of_the_hive_is_told(state: str, confidence: str, word: str) -> None:
    (finding,) = judge(replace(NUMBER, hive_state=state))
    assert finding.confidence == confidence
    assert word in " ".join(item.what for item in finding.evidence)
    assert len(finding.evidence) == (2 if word else 1)


def test_each_control_set_is_a_finding_of_its_own() -> None:
    other = replace(SEEN, key=ROOTS.replace("002", "001"))
    assert len({finding.id for finding in judge(SEEN, other, SEEN)}) == 2


def test_a_line_of_a_file_has_its_number_and_digest() -> None:
    line = b"shell=Explorer.exe load.exe -dontrunold\r"
    seen = SettingSeen(
        store="file", key="C:\\WINDOWS\\system.ini", value="shell", type="line", line=2, data=line,
        forms=("Explorer.exe load.exe -dontrunold",), path=FilePath("/mnt/WINDOWS/system.ini"),
        shown="C:\\WINDOWS\\system.ini",
    )  # fmt: skip
    (finding,) = judge(seen)
    assert (finding.pack, finding.indicator) == ("nimda", "system-ini-shell")
    assert (finding.subject.line, finding.subject.registry, finding.subject.value) == (2, None, None)
    assert finding.subject.name() == "C:\\WINDOWS\\system.ini:2"
    (proof,) = finding.evidence
    assert (proof.line, proof.source, proof.sha256) == (2, "line", hashlib.sha256(line).hexdigest())
    assert judge(replace(seen, forms=("Explorer.exe",))) == ()


def test_patterns_run_in_the_engine() -> None:
    (loaded,) = (item for item in PACKS if item.pack.name == "codered2")
    sign = next(item for item in loaded.pack.settings if item.id == "vroot-c")
    sign = replace(sign, equals=(), pattern=r"^[a-z]:\\,,217$", key=ROOTS.replace("ControlSet002", "CurrentControlSet"))
    packs = (replace(loaded, pack=replace(loaded.pack, settings=(sign,))),)
    assert len(judge(SEEN, packs=packs)) == 1
    assert len(judge(replace(SEEN, forms=("x", "e:\\,,217")), packs=packs)) == 1  # one of several strings
    assert judge(replace(SEEN, forms=("c:\\x,,217", "\ud800")), packs=packs) == ()
