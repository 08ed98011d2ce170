"""The table by which Code Red's patch is verified: each row is a Windows of its own, hives and a dated idq.dll."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.collect.registry import open_registry
from codered.collect.windows.system import identify_windows
from codered.model.patches import PatchAnswer
from codered.packs.loading import load_packs
from codered.scan.windows_patches import HOTFIXES, NO_HOTFIXES, answer_without_hives, look_at_windows_patches
from codered.targets import open_target
from tests.fixtures.hive_files import Value
from tests.fixtures.windows_roots import CURRENT, INERT, lay_out_windows2000, make_versioned, write

PACKS = load_packs(Path(__file__).parents[3] / "packs")
HOTFIX = f"{CURRENT}\\Hotfix"
UPDATES = "Microsoft\\Updates\\Windows 2000"
Version = tuple[int, int, int, int]
NT4: dict[str, Value] = {"CurrentVersion": "4.0", "CurrentBuildNumber": "1381", "CSDVersion": "Service Pack 6"}
SERVER: dict[str, Value] = {"ProductType": "ServerNT"}
TERMINAL: dict[str, Value] = {"ProductType": "ServerNT", "ProductSuite": ["Terminal Server"]}
FIRST_RELEASE = (5, 0, 1781, 3)
W2K_OLD = (5, 0, 2195, 1600)
CURRENT_DLL = "WINNT/system32/idq.dll"

ROWS: list[tuple[str, dict[str, Value], dict[str, Value], tuple[str, ...], Version | None, str, str]] = [
    # NT4: the hotfix, the rollup, the cumulative patch; then the file alone
    ("nt4", NT4, SERVER, (f"{HOTFIX}\\Q300972",), FIRST_RELEASE, "2001-05-25", "patched"),
    ("nt4 lower case", NT4, SERVER, (f"{HOTFIX}\\q300972",), FIRST_RELEASE, "2001-05-25", "patched"),
    ("nt4 rollup", NT4, SERVER, (f"{HOTFIX}\\Q299444",), FIRST_RELEASE, "2001-05-25", "patched"),
    ("nt4 MS01-044", NT4, SERVER, (f"{HOTFIX}\\Q301625",), (5, 0, 1782, 4), "2001-07-13", "patched"),
    ("nt4 key, no file date", NT4, SERVER, (f"{HOTFIX}\\Q300972",), FIRST_RELEASE, "2026-01-01", "patched"),
    ("nt4 January 2000", NT4, SERVER, (), FIRST_RELEASE, "2000-01-25", "vulnerable"),
    ("nt4 May 2001", NT4, SERVER, (), FIRST_RELEASE, "2001-05-25", "patched"),
    ("nt4 Japanese", NT4, SERVER, (), FIRST_RELEASE, "2001-06-14", "patched"),
    ("nt4 re-release", NT4, SERVER, (), (5, 0, 1782, 4), "2001-07-03", "patched"),
    ("nt4 re-release, Japanese", NT4, SERVER, (), (5, 0, 1782, 4), "2001-07-26", "patched"),
    ("nt4 SP5 era", NT4, SERVER, (), FIRST_RELEASE, "1999-04-29", "vulnerable"),
    ("nt4 only the version known", NT4, SERVER, (), FIRST_RELEASE, "2026-11-22", "undetermined"),
    ("nt4 key, old file", NT4, SERVER, (f"{HOTFIX}\\Q300972",), FIRST_RELEASE, "2000-01-25", "undetermined"),
    ("nt4 MS01-026 is no fix", NT4, SERVER, (f"{HOTFIX}\\Q295534",), FIRST_RELEASE, "2000-01-25", "vulnerable"),
    ("tse rollup", NT4, TERMINAL, (f"{HOTFIX}\\Q317636",), (5, 0, 1782, 4), "2001-07-13", "patched"),
    ("tse rollup key alone", NT4, TERMINAL, (f"{HOTFIX}\\Q317636",), FIRST_RELEASE, "2026-01-01", "undetermined"),
    ("tse with NT4's key", NT4, TERMINAL, (f"{HOTFIX}\\Q300972",), (5, 0, 1700, 1), "2000-01-25", "vulnerable"),
    # Windows 2000
    ("w2k", {}, SERVER, (f"{UPDATES}\\SP3\\Q300972",), (5, 0, 2195, 3645), "2001-05-24", "patched"),
    ("w2k with file list", {}, SERVER, (f"{UPDATES}\\SP3\\Q300972\\Filelist\\0",), (5, 0, 2195, 3645), "2001-05-24",
     "patched"),
    ("w2k MS01-044", {}, SERVER, (f"{UPDATES}\\SP3\\Q301625\\Filelist\\0",), (5, 0, 2195, 3649), "2001-08-06",
     "patched"),
    ("w2k first release", {}, SERVER, (), (5, 0, 2195, 3645), "2001-05-24", "patched"),
    ("w2k MS02-018", {}, SERVER, (), (5, 0, 2195, 4966), "2002-04-03", "patched"),
    ("w2k Q321073", {}, SERVER, (), (5, 0, 2195, 5617), "2002-04-21", "patched"),
    ("w2k rollup: its key is not known, the file decides", {}, SERVER, (f"{UPDATES}\\SP3\\SP2SRP1",),
     (5, 0, 2195, 3649), "2001-08-06", "patched"),
    ("w2k rollup key, old file", {}, SERVER, (f"{UPDATES}\\SP3\\SP2SRP1",), W2K_OLD, "1999-12-07", "vulnerable"),
    ("w2k SP3", {"CSDVersion": "Service Pack 3"}, SERVER, (), (5, 0, 2195, 5617), "2002-07-22", "patched"),
    ("w2k SP4", {"CSDVersion": "Service Pack 4"}, SERVER, (), (5, 0, 2195, 6672), "2003-06-19", "patched"),
    ("w2k SP3, old file", {"CSDVersion": "Service Pack 3"}, SERVER, (), W2K_OLD, "1999-12-07", "undetermined"),
    ("w2k SP2", {}, SERVER, (), W2K_OLD, "1999-12-07", "vulnerable"),
    ("w2k gold", {"CSDVersion": ""}, SERVER, (), W2K_OLD, "1999-12-07", "vulnerable"),
    ("w2k key, old file", {}, SERVER, (f"{UPDATES}\\SP3\\Q300972",), W2K_OLD, "1999-12-07", "undetermined"),
    ("w2k MS01-026 is no fix", {}, SERVER, (f"{UPDATES}\\SP3\\Q293826",), W2K_OLD, "1999-12-07", "vulnerable"),
    ("w2k no idq.dll", {}, SERVER, (), None, "", "not_present"),
    # Later ones never had it
    ("xp", {"CurrentVersion": "5.1", "CurrentBuildNumber": "2600"}, {"ProductType": "WinNT"}, (), (5, 1, 2600, 0),
     "2001-08-18", "not_present"),
    ("2003", {"CurrentVersion": "5.2", "CurrentBuildNumber": "3790"}, SERVER, (), (5, 2, 3790, 0), "2003-03-25",
     "not_present"),
    ("2019", {"CurrentVersion": "6.3", "CurrentBuildNumber": "17763"}, SERVER, (), None, "", "not_present"),
]  # fmt: skip


def put_idq(root: Path, version: Version | None, date: str) -> None:
    file = root / CURRENT_DLL
    file.unlink(missing_ok=True)
    if version:
        write(root, CURRENT_DLL, make_versioned(version))
        changed = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() + 3600
        os.utime(file, (changed, changed))


def judge(root: Path) -> tuple[PatchAnswer, ...]:
    target = open_target(str(root))
    registry = open_registry(target)
    done = look_at_windows_patches(7, target, registry, identify_windows(target, registry), PACKS)
    assert done.number == 7
    assert {one.pack for one in done.findings} == {one.pack for one in done.patches if one.says == "vulnerable"}
    return tuple(done.patches)


def answer(root: Path) -> PatchAnswer:
    by_pack = {one.pack: one for one in judge(root)}
    assert by_pack["codered"].says == by_pack["codered2"].says
    return by_pack["codered"]


@pytest.mark.parametrize(("software", "options", "keys", "version", "date", "says"), [row[1:] for row in ROWS],
                         ids=[row[0] for row in ROWS])  # fmt: skip
def test_the_table(
    tmp_path: Path, software: dict[str, Value], options: dict[str, Value], keys: tuple[str, ...],
    version: Version | None, date: str, says: str,
) -> None:  # fmt: skip
    given: dict[str, Value] = {"CurrentVersion": "5.0", "CurrentBuildNumber": "2195", "CSDVersion": "Service Pack 2"}
    entries: dict[str, dict[str, Value]] = {CURRENT: {"SystemRoot": "C:\\WINNT", **given, **software}}
    entries |= {key: {"Installed": 1} for key in keys}
    lay_out_windows2000(tmp_path, entries, {"Control\\ProductOptions": options})
    put_idq(tmp_path, version, date)
    assert answer(tmp_path).says == says


def test_a_stopped_web_server_or_one_without_the_mapping_is_as_vulnerable(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path, system={"Services\\W3SVC": {"Start": 4}})  # and no .ida mapping anywhere
    found = answer(tmp_path)
    assert (found.says, found.needs_reboot) == ("vulnerable", True)
    assert found.because.endswith("idq.dll 5.0.2195.1600 is older than the fix")


def test_the_indexing_service_alone_is_no_way_in(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    for path in (tmp_path / "WINNT/system32/inetsrv").iterdir():
        path.unlink()
    config = tmp_path / "WINNT/system32/config/system"
    data = config.read_bytes()
    config.write_bytes(data.replace(b"W3SVC", b"W3XXX"))
    found = answer(tmp_path)
    assert (found.says, "IIS is not installed" in found.because) == ("not_present", True)


def test_without_software_the_files_speak(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    write(tmp_path, "WINNT/system32/ntoskrnl.exe", make_versioned((5, 0, 2195, 2779)))
    write(tmp_path, "WINNT/system32/config/software", b"no hive at all")
    target = open_target(str(tmp_path))
    registry = open_registry(target)
    done = look_at_windows_patches(1, target, registry, identify_windows(target, registry), PACKS)
    assert {one.pack: one.says for one in done.patches}["codered"] == "vulnerable"
    assert ("failed", NO_HOTFIXES) in [(one.state, one.why) for one in done.counted]


def test_a_file_that_can_not_be_read_is_a_gap(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    (tmp_path / CURRENT_DLL).unlink()
    (tmp_path / CURRENT_DLL).symlink_to("/etc/passwd")
    target = open_target(str(tmp_path))
    registry = open_registry(target)
    done = look_at_windows_patches(1, target, registry, identify_windows(target, registry), PACKS)
    gaps = [one.example for one in done.counted if one.where == HOTFIXES and one.state == "failed"]
    assert gaps == ["C:\\WINNT\\system32\\idq.dll"]
    assert {one.pack: one.says for one in done.patches}["codered"] == "undetermined"


def test_without_hives(tmp_path: Path) -> None:
    write(tmp_path, "inetpub/wwwroot/default.htm", INERT)
    assert {one.says for one in answer_without_hives(open_target(str(tmp_path)), PACKS) if one.pack == "codered"} == {
        "undetermined"
    }
    write(tmp_path, "WINDOWS/SYSTEM.DAT", b"CREG")
    write(tmp_path, "IO.SYS", b"x")
    (found,) = (one for one in answer_without_hives(open_target(str(tmp_path)), PACKS) if one.pack == "codered")
    assert (found.says, "windows-9x" in found.because) == ("not_present", True)
