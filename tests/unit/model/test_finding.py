import msgspec
import pytest

from codered.model.finding import Evidence, Finding, Subject
from codered.model.paths import FilePath


def test_the_exact_path_of_a_file() -> None:
    assert Subject(kind="file", path="/a\\xff", path_raw=b"/a\xff").file_path() == FilePath("/a\\xff", b"/a\xff")
    assert Subject(kind="file", path="/a").file_path().to_bytes() == b"/a"


def test_an_address_has_no_path() -> None:
    with pytest.raises(ValueError, match="address"):
        Subject(kind="address", address="192.0.2.1").file_path()


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (Subject(kind="file", path="/mnt/c/x", shown="C:\\x"), "C:\\x"),
        (Subject(kind="file", path="/mnt/c/x"), "/mnt/c/x"),
        (Subject(kind="address", address="192.0.2.1"), "192.0.2.1"),
        (Subject(kind="setting", key="HKLM\\x"), "HKLM\\x"),
        (Subject(kind="setting", key="HKLM\\x:y", registry="HKLM\\x", value="y", path="/hive"), "HKLM\\x:y"),
        (Subject(kind="setting", key="site 1 /c", path="/MetaBase.xml"), "site 1 /c"),
        (Subject(kind="setting", key="x", path="/system.ini", line=2), "/system.ini:2"),
        (Subject(kind="autostart", key="run_key", registry="HKLM\\Run", value="", path="/hive"), "HKLM\\Run:"),
        (Subject(kind="autostart", key="service", registry="HKLM\\S\\x", path="/hive"), "HKLM\\S\\x"),
        (Subject(kind="process", pid=7), "process 7"),
        (Subject(kind="process", pid=7, key="x", path="/tmp/x"), "process 7 x, /tmp/x"),
        (Subject(kind="memory", pid=7, key="x", address="0x10"), "memory of process 7 x at 0x10"),
        (Subject(kind="memory", path="/dump", address="0x10"), "/dump at 0x10"),
        (Subject(kind="autostart", key="cron", path="/etc/crontab", line=3), "/etc/crontab:3"),
        (Subject(kind="autostart", key="systemd", path="/etc/x.service"), "/etc/x.service"),
        (Subject(kind="account", key="twin", path="/etc/passwd", line=9), "account twin in /etc/passwd:9"),
        (Subject(kind="key", key="SHA256:x", path="/k", line=1), "key SHA256:x in /k:1"),
    ],
)
def test_the_name_of_a_subject(subject: Subject, name: str) -> None:
    assert subject.name() == name


def test_evidence_crosses_json_as_base64_so_that_a_report_never_matches_the_rules() -> None:
    evidence = Evidence(what="string", data=b"HOST:www.example.com\0\xff")
    text = msgspec.json.encode(evidence)
    assert b"www.example.com" not in text
    assert msgspec.json.decode(text, type=Evidence) == evidence


@pytest.mark.parametrize(("field", "value"), [("confidence", "sure"), ("severity", "huge"), ("layer", "weather")])
def test_words_outside_the_lists_are_refused(field: str, value: str) -> None:
    finding = {
        "id": "1",
        "pack": "p",
        "indicator": "i",
        "layer": "files",
        "subject": {"kind": "file", "path": "/a"},
        "confidence": "likely",
        "severity": "high",
        "because": "b",
    }
    assert msgspec.convert(finding, Finding).count == 1
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(finding | {field: value}, Finding)
