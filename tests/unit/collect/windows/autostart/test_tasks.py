from pathlib import Path

from codered.collect.registry import open_registry
from codered.collect.windows.autostart import collect_windows_autostart
from tests.fixtures.hive_files import Value
from tests.fixtures.windows_machines import PROGRAM, TASKS, Laid, collect, judge, lay_out, write_task
from tests.fixtures.windows_roots import Entries

CODE = b'<?xml version="1.0" encoding="rot13"?><Task/>'
FOLDER = "Windows/System32/Tasks"


def cached(name: str, *, sd: bool) -> dict[str, dict[str, Value]]:
    text = "cmd.exe".encode("utf-16-le")
    actions = b"\3\0" + bytes(4) + b"\x66\x66" + bytes(4) + len(text).to_bytes(4, "little") + text + bytes(4)
    more: dict[str, Value] = {"SD": b"\1"} if sd else {}
    return {f"{TASKS}\\Tree\\{name}": {"Id": "{1}", **more}, f"{TASKS}\\Tasks\\{{1}}": {"Actions": actions}}


def test_tasks_of_files(tmp_path: Path) -> None:
    files = {f"{FOLDER}/Microsoft/x": write_task("%windir%\\system32\\cmd.exe", "/c dir"),
             f"{FOLDER}/bad": write_task("C:\\Users\\Public\\svchost.exe"),
             "Users/Public/svchost.exe": PROGRAM}  # fmt: skip
    entries = [one for one in collect(tmp_path, Laid(files=files)) if one.kind == "task"]
    assert {one.entry for one in entries} == {"\\Microsoft\\x", "\\bad"}
    assert all("win-as-system" in one.facts for one in entries)
    (tmp_path / "b").mkdir()
    finding = judge(tmp_path / "b", Laid(files=files))["windows-imitates"]
    assert (finding.remedy, finding.subject.shown) == ("quarantine_file", "C:\\Windows\\System32\\Tasks\\bad")
    assert finding.subject.registry is None


def test_a_hidden_task_is_a_finding_and_a_listed_one_is_none(tmp_path: Path) -> None:
    finding = judge(tmp_path, Laid(cached("evil", sd=False)))["windows-task-without-sd"]
    assert (finding.confidence, finding.remedy) == ("likely", "delete_key")
    assert any(item.data == b"cmd.exe" for item in finding.evidence)
    (tmp_path / "b").mkdir()
    laid = Laid(cached("usual", sd=True), files={f"{FOLDER}/usual": write_task("cmd.exe")})
    assert judge(tmp_path / "b", laid) == {}


def test_com_classes_of_tasks(tmp_path: Path) -> None:
    number, other = (f"{{{digit * 8}-1111-1111-1111-111111111111}}" for digit in "12")
    text = (
        "<Task><Actions><ComHandler><ClassId>{}</ClassId></ComHandler>"
        "<ComHandler><ClassId>{}</ClassId></ComHandler></Actions></Task>"
    )
    software: Entries = {
        f"Classes\\CLSID\\{number}\\InprocServer32": {"": "C:\\RECYCLER\\x.dll"},
        f"Classes\\Wow6432Node\\CLSID\\{number}\\LocalServer32": {"": '"C:\\RECYCLER\\y.exe" -s'},
    }
    files = {f"{FOLDER}/com": text.format(number, other).encode(), f"{FOLDER}/no": text.format("x\\y", "").encode()}
    entries = [one for one in collect(tmp_path, Laid(software, files=files)) if one.kind == "task"]
    assert [(one.entry, one.runs[:1], "win-com-unknown" in one.facts) for one in entries] == [
        ("\\com", ("C:\\RECYCLER\\x.dll",), False),
        ("\\com", ("C:\\RECYCLER\\y.exe",), False),
        ("\\com", (), True),
        ("\\no", (), True),
        ("\\no", (), True),
    ]
    (tmp_path / "b").mkdir()
    finding = judge(tmp_path / "b", Laid(software, files=files))["windows-runs-from-recycler"]
    assert finding.subject.shown == "C:\\Windows\\System32\\Tasks\\com"


def test_damaged_tasks_are_said(tmp_path: Path) -> None:
    deep = FOLDER + "/d" * 14 + "/x"
    target = lay_out(
        tmp_path,
        Laid(files={f"{FOLDER}/bad": b"<no", f"{FOLDER}/code": CODE, f"{FOLDER}/big": bytes(2 << 20), deep: b""}),
    )
    seen = collect_windows_autostart(target, open_registry(target))
    whys = " ".join(item.why for item in seen.unread)
    assert "damaged" in whys
    assert "larger than 1 MiB" in whys
    assert "encoding that is not read" in whys
    assert "gave up" not in whys
    assert "deeper than 12" in whys
